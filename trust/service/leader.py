"""The one process that appends for all, as long as its term lasts."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from trust.core.errors import Unavailable
from trust.service.append_path import AppendPath, NotWitnessed, Published, Submission
from trust.service.parcel import unpack
from trust.service.sequencer import WITNESS_SECONDS
from trust.service.term import Term
from trust.storage.leases import HANDED_OVER, Announcement, Lease, Parcel, Parcels
from trust.storage.ports import Transaction
from trust.storage.postgres import PostgresTables

MAX_BATCH: Final = 256
_POLL_SECONDS: Final = 1.0  # between two looks, if no notification comes
_log = logging.getLogger(__name__)


class Leader:
    """A thread that takes parcels from the table and appends them. It never starts again."""

    def __init__(
        self,
        database: PostgresTables,
        lease: Lease,
        path: AppendPath,
        term: Term,
        resign_seconds: int,
    ) -> None:
        self.term, self.fault = term, ""
        self._path, self._lease, self._parcels = path, lease, Parcels(database)
        self._resign_seconds = resign_seconds
        self.waiting: str | None = None  # for witnesses, and why; then nothing is taken
        self._due = 0.0  # when it is signed again, by `time.monotonic`
        self._listener = database.listen(HANDED_OVER)
        self._stopping = threading.Event()
        self.leads = threading.Event()  # has recovered the log, and appends
        self._thread = threading.Thread(target=self._run, name="leader", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it appends, or is about to."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish the batch under way and stop."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        """Lead until told to stop, or until anything fails: then a new start finds out."""
        try:
            self._publish(self._path.recover)
            self.leads.set()
            _log.info("this process leads, term %d", self.term.epoch)
            while not self._stopping.is_set():
                self._look()
        except Exception as error:  # noqa: BLE001 - the boundary of the writer's thread
            self.fault = f"the writer has stopped: {error}"
            _log.critical(self.fault)
        finally:
            self.leads.clear()
            self._listener.close()

    def _look(self) -> None:
        """Append what waits; sign again when it is time; else wait for either."""
        parcels = [] if self.waiting else self._parcels.waiting(self.term.epoch)
        if parcels or time.monotonic() >= self._due:
            self._append(parcels)
        else:
            self._listener.wait(_POLL_SECONDS)

    def _append(self, waiting: Sequence[Parcel]) -> None:
        """Append a batch of parcels, or sign again for none."""
        parcels, items = self._gather(waiting)

        def mark(transaction: Transaction, seq: int) -> None:
            self._parcels.mark(transaction, parcels, seq)

        # A crash here or later: the parcels wait for the next leader, or are marked as logged.
        self._publish(lambda: self._path.append(items, mark))

    def _gather(self, waiting: Sequence[Parcel]) -> tuple[list[Parcel], list[Submission]]:
        """Take parcels up to a batch; of what two processes sent, and what is logged, nothing."""
        parcels: list[Parcel] = []
        items: dict[str, Submission] = {}
        for parcel in waiting:
            content = unpack(parcel.content)
            if items and len(items) + len(content) > MAX_BATCH:
                break
            parcels.append(parcel)
            for item in content:
                items.setdefault(item.id, item)
        logged = self._parcels.logged(list(items)) if items else set()
        return parcels, [item for item in items.values() if item.id not in logged]

    def _publish(self, publish: Callable[[], Published]) -> None:
        """Announce what is published, unless too few witnesses cosign it."""
        try:
            published = publish()
        except NotWitnessed as error:
            # Committed: who waits is answered once a checkpoint over it is published.
            if self.waiting is None:
                _log.critical(str(error))
            self.waiting = str(error)
            self._due = time.monotonic() + WITNESS_SECONDS
            return
        self.waiting = None
        self._due = time.monotonic() + self._resign_seconds
        announcement = Announcement(self._path.row, published.checkpoint.note)
        self._lease.announce(self.term.epoch, announcement)


def make_term(lease: Lease, epoch: int) -> Term:
    """Return the term of an epoch of a lease."""

    def check(transaction: Transaction) -> None:
        try:
            lease.check(transaction, epoch)
        except Unavailable as error:
            raise Unavailable(f"{error}; term {epoch} of this one is over") from error

    return Term(epoch, check)
