"""Take-downs: whoever runs a registry stops showing the private part of a statement.

Only names, titles and words go. The entry, its proof, its status and every score stay as they are,
because none of them follows from a private part. That it was done is logged as a `redaction`; when
and why is shown wherever the words would have stood.

An order is a file in the data folder. The process that writes to the database carries it out,
within `upkeep_seconds` or at its next start; nobody else ever writes there.
"""

import logging
from pathlib import Path
from typing import Final, NamedTuple

from trust.core.canonical import Json, canonical, check_text, parse_canonical
from trust.core.encoding import format_time
from trust.core.errors import Conflict, Malformed, NotAllowed, TouchplateError
from trust.core.record import Record
from trust.core.signing.identity import parse_id, status_key
from trust.custody.files import create_exclusively, make_folder
from trust.service.erasures import Erasures, Redactions
from trust.service.records import Records, Row
from trust.service.term import Term
from trust.storage.ports import Tables

FOLDER: Final = "takedowns"
MAX_REASON: Final = 500  # characters
TYPES: Final = frozenset({"deliverable", "profile", "withdrawal"})
_MAX: Final = 4096  # bytes of an order
_log = logging.getLogger(__name__)


class Takedown(NamedTuple):
    """Since when something is taken down, in seconds, and why."""

    since: int
    reason: str

    def to_json(self) -> dict[str, Json]:
        """Return what the API shows."""
        return {"since": format_time(self.since), "reason": self.reason}


def order(data: Path, statement_id: str, reason: str) -> None:
    """Leave the order to take down a statement's private part.

    Raises:
        Malformed: not an id, or a reason that is empty, too long or holds control characters.
        Conflict: the same order waits already.
    """
    name = parse_id(statement_id)
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Malformed(f"expected a reason of 1 to {MAX_REASON} characters", "--reason")
    check_text(reason, "--reason")
    make_folder(data / FOLDER)
    try:
        create_exclusively(data / FOLDER / f"{name}.json", canonical({"reason": reason}))
    except FileExistsError as error:
        raise Conflict(f"{name} waits to be taken down already") from error


def check_target(row: Row) -> None:
    """Require that a statement has something to take down.

    Raises:
        NotAllowed: its type has no words that may go, or it never had a private part.
    """
    if row.type not in TYPES or row.private is None:
        raise NotAllowed(
            f"{row.id} is a {row.type} {'without' if row.private is None else 'with'} a private "
            f"part; only what a {', '.join(sorted(TYPES))} says privately can be taken down"
        )


class Takedowns:
    """Carries out orders, and knows what was taken down."""

    def __init__(self, database: Tables, records: Records, data: Path, erasures: Erasures) -> None:
        self._database, self._records, self._folder = database, records, data / FOLDER
        self._erasures, self._redactions = erasures, Redactions(database)

    def of(self, statement_id: str) -> Takedown | None:
        """Return how a statement was taken down, if it was."""
        row = self._database.row("select value from meta where name = ?", (_key(statement_id),))
        if row is None:
            return None
        record = Record(parse_canonical(bytes(row[0]), _MAX, FOLDER), FOLDER)
        return Takedown(record.time("since"), record.text("reason"))

    def run(self, size: int, now: int, term: Term) -> None:
        """Carry out what waits; an order that cannot be is logged, and waits for its maker.

        So does one of another user, whose file can be neither read nor removed here.
        """
        for path in sorted(self._folder.glob("*.json")):
            try:
                self._take_down(path, size, now, term)
            except (TouchplateError, OSError) as error:
                _log.warning("take-down %s: %s", path.stem, error)

    def _take_down(self, path: Path, size: int, now: int, term: Term) -> None:
        row = self._records.named(parse_id(path.stem), size)
        check_target(row)
        record = Record(parse_canonical(path.read_bytes(), _MAX, path.name), path.name)
        value = canonical(Takedown(now, record.text("reason", 4 * MAX_REASON)).to_json())
        record.done()
        with self._database.write() as transaction:
            transaction.execute("delete from meta where name = ?", (_key(row.id),))
            transaction.execute("insert into meta values (?, ?)", (_key(row.id), value))
        # A crash here: the reason stands, and the order is still there to be carried out.
        if self._redactions.of(row, size) is None:
            self._erasures.redact(status_key("statement", row.id), None, term)
        # A crash here: the order is carried out once more, which changes only its date.
        path.unlink()
        _log.warning("took down the private part of %s", row.id)


def _key(statement_id: str) -> str:
    return f"takedown {statement_id}"
