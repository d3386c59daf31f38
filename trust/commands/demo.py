"""`touchplate demo`: the whole job on this machine. It asks nothing and needs no network.

It starts a registry, lets Ana join, signs a file with a disclosure, shows the page and its QR code,
and ends with the command that verifies the file, which works with the registry stopped. Each step
is the real command, run as a person would type it, with a home and a folder of its own.
"""

import argparse
import contextlib
import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, NamedTuple

from trust.commands.server import listen, running
from trust.core.canonical import Json, canonical, parse
from trust.core.errors import NotAllowed, Unavailable
from trust.core.qr import page_code_text, terminal
from trust.service.settings import Settings

HELP: Final = "the whole job on this machine; asks nothing"
FOLDER: Final = "touchplate-demo"
MARKER: Final = ".touchplate-demo"  # only a folder that holds it is ever emptied
HANDLE: Final = "ana"
POEM: Final = """The mark

A pewterer struck her mark on the plate,
so that whoever drank from the cup
could find the hand that answered for it.
"""
DISCLOSURE: Final[dict[str, Json]] = {
    "statement": "Ana wrote the poem; Quill, a language model, corrected the spelling.",
    "language": "en",
    "contributors": [
        {"id": "ana", "type": "person", "name": "Ana", "accountable": True},
        {"id": "model", "type": "software", "name": "Quill", "operatedBy": "ana"},
    ],
    "contributions": [
        {
            "id": "c1",
            "task": "writing",
            "performedBy": ["ana"],
            "decidedBy": "ana",
            "involvement": "human-only",
            "credit": ["writing-original-draft"],
        },
        {
            "id": "c2",
            "task": "spelling correction",
            "performedBy": ["model"],
            "decidedBy": "ana",
            "involvement": "ai-assisted",
            "extent": "minor",
        },
    ],
}


class Place(NamedTuple):
    """Where the demonstration lives."""

    folder: Path
    work: Path
    dossier: Path

    @property
    def home(self) -> Path:
        """The home of the demonstration, apart from the user's own."""
        return self.folder / "home"

    @property
    def passphrase(self) -> Path:
        """The passphrase of Ana's key and of the registry."""
        return self.folder / "passphrase"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `demo`."""
    parser.description = "Run the whole job on this machine: registry, join, sign, page, verify."
    parser.add_argument(
        "path", nargs="?", type=Path, metavar="PATH", help="sign this file instead of a poem"
    )
    parser.add_argument(
        "--once", action="store_true", help="stop the registry at the end instead of serving"
    )
    parser.add_argument(
        "--lan", action="store_true", help="use this machine's network address, for a phone"
    )


def run(args: argparse.Namespace) -> int:
    """Run the demonstration; the last line of standard output is the verify command.

    Raises:
        NotAllowed: the folder holds something that is not a demonstration.
        Unavailable: a step did not work, or no address is free.
    """
    place = _prepare(Path(FOLDER).absolute(), args.path)
    host = "0.0.0.0" if args.lan else "127.0.0.1"  # noqa: S104 - only with --lan
    with listen(host, 0) as listener:
        port = listener.getsockname()[1]
        name = _lan_address() if args.lan else "localhost"
        settings = Settings(
            data=place.folder / "registry",
            public_url=f"http://{name}:{port}",
            host=host,
            port=port,
            disk_floor=0,  # a demonstration may take the last room
        )
        with running(settings, place.passphrase.read_bytes(), listener) as server:
            _say(f"1  a registry runs at {settings.public_url}")
            _act(place, settings, server.registry.trust.code)
            _explain(place, settings, lan=args.lan)
            command = _verify_command(place)
            print(command, flush=True)  # noqa: T201 - the result of the command
            if not args.once:
                _say("The page is served until Ctrl-C.")
                with contextlib.suppress(KeyboardInterrupt):
                    threading.Event().wait()
                _say("stopped")
    return 0


def _prepare(folder: Path, path: Path | None) -> Place:
    """Make an empty folder with a file to sign; only a former demonstration is removed."""
    if folder.exists():
        if not (folder / MARKER).exists():
            raise NotAllowed(f"{folder} exists and is no demonstration; run it elsewhere")
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    (folder / MARKER).touch()
    (folder / "passphrase").write_text(secrets.token_urlsafe(24), encoding="ascii")
    (folder / "passphrase").chmod(0o600)
    work = (path or folder / "poem.txt").absolute()
    if path is None:
        work.write_text(POEM, encoding="utf-8")
        (folder / "disclosure.json").write_bytes(canonical(DISCLOSURE))
    return Place(folder, work, folder / f"{work.name}.touchplate.json")


def _act(place: Place, settings: Settings, code: str) -> None:
    """Let Ana join and sign, with the commands that a person would type."""
    with_key = ["--passphrase-file", str(place.passphrase)]
    join = ["join", "--registry", settings.public_url, "--handle", HANDLE, "--name", "Ana López"]
    _touchplate(place, [*join, "--key", code, *with_key])
    _say(f"2  @{HANDLE} joined: a key of her own, a DID, a certificate without her name")
    disclosure = place.folder / "disclosure.json"
    said = ["--disclosure", str(disclosure)] if disclosure.exists() else []
    sign = ["sign", str(place.work), *said, "-o", str(place.dossier), *with_key]
    _touchplate(place, sign)
    _say(f"3  she signed {place.work.name}; the dossier lies beside it")


def _explain(place: Place, settings: Settings, *, lan: bool) -> None:
    """Show the page, its QR code, what the dossier says, and how to serve the page again."""
    document = parse(_touchplate(place, ["show", str(place.dossier), "--json"]), 1 << 20)
    statement_id = str(document["attestation"]) if isinstance(document, dict) else ""
    _say(f"4  the page: {settings.public_url}/v/{statement_id}")
    _say(terminal(page_code_text(settings.public_url, statement_id)))
    if not lan:
        _say(
            "   The code works on this machine only; `touchplate demo --lan` makes one for a phone."
        )
    _say(_touchplate(place, ["show", str(place.dossier)]).decode())
    serve = ["serve", "--data", str(settings.data), "--port", str(settings.port)]
    again = [_program(), *serve, "--public-url", settings.public_url]
    _say("To serve the page again:")
    _say(f"  {shlex.join([*again, '--passphrase-file', str(place.passphrase)])}")
    _say("To verify, with the registry stopped:")


def _verify_command(place: Place) -> str:
    verify = [_program(), "verify", str(place.work), "--signer", f"@{HANDLE}"]
    if place.dossier.parent != place.work.parent:
        verify += ["--bundle", str(place.dossier)]
    return f"TOUCHPLATE_HOME={shlex.quote(str(place.home))} {shlex.join(verify)}"


def _program() -> str:
    """The installed command beside this interpreter, by its absolute path."""
    return str(Path(sys.executable).parent / "touchplate")


def _touchplate(place: Place, arguments: list[str]) -> bytes:
    """Run one command in the demonstration's home; return its standard output."""
    done = subprocess.run(  # noqa: S603 - our own program with arguments of our own
        [sys.executable, "-m", "trust_cli.main", *arguments],
        env={**os.environ, "TOUCHPLATE_HOME": str(place.home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise Unavailable(
            f"touchplate {arguments[0]} ended with {done.returncode}: {done.stderr.decode()}"
        )
    return done.stdout


def _lan_address() -> str:
    """This machine's address on its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError as error:
            raise Unavailable("this machine has no network address for --lan") from error
        return str(probe.getsockname()[0])


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress for people
