"""Projections: tables that follow from the published entries and can be made again from them.

A person is visible only when all five entries of a join are there: identity, issuance, enrolment,
handle and profile. The profile comes last and closes the join: what follows, such as the enrolment
and issuance of a renewed certificate, must not hide the person from those who still read an older
checkpoint.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trust.core.encoding import parse_time
from trust.core.people.delegation import DelegationFacts
from trust.core.people.enterprise import (
    ACCEPT,
    OFFER,
    FoundingFacts,
    MembershipFacts,
    ReleaseFacts,
)
from trust.core.people.handle import skeleton
from trust.core.people.recovery import RecoveryFacts, VetoFacts
from trust.core.registry.status_change import status_change
from trust.core.registry.status_line import Line, State
from trust.core.signing.facts import DeliverableFacts, IdentityFacts, IssuanceFacts
from trust.core.signing.identity import status_key
from trust.core.signing.private import HandlePart, parse_private_bytes
from trust.core.signing.redaction import RedactionFacts
from trust.core.signing.statement import Statement, parse_statement
from trust.service.redacting import redact
from trust.storage.ports import Row, Tables, Transaction
from trust.storage.projected import PROJECTIONS
from trust.storage.tables import table_name

ENTRIES_SQL = (
    "select idx, id, scid, payload, signed_at, document from entries "
    "left join private_parts on digest = private where idx >= ? and idx < ? order by idx"
)
EVENTS_SQL = "select k, state, since, logged, by from status_events where idx < ? order by idx"
VISIBLE = (
    "identity < :size and issuance < :size and enrolment < :size and handled < :size "
    "and profile < :size"
)
FOUNDED, JOINED, LEFT = "founded", "joined", "left"  # steps of a membership
_REPLAYED = 256  # entries at a time


class Entry(NamedTuple):
    """One logged statement as it is projected; `private` is the document's bytes, if kept."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    id: str
    scid: str
    statement: Statement
    signed_at: int
    private: bytes | None


def project(transaction: Transaction, entries: Sequence[Entry]) -> bool:
    """Apply entries, inside the writer's transaction; say whether a status line changed."""
    transaction.insert(
        "targets",
        [(status_key("statement", entry.id), entry.index) for entry in entries if entry.scid],
    )
    _project_deliverables(transaction, entries)
    _project_agents(transaction, entries)
    _project_enterprises(transaction, entries)
    _project_recoveries(transaction, entries)
    events = [event for entry in entries for event in _events(entry)]
    transaction.insert("status_events", events)
    for entry in entries:
        _project_person(transaction, entry)
        _project_erasure(transaction, entry)
    return bool(events)


def rebuild(database: Tables) -> None:
    """Empty every projection and make it again from the committed entries, in one transaction."""
    with database.write() as transaction:
        for model in PROJECTIONS:
            transaction.execute(f"delete from {table_name(model)}")  # noqa: S608 - our own tables
        (size,) = transaction.row("select coalesce(max(size), 0) from checkpoints")
        for start in range(0, size, _REPLAYED):
            rows = transaction.rows(ENTRIES_SQL, (start, min(start + _REPLAYED, size)))
            project(transaction, [_load(row) for row in rows])


def status_lines(events: Iterable[tuple[bytes, str, int, int, str]]) -> list[Line]:
    """Gather (k, state, since, logged, by) in log order into lines sorted by k."""
    lines: dict[bytes, list[State]] = {}
    for k, state, since, logged, by in events:
        lines.setdefault(k, []).append(State(state, since, logged, by))
    return [Line(k, tuple(lines[k])) for k in sorted(lines)]


def _load(row: tuple[int, str, str, bytes, int, bytes | None]) -> Entry:
    """Make an entry of a row of ENTRIES_SQL."""
    index, statement_id, scid, payload, signed_at, private = row
    return Entry(index, statement_id, scid, parse_statement(payload), signed_at, private)


