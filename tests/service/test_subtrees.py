"""Proofs from kept hashes are those from all leaves, whatever was asked before; damage is found."""

import hashlib
from collections.abc import Mapping, Sequence

import pytest
from world import World

from trust.core.errors import NotFound, Unavailable
from trust.core.log.edge import Edge
from trust.core.log.merkle import inclusion_proof, leaf_hash, prove_inclusion, root_from_reader
from trust.core.log.merkle import root_hash as root_of
from trust.core.log.tile import ENTRIES, TilePath
from trust.service import subtrees
from trust.service.subtrees import Subtrees

GROWTH = [1, 2, 3, 5, 8, 200, 255, 256, 257, 300, 511, 512, 513, 700, 1025]


class Memory:
    """Tiles in memory."""

    def __init__(self) -> None:
        self.tiles: dict[TilePath, bytes] = {}
        self.reads = 0

    def read(self, path: TilePath) -> bytes:
        self.reads += 1
        if path not in self.tiles:
            raise NotFound(str(path))
        return self.tiles[path]

    def write(self, tiles: Mapping[TilePath, bytes]) -> None:
        self.tiles.update(tiles)

    def prune(self, full: Sequence[TilePath]) -> None:
        raise NotImplementedError

    def read_checkpoint(self) -> str | None:
        return None

    def write_checkpoint(self, note: str, over: str | None) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("kept", [1, 40, 32 * 1024])
def test_every_proof_of_a_growing_log(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subtrees, "KEPT", kept)
    tiles, edge, leaves = Memory(), Edge(), list[bytes]()
    hashes = Subtrees(tiles)
    for size in GROWTH:
        new = [b"%d" % number for number in range(len(leaves), size)]
        leaves += map(leaf_hash, new)
        tiles.write(edge.append(new))
        read = hashes.reader(size)
        assert root_from_reader(size, read) == root_of(leaves) == edge.root()
        for index in {*range(0, size, 1 + size // 12), size - 1}:
            assert prove_inclusion(index, size, read) == inclusion_proof(index, leaves)


def test_a_second_proof_reads_nothing() -> None:
    tiles, edge = Memory(), Edge()
    tiles.write(edge.append([b"%d" % number for number in range(600)]))
    hashes = Subtrees(tiles)
    first = prove_inclusion(599, 600, hashes.reader(600))
    before = tiles.reads
    assert prove_inclusion(599, 600, hashes.reader(600)) == first
    assert prove_inclusion(598, 600, hashes.reader(600))
    assert tiles.reads == before


@pytest.mark.parametrize("length", [0, 31, 32 * 2, 32 * 4])
def test_a_tile_of_another_length_is_damaged(length: int) -> None:
    tiles, edge = Memory(), Edge()
    tiles.write(edge.append([b"a", b"b", b"c"]))
    tiles.tiles[TilePath(0, 0, 3)] = bytes(length)
    with pytest.raises(Unavailable, match="damaged"):
        prove_inclusion(0, 3, Subtrees(tiles).reader(3))


def test_no_bundle_leaves_with_a_proof_that_does_not_hold(world: World) -> None:
    item = world.join("ana").sign({"a.txt": b"a"})
    index = world.registry.bundle(item.id).proof.index
    size = world.registry._published.size
    world.restart()  # begins with nothing kept
    path = TilePath(0, 0, size)
    file = world.settings.data / "public" / world.registry.trust.newest_log.origin / str(path)
    data = bytearray(file.read_bytes())
    data[32 * (index - 1)] ^= 1
    file.chmod(0o644)
    file.write_bytes(data)
    with pytest.raises(Unavailable, match="the stored tiles do not hold"):
        world.registry.bundle(item.id)


def test_tiles_of_entries_are_not_read_for_a_proof() -> None:
    tiles, edge = Memory(), Edge()
    tiles.write(edge.append([hashlib.sha256(b"%d" % number).digest() for number in range(300)]))
    for path in [path for path in tiles.tiles if path.level == ENTRIES]:
        del tiles.tiles[path]
    assert prove_inclusion(299, 300, Subtrees(tiles).reader(300))
