"""Projections: tables that follow from the published entries and can be made again from them.

A person is visible only when all five entries of a join are there: identity, issuance, enrolment,
handle and profile.
"""

import sqlite3
from typing import NamedTuple

from trust.core.people.handle import skeleton
from trust.core.registry.status import Line, State
from trust.core.signing.facts import IdentityFacts, IssuanceFacts
from trust.core.signing.private import HandlePart, parse_private_bytes
from trust.core.signing.statement import Statement
from trust.storage.database import PROJECTED, Database


class Entry(NamedTuple):
    """One logged statement as it is projected; `private` is the document's bytes, if kept."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    id: str
    scid: str
    statement: Statement
    signed_at: int
    private: bytes | None


def project(connection: sqlite3.Connection, entry: Entry) -> None:
    """Apply one entry to the projections, inside the writer's transaction."""
    kind = entry.statement.type
    if kind == "deliverable":
        connection.executemany(
            "insert or ignore into subjects values (?, ?)",
            [(digest, entry.index) for digest in entry.statement.subjects],
        )
    elif kind == "withdrawal":
        connection.execute(
            "insert into status_events values (?, ?, 'withdrawn', ?, ?, ?)",
            (
                entry.index,
                entry.statement.subjects[0],
                entry.signed_at,
                entry.signed_at,
                entry.scid,
            ),
        )
    else:
        _project_person(connection, entry)


def rebuild(database: Database, entries: list[Entry]) -> None:
    """Empty every projection and make it again from the entries, in one transaction."""
    with database.write() as connection:
        for table in PROJECTED:
            connection.execute(f"delete from {table}")  # noqa: S608 - a constant list of names
        for entry in entries:
            project(connection, entry)


def status_lines(events: list[tuple[bytes, str, int, int, str]]) -> list[Line]:
    """Gather (k, state, since, logged, by) in log order into lines sorted by k."""
    lines: dict[bytes, list[State]] = {}
    for k, state, since, logged, by in events:
        lines.setdefault(k, []).append(State(state, since, logged, by))
    return [Line(k, tuple(lines[k])) for k in sorted(lines)]


def _project_person(connection: sqlite3.Connection, entry: Entry) -> None:
    facts = entry.statement.facts
    if isinstance(facts, IdentityFacts):
        _place(connection, facts.scid, "identity", entry.index)
    elif isinstance(facts, IssuanceFacts) and facts.enrolment is not None:
        connection.execute("insert into issuances values (?, ?)", (entry.index, facts.enrolment))
    elif entry.statement.type == "enrolment":
        _place(connection, entry.scid, "enrolment", entry.index)
        connection.execute(
            "update people set issuance = (select max(idx) from issuances where enrolment = ?) "
            "where scid = ?",
            (entry.id, entry.scid),
        )
    elif entry.statement.type == "handle":
        _place(connection, entry.scid, "handled", entry.index)
        part = parse_private_bytes(entry.private, "handle") if entry.private else None
        if isinstance(part, HandlePart):
            connection.execute(
                "update people set handle = ?, skeleton = ?, joined = ? where scid = ?",
                (part.handle, skeleton(part.handle), entry.signed_at, entry.scid),
            )
    elif entry.statement.type == "profile":
        _place(connection, entry.scid, "profile", entry.index)


def _place(connection: sqlite3.Connection, scid: str, column: str, index: int) -> None:
    connection.execute("insert or ignore into people (scid) values (?)", (scid,))
    connection.execute(
        f"update people set {column} = ? where scid = ?",  # noqa: S608 - one of our own columns
        (index, scid),
    )
