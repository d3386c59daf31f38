"""PostgreSQL as the registry uses it: the same contract, and several processes on one database."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from contracts import GET, PUT, TablesContract
from postgres_server import PostgresServer

from trust.core.errors import Unavailable
from trust.storage import postgres as backend
from trust.storage.connections import translate
from trust.storage.postgres import PostgresTables


@pytest.fixture
def database(postgres_url: str) -> Iterator[PostgresTables]:
    made = PostgresTables(postgres_url)
    yield made
    made.close()


@pytest.fixture
def other(postgres_url: str, database: PostgresTables) -> Iterator[PostgresTables]:
    """What another process would have."""
    assert database.rows("select 1") == [(1,)]
    made = PostgresTables(postgres_url)
    yield made
    made.close()


class TestContract(TablesContract):
    """PostgreSQL fulfils it."""


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("select ? where a = :a_b", "select %s where a = %(a_b)s"),
        ("like '50%? :a' % 2", "like '50%%? :a' %% 2"),
        ("select 1::text, 'it''s ?', ?", "select 1::text, 'it''s ?', %s"),
    ],
)
def test_marks_are_translated(ours: str, theirs: str) -> None:
    assert translate(ours) == theirs


def test_a_commit_waits_for_the_disk_whatever_the_server_is_set_to(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        (name,) = connection.execute("select current_database()").fetchone() or ("",)
        connection.execute(f"alter database {name} set synchronous_commit to off".encode())
        isolation = f"alter database {name} set default_transaction_isolation to 'serializable'"
        connection.execute(isolation.encode())
    database = PostgresTables(postgres_url)
    with database.write() as transaction:
        assert transaction.row("show synchronous_commit") == ("on",)
        assert transaction.row("show transaction_isolation") == ("read committed",)
    database.close()


def test_transactions_of_two_processes_follow_one_another(
    database: PostgresTables, other: PostgresTables
) -> None:
    seen: list[object] = []

    def second() -> None:
        with other.write() as transaction:
            seen.append(transaction.row(GET, ("name",)))

    thread = threading.Thread(target=second)
    with database.write() as transaction:
        thread.start()
        transaction.execute(PUT, ("name", b"value"))
        assert seen == []
    thread.join()
    assert seen == [(b"value",)]


def test_whoever_stands_still_in_a_transaction_loses_it(
    postgres_url: str, other: PostgresTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process keeps nobody waiting, and what it does when it wakes up is not kept."""
    monkeypatch.setattr(backend, "STANDSTILL_SECONDS", 1)
    sleeper = PostgresTables(postgres_url)

    def sleep() -> None:
        with sleeper.write() as transaction:
            transaction.execute(PUT, ("name", b"of the sleeper"))
            with other.write() as waking:  # waits for its turn, which comes after a second
                waking.execute(PUT, ("name", b"of the other"))
            transaction.execute(PUT, ("more", b"of the sleeper"))

    with pytest.raises(Unavailable):
        sleep()
    assert other.rows("select * from meta") == [("name", b"of the other")]
    with sleeper.write() as transaction:  # and it goes on
        transaction.execute(PUT, ("later", b""))
    sleeper.close()


def test_whoever_stands_still_alone_loses_the_turn(
    postgres_url: str, other: PostgresTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend, "TURN_SECONDS", 1)
    sleeper = PostgresTables(postgres_url)
    with sleeper.alone("room"), other.alone("room"):
        pass
    with sleeper.alone("room"):
        pass
    sleeper.close()


HOLDING = """
import sys, time
from trust.storage.postgres import PostgresTables
with PostgresTables(sys.argv[1]).alone("room"):
    print("inside", flush=True)
    time.sleep(60)
"""


def test_whoever_is_killed_alone_lets_others_in(
    postgres_url: str, database: PostgresTables, root: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, postgres_url], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n"
        process.kill()
        with database.alone("room"):
            pass


def test_a_listener_hears_what_is_notified(database: PostgresTables) -> None:
    listener = database.listen("bell")
    listener.wait(0)  # has connected: whatever came before may have been missed
    database.apart("select pg_notify('bell', '')")
    listener.wait(60)
    listener.wait(0)
    listener.close()


def test_what_stands_apart_overtakes_a_transaction(database: PostgresTables) -> None:
    with database.write() as transaction:
        transaction.execute(PUT, ("later", b""))
        database.apart(PUT, ("sooner", b""))
        assert database.rows("select name from meta") == [("sooner",)]
    with pytest.raises(Unavailable):
        database.rows(PUT, ("name", b""))  # the connection reads only, as before


def test_a_server_that_starts_again_is_used_again() -> None:
    with PostgresServer.running() as server, server.database() as url:
        database = PostgresTables(url)
        with database.write() as transaction:
            transaction.execute(PUT, ("name", b"value"))

        def cut_off() -> None:
            with database.write() as transaction:
                transaction.execute(PUT, ("lost", b"value"))
                server.kill()

        with pytest.raises(Unavailable):
            cut_off()
        server.start()
        assert database.rows("select name from meta") == [("name",)]
        with database.alone("room"), database.write() as transaction:
            transaction.execute(PUT, ("more", b"value"))
        for mode in ("immediate", "fast"):  # between two transactions: nobody need notice it
            server.restart(mode)
            with database.alone("room"), database.write() as transaction:
                transaction.execute(PUT, (mode, b"value"))
        assert len(database.rows("select name from meta")) == 4
        database.close()


def test_a_server_that_does_not_answer_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the database: connection") as raised:
        PostgresTables(f"postgresql://nobody@/nothing?host={tmp_path}")
    assert "\n" not in str(raised.value)
