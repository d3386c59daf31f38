"""Checkpoints (C2SP tlog-checkpoint): origin, size and root, signed by the log and its clock.

    origin LF
    size in decimal LF
    base64(root) LF

Ours carry no extension line. The log signs with a key of type 0x01; its second key, the clock, adds
a cosignature/v1 line of the same name, which gives the checkpoint a time.
"""

import hashlib
from typing import NamedTuple

from trust.core.encoding import DIGEST_SIZE, MAX_INTEGER, b64decode, b64encode, decimal
from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys.signer import Signer
from trust.core.log.note import (
    COSIGNATURE,
    ED25519,
    Note,
    VerifierKey,
    cosignature_line,
    cosignature_message,
    signature_line,
)

EMPTY_ROOT = hashlib.sha256(b"").digest()
MAX_ORIGIN = 253  # characters of a host name (RFC 1035)
_ORIGIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


class Checkpoint(NamedTuple):
    """What a log says of itself at one moment."""

    origin: str
    size: int
    root: bytes

    @staticmethod
    def parse(text: str, where: str = "checkpoint") -> "Checkpoint":
        """Read the text of a note; raise Malformed for extension lines or another spelling."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:  # noqa: PLR2004 - three lines, each ends in LF
            raise Malformed("expected the lines origin, size and root", where)
        checkpoint = Checkpoint(lines[0], decimal(lines[1], where), b64decode(lines[2], where))
        if not lines[0] or len(checkpoint.root) != DIGEST_SIZE:
            raise Malformed("an empty origin, or a root that is not 32 bytes", where)
        if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
            raise Malformed("a log of size 0 with another root than SHA-256 of nothing", where)
        return checkpoint

    def text(self) -> str:
        """Return the note text, the exact inverse of `parse`."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root)}\n"


class SignedCheckpoint(NamedTuple):
    """A checkpoint whose log and clock signatures hold; `time` in seconds, by the clock."""

    checkpoint: Checkpoint
    note: str
    time: int


def check_origin(text: str, where: str) -> str:
    """Return the origin of one of our logs, a host name in lower case; raise Malformed if not.

    An origin that no trust file lists is shown before anything is verified: it must not be prose.
    """
    if not 0 < len(text) <= MAX_ORIGIN or not _ORIGIN.issuperset(text):
        raise Malformed(f"{text[:60]!r} is not the host name of a log", where)
    return text


def log_vkey(origin: str, key: bytes) -> VerifierKey:
    """Return the verifier key of a log; its name is the origin."""
    return VerifierKey(origin, ED25519, key)


def clock_vkey(origin: str, key: bytes) -> VerifierKey:
    """Return the verifier key of a log's clock; it never counts as a witness."""
    return VerifierKey(origin, COSIGNATURE, key)


def sign_checkpoint(checkpoint: Checkpoint, log: Signer, clock: Signer, seconds: int) -> str:
    """Return the signed note: the log's line, then the clock's. `seconds` is the clock's time.

    Raises:
        Malformed: what `open_checkpoint` would refuse; nothing was signed then.
    """
    return complete_checkpoint(date_checkpoint(checkpoint, log.public_key, clock, seconds), log)


def date_checkpoint(checkpoint: Checkpoint, log: bytes, clock: Signer, seconds: int) -> str:
    """Return a note with the clock's line alone, which promises nothing; `log` is the log's key.

    Raises:
        Malformed: as `sign_checkpoint`.
    """
    text = checkpoint.text()
    clock_key = clock_vkey(checkpoint.origin, clock.public_key)
    Checkpoint.parse(text)
    _check_keys(log_vkey(checkpoint.origin, log), clock_key)
    _check_time(seconds)
    signature = clock.sign(cosignature_message(text, seconds))
    return Note(text, (cosignature_line(clock_key, seconds, signature),)).encode()


def complete_checkpoint(dated: str, log: Signer) -> str:
    """Return a note of `date_checkpoint` with the log's line before the clock's."""
    note = Note.parse(dated, "checkpoint")
    key = log_vkey(Checkpoint.parse(note.text).origin, log.public_key)
    line = signature_line(key, log.sign(note.text.encode()))
    return note._replace(signatures=(line, *note.signatures)).encode()


def open_checkpoint(note: str, log: VerifierKey, clock: VerifierKey) -> SignedCheckpoint:
    """Open a signed note: the log's line and exactly one line of the clock must hold.

    Lines of other keys (witnesses) are ignored here.

    Raises:
        Malformed: not a checkpoint note, or keys that are no log and its clock.
        VerificationFailed: another origin, or a signature that is missing or does not hold.
    """
    return _open(note, log, clock, 1)


def open_dated(note: str, log: VerifierKey, clock: VerifierKey) -> SignedCheckpoint:
    """Open a note of `date_checkpoint`, which the log has not signed yet.

    Raises:
        Malformed, VerificationFailed: as `open_checkpoint`.
    """
    return _open(note, log, clock, 0)


def _open(note: str, log: VerifierKey, clock: VerifierKey, log_lines: int) -> SignedCheckpoint:
    _check_keys(log, clock)
    parsed = Note.parse(note, "checkpoint")
    checkpoint = Checkpoint.parse(parsed.text)
    if checkpoint.origin != log.name:
        raise VerificationFailed(
            5, "other_origin", f"checkpoint of {checkpoint.origin[:100]!r}, expected {log.name!r}"
        )
    lines = parsed.verify((log, clock))
    times = [line.time for line in lines if line.key == clock]
    if len(times) != 1 or sum(line.key == log for line in lines) != log_lines:
        expected = "log and clock each" if log_lines else "the clock alone"
        raise VerificationFailed(5, "unsigned_checkpoint", f"expected one line of {expected}")
    return SignedCheckpoint(checkpoint, note, _check_time(times[0]))


def _check_keys(log: VerifierKey, clock: VerifierKey) -> None:
    """A cosignature does not name its cosigner, so one key must not serve as log and clock."""
    if (log.type, clock.type) != (ED25519, COSIGNATURE) or clock.name != log.name:
        raise Malformed(f"{log} and {clock} are no log key and its clock's", "verifier keys")
    if log.key == clock.key:
        raise Malformed(f"log and clock of {log.name!r} share a key", "verifier keys")


def _check_time(seconds: int | None) -> int:
    if type(seconds) is not int or not 0 <= seconds <= MAX_INTEGER:
        raise Malformed(f"time {seconds!r} is not from 0 to 2^53-1", "checkpoint")
    return seconds
