"""What was erased, by the redactions in the log, beside what the tables keep of it."""

from trust.core.signing.identity import status_key
from trust.service.fsck.report import Notes
from trust.storage.snapshot import Snapshot

_OF_STATEMENTS = (
    "select private from redactions join targets on targets.k = redactions.k join entries "
    "on entries.idx = targets.idx where private is not null and entries.idx < redactions.idx"
)
_OF_PERSONS = (
    "select redactions.k, erasures.scid, redactions.idx from redactions join erasures "
    "on erasures.id = redactions.erasure"
)
_PARTS_OF = "select private from entries where scid = ? and idx < ? and private is not null"


def redacted_parts(database: Snapshot) -> frozenset[bytes]:
    """Return the digests of the private parts that a redaction covers."""
    found = {digest for (digest,) in database.rows(_OF_STATEMENTS)}
    for k, scid, index in database.rows(_OF_PERSONS):
        if k == status_key("person", scid):
            found.update(digest for (digest,) in database.rows(_PARTS_OF, (scid, index)))
    return frozenset(found)


def check_erased_parts(database: Snapshot, redacted: frozenset[bytes], notes: Notes) -> None:
    """What is kept of erased parts, so that nobody brings them back, is what was redacted."""
    there = {digest for (digest,) in database.table("erased_parts", ("digest",), ("digest",))}
    for digest in sorted(redacted - there):
        notes.cell("erased_parts", digest, "digest", "it was erased, and there is no such row")
    for digest in there - redacted:
        notes.cell("erased_parts", digest, "digest", "no redaction covers it")
