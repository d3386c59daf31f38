"""Tiles and the published checkpoint as files.

A tile is written once: temporary file, fsync, exclusive link, fsync of the folder. One that exists
must hold the same bytes. The checkpoint is replaced by an atomic rename.
"""

import os
from pathlib import Path

from trust.core.errors import NotFound, Unavailable
from trust.core.log.tile import TilePath

CHECKPOINT = "checkpoint"


class TileFolder:
    """The public side of a log on a local disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, path: TilePath) -> bytes:
        """Return a tile; raise NotFound if it was never published."""
        try:
            return (self._folder / str(path)).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"no tile {path}") from error

    def write(self, path: TilePath, data: bytes) -> None:
        """Publish a tile durably.

        Raises:
            Unavailable: another tile stands there, which must never happen.
        """
        target = self._folder / str(path)
        if target.exists():
            if target.read_bytes() != data:
                raise Unavailable(f"tile {path} exists with other bytes")
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._write_temporary(target, data)
        temporary.chmod(0o444)
        os.link(temporary, target)
        temporary.unlink()
        _sync(target.parent)

    def read_checkpoint(self) -> str | None:
        """Return the published checkpoint, or None before the first."""
        try:
            return (self._folder / CHECKPOINT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write_checkpoint(self, note: str) -> None:
        """Replace the published checkpoint durably."""
        target = self._folder / CHECKPOINT
        self._write_temporary(target, note.encode()).replace(target)
        _sync(self._folder)

    def _write_temporary(self, target: Path, data: bytes) -> Path:
        temporary = target.with_name(f".{target.name}.new")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return temporary


def _sync(folder: Path) -> None:
    """Make a new name durable: a file's fsync does not cover its folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
