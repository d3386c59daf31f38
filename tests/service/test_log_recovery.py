"""A start reads the edge of the log, not the log; what is missing is made again, damage stops it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from filling import fill
from stranger import check_whole
from world import Person, World

from trust.core.errors import Malformed, Unavailable
from trust.core.log.edge import Edge
from trust.core.log.merkle import leaf_hash, root_hash
from trust.core.log.tile import ENTRIES, WIDTH, TilePath
from trust.service import log_recovery
from trust.storage.database import Database
from trust.storage.tiles import TileFolder

SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 66_000]


def public(world: World) -> Path:
    return world.settings.data / "public" / world.registry.trust.newest_log.origin


def tile(world: World, level: int) -> Path:
    """The unfinished tile of a level."""
    count = world.registry._published.size >> 8 * max(level, 0)
    return public(world) / str(TilePath(level, *divmod(count, WIDTH)))


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


@pytest.mark.parametrize("size", SIZES)
def test_an_edge_read_from_tiles_grows_as_the_one_that_wrote_them(size: int) -> None:
    leaves = [b"%d" % number for number in range(size + 300)]
    grown = Edge()
    tiles = grown.append(leaves[:size])
    read = Edge.from_tiles(size, tiles.__getitem__)
    assert (read.size, read.entries) == (size, tuple(leaves[size - size % WIDTH : size]))
    assert read.root() == grown.root() == root_hash([leaf_hash(leaf) for leaf in leaves[:size]])
    assert read.copy().append(leaves[size:]) == grown.append(leaves[size:])
    assert read.root() != grown.root()
    read.append(leaves[size:])
    assert read.root() == grown.root()


def test_an_edge_takes_no_entries_that_are_not_under_its_hashes() -> None:
    tiles = Edge().append([b"a", b"b", b"c"])
    other = Edge().append([b"a", b"x", b"c"])
    mixed = {**tiles, TilePath(ENTRIES, 0, 3): other[TilePath(ENTRIES, 0, 3)]}
    with pytest.raises(Malformed, match="other entries"):
        Edge.from_tiles(3, mixed.__getitem__)
    short = {**tiles, TilePath(0, 0, 3): tiles[TilePath(0, 0, 3)][:-1]}
    with pytest.raises(Malformed, match="95 bytes, expected 96"):
        Edge.from_tiles(3, short.__getitem__)


def reads_of_a_start(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Restart; return how many rows were read, and how many tiles."""
    counts = {"rows": 0, "tiles": 0}
    rows, read = Database.rows, TileFolder.read

    def counted_rows(self: Database, *arguments: Any) -> list[Any]:
        found = rows(self, *arguments)
        counts["rows"] += len(found)
        return found

    def counted_read(self: TileFolder, path: TilePath) -> bytes:
        counts["tiles"] += 1
        return read(self, path)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "rows", counted_rows)
        patched.setattr(TileFolder, "read", counted_read)
        world.restart()
    return counts["rows"], counts["tiles"]


def test_a_start_reads_no_more_of_a_long_log_than_of_a_short_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")
    fill(world, ana, WIDTH + 20)
    short = reads_of_a_start(world, monkeypatch)
    fill(world, ana, 3 * WIDTH + 20)
    assert reads_of_a_start(world, monkeypatch) == short
    rows, tiles = short
    assert (20 <= rows < 60, tiles) == (True, 3)
    check_whole(world)


def test_published_files_that_are_gone_are_made_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_recovery, "REPLAYED", 2 * WIDTH)
    ana = world.join("ana")
    fill(world, ana, WIDTH - 3)
    fill(world, ana, 2 * WIDTH + 5)
    root = world.registry._published.checkpoint.checkpoint
    world.registry.close()
    shutil.rmtree(public(world))
    world.registry = world.open()
    assert world.registry._published.checkpoint.checkpoint == root
    check_whole(world)
    ana.sign({"b.txt": b"b"})
    check_whole(world)


def test_a_copy_that_went_on_elsewhere_lays_no_tiles_under_what_was_published_here(
    world: World, tmp_path: Path
) -> None:
    ana = world.join("ana")
    shutil.copytree(world.settings.data, tmp_path / "copy" / "registry")
    copy = World(tmp_path / "copy")
    ana.sign({"a.txt": b"here"})
    for handle in ("ben", "eva"):
        copy.join(handle)  # longer than the log that it was copied from
    copy.registry.close()
    shutil.rmtree(public(copy))
    public(copy).mkdir()
    shutil.copy(public(world) / "checkpoint", public(copy))
    with pytest.raises(Unavailable, match="do not lead to the published checkpoint"):
        copy.open()


@pytest.mark.parametrize("level", [ENTRIES, 0, 1])
def test_one_tile_that_is_gone_is_made_again(world: World, level: int) -> None:
    fill(world, world.join("ana"), WIDTH + 20)
    gone = tile(world, level)
    data = gone.read_bytes()
    gone.unlink()
    world.restart()
    assert gone.read_bytes() == data
    check_whole(world)


@pytest.mark.parametrize("level", [ENTRIES, 0, 1])
def test_a_damaged_tile_stops_the_start(world: World, level: int) -> None:
    fill(world, world.join("ana"), WIDTH + 20)
    damage(tile(world, level))
    world.registry.close()
    with pytest.raises(Unavailable, match="published tile"):
        world.open()


ROTTEN = "update entries set leaf = cast(x'00' || substr(leaf, 2) as blob) where idx = "


@pytest.mark.parametrize("index", [WIDTH, WIDTH + 19])
def test_a_rotten_entry_of_the_unfinished_tile_stops_the_start(world: World, index: int) -> None:
    fill(world, world.join("ana"), WIDTH + 20)
    with world.registry._database.write() as connection:
        connection.execute(f"{ROTTEN} {index}")
    world.registry.close()
    with pytest.raises(Unavailable, match="the stored entries are not the published ones"):
        world.open()


def test_a_rotten_entry_that_was_committed_and_not_published_stops_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(TileFolder, "write", full)
        with pytest.raises(Unavailable):
            ana.sign({"a.txt": b"a"})
    size = world.registry._published.size
    with world.registry._database.write() as connection:
        connection.execute(f"{ROTTEN} {size}")
    world.registry.close()
    before = snapshot_of(public(world))
    with pytest.raises(Unavailable, match="do not lead to the newest signed checkpoint"):
        world.open()
    assert snapshot_of(public(world)) == before  # nothing was published


def snapshot_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_join_that_was_cut_off_long_ago_is_not_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(world, monkeypatch)
    joining = world.registry._intake._joining
    assert len(joining.unfinished()) == 1
    world.offset = 24 * 3600 + 60
    assert joining.unfinished() == []


def cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_arguments: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr("trust.service.joining.Joining._keep", killed)
        with pytest.raises(SystemExit):
            world.registry.submit(Person(world, "ben", None).join_body, "")
