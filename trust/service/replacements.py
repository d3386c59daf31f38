"""What changes the status: who may replace a deliverable, which did, and whether there is room."""

from trust.core.errors import Conflict, NotAllowed
from trust.core.registry.status_change import status_change
from trust.core.registry.status_line import MAX_STATES
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import status_key
from trust.core.signing.statement import parse_statement
from trust.service.checks import Offer
from trust.service.records import Records, Row
from trust.storage.ports import Reader


class Replacements:
    """Reads the published entries."""

    def __init__(self, database: Reader, records: Records) -> None:
        self._database, self._records = database, records

    @staticmethod
    def supersedes(offer: Offer) -> str | None:
        """Return the id of the deliverable that an offer replaces, if it does."""
        facts = offer.statement.facts
        return facts.supersedes if isinstance(facts, DeliverableFacts) else None

    def check(self, offer: Offer, size: int) -> None:
        """Require that an offer replaces nothing, or a deliverable of its own signer.

        Raises:
            NotFound: nothing is published under the id that it names.
            NotAllowed: it is no deliverable, it is somebody else's, or it is in no list and the
                offer would tell its id to everyone.
        """
        target = self.supersedes(offer)
        if target is None:
            return
        row = self._records.named(target, size)
        if row.type != "deliverable" or row.scid != offer.scid:
            raise NotAllowed(f"{target} is no deliverable of yours: only its signer replaces it")
        if is_unlisted(row) and not _is_unlisted(offer.statement.facts):
            raise NotAllowed(
                f"{target} is private: what replaces it must be private too, or its id would be "
                "public"
            )

    def check_room(self, offer: Offer) -> None:
        """Keep a status line short enough to be read, whoever withdraws what.

        A withdrawal by a stranger is logged and counts for nothing, but it makes a state of the
        target's line; half of what a line can hold stays free for the signer.

        Raises:
            Conflict: the line is full.
        """
        k = changed_line(offer)
        if k is None:
            return
        signer = self._database.row(
            "select scid from entries where idx = (select idx from targets where k = ?)", (k,)
        )
        own = signer is not None and signer[0] == offer.scid
        (count,) = self._database.row("select count(*) from status_events where k = ?", (k,))
        if count >= (MAX_STATES if own else MAX_STATES // 2):
            raise Conflict(f"{count} changes of this statement's status are recorded already")

    def newest_of(self, row: Row, size: int) -> Row | None:
        """Return the newest published statement by which its signer replaced an entry."""
        found = self._records.find(
            "idx = (select max(idx) from status_events where k = ? and by = ? "
            "and state = 'superseded' and idx < ?)",
            (status_key("statement", row.id), row.scid, size),
        )
        return found[0] if found and row.scid else None


def changed_line(offer: Offer) -> bytes | None:
    """Return the name of the status line that a statement adds to, None if it adds to none."""
    change = status_change(offer.statement, 0, offer.scid)
    return None if change is None else change[0]


def is_unlisted(row: Row) -> bool:
    """Say whether an entry is in no list."""
    return row.type == "deliverable" and _is_unlisted(parse_statement(row.payload).facts)


def _is_unlisted(facts: object) -> bool:
    return isinstance(facts, DeliverableFacts) and facts.unlisted
