"""Tiles and the published checkpoint in a bucket of S3, or of what speaks like it.

A tile is created only where none is (`If-None-Match: *`); the checkpoint is replaced only if it is
still the one that was read (`If-Match` with its ETag). So two processes cannot undo each other.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from trust.core.errors import Malformed, NotFound, Unavailable
from trust.core.log.tile import WIDTH, TilePath, narrow

CHECKPOINT: Final = "checkpoint"
_OTHER: Final = "another process has published a checkpoint of this log"
_SECONDS: Final = 20
_AT_ONCE: Final = 8  # tiles
_FOR_EVER: Final[dict[Any, str]] = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOTE: Final[dict[Any, str]] = {
    "Cache-Control": "no-cache",
    "Content-Type": "text/plain; charset=utf-8",
}


class TileBucket:
    """The public side of a log under a prefix of a bucket; see `ports.Tiles`."""

    def __init__(self, url: str, origin: str, seconds: int = _SECONDS) -> None:
        """Take `s3://bucket/prefix`; address and credentials are those of AWS_* in the environment.

        A request is repeated for `seconds` before it counts as refused.

        Raises:
            Malformed: another kind of URL.
        """
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise Malformed(f"{url!r}, expected s3://bucket or s3://bucket/prefix", "tiles")
        prefix = f"{parts.path.strip('/')}/{origin}".lstrip("/")
        self._store = S3Store(
            parts.netloc,
            prefix=prefix,
            retry_config={"retry_timeout": timedelta(seconds=seconds)},
        )
        self._pool = ThreadPoolExecutor(_AT_ONCE, "tiles")

    def read(self, path: TilePath) -> bytes:
        """Return a tile, if need be cut from the full one; raise NotFound without either."""
        found = self._get(str(path))
        if found is None and path.width < WIDTH:
            return narrow(path, self.read(path._replace(width=WIDTH)))
        if found is None:
            raise NotFound(f"no tile {path}")
        return found[0]

    def write(self, tiles: Mapping[TilePath, bytes]) -> None:
        """Publish tiles; return when all are durable.

        Raises:
            Unavailable: another tile stands at one of the paths, which must never happen.
        """
        tasks = [self._pool.submit(self._create, str(path), data) for path, data in tiles.items()]
        for task in tasks:
            task.result()

    def prune(self, full: Sequence[TilePath]) -> None:
        """Remove the partial tiles of full ones."""
        for path in full:
            try:
                for found in obstore.list(self._store, f"{path}.p"):
                    obstore.delete(self._store, [item["path"] for item in found])
            except BaseError as error:
                raise _refused(f"{path}.p", error) from error

    def read_checkpoint(self) -> str | None:
        """Return the published checkpoint, or None before the first."""
        found = self._get(CHECKPOINT)
        return None if found is None else found[0].decode()

    def write_checkpoint(self, note: str, over: str | None) -> None:
        """Replace the published checkpoint, if it is `over`."""
        found = self._get(CHECKPOINT)
        if (None if found is None else found[0].decode()) != over:
            raise Unavailable(_OTHER)
        mode: Any = "create" if found is None else {"e_tag": found[1]}
        try:
            self._put(CHECKPOINT, note.encode(), mode, _NOTE)
        except (AlreadyExistsError, PreconditionError) as error:
            if self.read_checkpoint() != note:  # ours, if only the answer was lost
                raise Unavailable(_OTHER) from error

    def close(self) -> None:
        """End the threads that write."""
        self._pool.shutdown()

    def _create(self, path: str, data: bytes) -> None:
        try:
            self._put(path, data, "create", _FOR_EVER)
        except AlreadyExistsError as error:
            found = self._get(path)
            if found is None or found[0] != data:
                raise Unavailable(f"tile {path} exists with other bytes") from error

    def _put(self, path: str, data: bytes, mode: Any, attributes: dict[Any, str]) -> None:  # noqa: ANN401 - obstore's
        try:
            # Conditions hold for the whole object only where it is sent in one piece.
            obstore.put(
                self._store, path, data, mode=mode, attributes=attributes, use_multipart=False
            )
        except (AlreadyExistsError, PreconditionError):
            raise
        except BaseError as error:
            raise _refused(path, error) from error

    def _get(self, path: str) -> tuple[bytes, str | None] | None:
        try:
            found = obstore.get(self._store, path)
            return bytes(found.bytes()), found.meta["e_tag"]
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise _refused(path, error) from error


def _refused(path: str, error: BaseError) -> Unavailable:
    return Unavailable(f"the bucket refused {path}: {' '.join(str(error).split())[:300]}")
