"""The passphrase of a key file and the PIN of a token: asked on a terminal, or read from a file.

Never a flag's value, which others on the machine could read.
"""

import argparse
import getpass
import sys

from trust.core.errors import Malformed, NotAllowed
from trust_cli.home import required_file

MAX_PASSPHRASE = 1024  # bytes


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--passphrase-file` and `--pin-file`."""
    parser.add_argument(
        "--passphrase-file",
        metavar="F",
        help="file that holds the passphrase of your key; without it you are asked",
    )
    parser.add_argument(
        "--pin-file",
        metavar="F",
        help="file that holds the PIN of the token your key is in; without it you are asked",
    )


def read(path: str | None) -> bytes:
    """Return the passphrase of an existing key file.

    Raises:
        Malformed: the file cannot be read, is empty or too long; or there is nobody to ask.
    """
    return _from_file(path) if path is not None else _ask("Passphrase of your key: ")


def read_pin(path: str | None, token: str) -> bytes:
    """Return the PIN of a token; raise Malformed as `read`."""
    return _from_file(path) if path is not None else _ask(f"PIN of the token {token!r}: ")


def choose(path: str | None) -> bytes:
    """Return the passphrase for a new key file, asked twice on a terminal.

    Raises:
        Malformed: as `read`.
        NotAllowed: an empty one, or two that differ.
    """
    if path is not None:
        return _from_file(path)
    first = _ask("New passphrase for your key: ")
    if not first:
        raise NotAllowed("an empty passphrase protects nothing")
    if _ask("The same again: ") != first:
        raise NotAllowed("the two passphrases differ, nothing was made")
    return first


def _from_file(path: str) -> bytes:
    content = required_file(path, MAX_PASSPHRASE)
    passphrase = content.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase:
        raise Malformed("empty, expected a passphrase", path)
    return passphrase


def _ask(prompt: str) -> bytes:
    if not sys.stdin.isatty():
        raise Malformed("no terminal to ask for the passphrase on, expected --passphrase-file F")
    try:
        return getpass.getpass(prompt).encode("utf-8", "surrogateescape")
    except EOFError as error:  # Ctrl-D
        raise Malformed("no passphrase was given, expected one or --passphrase-file F") from error
