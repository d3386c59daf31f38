"""Erasing: what a person asks for by an `erasure`, and the registry confirms by a `redaction`.

The request is logged first, so that it outlives a crash. Then the redaction is: the transaction
that commits it deletes the private parts (`redacting.py`), so that there is no moment at which the
log says that they are gone and they are not. At last what the deletion left in files goes too.
"""

from collections.abc import Callable
from typing import NamedTuple

from trust.core.errors import Conflict, NotAllowed, NotFound
from trust.core.signing.identity import status_key
from trust.core.signing.redaction import RedactionFacts
from trust.core.verdict import Erased
from trust.service.checks import Offer
from trust.service.erased_handles import ErasedHandles
from trust.service.log_writer import LogWriter
from trust.service.records import Records, Row
from trust.service.term import Term
from trust.storage.ports import Reader, Tables

_COVERING = (
    "select idx, signed_at, erasure from redactions where k in (?, ?) and idx > ? and idx < ? "
    "order by idx limit 1"
)
_OPEN = (
    "select id, k, scid from erasures where not exists "
    "(select 1 from redactions where redactions.erasure = erasures.id)"
)


class Redaction(NamedTuple):
    """Where it stands in the log, and what it says."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    erased: Erased


class Redactions:
    """Reads which entries are covered by a redaction."""

    def __init__(self, database: Reader) -> None:
        self._database = database

    def of(self, row: Row, size: int) -> Redaction | None:
        """Return the first redaction, of the first `size` entries, that covers an entry."""
        if row.private is None:
            return None
        names = status_key("statement", row.id), status_key("person", row.scid)
        found = self._database.row(_COVERING, (*names, row.index, size))
        if found is None:
            return None
        index, since, erasure = found
        return Redaction(index, Erased(since, RedactionFacts(erasure).by))


class Erasures:
    """Checks requests and carries them out. Callers let one at a time into `finish`."""

    def __init__(
        self,
        database: Tables,
        writer: LogWriter,
        records: Records,
        sign: Callable[[bytes], bytes],
    ) -> None:
        """Take what is needed of the registry, and the signer of its key for handles."""
        self._database, self._writer, self._records = database, writer, records
        self.handles, self._redactions = ErasedHandles(sign), Redactions(database)

    def check(self, offer: Offer, size: int) -> None:
        """Require that there is something of this person to erase.

        Raises:
            NotFound: nothing of theirs is published under this name.
            NotAllowed: it is somebody else's, or has no private part.
            Conflict: it was erased already.
        """
        k = offer.statement.subjects[0]
        if k == status_key("person", offer.scid):
            return
        found = self._records.find(
            "idx = (select idx from targets where k = ?) and idx < ?", (k, size)
        )
        if not found:
            raise NotFound("nothing is recorded under the name that is to be erased")
        row = found[0]
        if row.scid != offer.scid:
            raise NotAllowed(f"{row.id} is not yours: only its signer has it erased")
        if row.private is None:
            raise NotAllowed(f"{row.id} is a {row.type} without names or words: nothing to erase")
        redaction = self._redactions.of(row, size)
        if redaction is not None:
            raise Conflict(f"the names and words of {row.id} are erased already")

    def finish(self, term: Term | None = None) -> None:
        """Redact what was asked for and is not redacted yet."""
        for erasure, k, scid in self._database.rows(_OPEN):
            self._mark_handle(k, scid)
            self.redact(bytes(k), erasure, term)

    def redact(self, k: bytes, erasure: str | None, term: Term | None = None) -> None:
        """Log that what k names is erased; with it the private parts go."""
        # A crash here: the handle is not given again, and still stands; the redaction follows.
        self._writer.append_own([self._writer.make("redaction", k, RedactionFacts(erasure))], term)
        # A crash here: deleted and logged; the bytes in old pages go with the next scrub.
        self._database.scrub()

    def _mark_handle(self, k: bytes, scid: str) -> None:
        row = self._database.row(
            "select people.skeleton, entries.id from people join entries on entries.idx = handled "
            "where people.scid = ?",
            (scid,),
        )
        if row is None or not row[0]:
            return
        look, statement_id = row
        if bytes(k) in {status_key("person", scid), status_key("statement", statement_id)}:
            with self._database.write() as transaction:
                self.handles.mark(transaction, look)
