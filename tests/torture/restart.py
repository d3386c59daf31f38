"""PostgreSQL is restarted again and again under three processes, while people sign at all of them.

Every other restart is a crash of the server. No process may need a hand after it: each of them must
acknowledge something that was sent to it since.
"""

import http.client
import itertools
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from postgres_server import PostgresServer

from tests.torture.crowd import Door, Work, Writer, join
from tests.torture.ledger import Ledger, checkpoint_in, folder_reader
from tests.torture.outcome import Outcome
from tests.torture.victims import Place, Victim, new_place
from tests.torture.watcher import watched
from trust.commands.server import listen
from trust.core.registry.trust_file import parse_trust_file

PROCESSES = 3
WRITERS = 2  # at each process
MODES = ("immediate", "fast")  # in turn: a crash, and an end in good order
AGAIN = 0.2  # of all restarts come while another one is being recovered from
MOST = 60  # acknowledgements before a restart
LONGEST = 2.0  # seconds of signing before a restart
PATIENCE = 60.0  # seconds after which a process needs a hand
TRY_LATER = (0, 503)  # no answer, or nothing is taken for the moment
_BREATH = 0.02  # seconds after no answer


class Answer(NamedTuple):
    """A statement, the index that was promised for it, and who promised it."""

    work: Work
    place: int
    port: int
    sent: float  # by `time.monotonic`


class Load:
    """People who sign one statement after the other, each until some process has answered it."""

    def __init__(self, places: Sequence[Place], writers: Sequence[Writer]) -> None:
        self._places, self._stop, self._abandoned = places, threading.Event(), False
        self.answers: list[Answer] = []
        self.refused: list[str] = []
        self._threads = [
            threading.Thread(target=self._run, args=(writer, home))
            for home, writer in enumerate(writers)
        ]
        for thread in self._threads:
            thread.start()

    def heard_since(self, moment: float) -> set[int]:
        """Return the ports that have acknowledged something which was sent after a moment."""
        return {answer.port for answer in list(self.answers) if answer.sent > moment}

    def stop(self, *, abandon: bool) -> None:
        """Return when everyone has got an answer to what they sent last, or without it."""
        self._abandoned = abandon
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, writer: Writer, home: int) -> None:
        while not self._stop.is_set():
            note = checkpoint_in(self._places[0].public) or ""
            (work,) = writer.prepare(note, 1)
            self._send(work, home)

    def _send(self, work: Work, home: int) -> None:
        """Ask one's own process first, and then the next ones, as behind a proxy."""
        until = time.monotonic() + PATIENCE
        for turn in itertools.count(home):
            place, sent = self._places[turn % PROCESSES], time.monotonic()
            if self._abandoned:
                return
            if sent > until:
                self.refused.append(f"{work.id} was never answered")
                return
            with closing(Door(place.port, place.named)) as door:
                try:
                    status, answer = door.post(work.body)
                except (OSError, http.client.HTTPException, ValueError):
                    status, answer = 0, None
            if status == 201:
                self.answers.append(Answer(work, answer["index"], place.port, sent))
                return
            if status not in TRY_LATER:
                self.refused.append(f"{work.id} was refused with {status}: {answer}")
                return
            time.sleep(_BREATH)


class Loop:
    """Three processes whose database is restarted. What does not hold ends them."""

    def __init__(
        self, places: Sequence[Place], victims: list[Victim], server: PostgresServer, seed: int
    ) -> None:
        self._places, self._victims, self._server = places, victims, server
        self._chance, self._patience = random.Random(seed), PATIENCE
        first = places[0]
        self._writers = [
            join(places[each % PROCESSES].port, f"writer-{each}", first.named)
            for each in range(PROCESSES * WRITERS)
        ]
        with closing(Door(first.port, first.named)) as door:
            log = parse_trust_file(door.get("/v1/trust")).newest_log
        self._ledger = Ledger(log.log_key, log.clock_key)
        self._recoveries: list[float] = []

    def run(self, start: int, count: int, patience: float = PATIENCE) -> Outcome:
        """Restart the database so often, or until something does not hold."""
        self._patience, done = patience, 0
        with watched(self._places[0].public, self._ledger):
            while done < count and not self._ledger.faults:
                self._cycle(start + done)
                done += 1
        self._judge(whole=True)
        ledger = self._ledger
        worst = {"recovery_s": max(self._recoveries, default=0)}
        return Outcome(done, ledger.promises, ledger.faults, ledger.details, worst)

    def _cycle(self, number: int) -> None:
        load = Load(self._places, self._writers)
        try:
            self._wait_for_some(load)
            back = self._restart(MODES[number % len(MODES)], load)
            if self._chance.random() < AGAIN:
                time.sleep(self._chance.random())
                back = self._restart(self._chance.choice(MODES), load)
            if not self._ledger.faults:
                self._wait_for_all(load, back)
        finally:
            if self._ledger.faults:
                end(self._victims)  # nobody needs an answer any more
            load.stop(abandon=bool(self._ledger.faults))
        for answer in load.answers:
            self._ledger.promise(answer.work.id, answer.place, answer.work.leaf)
        for refusal in load.refused:
            self._ledger.stuck(refusal)
        self._judge()

    def _wait_for_some(self, load: Load) -> None:
        """Wait for some acknowledgements, but not for long."""
        enough, until = self._chance.randrange(MOST), time.monotonic() + LONGEST
        while len(load.answers) < enough and time.monotonic() < until:
            time.sleep(_BREATH)

    def _restart(self, mode: str, load: Load) -> float:
        """Restart it, look for what was acknowledged until then; return when it was back."""
        self._server.restart(mode)
        back = time.monotonic()
        acknowledged = list(load.answers)
        with psycopg.connect(str(self._places[0].database)) as connection:
            rows = connection.execute("select id, idx from entries").fetchall()
        recorded: dict[str, int] = dict(rows)
        for answer in acknowledged:
            if recorded.get(answer.work.id) != answer.place:
                self._ledger.lose(answer.work.id)
        return back

    def _wait_for_all(self, load: Load, back: float) -> None:
        """Wait until each process has acknowledged something that was sent to it since."""
        while missing := {place.port for place in self._places} - load.heard_since(back):
            if time.monotonic() > back + self._patience:
                self._ledger.stuck(f"{len(missing)} of {PROCESSES} processes need a hand")
                return
            for victim in self._victims:
                if victim.ended:
                    self._ledger.stuck(f"a process ended: {victim.last_words}")
                    return
            time.sleep(_BREATH)
        self._recoveries.append(time.monotonic() - back)

    def _judge(self, *, whole: bool = False) -> None:
        folder = self._places[0].public
        self._ledger.judge(checkpoint_in(folder), folder_reader(folder), whole=whole)


@contextmanager
def restarted(
    folder: Path, server: PostgresServer, url: str, seed: int, planted: str | None = None
) -> Iterator[Loop]:
    """Start three processes of a new registry: `touchplate serve`, or forked with a fault."""
    first = new_place(folder, url)
    first = first._replace(named=first.port)
    places, victims = [first], []
    for _ in range(PROCESSES - 1):
        with listen("127.0.0.1", 0) as bound:
            places.append(first._replace(port=bound.getsockname()[1]))
    try:
        for place in places:
            victims.append(Victim(place, command=planted is None, planted=planted))
            if place is first:
                victims[0].wait_ready()  # it makes the keys
        for victim in victims:
            victim.wait_ready()
        yield Loop(places, victims, server, seed)
    finally:
        end(victims)


def end(victims: list[Victim]) -> None:
    """Kill them all."""
    while victims:
        victims.pop().kill()
