"""Known-bad orders of writing, planted into this process. A harness that misses one is broken.

Each is what a hasty change could make of the append path. Where the moment in which a kill does
harm is short, the plant makes it longer, so that a few kills find it.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from trust.core.canonical import Json
from trust.core.errors import TouchplateError, Unavailable
from trust.core.log.checkpoint import Checkpoint
from trust.core.log.tile import TilePath
from trust.service import append_path, log_recovery, registry
from trust.service.answers import Answers
from trust.service.append_path import AppendPath, Submission
from trust.service.history import History
from trust.service.log_writer import LogWriter
from trust.service.sequencer import CLOSED, Sequencer, Waiting
from trust.storage import connections, postgres
from trust.storage.postgres import _enter
from trust.storage.tiles import TileFolder

WINDOW = 0.03  # seconds


def checkpoint_first() -> None:
    """Publish what is not committed yet."""
    swap = AppendPath._swap

    def early(self: AppendPath, connection: Any, signed: Any, entries: Any) -> Any:
        published = swap(self, connection, signed, entries)
        self._tiles.write_checkpoint(signed.note, self._public)
        self._public = signed.note
        time.sleep(WINDOW)
        return published

    change(AppendPath, "_swap", early)


def in_background(
    log: Callable[[Submission], None], items: Sequence[Submission]
) -> "list[Future[None]]":
    """Log statements one after the other in a thread; return what ends as each does."""
    flights: list[Future[None]] = [Future() for _ in items]

    def run() -> None:
        for item, flight in zip(items, flights, strict=True):
            try:
                log(item)
            except TouchplateError as error:
                flight.set_exception(error)
            else:
                flight.set_result(None)

    threading.Thread(target=run).start()
    return flights


def acknowledge_first() -> None:
    """Answer when the batch is signed, before it is committed."""
    places: dict[str, int] = {}
    swap = AppendPath._swap

    def told(self: AppendPath, connection: Any, signed: Any, entries: Any) -> Any:
        published = swap(self, connection, signed, entries)
        places.update({entry.id: entry.index for entry in entries})
        time.sleep(WINDOW)
        return published

    def unwaited(self: LogWriter, submissions: Sequence[Submission], _term: object = None) -> None:
        waiting = Waiting(submissions, Future())
        sequencer: Any = self._sequencer
        sequencer._queue.put(waiting)
        while submissions[-1].id not in places:
            if waiting.future.done():
                waiting.future.result()  # raises what stopped the writer
            time.sleep(WINDOW / 30)

    def each(self: LogWriter, items: Sequence[Submission], _check: object) -> list[Any]:
        return in_background(lambda item: unwaited(self, [item]), items)

    def answer(_self: Answers, statement_id: str, *_more: object, **_: object) -> dict[str, Json]:
        return {"id": statement_id, "index": places[statement_id]}

    change(AppendPath, "_swap", told)
    change(LogWriter, "append", unwaited)
    change(LogWriter, "send_each", each)
    change(Answers, "of", answer)


def tiles_last() -> None:
    """Publish the checkpoint, and only then the tiles that lead to it."""
    late: dict[TilePath, bytes] = {}
    write, write_checkpoint = TileFolder.write, TileFolder.write_checkpoint

    def put_off(_self: TileFolder, tiles: Mapping[TilePath, bytes]) -> None:
        late.update(tiles)

    def publish(self: TileFolder, note: str, over: str | None) -> None:
        write_checkpoint(self, note, over)
        time.sleep(WINDOW)
        write(self, late)
        late.clear()

    change(TileFolder, "write", put_off)
    change(TileFolder, "write_checkpoint", publish)


def forgetful_start() -> None:
    """After a crash go on from the database alone: lay no tiles for what it has committed."""
    recover_edge, write = log_recovery.recover_edge, TileFolder.write

    def forget(database: Any, tiles: Any, public: Any, committed: Any) -> Any:
        sink: Any = _Sink(tiles)
        return recover_edge(database, sink, public, committed)

    def slow(self: TileFolder, tiles: Mapping[TilePath, bytes]) -> None:
        time.sleep(WINDOW)
        write(self, tiles)

    change(append_path, "recover_edge", forget)
    change(TileFolder, "write", slow)


def change(owner: Any, name: str, value: object) -> None:
    """Put another function in the place of one of the product's, which has to be there."""
    getattr(owner, name)
    setattr(owner, name, value)


