"""A disk that is full, again and again: writes are refused, reads go on, and nothing is lost.

It is full in three ways, in turn. A small disk in memory, which only root may mount, is filled up to
its end: the registry meets it in the middle of a write, its writer stops, and whoever supervises it
starts it again once there is room. The same disk under a registry that has a floor: it refuses early
and needs no new start. And, without root, a limit beyond which no file may grow.
"""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from enum import Enum
from pathlib import Path

from tests.torture.crowd import Crowd, Door, Work, Writer, join
from tests.torture.ledger import Ledger, checkpoint_in, folder_reader
from tests.torture.outcome import Outcome
from tests.torture.victims import Place, Victim, new_place
from trust.core.registry.trust_file import parse_trust_file

MEBIBYTE = 2**20
SIZE = 64 * MEBIBYTE
FLOOR = 4 * MEBIBYTE
LEFT = 48 * 1024  # bytes that the ballast leaves, where there is no floor
LIMIT = 40 * 1024  # bytes that the largest file may still grow, up to LIMITS times that
LIMITS = 4
WRITERS = 4
BODIES = 6
REFUSED = 503
SENDINGS = 40  # at most, until the disk is full; SQLite begins its WAL anew after 4 MB


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a small file system until the block ends; raise OSError where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        raise OSError("this user may not mount a file system, which a full disk needs")
    try:
        yield folder
    finally:
        command = ["umount", "--lazy", str(folder)]
        subprocess.run(command, check=True)


class Way(Enum):
    """How a disk is full."""

    END = "no room on the disk"
    FLOOR = "less room than the floor"
    LIMIT = "no file may grow"


def ways() -> tuple[Way, ...]:
    """Return what this user can do; Linux mounts for root only."""
    return tuple(Way) if os.geteuid() == 0 else (Way.LIMIT,)


def fill(folder: Path, start: int, count: int, planted: str | None = None) -> Outcome:
    """Fill the disk of a registry `count` times, or until something does not hold."""
    done, chosen = 0, ways()
    small = nullcontext(folder) if Way.END not in chosen else small_disk(folder / "disk")
    with small as disk:
        trial = _Trial(new_place(disk / "registry"), planted)
        ledger = trial.ledger
        try:
            while done < count and not ledger.faults:
                trial.once(chosen[(start + done) % len(chosen)], start + done)
                done += 1
        finally:
            trial.victim.kill()
    return Outcome(done, ledger.promises, ledger.faults, ledger.details)


class _Trial:
    def __init__(self, place: Place, planted: str | None) -> None:
        self._place, self._planted = place, planted
        self.victim = Victim(place, command=False)
        self.victim.wait_ready()
        self._writers: list[Writer] = [join(place.port, f"writer-{n}") for n in range(WRITERS)]
        with closing(Door(place.port)) as door:
            log = parse_trust_file(door.get("/v1/trust")).newest_log
        self.ledger = Ledger(log.log_key, log.clock_key)

    def once(self, way: Way, number: int) -> None:
        """Fill the disk, write and read, make room, write again."""
        floor = way is Way.FLOOR
        self._start(floor=floor)
        if way is Way.LIMIT:
            files = (path for path in self._place.folder.rglob("*") if path.is_file())
            largest = max(path.stat().st_size for path in files)
            self.victim.limit_files(largest + LIMIT * (number // len(ways()) % LIMITS))
        else:
            self._lay_ballast(FLOOR // 2 if floor else LEFT)
        refused: list[Work] = []
        for _ in range(SENDINGS):
            refused = refused or self._send(self._prepare())
        if not refused:
            self.ledger.stuck(f"statements were taken with {way.value}")
        self._read()
        self._ballast.unlink(missing_ok=True)
        if not floor:
            self._start(floor=False)  # its writer has stopped; a supervisor starts it again
        if self._send([*refused, *self._prepare()]):
            self.ledger.stuck("statements are refused though there is room")
        self._judge()

    @property
    def _ballast(self) -> Path:
        return self._place.folder / "ballast"

    def _lay_ballast(self, left: int) -> None:
        with self._ballast.open("wb") as file:
            found = os.statvfs(self._place.folder)
            file.write(bytes(max(0, found.f_bavail * found.f_frsize - left)))

    def _start(self, *, floor: bool) -> None:
        self.victim.kill()
        self._judge()
        place = self._place._replace(disk_floor=FLOOR if floor else 0)
        self.victim = Victim(place, command=False, planted=self._planted)
        try:
            self.victim.wait_ready()
        except TimeoutError as error:
            self.ledger.stuck(error)

    def _prepare(self) -> list[Work]:
        note = checkpoint_in(self._place.public) or ""
        return [work for writer in self._writers for work in writer.prepare(note, BODIES)]

    def _send(self, works: list[Work]) -> list[Work]:
        """Send statements; return those that were refused with 503. Other refusals are faults."""
        crowd = Crowd(self._place.port, [works[place::WRITERS] for place in range(WRITERS)])
        crowd.start()
        crowd.join()
        for work, place in crowd.acknowledged:
            self.ledger.promise(work.id, place, work.leaf)
        for status, times in Counter(status for _, status in crowd.refused).items():
            if status != REFUSED:
                self.ledger.stuck(f"{times} statements were refused with {status}")
        if crowd.unanswered:
            self.ledger.stuck(f"{len(crowd.unanswered)} statements had no answer")
        return [work for work, status in crowd.refused if status == REFUSED]

    def _read(self) -> None:
        """Reads go on."""
        with closing(Door(self._place.port)) as door:
            for path in ("/api/v2/checkpoint", "/v1/trust", "/v1/status"):
                try:
                    door.get(path)
                except OSError as error:
                    self.ledger.stuck(error)

    def _judge(self) -> None:
        folder = self._place.public
        self.ledger.judge(checkpoint_in(folder), folder_reader(folder))
