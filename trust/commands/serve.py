"""`touchplate serve`: run a registry on this machine until Ctrl-C or SIGTERM."""

import argparse
from pathlib import Path
from typing import Final

from trust.commands.process import passphrase_of, port_number, say, stop_on_signal
from trust.commands.server import Running, listen, running
from trust.core.errors import Unavailable
from trust.service.settings import Settings

HELP: Final = "run a registry on this machine"
DEFAULT_PORT: Final = 8080


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
        type=port_number,
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
    passphrase = passphrase_of(args.data, args.passphrase_file)
    with listen(args.host, args.port) as listener:
        settings = Settings(
            data=args.data,
            public_url=args.public_url or f"http://localhost:{listener.getsockname()[1]}",
            host=args.host,
            port=listener.getsockname()[1],
            trusted_proxies=tuple(args.trusted_proxy),
        )
        stop = stop_on_signal()
        with running(settings, passphrase, listener) as server:
            _announce(server)
            while not stop.wait(1):
                if server.failed.is_set():
                    raise Unavailable("the server stopped by itself")
    say("stopped")
    return 0


def _announce(server: Running) -> None:
    url, code = server.registry.settings.public_url, server.registry.trust.code
    say(f"serving {url}")
    say(f"root key {code}; publish it where people can compare it")
    say(f"pin it with: touchplate trust add {url} --key {code}")
