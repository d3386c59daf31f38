"""The proof of one entry as a text of its own (C2SP tlog-proof): index, audit path, checkpoint.

    c2sp.org/tlog-proof@v1
    extra base64 LF                          optional, opaque, never authenticated
    index decimal LF
    base64(hash) LF                          the leaf's sibling first, the root's child last
    LF
    the whole signed checkpoint

It proves nothing about who signed: whoever holds the entry and knows the log's keys learns that the
entry is in the log, and from cosignatures who else saw it.
"""

from typing import NamedTuple

from trust.core.encoding import DIGEST_SIZE, b64decode, b64encode, decimal
from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint
from trust.core.log.merkle import root_from_inclusion
from trust.core.log.note import Note, VerifierKey

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
MAX_EXTRA = 16 * 1024  # bytes
MAX_PROOF = 128 * 1024  # bytes: a note, extra data in base64 and 63 hashes
MAX_PROOF_HASHES = 63
_EXTRA, _INDEX = "extra ", "index "


class TlogProof(NamedTuple):
    """A parsed proof. `checkpoint` is a whole note, `extra` None without that line."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @staticmethod
    def parse(data: bytes, where: str = "tlog-proof") -> "TlogProof":
        """Read a proof; raise Malformed if it is not exactly what it would be encoded to.

        That the checkpoint is a signed note is checked here, its signatures are not.
        """
        if len(data) > MAX_PROOF:
            raise Malformed(f"{len(data)} bytes, expected at most {MAX_PROOF}", where)
        try:
            head, blank, checkpoint = data.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise Malformed(f"not UTF-8 at byte {error.start}", where) from error
        lines = head.split("\n")
        if not blank or lines.pop(0) != HEADER:
            raise Malformed(f"expected {HEADER}, an index, hashes and a checkpoint", where)
        extra = _extra(lines.pop(0), where) if lines and lines[0].startswith(_EXTRA) else None
        if not lines or not lines[0].startswith(_INDEX):
            raise Malformed("no line with the index", where)
        index = decimal(lines.pop(0).removeprefix(_INDEX), f"{where}.index")
        if len(lines) > MAX_PROOF_HASHES:
            raise Malformed(f"{len(lines)} hashes, expected at most {MAX_PROOF_HASHES}", where)
        hashes = tuple(_hash(line, f"{where}.hashes[{at}]") for at, line in enumerate(lines))
        Note.parse(checkpoint, f"{where}.checkpoint")
        return TlogProof(index, hashes, checkpoint, extra)

    def encode(self) -> bytes:
        """Return the text, the exact inverse of `parse`."""
        extra = "" if self.extra is None else f"{_EXTRA}{b64encode(self.extra)}\n"
        hashes = "".join(f"{b64encode(item)}\n" for item in self.hashes)
        return f"{HEADER}\n{extra}{_INDEX}{self.index}\n{hashes}\n{self.checkpoint}".encode()

    def check(self, leaf: bytes, log: VerifierKey, clock: VerifierKey) -> SignedCheckpoint:
        """Require that the leaf hash stands at `index` under a checkpoint of this log.

        Raises:
            Malformed: the note is no checkpoint, or its size does not fit index and hashes.
            VerificationFailed: a signature of the note does not hold (`open_checkpoint`), or step
                5, `bad_log_proof`: the hashes lead to another root.
        """
        signed = open_checkpoint(self.checkpoint, log, clock)
        _, size, root = signed.checkpoint
        if root_from_inclusion(self.index, size, leaf, self.hashes) != root:
            raise VerificationFailed(
                5, "bad_log_proof", f"entry {self.index} does not lead to the checkpoint"
            )
        return signed


def _extra(line: str, where: str) -> bytes:
    extra = b64decode(line.removeprefix(_EXTRA), f"{where}.extra")
    if len(extra) > MAX_EXTRA:
        raise Malformed(f"{len(extra)} bytes, expected at most {MAX_EXTRA}", f"{where}.extra")
    return extra


def _hash(line: str, where: str) -> bytes:
    value = b64decode(line, where)
    if len(value) != DIGEST_SIZE:
        raise Malformed(f"{len(value)} bytes, expected {DIGEST_SIZE}", where)
    return value
