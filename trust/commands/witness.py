"""`touchplate witness serve`: cosign the checkpoints of other people's logs until it is stopped."""

import argparse
import time
from pathlib import Path
from typing import Final

from trust.commands.logs import log_to_stderr
from trust.commands.process import add_listening, passphrase_of, say, stop_on_signal
from trust.commands.server import listen, serving
from trust.core.errors import Unavailable
from trust.transport.url import url_prefix
from trust.witness.app import create_app
from trust.witness.settings import Settings, read_logs
from trust.witness.witness import Witness

HELP: Final = "cosign the checkpoints of other people's logs"
DEFAULT_PORT: Final = 7380
MOST_AT_ONCE: Final = 128  # connections


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `witness`."""
    parser.description = (
        "Cosign checkpoints of the logs that you list, after checking that each continues what was"
        " cosigned before. Prints the line that a log's witness policy wants."
    )
    parser.add_argument("action", choices=["serve"], help="serve until Ctrl-C or SIGTERM")
    parser.add_argument(
        "--log",
        action="append",
        default=[],
        metavar="VKEY",
        help="key of a log to cosign, `logKey` in its trust file; may be repeated",
    )
    parser.add_argument(
        "--logs", type=Path, metavar="FILE", help="file with such a key on each line"
    )
    _add_place(parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where it keeps things, what it is called and where it listens."""
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("touchplate-witness"),
        metavar="DIR",
        help="folder of key and records, made on first start; never set it back to an older copy"
        " (default: ./touchplate-witness)",
    )
    parser.add_argument(
        "--public-url",
        metavar="U",
        help="URL under which logs reach it (default: http://localhost:P)",
    )
    parser.add_argument(
        "--name",
        metavar="N",
        help="name in its key, fixed at first start (default: the public URL without scheme)",
    )
    add_listening(parser, DEFAULT_PORT)
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="F",
        help="file that holds the passphrase of the key",
    )


def run(args: argparse.Namespace) -> int:
    """Cosign until a signal arrives; return 0 after a clean stop.

    Raises:
        TouchplateError: a wrong passphrase, a key without records, another name than at first
            start, no log, a taken port; a disk that refuses, at any time.
        OSError: the data folder, the list or the passphrase file cannot be read or written.
    """
    log_to_stderr()
    logs = read_logs(args.log, args.logs)
    passphrase = passphrase_of(args.data, args.passphrase_file)
    with listen(args.host, args.port) as bound:
        url = args.public_url or f"http://localhost:{bound.getsockname()[1]}"
        settings = Settings(args.data, url_prefix(url, "public URL"), logs, args.name)
        stop = stop_on_signal()
        with (
            Witness.open(settings, passphrase, time.time) as witness,
            serving(
                create_app(witness, settings.prefix), bound, most_at_once=MOST_AT_ONCE
            ) as failed,
        ):
            _announce(witness, settings)
            while not stop.wait(1):
                if witness.fault is not None or failed.is_set():
                    raise Unavailable(witness.fault or "the server stopped by itself")
    say("stopped")
    return 0


def _announce(witness: Witness, settings: Settings) -> None:
    say(f"cosigning {len(settings.logs)} logs as {witness.vkey}")
    say("the line for the witness policy of those logs:")
    say(witness.policy_line)
