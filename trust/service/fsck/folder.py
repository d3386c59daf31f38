"""What lies in the public folder of a log: tiles by level and number, and what is no tile."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from trust.core.errors import Malformed
from trust.core.log.tile import WIDTH, TilePath
from trust.core.watching.finding import first_difference
from trust.service.fsck.report import Notes
from trust.storage.tiles import CHECKPOINT

_ROOM = 8  # strange files that are named one by one


class PublicFolder:
    """The published files of a log, listed once."""

    def __init__(self, folder: Path) -> None:
        """List the folder; nothing is read yet."""
        self.folder = folder
        self.strange: list[str] = []
        self._widths: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for parent, _, names in os.walk(folder):
            for name in names:
                self._take(Path(parent, name).relative_to(folder).as_posix())

    def read(self, path: TilePath) -> bytes | None:
        """Return the bytes of a file, None without one."""
        try:
            return (self.folder / str(path)).read_bytes()
        except FileNotFoundError:
            return None

    def checkpoint(self) -> bytes | None:
        """Return the bytes of the published checkpoint, None without one."""
        try:
            return (self.folder / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def compare(self, full: TilePath, expected: Iterable[bytes], notes: Notes) -> None:
        """Compare the tile of this level and number, in every width that lies here.

        `expected`: its hashes, or its entries with their lengths, up to the size of the log. The
        widest, `full`, must be there; a narrower one is of an earlier size.
        """
        parts = list(expected)
        there = self._widths.get((full.level, full.number), [])
        for width in sorted({full.width, *there}):
            path = full._replace(width=width)
            if width > len(parts):
                notes.skip(f"{path} goes beyond what is signed: nobody reads it yet")
                continue
            found, wanted = self.read(path), b"".join(parts[:width])
            if found is None:
                notes.bad("tile", f"file {path}", "is missing")
                continue
            notes.count("tiles")
            offset = first_difference(found, wanted)
            if offset is not None:
                notes.bad("tile", f"file {path}, byte {offset}", _differs(found, wanted))

    def others(self, known: set[tuple[int, int]]) -> list[str]:
        """Return the tiles here that no entry of the log belongs to."""
        more = sorted(place for place in self._widths if place not in known)
        return [str(TilePath(*place, max(self._widths[place]))) for place in more]

    def _take(self, name: str) -> None:
        if name == CHECKPOINT:
            return
        try:
            path = TilePath.parse(name)
        except Malformed:
            self.strange.append(name)
            return
        self._widths[path.level, path.number].append(path.width)


def name_some(names: list[str]) -> str:
    """Return a list for a sentence, cut short."""
    more = f" and {len(names) - _ROOM} more" if len(names) > _ROOM else ""
    return ", ".join(names[:_ROOM]) + more


def full_path(level: int, number: int, count: int) -> TilePath:
    """Return the widest tile of a number on a level of `count` hashes or entries."""
    return TilePath(level, number, min(WIDTH, count - number * WIDTH))


def _differs(found: bytes, wanted: bytes) -> str:
    if len(found) != len(wanted):
        return f"{len(found)} bytes, expected {len(wanted)}; not what the entries make"
    return "not what the entries make"
