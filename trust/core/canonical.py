"""JSON from outside: the strict profile, and RFC 8785 bytes.

Profile (specs/json.md): a size limit first; UTF-8 without a byte order mark; no duplicate member;
no floating point; |integer| <= 2^53-1; nesting at most 16; text in NFC without surrogates, control
or bidi characters (a line feed is allowed). Our own formats are, besides, exactly their RFC 8785
bytes: `parse_canonical` encodes what it read and compares.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Never

import rfc8785

from trust.core.encoding import MAX_INTEGER
from trust.core.errors import Malformed

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Encodable = None | bool | int | str | Sequence["Encodable"] | Mapping[str, "Encodable"]

MAX_DEPTH = 16
_DASH = "\u2014".encode()
_MAX_INTEGER_DIGITS = 17  # sign and 16 digits: 2^53-1 has 16

# Marks that reorder or hide text: embeddings, overrides, isolates, and the implicit marks.
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


# The interpreter's own encoder writes RFC 8785 for plain values, ten times as fast as `rfc8785`.
_PLAIN = json.JSONEncoder(
    ensure_ascii=False,
    check_circular=False,
    allow_nan=False,
    sort_keys=True,
    separators=(",", ":"),
)


def canonical(value: Encodable) -> bytes:
    """Return the RFC 8785 bytes of a value that contains no floats."""
    try:
        return _PLAIN.encode(value).encode() if _is_plain(value) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Malformed(f"cannot be written as RFC 8785 JSON: {error}") from error


def _is_plain(value: object) -> bool:
    """Say whether a value is of JSON's own types, with integers in range and ASCII names.

    Names outside ASCII are sorted by UTF-16 in RFC 8785 and by code point in Python.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER  # type: ignore[operator]
    if kind is dict:
        for name, member in value.items():  # type: ignore[attr-defined]
            if type(name) is not str or not name.isascii():
                return False
            if type(member) is not str and not _is_plain(member):
                return False
        return True
    return (kind is list or kind is tuple) and all(map(_is_plain, value))  # type: ignore[call-overload]


def parse(data: bytes, limit: int, where: str = "JSON") -> Json:
    """Parse bytes from outside under the profile; `limit` is in bytes.

    Raises:
        Malformed: anything outside the profile, with the place.
    """
    if len(data) > limit:
        raise Malformed(f"{len(data)} bytes, expected at most {limit}", where)
    if data.startswith(b"\xef\xbb\xbf"):
        raise Malformed("starts with a byte order mark", where)
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_no_duplicates,
            parse_float=_no_floats,
            parse_int=_bounded_integer,
            parse_constant=_no_floats,
        )
    except Malformed as error:
        raise Malformed(str(error), where) from error
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}", where) from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"not JSON at {place}: {error.msg.lower()}", where) from error
    except RecursionError as error:
        raise Malformed(f"nested deeper than {MAX_DEPTH}", where) from error
    if not _is_harmless(data):
        _check(value, where, MAX_DEPTH)
    return value  # type: ignore[no-any-return]


def parse_canonical(data: bytes, limit: int, where: str = "JSON") -> Json:
    """Parse as `parse` does, and refuse bytes that are not the RFC 8785 form of what they say."""
    value = parse(data, limit, where)
    if canonical(value) != data:
        raise Malformed("not in RFC 8785 form (member order, white space or escapes)", where)
    return value


def check_text(text: str, where: str) -> str:
    """Return `text` if the profile allows it; raise Malformed naming the character otherwise."""
    if any(map(_is_forbidden, set(text))):  # a signed note has few characters, many times each
        first = next(filter(_is_forbidden, text))
        raise Malformed(f"character U+{ord(first):04X} is not allowed in text", where)
    if not unicodedata.is_normalized("NFC", text):
        raise Malformed(f"{text[:60]!r} is not in Unicode NFC form", where)
    return text


def _is_harmless(data: bytes) -> bool:
    """Say whether JSON holds nothing that `_check` looks for, by its bytes alone.

    ASCII has no control character but delete and those that are escaped, and a line feed is the
    only escape here; what opens at most 16 times is not nested deeper. The dash begins each line of
    signature in a note, which every statement carries. May say no in vain.
    """
    return (
        data.replace(_DASH, b"").isascii()
        and b"\x7f" not in data
        and data.count(b"\\") == data.count(b"\\n")
        and data.count(b"{") + data.count(b"[") <= MAX_DEPTH
    )


def _is_forbidden(character: str) -> bool:
    if character <= "\x9f":
        return (character < " " and character != "\n") or character >= "\x7f"
    return character in BIDI or "\ud800" <= character <= "\udfff"


def _check(value: object, where: str, depth: int) -> None:  # noqa: C901 - one case a type
    """Walk a parsed value: nesting and text. `depth` is how many levels are still allowed."""
    if isinstance(value, str):
        if not (value.isascii() and value.replace("\n", "").isprintable()):
            check_text(value, where)
    elif isinstance(value, dict):
        if depth == 0:
            raise Malformed(f"nested deeper than {MAX_DEPTH}", where)
        for name, member in value.items():
            _check(name, where, depth)
            _check(member, f"{where}.{name}", depth - 1)
    elif isinstance(value, list):
        if depth == 0:
            raise Malformed(f"nested deeper than {MAX_DEPTH}", where)
        for place, item in enumerate(value):
            _check(item, f"{where}[{place}]", depth - 1)


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Malformed(f"member {name[:60]!r} appears twice")
    return members


def _no_floats(text: str) -> Never:
    raise Malformed(f"{text[:60]!r} is not a whole number")


def _bounded_integer(text: str) -> int:
    if len(text) <= _MAX_INTEGER_DIGITS and text != "-0":
        number = int(text)
        if -MAX_INTEGER <= number <= MAX_INTEGER:
            return number
    raise Malformed(f"{text[:60]!r} is outside the whole numbers up to 2^53-1")
