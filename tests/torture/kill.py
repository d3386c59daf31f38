"""kill -9 in a loop while many write, and what a stranger finds after each."""

import random
import time
from contextlib import closing
from pathlib import Path

from tests.torture.crowd import Crowd, Door, Work, join
from tests.torture.ledger import Ledger, checkpoint_in, folder_reader
from tests.torture.outcome import Outcome
from tests.torture.victims import Victim, new_place
from tests.torture.watcher import GLANCE, watched
from trust.core.registry.trust_file import parse_trust_file

WRITERS = 8
BODIES = 60  # prepared for each writer and cycle; no writer is as fast as that
EVERY = 10  # one victim in so many is `touchplate serve` itself
TRY_LATER = 503  # of a process that does not know yet what the killed one has published
AGAIN = 4  # of the acknowledged ones
MOST = 80  # acknowledgements before a kill
LONGEST = 1.0  # seconds of writing before a kill
_JITTER = 0.03  # seconds
IN_THE_START = 0.15  # of all kills


class Loop:
    """One registry that is killed again and again."""

    def __init__(
        self, folder: Path, seed: int, planted: str | None = None, database: str | None = None
    ) -> None:
        self._chance, self._planted = random.Random(seed), planted
        self._place = new_place(folder, database)
        self._starts: list[float] = []  # seconds of forked registries
        self._commands: list[float] = []  # of `touchplate serve`, its imports among them
        self._again: list[Work] = []  # to be sent once more
        victim = Victim(self._place, command=False)
        victim.wait_ready()
        self._writers = [join(self._place.port, f"writer-{place}") for place in range(WRITERS)]
        with closing(Door(self._place.port)) as door:
            log = parse_trust_file(door.get("/v1/trust")).newest_log
        victim.kill()
        self._ledger = Ledger(log.log_key, log.clock_key)

    def run(self, cycles: int) -> Outcome:
        """Kill it as often, or until it does not start any more."""
        done = 0
        while done < cycles and not self._ledger.faults:
            self._cycle(command=self._planted is None and done % EVERY == EVERY - 1)
            done += 1
        if not self._ledger.faults:
            self._look_at_everything()
        ledger = self._ledger
        worst = {
            "restart_s": max(self._starts, default=0),
            "serve_restart_s": max(self._commands, default=0),
        }
        return Outcome(done, ledger.promises, ledger.faults, ledger.details, worst)

    def _cycle(self, *, command: bool) -> None:
        prepared = self._prepare()
        victim = Victim(self._place, command=command, planted=self._planted)
        if self._chance.random() < IN_THE_START:
            time.sleep(self._chance.random() * (2.5 if command else 0.6))
            victim.kill()
            self._judge()
            return
        try:
            seconds = victim.wait_ready()
        except TimeoutError as error:
            victim.wait()
            self._ledger.stuck(error)
            return
        (self._commands if command else self._starts).append(seconds)
        self._judge()
        self._write_and_kill(victim, prepared)
        self._judge()

    def _prepare(self) -> list[list[Work]]:
        note = checkpoint_in(self._place.public) or ""
        again, self._again = self._again, []
        bodies = [writer.prepare(note, BODIES) for writer in self._writers]
        return [[*again[place : place + 2], *share] for place, share in enumerate(bodies)]

    def _write_and_kill(self, victim: Victim, prepared: list[list[Work]]) -> None:
        crowd = Crowd(self._place.port, prepared)
        with watched(self._place.public, self._ledger):
            crowd.start()
            self._wait_for_some(crowd)
            victim.kill()
            crowd.join()
        for work, place in crowd.acknowledged:
            self._ledger.promise(work.id, place, work.leaf)
        later = [work for work, status in crowd.refused if status == TRY_LATER]
        for work, status in crowd.refused:
            if status != TRY_LATER:
                self._ledger.stuck(f"{work.id} was refused with {status}")
        # What was not answered is sent again, and some of what was: that must change nothing.
        unsent = [*crowd.unanswered, *later[:WRITERS]]
        self._again = [*unsent, *(work for work, _ in crowd.acknowledged[:AGAIN])]

    def _wait_for_some(self, crowd: Crowd) -> None:
        """Wait for some acknowledgements, but not for long; then for a moment of chance."""
        enough, until = self._chance.randrange(MOST), time.monotonic() + LONGEST
        while len(crowd.acknowledged) < enough and time.monotonic() < until:
            time.sleep(GLANCE)
        time.sleep(self._chance.random() * _JITTER)

    def _judge(self, *, whole: bool = False) -> None:
        folder = self._place.public
        self._ledger.judge(checkpoint_in(folder), folder_reader(folder), whole=whole)

    def _look_at_everything(self) -> None:
        """Read all entries once more, and send again what is acknowledged: it changes nothing."""
        victim = Victim(self._place, command=False)
        try:
            victim.wait_ready()
        except TimeoutError as error:
            self._ledger.stuck(error)
            return
        crowd = Crowd(self._place.port, [self._again])
        crowd.start()
        crowd.join()
        for work, place in crowd.acknowledged:
            self._ledger.promise(work.id, place, work.leaf)
        victim.kill()
        self._judge(whole=True)
