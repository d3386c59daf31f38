"""Reading a recovery key: typed, from a file, or put together from the shares of guardians."""

import argparse
import getpass
import sys

from trust.core.errors import Malformed
from trust.core.people.keycode import parse_recovery
from trust_cli.home import required_file

MAX_FILE = 16 * 1024  # bytes: sixteen shares of 33 words
_SHARE_WORDS = 20  # the standard's shortest share; a key has at most 14 groups of digits


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--recovery-file`."""
    parser.add_argument(
        "--recovery-file",
        metavar="F",
        help="file with the recovery key, or with the shares of guardians, one a line; without "
        "it you are asked",
    )


def read(path: str | None) -> bytes:
    """Return the 32-byte seed of a recovery key.

    Raises:
        Malformed: it is none, or there is nobody to ask. No message quotes what was typed.
        NotAllowed: shares of too few guardians.
        NotFound: shares, and the extra for them is not installed.
    """
    if path is not None:
        try:
            text = required_file(path, MAX_FILE).decode()
        except UnicodeDecodeError:
            raise Malformed("not UTF-8, expected a recovery key or shares", path) from None
        return _parse([line for line in text.splitlines() if line.strip()])
    if not sys.stdin.isatty():
        raise Malformed("no terminal to ask for the recovery key on, expected --recovery-file F")
    return _parse(_ask())


def _ask() -> list[str]:
    try:
        lines = [getpass.getpass("Recovery key, or the share of the first guardian: ")]
        while _is_share(lines[0]):
            more = getpass.getpass(f"Share {len(lines) + 1}, or nothing if that was the last: ")
            if not more.strip():
                break
            lines.append(more)
    except EOFError as error:  # Ctrl-D
        raise Malformed("no recovery key was given") from error
    return lines


def _parse(lines: list[str]) -> bytes:
    if lines and all(_is_share(line) for line in lines):
        from trust.custody.guardians import combine_shares  # noqa: PLC0415

        return combine_shares(lines)
    return parse_recovery(" ".join(lines))


def _is_share(line: str) -> bool:
    return len(line.split()) >= _SHARE_WORDS
