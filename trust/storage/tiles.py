"""Tiles and the published checkpoint as files.

A tile is written once; one that exists must hold the same bytes. A full one stays for ever, and
makes its partial ones superfluous. The checkpoint is
replaced by an atomic rename.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from trust.core.errors import NotFound, Unavailable
from trust.core.log.tile import WIDTH, TilePath, narrow
from trust.custody.files import FOR_EVER, create, make_folder, sync_folder, write_beside
from trust.storage.locks import held

CHECKPOINT = "checkpoint"
_LOCK = ".lock"  # of the checkpoint: a file has no compare-and-swap of its own
_PATIENCE = 10.0  # seconds


class TileFolder:
    """The public side of a log on a local disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _disk(folder.name):
            make_folder(folder)

    def read(self, path: TilePath) -> bytes:
        """Return a tile, if need be cut from the full one; raise NotFound without either."""
        try:
            return (self._folder / str(path)).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            if path.width < WIDTH:
                return narrow(path, self.read(path._replace(width=WIDTH)))
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

    def prune(self, full: Sequence[TilePath]) -> None:
        """Remove the partial tiles of full ones; what a crash leaves of them is harmless."""
        with _disk("a partial tile"):
            for path in full:
                folder = self._folder / f"{path}.p"
                if folder.is_dir():
                    for partial in folder.iterdir():
                        partial.unlink(missing_ok=True)
                    folder.rmdir()

    def read_checkpoint(self) -> str | None:
        """Return the published checkpoint, or None before the first."""
        try:
            return (self._folder / CHECKPOINT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refused(CHECKPOINT, error) from error

    def write_checkpoint(self, note: str, over: str | None) -> None:
        """Replace the published checkpoint durably, if it is `over`.

        Raises:
            Unavailable: it is another one, or another process stands still while it writes one.
        """
        target = self._folder / CHECKPOINT
        with _disk(CHECKPOINT):
            new = write_beside(target, note.encode(), secrets.token_hex(8))
            try:
                # Nothing in here waits for the disk: whoever stands still in here is in the way.
                with held(self._folder / _LOCK, _PATIENCE):
                    if self.read_checkpoint() != over:
                        raise Unavailable("another process has published a checkpoint of this log")
                    new.replace(target)
            finally:
                new.unlink(missing_ok=True)
            sync_folder(self._folder)


@contextmanager
def _disk(name: str) -> Iterator[None]:
    """Say in our words what the disk refuses."""
    try:
        yield
    except OSError as error:
        raise _refused(name, error) from error


def _refused(name: str, error: OSError) -> Unavailable:
    return Unavailable(f"the disk refused {name}: {error.strerror}")
