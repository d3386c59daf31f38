"""One of several processes on one database: it hands over what it takes, and may come to lead.

Whoever holds the lease leads. Every process, the leader's own too, puts statements into a table and
waits until a published checkpoint covers them. So nothing depends on which process a client met,
and a statement outlives the leader that was to log it.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, NamedTuple

from trust.core.errors import Conflict, TouchplateError, Unavailable
from trust.service.append_path import AppendPath, Published, Submission
from trust.service.follower import Follower
from trust.service.leader import Leader, make_term
from trust.service.parcel import pack
from trust.service.sequencer import CLOSED, READ_ONLY
from trust.service.term import Term
from trust.storage.leases import PUBLISHED, Lease, Parcel, Parcels
from trust.storage.postgres import PostgresTables

WAIT_SECONDS: Final = 30.0  # for a published checkpoint, a change of leaders included
START_SECONDS: Final = 60.0
_RENEW_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 3.0  # after a fault, so that another process may lead
_POLL_SECONDS: Final = 1.0
_PAUSE_AWAY_SECONDS: Final = 0.5  # between two looks whether the database is back
_log = logging.getLogger(__name__)


class _Waiting(NamedTuple):
    """Who waits for a parcel, what is in it, in which epoch, and until when by `time.monotonic`."""

    future: "Future[None]"
    parcel: Parcel
    submissions: Sequence[Submission]
    epoch: int | None
    until: float


class Member:
    """The way into the log of one process of several; see `appender.Appender`."""

    def __init__(
        self,
        database: PostgresTables,
        lease: Lease,
        follower: Follower,
        open_path: Callable[[Term], AppendPath],
        resign_seconds: int,
        *,
        read_only: bool = False,
    ) -> None:
        """Start to follow, and to lead if nobody does; return when something is published.

        One that is read-only follows, and never leads.

        Raises:
            Unavailable: the stored log does not hold, or no process leads within a minute.
        """
        self._database, self._lease, self._follower = database, lease, follower
        self._parcels, self._open_path = Parcels(database), open_path
        self._resign_seconds, self._read_only = resign_seconds, read_only
        self._waiting: dict[int, _Waiting] = {}
        self._lock, self._looking = threading.Lock(), threading.Lock()
        self._closing = threading.Event()
        self._leader: Leader | None = None
        self._owed: int | None = None  # epoch of a lease that could not be given up yet
        self._cut_off = False  # the database was away, and may have lost parcels
        self._fault = ""  # that ended the last term of this process
        self._first = threading.Event()  # published, or a fault on the way there
        self._threads = [threading.Thread(target=self._follow, name="follower", daemon=True)]
        if not read_only:
            election = threading.Thread(target=self._elect, name="election", daemon=True)
            self._threads.append(election)
        for thread in self._threads:
            thread.start()
        self._wait_for_the_first()

    @property
    def published(self) -> Published:
        """What readers see."""
        if self._follower.published is None:
            raise Unavailable("nothing is published yet")
        return self._follower.published

    @property
    def waiting(self) -> str | None:
        """Why this process, as the leader, takes nothing for the moment."""
        leader = self._leader
        return None if leader is None else leader.waiting

    @property
    def stopped(self) -> str | None:
        """Why nothing is appended through this process: by will, or because it ends."""
        if self._read_only:
            return READ_ONLY
        return CLOSED if self._closing.is_set() else None

    @property
    def queued(self) -> int:
        """How many callers wait."""
        return len(self._waiting)

    @property
    def term(self) -> Term | None:
        """The term in which this process leads, None while another one does."""
        leader = self._leader
        return leader.term if leader is not None and leader.leads.is_set() else None

    def catch_up(self) -> None:
        """Take up what any process has published by now; by itself it takes milliseconds."""
        with self._looking:
            self._follower.refresh()

    def append(self, submissions: Sequence[Submission], term: Term | None = None) -> None:
        """Hand statements over; return once a published checkpoint covers them; see `send`."""
        self.send(submissions, term).result()

    def send(self, submissions: Sequence[Submission], term: Term | None = None) -> "Future[None]":
        """Hand statements over; the future ends once a published checkpoint covers them.

        It raises Conflict if another process has logged another statement under one of the ids, and
        Unavailable if no checkpoint was published in 30 seconds. What was handed over may still be
        logged then; the same request finds it.

        Raises:
            Unavailable: this process takes nothing, or the database does not answer.
        """
        parcel = Parcel(secrets.randbits(63), pack(submissions))
        epoch = None if term is None else term.epoch
        until = time.monotonic() + WAIT_SECONDS
        waiting = _Waiting(Future(), parcel, submissions, epoch, until)
        waiting.future.set_running_or_notify_cancel()
        with self._lock:
            if self.stopped is not None:
                raise Unavailable(self.stopped)
            self._waiting[parcel.id] = waiting
        try:
            self._parcels.hand_over(parcel, epoch)
        except BaseException:
            with self._lock:
                self._waiting.pop(parcel.id, None)
            raise
        return waiting.future

    def close(self) -> None:
        """Stop to lead and to follow; another process leads at once."""
        with self._lock:
            self._closing.set()
        for parcel_id in list(self._waiting):
            self._end(parcel_id, Unavailable(CLOSED))
        for thread in self._threads:
            thread.join()

    def _end(self, parcel_id: int, fault: TouchplateError | None) -> None:
        """Answer who waits for a parcel, unless somebody has."""
        with self._lock:
            waiting = self._waiting.pop(parcel_id, None)
        if waiting is None:
            return
        if fault is None:
            waiting.future.set_result(None)
        else:
            waiting.future.set_exception(fault)

    def _other(self, submissions: Sequence[Submission]) -> Conflict | None:
        """Say if another statement was logged under one of the ids."""
        ids = [item.id for item in submissions]
        rows = self._database.rows("select id, payload from entries where id = any(?)", (ids,))
        logged = dict(rows)
        for item in submissions:
            if logged.get(item.id) != item.envelope.payload:
                return Conflict(f"another statement stands under id {item.id}")
        return None

    def _follow(self) -> None:
        listener = self._database.listen(PUBLISHED)
        while not self._closing.is_set():
            try:
                listener.wait(_POLL_SECONDS)
                self._look()
                self._give_up()
            except Exception as error:  # noqa: BLE001 - the boundary of the thread
                _log.warning("following: %s", error)
                self._cut_off = True
                self._closing.wait(_PAUSE_AWAY_SECONDS)
        listener.close()

    def _look(self) -> None:
        """Take up what is published, and answer whom it covers."""
        self.catch_up()
        if self._follower.published is not None:
            self._first.set()
        if self._cut_off:
            self._hand_over_again()
        waiting = dict(self._waiting)
        if waiting:
            for parcel_id in self._parcels.done(list(waiting), self._follower.row):
                self._end(parcel_id, self._other(waiting[parcel_id].submissions))

    def _hand_over_again(self) -> None:
        """Hand over what the database may have lost when it crashed; what it has stays as it is.

        Not what belongs to a term: that ends with the leader's own connection.
        """
        for waiting in list(self._waiting.values()):
            if waiting.epoch is None:
                self._parcels.hand_over(waiting.parcel, None)
        self._cut_off = False

    def _give_up(self) -> None:
        """Answer who has waited for too long."""
        now = time.monotonic()
        for parcel_id, waiting in list(self._waiting.items()):
            if now >= waiting.until:
                why = f"no process has published this within {WAIT_SECONDS:.0f} seconds"
                self._parcels.take_back(parcel_id)
                self._end(parcel_id, Unavailable(why))

    def _elect(self) -> None:
        while not self._closing.is_set():
            pause = _PAUSE_AWAY_SECONDS
            try:
                pause = self._campaign()
            except Exception as error:  # noqa: BLE001 - the boundary of the thread
                _log.warning("election: %s", error)
            self._closing.wait(pause)
        self._resign()

    def _campaign(self) -> float:
        """Hold the lease, or try to get it; return after how many seconds to do so again."""
        if self._owed is not None:
            self._let_go(self._owed)
            return _PAUSE_SECONDS
        leader = self._leader
        if leader is None:
            epoch = self._lease.take()
            if epoch is not None:
                term = make_term(self._lease, epoch)
                path = self._open_path(term)
                self._leader = Leader(self._database, self._lease, path, term, self._resign_seconds)
        elif not leader.alive:
            given_up = self._resign()
            self._first.set()
            return _PAUSE_SECONDS if given_up else _PAUSE_AWAY_SECONDS
        elif not self._lease.renew(leader.term.epoch):
            _log.warning("another process leads now")
            self._resign()
        else:
            self._parcels.sweep()
        return _RENEW_SECONDS

    def _resign(self) -> bool:
        """Lead no more; say whether the lease is given up."""
        leader, self._leader = self._leader, None
        if leader is None:
            return True
        leader.stop()
        self._fault = leader.fault
        self._owed = leader.term.epoch
        try:
            self._let_go(self._owed)
        except Unavailable as error:
            _log.warning("election: %s", error)
            return False
        return True

    def _let_go(self, epoch: int) -> None:
        """Give a lease up, so that nobody waits for its end; raise Unavailable if that fails."""
        self._lease.give_up(epoch)
        self._owed = None

    def _wait_for_the_first(self) -> None:
        self._first.wait(START_SECONDS)
        if self._follower.published is None:
            self.close()
            raise Unavailable(self._fault or "no process has published a checkpoint")
