"""The registry's tables in PostgreSQL, for any number of processes.

Transactions follow one another by an advisory lock that ends with its transaction. A process that
stands still in one loses its session after a few seconds, and with it the lock: others go on, and
what it had not committed never was. All settings on which durability or order depend are made, or
asked for, by each connection: a server's own defaults do not count.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import psycopg
from psycopg_pool import ConnectionPool

from trust.storage.connections import (
    CONNECTION,
    Listener,
    check_server,
    connect,
    execute,
    read_only,
    refused,
    take,
)
from trust.storage.ports import Row, Values
from trust.storage.schema import bring_up_to_date

STANDSTILL_SECONDS: Final = 5  # that a process may stand still in a transaction
TURN_SECONDS: Final = 60  # and in a block of `alone`
_READERS: Final = 8  # connections
_MOST_VALUES: Final = 65_535  # in one statement
_WRITE: Final = 0  # the lock of transactions; names have others


class PostgresTransaction:
    """A transaction, as long as it lasts the only one; see `ports.Transaction`."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query."""
        return execute(self._connection, sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""
        return execute(self._connection, sql, values).fetchone()

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; return how many rows it changed."""
        return execute(self._connection, sql, values).rowcount

    def insert(self, table: str, rows: Sequence[Row], *, ignore: bool = False) -> None:
        """Insert whole rows; `ignore` those whose key is there."""
        width = len(rows[0]) if rows else 1
        most = _MOST_VALUES // width
        head, tail = "insert into", " on conflict do nothing" if ignore else ""
        for start in range(0, len(rows), most):
            part = rows[start : start + most]
            marks = ", ".join([f"({', '.join(['%s'] * width)})"] * len(part))
            values = [value for row in part for value in row]
            self._connection.execute(f"{head} {table} values {marks}{tail}".encode(), values)


class PostgresTables:
    """Connections to one database; see `ports.Tables`."""

    def __init__(self, url: str) -> None:
        """Connect.

        Raises:
            Unavailable: the server cannot be reached, or would lose what it acknowledges.
        """
        self._url = url
        self._lock = threading.RLock()
        self._writer: psycopg.Connection[Row] | None = None
        self._turns: dict[str, _Turn] = {}
        try:
            with connect(url) as connection:
                check_server(connection)
            with self.write() as transaction:
                bring_up_to_date(transaction, "postgresql")
            self._readers = ConnectionPool(
                url,
                kwargs={**CONNECTION, "autocommit": True},
                configure=read_only,
                min_size=1,
                max_size=_READERS,
                timeout=20,
                name="readers",
                open=True,
            )
        except psycopg.Error as error:
            raise refused(error) from error

    @contextmanager
    def write(self) -> Iterator[PostgresTransaction]:
        """Run a transaction: committed durably at the end, rolled back on any exception.

        Raises:
            Unavailable: the database refused, or could not be reached. Whether it has committed is
                then not known.
        """
        with self._lock:
            try:
                with ExitStack() as transaction:
                    yield PostgresTransaction(self._begin(transaction))
            except psycopg.Error as error:
                self._drop_writer()
                raise refused(error) from error

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Let one caller at a time into blocks of this name, over all processes."""
        with self._lock:
            turn = self._turns.setdefault(name, _Turn(self._url, name))
        with turn.taken():
            yield

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query over what is committed."""
        try:
            return self._read(sql, values)
        except psycopg.OperationalError:
            self._readers.check()  # the server may have started again: ask on a new connection
        except psycopg.Error as error:
            raise refused(error) from error
        try:
            return self._read(sql, values)
        except psycopg.Error as error:
            raise refused(error) from error

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def apart(self, sql: str, values: Values = ()) -> list[Any]:
        """Run one statement that may overtake transactions; committed when it returns.

        Not waiting for the disk: for what may be lost when the server crashes.
        """
        try:
            with self._readers.connection() as connection, connection.transaction():
                connection.execute("set transaction read write")
                connection.execute("set local synchronous_commit to off")
                cursor = execute(connection, sql, values)
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise refused(error) from error

    def scrub(self) -> None:
        """Vacuum the tables that hold what people may have erased.

        Their pages then hold no such row any more but what a page keeps in its free space until it
        is used again; the server's own WAL keeps it until it is recycled.
        """
        with self._lock:
            try:
                with connect(self._url) as connection:
                    connection.execute("vacuum private_parts, people, joins, parcels")
            except psycopg.Error as error:
                raise refused(error) from error

    def listen(self, channel: str) -> Listener:
        """Return a listener on a channel."""
        return Listener(self._url, channel)

    def close(self) -> None:
        """Close every connection."""
        self._readers.close()
        with self._lock:
            self._drop_writer()
            for turn in self._turns.values():
                turn.close()

    def _begin(self, stack: ExitStack) -> psycopg.Connection[Row]:
        """Begin a transaction; on a new connection if the server has ended the last one."""
        if self._writer is not None:
            try:
                return _enter(stack, self._writer)
            except psycopg.OperationalError:
                if not self._writer.closed:
                    raise
                self._drop_writer()
        self._writer = connect(self._url, standstill=STANDSTILL_SECONDS)
        return _enter(stack, self._writer)

    def _read(self, sql: str, values: Values) -> list[Any]:
        with self._readers.connection() as connection:
            return execute(connection, sql, values).fetchall()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _enter(stack: ExitStack, connection: psycopg.Connection[Row]) -> psycopg.Connection[Row]:
    """Begin a transaction that ends with the stack, and wait until no other one is under way."""
    with ExitStack() as begun:
        begun.enter_context(connection.transaction())
        take(connection, _WRITE)
        stack.enter_context(begun.pop_all())
    return connection


class _Turn:
    """The right to be alone under a name: among threads by a lock, among processes by another."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:3], "big") + 1
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Row] | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self._lock:
            try:
                connection = self._begin()
            except psycopg.Error as error:
                self._drop()
                raise refused(error) from error
            try:
                yield
            finally:
                try:
                    connection.execute("rollback")
                except psycopg.Error:
                    self._drop()

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _begin(self) -> psycopg.Connection[Row]:
        """Take the turn; on a new connection if the server has ended the last one."""
        if self._connection is not None:
            try:
                return self._take(self._connection)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
                self._drop()
        self._connection = connect(self._url, standstill=TURN_SECONDS)
        return self._take(self._connection)

    def _take(self, connection: psycopg.Connection[Row]) -> psycopg.Connection[Row]:
        connection.execute("begin")
        take(connection, self._key)
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
