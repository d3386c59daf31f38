"""Looking at a registry's SQLite database without ever writing to it, damaged or not."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from trust.core.errors import NotFound, Unavailable
from trust.storage.ports import Values

_BUSY_SECONDS = 30.0
_PAGE = 1000  # rows


class Snapshot:
    """One state of a database: what is committed later is not seen."""

    def __init__(self, path: Path) -> None:
        """Open the file; raise NotFound without one, Unavailable if it is no database."""
        self._path = path
        if not path.is_file():
            raise NotFound(f"no database {path}")
        # Without a WAL nobody has it open; a copy on a disk that cannot be written is read so.
        alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
        uri = f"{path.absolute().as_uri()}?mode=ro{alone}"
        try:
            self._connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS
            )
            # Damaged text is for whoever compares it, not for the driver to refuse.
            self._connection.text_factory = _text
            self._connection.execute("begin")
            self._connection.execute("select count(*) from sqlite_schema").fetchone()
        except sqlite3.Error as error:
            raise Unavailable(f"cannot read the database {path}: {error}") from error

    def again(self) -> "Snapshot":
        """Return what is committed by now."""
        return Snapshot(self._path)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._connection.close()

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query; raise Unavailable when the file is damaged there."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise Unavailable(f"the database: {error}") from error

    def table(
        self, name: str, columns: Sequence[str], key: Sequence[str]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table in the order of `key`, which is its primary key, in pages."""
        places = [list(columns).index(item) for item in key]
        ordered, names = ", ".join(key), ", ".join(columns)
        marks = ", ".join("?" * len(key))
        last: tuple[Any, ...] | None = None
        while True:
            after = "" if last is None else f"where ({ordered}) > ({marks}) "
            sql = f"select {names} from {name} {after}order by {ordered} limit {_PAGE}"  # noqa: S608
            page = self.rows(sql, () if last is None else [last[place] for place in places])
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def structure(self) -> list[str]:
        """Return the faults that SQLite itself finds in its pages and indexes."""
        try:
            found = self._connection.execute("pragma integrity_check(20)").fetchall()
        except sqlite3.Error as error:
            return [str(error)]
        return [str(text) for (text,) in found if text != "ok"]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
