"""The registry's clock: whole seconds that never go back."""

import threading
import time
from collections.abc import Callable

from trust.core.errors import Unavailable

PATIENCE = 5  # seconds that a clock which stepped backwards is waited for
_STEP = 0.1


class Clock:
    """One for a registry, so that certificates, tokens and checkpoints agree on the order."""

    def __init__(self, read: Callable[[], float]) -> None:
        self._read = read
        self._latest = 0
        self._lock = threading.Lock()

    def now(self) -> int:
        """Return the present; while the clock has stepped back, the latest time that it gave."""
        with self._lock:
            self._latest = max(self._latest, int(self._read()))
            return self._latest

    def advance(self, seconds: int) -> None:
        """Never again give an earlier time than this one, which stands in the log."""
        with self._lock:
            self._latest = max(self._latest, seconds)

    def reading(self) -> int:
        """Return a true reading for the log; wait for a clock that stepped back.

        Raises:
            Unavailable: it did not catch up within 5 seconds.
        """
        for _ in range(int(PATIENCE / _STEP)):
            with self._lock:
                seconds = int(self._read())
                if seconds >= self._latest:
                    self._latest = seconds
                    return seconds
            time.sleep(_STEP)
        raise Unavailable(f"the clock stepped backwards and did not catch up within {PATIENCE} s")
