"""Enterprises: who belongs to one, what may be signed for it, and what a dossier must carry of it.

Whoever calls lets one such statement at a time in: nothing may come between the count and the log.
"""

from collections.abc import Sequence
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.errors import Conflict, NotAllowed, NotFound
from trust.core.people.enterprise import (
    LEAVE,
    MAX_MEMBERS,
    OFFER,
    FoundingFacts,
    MembershipFacts,
    ReleaseFacts,
)
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import member_key
from trust.core.signing.private import FoundingPart, parse_private
from trust.core.signing.statement import Statement, parse_statement
from trust.service.append_path import Published
from trust.service.checks import Offer
from trust.service.log_writer import LogWriter
from trust.service.projections import JOINED, LEFT
from trust.service.records import Records, Row
from trust.storage.ports import Tables

TYPES = ("founding", "membership", "release")
MOST_LEAVES = 32  # of one person and enterprise: half of what a status line holds


class Member(NamedTuple):
    """Somebody who is or was a member. `left` None: still. Times are seconds."""

    scid: str
    entry: int  # of the founding or accept
    since: int
    left: int | None


class Enterprises:
    """The enterprises of a registry, as its entries have them."""

    def __init__(self, database: Tables, records: Records) -> None:
        self._database, self._records = database, records

    def check(self, offer: Offer, writer: LogWriter) -> None:
        """Require that a statement about or for an enterprise may be logged now.

        Raises:
            NotFound: no such enterprise, offer or deliverable.
            NotAllowed: not by this person, or a sixth member.
            Conflict: it is so already.
        """
        facts, size = offer.statement.facts, writer.size
        if isinstance(facts, MembershipFacts):
            self._check_step(offer, facts, size)
        elif isinstance(facts, ReleaseFacts):
            self._check_release(offer, facts, size)
        elif isinstance(facts, DeliverableFacts) and facts.on_behalf_of is not None:
            self._check_member(facts.on_behalf_of, offer.scid, size)

    def members(self, enterprise: str, size: int) -> list[Member]:
        """Return everyone who is or was a member, by the time of their joining."""
        rows = self._database.rows(
            "select idx, scid, step, signed_at from memberships where enterprise = ? and idx < ? "
            "order by idx",
            (enterprise, size),
        )
        found: list[Member] = []
        for index, scid, step, at in rows:
            if step != LEFT:
                found.append(Member(scid, index, at, None))
                continue
            for place, item in enumerate(found):
                if item.scid == scid and item.left is None:
                    found[place] = item._replace(left=at)
        return found

    def founding(self, enterprise: str, size: int) -> Row:
        """Return the founding of an enterprise; raise NotFound if there is none."""
        row = self._records.named(enterprise, size)
        if row.type != "founding":
            raise NotFound(f"{enterprise} is no enterprise")
        return row

    def _check_member(self, enterprise: str, scid: str, size: int) -> None:
        self.founding(enterprise, size)
        if scid not in _current(self.members(enterprise, size)):
            raise NotAllowed(f"{scid} is no member of the enterprise {enterprise}")

    def _check_step(self, offer: Offer, facts: MembershipFacts, size: int) -> None:
        enterprise = facts.enterprise
        self.founding(enterprise, size)
        current = _current(self.members(enterprise, size))
        if facts.step == LEAVE:
            self._check_member(enterprise, offer.scid, size)
            return
        if facts.step == OFFER:
            self._check_member(enterprise, offer.scid, size)
            joins = facts.member or ""
            self._check_person(joins, size)
        else:
            self._check_accept(offer, facts, size)
            joins = offer.scid
        if joins in current:
            raise Conflict(f"{joins} is a member of the enterprise {enterprise} already")
        if len(current) >= MAX_MEMBERS:
            raise NotAllowed(
                f"an enterprise has at most {MAX_MEMBERS} members, and {enterprise} has "
                f"{len(current)}: a sixth can join once one of them has left"
            )
        if self._leaves(enterprise, joins) >= MOST_LEAVES:
            raise Conflict(f"{joins} has left this enterprise {MOST_LEAVES} times already")

    def _check_accept(self, offer: Offer, facts: MembershipFacts, size: int) -> None:
        """Require that the offer is to this person, still stands, and was made by a member."""
        row = self._records.named(facts.offer or "", size)
        made = parse_statement(row.payload).facts
        if not isinstance(made, MembershipFacts) or made.step != OFFER:
            raise NotAllowed(f"{facts.offer} is no offer of a membership")
        if (made.enterprise, made.member) != (facts.enterprise, offer.scid):
            raise NotAllowed(f"the offer {facts.offer} is to somebody else, or of another one")
        ended = self._database.row(
            "select 1 from status_events where k = ? and by = ? limit 1", (row.names[0], row.scid)
        )
        if ended is not None:
            raise NotAllowed(f"the offer {facts.offer} was withdrawn")

    def _check_person(self, scid: str, size: int) -> None:
        row = self._database.row(
            "select 1 from people where scid = ? and profile < ?", (scid, size)
        )
        if row is None:
            raise NotFound(f"no person {scid} has joined this registry")

    def _check_release(self, offer: Offer, facts: ReleaseFacts, size: int) -> None:
        """A member approves of what another one signed; a person reviews what their agent did."""
        k = offer.statement.subjects[0]
        found = self._records.find(
            "idx = (select idx from targets where k = ?) and idx < ?", (k, size)
        )
        target = parse_statement(found[0].payload).facts if found else None
        if not isinstance(target, DeliverableFacts):
            raise NotFound("no deliverable is recorded under the name that is released")
        row = found[0]
        if facts.enterprise is None:
            if row.scid != offer.scid or target.delegation is None:
                raise NotAllowed(f"{row.id} was not signed by an agent of yours")
        else:
            self._check_member(facts.enterprise, offer.scid, size)
            if target.on_behalf_of != facts.enterprise:
                raise NotAllowed(f"{row.id} was not signed on behalf of {facts.enterprise}")
            if row.scid == offer.scid:
                raise Conflict(f"{row.id} is yours: your own signature approves of it")
        twice = self._database.row(
            "select 1 from releases where target = ? and scid = ? and enterprise = ?",
            (k, offer.scid, facts.enterprise or ""),
        )
        if twice is not None:
            raise Conflict(f"{row.id} is released by {offer.scid} already")

    def _leaves(self, enterprise: str, scid: str) -> int:
        (count,) = self._database.row(
            "select count(*) from status_events where k = ?", (member_key(enterprise, scid),)
        )
        return int(count)


