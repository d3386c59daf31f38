"""SQLite as the registry uses it: durable, all or nothing, and silent for ever after a fault."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts import GET, PUT, TablesContract

from trust.core.errors import Conflict, Unavailable
from trust.storage.database import Database, loses_commits
from trust.storage.projected import PROJECTIONS
from trust.storage.tables import SOURCES, table_name


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "registry.db")
    yield made
    made.close()


class TestContract(TablesContract):
    """SQLite fulfils it."""


def test_a_commit_waits_for_the_disk(database: Database) -> None:
    with database.write() as transaction:
        assert transaction.row("pragma synchronous") == (2,)
        assert transaction.row("pragma journal_mode") == ("wal",)


def test_after_a_fault_nothing_is_acknowledged_any_more(database: Database) -> None:
    with database.write() as transaction:
        transaction.execute(PUT, ("name", b"value"))
    with pytest.raises(Unavailable), database.write():
        raise sqlite3.OperationalError("disk I/O error")
    with pytest.raises(Unavailable), database.write() as transaction:
        transaction.execute(PUT, ("other", b"value"))
    assert database.row(GET, ("name",)) == (b"value",)


def test_a_full_disk_is_a_fault_that_keeps_the_rest(database: Database) -> None:
    with database.write() as transaction:
        transaction.execute(PUT, ("name", b"value"))
        (pages,) = transaction.row("pragma page_count")
        transaction.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(Unavailable), database.write() as transaction:
        transaction.execute(PUT, ("large", bytes(1_000_000)))
    assert database.rows("select name from meta") == [("name",)]


def test_what_was_written_is_there_after_a_new_start(tmp_path: Path) -> None:
    first = Database(tmp_path / "registry.db")
    with first.write() as transaction:
        transaction.execute(PUT, ("name", b"value"))
    first.close()
    second = Database(tmp_path / "registry.db")
    assert second.row(GET, ("name",)) == (b"value",)
    second.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(b"not a database" * 100)
    for _ in range(2):  # and nothing is left locked
        with pytest.raises(Unavailable, match="cannot open the database"):
            Database(path)


@pytest.mark.parametrize("name", ["what?", "50%", "a#b", "%3fmode=rwc", "with space", "é"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    database = Database(folder / "registry.db")
    with database.write() as transaction:
        transaction.execute(PUT, ("name", b"value"))
    assert database.row(GET, ("name",)) == (b"value",)
    database.close()
    assert {path.name for path in tmp_path.iterdir()} == {name}


def test_one_process_has_a_folder_until_it_closes(tmp_path: Path) -> None:
    first = Database(tmp_path / "registry.db")
    with pytest.raises(
        Conflict, match=r"is in use by process \d+: a log in SQLite has one process"
    ):
        Database(tmp_path / "registry.db")
    first.close()
    first.close()
    Database(tmp_path / "registry.db").close()


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False), ((3, 45, 0), True),
        ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False),
        ((3, 53, 0), False), ((4, 0, 0), False),
    ],
)  # fmt: skip
def test_which_sqlite_loses_commits(version: tuple[int, int, int], faulty: bool) -> None:  # noqa: FBT001
    assert loses_commits(version) is faulty


def test_readers_never_checkpoint(database: Database, tmp_path: Path) -> None:
    """What the WAL reset bug needs is a second connection that does."""
    with database.write() as transaction:
        transaction.execute(PUT, ("name", b"value"))
    kept = (tmp_path / "registry.db-wal").read_bytes()
    assert kept
    with pytest.raises(Unavailable):
        database.rows("pragma wal_checkpoint(truncate)")
    reader = database._reader()
    assert database.row(GET, ("name",)) == (b"value",)
    reader.close()  # a connection that may write would checkpoint when it is the last
    assert (tmp_path / "registry.db-wal").read_bytes() == kept


def test_the_tables_take_nothing_of_another_type(database: Database) -> None:
    rows = database.rows("select name, strict from pragma_table_list where schema = 'main'")
    strict = dict(rows)
    names = [table_name(model) for model in (*SOURCES, *PROJECTIONS)]
    assert [strict[name] for name in names] == [1] * len(names)


def test_many_rows_go_in_as_few_statements(database: Database) -> None:
    rows = [(b"%05d" % number, number) for number in range(20_000)]
    seen: list[str] = []
    with database.write() as transaction:
        database._writer.set_trace_callback(seen.append)
        transaction.insert("targets", rows)
        database._writer.set_trace_callback(None)
    assert len(seen) == 2
    assert database.rows("select * from targets order by k") == rows