def _project_deliverables(transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Make a deliverable findable by its subjects, unless it is to be in no list."""
    listed: list[Entry] = []
    unlisted: list[Row] = []
    for entry in entries:
        facts = entry.statement.facts
        if isinstance(facts, DeliverableFacts):
            if facts.unlisted:
                unlisted.append((entry.index, entry.scid))
            else:
                listed.append(entry)
    transaction.insert(
        "subjects",
        [(digest, entry.index) for entry in listed for digest in entry.statement.subjects],
        ignore=True,
    )
    transaction.insert("unlisted", unlisted)


def _events(entry: Entry) -> Iterable[Row]:
    """Yield the state that a statement adds to a line of the status."""
    change = status_change(entry.statement, entry.signed_at, entry.scid)
    if change is not None:
        k, state = change
        yield entry.index, k, *state


def _project_enterprises(transaction: Transaction, entries: Sequence[Entry]) -> None:
    memberships: list[Row] = []
    releases: list[Row] = []
    for entry in entries:
        facts, step = entry.statement.facts, step_of(entry.statement)
        if isinstance(facts, FoundingFacts):
            step = entry.id, FOUNDED
        if step is not None:
            memberships.append((entry.index, step[0], entry.scid, step[1], entry.signed_at))
        elif isinstance(facts, ReleaseFacts):
            target = entry.statement.subjects[0]
            releases.append((entry.index, target, entry.scid, facts.enterprise or ""))
    transaction.insert("memberships", memberships)
    transaction.insert("releases", releases)


def _project_agents(transaction: Transaction, entries: Sequence[Entry]) -> None:
    delegations, outputs = [], []
    for entry in entries:
        facts = entry.statement.facts
        if isinstance(facts, DelegationFacts):
            key = entry.statement.subjects[0]
            delegations.append((entry.index, entry.id, entry.scid, facts.agent, key))
        elif isinstance(facts, DeliverableFacts) and facts.delegation is not None:
            outputs.append((facts.delegation, facts.number, entry.index, entry.signed_at))
    transaction.insert("delegations", delegations)
    transaction.insert("agent_outputs", outputs)


def _project_erasure(transaction: Transaction, entry: Entry) -> None:
    """Record who asked for what to be erased, and erase what a redaction covers."""
    facts, k = entry.statement.facts, entry.statement.subjects[0]
    if isinstance(facts, RedactionFacts):
        redact(transaction, k, facts, entry.index, entry.signed_at)
    elif entry.statement.type == "erasure":
        transaction.execute(
            "insert into erasures values (?, ?, ?, ?)", (entry.index, entry.id, k, entry.scid)
        )


def _project_recoveries(transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Place what waits in a key history, and what was refused."""
    announced: list[Row] = []
    vetoes: list[Row] = []
    for entry in entries:
        facts, digest = entry.statement.facts, entry.statement.subjects[0]
        if isinstance(facts, RecoveryFacts):
            until = parse_time(facts.until)
            said = (facts.scid, digest, facts.version, facts.kind, until)
            announced.append((entry.index, *said))
        elif isinstance(facts, VetoFacts):
            vetoes.append((entry.index, entry.scid, digest))
    transaction.insert("recoveries", announced)
    transaction.insert("vetoes", vetoes)


def _project_person(transaction: Transaction, entry: Entry) -> None:
    facts = entry.statement.facts
    if isinstance(facts, IdentityFacts):
        _place(transaction, facts.scid, "identity", entry.index)
        number = int(facts.version.partition("-")[0])
        transaction.insert("identities", [(entry.index, facts.scid, number)])
    elif isinstance(facts, IssuanceFacts) and facts.enrolment is not None:
        transaction.execute("insert into issuances values (?, ?)", (entry.index, facts.enrolment))
    elif entry.statement.type == "enrolment":
        _place(transaction, entry.scid, "enrolment", entry.index)
        transaction.execute(
            "update people set issuance = (select max(idx) from issuances where enrolment = ?) "
            "where scid = ? and profile is null",
            (entry.id, entry.scid),
        )
    elif entry.statement.type == "handle":
        _place(transaction, entry.scid, "handled", entry.index)
        part = parse_private_bytes(entry.private, "handle") if entry.private else None
        handle = part.handle if isinstance(part, HandlePart) else ""  # erased by now
        transaction.execute(
            "update people set handle = ?, skeleton = ?, joined = ? "
            "where scid = ? and profile is null",
            (handle, skeleton(handle), entry.signed_at, entry.scid),
        )
    elif entry.statement.type == "profile":
        _place(transaction, entry.scid, "profile", entry.index)


def _place(transaction: Transaction, scid: str, column: str, index: int) -> None:
    transaction.execute(
        "insert into people (scid, handle, skeleton, joined) values (?, '', '', 0) "
        "on conflict do nothing",
        (scid,),
    )
    transaction.execute(
        f"update people set {column} = ? where scid = ? and profile is null",  # noqa: S608 - ours
        (index, scid),
    )


def step_of(statement: Statement) -> tuple[str, str] | None:
    """Return enterprise and step that a statement adds to a membership; a founding names none."""
    facts = statement.facts
    if not isinstance(facts, MembershipFacts) or facts.step == OFFER:
        return None
    return facts.enterprise, JOINED if facts.step == ACCEPT else LEFT
