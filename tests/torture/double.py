"""Two storage calls fail, any two: while batches are appended, or in the start after that.

A log that writes two batches and is opened again makes a few dozen calls of its storage ports. For
every pair of them, and for each alone, a run lets those calls fail: a call that writes, once before
it did anything ("not stored") and once after it did all ("but stored"). Whoever meets a fault is
opened again, as after a crash, until everything is acknowledged; then a stranger looks.
"""

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from tests.torture.ledger import Ledger
from tests.torture.outcome import Outcome
from tests.torture.scene import MEMORY, Batch, Life, Scene
from trust.core.errors import TouchplateError, Unavailable
from trust.core.log.tile import TilePath
from trust.storage.ports import Tables, Tiles, Values

LIVES = 6  # two faults cost two of them; a log that still does not run is stuck
ROWS = 3  # statements in a batch

Fault = tuple[int, bool]  # which call, counted over all lives; whether it was stored
Plan = tuple[Fault, ...]


class Calls:
    """Counts the calls of both ports and lets those of a plan fail."""

    def __init__(self, plan: Plan) -> None:
        self._plan = dict(plan)
        self._count = 0
        self.writes: list[int] = []  # the calls that can fail in two ways

    def next(self, *, writes: bool = False) -> bool | None:
        """Count one; return how it fails: None not at all, True after it has stored."""
        place, self._count = self._count, self._count + 1
        if writes:
            self.writes.append(place)
        return self._plan.get(place)

    @property
    def count(self) -> int:
        """Calls so far."""
        return self._count


def _fail() -> None:
    raise Unavailable("a planned fault")


class FaultyTables:
    """Tables whose calls fail by plan."""

    def __init__(self, inner: Tables, calls: Calls) -> None:
        self._inner, self._calls = inner, calls

    @contextmanager
    def write(self) -> Iterator[Any]:
        """Fail before anything, or after the commit."""
        stored = self._calls.next(writes=True)
        if stored is False:
            with self._inner.write() as connection:
                yield connection
                _fail()  # what was done is rolled back
        else:
            with self._inner.write() as connection:
                yield connection
        if stored:
            _fail()

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Fail instead of reading."""
        if self._calls.next() is not None:
            _fail()
        return self._inner.rows(sql, values)

    def row(self, sql: str, values: Values = ()) -> Any:
        """Fail instead of reading."""
        rows = self.rows(sql, values)
        return rows[0] if rows else None

    def scrub(self) -> None:
        self._inner.scrub()

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Writes nothing, and does not fail."""
        return self._inner.alone(name)

    def close(self) -> None:
        """Close what is below."""
        self._inner.close()


class FaultyTiles:
    """Tiles whose calls fail by plan. A write that is not stored may have stored a part."""

    def __init__(self, inner: Tiles, calls: Calls, ledger: Ledger) -> None:
        self._inner, self._calls, self._ledger = inner, calls, ledger

    def read(self, path: TilePath) -> bytes:
        """Fail instead of reading."""
        if self._calls.next() is not None:
            _fail()
        return self._inner.read(path)

    def write(self, tiles: Mapping[TilePath, bytes]) -> None:
        """Fail after half of the tiles, or after all."""
        stored = self._calls.next(writes=True)
        if stored is False:
            self._inner.write(dict(list(tiles.items())[: len(tiles) // 2]))
            _fail()
        self._inner.write(tiles)
        if stored:
            _fail()

    def prune(self, full: Sequence[TilePath]) -> None:
        """Fail before or after."""
        stored = self._calls.next(writes=True)
        if stored is not False:
            self._inner.prune(full)
        if stored is not None:
            _fail()

    def read_checkpoint(self) -> str | None:
        """Fail instead of reading."""
        if self._calls.next() is not None:
            _fail()
        return self._inner.read_checkpoint()

    def write_checkpoint(self, note: str, over: str | None) -> None:
        """Fail before or after it stands there for everyone."""
        stored = self._calls.next(writes=True)
        if stored is False:
            _fail()
        self._inner.write_checkpoint(note, over)
        self._ledger.show(note)
        if stored:
            _fail()


class Doubles:
    """All plans for one scene."""

    def __init__(self, folder: Path) -> None:
        """Make the scene, and count the calls of a run without faults."""
        self._scene = Scene.make(folder)
        self._batches = [self._scene.batch(name, ROWS) for name in ("first", "second")]
        ledger = self._scene.ledger()
        calls = self._run((), ledger)
        if ledger.faults:
            raise ValueError(f"a run without faults does not hold: {ledger.details}")
        self._kinds = [
            [(place, False), (place, True)] if place in calls.writes else [(place, False)]
            for place in range(calls.count)
        ]

    def plans(self) -> list[Plan]:
        """Every single fault, and every pair."""
        alone = [(fault,) for kinds in self._kinds for fault in kinds]
        pairs = [
            pair
            for first, second in itertools.combinations(self._kinds, 2)
            for pair in itertools.product(first, second)
        ]
        return [*alone, *pairs]

    def run(self, plans: Sequence[Plan]) -> Outcome:
        """Run plans; count what did not hold."""
        faults: Counter[str] = Counter()
        details = []
        for plan in plans:
            ledger = self._scene.ledger()
            self._run(plan, ledger)
            faults += ledger.faults
            details += [f"{plan}: {detail}" for detail in ledger.details]
        return Outcome(len(plans), 0, faults, details)

    def _run(self, plan: Plan, ledger: Ledger) -> Calls:
        """Live until everything is acknowledged and once more; return the calls that were made."""
        calls = Calls(plan)
        with tempfile.TemporaryDirectory(dir=MEMORY) as name:
            data = self._scene.copy(Path(name) / "data")
            waiting = list(self._batches)
            lives = 0
            clean = False
            while not clean and lives < LIVES:
                quiet = not waiting
                waiting, went_well = self._live(data, calls, ledger, waiting)
                self._scene.judge(ledger, data)
                clean, lives = quiet and went_well, lives + 1
            if not clean:
                ledger.stuck(f"not whole after {lives} starts")
            self._scene.judge(ledger, data, whole=True)
        return calls

    def _live(
        self, data: Path, calls: Calls, ledger: Ledger, waiting: list[Batch]
    ) -> tuple[list[Batch], bool]:
        """Open, append what waits, close; return what still waits, and whether all went well."""
        tables, tiles = self._scene.storage(data)
        left = []
        try:
            life = Life(self._scene, FaultyTables(tables, calls), FaultyTiles(tiles, calls, ledger))
        except TouchplateError:
            tables.close()
            return waiting, False
        for batch in waiting:
            try:
                life.append(batch)
            except TouchplateError:
                left.append(batch)  # and the next one is tried all the same
            else:
                places = dict(tables.rows("select id, idx from entries"))
                self._scene.promise(ledger, places, batch)
        life.close()
        tables.close()
        return left, not left
