"""Hashes of complete subtrees of the log, from its tiles. They never change, so they are kept."""

from trust.core.encoding import DIGEST_SIZE
from trust.core.errors import Unavailable
from trust.core.log.merkle import ReadHash, node_hash
from trust.core.log.tile import HEIGHT, WIDTH, TilePath
from trust.storage.ports import Tiles

KEPT = 32 * 1024  # hashes, some 8 MB; then the memory begins anew


class Subtrees:
    """One log's hashes. Thread-safe: whoever comes at the same time reads the same hash twice."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._kept: dict[tuple[int, int], bytes] = {}

    def reader(self, size: int) -> ReadHash:
        """Return `read(level, place)` for proofs in the tree of a published size."""

        def read(level: int, place: int) -> bytes:
            kept = self._kept.get((level, place))
            if kept is not None:
                return kept
            if level % HEIGHT == 0:
                return self._load(size, level, place)
            made = node_hash(read(level - 1, 2 * place), read(level - 1, 2 * place + 1))
            self._keep({(level, place): made})
            return made

        return read

    def _load(self, size: int, level: int, place: int) -> bytes:
        """Read the tile that holds a hash, and keep all of it."""
        first = place // WIDTH * WIDTH
        path = TilePath(level // HEIGHT, first // WIDTH, min(WIDTH, (size >> level) - first))
        data = self._tiles.read(path)
        if len(data) != path.width * DIGEST_SIZE or place - first >= path.width:
            raise Unavailable(f"{path} is {len(data)} bytes long and damaged")
        hashes = [data[at : at + DIGEST_SIZE] for at in range(0, len(data), DIGEST_SIZE)]
        self._keep({(level, first + at): item for at, item in enumerate(hashes)})
        return hashes[place - first]

    def _keep(self, hashes: dict[tuple[int, int], bytes]) -> None:
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept.update(hashes)
