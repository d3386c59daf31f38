"""The one append path: stage, sign, compare-and-swap, publish tiles, publish checkpoint, answer.

One thread does it for everyone; whatever waits is taken as one batch. Recovery after a crash is the
same code: `open` discards what was staged beyond the committed size (nobody was told of it), and
publishes again what was committed (publishing twice is harmless). The database's newest checkpoint
is the truth; the files follow it.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import canonical, parse
from trust.core.errors import TouchplateError, Unavailable
from trust.core.log.checkpoint import (
    EMPTY_ROOT,
    Checkpoint,
    SignedCheckpoint,
    clock_vkey,
    log_vkey,
    open_checkpoint,
    sign_checkpoint,
)
from trust.core.log.entry import leaf_entry
from trust.core.log.tile import TilePath
from trust.core.registry.status import (
    MAX_SNAPSHOT,
    MEDIA_TYPE,
    Line,
    Snapshot,
    sign_snapshot,
    status_root,
)
from trust.core.signing.envelope import Envelope, parse_envelope
from trust.core.signing.statement import parse_statement
from trust.service.authorities import Authorities
from trust.service.projections import Entry, project, status_lines
from trust.service.tree import Edge
from trust.storage.database import Database
from trust.storage.tiles import TileFolder

MAX_BATCH = 256
CLOCK_PATIENCE = 5  # seconds that a clock which stepped backwards is waited for
_log = logging.getLogger(__name__)


class Submission(NamedTuple):
    """One checked statement on its way into the log."""

    id: str
    scid: str
    envelope: Envelope
    certificate: bytes
    private: bytes | None


class Published(NamedTuple):
    """What readers see: one checkpoint, its snapshot, and all status lines at that size."""

    checkpoint: SignedCheckpoint
    snapshot: Envelope
    lines: tuple[Line, ...]

    @property
    def size(self) -> int:
        """Entries that the checkpoint covers."""
        return self.checkpoint.checkpoint.size


class Sequencer:
    """Owns the writer. `published` is swapped whole, so that a reader never mixes two states."""

    def __init__(
        self,
        database: Database,
        tiles: TileFolder,
        authorities: Authorities,
        clock: Callable[[], float],
    ) -> None:
        self._database, self._tiles, self._authorities = database, tiles, authorities
        self._clock = clock
        self._edge = Edge()
        self._last_time = 0
        self._queue: queue.Queue[tuple[Sequence[Submission], Future[int]] | None] = queue.Queue()
        self._stopped: str | None = None
        self.published = self._recover()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()

    def append(self, submissions: Sequence[Submission]) -> int:
        """Log statements in order; return the first index once a checkpoint covers them all.

        Raises:
            Unavailable: the writer has stopped. Nothing was acknowledged.
        """
        if self._stopped is not None:
            raise Unavailable(self._stopped)
        future: Future[int] = Future()
        self._queue.put((submissions, future))
        while True:
            try:
                return future.result(timeout=1)
            except TimeoutError:
                # Queued behind the order to stop: nobody will take it any more.
                if not self._thread.is_alive() and not future.done():
                    raise Unavailable("the registry has stopped") from None

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._queue.put(None)
        self._thread.join()
        self._stopped = self._stopped or "the registry has stopped"

    def read_tile(self, path: TilePath) -> bytes:
        """Return a published tile."""
        return self._tiles.read(path)

    def _recover(self) -> Published:
        """Make files and edge agree with the newest committed checkpoint, and sign it again."""
        row = self._database.row("select size, note from checkpoints order by seq desc limit 1")
        size = 0 if row is None else row[0]
        with self._database.write() as connection:
            connection.execute("delete from entries where idx >= ?", (size,))
        if row is not None:
            self._last_time = self._open(row[1]).time
        leaves = self._database.rows("select leaf from entries order by idx")
        tiles = self._edge.append([leaf for (leaf,) in leaves])
        if row is not None and self._edge.root() != self._open(row[1]).checkpoint.root:
            raise Unavailable("the stored entries do not lead to the newest signed checkpoint")
        public = self._tiles.read_checkpoint()
        if public is not None and self._open(public).checkpoint.size > size:
            raise Unavailable("the published checkpoint is newer than the database; restore it")
        return self._commit(self._now(), [], tiles)

    def _run(self) -> None:
        resign = self._authorities.settings.resign_seconds
        while True:
            try:
                taken = self._queue.get(timeout=resign)
            except queue.Empty:
                self._guarded(self._sign_again, [])
                continue
            if taken is None:
                return
            batch = [taken]
            while sum(len(items) for items, _ in batch) < MAX_BATCH and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    self._queue.put(None)
                    break
                batch.append(more)
            self._guarded(partial(self._append_batch, batch), batch)

    def _guarded(
        self,
        work: Callable[[], object],
        batch: Sequence[tuple[Sequence[Submission], "Future[int]"]],
    ) -> None:
        """Run one step; any fault of disk or clock stops the writer, reads go on."""
        try:
            if self._stopped is not None:
                raise Unavailable(self._stopped)  # noqa: TRY301 - one way out for all
            work()
        except Exception as error:  # noqa: BLE001 - the boundary of the writer's thread
            self._stopped = f"the writer has stopped: {error}"
            _log.critical(self._stopped)
            for _, future in batch:
                if not future.done():
                    future.set_exception(Unavailable(self._stopped))

    def _append_batch(self, batch: Sequence[tuple[Sequence[Submission], "Future[int]"]]) -> None:
        seconds = self._now()
        start = self._edge.size
        items = [item for submissions, _ in batch for item in submissions]
        self._stage(items, start, seconds)
        # A crash here: the rows lie beyond the committed size; `_recover` discards them.
        rows = self._database.rows("select leaf from entries where idx >= ? order by idx", (start,))
        tiles = self._edge.append([leaf for (leaf,) in rows])
        self.published = self._commit(seconds, range(start, start + len(items)), tiles)
        # A crash here: committed and published, not acknowledged; a repeated request finds it.
        for submissions, future in batch:
            future.set_result(start)
            start += len(submissions)

    def _stage(self, items: Sequence[Submission], start: int, seconds: int) -> None:
        """Write the batch beyond the committed size, durably, with a token for each."""
        with self._database.write() as connection:
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
        self.published = self._commit(self._now(), [], {})

    def _commit(
        self, seconds: int, indexes: Sequence[int], tiles: dict[TilePath, bytes]
    ) -> Published:
        """Sign checkpoint and snapshot, swap them in with the projections, publish."""
        keys, origin = self._authorities.keys, self._authorities.origin
        root = self._edge.root() if self._edge.size else EMPTY_ROOT
        checkpoint = Checkpoint(origin, self._edge.size, root)
        note = sign_checkpoint(checkpoint, keys["log"], keys["clock"], seconds)
        with self._database.write() as connection:
            for index in indexes:
                project(connection, load_entry(connection.execute(ENTRY_SQL, (index,)).fetchone()))
            events = connection.execute(EVENTS_SQL, (self._edge.size,)).fetchall()
            lines = tuple(status_lines(events))
            snapshot = sign_snapshot(
                Snapshot(origin, checkpoint.size, root, seconds, len(lines), status_root(lines)),
                keys["status"],
            )
            last = connection.execute("select max(size) from checkpoints").fetchone()[0] or 0
            if last > checkpoint.size:
                raise Unavailable(f"a checkpoint of size {last} is already committed")
            connection.execute(
                "insert into checkpoints (size, note, snapshot) values (?, ?, ?)",
                (checkpoint.size, note, canonical(snapshot.to_json())),
            )
        # A crash here: committed, so the entries are in the log; `_recover` publishes them.
        for path, data in tiles.items():
            self._tiles.write(path, data)
        # A crash here: tiles that nobody reads yet; the same bytes are laid again.
        self._tiles.write_checkpoint(note)
        self._last_time = seconds
        return Published(SignedCheckpoint(checkpoint, note, seconds), snapshot, lines)

    def _now(self) -> int:
        """One reading of the clock for a batch; it never goes back."""
        for _ in range(CLOCK_PATIENCE * 10):
            seconds = int(self._clock())
            if seconds >= self._last_time:
                return seconds
            time.sleep(0.1)
        raise Unavailable("the clock stepped backwards and did not catch up within 5 s")

    def _open(self, note: str) -> SignedCheckpoint:
        keys, origin = self._authorities.keys, self._authorities.origin
        try:
            return open_checkpoint(
                note,
                log_vkey(origin, keys["log"].public_key),
                clock_vkey(origin, keys["clock"].public_key),
            )
        except TouchplateError as error:
            raise Unavailable(f"a stored checkpoint does not verify: {error}") from error


ENTRY_SQL = (
    "select idx, id, scid, payload, signed_at, document from entries "
    "left join private_parts on digest = private where idx = ?"
)
EVENTS_SQL = "select k, state, since, logged, by from status_events where idx < ? order by idx"


def load_entry(row: tuple[int, str, str, bytes, int, bytes | None]) -> Entry:
    """Make an entry of a row of ENTRY_SQL."""
    index, statement_id, scid, payload, signed_at, private = row
    return Entry(index, statement_id, scid, parse_statement(payload), signed_at, private)


def load_snapshot(document: bytes) -> Envelope:
    """Read a stored snapshot envelope."""
    return parse_envelope(parse(document, 2 * MAX_SNAPSHOT), MEDIA_TYPE, "snapshot")
