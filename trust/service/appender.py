"""The way into the log of a process, whether it appends by itself or another one does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from trust.service.append_path import Published, Submission
from trust.service.term import Term

if TYPE_CHECKING:
    from concurrent.futures import Future


class Appender(Protocol):
    """Sequencer or member. What is `published` is swapped whole, and never goes back."""

    @property
    def published(self) -> Published:
        """What readers see."""

    @property
    def waiting(self) -> str | None:
        """Why nothing is taken for the moment: too few witnesses cosign."""

    @property
    def stopped(self) -> str | None:
        """Why nothing is appended through this process any more."""

    @property
    def queued(self) -> int:
        """About how many callers wait."""

    @property
    def term(self) -> Term | None:
        """The term in which this process leads, None while another one does."""

    def catch_up(self) -> None:
        """Take up what any process has published by now."""

    def append(self, submissions: Sequence[Submission], term: Term | None = None) -> None:
        """Log statements, or none, in order; return once all are published.

        Of a `term`, they are logged in it or not at all.

        Raises:
            Conflict: another process has logged another statement under one of the ids.
            Unavailable: nothing was acknowledged; the same later may succeed.
        """

    def send(self, submissions: Sequence[Submission], term: Term | None = None) -> "Future[None]":
        """Begin what `append` does; the future ends as `append` would, and is never cancelled.

        Raises:
            Unavailable: as `append`, where that is known at once.
        """

    def close(self) -> None:
        """Finish what is queued and stop."""
