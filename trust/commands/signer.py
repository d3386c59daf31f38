"""`touchplate signer serve`: hold a registry's private keys, and sign only what each is for."""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trust.commands.logs import log_to_stderr
from trust.commands.process import held, passphrase_of, say, stop_on_signal
from trust.core.errors import Malformed, Unavailable
from trust.core.log.note import MAX_NOTE
from trust.custody.token import Token
from trust.service.keyring import Keyring
from trust.signer.server import serving
from trust.signer.signer import Signer, Store

HELP: Final = "hold a registry's private keys in a process of their own"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `signer`."""
    parser.description = (
        "Hold the private keys of a registry in a process of their own, and sign only what each key"
        " is for; the log's key signs only what continues the tree that it signed last."
        " `touchplate serve --signer PATH` uses it, and then needs no passphrase."
    )
    parser.add_argument("action", choices=["serve"], help="serve until Ctrl-C or SIGTERM")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("touchplate-signer"),
        metavar="DIR",
        help="folder of the keys and of what they signed last, made on first start; never set it"
        " back to an older copy (default: ./touchplate-signer)",
    )
    parser.add_argument(
        "--socket",
        type=Path,
        required=True,
        metavar="PATH",
        help="where it answers: a Unix socket of mode 0600, for processes of the same user",
    )
    parser.add_argument(
        "--adopt",
        type=Path,
        metavar="FILE",
        help="for key files that were moved here from a registry: the newest checkpoint that it"
        " published, beyond which they have signed nothing",
    )
    _add_keys(parser)


def _add_keys(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the keys are, and what opens them."""
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="F",
        help="file that holds the passphrase of the keys, or the PIN of the token",
    )
    parser.add_argument(
        "--pkcs11",
        type=Path,
        metavar="LIB",
        help="keep the keys in a token instead of key files: the PKCS#11 library of its maker"
        " (wants the extra `touchplate[pkcs11]`)",
    )
    parser.add_argument("--token", metavar="LABEL", help="label of that token")


def run(args: argparse.Namespace) -> int:
    """Sign until a signal arrives; return 0 after a clean stop.

    Raises:
        TouchplateError: a wrong passphrase, keys without the record of what they signed, another
            signer on the same folder or socket; a disk that refuses, at any time.
        OSError: a file cannot be read or written.
    """
    log_to_stderr()
    token = (args.pkcs11, args.token)
    if any(token) and not (all(token) and args.passphrase_file):
        raise Malformed("a token wants --pkcs11, --token and --passphrase-file with its PIN")
    passphrase = passphrase_of(args.data, args.passphrase_file)
    stop = stop_on_signal()
    with held(args.data, alone=True), _store(args, passphrase) as store:
        signer = Signer.open(args.data, store, _note(args.adopt))
        with serving(signer, args.socket):
            say(f"signing at {args.socket}, after a tree of {signer.size} entries")
            while not stop.wait(1):
                if signer.fault is not None:
                    raise Unavailable(signer.fault)
    say("stopped")
    return 0


@contextlib.contextmanager
def _store(args: argparse.Namespace, passphrase: bytes) -> Iterator[Store]:
    """Open where the keys are: the token, if one is named, else the key files of the folder."""
    if args.pkcs11 is None:
        yield Keyring(args.data, passphrase)
    else:
        with contextlib.closing(Token(args.pkcs11, args.token, passphrase)) as token:
            yield token


def _note(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as file:
        return file.read(MAX_NOTE + 1).decode("utf-8", "replace")
