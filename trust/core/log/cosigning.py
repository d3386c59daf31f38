"""Asking a witness to cosign a checkpoint (C2SP tlog-witness v1.0.0), without I/O.

    POST <submission prefix>/add-checkpoint

    old <size> LF                   what the witness has cosigned last, 0 for nothing
    base64(hash) LF                 the proof from there to the checkpoint, 0 to 63 lines
    LF
    the signed checkpoint           a note; lines of other keys than the log's mean nothing here

The witness answers 200 with cosignature lines, or 409 with the size that it has recorded; the other
statuses are refusals. Stock servers give some of them differently, so what a client makes of an
answer (`read_answer`) is more lenient than what our own witness gives (`witnessing`).
"""

from enum import StrEnum
from typing import NamedTuple

from trust.core.encoding import DIGEST_SIZE, b64decode, b64encode, decimal
from trust.core.errors import Malformed
from trust.core.log.note import MAX_NOTE, Note, NoteSignature, VerifierKey

PATH = "add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
MAX_REQUEST = MAX_NOTE
MAX_PROOF = 63  # hashes: a proof between sizes below 2^64 needs no more
_WHERE = "add-checkpoint"


class Request(NamedTuple):
    """A checkpoint to cosign, and the proof that it continues the tree of `old` entries."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @staticmethod
    def parse(data: bytes) -> "Request":
        """Read a body; raise Malformed if it is not exactly what it would be encoded to.

        The note is read as a note only: whether its text is a checkpoint is not known yet.
        """
        if len(data) > MAX_REQUEST:
            raise Malformed(f"longer than {MAX_REQUEST} bytes", _WHERE)
        head, separator, note = data.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise Malformed("expected ASCII before the checkpoint", _WHERE) from error
        if not separator or not first.startswith("old "):
            raise Malformed("expected `old <size>`, a proof, an empty line and a note", _WHERE)
        if len(lines) > MAX_PROOF:
            raise Malformed(f"{len(lines)} proof lines, expected at most {MAX_PROOF}", _WHERE)
        old = decimal(first.removeprefix("old "), f"{_WHERE}: old size")
        request = Request(old, tuple(_hash(line) for line in lines), Note.parse(note))
        if request.encode() != data:
            raise Malformed("not in canonical form", _WHERE)
        return request

    def encode(self) -> bytes:
        """Return the body, the exact inverse of `parse`."""
        lines = "".join(f"{b64encode(item)}\n" for item in self.proof)
        return f"old {self.old}\n{lines}\n{self.note.encode()}".encode()

    @property
    def origin(self) -> str:
        """The log's name: the first line of the note."""
        return self.note.text.split("\n", 1)[0]


class Kind(StrEnum):
    """What an answer means to whoever asked."""

    COSIGNED = "cosigned"
    OTHER_SIZE = "other size"
    UNKNOWN_LOG = "unknown log"
    CONTRADICTED = "contradicted"
    BUSY = "busy"
    FAULTY = "faulty"


class Answer(NamedTuple):
    """What a witness answered: lines when it cosigned, its size when that is another one."""

    kind: Kind
    lines: tuple[NoteSignature, ...] = ()
    size: int = 0


# 403 and 404 are due for a note without a signature of a known key and for an unknown origin; stock
# servers also answer 403 for the latter and 500 for both. 422 is due for a wrong proof and for
# another root of the same size; some answer 409 without a size for the latter.
_REFUSALS = {
    403: Kind.UNKNOWN_LOG,
    404: Kind.UNKNOWN_LOG,
    409: Kind.CONTRADICTED,
    422: Kind.CONTRADICTED,
    429: Kind.BUSY,
    500: Kind.UNKNOWN_LOG,
    503: Kind.BUSY,
}


def read_answer(status: int, media_type: str, body: bytes, text: str) -> Answer:
    """Say what a witness answered to a request about a checkpoint of this text.

    The lines are read, not verified: `cosignature` does that.

    Args:
        status: of the HTTP answer.
        media_type: its content type without parameters, in lower case.
        body: all of it.
        text: of the note that was sent.

    Raises:
        Malformed: a 200 that is not signature lines, or a 409 that says a size and gives none.
    """
    if status == 200:  # noqa: PLR2004 - HTTP
        answered = Note.parse(f"{text}\n".encode() + body, "answer of the witness")
        return Answer(Kind.COSIGNED, answered.signatures)
    if status == 409 and media_type == SIZE_TYPE:  # noqa: PLR2004 - HTTP
        try:
            line = body.decode("ascii")
        except UnicodeDecodeError as error:
            raise Malformed("expected a size", "answer of the witness") from error
        return Answer(Kind.OTHER_SIZE, size=decimal(line.removesuffix("\n"), "size of the witness"))
    return Answer(_REFUSALS.get(status, Kind.FAULTY))


class Cosignature(NamedTuple):
    """A line of a witness that holds; `time` in seconds, by the witness's clock."""

    line: NoteSignature
    time: int


def cosignature(answer: Answer, text: str, key: VerifierKey) -> Cosignature:
    """Verify every line that a witness answered in its own name, and return the newest.

    Lines of other keys are passed over, whatever they are: their owners did not give them to us.

    Raises:
        Malformed: a line of the key is no cosignature.
        VerificationFailed: a line of the key does not hold, or there is none.
    """
    verified = Note(text, answer.lines).verify([key])
    lines = [item for item in answer.lines if (item.name, item.key_id) == (key.name, key.key_id)]
    made = [Cosignature(line, held.time or 0) for line, held in zip(lines, verified, strict=True)]
    return max(made, key=lambda item: item.time)


def _hash(line: str) -> bytes:
    data = b64decode(line, f"{_WHERE}: proof")
    if len(data) != DIGEST_SIZE:
        raise Malformed(f"a proof line of {len(data)} bytes, expected {DIGEST_SIZE}", _WHERE)
    return data