def trusting_start() -> None:
    """Take the newest checkpoint of the database for the truth, whatever is published."""

    def trust(_public: object, _committed: object) -> None:
        """Look at nothing."""

    change(append_path, "check_public", trust)


def unasking_start() -> None:
    """Take a data folder for the newest one, without asking the witnesses."""

    def unasked(*_: object) -> None:
        """Ask nobody."""

    change(registry, "check_history", unasked)


def believing_start() -> None:
    """Be content where a witness holds fewer entries, whatever they are."""

    def longer(_self: object, held: Checkpoint, committed: Checkpoint) -> bool:
        return held.size <= committed.size

    change(History, "has", longer)


class _Sink:
    """Tiles that are read and never written."""

    def __init__(self, tiles: Any) -> None:
        self.read = tiles.read

    def write(self, tiles: object) -> None:
        """Lay nothing."""


def careless_writer() -> None:
    """Go on writing after a fault, as if the disk had said nothing."""
    guarded = Sequencer._guarded

    def careless(self: Sequencer, batch: Sequence[Waiting]) -> None:
        guarded(self, batch)
        if self._stopped != CLOSED:
            self._stopped = None

    change(Sequencer, "_guarded", careless)


def swallowed_error() -> None:
    """Take a tile that could not be laid for one that was."""
    made = AppendPath.__init__

    def init(self: AppendPath, database: Any, tiles: Any, *rest: Any) -> None:
        deaf: Any = _Deaf(tiles)
        made(self, database, deaf, *rest)

    change(AppendPath, "__init__", init)


class _Deaf:
    """Tiles whose errors nobody hears."""

    def __init__(self, tiles: Any) -> None:
        self._tiles = tiles
        self.read, self.read_checkpoint = tiles.read, tiles.read_checkpoint
        self.write_checkpoint, self.prune = tiles.write_checkpoint, tiles.prune

    def write(self, tiles: Mapping[TilePath, bytes]) -> None:
        """Lay tiles, or not."""
        with contextlib.suppress(Unavailable):
            self._tiles.write(tiles)


def unsynced_commit() -> None:
    """Let PostgreSQL say that it has committed before its disk has."""
    configure = connections.configure

    def hasty(connection: Any) -> None:
        configure(connection)
        connection.execute("set synchronous_commit to off")

    change(connections, "configure", hasty)


def kept_connection() -> None:
    """Go on with the connection that wrote until now, though the server has started again."""

    begin = postgres.PostgresTables._begin

    def keep(_self: object) -> None:
        """Drop nothing."""

    def begin_there(self: Any, stack: Any) -> Any:
        return begin(self, stack) if self._writer is None else _enter(stack, self._writer)

    change(postgres.PostgresTables, "_drop_writer", keep)
    change(postgres.PostgresTables, "_begin", begin_there)


Plant = Callable[[], None]
IN_A_REGISTRY: dict[str, Plant] = {
    "checkpoint first": checkpoint_first,
    "acknowledge first": acknowledge_first,
    "tiles last": tiles_last,
    "forgetful start": forgetful_start,
}
UNDER_FAULTS: dict[str, Plant] = {
    "checkpoint first": checkpoint_first,
    "acknowledge first": acknowledge_first,
    "forgetful start": forgetful_start,
    "careless writer": careless_writer,
    "swallowed error": swallowed_error,
}
SEEN_FOLDERS: dict[str, Plant] = {
    "unasking start": unasking_start,
    "believing start": believing_start,
}
OLD_FOLDERS: dict[str, Plant] = {"trusting start": trusting_start}
UNDER_RESTARTS: dict[str, Plant] = {
    "unsynced commit": unsynced_commit,
    "kept connection": kept_connection,
}
ON_POSTGRES = ("checkpoint first", "tiles last")  # of IN_A_REGISTRY
ON_A_FULL_DISK = ("acknowledge first",)  # of IN_A_REGISTRY
