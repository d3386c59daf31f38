"""Signed notes (C2SP signed-note v1.0.0) and their keys.

    text, ending in LF
    LF
    — name base64(key id[4] || signature) LF        one or more lines, U+2014 first

Key id: the first 4 bytes of SHA-256(name LF type key). Types: 0x01 Ed25519 over the text; 0x04
cosignature/v1, whose signature bytes are preceded by the time as 8 bytes, big-endian. Stock clients
want one blank line only, so our text holds none.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys.ed25519 import SIGNATURE_SIZE, check

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_NOTE = 64 * 1024  # bytes
MAX_SIGNATURES = 64
KEY_ID_SIZE = 4
_TIME_SIZE = 8


class VerifierKey(NamedTuple):
    """A named public key: `name+<key id, 8 hex>+<base64(type || key)>` as text."""

    name: str
    type: int
    key: bytes

    @staticmethod
    def parse(text: str) -> "VerifierKey":
        """Read a verifier key of type 0x01 or 0x04; raise Malformed for anything else."""
        name, key_id, encoded = (*text.split("+", 2), "", "")[:3]
        data = b64decode(encoded, "verifier key")
        if len(data) != 33 or data[0] not in {ED25519, COSIGNATURE}:  # noqa: PLR2004 - type, key
            raise Malformed(f"{text[:80]!r} is no Ed25519 verifier key")
        key = VerifierKey(name, data[0], data[1:])
        if not _is_name(name) or key.key_id.hex() != key_id or str(key) != text:
            raise Malformed(f"{text[:80]!r} is no verifier key (name or key id)")
        return key

    @property
    def full_id(self) -> bytes:
        """All 32 bytes of SHA-256(name LF type key): a bundle's logId."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.key).digest()

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that a note carries."""
        return self.full_id[:KEY_ID_SIZE]

    def __str__(self) -> str:
        """Return the text form."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.type]) + self.key)}"


class NoteSignature(NamedTuple):
    """One signature line; `blob` is what follows the key id."""

    name: str
    key_id: bytes
    blob: bytes

    def __str__(self) -> str:
        """Return the line with its LF."""
        return f"\u2014 {self.name} {b64encode(self.key_id + self.blob)}\n"


class VerifiedLine(NamedTuple):
    """A line that holds; `time` in seconds on a cosignature, None on a plain signature."""

    key: VerifierKey
    time: int | None


class Note(NamedTuple):
    """A parsed note. `text` ends in LF."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @staticmethod
    def parse(data: str | bytes, where: str = "note") -> "Note":
        """Read a note; raise Malformed if it is not exactly what it would be encoded to.

        The limits are 64 KiB and 64 signatures.
        """
        text = _text(data, where)
        body, separator, lines = text.partition("\n\n")
        if not separator or not lines.endswith("\n") or not body or body.startswith("\n"):
            raise Malformed("expected text, one empty line and signature lines", where)
        if any(character < " " and character != "\n" for character in text):
            raise Malformed("holds a control character", where)
        items = lines[:-1].split("\n")
        if len(items) > MAX_SIGNATURES:
            raise Malformed(f"{len(items)} signatures, expected at most {MAX_SIGNATURES}", where)
        note = Note(f"{body}\n", tuple(_line(item, where) for item in items))
        if note.encode() != text:
            raise Malformed("not in canonical form", where)
        return note

    def encode(self) -> str:
        """Return the note's text with its signature lines."""
        return f"{self.text}\n{''.join(str(item) for item in self.signatures)}"

    def verify(self, keys: Sequence[VerifierKey]) -> tuple[VerifiedLine, ...]:
        """Return the lines of known keys, in note order.

        Lines of other keys are ignored. A key may have several lines: whoever counts, counts keys.

        Raises:
            Malformed: two of `keys` share name and key id, or a known line has another size.
            VerificationFailed: a line of a known key does not hold, or there is none.
        """
        by_id = {(key.name, key.key_id): key for key in keys}
        if len(by_id) != len(set(keys)):
            raise Malformed("two keys with one name and key id", "verifier keys")
        found = [(item, by_id.get((item.name, item.key_id))) for item in self.signatures]
        lines = tuple(_check_line(self.text, item, key) for item, key in found if key is not None)
        if not lines:
            raise VerificationFailed(0, "no_known_signature", "note: no signature of a known key")
        return lines


def signature_line(key: VerifierKey, signature: bytes) -> NoteSignature:
    """Return the line of a plain Ed25519 signature over the text."""
    return NoteSignature(key.name, key.key_id, signature)


def cosignature_line(key: VerifierKey, seconds: int, signature: bytes) -> NoteSignature:
    """Return a cosignature/v1 line: time, then the signature over `cosignature_message`."""
    return NoteSignature(key.name, key.key_id, seconds.to_bytes(_TIME_SIZE, "big") + signature)


def cosignature_message(text: str, seconds: int) -> bytes:
    """Return what a cosigner signs (C2SP tlog-cosignature): header, time, whole text."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _line(line: str, where: str) -> NoteSignature:
    dash, name, encoded = (*line.split(" "), "", "")[:3]
    blob = b64decode(encoded, where)
    if dash != "\u2014" or line.count(" ") != 2 or not _is_name(name):  # noqa: PLR2004 - 3 parts
        raise Malformed(f"{line[:60]!r} is no signature line", where)
    if len(blob) <= KEY_ID_SIZE:
        raise Malformed("a signature of no bytes", where)
    return NoteSignature(name, blob[:KEY_ID_SIZE], blob[KEY_ID_SIZE:])


def _text(data: str | bytes, where: str) -> str:
    """Return the note as text; the limit is in bytes, and a lone surrogate is none."""
    if len(data) > MAX_NOTE:  # before it is copied; again below, where a character may be 4 bytes
        raise Malformed(f"longer than {MAX_NOTE} bytes", where)
    try:
        encoded = data.encode() if isinstance(data, str) else data
        text = encoded.decode()
    except UnicodeError as error:
        raise Malformed("not UTF-8", where) from error
    if len(encoded) > MAX_NOTE:
        raise Malformed(f"longer than {MAX_NOTE} bytes", where)
    return text


def _is_name(name: str) -> bool:
    return (
        bool(name)
        and "+" not in name
        and not any(item.isspace() or "\ud800" <= item <= "\udfff" for item in name)
    )


def _check_line(text: str, line: NoteSignature, key: VerifierKey) -> VerifiedLine:
    where = f"note: line of {key.name}"
    if key.type == ED25519:
        check(key.key, text.encode(), line.blob, where)
        return VerifiedLine(key, None)
    if len(line.blob) != _TIME_SIZE + SIGNATURE_SIZE:
        raise Malformed(f"{len(line.blob)} bytes, expected a time and a signature", where)
    seconds = int.from_bytes(line.blob[:_TIME_SIZE], "big")
    check(key.key, cosignature_message(text, seconds), line.blob[_TIME_SIZE:], where)
    return VerifiedLine(key, seconds)
