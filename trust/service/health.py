"""Whether this registry can do its work, as facts that somebody can act on."""

import shutil
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from trust.core.errors import Unavailable
from trust.service.appender import Appender
from trust.service.clock import Clock
from trust.service.sequencer import READ_ONLY
from trust.service.settings import DISK_FLOOR, DISK_PART, Settings

GRACE: Final = 120  # seconds; the writer and the upkeep both look after the age of the checkpoint
MIB: Final = 1024 * 1024
ENOUGH: Final = 0.05  # seconds for which room on the disk is room; a floor is far more than that


class Facts(NamedTuple):
    """What a registry knows of itself. Times are in seconds."""

    size: int  # entries that the published checkpoint covers
    checkpoint_age: int
    oldest_allowed: int
    stopped: str | None  # why the writer has stopped
    unwitnessed: str | None  # why the newest checkpoint waits for witnesses
    waiting: int  # writes that nobody has begun
    free: int  # bytes of the disk
    floor: int  # under which nothing is written
    read_only: bool  # by the will of whoever runs it, which is no fault

    def faults(self) -> Iterator[str]:
        """Yield each reason for which it must not be sent any work."""
        if self.size <= 1:
            yield "no checkpoint is published yet"
        if self.stopped is not None and not self.read_only:
            yield self.stopped
        if self.unwitnessed is not None:
            yield self.unwitnessed
        if self.checkpoint_age > self.oldest_allowed and not self.read_only:
            yield (
                f"the checkpoint is {self.checkpoint_age} s old, "
                f"expected at most {self.oldest_allowed} s"
            )
        if self.free < self.floor and not self.read_only:
            yield _low_disk(self.free, self.floor)

    def gauges(self) -> dict[str, int]:
        """Return what a monitoring system is told, by name."""
        return {
            "ready": int(not any(self.faults())),
            "log_entries": self.size,
            "checkpoint_age_seconds": self.checkpoint_age,
            "writer_stopped": int(self.stopped is not None and not self.read_only),
            "read_only": int(self.read_only),
            "waiting_writes": self.waiting,
            "disk_free_bytes": self.free,
        }


class Health:
    """Looks when it is asked; only that there is room on the disk is remembered for a moment."""

    def __init__(self, settings: Settings, sequencer: Appender, clock: Clock) -> None:
        self._settings, self._sequencer, self._clock = settings, sequencer, clock
        self._enough_until = 0.0  # of `time.monotonic`

    def facts(self) -> Facts:
        """Return how things stand now."""
        settings, published = self._settings, self._sequencer.published
        disk = shutil.disk_usage(settings.data)
        return Facts(
            size=published.size,
            checkpoint_age=max(0, self._clock.now() - published.checkpoint.time),
            oldest_allowed=settings.resign_seconds + GRACE,
            stopped=self._sequencer.stopped,
            unwitnessed=self._sequencer.waiting,
            waiting=self._sequencer.queued,
            free=disk.free,
            floor=_floor(settings, disk.total),
            read_only=settings.read_only,
        )

    def check_writable(self) -> None:
        """Refuse early, and with one reason, what would be refused late.

        Raises:
            Unavailable: this registry is read-only, or less of its disk is free than must be.
        """
        if self._settings.read_only:
            raise Unavailable(READ_ONLY)
        if time.monotonic() < self._enough_until:
            return
        disk = shutil.disk_usage(self._settings.data)
        floor = _floor(self._settings, disk.total)
        if disk.free < floor:
            raise Unavailable(_low_disk(disk.free, floor))
        self._enough_until = time.monotonic() + ENOUGH


def _floor(settings: Settings, whole: int) -> int:
    """Return how many bytes must be free, of a disk of so many."""
    if settings.disk_floor is not None:
        return settings.disk_floor
    return max(DISK_FLOOR, int(whole * DISK_PART))


def _low_disk(free: int, floor: int) -> str:
    return f"the disk is nearly full: {free // MIB} MiB free, expected at least {floor // MIB}"
