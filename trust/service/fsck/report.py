"""What a check of a registry found, and what it looked at."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from trust.core.errors import TouchplateError
from trust.core.watching.finding import Finding, first_difference

Progress = Callable[[str, int, int], None]  # what, how many are done, of how many


class Report(NamedTuple):
    """`findings` in the order in which they were found; `checked` counts what was looked at.

    `unchecked`: what was there and could not, or is never, checked, in sentences.
    """

    findings: tuple[Finding, ...]
    checked: dict[str, int]
    unchecked: tuple[str, ...]


class Notes:
    """A report that is being written."""

    def __init__(self, progress: Progress = lambda *_: None) -> None:
        self.progress = progress
        self._findings: list[Finding] = []
        self._checked: Counter[str] = Counter()
        self._unchecked: list[str] = []

    def bad(self, kind: str, where: str, message: str) -> None:
        """Note what does not hold; the same place once."""
        if not any((item.kind, item.where) == (kind, where) for item in self._findings[-50:]):
            self._findings.append(Finding(kind, where, message))

    def add(self, finding: Finding) -> None:
        """Note a finding of the core."""
        self.bad(*finding)

    def cell(self, table: str, row: object, column: str, message: str) -> None:
        """Note a bad value by its table, row and column."""
        self.bad("database", place(table, row, column), message)

    def same(
        self, table: str, row: object, column: str, found: object, expected: object, why: str
    ) -> bool:
        """Compare a stored value with what follows from others; say whether it is the same."""
        if found == expected and type(found) is type(expected):
            return True
        offset = None
        if isinstance(found, bytes) and isinstance(expected, bytes):
            offset = first_difference(found, expected)
        at = "" if offset is None else f"byte {offset} is the first that differs; "
        self.cell(table, row, column, f"{at}{why}")
        return False

    def broken(self, table: str, row: object, column: str, error: TouchplateError) -> None:
        """Note a value that the core refuses."""
        self.cell(table, row, column, str(error))

    def count(self, what: str, number: int = 1) -> None:
        """Count what was looked at."""
        self._checked[what] += number

    def skip(self, sentence: str) -> None:
        """Note what was not checked."""
        self._unchecked.append(sentence)

    def report(self) -> Report:
        """Return the report."""
        return Report(tuple(self._findings), dict(self._checked), tuple(self._unchecked))


def place(table: str, row: object, column: str) -> str:
    """Return how a value in the database is named."""
    name = row.hex() if isinstance(row, bytes) else row
    return f"table {table}, row {name}, column {column}"
