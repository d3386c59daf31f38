"""Connections to PostgreSQL on which nothing is left to the server's own defaults."""

import re
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg_pool import PoolTimeout

from trust.core.errors import Unavailable
from trust.storage.ports import Row, Values

_SPACE: Final = 0x746F7563  # of our advisory locks
_TOKENS: Final = re.compile(r"'(?:[^']|'')*'|\?|(?<![\w:]):[a-z_]+|%")
_SESSION: Final = (
    "set session characteristics as transaction isolation level read committed",
    "set client_encoding to 'UTF8'",
    "set lock_timeout to '20s'",
    "set statement_timeout to '30s'",
)
CONNECTION: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "target_session_attrs": "primary",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "touchplate",
}


@lru_cache(maxsize=1024)
def translate(sql: str) -> str:
    """Write the marks of our SQL as those of psycopg."""
    return _TOKENS.sub(_mark, sql)


def _mark(found: re.Match[str]) -> str:
    mark = found[0]
    if mark == "?":
        return "%s"
    return f"%({mark[1:]})s" if mark.startswith(":") else mark.replace("%", "%%")


def connect(url: str, *, standstill: int = 0) -> psycopg.Connection[Row]:
    """Open a connection whose sessions end when a transaction stands still for so many seconds."""
    connection = psycopg.connect(url, autocommit=True, **CONNECTION)
    configure(connection)
    connection.execute(f"set idle_in_transaction_session_timeout to '{standstill}s'".encode())
    return connection


def configure(connection: psycopg.Connection[Any]) -> None:
    """Set isolation, limits, and that a commit waits for the disk."""
    for statement in _SESSION:
        connection.execute(statement)
    row = connection.execute("show synchronous_commit").fetchone()
    if row is None or row[0] != "remote_apply":  # the one that waits for more
        connection.execute("set synchronous_commit to on")


def read_only(connection: psycopg.Connection[Any]) -> None:
    """Configure a connection that reads."""
    configure(connection)
    connection.execute("set default_transaction_read_only to on")


def check_server(connection: psycopg.Connection[Row]) -> None:
    """Require a server that keeps what it acknowledges; else raise Unavailable."""
    for name, expected in (
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("server_encoding", "UTF8"),
    ):
        row = connection.execute(f"show {name}".encode()).fetchone()
        if row is None or row[0] != expected:
            found = None if row is None else row[0]
            raise Unavailable(f"PostgreSQL runs with {name} = {found}, expected {expected}")


def take(connection: psycopg.Connection[Row], key: int) -> None:
    """Wait for the lock of a key; it is held until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(%s, %s)", (_SPACE, key))


def execute(connection: psycopg.Connection[Any], sql: str, values: Values) -> psycopg.Cursor[Any]:
    """Run a statement of ours."""
    return connection.execute(translate(sql).encode(), values)


def refused(error: psycopg.Error) -> Unavailable:
    """Return our error for one of psycopg, in one line."""
    if isinstance(error, PoolTimeout):
        return Unavailable("the database: no connection is free")
    said = " ".join(str(error).split())
    return Unavailable(f"the database: {said or type(error).__name__}")


class Listener:
    """Hears what is notified on one channel. For one thread."""

    def __init__(self, url: str, channel: str) -> None:
        self._url, self._channel = url, channel
        self._connection: psycopg.Connection[Row] | None = None

    def wait(self, seconds: float) -> None:
        """Return after a notification, or that time; at once when one may have been missed.

        Raises:
            Unavailable: the database cannot be reached.
        """
        try:
            if self._connection is None:
                self._connection = connect(self._url)
                self._connection.execute(f"listen {self._channel}".encode())
                return
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error as error:
            self.close()
            raise refused(error) from error

    def close(self) -> None:
        """Close the connection; `wait` opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
