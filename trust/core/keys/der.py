"""DER, the little of it that our certificates and time-stamp tokens need (ITU-T X.690).

The writer lays fixed shapes; the reader is strict: minimal lengths and integers, no indefinite
form, no byte left over. specs/decisions/0002 says why this is not a library.
"""

from datetime import UTC, datetime
from functools import lru_cache

from trust.core.errors import Malformed

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8_STRING, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x0C, 0x17, 0x18, 0x30, 0x31
MAX_SIZE = 64 * 1024  # bytes of one document
KEPT = 64  # times that were written a moment ago: what happens together says the same time

_LONG_FORM = 0x80
_LENGTH_BYTES = 3  # of a long length: MAX_SIZE needs no more


def tlv(tag: int, content: bytes) -> bytes:
    """Return one element: tag, minimal length, content."""
    size = len(content)
    if size < _LONG_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG_FORM | len(length)]) + length + content


def sequence(*items: bytes) -> bytes:
    """Return a SEQUENCE of encoded items."""
    return tlv(SEQUENCE, b"".join(items))


def set_of(*items: bytes) -> bytes:
    """Return a SET OF, its items in DER order."""
    return tlv(SET, b"".join(sorted(items)))


def integer(number: int) -> bytes:
    """Return an INTEGER; requires number >= 0."""
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def boolean(*, value: bool) -> bytes:
    """Return a BOOLEAN."""
    return tlv(BOOLEAN, b"\xff" if value else b"\x00")


def oid(text: str) -> bytes:
    """Return an OBJECT IDENTIFIER from dotted decimals."""
    first, second, *rest = (int(part) for part in text.split("."))
    body = b""
    for arc in (first * 40 + second, *rest):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.insert(0, arc & 0x7F | 0x80)
        body += bytes(digits)
    return tlv(OID, body)


def octets(content: bytes) -> bytes:
    """Return an OCTET STRING."""
    return tlv(OCTET_STRING, content)


def bits(content: bytes, unused: int = 0) -> bytes:
    """Return a BIT STRING with `unused` spare bits in its last byte."""
    return tlv(BIT_STRING, bytes([unused]) + content)


def text(value: str) -> bytes:
    """Return a UTF8String."""
    return tlv(UTF8_STRING, value.encode())


def context(number: int, content: bytes, *, constructed: bool = True) -> bytes:
    """Return a context-specific element [number]."""
    return tlv((0xA0 if constructed else 0x80) | number, content)


@lru_cache(maxsize=KEPT)
def time(seconds: int) -> bytes:
    """Return UTCTime until 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5)."""
    moment = datetime.fromtimestamp(seconds, UTC)
    if moment.year < 2050:  # noqa: PLR2004 - the year in RFC 5280
        return tlv(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return generalized_time(seconds)


@lru_cache(maxsize=KEPT)
def generalized_time(seconds: int) -> bytes:
    """Return GeneralizedTime in whole seconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return tlv(GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


class Reader:
    """Reads elements one after the other; `where` names the document in errors."""

    def __init__(self, data: bytes, where: str) -> None:
        if len(data) > MAX_SIZE:
            raise Malformed(f"{len(data)} bytes, expected at most {MAX_SIZE}", where)
        self._data = data
        self._at = 0
        self.where = where

    def peek(self) -> int | None:
        """Return the next tag, or None at the end."""
        return self._data[self._at] if self._at < len(self._data) else None

    def element(self, tag: int) -> bytes:
        """Take an element of this tag, with tag and length."""
        start = self._at
        self.take(tag)
        return self._data[start : self._at]

    def take(self, tag: int) -> bytes:
        """Take an element of this tag; return its content."""
        found = self.peek()
        if found != tag:
            shown = "the end" if found is None else f"tag {found:#04x}"
            raise Malformed(f"{shown} at byte {self._at}, expected tag {tag:#04x}", self.where)
        start, size = self._length(self._at + 1)
        end = start + size
        if end > len(self._data):
            raise Malformed(f"an element at byte {self._at} runs past the end", self.where)
        self._at = end
        return self._data[start:end]

    def enter(self, tag: int = SEQUENCE) -> "Reader":
        """Take a constructed element; return a reader of its content."""
        return Reader(self.take(tag), self.where)

    def integer(self) -> int:
        """Take a non-negative INTEGER in its minimal form."""
        content = self.take(INTEGER)
        if (
            not content
            or content[0] >= _LONG_FORM
            or integer(int.from_bytes(content)) != tlv(INTEGER, content)
        ):
            raise Malformed("an integer that is negative or not minimal", self.where)
        return int.from_bytes(content)

    def time(self) -> int:
        """Take UTCTime, or GeneralizedTime from 2050 on, in whole seconds, Zulu (RFC 5280)."""
        if self.peek() == GENERALIZED_TIME:
            seconds = self.generalized_time()
            if time(seconds)[0] != GENERALIZED_TIME:
                raise Malformed("GeneralizedTime before 2050, expected UTCTime", self.where)
            return seconds
        content = self.take(UTC_TIME)
        return self._seconds(b"19" if content[:1] >= b"5" else b"20", UTC_TIME, content)

    def generalized_time(self) -> int:
        """Take GeneralizedTime in whole seconds, Zulu."""
        return self._seconds(b"", GENERALIZED_TIME, self.take(GENERALIZED_TIME))

    def _seconds(self, century: bytes, tag: int, content: bytes) -> int:
        try:
            digits = (century + content).decode("ascii")
            parts = (digits[0:4], *(digits[place : place + 2] for place in range(4, 14, 2)))
            moment = datetime(*(int(part) for part in parts), tzinfo=UTC)  # type: ignore[arg-type,misc]
        except ValueError as error:
            raise Malformed("a time that is not like 20261103140207Z", self.where) from error
        seconds = int(moment.timestamp())
        encoded = generalized_time(seconds) if tag == GENERALIZED_TIME else time(seconds)
        if encoded != tlv(tag, content):
            raise Malformed("a time that is not like 20261103140207Z", self.where)
        return seconds

    def done(self) -> None:
        """Refuse bytes that nobody took."""
        if self._at != len(self._data):
            raise Malformed(f"{len(self._data) - self._at} bytes too many", self.where)

    def _length(self, at: int) -> tuple[int, int]:
        """Return where the content starts and its size."""
        if at >= len(self._data):
            raise Malformed("ends inside an element", self.where)
        first = self._data[at]
        if first < _LONG_FORM:
            return at + 1, first
        count = first & 0x7F
        length = self._data[at + 1 : at + 1 + count]
        size = int.from_bytes(length)
        if (
            not 1 <= count <= _LENGTH_BYTES
            or len(length) != count
            or size < _LONG_FORM
            or length[0] == 0
        ):
            raise Malformed(f"a length at byte {at} that is not minimal", self.where)
        return at + 1 + count, size
