"""The one append path: stage, sign, compare-and-swap, publish tiles, cosign, publish checkpoint.

A batch is staged, read back and swapped in by one transaction, whose commit is what makes it part
of the log. Recovery after a crash is the same path: what was not committed is not there (nobody was
told of it), and what was committed is published again (publishing twice is harmless). The
database's newest checkpoint is the truth; the files follow it.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple

from trust.core.canonical import canonical, parse
from trust.core.errors import Unavailable
from trust.core.log.checkpoint import Checkpoint, SignedCheckpoint
from trust.core.log.edge import Edge
from trust.core.log.entry import leaf_entry
from trust.core.log.merkle import prove_consistency
from trust.core.log.tile import WIDTH
from trust.core.registry.status import MAX_SNAPSHOT, Snapshot, Status, parse_status, sign_snapshot
from trust.core.registry.status_tree import StatusTree
from trust.core.signing.envelope import Envelope
from trust.core.signing.statement import Statement
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.heads import complete_head, sign_head
from trust.service.log_recovery import (
    check_public,
    is_complete,
    open_committed,
    open_stored,
    recover_edge,
)
from trust.service.projections import EVENTS_SQL, Entry, project, status_lines
from trust.service.subtrees import Subtrees
from trust.service.term import FOR_EVER, Term
from trust.service.witnesses import Witnesses
from trust.storage.ports import Row, Tables, Tiles, Transaction


class NotWitnessed(Unavailable):
    """What was appended is committed, and stays unpublished until enough witnesses cosign."""


class Submission(NamedTuple):
    """One checked statement on its way into the log; `statement` is what its payload says."""

    id: str
    scid: str
    envelope: Envelope
    statement: Statement
    certificate: bytes
    private: bytes | None


class Published(NamedTuple):
    """What readers see: one checkpoint, its snapshot, and the tree over its status lines."""

    checkpoint: SignedCheckpoint
    status: Status  # the snapshot alone, to which proofs are added
    tree: StatusTree

    @property
    def size(self) -> int:
        """Entries that the checkpoint covers."""
        return self.checkpoint.checkpoint.size


class AppendPath:
    """The writer's hands; only one thread uses them, and never again after an exception."""

    def __init__(
        self,
        database: Tables,
        tiles: Tiles,
        authorities: Authorities,
        clock: Clock,
        witnesses: Witnesses,
        term: Term = FOR_EVER,
    ) -> None:
        self._database, self._tiles, self._authorities = database, tiles, authorities
        self._clock, self._witnesses, self._term = clock, witnesses, term
        self._subtrees = Subtrees(tiles)
        self._edge = Edge()
        self._row = 0  # of the newest committed checkpoint
        self._tree: StatusTree | None = None  # over the status lines at that row
        self._public: str | None = None  # the checkpoint that stands on the public side

    @property
    def size(self) -> int:
        """Entries in the log."""
        return self._edge.size

    def recover(self) -> Published:
        """Make files and edge agree with the newest committed checkpoint, and sign it again.

        Raises:
            NotWitnessed: too few witnesses cosign it; `last_public` is what readers may see.
            Unavailable: what is stored does not hold together, or the disk refused.
        """
        row = self._database.row(
            "select seq, size, note from checkpoints order by seq desc limit 1"
        )
        self._row, size = (0, 0) if row is None else (row[0], row[1])
        committed = None if row is None else open_committed(row[2], self._authorities)
        public = self._public = self._tiles.read_checkpoint()
        published = None if public is None else open_stored(public, self._authorities)
        check_public(published, committed)
        with self._database.write() as transaction:
            self._check_alone(transaction)
            transaction.execute("delete from entries where idx >= ?", (size,))
        self._edge = recover_edge(self._database, self._tiles, published, committed)
        if committed is not None:
            self._clock.advance(committed.time)
            if not is_complete(committed.note):
                self._complete(committed)
        return self.append([])

    @property
    def row(self) -> int:
        """The `seq` of the newest committed checkpoint."""
        return self._row

    def append(
        self,
        items: Sequence[Submission],
        also: Callable[[Transaction, int], None] = lambda _transaction, _row: None,
    ) -> Published:
        """Append statements; of none, sign checkpoint and snapshot again, so that both are fresh.

        Args:
            items: the statements, none of them in the log.
            also: what is to be committed with them; it is given the transaction, and the `seq` that
                the checkpoint will have.

        Raises:
            NotWitnessed: committed, but too few witnesses cosigned it, and the settings want them.
                The next call, also with nothing to append, asks them again.
            Unavailable: the disk refused, another process has written, or the clock went back.
        """
        seconds, start = self._clock.reading(), self._edge.size
        entries = [
            Entry(start + place, item.id, item.scid, item.statement, seconds, item.private)
            for place, item in enumerate(items)
        ]
        rows = [self._row_of(*pair, seconds) for pair in zip(entries, items, strict=True)]
        with self._database.write() as transaction:
            self._check_alone(transaction)
            leaves = _stage(transaction, rows, start)
            tiles = self._edge.append(leaves)
            signed = self._sign(seconds)
            # A crash here: a signed note that nobody saw, over rows that are rolled back.
            published = self._swap(transaction, signed, entries)
            also(transaction, self._row + 1)
        # A crash here: committed, so the entries are in the log; `recover` publishes them.
        self._row += 1
        self._tiles.write(tiles)
        # A crash here: tiles that nobody reads yet; the same bytes are laid again.
        signed = self._complete(signed)
        published = published._replace(checkpoint=self._cosigned(signed))
        # A crash here: witnesses have a checkpoint that nobody can fetch; the next continues it.
        note = published.checkpoint.note
        self._tiles.write_checkpoint(note, self._public)
        self._public = note
        # A crash here: partial tiles stay that nobody needs, for their full ones are published.
        self._tiles.prune([path for path in tiles if path.width == WIDTH])
        return published

    def last_public(self) -> Published:
        """Return what was published last, for readers, while nothing newer may be.

        Raises:
            Unavailable: nothing was ever published.
        """
        note = self._tiles.read_checkpoint()
        if note is None:
            raise Unavailable("nothing is published yet, and too few witnesses cosign it")
        signed = open_stored(note, self._authorities)
        size = signed.checkpoint.size
        for (document,) in self._database.rows(
            "select snapshot from checkpoints where size = ? order by seq desc", (size,)
        ):
            status = parse_status({"snapshot": parse(document, 2 * MAX_SNAPSHOT), "proofs": []})
            if status.snapshot.time == signed.time:
                events = self._database.rows(EVENTS_SQL, (size,))
                return Published(signed, status, StatusTree(status_lines(events)))
        raise Unavailable("the published checkpoint is not in the database")

    def _cosigned(self, signed: SignedCheckpoint) -> SignedCheckpoint:
        """Ask the witnesses, now that the checkpoint can never be taken back."""
        note, cosigned, _ = self._witnesses.cosign(signed, self._prove)
        if note != signed.note:
            self._store(note)
        if self._witnesses.required and not cosigned.enough:
            raise NotWitnessed(
                f"{len(cosigned.operators)} of {cosigned.of} witnesses cosigned the newest "
                "checkpoint, fewer than this registry wants; it is published when more have"
            )
        return signed._replace(note=note)

    def _prove(self, old: int, new: int) -> Sequence[bytes]:
        return prove_consistency(old, new, self._subtrees.reader(new))

    def _row_of(self, entry: Entry, item: Submission, seconds: int) -> Row:
        """Return the row of `entries`, with its leaf and a time-stamp token."""
        signature = item.envelope.signature
        return (
            entry.index,
            item.id,
            item.statement.type,
            item.scid,
            leaf_entry(sha256(item.envelope.pae).digest(), signature, item.certificate),
            item.envelope.payload,
            signature,
            item.certificate,
            self._authorities.timestamp(signature, seconds),
            seconds,
            item.statement.private,
            item.private,
        )

    def _sign(self, seconds: int) -> SignedCheckpoint:
        """Sign the tree as it is now."""
        checkpoint = Checkpoint(self._authorities.origin, self._edge.size, self._edge.root())
        return sign_head(checkpoint, self._authorities, seconds)

    def _complete(self, signed: SignedCheckpoint) -> SignedCheckpoint:
        """Have the log's key sign what is committed, if it is in another process."""
        completed = complete_head(signed, self._authorities, self._prove)
        # A crash here: the next start has the same tree signed again.
        if completed != signed:
            self._store(completed.note)
        return completed

    def _store(self, note: str) -> None:
        """Keep the newest checkpoint with the lines that came after its commit."""
        with self._database.write() as transaction:
            self._term.check(transaction)
            transaction.execute("update checkpoints set note = ? where seq = ?", (note, self._row))

    def _swap(
        self, transaction: Transaction, signed: SignedCheckpoint, entries: Sequence[Entry]
    ) -> Published:
        """Put the checkpoint after the one that it follows, with snapshot and projections."""
        changed = project(transaction, entries)
        origin, size, root = signed.checkpoint
        if self._tree is None or changed:
            events = transaction.rows(EVENTS_SQL, (size,))
            self._tree = StatusTree(status_lines(events))
        tree = self._tree
        snapshot = Snapshot(origin, size, root, signed.time, len(tree.lines), tree.root)
        envelope = sign_snapshot(snapshot, self._authorities.keys["status"])
        transaction.execute(
            "insert into checkpoints values (?, ?, ?, ?)",
            (self._row + 1, size, signed.note, canonical(envelope.to_json())),
        )
        return Published(signed, Status(envelope, snapshot, ()), tree)

    def _check_alone(self, transaction: Transaction) -> None:
        """Another process leads, or has swapped; whoever finds out stops."""
        self._term.check(transaction)
        (newest,) = transaction.row("select coalesce(max(seq), 0) from checkpoints")
        if newest != self._row:
            raise Unavailable("another process has written to this log")
        public = self._tiles.read_checkpoint()
        if public != self._public:
            found = "none" if public is None else repr(public[:200])
            raise Unavailable(
                f"the published checkpoint is not the one that was published last: {found}"
            )


def _stage(transaction: Transaction, rows: Sequence[Row], start: int) -> list[bytes]:
    """Write the batch beyond the committed size; return its leaves as they are stored.

    What is signed is what was stored: a bit that flips on the way must not reach a tree head.
    """
    transaction.insert("entries", [row[:-1] for row in rows])
    transaction.insert(
        "private_parts",
        [(digest, part) for *_, digest, part in rows if part is not None],
        ignore=True,
    )
    stored = transaction.rows("select leaf from entries where idx >= ? order by idx", (start,))
    leaves = [bytes(leaf) for (leaf,) in stored]
    if leaves != [row[4] for row in rows]:
        raise Unavailable(f"{len(rows)} staged entries are not read back as they were written")
    return leaves
