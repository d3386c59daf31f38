"""The sequencer: one thread that appends for everyone, whatever waits as one batch."""

import logging
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import NamedTuple

from trust.core.errors import Unavailable
from trust.service.append_path import AppendPath, NotWitnessed, Submission
from trust.service.term import FOR_EVER, Term

MAX_BATCH = 512  # statements: size closes a batch, and so does age
# After a batch that several shared, the next is held open while more keep coming, because a batch
# costs the same syncs however many share them: for this part of the time that the last one took, up
# to this age, and no longer than until a gap.
_HELD_PART = 0.5
_HELD_SECONDS = 0.05
_GAP_SECONDS = 0.01
WITNESS_SECONDS = 5  # between two tries to have a checkpoint cosigned that must be
CLOSED = "the registry is closed"
READ_ONLY = "this registry is read-only for now: it answers, and takes nothing new"
_log = logging.getLogger(__name__)


class Waiting(NamedTuple):
    """Statements that one caller wants logged in order, and the caller's answer."""

    items: Sequence[Submission]
    future: "Future[None]"


class Sequencer:
    """Owns the writer. `published` is swapped whole, so that a reader never mixes two states."""

    def __init__(self, path: AppendPath, resign_seconds: int, *, read_only: bool = False) -> None:
        """Recover what a crash left; an idle log is signed again every `resign_seconds`.

        One that is read-only leaves everything as it is, and appends nothing.
        """
        self._path, self._resign_seconds = path, resign_seconds
        self._queue: queue.Queue[Waiting | None] = queue.Queue()
        self._hold = 0.0  # seconds for which the next batch may be held open
        self._stopped: str | None = READ_ONLY if read_only else None
        self._lock = threading.Lock()  # of `_stopped` and what may still enter the queue
        self.waiting: str | None = None  # for witnesses, and why; then nothing is taken
        try:
            self.published = path.last_public() if read_only else path.recover()
        except NotWitnessed as error:
            self.waiting = str(error)
            self.published = path.last_public()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        if not read_only:
            self._thread.start()

    @property
    def stopped(self) -> str | None:
        """Why nothing is appended any more; None while the writer works."""
        return self._stopped

    @property
    def queued(self) -> int:
        """About how many callers wait whose statements the writer has not taken up."""
        return self._queue.qsize()

    @property
    def term(self) -> Term:
        """Nobody else appends to this log."""
        return FOR_EVER

    def catch_up(self) -> None:
        """Nobody else publishes."""

    def append(self, submissions: Sequence[Submission], term: Term | None = None) -> None:
        """Log statements, or none, in order; return once all are published.

        Raises:
            Unavailable: the writer has stopped, or waits for witnesses. Nothing was acknowledged.
        """
        self.send(submissions, term).result()

    def send(self, submissions: Sequence[Submission], term: Term | None = None) -> "Future[None]":
        """Queue statements, or none; the future ends once all are published.

        It is never cancelled, and raises Unavailable if the writer stops before that. The term of
        a sequencer never ends.

        Raises:
            Unavailable: the writer has stopped already, or waits for witnesses.
        """
        del term
        waiting = Waiting(submissions, Future())
        waiting.future.set_running_or_notify_cancel()
        with self._lock:
            if self._stopped is not None or self.waiting is not None:
                raise Unavailable(self._stopped or self.waiting or "")
            self._queue.put(waiting)
        return waiting.future

    def close(self) -> None:
        """Finish what is queued and stop."""
        with self._lock:
            self._stopped = self._stopped or CLOSED
            self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                patience = WITNESS_SECONDS if self.waiting else self._resign_seconds
                taken = self._queue.get(timeout=patience)
            except queue.Empty:
                self._guarded([])
                continue
            if taken is None:
                return
            batch, closing = self._gather(taken)
            self._guarded(batch)
            if closing:
                return

    def _gather(self, first: Waiting) -> tuple[list[Waiting], bool]:
        """Take all that waits and what follows closely; who comes later is in the next batch."""
        batch, size = [first], len(first.items)
        closes = time.monotonic() + self._hold
        while size < MAX_BATCH:
            left = min(_GAP_SECONDS, closes - time.monotonic())
            try:
                more = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                return batch, True
            batch.append(more)
            size += len(more.items)
        return batch, False

    def _guarded(self, batch: Sequence[Waiting]) -> None:
        """Append a batch, or sign again for an empty one; a fault stops the writer for good.

        After a failed write nobody knows what the disk holds: only a new start finds out. Reads go
        on from what is published.
        """
        try:
            if self._stopped not in {None, CLOSED}:
                self._refuse(batch)
            else:
                self._append(batch)
                self.waiting = None
        except NotWitnessed as error:
            # Committed, and not acknowledged: once it is published, a repeated request finds it.
            if self.waiting is None:
                _log.critical(str(error))
            self.waiting = str(error)
            self._refuse(batch)
        except Exception as error:  # noqa: BLE001 - the boundary of the writer's thread
            with self._lock:
                self._stopped = f"the writer has stopped: {error}"
            _log.critical(self._stopped)
            self._refuse(batch)

    def _refuse(self, batch: Sequence[Waiting]) -> None:
        for waiting in batch:
            if not waiting.future.done():
                why = self._stopped or self.waiting or CLOSED
                waiting.future.set_exception(Unavailable(why))

    def _append(self, batch: Sequence[Waiting]) -> None:
        began = time.monotonic()
        self.published = self._path.append([item for waiting in batch for item in waiting.items])
        # A crash here: committed and published, not acknowledged; a repeated request finds it.
        took = time.monotonic() - began
        self._hold = min(_HELD_SECONDS, took * _HELD_PART) if len(batch) > 1 else 0.0
        for waiting in batch:
            waiting.future.set_result(None)
