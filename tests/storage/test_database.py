"""SQLite as the registry uses it: durable, all or nothing, and silent for ever after a fault."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from trust.core.errors import Conflict, Unavailable
from trust.storage.database import Database, insert
from trust.storage.tables import PROJECTIONS, SOURCES, table_name

PUT = "insert into meta values (?, ?)"
GET = "select value from meta where name = ?"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "registry.db")
    yield made
    made.close()


def test_a_commit_waits_for_the_disk(database: Database) -> None:
    with database.write() as connection:
        assert connection.execute("pragma synchronous").fetchone() == (2,)
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    def change_our_mind() -> None:
        with database.write() as connection:
            connection.execute(PUT, ("name", b"value"))
            raise Conflict("no, after all")

    with pytest.raises(Conflict):
        change_our_mind()
    assert database.row(GET, ("name",)) is None
    with database.write() as connection:
        connection.execute(PUT, ("name", b"value"))
    assert database.row(GET, ("name",)) == (b"value",)


def test_readers_see_only_what_is_committed(database: Database) -> None:
    with database.write() as connection:
        connection.execute(PUT, ("name", b"value"))
        assert database.row(GET, ("name",)) is None
    assert database.row(GET, ("name",)) == (b"value",)


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(Unavailable):
        database.rows(PUT, ("name", b"value"))
    with database.write() as connection:
        connection.execute(PUT, ("name", b"value"))


def test_after_a_fault_nothing_is_acknowledged_any_more(database: Database) -> None:
    with database.write() as connection:
        connection.execute(PUT, ("name", b"value"))
    with pytest.raises(Unavailable), database.write():
        raise sqlite3.OperationalError("disk I/O error")
    with pytest.raises(Unavailable), database.write() as connection:
        connection.execute(PUT, ("other", b"value"))
    assert database.row(GET, ("name",)) == (b"value",)


def test_a_full_disk_is_a_fault_that_keeps_the_rest(database: Database) -> None:
    with database.write() as connection:
        connection.execute(PUT, ("name", b"value"))
        (pages,) = connection.execute("pragma page_count").fetchone()
        connection.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(Unavailable), database.write() as connection:
        connection.execute(PUT, ("large", bytes(1_000_000)))
    assert database.rows("select name from meta") == [("name",)]


def test_what_was_written_is_there_after_a_new_start(tmp_path: Path) -> None:
    first = Database(tmp_path / "registry.db")
    with first.write() as connection:
        connection.execute(PUT, ("name", b"value"))
    first.close()
    second = Database(tmp_path / "registry.db")
    assert second.row(GET, ("name",)) == (b"value",)
    second.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(Unavailable):
        Database(path)


def test_the_tables_take_nothing_of_another_type(database: Database) -> None:
    rows = database.rows("select name, strict from pragma_table_list where schema = 'main'")
    strict = dict(rows)
    names = [table_name(model) for model in (*SOURCES, *PROJECTIONS)]
    assert [strict[name] for name in names] == [1] * len(names)


def test_many_rows_go_in_as_few_statements(database: Database) -> None:
    rows = [(b"%05d" % number, number) for number in range(20_000)]
    seen: list[str] = []
    with database.write() as connection:
        connection.set_trace_callback(seen.append)
        insert(connection, "targets", rows)
        connection.set_trace_callback(None)
    assert len(seen) == 2
    assert database.rows("select * from targets order by k") == rows


def test_a_row_that_is_there_is_kept_or_refused(database: Database) -> None:
    with database.write() as connection:
        insert(connection, "meta", [("a", b"1")])
        insert(connection, "meta", [("a", b"2"), ("b", b"3")], ignore=True)
        insert(connection, "meta", [])
    assert database.rows("select * from meta order by name") == [("a", b"1"), ("b", b"3")]
    with pytest.raises(Unavailable), database.write() as connection:
        insert(connection, "meta", [("c", b"4"), ("b", b"5")])
    assert database.rows("select name from meta order by name") == [("a",), ("b",)]
