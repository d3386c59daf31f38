"""The one append path: stage, sign, compare-and-swap, publish tiles, publish checkpoint, answer.

One thread does it for everyone; whatever waits is taken as one batch. Recovery after a crash is the
same code: `_recover` discards what was staged beyond the committed size (nobody was told of it),
and publishes again what was committed (publishing twice is harmless). The database's newest
checkpoint is the truth; the files follow it.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import canonical
from trust.core.errors import Unavailable
from trust.core.log.checkpoint import (
    EMPTY_ROOT,
    Checkpoint,
    SignedCheckpoint,
    sign_checkpoint,
)
from trust.core.log.entry import leaf_entry
from trust.core.log.tile import TilePath
from trust.core.registry.status import Snapshot, Status, sign_snapshot
from trust.core.registry.status_tree import StatusTree
from trust.core.signing.envelope import Envelope
from trust.core.signing.statement import parse_statement
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.projections import (
    ENTRY_SQL,
    EVENTS_SQL,
    load_entry,
    project,
    status_lines,
)
from trust.service.recovery import check_public, open_stored
from trust.service.tree import Edge
from trust.storage.ports import Tables, Tiles

MAX_BATCH = 256
CLOSED = "the registry is closed"
_log = logging.getLogger(__name__)


class Submission(NamedTuple):
    """One checked statement on its way into the log."""

    id: str
    scid: str
    envelope: Envelope
    certificate: bytes
    private: bytes | None


class Waiting(NamedTuple):
    """Statements that one caller wants logged in order, and the caller's answer."""

    items: Sequence[Submission]
    future: "Future[int]"


class Published(NamedTuple):
    """What readers see: one checkpoint, its snapshot, and the tree over its status lines."""

    checkpoint: SignedCheckpoint
    status: Status  # the snapshot alone, to which proofs are added
    tree: StatusTree

    @property
    def size(self) -> int:
        """Entries that the checkpoint covers."""
        return self.checkpoint.checkpoint.size


