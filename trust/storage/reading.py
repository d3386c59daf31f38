"""A database that another process may be writing to: read, never written."""

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from trust.core.errors import Unavailable
from trust.storage.ports import Transaction, Values


class ReadDatabase:
    """One connection that can neither write nor checkpoint."""

    def __init__(self, path: Path) -> None:
        try:
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        except sqlite3.Error as error:
            raise Unavailable(f"cannot open the database {path}: {error}") from error

    def write(self) -> AbstractContextManager[Transaction]:
        """Refuse; raise Unavailable."""
        raise Unavailable("this database is only read here")

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Refuse; raise Unavailable."""
        raise Unavailable(f"this database is only read here: no {name}")

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query."""
        try:
            return self._connection.execute(sql, values).fetchall()
        except (sqlite3.Error, UnicodeError) as error:  # a damaged text, asked for as a key
            raise Unavailable(f"the database: {error}") from error

    def row(self, sql: str, values: Values = ()) -> Any:  # noqa: ANN401 - a database row
        """Return the first row of a query, or None."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()
