"""The registry's SQLite database.

WAL with synchronous=FULL: an acknowledged commit survives a power cut. One connection writes and
checkpoints the WAL, which SQLite before 3.51.3 wants (sqlite.org/wal.html, the WAL reset bug);
readers have read-only connections of their own, one a thread.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trust.core.errors import Unavailable
from trust.storage.ports import Row, Values
from trust.storage.tables import sqlite_schema

_BUSY_SECONDS = 30.0
_MOST_VALUES = 32_766  # in one statement (SQLITE_MAX_VARIABLE_NUMBER)


class Database:
    """Connections to one file; `write` is for the one writer, `rows` for anyone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._broken: str | None = None
        try:
            self._writer = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
            )
            self._writer.execute("pragma journal_mode = wal")
            self._writer.execute("pragma synchronous = full")
        except sqlite3.Error as error:
            raise Unavailable(f"cannot open the database {path}: {error}") from error
        with self.write() as connection:
            for statement in sqlite_schema():
                connection.execute(statement)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction: committed durably at the end, rolled back on any exception.

        Raises:
            Unavailable: the database refused; nothing of the transaction is kept. From then on it
                refuses every write: after a failed fsync SQLite itself would go on acknowledging.
        """
        with self._lock:
            if self._broken is not None:
                raise Unavailable(self._broken)
            try:
                self._writer.execute("begin immediate")
                yield self._writer
                self._writer.execute("commit")
            except sqlite3.Error as error:
                self._broken = f"the database refused a write: {error}"
                raise Unavailable(self._broken) from error
            finally:
                # After some faults SQLite has rolled back by itself; a failed commit has not.
                if self._writer.in_transaction:
                    self._writer.execute("rollback")

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query, read outside any transaction of the writer."""
        try:
            return self._reader().execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise Unavailable(f"the database: {error}") from error

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for connection in (*self._readers, self._writer):
                connection.close()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"file:{self._path}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=_BUSY_SECONDS,
            )
            self._local.connection = connection
            with self._lock:
                self._readers.append(connection)
        return connection


def insert(
    connection: sqlite3.Connection, table: str, rows: Sequence[Row], *, ignore: bool = False
) -> None:
    """Insert whole rows in as few statements as can be; `ignore` those whose key is there.

    Between two statements other threads have their turn, and a writer would wait for it each time.
    """
    width = len(rows[0]) if rows else 1
    most = _MOST_VALUES // width
    verb = "insert or ignore" if ignore else "insert"
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        marks = ", ".join([f"({', '.join('?' * width)})"] * len(part))
        values = [value for row in part for value in row]
        connection.execute(f"{verb} into {table} values {marks}", values)