class Evidence:
    """What the dossier of something signed on behalf of an enterprise, or released, must carry."""

    def __init__(self, database: Tables, records: Records, enterprises: Enterprises) -> None:
        self._database, self._records, self._enterprises = database, records, enterprises

    def rows(self, published: Published, row: Row) -> list[Row]:
        """Return founding, memberships and releases behind an entry, in the order of the log."""
        facts = parse_statement(row.payload).facts if row.type == "deliverable" else None
        if not isinstance(facts, DeliverableFacts):
            return []
        found = self._releases(published, row)
        if facts.on_behalf_of is None:
            return [item for item in found if item.scid == row.scid]
        founding = self._enterprises.founding(facts.on_behalf_of, published.size)
        wanted = {founding.index: founding}
        for item in (row, *found):
            wanted[item.index] = item
            self._lead_back(facts.on_behalf_of, item.scid, item.index, wanted)
        wanted.pop(row.index)
        return [wanted[index] for index in sorted(wanted)]

    def names(self, published: Published, row: Row) -> list[bytes]:
        """Return the names of the status lines that say who of them has left."""
        facts = parse_statement(row.payload).facts if row.type == "deliverable" else None
        if not isinstance(facts, DeliverableFacts) or facts.on_behalf_of is None:
            return []
        behind = self.rows(published, row)
        people = sorted({row.scid, *(item.scid for item in behind)})
        left = [member_key(facts.on_behalf_of, scid) for scid in people]
        return [*left, *(name for item in behind for name in item.names)]

    def _releases(self, published: Published, row: Row) -> list[Row]:
        return list(
            self._records.find(
                "idx in (select idx from releases where target = ?) and idx < ? order by idx",
                (row.names[0], published.size),
            )
        )

    def _lead_back(self, enterprise: str, scid: str, before: int, wanted: dict[int, Row]) -> None:
        """Add the accept by which somebody was a member, its offer, and those behind that."""
        found = self._database.row(
            "select max(idx) from memberships where enterprise = ? and scid = ? and step = ? "
            "and idx < ?",
            (enterprise, scid, JOINED, before),
        )
        if found is None or found[0] is None or found[0] in wanted:
            return
        accept = self._records.at(found[0])
        facts = parse_statement(accept.payload).facts
        offer = self._records.named(
            facts.offer or "" if isinstance(facts, MembershipFacts) else "", before
        )
        wanted |= {accept.index: accept, offer.index: offer}
        self._lead_back(enterprise, offer.scid, offer.index, wanted)


def view(
    enterprises: Enterprises, records: Records, published: Published, enterprise: str, url: str
) -> dict[str, Json]:
    """Return what is public about an enterprise: its own word for a name, and its members."""
    row = enterprises.founding(enterprise, published.size)
    facts, document = parse_statement(row.payload).facts, records.private(row.private)
    part = None if document is None else parse_private(document, "founding")
    return {
        "id": row.id,
        "name": part.name if isinstance(part, FoundingPart) else None,
        "founded": format_time(row.signed_at),
        "needed": facts.needed if isinstance(facts, FoundingFacts) else 1,
        "members": [
            {
                "scid": item.scid,
                "handle": records.handle(item.scid),
                "since": format_time(item.since),
                "until": None if item.left is None else format_time(item.left),
            }
            for item in enterprises.members(enterprise, published.size)
        ],
        "page": f"{url}/e/{row.id}",
    }


def concerns_enterprise(statement: Statement) -> bool:
    """Say whether a statement is about an enterprise, or for one."""
    facts = statement.facts
    on_behalf = isinstance(facts, DeliverableFacts) and facts.on_behalf_of is not None
    return statement.type in TYPES or on_behalf


def _current(members: Sequence[Member]) -> set[str]:
    return {item.scid for item in members if item.left is None}
