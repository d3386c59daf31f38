"""What a registry does by itself: renew what ends, log its newest snapshot."""

import hashlib
import logging
import threading

from trust.core.encoding import format_time
from trust.core.errors import TouchplateError
from trust.core.signing.facts import SnapshotFacts
from trust.service.log_writer import LogWriter
from trust.service.renewals import Renewals
from trust.service.sequencer import Sequencer
from trust.service.settings import Settings
from trust.service.takedowns import Takedowns
from trust.storage.ports import Tables

_log = logging.getLogger(__name__)


class Upkeep:
    """A thread that looks every `upkeep_seconds` for what is due."""

    def __init__(
        self,
        settings: Settings,
        database: Tables,
        sequencer: Sequencer,
        writer: LogWriter,
        renewals: Renewals,
        takedowns: Takedowns,
    ) -> None:
        self._settings, self._database = settings, database
        self._sequencer, self._writer, self._renewals = sequencer, writer, renewals
        self._takedowns = takedowns
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begin to look; the first look is one interval away."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what is under way is finished."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def tick(self) -> None:
        """Do what is due now.

        Raises:
            Unavailable: the writer has stopped.
        """
        self._takedowns.run(self._sequencer.published.size, self._writer.now())
        self._writer.freshen()
        self._renewals.run()
        self._log_snapshot()

    def _run(self) -> None:
        while not self._closing.wait(self._settings.upkeep_seconds):
            try:
                self.tick()
            except TouchplateError as error:
                _log.warning("upkeep: %s", error)

    def _log_snapshot(self) -> None:
        """Log the newest snapshot, at most hourly, if anything but a snapshot was logged since."""
        published = self._sequencer.published
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
        self._writer.append_own([self._writer.make("snapshot", digest, facts)])
