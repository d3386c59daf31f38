"""A disk that is full, again and again: writes are refused, reads go on, and nothing is lost.

The disk is a small one in memory, which only root may mount; without that there is no such trial.
Every other time the registry has a floor: it refuses early and needs no new start. Without one it
meets the end of the disk in the middle of a write, its writer stops, and whoever supervises it
starts it again once there is room.
"""

import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
WRITERS = 4
BODIES = 6
REFUSED = 503


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


def may_mount() -> bool:
    """Say whether a small disk can be had; Linux asks for root."""
    return os.geteuid() == 0


def fill(folder: Path, count: int, planted: str | None = None) -> Outcome:
    """Fill the disk of a registry `count` times, or until something does not hold."""
    done = 0
    with small_disk(folder / "disk") as disk:
        trial = _Trial(new_place(disk / "registry"), planted)
        ledger = trial.ledger
        try:
            while done < count and not ledger.faults:
                trial.once(floor=done % 2 == 1)
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

    def once(self, *, floor: bool) -> None:
        """Fill the disk, write and read, make room, write again."""
        self._start(floor=floor)
        ballast = self._place.folder / "ballast"
        with ballast.open("wb") as file:
            found = os.statvfs(self._place.folder)
            free = found.f_bavail * found.f_frsize
            file.write(bytes(max(0, free - (FLOOR // 2 if floor else LEFT))))
        refused = self._send(self._prepare())
        if not refused:
            self.ledger.stuck("statements were taken though the disk was full")
        self._read()
        ballast.unlink()
        if not floor:
            self._start(floor=False)  # its writer has stopped; a supervisor starts it again
        if self._send([*refused, *self._prepare()]):
            self.ledger.stuck("statements are refused though there is room")
        self._judge()

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
