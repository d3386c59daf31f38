"""Power cuts: what a start finds when only what was synced is sure."""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from tests.torture.ledger import Ledger, checkpoint_in
from tests.torture.outcome import Outcome
from tests.torture.planted import Plant, acknowledge_first, checkpoint_first
from tests.torture.platter import (
    FILE_SYNC,
    FOLDER_SYNC,
    VFS,
    Event,
    RecordedVfs,
    Tape,
    database_after,
    files_after,
    recorded_files,
)
from tests.torture.scene import DATABASE, MEMORY, Batch, Life, Scene
from trust.storage.database import Database, SqliteTransaction
from trust.storage.ports import Values
from trust.storage.tiles import TileFolder

BATCHES = 14
CHECKPOINTED = 40  # pages of WAL: several times in a tape, where the product has 1,000


class RecordedTransaction(SqliteTransaction):
    """The product's own transaction, over the library that can be recorded."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)

    def execute(self, sql: str, values: Values = ()) -> int:
        """Run one statement; this library counts changes elsewhere."""
        connection: Any = self._connection
        connection.execute(sql, values)
        return int(connection.changes())


class RecordedTables:
    """Tables over a recorded SQLite, set as the product sets its own.

    The recorded files have no shared memory, so that WAL runs under an exclusive lock.
    """

    def __init__(self, path: Path, synchronous: int) -> None:
        self._connection = apsw.Connection(str(path), vfs=VFS)
        for pragma in ("locking_mode = exclusive", f"synchronous = {synchronous}"):
            self._connection.execute(f"pragma {pragma}")
        self._connection.execute(f"pragma wal_autocheckpoint = {CHECKPOINTED}")

    @contextmanager
    def write(self) -> Iterator[Any]:
        """Run a transaction."""
        self._connection.execute("begin immediate")
        yield RecordedTransaction(self._connection)
        self._connection.execute("commit")

    def alone(self, _name: str) -> AbstractContextManager[None]:
        """There is one caller."""
        return nullcontext()

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Return all rows."""
        found: list[Any] = self._connection.execute(sql, values).fetchall()
        return found

    def row(self, sql: str, values: Values = ()) -> Any:
        """Return the first row."""
        return next(iter(self.rows(sql, values)), None)

    def scrub(self) -> None:
        """Nothing is deleted here."""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Recording(NamedTuple):
    """A life of a writer, as its disk saw it."""

    tape: Tape
    before: dict[str, bytes]  # the files of SQLite
    batches: dict[str, Batch]  # by the names of the tape's `acknowledge` events
    places: dict[str, int]  # index by id


def record(
    scene: Scene, folder: Path, *, synchronous: int | None = None, without: str | None = None
) -> Recording:
    """Append batches over a recorded disk; by default with the syncs of the product."""
    data = scene.copy(folder / "data")
    setting = product_setting(data) if synchronous is None else synchronous
    before = {path.name: path.read_bytes() for path in data.glob(f"{DATABASE}*")}
    tape: Tape = []
    vfs = RecordedVfs(tape)
    tables = RecordedTables(data / DATABASE, setting)
    batches = {
        str(number): scene.batch(f"{folder} {number}", 1 + number % 3) for number in range(BATCHES)
    }
    with recorded_files(tape, without):
        life = Life(scene, tables, TileFolder(scene.public(data)))
        for name, batch in batches.items():
            life.append(batch)
            tape.append(Event("acknowledge", name))
        life.close()
    places = dict(tables.rows("select id, idx from entries"))
    recorded = list(tape)
    tables.close()  # is not part of the story
    vfs.unregister()
    return Recording(_relative(recorded, data), before, batches, places)


def product_setting(data: Path) -> int:
    """Return `synchronous` as the product sets it; it must use a WAL."""
    database = Database(data / DATABASE)
    with database.write() as transaction:
        (journal,) = transaction.row("pragma journal_mode")
        (synchronous,) = transaction.row("pragma synchronous")
    database.close()
    if journal != "wal":
        raise ValueError(f"the product's journal is {journal!r}, this model is of a WAL")
    return int(synchronous)


def _relative(tape: Tape, data: Path) -> Tape:
    """Name files by their place in the data folder."""
    return [
        event._replace(name=str(Path(event.name).relative_to(data)))
        if event.kind in {"lay", "sync folder"}
        else event
        for event in tape
    ]


def cut(scene: Scene, recording: Recording, chance: random.Random, ledger: Ledger) -> None:
    """Cut the power at some moment, start again, and hold what is left against the ledger."""
    tape = recording.tape[: chance.randrange(len(recording.tape) + 1)]
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        data = scene.copy(Path(name) / "data")
        for path in data.glob(f"{DATABASE}*"):
            path.unlink()
        for file, content in database_after(tape, recording.before, chance).items():
            (data / file).write_bytes(content)
        for file, content in files_after(tape, chance).items():
            target = data / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_bytes(content)
        _promise(scene, recording, tape, ledger)
        _see(scene, data, ledger)
        _start(scene, data, ledger)
        scene.judge(ledger, data, whole=True)


def _promise(scene: Scene, recording: Recording, tape: Tape, ledger: Ledger) -> None:
    """Note what was acknowledged and shown before the cut."""
    for event in tape:
        if event.kind == "acknowledge":
            scene.promise(ledger, recording.places, recording.batches[event.name])
        elif event.kind == "lay" and event.name.endswith("/checkpoint"):
            ledger.show(event.data.decode())


def _see(scene: Scene, data: Path, ledger: Ledger) -> None:
    """A checkpoint that a web server would give out has its tiles, before anyone starts anything.

    It may be older than one that was shown: the start publishes the newer one again.
    """
    public = scene.public(data)
    seen = scene.ledger()
    note = checkpoint_in(public)
    if note is not None:
        scene.judge(seen, data, whole=True)
        ledger.take(seen)


def _start(scene: Scene, data: Path, ledger: Ledger) -> None:
    """Start as the product does, and append once more."""
    try:
        tables, tiles = scene.storage(data)
        with closing(tables), closing(Life(scene, tables, tiles)) as life:
            life.append(scene.batch("after the cut", 1))
    except Exception as error:  # noqa: BLE001 - however a start ends, it needed hands
        ledger.stuck(error)


def cuts(folder: Path, start: int, count: int, plant: Plant | None = None, **wrong: Any) -> Outcome:
    """Record one life and cut it `count` times; `plant` and `wrong` make it a bad one."""
    scene = Scene.make(folder / "scene")
    if plant is not None:
        plant()
    recording = record(scene, folder / "recorded", **wrong)
    faults: Counter[str] = Counter()
    details = []
    acknowledged = 0
    for number in range(start, start + count):
        ledger = scene.ledger()
        cut(scene, recording, random.Random(number), ledger)
        acknowledged += ledger.promises
        faults += ledger.faults
        details += [f"cut {number}: {detail}" for detail in ledger.details]
    return Outcome(count, acknowledged, faults, details)


# How a life may be recorded that must not pass.
WRONG: dict[str, dict[str, Any]] = {
    "no sync of files": {"without": FILE_SYNC},
    "no sync of folders": {"without": FOLDER_SYNC},
    "synchronous = off": {"synchronous": 0},
    "synchronous = normal": {"synchronous": 1},
    "checkpoint first": {"plant": checkpoint_first},
    "acknowledge first": {"plant": acknowledge_first},
}
