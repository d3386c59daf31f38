"""The right edge of the log's tree, and the tiles that a batch of leaves completes or widens."""

from collections.abc import Sequence

from trust.core.log.merkle import leaf_hash, root_from_reader, root_hash
from trust.core.log.tile import ENTRIES, HEIGHT, WIDTH, TilePath, entry_bundle


class Edge:
    """The unfinished tile of each level. Memory grows with the number of levels only."""

    def __init__(self) -> None:
        self.size = 0
        self._entries: list[bytes] = []
        self._levels: list[list[bytes]] = [[]]

    def append(self, leaves: Sequence[bytes]) -> dict[TilePath, bytes]:
        """Append leaves; return every new tile, full or partial, with its bytes."""
        tiles: dict[TilePath, bytes] = {}
        for leaf in leaves:
            self._entries.append(leaf)
            if len(self._entries) == WIDTH:
                tiles[TilePath(ENTRIES, self.size // WIDTH)] = entry_bundle(self._entries)
                self._entries = []
            self._push(0, self.size, leaf_hash(leaf), tiles)
            self.size += 1
        if leaves:
            self._partial_tiles(tiles)
        return tiles

    def root(self) -> bytes:
        """Return the root over all leaves, from the edge alone."""

        def read(level: int, place: int) -> bytes:
            tile_level, rest = divmod(level, HEIGHT)
            start = (place << rest) % WIDTH
            return root_hash(self._levels[tile_level][start : start + (1 << rest)])

        return root_from_reader(self.size, read)

    def _push(self, level: int, place: int, value: bytes, tiles: dict[TilePath, bytes]) -> None:
        if level == len(self._levels):
            self._levels.append([])
        hashes = self._levels[level]
        hashes.append(value)
        if len(hashes) == WIDTH:
            tiles[TilePath(level, place // WIDTH)] = b"".join(hashes)
            self._push(level + 1, place // WIDTH, root_hash(hashes), tiles)
            self._levels[level] = []

    def _partial_tiles(self, tiles: dict[TilePath, bytes]) -> None:
        if self._entries:
            path = TilePath(ENTRIES, self.size // WIDTH, len(self._entries))
            tiles[path] = entry_bundle(self._entries)
        for level, hashes in enumerate(self._levels):
            if hashes:
                number = self.size // WIDTH ** (level + 1)
                tiles[TilePath(level, number, len(hashes))] = b"".join(hashes)
