"""The right edge of the log's tree, and the tiles that a batch of leaves completes or widens."""

from collections.abc import Callable, Sequence

from trust.core.encoding import DIGEST_SIZE
from trust.core.errors import Malformed
from trust.core.log.merkle import leaf_hash, root_from_reader, root_hash
from trust.core.log.tile import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    TilePath,
    entry_bundle,
    parse_entry_bundle,
)


class Edge:
    """The unfinished tile of each level. Memory grows with the number of levels only."""

    def __init__(
        self, size: int = 0, entries: Sequence[bytes] = (), levels: Sequence[Sequence[bytes]] = ()
    ) -> None:
        """Begin empty, or with the unfinished tiles at a size: of entries, then of each level."""
        self.size = size
        self._entries = list(entries)
        self._levels = [list(hashes) for hashes in levels] or [[]]

    @staticmethod
    def from_tiles(size: int, read: Callable[[TilePath], bytes]) -> "Edge":
        """Read the edge of a log of `size` entries: one tile a level, and one of entries.

        Whether it is the edge of a signed tree is for `root` to say.

        Raises:
            Malformed: a tile of another length, or entries that are not under the first level.
        """
        levels: list[list[bytes]] = []
        while size >> HEIGHT * len(levels):
            count = size >> HEIGHT * len(levels)
            levels.append(_unfinished(TilePath(len(levels), *divmod(count, WIDTH)), read))
        number, width = divmod(size, WIDTH)
        path = TilePath(ENTRIES, number, width)
        entries = parse_entry_bundle(read(path)) if width else []
        if [leaf_hash(entry) for entry in entries] != (levels[0] if levels else []):
            raise Malformed("other entries than in the level above", str(path))
        return Edge(size, entries, levels)

    @property
    def entries(self) -> tuple[bytes, ...]:
        """The entries of the unfinished tile."""
        return tuple(self._entries)

    def copy(self) -> "Edge":
        """Return an edge that grows by itself."""
        return Edge(self.size, self._entries, self._levels)

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


def _unfinished(path: TilePath, read: Callable[[TilePath], bytes]) -> list[bytes]:
    """Return the hashes of the last tile of a level; of width 0 there is none."""
    if path.width == 0:
        return []
    data = read(path)
    if len(data) != path.width * DIGEST_SIZE:
        raise Malformed(f"{len(data)} bytes, expected {path.width * DIGEST_SIZE}", str(path))
    return [data[at : at + DIGEST_SIZE] for at in range(0, len(data), DIGEST_SIZE)]
