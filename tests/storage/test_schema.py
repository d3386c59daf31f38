"""A new database and one that was brought up to date are the same."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from trust.core.errors import Conflict
from trust.storage.database import Database
from trust.storage.postgres import PostgresTables
from trust.storage.schema import upgrade_script
from trust.storage.tables import VERSION

SHAPE = "select type, name, tbl_name, sql from sqlite_master where sql is not null order by name"
COLUMNS = (
    "select table_name, column_name, data_type, is_nullable, column_default, ordinal_position "
    "from information_schema.columns where table_schema = 'public' order by 1, 6"
)
INDEXES = "select tablename, indexdef from pg_indexes where schemaname = 'public' order by 1, 2"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """An SQLite file of version 0001, from before versions were kept."""
    path = tmp_path / "registry.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in of_first("sqlite"):
            connection.execute(statement)
        connection.execute("insert into meta values ('name', x'00')")
    return path


def of_first(database: str) -> list[str]:
    script = upgrade_script(database, "base")
    until = next(n for n, statement in enumerate(script) if "Running upgrade 0001" in statement)
    return [statement for statement in script[:until] if "alembic_version" not in statement]


def words(sql: str) -> str:
    return " ".join(sql.lower().split())


def shape(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(SHAPE).fetchall()
    return [(*row[:3], words(row[3])) for row in rows]


def test_the_newest_step_is_the_version() -> None:
    folder = Path(__file__).parents[2] / "trust" / "storage" / "migrations"
    assert ScriptDirectory(str(folder)).get_heads() == [VERSION]


def test_an_older_sqlite_file_becomes_as_a_new_one(first: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    Database(new / "registry.db").close()
    assert shape(first) != shape(new / "registry.db")
    database = Database(first)
    assert database.rows("select * from meta") == [("name", b"\0")]
    assert database.row("select * from alembic_version") == (VERSION,)
    database.close()
    assert shape(first) == shape(new / "registry.db")
    Database(first).close()


def test_a_migrated_sqlite_file_has_the_tables_of_the_models(first: Path) -> None:
    Database(first).close()
    engine = create_engine(f"sqlite:///{first}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_an_older_postgresql_database_becomes_as_a_new_one(
    postgres_url: str, tmp_path: Path
) -> None:
    del tmp_path
    PostgresTables(postgres_url).close()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        new = [connection.execute(sql).fetchall() for sql in (COLUMNS, INDEXES)]
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
        for statement in of_first("postgresql"):
            connection.execute(statement.encode())
        connection.execute("insert into meta values ('name', 'value')")
    database = PostgresTables(postgres_url)
    assert database.rows("select * from meta") == [("name", b"value")]
    database.close()
    with psycopg.connect(postgres_url) as connection:
        assert [connection.execute(sql).fetchall() for sql in (COLUMNS, INDEXES)] == new
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(postgres_url))
    with engine.connect() as sa_connection:
        context = MigrationContext.configure(sa_connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_a_newer_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    Database(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(Conflict, match=r"version 9999, and this program knows 0008: use the prog"):
        Database(path)


def test_an_upgrade_that_is_cut_off_changes_nothing(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shape(first)

    def cut_off(database: str, version: str) -> list[str]:
        return [*upgrade_script(database, version)[:-1], "power cut"]

    with monkeypatch.context() as patched:
        patched.setattr("trust.storage.schema.upgrade_script", cut_off)
        with pytest.raises(Exception, match="power"):
            Database(first)
    assert shape(first) == before
    Database(first).close()
    assert shape(first) != before
