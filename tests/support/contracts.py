"""What each backend of a storage port must do; `tests/storage` and `tests/interop` give them one."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from trust.core.errors import Conflict, NotFound, Unavailable
from trust.core.log.tile import ENTRIES, TilePath, entry_bundle
from trust.storage.ports import Tables, Tiles

PUT = "insert into meta values (?, ?)"
GET = "select value from meta where name = ?"
PATH = TilePath(0, 1234567, 3)


class TablesContract:
    """A class of tests that inherits from this has a fixture `database` with empty tables."""

    def test_a_transaction_is_all_or_nothing(self, database: Tables) -> None:
        def change_our_mind() -> None:
            with database.write() as transaction:
                transaction.execute(PUT, ("name", b"value"))
                raise Conflict("no, after all")

        with pytest.raises(Conflict):
            change_our_mind()
        assert database.row(GET, ("name",)) is None
        with database.write() as transaction:
            transaction.execute(PUT, ("name", b"value"))
        assert database.row(GET, ("name",)) == (b"value",)

    def test_only_the_transaction_sees_what_is_not_committed(self, database: Tables) -> None:
        with database.write() as transaction:
            transaction.execute(PUT, ("name", b"value"))
            assert transaction.row(GET, ("name",)) == (b"value",)
            assert transaction.rows("select name from meta") == [("name",)]
            assert database.row(GET, ("name",)) is None
        assert database.row(GET, ("name",)) == (b"value",)

    def test_readers_cannot_write(self, database: Tables) -> None:
        with pytest.raises(Unavailable):
            database.rows(PUT, ("name", b"value"))
        with database.write() as transaction:
            transaction.execute(PUT, ("name", b"value"))

    def test_every_value_comes_out_as_it_went_in(self, database: Tables) -> None:
        everything = bytes(range(256))
        text = "100 % of ?, :name, 'quoted', É and \u4e16"
        row = (2**63 - 1, text, "type", "", everything, b"", everything, b"\0", b"", 2**40, None)
        with database.write() as transaction:
            transaction.insert("entries", [row])
        assert database.row("select * from entries") == row
        found = database.row("select idx from entries where id = :id", {"id": text, "more": 1})
        assert found == (2**63 - 1,)

    def test_marks_in_quotes_are_text(self, database: Tables) -> None:
        with database.write() as transaction:
            transaction.execute("insert into meta values ('what? :who 100 %', ?)", (b"1",))
            transaction.execute("insert into meta values ('it''s ?', ?)", (b"2",))
        sql = "select name from meta where name like '%:who%' and value = :value"
        assert database.rows(sql, {"value": b"1"}) == [("what? :who 100 %",)]
        assert database.rows("select name from meta where name = 'it''s ?'") == [("it's ?",)]

    def test_a_statement_says_how_many_rows_it_changed(self, database: Tables) -> None:
        with database.write() as transaction:
            transaction.insert("meta", [("a", b"1"), ("b", b"1"), ("c", b"2")])
            change = "update meta set value = ? where value = ?"
            assert transaction.execute(change, (b"3", b"1")) == 2
            assert transaction.execute(change, (b"3", b"1")) == 0
            assert transaction.execute("delete from meta where name = 'c'") == 1

    def test_a_row_that_is_there_is_kept_or_refused(self, database: Tables) -> None:
        with database.write() as transaction:
            transaction.insert("meta", [("a", b"1")])
            transaction.insert("meta", [("a", b"2"), ("b", b"3")], ignore=True)
            transaction.insert("meta", [])
        assert database.rows("select * from meta order by name") == [("a", b"1"), ("b", b"3")]
        with pytest.raises(Unavailable), database.write() as transaction:
            transaction.insert("meta", [("c", b"4"), ("b", b"5")])
        assert database.rows("select name from meta order by name") == [("a",), ("b",)]

    def test_a_row_in_the_place_of_another(self, database: Tables) -> None:
        put = (
            "insert into meta values (?, ?) on conflict (name) do update set value = excluded.value"
        )
        with database.write() as transaction:
            transaction.execute(put, ("a", b"1"))
            transaction.execute(put, ("a", b"2"))
        assert database.rows("select * from meta") == [("a", b"2")]

    def test_many_rows_go_in(self, database: Tables) -> None:
        rows = [(b"%05d" % number, number) for number in range(70_000)]
        with database.write() as transaction:
            transaction.insert("targets", rows)
        assert database.rows("select * from targets order by idx") == rows

    def test_transactions_follow_one_another(self, database: Tables) -> None:
        """Counting up by reading and writing loses nothing, whoever else does the same."""

        def count() -> None:
            for _ in range(25):
                with database.write() as transaction:
                    (value,) = transaction.row(GET, ("count",))
                    change = "update meta set value = ? where name = 'count'"
                    transaction.execute(change, (b"%d" % (int(value) + 1),))

        with database.write() as transaction:
            transaction.execute(PUT, ("count", b"0"))
        at_once([count] * 4)
        assert database.row(GET, ("count",)) == (b"100",)

    def test_one_at_a_time_is_alone(self, database: Tables) -> None:
        inside: list[str] = []
        most: list[int] = []

        def enter() -> None:
            for _ in range(10):
                with database.alone("room"):
                    inside.append("one")
                    most.append(len(inside))
                    with database.alone("another room"):
                        database.rows("select 1")
                    inside.pop()

        at_once([enter] * 3)
        assert most == [1] * 30

    def test_whoever_fails_inside_lets_the_next_one_in(self, database: Tables) -> None:
        def fail() -> None:
            with database.alone("room"):
                raise Conflict("no, after all")

        with pytest.raises(Conflict):
            fail()
        with database.alone("room"):
            pass


class TilesContract:
    """A class of tests that inherits from this has a fixture `tiles` with nothing published."""

    def test_what_is_written_can_be_read(self, tiles: Tiles) -> None:
        entries = TilePath(ENTRIES, 3)
        tiles.write({PATH: b"hashes", entries: bytes(range(256)) * 1000})
        assert tiles.read(PATH) == b"hashes"
        assert tiles.read(entries) == bytes(range(256)) * 1000

    def test_what_was_never_written_is_not_found(self, tiles: Tiles) -> None:
        with pytest.raises(NotFound):
            tiles.read(PATH)
        tiles.write({PATH: b"hashes"})
        with pytest.raises(NotFound):
            tiles.read(TilePath(0, 1234567))

    def test_the_same_bytes_again_change_nothing(self, tiles: Tiles) -> None:
        other = TilePath(0, 7)
        tiles.write({PATH: b"hashes"})
        tiles.write({PATH: b"hashes", other: b"new"})
        assert (tiles.read(PATH), tiles.read(other)) == (b"hashes", b"new")
        tiles.write({})

    def test_a_partial_tile_that_was_pruned_is_cut_from_the_full_one(self, tiles: Tiles) -> None:
        hashes = b"".join(bytes([number]) * 32 for number in range(256))
        entries = entry_bundle([b"%d" % number for number in range(256)])
        full, bundles, other = TilePath(0, 7), TilePath(ENTRIES, 7), TilePath(0, 70, 3)
        narrow = [full._replace(width=3), full._replace(width=255), bundles._replace(width=200)]
        first = entry_bundle([b"%d" % number for number in range(200)])
        tiles.write({narrow[0]: hashes[:96], narrow[1]: hashes[:-32], narrow[2]: first})
        tiles.write({full: hashes, bundles: entries, other: b"other"})
        tiles.prune([full, bundles, TilePath(0, 8)])
        tiles.write({narrow[0]: b"would be refused if it were there"})
        tiles.prune([full])
        assert [tiles.read(path) for path in narrow] == [hashes[:96], hashes[:-32], first]
        assert (tiles.read(full), tiles.read(bundles)) == (hashes, entries)
        assert tiles.read(other) == b"other"
        with pytest.raises(NotFound):
            tiles.read(TilePath(0, 8, 3))

    def test_other_bytes_are_refused_and_the_first_stay(self, tiles: Tiles) -> None:
        tiles.write({PATH: b"hashes"})
        with pytest.raises(Unavailable, match="other bytes"):
            tiles.write({PATH: b"others"})
        assert tiles.read(PATH) == b"hashes"

    def test_the_checkpoint_is_replaced(self, tiles: Tiles) -> None:
        assert tiles.read_checkpoint() is None
        tiles.write_checkpoint("one\n", None)
        tiles.write_checkpoint("two É\n", "one\n")
        assert tiles.read_checkpoint() == "two É\n"
        tiles.write_checkpoint("two É\n", "two É\n")

    @pytest.mark.parametrize("over", [None, "zero\n", "two\n"])
    def test_a_checkpoint_that_somebody_else_published_is_kept(
        self, tiles: Tiles, over: str | None
    ) -> None:
        tiles.write_checkpoint("one\n", None)
        with pytest.raises(Unavailable, match="another process has published"):
            tiles.write_checkpoint("two\n", over)
        assert tiles.read_checkpoint() == "one\n"

    def test_a_checkpoint_is_not_published_over_nothing(self, tiles: Tiles) -> None:
        with pytest.raises(Unavailable, match="another process has published"):
            tiles.write_checkpoint("two\n", "one\n")
        assert tiles.read_checkpoint() is None

    def test_of_many_who_replace_the_same_checkpoint_one_does(self, tiles: Tiles) -> None:
        won: list[str] = []

        def replace(note: str) -> None:
            try:
                tiles.write_checkpoint(note, "zero\n")
            except Unavailable:
                return
            won.append(note)

        tiles.write_checkpoint("zero\n", None)
        at_once([lambda note=f"{number}\n": replace(note) for number in range(8)])  # type: ignore[misc]
        assert [tiles.read_checkpoint()] == won


def at_once(tasks: list[Callable[[], Any]]) -> None:
    """Run tasks in threads of their own; a fault of any is raised here."""
    faults: list[BaseException] = []

    def guarded(task: Callable[[], Any]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - raised again below
            faults.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
