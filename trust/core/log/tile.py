"""Tiles (C2SP tlog-tiles): where hashes and entries of a log lie, and what is in them.

A full tile at level L holds 256 hashes; hash i of tile n is the root over entries
[(256 n + i) * 256^L, (256 n + i + 1) * 256^L). The last tile of a level may be partial, `.p/<W>`.
Paths are `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`, N in groups of three digits, all
but the last with an `x`. Go's x/mod says `tile/8/<L>/..` and `tile/8/data/..` for the same.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from trust.core.encoding import DIGEST_SIZE
from trust.core.errors import Malformed
from trust.core.log.merkle import ReadHash, check_sizes, node_hash

WIDTH = 256
HEIGHT = 8  # levels of the tree in one tile
MAX_LEVEL = 7  # 256^8 entries is more than 2^63
ENTRIES = -1  # the "level" of entry bundles
MAX_ENTRY = 65_535  # bytes: lengths are two bytes

# Six groups of digits reach beyond 2^53 entries; without a bound a path could be a huge number.
_PATH = re.compile(
    r"tile/(?:8/)?(entries|data|[0-7])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


class TilePath(NamedTuple):
    """Which tile: `level` -1 for entries, `number` from 0, `width` 1 to 256."""

    level: int
    number: int
    width: int = WIDTH

    @staticmethod
    def parse(path: str) -> "TilePath":
        """Read a path of either family; raise Malformed for every other spelling."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise Malformed(f"{path[:80]!r} is no tile path")
        kind, groups, partial = match.groups()
        level = ENTRIES if kind in {"entries", "data"} else int(kind)
        width = int(partial) if partial else WIDTH
        tile = TilePath(level, int(groups.replace("x", "").replace("/", "")), width)
        wide = partial is not None and width >= WIDTH
        if wide or path not in {str(tile), tile.in_go()}:
            raise Malformed(f"{path[:80]!r} is no canonical tile path")
        return tile

    def __str__(self) -> str:
        """Return the C2SP path."""
        kind = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{kind}/{self._tail()}"

    def in_go(self) -> str:
        """Return the path as Go's x/mod spells it."""
        kind = "data" if self.level == ENTRIES else str(self.level)
        return f"tile/8/{kind}/{self._tail()}"

    def _tail(self) -> str:
        digits = f"{self.number:03}"
        digits = digits.zfill((len(digits) + 2) // 3 * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        tail = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return tail if self.width == WIDTH else f"{tail}.p/{self.width}"


def new_tiles(old: int, new: int) -> Iterator[TilePath]:
    """Yield the tiles, entries first, that growth from `old` to `new` entries creates.

    Raises:
        Malformed: sizes that are no whole numbers with 0 <= old <= new <= 2^53-1.
    """
    check_sizes(old, new)
    for level in (ENTRIES, *range(MAX_LEVEL + 1)):
        unit = 1 if level == ENTRIES else WIDTH**level
        before, after = old // unit, new // unit
        if after == 0:
            return
        if after == before:
            continue
        for number in range(before // WIDTH, (after - 1) // WIDTH + 1):
            yield TilePath(level, number, min(WIDTH, after - number * WIDTH))


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries as (length as two bytes, big-endian, entry) one after the other.

    Raises:
        Malformed: more than 256 entries, or one of more than 65,535 bytes.
    """
    if len(entries) > WIDTH or any(len(entry) > MAX_ENTRY for entry in entries):
        raise Malformed(f"over {WIDTH} entries, or one over {MAX_ENTRY} bytes", "entry bundle")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entry_bundle(data: bytes) -> list[bytes]:
    """Read an entry bundle; raise Malformed when it ends inside an entry or holds over 256."""
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        size = int.from_bytes(data[place : place + 2], "big")
        entry = data[place + 2 : place + 2 + size]
        if len(entry) != size or place + 2 > len(data):
            raise Malformed(f"entry {len(entries)} is cut short", "entry bundle")
        if len(entries) == WIDTH:
            raise Malformed(f"holds more than {WIDTH} entries", "entry bundle")
        entries.append(entry)
        place += 2 + size
    return entries


def narrow(path: TilePath, full: bytes) -> bytes:
    """Return the partial tile at `path`, which is the beginning of the full one.

    Raises:
        Malformed: a full tile that is not as long as it must be.
    """
    if path.level == ENTRIES:
        return entry_bundle(parse_entry_bundle(full)[: path.width])
    if len(full) != WIDTH * DIGEST_SIZE:
        expected = WIDTH * DIGEST_SIZE
        raise Malformed(f"{len(full)} bytes, expected {expected}", str(path._replace(width=WIDTH)))
    return full[: path.width * DIGEST_SIZE]


def hash_reader(size: int, read: Callable[[TilePath], bytes]) -> ReadHash:
    """Return `read_hash(level, place)` for the proofs, over the tiles of a log of `size` entries.

    `level` is a level of the tree, not of tiles. The tiles are not checked against a root: check
    what is made from them (`check_inclusion`, `check_consistency`) from the leaf up to the root.

    Raises:
        Malformed: here, for a size out of range; when the reader is called, for a tile that is not
            as long as its width says, or for a subtree that is not complete in `size` entries.
    """
    check_sizes(0, size)
    cache: dict[TilePath, bytes] = {}

    def tile(path: TilePath) -> bytes:
        if path not in cache:
            cache[path] = read(path)
            if len(cache[path]) != path.width * DIGEST_SIZE:
                expected = path.width * DIGEST_SIZE
                raise Malformed(f"{len(cache[path])} bytes, expected {expected}", str(path))
        return cache[path]

    def read_hash(level: int, place: int) -> bytes:
        if level < 0 or place < 0 or (place + 1) << level > size:
            raise Malformed(f"no complete subtree {place} of level {level} in {size} entries")
        tile_level, rest = divmod(level, HEIGHT)
        first = place << rest
        number = first // WIDTH
        width = min(WIDTH, size // WIDTH**tile_level - number * WIDTH)
        data = tile(TilePath(tile_level, number, width))
        offset = (first - number * WIDTH) * DIGEST_SIZE
        hashes = [
            data[at : at + DIGEST_SIZE]
            for at in range(offset, offset + (DIGEST_SIZE << rest), DIGEST_SIZE)
        ]
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
        return hashes[0]

    return read_hash
