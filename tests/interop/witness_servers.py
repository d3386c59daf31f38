"""Witnesses of others and ours, each started on this machine for one log."""

import contextlib
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from witnessed import PASSPHRASE

from tests.interop import alone
from tests.interop.case import BUILT, installed
from trust.commands.server import listen, serving
from trust.core.encoding import b64encode
from trust.core.log.checkpoint import EMPTY_ROOT
from trust.core.log.note import ED25519, VerifierKey
from trust.core.log.witnessing import witness_vkey
from trust.custody.signers import Ed25519Signer
from trust.transport.url import url_prefix
from trust.witness.app import create_app
from trust.witness.settings import Settings
from trust.witness.witness import Witness

START_SECONDS = 30


class Listed(NamedTuple):
    """A witness that runs, as a policy lists it."""

    name: str
    vkey: str
    url: str

    @property
    def line(self) -> str:
        """Its line in a policy."""
        return f"witness {self.name} {self.vkey} {self.url}\n"


class Place(NamedTuple):
    """Where a witness keeps its key and records, and which log it knows. It may start again there."""

    folder: Path
    log: VerifierKey
    seed: bytes

    @staticmethod
    def of(folder: Path, log: VerifierKey) -> "Place":
        """Make a folder with a new key."""
        folder.mkdir()
        return Place(folder, log, secrets.token_bytes(32))


Starting = Callable[[Place], AbstractContextManager[Listed]]


@contextlib.contextmanager
def litewitness(place: Place) -> Iterator[Listed]:
    """Run litewitness; what its witnessctl does are two rows in its database."""
    name, port = "witness.example/lite", _free_port()
    vkey = str(witness_vkey(name, Ed25519Signer(place.seed).public_key))
    with tempfile.TemporaryDirectory() as short, contextlib.ExitStack() as stack:
        agent = f"{short}/agent"  # a path of at most 107 bytes
        holder = stack.enter_context(
            _process([installed(BUILT / "hold-key"), agent, place.seed.hex()], place.folder)
        )
        assert holder.stdout is not None
        fingerprint = holder.stdout.readline().strip()
        options = ("-db", "lite.db", "-name", name, "-key", fingerprint, "-ssh-agent", agent)
        command = [installed(BUILT / "litewitness"), *options, "-listen", f"127.0.0.1:{port}"]
        _wait(stack.enter_context(_process(command, place.folder)), port)
        _list_log(place)
        yield Listed("lite", vkey, f"http://127.0.0.1:{port}")


def _list_log(place: Place) -> None:
    origin = place.log.name
    rows = (origin, b64encode(EMPTY_ROOT)), (origin, str(place.log))
    path = place.folder / "lite.db"
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database, database:
        if not database.execute("select 1 from key where origin = ?", (origin,)).fetchall():
            database.execute("insert into log values (?, 0, ?)", rows[0])
            database.execute("insert into key values (?, ?)", rows[1])


@contextlib.contextmanager
def omniwitness(place: Place) -> Iterator[Listed]:
    """Run omniwitness, which knows many logs of others, where it can reach none of them."""
    name, port = "witness.example/omni", _free_port()
    key = VerifierKey(name, ED25519, Ed25519Signer(place.seed).public_key)
    secret = b64encode(bytes([ED25519]) + place.seed)
    (place.folder / "key").write_text(f"PRIVATE+KEY+{name}+{key.key_id.hex()}+{secret}")
    (place.folder / "logs.yaml").write_text(
        f"Logs:\n  - Origin: {place.log.name}\n    URL: http://127.0.0.1:9/\n"
        f"    PublicKey: {place.log}\n    Feeder: none\n"
    )
    command = [
        *(installed(BUILT / "omniwitness"), "--private_key_path", "key", "--db_file", "omni.db"),
        *(
            "--listen",
            f"127.0.0.1:{port}",
            "--metrics_listen",
            "",
            "--additional_logs",
            "logs.yaml",
        ),
    ]
    with _alone(command, place.folder, port) as reached:
        yield Listed("omni", str(key), f"http://127.0.0.1:{reached}")


@contextlib.contextmanager
def _alone(command: Sequence[str], folder: Path, port: int) -> Iterator[int]:
    """Run a server without a network, if that is permitted; yield the port that leads to it."""
    inside = alone.namespace()
    with contextlib.ExitStack() as stack:
        if inside is not None:
            path = f"{stack.enter_context(tempfile.TemporaryDirectory())}/socket"
            command = [*inside, sys.executable, alone.__file__, path, str(port), *command]
            port = stack.enter_context(alone.reached(path))
        _wait(stack.enter_context(_process(command, folder)), port)
        yield port


@contextlib.contextmanager
def ours(place: Place) -> Iterator[Listed]:
    """Serve our own witness."""
    with listen("127.0.0.1", 0) as bound:
        url = url_prefix(f"http://localhost:{bound.getsockname()[1]}", "test")
        settings = Settings(place.folder, url, {place.log.name: (place.log,)}, None)
        with (
            Witness.open(settings, PASSPHRASE, time.time) as witness,
            serving(create_app(witness), bound),
        ):
            yield Listed("ours", str(witness.vkey), url.geturl())


SERVERS: dict[str, Starting] = {
    "litewitness 0.6.1": litewitness,
    "omniwitness": omniwitness,
    "ours": ours,
}


@contextlib.contextmanager
def _process(command: Sequence[str], folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run a server until the block ends; what it says goes to a file beside its data."""
    with (
        (folder / f"{Path(command[0]).name}.log").open("a") as said,
        subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=said, text=True,
            start_new_session=True,
        ) as process,
    ):  # fmt: skip
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)  # and what runs in its namespace


def _wait(process: "subprocess.Popen[str]", port: int) -> None:
    """Wait until a server answers HTTP, with whatever status."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as made:
            made.sendall(b"GET /none HTTP/1.0\r\n\r\n")
            if made.recv(1):
                return
        time.sleep(0.05)
    raise AssertionError(f"port {port} does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
