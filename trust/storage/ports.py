"""What the service needs of a store. SQLite and a local folder fulfil it; others may.

Both ports raise Unavailable when the disk (or network) refuses. After that nothing is known of what
was being written: the writer stops, and the next start finds out.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from trust.core.log.tile import TilePath

Row = tuple[object, ...]
Values = Sequence[object] | Mapping[str, object]


class Tables(Protocol):
    """Tables with one writer and any number of readers; methods are thread-safe."""

    def write(self) -> AbstractContextManager[sqlite3.Connection]:
        """Run a transaction.

        Committed when the block ends, all of it and durably: what was committed survives a power
        cut. Rolled back, all of it, on any exception. Transactions follow one another.
        """

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query over what is committed; never waits for the writer."""

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""

    def close(self) -> None:
        """Close every connection."""


class Tiles(Protocol):
    """The public side of a log. Only the sequencer writes; anyone reads."""

    def read(self, path: TilePath) -> bytes:
        """Return a tile; raise NotFound if it was never published."""

    def write(self, tiles: Mapping[TilePath, bytes]) -> None:
        """Publish tiles for ever; return when all are durable. The same bytes again change nothing.

        Raises:
            Unavailable: other bytes stand there, which must never happen.
        """

    def read_checkpoint(self) -> str | None:
        """Return the published checkpoint, or None before the first."""

    def write_checkpoint(self, note: str) -> None:
        """Replace the published checkpoint durably; a reader sees the old one or the new one."""
