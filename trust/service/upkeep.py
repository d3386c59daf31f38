"""What a registry does by itself: begin its log, renew what ends, log its newest snapshot."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from trust.core.encoding import format_time
from trust.core.signing.facts import SnapshotFacts
from trust.service.appender import Appender
from trust.service.bootstrap import Bootstrap
from trust.service.log_writer import LogWriter
from trust.service.renewals import Renewals
from trust.service.settings import Settings
from trust.service.takedowns import Takedowns
from trust.service.term import FOR_EVER, Term
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables

_LOOK_SECONDS: Final = 0.5  # between two looks whether this process has come to lead
_log = logging.getLogger(__name__)


class Upkeep:
    """A thread that looks every `upkeep_seconds` for what is due, while this process leads."""

    def __init__(
        self,
        settings: Settings,
        database: Tables,
        appender: Appender,
        writer: LogWriter,
        trust: TrustFiles,
        takedowns: Takedowns,
        finish: Callable[[], None],
    ) -> None:
        self._settings, self._database = settings, database
        self._appender, self._writer, self._trust = appender, writer, trust
        self._takedowns, self._finish = takedowns, finish
        self._term: Term | None = None  # that was begun
        self._due = 0.0  # by `time.monotonic`
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begin to look. A process that is alone begins its term first; it has no other.

        Raises:
            Unavailable: the writer has stopped.
        """
        if self._appender.term is FOR_EVER:
            self.begin(FOR_EVER)
        self._thread.start()

    def close(self) -> None:
        """Stop; what is under way is finished."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def begin(self, term: Term) -> None:
        """Complete the first entries, what has run out or was cut off, and take-downs."""
        self._writer.refresh()
        Bootstrap(self._database, self._writer, term).run()
        Renewals(self._database, self._writer, self._trust, term).run()
        self._finish()
        self._takedowns.run(self._appender.published.size, self._writer.now(), term)
        self._term = term
        self._due = time.monotonic() + self._settings.upkeep_seconds

    def tick(self) -> None:
        """Do what is due now.

        Raises:
            Unavailable: the writer has stopped, or another process leads by now.
        """
        term = self._term or FOR_EVER
        self._finish()
        self._takedowns.run(self._appender.published.size, self._writer.now(), term)
        self._writer.freshen()
        Renewals(self._database, self._writer, self._trust, term).run()
        self._log_snapshot(term)

    def _run(self) -> None:
        while not self._closing.wait(min(_LOOK_SECONDS, self._settings.upkeep_seconds)):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the boundary of the thread
                _log.warning("upkeep: %s", error)

    def _look(self) -> None:
        term = self._appender.term
        if term is None:
            self._writer.refresh()
        elif self._term is None or term.epoch != self._term.epoch:
            self.begin(term)
        elif time.monotonic() >= self._due:
            self._due = time.monotonic() + self._settings.upkeep_seconds
            self.tick()

    def _log_snapshot(self, term: Term) -> None:
        """Log the newest snapshot, at most hourly, if anything but a snapshot was logged since."""
        published = self._appender.published
        row = self._database.row(
            "select idx, signed_at from entries where type = 'snapshot' and idx < ? "
            "order by idx desc limit 1",
            (published.size,),
        ) or self._database.row("select 0, signed_at from entries where idx = 0")
        place, signed_at = row
        due = self._writer.now() - signed_at >= self._settings.snapshot_seconds
        if not due or published.size == place + 1:
            return
        digest = hashlib.sha256(published.status.envelope.payload).digest()
        facts = SnapshotFacts(published.size, format_time(published.checkpoint.time))
        self._writer.append_own([self._writer.make("snapshot", digest, facts)], term)
