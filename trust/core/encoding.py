"""Strict text encodings: base64, hex, Crockford base32, base58btc, decimals and times.

Each decoder is the exact inverse of its encoder. It decodes, encodes again and compares, so that
one value has one spelling: no padding bits, no white space, no leading zeros, no upper-case hex.
Times are whole seconds since 1970 UTC (`int`); their text is `YYYY-MM-DDTHH:MM:SSZ`.
"""

import base64
import binascii
from datetime import UTC, datetime
from functools import lru_cache

from trust.core.errors import Malformed

MAX_INTEGER = 2**53 - 1  # the largest integer that every JSON reader holds exactly (RFC 7493)
DIGEST_SIZE = 32  # SHA-256, in bytes
KEPT = 256  # times that were written a moment ago: what happens together says the same time

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_CROCKFORD_ALIASES = str.maketrans("ilo", "110")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_APOSTROPHES = dict.fromkeys(
    map(ord, '"\u201c\u201d\u201e\u201f\u2033\u2036\u02ba\u3003\uff02'), "'"
)
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def b64encode(data: bytes) -> str:
    """Return standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def b64decode(text: str, where: str = "base64") -> bytes:
    """Decode standard base64 with padding.

    Raises:
        Malformed: white space, missing padding, padding bits that are not zero, other characters.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Malformed(f"{_short(text)} is not standard base64", where) from error
    if b64encode(data) != text:
        raise Malformed(f"{_short(text)} is not canonical base64 (padding bits)", where)
    return data


def hex_decode(text: str, where: str = "hex", size: int = DIGEST_SIZE) -> bytes:
    """Decode lower-case hex of exactly `size` bytes; raise Malformed otherwise."""
    try:
        data = bytes.fromhex(text)
    except ValueError as error:
        raise Malformed(f"{_short(text)} is not hex", where) from error
    if data.hex() != text or len(data) != size:
        raise Malformed(f"{_short(text)} is not {2 * size} lower-case hex digits", where)
    return data


def decimal(text: str, where: str = "number") -> int:
    """Read a non-negative decimal without sign or leading zeros, at most 2^53-1."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_INTEGER))):
        raise Malformed(f"{_short(text)} is not a decimal number", where)
    number = int(text)
    if str(number) != text or number > MAX_INTEGER:
        raise Malformed(f"{_short(text)} is not a decimal number up to 2^53-1", where)
    return number


@lru_cache(maxsize=KEPT)
def format_time(seconds: int) -> str:
    """Return `YYYY-MM-DDTHH:MM:SSZ`; requires 0 <= seconds < year 10000."""
    return datetime.fromtimestamp(seconds, UTC).strftime(_TIME_FORMAT)


def parse_time(text: str, where: str = "time") -> int:
    """Read `YYYY-MM-DDTHH:MM:SSZ`, nothing else; return whole seconds since 1970."""
    try:
        # Not `strptime`: importing what it needs costs `verify` 5 % of its CPU.
        parts = (text[0:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])
        moment = datetime(*(int(part) for part in parts), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError as error:
        raise Malformed(f"{_short(text)} is not a time like 2026-11-03T14:02:07Z", where) from error
    seconds = int(moment.timestamp())
    if seconds < 0 or format_time(seconds) != text:
        raise Malformed(f"{_short(text)} is not a time like 2026-11-03T14:02:07Z", where)
    return seconds


def crockford(data: bytes, digits: int) -> str:
    """Return the first `digits` lower-case Crockford base32 digits of `data`, high bits first.

    Where the bits run out, zero bits are appended: 32 bytes give 52 digits.
    """
    bits = int.from_bytes(data, "big")
    width = len(data) * 8
    if digits * 5 > width:
        bits <<= digits * 5 - width
        width = digits * 5
    return "".join(CROCKFORD[(bits >> (width - 5 * (place + 1))) & 31] for place in range(digits))


def crockford_normal(text: str) -> str:
    """Return what a person typed as canonical digits: lower case, no dashes, I L O read as 1 1 0.

    Raises:
        Malformed: a character that no Crockford digit looks like.
    """
    plain = text.replace("-", "").replace(" ", "")
    if plain.isascii():  # else a Kelvin sign would become a `k`
        plain = plain.lower().translate(_CROCKFORD_ALIASES)
    wrong = sorted(set(plain) - set(CROCKFORD))
    if wrong:
        raise Malformed(f"{_short(text)} has {wrong[0]!r}, expected digits and letters without u")
    return plain


def crockford_decode(text: str, size: int) -> bytes:
    """Decode `ceil(size * 8 / 5)` canonical digits into `size` bytes; spare bits must be zero."""
    digits = (size * 8 + 4) // 5
    if len(text) != digits:
        raise Malformed(f"{len(text)} digits, expected {digits}")
    bits = 0
    for digit in text:
        bits = bits << 5 | CROCKFORD.index(digit)
    data = (bits >> (digits * 5 - size * 8)).to_bytes(size, "big")
    if crockford(data, digits) != text:
        raise Malformed("the last digit has spare bits that are not zero")
    return data


def base58_encode(data: bytes) -> str:
    """Return base58btc, the Bitcoin alphabet, leading zero bytes as `1`."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def base58_decode(text: str, where: str = "base58", limit: int = 128) -> bytes:
    """Decode base58btc of at most `limit` characters; raise Malformed on any other character."""
    if len(text) > limit:
        raise Malformed(f"{len(text)} base58 digits, expected at most {limit}", where)
    number = 0
    for digit in text:
        value = _BASE58.find(digit)
        if value < 0:
            raise Malformed(f"{_short(text)} is not base58btc", where)
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def grouped(digits: str) -> str:
    """Return digits in upper case and groups of four: what eyes compare, never what code does."""
    upper = digits.upper()
    return "-".join(upper[start : start + 4] for start in range(0, len(upper), 4))


def quoted(text: str) -> str:
    """Return a stranger's name for a sentence, between quotation marks that it cannot close.

    A file may be called like the rest of a verdict. Its own quotation marks become apostrophes.
    """
    return f"\u201c{text.translate(_APOSTROPHES)}\u201d"


def short_digest(digest: bytes) -> str:
    """Return the ends of a SHA-256 in hex, for eyes: `654cd8d4 .. 042065fc`."""
    text = digest.hex()
    return f"{text[:8]} .. {text[-8:]}"


def _short(text: str, limit: int = 60) -> str:
    """Quote a value for an error message without repeating a megabyte of it."""
    return repr(text) if len(text) <= limit else f"{text[:limit]!r}.. ({len(text)} characters)"
