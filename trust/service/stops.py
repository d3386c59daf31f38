"""Keeps what is on its way into the log from overtaking the end of the key that signed it.

A statement is checked against what is published, and logged a moment later. Between the two a
person may say that the key is revoked, or freeze: what was checked before must then be in the log
before, or not at all. Whoever replays the log would take anything else for a dishonest registry.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from trust.core.errors import Unavailable
from trust.service.append_path import Submission
from trust.service.appender import Appender
from trust.service.log_writer import LogWriter


class Stops:
    """Who is about to end a key or to freeze in this process, and when somebody last did."""

    def __init__(self, sequencer: Appender, writer: LogWriter) -> None:
        self._sequencer, self._writer = sequencer, writer
        self._under_way: dict[str, int] = {}  # by SCID, how many are
        self._last: dict[str, int] = {}  # by SCID, the size that was published after it
        self._lock = threading.Lock()

    @contextmanager
    def of(self, scid: str) -> Iterator[None]:
        """Say the end of a key in this block: what was sent before is published when it begins."""
        with self._lock:
            self._under_way[scid] = self._under_way.get(scid, 0) + 1
        try:
            self._writer.settle(scid)
            yield
        finally:
            with self._lock:
                self._last[scid] = self._sequencer.published.size
                self._under_way[scid] -= 1
                if not self._under_way[scid]:
                    del self._under_way[scid]

    def check(self, submission: Submission, size: int) -> None:
        """Require that nobody spoke since `size`, once the submission is on its way.

        Raises:
            Unavailable: somebody did; sent again it is checked anew.
        """
        with self._lock:
            spoke = self._last.get(submission.scid, 0) > size
            if spoke or submission.scid in self._under_way:
                raise Unavailable("your keys are changing at this moment: send it again")
