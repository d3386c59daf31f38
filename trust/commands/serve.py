"""`touchplate serve`: run a registry on this machine until Ctrl-C or SIGTERM."""

import argparse
from pathlib import Path
from typing import Final

from trust.commands.logs import log_to_stderr
from trust.commands.process import (
    add_listening,
    add_registry_folder,
    passphrase_of,
    say,
    stop_on_signal,
)
from trust.commands.server import Running, listen, running
from trust.core.errors import Malformed, Unavailable
from trust.core.log.witness import MAX_POLICY
from trust.service.settings import Settings

HELP: Final = "run a registry on this machine"
DEFAULT_PORT: Final = 8080
_MOST_DIGITS: Final = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `serve`."""
    parser.description = "Run a registry on this machine until Ctrl-C or SIGTERM."
    add_registry_folder(parser, "folder of the registry, made on first start")
    add_listening(parser, DEFAULT_PORT)
    parser.add_argument(
        "--public-url",
        metavar="U",
        help="what everyone calls it, fixed for ever at first start (default: http://localhost:P)",
    )
    _add_keys(parser)
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="A",
        help="address or network of a proxy whose X-Forwarded-For is believed; may be repeated",
    )
    _add_stores(parser)
    _add_exceptional(parser)
    _add_witnesses(parser)


def _add_keys(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the private keys are."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="F",
        help="file that holds the passphrase of the registry's keys",
    )
    parser.add_argument(
        "--signer",
        type=Path,
        metavar="PATH",
        help="socket of `touchplate signer serve`, which holds the keys in a process of its own",
    )


def _add_witnesses(parser: argparse.ArgumentParser) -> None:
    """Add the options that say who cosigns."""
    parser.add_argument(
        "--witness-policy",
        type=Path,
        metavar="F",
        help="file with the witness policy (specs/witness.md): who is asked to cosign, and how many"
        " are enough; goes into the next trust file (default: as the trust file says)",
    )
    parser.add_argument(
        "--witnesses-required",
        action="store_true",
        help="publish nothing, and answer writes with 503, while too few witnesses cosign",
    )


def _add_stores(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the log lies, if not on this machine alone."""
    parser.add_argument(
        "--database",
        metavar="URL",
        help="postgresql://.. for several processes, of which one leads; its password is read from"
        " the file that PGPASSFILE names (default: SQLite in the data folder)",
    )
    parser.add_argument(
        "--tiles",
        metavar="PLACE",
        help="where the public files of the log lie: a folder, or s3://bucket/prefix with address"
        " and credentials in AWS_* (default: `public` in the data folder)",
    )


def _add_exceptional(parser: argparse.ArgumentParser) -> None:
    """Add the options for days that are not like others."""
    parser.add_argument(
        "--disk-floor",
        type=_bytes,
        metavar="BYTES",
        help="answer writes with 503 while less of the disk is free; 0 is no limit"
        " (default: 5 %% of the disk, and at least 1 GiB)",
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="answer, and neither take nor sign anything",
    )
    parser.add_argument(
        "--restored-at",
        type=int,
        metavar="SIZE",
        help="of a data folder from a backup: nothing was published after so many entries",
    )


def _bytes(text: str) -> int:
    """Read a number of bytes. The error is argparse's own."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise argparse.ArgumentTypeError(f"{text[:20]!r}, expected a number of bytes")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal arrives; return 0 after a clean stop.

    Raises:
        TouchplateError: a wrong passphrase, another public URL than at first start, a taken port,
            a folder in use, a database or a bucket that does not answer, no witness policy.
        OSError: the data folder, the policy or the passphrase file cannot be read or written.
    """
    log_to_stderr()
    passphrase = _passphrase(args)
    with listen(args.host, args.port) as listener:
        settings = Settings(
            data=args.data,
            public_url=args.public_url or f"http://localhost:{listener.getsockname()[1]}",
            host=args.host,
            port=listener.getsockname()[1],
            disk_floor=args.disk_floor,
            signer=args.signer,
            trusted_proxies=tuple(args.trusted_proxy),
            witness_policy=_policy(args.witness_policy),
            witnesses_required=args.witnesses_required,
            read_only=args.read_only,
            restored_at=args.restored_at,
            database=args.database,
            tiles=args.tiles,
        )
        stop = stop_on_signal()
        with running(settings, passphrase, listener) as server:
            _announce(server)
            while not stop.wait(1):
                if server.failed.is_set():
                    raise Unavailable("the server stopped by itself")
    say("stopped")
    return 0


def _passphrase(args: argparse.Namespace) -> bytes:
    """Read the passphrase; where a signer holds the keys there is none."""
    if args.signer is None:
        return passphrase_of(args.data, args.passphrase_file)
    if args.passphrase_file is not None:
        raise Malformed("with --signer no key is here: the passphrase is the signer's alone")
    return b""


def _policy(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        data = file.read(MAX_POLICY + 1)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("expected a witness policy in UTF-8", str(path)) from error


def _announce(server: Running) -> None:
    url, code = server.registry.settings.public_url, server.registry.trust.code
    say(f"serving {url}")
    say(f"root key {code}; publish it where people can compare it")
    cosigned = server.registry.cosigned
    if cosigned.of:
        fewer = "" if cosigned.enough else ", fewer than its policy asks for"
        say(f"{len(cosigned.operators)} of {cosigned.of} witnesses cosigned{fewer}")
    if server.registry.settings.signer is not None:
        say(f"the private keys are with the signer at {server.registry.settings.signer}")
    if server.registry.settings.read_only:
        say("read-only: nothing is taken, and nothing is signed")
    say(f"pin it with: touchplate trust add {url} --key {code}")
