"""The registry's SQLite database: entries, private parts, checkpoints, and their projections.

WAL with synchronous=FULL: an acknowledged commit survives a power cut. One connection writes and
checkpoints the WAL; readers have read-only connections of their own, one a thread. Everything below
the line "projections" can be dropped and made again from what stands above it.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SOURCES = """
create table if not exists meta (name text primary key, value blob not null) strict;
create table if not exists entries (
    idx integer primary key, id text not null unique, type text not null, scid text not null,
    leaf blob not null, payload blob not null, signature blob not null, certificate blob not null,
    token blob not null, signed_at integer not null, private blob) strict;
create table if not exists private_parts (digest blob primary key, document blob not null) strict;
create table if not exists did_entries (
    scid text not null, number integer not null, document blob not null,
    primary key (scid, number)) strict;
create table if not exists checkpoints (
    seq integer primary key, size integer not null, note text not null, snapshot blob not null)
    strict;
create table if not exists certificates (
    seq integer primary key, scid text not null, der blob not null, enrolment text not null) strict;
create table if not exists joins (
    scid text primary key, skeleton text not null, network text not null, started integer not null,
    request blob not null, progress blob not null) strict;
create table if not exists trust_files (version integer primary key, document blob not null) strict;
"""
PROJECTIONS = """
create table if not exists people (
    scid text primary key, handle text not null default '', skeleton text not null default '',
    joined integer not null default 0, identity integer, issuance integer, enrolment integer,
    handled integer, profile integer) strict;
create index if not exists people_handle on people (handle);
create table if not exists subjects (digest blob not null, idx integer not null,
    primary key (digest, idx)) strict, without rowid;
create table if not exists issuances (idx integer primary key, enrolment text not null) strict;
create table if not exists status_events (
    idx integer primary key, k blob not null, state text not null, since integer not null,
    logged integer not null, by text not null) strict;
"""
PROJECTED = ("people", "subjects", "issuances", "status_events")
_BUSY_SECONDS = 30.0
Values = Sequence[object] | Mapping[str, object]


class Database:
    """Connections to one file; `write` is for the one writer, `rows` for anyone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self._writer = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
        )
        self._writer.execute("pragma journal_mode = wal")
        self._writer.execute("pragma synchronous = full")
        self._writer.executescript(SOURCES + PROJECTIONS)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction: committed durably at the end, rolled back on any exception."""
        with self._lock:
            self._writer.execute("begin immediate")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("rollback")
                raise
            self._writer.execute("commit")

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query, read outside any transaction of the writer."""
        return self._reader().execute(sql, values).fetchall()

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""
        return self._reader().execute(sql, values).fetchone()

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
