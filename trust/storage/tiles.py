"""Tiles and the published checkpoint as files.

A tile is written once and for ever; one that exists must hold the same bytes. The checkpoint is
replaced by an atomic rename.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trust.core.errors import NotFound, Unavailable
from trust.core.log.tile import TilePath
from trust.custody.files import FOR_EVER, create, make_folder, replace

CHECKPOINT = "checkpoint"


class TileFolder:
    """The public side of a log on a local disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _disk(folder.name):
            make_folder(folder)

    def read(self, path: TilePath) -> bytes:
        """Return a tile; raise NotFound if it was never published."""
        try:
            return (self._folder / str(path)).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"no tile {path}") from error
        except OSError as error:
            raise _refused(str(path), error) from error

    def write(self, tiles: Mapping[TilePath, bytes]) -> None:
        """Publish tiles; return when all are durable.

        Raises:
            Unavailable: another tile stands at one of the paths, which must never happen.
        """
        new: dict[Path, bytes] = {}
        with _disk("a tile"):
            for path, data in tiles.items():
                target = self._folder / str(path)
                if not target.exists():
                    make_folder(target.parent)
                    new[target] = data
                elif target.read_bytes() != data:
                    raise Unavailable(f"tile {path} exists with other bytes")
            create(new, FOR_EVER)

    def read_checkpoint(self) -> str | None:
        """Return the published checkpoint, or None before the first."""
        try:
            return (self._folder / CHECKPOINT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refused(CHECKPOINT, error) from error

    def write_checkpoint(self, note: str) -> None:
        """Replace the published checkpoint durably."""
        with _disk(CHECKPOINT):
            replace(self._folder / CHECKPOINT, note.encode())


@contextmanager
def _disk(name: str) -> Iterator[None]:
    """Say in our words what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise _refused(name, error) from error


def _refused(name: str, error: OSError) -> Unavailable:
    return Unavailable(f"the disk refused {name}: {error.strerror}")
