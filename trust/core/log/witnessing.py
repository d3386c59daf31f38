"""What a witness decides (C2SP tlog-witness v1.0.0): does this checkpoint continue what it knows?

The decision is pure. Whoever asks has read the record of the origin, writes the new one before the
cosignature leaves the house, and lets nothing come between the two: else a slower request with an
older checkpoint would roll the record back.
"""

from collections.abc import Sequence
from typing import NamedTuple

from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import EMPTY_ROOT, Checkpoint
from trust.core.log.cosigning import Request
from trust.core.log.merkle import check_consistency
from trust.core.log.note import (
    COSIGNATURE,
    Note,
    NoteSignature,
    VerifierKey,
    cosignature_line,
    cosignature_message,
)

MAX_STEP_BACK = 5  # seconds that a clock may go back; the last time is then given once more


class Seen(NamedTuple):
    """What a witness has recorded of a log: the tree that it cosigned last, and when."""

    size: int
    root: bytes
    time: int


class Cosigning(NamedTuple):
    """A checkpoint to cosign. `note` has its text and the log's own lines, which hold."""

    checkpoint: Checkpoint
    note: Note
    time: int

    @property
    def seen(self) -> Seen:
        """What is to be recorded before the cosignature is given away."""
        return Seen(self.checkpoint.size, self.checkpoint.root, self.time)

    def sign(self, name: str, signer: Signer) -> NoteSignature:
        """Return the line that is the answer."""
        key = witness_vkey(name, signer.public_key)
        message = cosignature_message(self.note.text, self.time)
        return cosignature_line(key, self.time, signer.sign(message))


class Refusal(NamedTuple):
    """Why a checkpoint is not cosigned, with its HTTP status.

    `size` is what is recorded, with 409 only. `contradiction` is a note of the log, with its lines
    only, that has another root than the recorded one of the same size. The two notes prove that the
    log has signed two histories; nobody else can make them.
    """

    status: int
    why: str
    size: int | None = None
    contradiction: Note | None = None


def witness_vkey(name: str, key: bytes) -> VerifierKey:
    """Return the verifier key of a witness."""
    return VerifierKey(name, COSIGNATURE, key)


def decide(
    request: Request, keys: Sequence[VerifierKey], seen: Seen | None, now: int
) -> Cosigning | Refusal:
    """Decide about a checkpoint.

    Args:
        request: as it came.
        keys: of the log of that origin, as the witness's operator listed them; none if unknown.
        seen: what is recorded for the origin, None before the first.
        now: the witness's clock, in seconds.
    """
    signed = _signed(request, keys)
    if isinstance(signed, Refusal):
        return signed
    checkpoint, note = signed
    refusal = _refusal(request, checkpoint, seen)
    if refusal is not None:
        forked = seen is not None and seen.size == checkpoint.size and seen.root != checkpoint.root
        return refusal._replace(contradiction=note if forked else None)
    latest = now if seen is None else seen.time
    if latest - now > MAX_STEP_BACK:
        return Refusal(503, f"the clock stands {latest - now} s before the last cosignature")
    return Cosigning(checkpoint, note, max(now, latest))


def _signed(request: Request, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Note] | Refusal:
    """Return the checkpoint and its note with the log's lines only, once these hold."""
    if not keys:
        return Refusal(404, f"{request.origin[:100]!r} is no log of this witness")
    try:
        request.note.verify(keys)
    except (Malformed, VerificationFailed) as error:
        return Refusal(403, str(error))
    known = {(key.name, key.key_id) for key in keys}
    lines = [item for item in request.note.signatures if (item.name, item.key_id) in known]
    note = Note(request.note.text, tuple(lines))
    if note.text.startswith(f"{request.origin}\n0\n") and note.text != _empty(request.origin):
        return Refusal(422, "size 0 with another root than SHA-256 of nothing")
    try:
        return Checkpoint.parse(note.text), note
    except Malformed as error:
        return Refusal(400, str(error))


def _refusal(request: Request, checkpoint: Checkpoint, seen: Seen | None) -> Refusal | None:
    """Say why a signed checkpoint does not continue what is recorded, or None."""
    size, root = (0, EMPTY_ROOT) if seen is None else seen[:2]
    if request.old > checkpoint.size:
        return Refusal(400, f"old size {request.old} is above the size {checkpoint.size}")
    if request.old != size:
        return Refusal(409, f"old size {request.old}, recorded is {size}", size)
    try:
        check_consistency(size, checkpoint.size, root, checkpoint.root, request.proof)
    except (Malformed, VerificationFailed) as error:
        return Refusal(422, str(error))
    return None


def _empty(origin: str) -> str:
    return Checkpoint(origin, 0, EMPTY_ROOT).text()
