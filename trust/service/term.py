"""For how long a process may append: for ever where it is alone, else for a term of its lease."""

from collections.abc import Callable
from typing import NamedTuple

from trust.storage.ports import Transaction


class Term(NamedTuple):
    """A time in which one process leads. `check` raises Unavailable once it is over.

    What depends on a term checks it in the transaction that writes: a process that stood still does
    not know how late it is.
    """

    epoch: int
    check: Callable[[Transaction], None]


def _stands(_transaction: Transaction) -> None:
    """Let everything pass: nobody else can lead."""


FOR_EVER = Term(0, _stands)
