"""Every checkpoint that was committed, its snapshot, and the one that is published."""

from bisect import bisect_left
from functools import lru_cache

from trust.core.canonical import parse
from trust.core.errors import Malformed, TouchplateError, VerificationFailed
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint
from trust.core.log.merkle import root_from_reader
from trust.core.log.note import Note
from trust.core.registry.status import MAX_SNAPSHOT, Snapshot, check_status, parse_status
from trust.core.registry.status_tree import StatusTree
from trust.core.watching.finding import first_difference
from trust.core.watching.replay import Replay
from trust.service.fsck.entries import Context
from trust.service.fsck.report import Notes

TABLE = "checkpoints"
COLUMNS = ("seq", "size", "note", "snapshot")
_KEPT = 64  # status trees


def check_checkpoints(context: Context, replay: Replay | None, notes: Notes) -> None:
    """Check every row; without a replay, the snapshots' lines are not made again."""
    before: SignedCheckpoint | None = None
    last = 0
    roots = lru_cache(_KEPT)(lambda size: root_from_reader(size, context.tree.read))
    trees = lru_cache(_KEPT)(lambda events: _tree(replay, events))
    places = [event.index for event in replay.events] if replay is not None else []
    for seq, size, note, snapshot in context.database.table(TABLE, COLUMNS, ("seq",)):
        notes.count("checkpoints")
        notes.same(TABLE, seq, "seq", seq, last + 1, f"expected {last + 1} after {last}")
        last = seq if isinstance(seq, int) else last + 1
        signed = _open(seq, note, context, notes)
        if signed is None:
            continue
        checkpoint = signed.checkpoint
        notes.same(TABLE, seq, "size", size, checkpoint.size, "the note says otherwise")
        if checkpoint.size > context.tree.size or checkpoint.root != roots(checkpoint.size):
            notes.cell(TABLE, seq, "note", "the entries do not lead to the root that it signs")
        if before is not None and (checkpoint.size, signed.time) < (
            before.checkpoint.size,
            before.time,
        ):
            notes.cell(TABLE, seq, "note", "its size or time is before that of the row before it")
        before = signed
        _check_snapshot(seq, snapshot, signed, context, notes)
        if replay is not None:
            events = bisect_left(places, checkpoint.size)
            _compare_lines(seq, snapshot, trees(events), notes)


def check_published(context: Context, notes: Notes) -> None:
    """The published checkpoint is one of those that were committed, with its cosignatures."""
    data = context.folder.checkpoint()
    if data is None:
        notes.bad("checkpoint", "file checkpoint", "is missing")
        return
    try:
        published = Note.parse(data)
        signed = open_checkpoint(data.decode(), context.log.log_key, context.log.clock_key)
        _check_lines(published, context)
    except TouchplateError as error:
        notes.bad("checkpoint", "file checkpoint", _first_bad(data, context, str(error)))
        return
    notes.count("published checkpoint")
    with context.database.again() as database:  # a running registry has gone on since
        known = database.rows(
            "select note from checkpoints where size = ?", (signed.checkpoint.size,)
        )
    same = [_is_same(published, note, context) for (note,) in known]
    if not any(same) and None in same:
        notes.skip(
            "a row of its size cannot be read: whether the published checkpoint was committed"
        )
    elif not any(same):
        notes.bad("checkpoint", "file checkpoint", "was never committed to the database")
    elif signed.time < context.newest.time:
        notes.skip("the published checkpoint is older than the newest one: a start publishes it")


def _check_lines(note: Note, context: Context) -> None:
    """Every line is of the log, its clock or a witness that was ever listed, and holds."""
    known = {context.log.log_key, context.log.clock_key, *context.witnesses}
    names = {(key.name, key.key_id): key for key in known}
    for line in note.signatures:
        if (line.name, line.key_id) not in names:
            raise Malformed(f"a line of {line.name[:60]!r}, whose key nobody lists", "checkpoint")
    note.verify([names[line.name, line.key_id] for line in dict.fromkeys(note.signatures)])


def _first_bad(data: bytes, context: Context, why: str) -> str:
    """Name the first byte that differs from the newest committed note."""
    rows = context.database.rows("select note from checkpoints order by seq desc limit 1")
    newest = "".join(note for (note,) in rows).encode("utf-8", "surrogateescape")
    offset = first_difference(data, newest)
    return why if offset is None else f"byte {offset} differs from the newest committed: {why}"


def _is_same(published: Note, stored: str, context: Context) -> bool | None:
    """The same text and lines of log and clock; each cosignature is checked for itself.

    None if what is stored cannot be read, which is said of its row.
    """
    try:
        note = Note.parse(stored)
    except (TouchplateError, UnicodeError, TypeError):
        return None
    own = {(key.name, key.key_id) for key in (context.log.log_key, context.log.clock_key)}
    lines = {line for line in note.signatures if (line.name, line.key_id) in own}
    return note.text == published.text and lines <= set(published.signatures)


def _open(seq: int, note: str, context: Context, notes: Notes) -> SignedCheckpoint | None:
    try:
        signed = open_checkpoint(note, context.log.log_key, context.log.clock_key)
        _check_lines(Note.parse(note), context)
    except (TouchplateError, UnicodeError, TypeError) as error:
        notes.cell(TABLE, seq, "note", str(error))
        return None
    return signed


def _tree(replay: Replay | None, events: int) -> StatusTree:
    """Return the status tree after so many events."""
    made = replay.events if replay is not None else []
    size = made[events - 1].index + 1 if events else 0
    return StatusTree(replay.lines(size) if replay is not None else ())


def _read(stored: bytes) -> Snapshot:
    return parse_status({"snapshot": parse(stored, 2 * MAX_SNAPSHOT), "proofs": []}).snapshot


def _check_snapshot(
    seq: int, stored: bytes, signed: SignedCheckpoint, context: Context, notes: Notes
) -> None:
    try:
        status = parse_status({"snapshot": parse(stored, 2 * MAX_SNAPSHOT), "proofs": []})
        snapshot = check_status(status, context.trust).snapshot
        expected = (*signed.checkpoint, signed.time)
        found = (snapshot.origin, snapshot.size, snapshot.root, snapshot.time)
        if found != expected:
            raise VerificationFailed(8, "other_snapshot", "it is of another checkpoint")
    except (TouchplateError, TypeError) as error:
        notes.cell(TABLE, seq, "snapshot", str(error))


def _compare_lines(seq: int, stored: bytes, tree: StatusTree, notes: Notes) -> None:
    try:
        snapshot = _read(stored)
    except (TouchplateError, TypeError):
        return
    notes.count("snapshots")
    if (snapshot.count, snapshot.status_root) != (len(tree.lines), tree.root):
        notes.cell(
            TABLE, seq, "snapshot", "its status is not the one that follows from the entries"
        )
