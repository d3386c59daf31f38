"""`touchplate serve`: run a registry on this machine until Ctrl-C or SIGTERM."""

import argparse
import os
import secrets
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Final

from trust.commands.server import Running, listen, running
from trust.core.errors import Malformed, Unavailable
from trust.service.settings import Settings

HELP: Final = "run a registry on this machine"
DEFAULT_PORT: Final = 8080
PASSPHRASE_NAME: Final = "passphrase"  # noqa: S105 - the name of a file
_MAX_PASSPHRASE: Final = 1024  # bytes
_MAX_PORT: Final = 0xFFFF


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    parser.description = "Run a registry on this machine until Ctrl-C or SIGTERM."
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("touchplate-data"),
        metavar="DIR",
        help="folder of the registry, made on first start (default: ./touchplate-data)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="H", help="address to listen on (default: 127.0.0.1)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        metavar="P",
        help=f"port to listen on (default: {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--public-url",
        metavar="U",
        help="what everyone calls it, fixed for ever at first start (default: http://localhost:P)",
    )
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="F",
        help="file that holds the passphrase of the registry's keys",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="A",
        help="address or network of a proxy whose X-Forwarded-For is believed; may be repeated",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal arrives; return 0 after a clean stop.

    Raises:
        TouchplateError: a wrong passphrase, another public URL than at first start, a taken port.
        OSError: the data folder or the passphrase file cannot be read or written.
    """
    passphrase = _passphrase(args.data, args.passphrase_file)
    with listen(args.host, args.port) as listener:
        settings = Settings(
            data=args.data,
            public_url=args.public_url or f"http://localhost:{listener.getsockname()[1]}",
            host=args.host,
            port=listener.getsockname()[1],
            trusted_proxies=tuple(args.trusted_proxy),
        )
        stop = _on_signal()
        with running(settings, passphrase, listener) as server:
            _announce(server)
            while not stop.wait(1):
                if server.failed.is_set():
                    raise Unavailable("the server stopped by itself")
    _say("stopped")
    return 0


def _port(text: str) -> int:
    """Read a port; 0 takes a free one. The error is argparse's own."""
    if not (text.isascii() and text.isdigit() and int(text) <= _MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text[:20]!r}, expected a port from 0 to {_MAX_PORT}")
    return int(text)


def _passphrase(data: Path, given: Path | None) -> bytes:
    """Read the passphrase, or keep a random one in the data folder and say what that means."""
    path = given or data / PASSPHRASE_NAME
    if given is None:
        if not path.exists():
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_new(path, secrets.token_urlsafe(32).encode() + b"\n")
        _say(f"no --passphrase-file: the passphrase of the keys is kept in {path};")
        _say("the keys are only as safe as that folder")
    with path.open("rb") as file:
        content = file.read(_MAX_PASSPHRASE + 1)
    passphrase = content.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase or len(content) > _MAX_PASSPHRASE:
        raise Malformed(f"expected 1 to {_MAX_PASSPHRASE} bytes of passphrase", str(path))
    return passphrase


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


def _on_signal() -> threading.Event:
    """Return the event that SIGTERM and Ctrl-C set; a second Ctrl-C interrupts at once."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)
    return stop


def _announce(server: Running) -> None:
    url, code = server.registry.settings.public_url, server.registry.trust.code
    _say(f"serving {url}")
    _say(f"root key {code}; publish it where people can compare it")
    _say(f"pin it with: touchplate trust add {url} --key {code}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
