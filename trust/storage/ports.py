"""What the service needs of a store: tables with one writer at a time, and the public tiles.

Every method raises Unavailable when the disk (or network) refuses. After that nothing is known of
what was being written: the writer stops, and a new start finds out.

SQL is written once for all databases: values as `?` or `:name`, `on conflict`, no function that
only one of them has. Text, integers up to 2^63 - 1, bytes and None go in and come out as they are.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from trust.core.log.tile import TilePath

Row = tuple[object, ...]
Values = Sequence[object] | Mapping[str, object]


class Reader(Protocol):
    """Something that answers queries."""

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query, each a tuple."""

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""


class Transaction(Reader, Protocol):
    """What is done in it is seen by it at once, and by others when it is committed."""

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; return how many rows it changed."""

    def insert(self, table: str, rows: Sequence[Row], *, ignore: bool = False) -> None:
        """Insert whole rows in as few statements as can be; `ignore` those whose key is there."""


class Tables(Reader, Protocol):
    """Tables of one registry; methods are thread-safe.

    `rows` and `row` read what is committed, and never wait for a writer.
    """

    def write(self) -> AbstractContextManager[Transaction]:
        """Run a transaction.

        Committed when the block ends, all of it and durably: what was committed survives a power
        cut. Rolled back, all of it, on any exception. Transactions follow one another, also those
        of other processes: what a transaction reads stands until it ends.
        """

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Let one caller at a time into blocks of this name, over all processes.

        A process that stands still in the block may lose its turn. So this keeps work from being
        done twice; what must never happen is checked in the transaction that would do it.
        """

    def scrub(self) -> None:
        """Overwrite what was deleted before, as far as this database can.

        The files that it has now hold none of it afterwards, or will not before long. Copies are
        out of its reach: backups, replicas, the blocks of a disk that a file once had.
        """

    def close(self) -> None:
        """Close every connection."""


class Tiles(Protocol):
    """The public side of a log. Only the sequencer writes; anyone reads."""

    def read(self, path: TilePath) -> bytes:
        """Return a tile; raise NotFound if it was never published.

        A partial tile that was pruned is cut from the full one.
        """

    def write(self, tiles: Mapping[TilePath, bytes]) -> None:
        """Publish tiles for ever; return when all are durable. The same bytes again change nothing.

        Raises:
            Unavailable: other bytes stand there, which must never happen.
        """

    def prune(self, full: Sequence[TilePath]) -> None:
        """Remove the partial tiles of full ones, once a published checkpoint covers these."""

    def read_checkpoint(self) -> str | None:
        """Return the published checkpoint, or None before the first."""

    def write_checkpoint(self, note: str, over: str | None) -> None:
        """Replace the published checkpoint durably; a reader sees the old one or the new one.

        Args:
            note: the new one.
            over: the one that is to be replaced, None for the first.

        Raises:
            Unavailable: another than `over` stands there; it is kept.
        """
