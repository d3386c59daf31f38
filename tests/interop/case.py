"""What a stranger is handed: a file, its bundle, our trust root, and whom to expect."""

import json
import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from world import PASSPHRASE, World

from trust.commands.server import listen, running
from trust.core.canonical import canonical
from trust.core.signing.bundle import parse_bundle
from trust.core.verify import Verified, verify
from trust.service.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "interop"
BUILT = ROOT / "build" / "clients"
CONTENT = b"hello deliverable\n"
TAMPERED = CONTENT + b"!"
STRANGE = b"the work of somebody else\n"
SET = {"one.txt": b"one\n", "two.txt": b"two\n"}
SECONDS = 60  # no client takes one

Json = dict[str, Any]


class ServedWorld(World):
    """A registry that answers on a free port of this machine, and the people who sign at it."""

    def __init__(self, folder: Path) -> None:
        self._served = ExitStack()
        self._listener = listen("127.0.0.1", 0)
        super().__init__(folder, f"http://localhost:{self._listener.getsockname()[1]}")

    def open(self) -> Registry:
        """Open the registry and serve it until `close`."""
        server = running(self.settings, PASSPHRASE, self._listener)
        return self._served.enter_context(server).registry

    def close(self) -> None:
        """Stop answering and close the registry."""
        self._served.close()


class Case(NamedTuple):
    """A signed file on disk, and what a stranger needs to check it."""

    world: ServedWorld
    folder: Path
    bundle: Json  # Ana's, for artifact.bin
    strange: Json  # Ben's, at the same registry, for another file
    identity: str
    strange_identity: str
    issuer: str
    verified: Verified  # what our own verifier finds in Ana's bundle

    def path(self, name: str) -> str:
        """Return the path of a file: artifact.bin, tampered.bin, bundle.json, set.json for SET."""
        return str(self.folder / name)


class Answer(NamedTuple):
    """The exit code of a client and all that it said."""

    exit: int
    text: str

    def accepts(self, text: str) -> None:
        """Require acceptance, said in these words."""
        assert self.exit == 0, self.text
        assert text in self.text, self.text

    def refuses(self, text: str) -> None:
        """Require refusal for this reason."""
        assert self.exit == 1, self.text
        assert text in self.text, self.text


def make_case(folder: Path) -> Case:
    """Let Ana sign a file and Ben another, and write what a stranger needs."""
    world = ServedWorld(folder)
    ana, ben = world.join("ana"), world.join("ben")
    signed = ana.sign({"artifact.bin": CONTENT}), ben.sign({"other.bin": STRANGE})
    mine, strange, both = (
        world.registry.bundle(item.id).to_json() for item in (*signed, ana.sign(SET))
    )
    impostor = World(folder / "impostor", world.settings.public_url)
    files = {
        "artifact.bin": CONTENT,
        "tampered.bin": TAMPERED,
        **SET,
        "bundle.json": canonical(mine),
        "set.json": canonical(both),
        "trusted_root.json": world.registry.trust_root(),
        "trust.json": world.registry.trust_file(None),
        "other_root.json": impostor.registry.trust_root(),
        "other_trust.json": impostor.registry.trust_file(None),
    }
    impostor.close()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    url = world.settings.public_url
    verified = verify(parse_bundle(mine), None, world.registry.trust, world.now)
    identities = f"{url}/p/{ana.scid}", f"{url}/p/{ben.scid}"
    return Case(world, folder, mine, strange, *identities, url, verified)


def ask(*command: str) -> Answer:
    """Run a client to its end."""
    return _ended(command, "", None)


def ask_node(script: str, *arguments: str) -> Answer:
    """Run one of our scripts on the packages that are installed for Node.

    Node looks for packages beside the script, or, if it comes on standard input, where it runs.
    """
    text = (FOLDER / "node" / script).read_text()
    command = (on_this_machine("node"), "--input-type=module", "-", *arguments)
    return _ended(command, text, BUILT / "node")


def _ended(command: tuple[str, ...], given: str, folder: Path | None) -> Answer:
    done = subprocess.run(
        command,
        input=given,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Answer(done.returncode, done.stdout + done.stderr)


def installed(path: Path) -> str:
    """Return the path of a client; without it skip, or fail where every client is required."""
    if not path.exists():
        _missing(f"no {path.relative_to(ROOT)}: make interop installs it")
    return str(path)


def on_this_machine(name: str) -> str:
    """Return the path of a program; without it skip, or fail where every client is required."""
    found = shutil.which(name)
    if found is None:
        _missing(f"no {name} on this machine")
    return found or ""


def _missing(reason: str) -> None:
    if os.environ.get("TOUCHPLATE_REQUIRE_CLIENTS"):
        pytest.fail(reason)
    pytest.skip(reason)


def copied(bundle: Json) -> Json:
    """Return a deep copy."""
    return json.loads(json.dumps(bundle))  # type: ignore[no-any-return]