class Sequencer:
    """Owns the writer. `published` is swapped whole, so that a reader never mixes two states."""

    def __init__(
        self, database: Tables, tiles: Tiles, authorities: Authorities, clock: Clock
    ) -> None:
        self._database, self._tiles, self._authorities = database, tiles, authorities
        self._clock = clock
        self._edge = Edge()
        self._queue: queue.Queue[Waiting | None] = queue.Queue()
        self._stopped: str | None = None
        self._lock = threading.Lock()  # of `_stopped` and what may still enter the queue
        self._row = 0  # of the newest committed checkpoint
        self._tree: StatusTree | None = None  # over the status lines at that row
        self.published = self._recover()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()

    def append(self, submissions: Sequence[Submission]) -> int:
        """Log statements, or none, in order; return the first index once all are published.

        Raises:
            Unavailable: the writer has stopped. Nothing was acknowledged.
        """
        waiting = Waiting(submissions, Future())
        with self._lock:
            if self._stopped is not None:
                raise Unavailable(self._stopped)
            self._queue.put(waiting)
        return waiting.future.result()

    def close(self) -> None:
        """Finish what is queued and stop."""
        with self._lock:
            self._stopped = self._stopped or CLOSED
            self._queue.put(None)
        self._thread.join()

    def read_tile(self, path: TilePath) -> bytes:
        """Return a published tile."""
        return self._tiles.read(path)

    def _recover(self) -> Published:
        """Make files and edge agree with the newest committed checkpoint, and sign it again."""
        row = self._database.row(
            "select seq, size, note from checkpoints order by seq desc limit 1"
        )
        self._row, size = (0, 0) if row is None else (row[0], row[1])
        committed = None if row is None else open_stored(row[2], self._authorities)
        public = self._tiles.read_checkpoint()
        check_public(None if public is None else open_stored(public, self._authorities), committed)
        with self._database.write() as connection:
            connection.execute("delete from entries where idx >= ?", (size,))
        leaves = self._database.rows("select leaf from entries order by idx")
        tiles = self._edge.append([leaf for (leaf,) in leaves])
        if committed is not None:
            self._clock.advance(committed.time)
            if (self._edge.size, self._edge.root()) != committed.checkpoint[1:]:
                raise Unavailable("the stored entries do not lead to the newest signed checkpoint")
        return self._commit(self._clock.reading(), [], tiles)

    def _run(self) -> None:
        resign = self._authorities.settings.resign_seconds
        while True:
            try:
                taken = self._queue.get(timeout=resign)
            except queue.Empty:
                self._guarded([])
                continue
            if taken is None:
                return
            batch, closing = self._gather(taken)
            self._guarded(batch)
            if closing:
                return

    def _gather(self, first: Waiting) -> tuple[list[Waiting], bool]:
        """Take all that waits, up to a batch; whoever comes in the meantime is in the next one."""
        batch = [first]
        while sum(len(waiting.items) for waiting in batch) < MAX_BATCH:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                return batch, True
            batch.append(more)
        return batch, False

    def _guarded(self, batch: Sequence[Waiting]) -> None:
        """Append a batch, or sign again for an empty one; a fault stops the writer for good.

        After a failed write nobody knows what the disk holds: only a new start finds out. Reads go
        on from what is published.
        """
        try:
            if self._stopped not in {None, CLOSED}:
                self._refuse(batch)
            elif batch:
                self._append_batch(batch)
            else:
                self._sign_again()
        except Exception as error:  # noqa: BLE001 - the boundary of the writer's thread
            with self._lock:
                self._stopped = f"the writer has stopped: {error}"
            _log.critical(self._stopped)
            self._refuse(batch)

    def _refuse(self, batch: Sequence[Waiting]) -> None:
        for waiting in batch:
            if not waiting.future.done():
                waiting.future.set_exception(Unavailable(self._stopped or CLOSED))

    def _append_batch(self, batch: Sequence[Waiting]) -> None:
        seconds = self._clock.reading()
        start = self._edge.size
        items = [item for waiting in batch for item in waiting.items]
        self._stage(items, start, seconds)
        # A crash here: the rows lie beyond the committed size; `_recover` discards them.
        rows = self._database.rows("select leaf from entries where idx >= ? order by idx", (start,))
        if len(rows) != len(items):
            raise Unavailable(f"{len(rows)} of {len(items)} staged entries can be read back")
        tiles = self._edge.append([leaf for (leaf,) in rows])
        self.published = self._commit(seconds, range(start, start + len(items)), tiles)
        # A crash here: committed and published, not acknowledged; a repeated request finds it.
        for waiting in batch:
            waiting.future.set_result(start)
            start += len(waiting.items)

    def _stage(self, items: Sequence[Submission], start: int, seconds: int) -> None:
        """Write the batch beyond the committed size, durably, with a token for each."""
        with self._database.write() as connection:
            self._check_alone(connection)
            for place, item in enumerate(items):
                statement = parse_statement(item.envelope.payload)
                signature = item.envelope.signature
                connection.execute(
                    "insert into entries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        start + place,
                        item.id,
                        statement.type,
                        item.scid,
                        leaf_entry(sha256(item.envelope.pae).digest(), signature, item.certificate),
                        item.envelope.payload,
                        signature,
                        item.certificate,
                        self._authorities.timestamp(signature, seconds),
                        seconds,
                        statement.private,
                    ),
                )
                if item.private is not None:
                    connection.execute(
                        "insert or ignore into private_parts values (?, ?)",
                        (statement.private, item.private),
                    )

    def _sign_again(self) -> None:
        """Sign the newest checkpoint and snapshot again, so that both have today's time."""
        self.published = self._commit(self._clock.reading(), [], {})

    def _commit(
        self, seconds: int, indexes: Sequence[int], tiles: dict[TilePath, bytes]
    ) -> Published:
        """Sign checkpoint and snapshot, swap them in with the projections, publish."""
        keys, origin = self._authorities.keys, self._authorities.origin
        root = self._edge.root() if self._edge.size else EMPTY_ROOT
        checkpoint = Checkpoint(origin, self._edge.size, root)
        note = sign_checkpoint(checkpoint, keys["log"], keys["clock"], seconds)
        # A crash here: a signed note that nobody saw; `_recover` signs the older size again.
        signed = SignedCheckpoint(checkpoint, note, seconds)
        with self._database.write() as connection:
            published = self._swap(connection, signed, indexes)
        # A crash here: committed, so the entries are in the log; `_recover` publishes them.
        self._row += 1
        for path, data in tiles.items():
            self._tiles.write(path, data)
        # A crash here: tiles that nobody reads yet; the same bytes are laid again.
        self._tiles.write_checkpoint(note)
        return published

    def _swap(
        self, connection: sqlite3.Connection, signed: SignedCheckpoint, indexes: Sequence[int]
    ) -> Published:
        """Compare-and-swap the newest checkpoint, with its snapshot and the projections."""
        self._check_alone(connection)
        rows = [connection.execute(ENTRY_SQL, (index,)).fetchone() for index in indexes]
        changed = [project(connection, load_entry(row)) for row in rows]
        origin, size, root = signed.checkpoint
        if self._tree is None or any(changed):
            events = connection.execute(EVENTS_SQL, (size,)).fetchall()
            self._tree = StatusTree(status_lines(events))
        tree = self._tree
        snapshot = Snapshot(origin, size, root, signed.time, len(tree.lines), tree.root)
        envelope = sign_snapshot(snapshot, self._authorities.keys["status"])
        connection.execute(
            "insert into checkpoints values (?, ?, ?, ?)",
            (self._row + 1, size, signed.note, canonical(envelope.to_json())),
        )
        return Published(signed, Status(envelope, snapshot, ()), tree)

    def _check_alone(self, connection: sqlite3.Connection) -> None:
        """A second process on the same folder has swapped; whoever finds out stops."""
        (newest,) = connection.execute("select coalesce(max(seq), 0) from checkpoints").fetchone()
        if newest != self._row:
            raise Unavailable("another process has written to this log")
