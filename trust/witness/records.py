"""What a witness must never forget, in SQLite: the last tree of each log, and contradictions.

WAL with synchronous=FULL: what was committed survives a power cut. There is one connection, so
that the WAL reset fault of SQLite before 3.51.3 cannot happen (sqlite.org/wal.html). Every decision
is made inside the transaction that records it, so that two processes on one file agree too.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from trust.core.errors import Unavailable
from trust.core.log.note import Note
from trust.core.log.witnessing import Seen

VERSION: Final = 1  # of the schema
MAX_CONTRADICTIONS: Final = 16  # kept of one log; more prove nothing more
_BUSY_SECONDS: Final = 5.0
_SCHEMA: Final = f"""
create table if not exists witness (
    one integer primary key check (one = 1), vkey text not null
) strict;
create table if not exists logs (
    origin text primary key, size integer not null, root blob not null, time integer not null,
    note text not null
) strict, without rowid;
create table if not exists contradictions (
    origin text not null, text text not null, note text not null, recorded text not null,
    primary key (origin, text)
) strict, without rowid;
pragma user_version = {VERSION}"""


class Contradiction(NamedTuple):
    """Two notes that a log has signed, of one size and two roots; the first was cosigned."""

    origin: str
    recorded: str
    other: str


class Records:
    """One file. After the first fault of the disk nothing more is written through it."""

    def __init__(self, path: Path) -> None:
        """Open the file or make it.

        Raises:
            Unavailable: the disk refuses, or the file is no record of a witness.
        """
        self._lock = threading.Lock()
        self.fault: str | None = None
        try:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
            )
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = full")
            (version,) = self._connection.execute("pragma user_version").fetchone()
        except sqlite3.Error as error:
            raise Unavailable(f"cannot open the records {path}: {error}") from error
        if version not in {0, VERSION}:
            raise Unavailable(f"{path} is of version {version}, this program knows {VERSION}")
        with self.transaction() as transaction:
            transaction.make_schema()

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Run a transaction: committed durably at the end, rolled back on any exception.

        Raises:
            Unavailable: the disk refused, now or before. SQLite itself would go on acknowledging
                after a failed fsync; what it holds is found out at the next start.
        """
        with self._lock:
            if self.fault is not None:
                raise Unavailable(self.fault)
            try:
                self._connection.execute("begin immediate")
                yield Transaction(self._connection)
                self._connection.execute("commit")
            except sqlite3.Error as error:
                self.fault = f"the records of the witness refused a write: {error}"
                raise Unavailable(self.fault) from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


class Transaction:
    """What may be done between two other decisions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def make_schema(self) -> None:
        """Make what is not there yet."""
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)

    def vkey(self) -> str | None:
        """Return the verifier key that this file belongs to, None before the first start ended."""
        row = self._connection.execute("select vkey from witness").fetchone()
        return None if row is None else str(row[0])

    def set_vkey(self, vkey: str) -> None:
        """Say whose file this is."""
        self._connection.execute("insert or replace into witness values (1, ?)", (vkey,))

    def seen(self, origin: str) -> Seen | None:
        """Return what was cosigned last of a log."""
        row = self._connection.execute(
            "select size, root, time from logs where origin = ?", (origin,)
        ).fetchone()
        return None if row is None else Seen(row[0], bytes(row[1]), row[2])

    def note(self, origin: str) -> str | None:
        """Return the note of the checkpoint that was cosigned last, with the witness's line."""
        row = self._connection.execute(
            "select note from logs where origin = ?", (origin,)
        ).fetchone()
        return None if row is None else str(row[0])

    def origins(self) -> list[str]:
        """Return the logs of which something is recorded."""
        rows = self._connection.execute("select origin from logs order by origin").fetchall()
        return [str(row[0]) for row in rows]

    def record(self, origin: str, seen: Seen, note: str) -> None:
        """Write down what is about to be cosigned."""
        self._connection.execute(
            "insert or replace into logs values (?, ?, ?, ?, ?)", (origin, *seen, note)
        )

    def keep(self, origin: str, contradiction: Note) -> bool:
        """Keep a note that contradicts the recorded one; False if it is kept already.

        At most MAX_CONTRADICTIONS are kept of one log: whoever has its key can make any number.
        """
        (count,) = self._connection.execute(
            "select count(*) from contradictions where origin = ?", (origin,)
        ).fetchone()
        if count >= MAX_CONTRADICTIONS:
            return False
        made = self._connection.execute(
            "insert or ignore into contradictions values (?, ?, ?, ?)",
            (origin, contradiction.text, contradiction.encode(), self.note(origin)),
        )
        return made.rowcount > 0

    def contradictions(self) -> list[Contradiction]:
        """Return every contradiction that is kept."""
        rows = self._connection.execute(
            "select origin, recorded, note from contradictions order by origin, text"
        ).fetchall()
        return [Contradiction(*map(str, row)) for row in rows]
