"""The registry's SQLite database.

WAL with synchronous=FULL: an acknowledged commit survives a power cut. One connection writes and
checkpoints the WAL; readers have read-only connections of their own, one a thread. SQLite before
3.51.3 wants it so: two connections that write and checkpoint may lose commits (sqlite.org/wal.html,
the WAL reset bug). Newer ones do not, and for them it is still the faster way.
"""

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from trust.core.errors import Unavailable
from trust.storage.locks import FolderLock
from trust.storage.ports import Row, Values
from trust.storage.schema import bring_up_to_date

_BUSY_SECONDS: Final = 30.0
_MOST_VALUES: Final = 32_766  # in one statement (SQLITE_MAX_VARIABLE_NUMBER)
_log = logging.getLogger(__name__)


def loses_commits(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite may lose commits where two connections write to one file in WAL mode."""
    return version < (3, 51, 3) and not (
        (3, 44, 6) <= version < (3, 45, 0) or (3, 50, 7) <= version < (3, 51, 0)
    )


class SqliteTransaction:
    """A transaction of the one writer; see `ports.Transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""
        return self._connection.execute(sql, values).fetchone()

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, rows: Sequence[Row], *, ignore: bool = False) -> None:
        """Insert whole rows; `ignore` those whose key is there.

        Between two statements other threads have their turn, and a writer would wait each time.
        """
        width = len(rows[0]) if rows else 1
        most = _MOST_VALUES // width
        head, tail = "insert into", " on conflict do nothing" if ignore else ""
        for start in range(0, len(rows), most):
            part = rows[start : start + most]
            marks = ", ".join([f"({', '.join('?' * width)})"] * len(part))
            values = [value for row in part for value in row]
            self._connection.execute(f"{head} {table} values {marks}{tail}", values)


class Database:
    """Connections to one file; `write` is for the one writer, `rows` for anyone."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            Conflict: another process uses the folder.
            Unavailable: the disk refuses, or the file is no database.
        """
        self._path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._turns: dict[str, threading.Lock] = {}
        self._broken: str | None = None
        if loses_commits(sqlite3.sqlite_version_info):
            _log.debug("SQLite %s: nothing else may write to %s", sqlite3.sqlite_version, path)
        self._folder_lock = FolderLock(path.parent)
        try:
            self._writer = _open_writer(path)
            with self.write() as transaction:
                bring_up_to_date(transaction, "sqlite")
        except BaseException:
            self._folder_lock.close()
            raise

    @contextmanager
    def write(self) -> Iterator[SqliteTransaction]:
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
                yield SqliteTransaction(self._writer)
                self._writer.execute("commit")
            except sqlite3.Error as error:
                self._broken = f"the database refused a write: {error}"
                raise Unavailable(self._broken) from error
            finally:
                # After some faults SQLite has rolled back by itself; a failed commit has not.
                if self._writer.in_transaction:
                    self._writer.execute("rollback")

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Let one caller at a time into blocks of this name; there is one process."""
        with self._lock:
            turn = self._turns.setdefault(name, threading.Lock())
        with turn:
            yield

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

    def scrub(self) -> None:
        """Empty the WAL, which holds pages as they were; deleted rows are overwritten at once.

        A reader that is in the middle of a query keeps the WAL from being cut; the next scrub does.
        """
        with self._lock:
            try:
                self._writer.execute("pragma wal_checkpoint(truncate)").fetchall()
            except sqlite3.Error as error:
                raise Unavailable(f"the database: {error}") from error

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for connection in (*self._readers, self._writer):
                connection.close()
            self._folder_lock.close()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=_BUSY_SECONDS,
            )
            self._local.connection = connection
            with self._lock:
                self._readers.append(connection)
        return connection


def _open_writer(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
        )
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.execute("pragma secure_delete = on")  # what is erased leaves no free page behind
    except sqlite3.Error as error:
        raise Unavailable(f"cannot open the database {path}: {error}") from error
    return connection
