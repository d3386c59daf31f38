"""Projections made again from the entries, beside those that are stored."""

import tempfile
from itertools import zip_longest
from pathlib import Path

from trust.core.people.did import scid_of
from trust.core.signing.identity import statement_id
from trust.core.signing.statement import parse_statement
from trust.service.fsck.report import Notes
from trust.service.projections import ENTRIES_SQL, Entry, project
from trust.storage.database import Database
from trust.storage.projected import PROJECTIONS
from trust.storage.snapshot import Snapshot
from trust.storage.tables import columns, primary_key, table_name

_AT_ONCE = 4096  # entries in one transaction of the copy


def check_projections(database: Snapshot, size: int, notes: Notes) -> None:
    """Project the entries into a database that is thrown away, and compare every row."""
    with tempfile.TemporaryDirectory(prefix="touchplate-fsck-") as folder:
        path = Path(folder, "copy.db")
        copy = Database(path)
        try:
            _project(database, copy, size, notes)
        finally:
            copy.close()
        with Snapshot(path) as made:
            for model in PROJECTIONS:
                _compare(
                    database, made, table_name(model), columns(model), primary_key(model), notes
                )


def _project(database: Snapshot, copy: Database, size: int, notes: Notes) -> None:
    for start in range(0, size, _AT_ONCE):
        end = min(start + _AT_ONCE, size)
        rows = database.rows(ENTRIES_SQL, (start, end))
        entries = [_entry(index, *values) for index, _, _, *values in rows]
        with copy.write() as connection:
            project(connection, entries)
        notes.progress("projections", end, size)


def _entry(index: int, payload: bytes, signed_at: int, document: bytes | None) -> Entry:
    """Make an entry of what was signed; id and SCID are not taken from their columns."""
    statement = parse_statement(payload)
    signer = statement.signer
    scid = "" if signer.version is None else scid_of(signer.id)
    name = statement_id(statement.registry.origin, scid or "registry", statement.salt)
    return Entry(index, name, scid, statement, signed_at, document)


def _compare(
    database: Snapshot,
    made: Snapshot,
    table: str,
    names: tuple[str, ...],
    key: tuple[str, ...],
    notes: Notes,
) -> None:
    """Compare a table row by row; after a row too many or too few only that is said."""
    places = [names.index(name) for name in key]
    rows = zip_longest(database.table(table, names, key), made.table(table, names, key))
    for found, expected in rows:
        notes.count("projected rows")
        row = found or expected
        name = " ".join(_shown(row[place]) for place in places)
        if found is None or expected is None or any(found[at] != expected[at] for at in places):
            gone = expected is not None and (found is None or _before(expected, found, places))
            what = "it is missing" if gone else "it follows from no entry"
            other = expected if gone else found
            name = " ".join(_shown(other[place]) for place in places)
            notes.cell(table, name, ", ".join(key), f"{what}; the rows after it were not compared")
            return
        for column, one, other in zip(names, found, expected, strict=True):
            why = f"it is {_shown(one)}, and the entries make {_shown(other)}"
            notes.same(table, name, column, one, other, why)


def _before(one: tuple[object, ...], other: tuple[object, ...], places: list[int]) -> bool:
    try:
        return [one[at] for at in places] < [other[at] for at in places]
    except TypeError:
        return True


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
