"""Tiles and the published checkpoint as files.

A tile is written once: temporary file, fsync, exclusive link, fsync of the folder (of a new folder,
its parents too). One that exists must hold the same bytes. The checkpoint is replaced by an atomic
rename.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trust.core.errors import NotFound, Unavailable
from trust.core.log.tile import TilePath

CHECKPOINT = "checkpoint"


class TileFolder:
    """The public side of a log on a local disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _disk(folder):
            _make_folder(folder)

    def read(self, path: TilePath) -> bytes:
        """Return a tile; raise NotFound if it was never published."""
        target = self._folder / str(path)
        try:
            with _disk(target):
                return target.read_bytes()
        except NotFound as error:
            raise NotFound(f"no tile {path}") from error

    def write(self, path: TilePath, data: bytes) -> None:
        """Publish a tile durably.

        Raises:
            Unavailable: another tile stands there, which must never happen.
        """
        target = self._folder / str(path)
        with _disk(target):
            if target.exists():
                if target.read_bytes() != data:
                    raise Unavailable(f"tile {path} exists with other bytes")
                return
            _make_folder(target.parent)
            temporary = _write_temporary(target, data)
            temporary.chmod(0o444)
            os.link(temporary, target)
            temporary.unlink()
            _sync(target.parent)

    def read_checkpoint(self) -> str | None:
        """Return the published checkpoint, or None before the first."""
        target = self._folder / CHECKPOINT
        try:
            with _disk(target):
                return target.read_text(encoding="utf-8")
        except NotFound:
            return None

    def write_checkpoint(self, note: str) -> None:
        """Replace the published checkpoint durably."""
        target = self._folder / CHECKPOINT
        with _disk(target):
            _write_temporary(target, note.encode()).replace(target)
            _sync(self._folder)


@contextmanager
def _disk(target: Path) -> Iterator[None]:
    """Say in our words what the disk refuses."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"no file {target.name}") from error
    except OSError as error:
        raise Unavailable(f"the disk refused {target.name}: {error.strerror}") from error


def _write_temporary(target: Path, data: bytes) -> Path:
    """Write a file beside `target`, whole and durable; one that a crash left is in the way."""
    temporary = target.with_name(f".{target.name}.new")
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents, each durably."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make a new name durable: a file's fsync does not cover its folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
