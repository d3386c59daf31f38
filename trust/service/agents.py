"""Agents: what a person delegates, and what the agent then signs, checked before it is logged.

Whoever calls lets one statement of an agent at a time in: budget and numbers are counted from what
is published, and nothing else may come between the count and the log.
"""

import hashlib
from typing import NamedTuple

from trust.core.encoding import format_time
from trust.core.errors import (
    Conflict,
    Malformed,
    NotAllowed,
    NotFound,
    TooMany,
    Unavailable,
    VerificationFailed,
)
from trust.core.judging.agency import use_of
from trust.core.judging.revocation import UNFROZEN
from trust.core.judging.standing import ENDS, decisive_names
from trust.core.keys.p256 import spki
from trust.core.people.delegation import DelegationFacts, check_length, check_use
from trust.core.registry.status_line import BY_RULING
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import Principal
from trust.core.signing.statement import Statement, parse_statement
from trust.core.x509.certificate import parse_certificate
from trust.service.authorities import DAY
from trust.service.checks import Offer, check_signature
from trust.service.issuing import issue
from trust.service.log_writer import LogWriter
from trust.service.records import Records, Row
from trust.storage.ports import Tables

ENDING = ("withdrawn", *ENDS)  # states that end a delegation
_FREEZE_SQL = (
    "select state, logged from status_events where k = ? and by in (?, ?) "
    "and state in ('frozen', 'unfrozen') order by idx desc limit 1"
)


class Delegated(NamedTuple):
    """A logged delegation: its entry, and what it says."""

    row: Row
    statement: Statement
    facts: DelegationFacts


class Agents:
    """The agents of everyone who has joined."""

    def __init__(self, database: Tables, writer: LogWriter, records: Records) -> None:
        self._database, self._writer, self._records = database, writer, records

    def issue(self, offer: Offer, point: bytes) -> None:
        """Issue the certificate of an agent, before its delegation is logged.

        `point` is that of the person's own key.

        Raises:
            NotAllowed: it lasts too long, or the key is the person's own.
            Conflict: the number or the key is another agent's already.
        """
        facts = offer.statement.facts
        if not isinstance(facts, DelegationFacts):
            raise Malformed("expected the facts of a delegation", "facts")
        self._check_new(offer, facts, point)
        agent = Principal("agent", offer.scid, facts.agent)
        issue(self._database, self._writer, offer, agent, facts.key, facts.expires)

    def certificate(self, delegation: str) -> bytes:
        """Return the certificate of the agent of a delegation, by its id."""
        row = self._database.row(
            "select der from certificates where enrolment = ? order by seq desc limit 1",
            (delegation,),
        )
        if row is None:
            raise Unavailable(f"the certificate of the delegation {delegation} is not stored")
        return bytes(row[0])

    def check(self, offer: Offer) -> bytes:
        """Check what an agent signed, and return the certificate that goes with it.

        Raises:
            NotAllowed: no delegation of this person, one that ended, or out of its scope.
            Conflict: its number was used already.
            TooMany: the budget of the day is used up.
        """
        delegation = self.named(named_delegation(offer.statement) or "", offer.scid)
        certificate = self.certificate(delegation.row.id)
        check_signature(offer, parse_certificate(certificate).point)
        if offer.statement.signer != delegation.statement.signer:
            raise NotAllowed(
                f"signed under {offer.statement.signer.version}, the delegation is of "
                f"{delegation.statement.signer.version}"
            )
        self._check_in_force(delegation)
        use = use_of(offer.statement, self._writer.now(), offer.part)
        try:
            check_use(delegation.facts, use)
        except VerificationFailed as error:
            raise NotAllowed(f"agent {delegation.facts.agent}: {error}") from error
        self._check_budget(delegation, use.number)
        return certificate

    def named(self, delegation: str, scid: str) -> Delegated:
        """Return a published delegation of a person; raise NotAllowed without it."""
        try:
            row = self._records.named(delegation, self._writer.size)
        except NotFound as error:
            raise NotAllowed(f"there is no delegation {delegation} of {scid}") from error
        statement = parse_statement(row.payload)
        if row.scid != scid or not isinstance(statement.facts, DelegationFacts):
            raise NotAllowed(f"{delegation} is no delegation of {scid}")
        return Delegated(row, statement, statement.facts)

    def _check_new(self, offer: Offer, facts: DelegationFacts, point: bytes) -> None:
        try:
            check_length(facts, self._writer.now())
        except VerificationFailed as error:
            raise NotAllowed(str(error)) from error
        if facts.key == point:
            raise NotAllowed("an agent has a key of its own, this is yours")
        key = hashlib.sha256(spki(facts.key)).digest()
        taken = self._database.row(
            "select id from delegations where scid = ? and (agent = ? or key = ?) limit 1",
            (offer.scid, facts.agent, key),
        )
        if taken is not None:
            (highest,) = self._database.row(
                "select max(agent) from delegations where scid = ?", (offer.scid,)
            )
            raise Conflict(
                f"agent {facts.agent} or its key stands in the delegation {taken[0]} already; the "
                f"next free number is {highest + 1}, and every agent has a key of its own"
            )

    def _check_in_force(self, delegation: Delegated) -> None:
        """Refuse what follows from an ended delegation, a key that is no more, a person frozen."""
        row = delegation.row
        names = decisive_names(row.id, row.key_name, row.scid)
        marks, states = ", ".join("?" * len(names)), ", ".join("?" * len(ENDING))
        found = self._database.row(
            f"select state, logged from status_events where k in ({marks}) "  # noqa: S608 - marks
            f"and by in (?, ?) and state in ({states}) order by idx limit 1",
            (*names, row.scid, BY_RULING, *ENDING),
        )
        if found is None:
            found = self._database.row(_FREEZE_SQL, (names[-1], row.scid, BY_RULING))
        if found is not None and found[0] != UNFROZEN:
            raise NotAllowed(
                f"the delegation of agent {delegation.facts.agent} is no longer in force: "
                f"{found[0]} on {format_time(found[1])}"
            )

    def _check_budget(self, delegation: Delegated, number: int) -> None:
        name, budget, now = delegation.row.id, delegation.facts.budget, self._writer.now()
        used = self._database.row(
            "select idx from agent_outputs where delegation = ? and number = ?", (name, number)
        )
        if used is not None:
            raise Conflict(
                f"agent {delegation.facts.agent} has used number {number} already, in entry "
                f"{used[0]}"
            )
        count, oldest = self._database.row(
            "select count(*), min(signed_at) from agent_outputs "
            "where delegation = ? and signed_at > ?",
            (name, now - DAY),
        )
        if count >= budget.per_day:
            raise TooMany(
                f"over budget: agent {delegation.facts.agent} may sign {budget.per_day} times in "
                f"24 hours, and has signed {count} times",
                max(1, oldest + DAY - now),
            )


def named_delegation(statement: Statement) -> str | None:
    """Return the id of the delegation that a statement names; None for what no agent signed."""
    facts = statement.facts
    return facts.delegation if isinstance(facts, DeliverableFacts) else None
