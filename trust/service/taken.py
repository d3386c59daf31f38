"""A statement between being taken in and being answered."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple, TypeVar

from trust.core.canonical import Json
from trust.core.errors import TouchplateError
from trust.service.records import Row

Value = TypeVar("Value")


class Taken(NamedTuple):
    """A statement that was taken in.

    `logged` ends when a published checkpoint covers it; None says that `answer` itself waits for
    the log, or has nothing to wait for. `answer` may be called at any time, from any thread.
    """

    logged: Future[None] | None
    make: Callable[[Row | None], Json]
    id: str | None = None  # of the entry that the answer is made of, if it is of one

    def answer(self, row: Row | None = None) -> Json:
        """Return what the sender is answered, once it is logged; raises as `Registry.submit`.

        `row`: the published entry, where it was read together with others.
        """
        if self.logged is not None:
            self.logged.result()
        return self.make(row)


def caught(function: Callable[[], Value]) -> Value | TouchplateError:
    """Return what a function returns, or what it refuses with."""
    try:
        return function()
    except TouchplateError as error:
        return error
