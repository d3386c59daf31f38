"""What the verbs that serve until they are stopped share: options, passphrase, signals."""

import argparse
import contextlib
import fcntl
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final

from trust.core.errors import Malformed, Unavailable

PASSPHRASE_NAME: Final = "passphrase"  # noqa: S105 - the name of a file
KEYS_LOCK: Final = "keys.lock"  # apart from the lock of a database, which one process holds alone
_MAX_PASSPHRASE: Final = 1024  # bytes
_MAX_PORT: Final = 0xFFFF


def port_number(text: str) -> int:
    """Read a port; 0 takes a free one. The error is argparse's own."""
    if not (text.isascii() and text.isdigit() and int(text) <= _MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text[:20]!r}, expected a port from 0 to {_MAX_PORT}")
    return int(text)


def add_registry_folder(parser: argparse.ArgumentParser, what: str) -> None:
    """Add `--data`, the folder of a registry; `what` it is for the verb."""
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("touchplate-data"),
        metavar="DIR",
        help=f"{what} (default: ./touchplate-data)",
    )


def add_listening(parser: argparse.ArgumentParser, port: int) -> None:
    """Add `--host` and `--port`, with the port that is the default."""
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="H", help="address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=port,
        metavar="P",
        help=f"port to listen on (default: {port})",
    )


def passphrase_of(data: Path, given: Path | None) -> bytes:
    """Read the passphrase, or keep a random one in the data folder and say what that means."""
    path = given or data / PASSPHRASE_NAME
    if given is None:
        if not path.exists():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_new(path, secrets.token_urlsafe(32).encode() + b"\n")
        say(f"no --passphrase-file: the passphrase of the keys is kept in {path};")
        say("the keys are only as safe as that folder")
    with path.open("rb") as file:
        content = file.read(_MAX_PASSPHRASE + 1)
    passphrase = content.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase or len(content) > _MAX_PASSPHRASE:
        raise Malformed(f"expected 1 to {_MAX_PASSPHRASE} bytes of passphrase", str(path))
    return passphrase


@contextlib.contextmanager
def held(data: Path, *, alone: bool) -> Iterator[None]:
    """Hold a data folder: whoever serves it may share it, whoever changes its keys may not.

    Raises:
        Unavailable: somebody else holds it in a way that excludes this one.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / KEYS_LOCK).open("a") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            who = "`serve` is running" if alone else "`admin` is changing keys"
            raise Unavailable(f"{who} on {data}: stop it first") from error
        yield


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that nobody else can read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def stop_on_signal() -> threading.Event:
    """Return the event that SIGTERM and Ctrl-C set; a second Ctrl-C interrupts at once."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


def say(text: str) -> None:
    """Print a line for whoever started the process."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
