"""What a start must find before it goes on: database, entries and published files agree.

A start reads the edge of the tree, not the tree: the tiles at the end of the published checkpoint,
checked against its signed root, and the entries that were committed since. Only where the published
files are gone are they made again from all entries.
"""

from collections.abc import Callable, Iterator, Sequence

from trust.core.encoding import format_time
from trust.core.errors import Malformed, NotFound, TouchplateError, Unavailable
from trust.core.log.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    clock_vkey,
    log_vkey,
    open_checkpoint,
    open_dated,
)
from trust.core.log.edge import Edge
from trust.core.log.note import Note, VerifierKey
from trust.core.log.tile import WIDTH
from trust.custody.remote import RemoteLogSigner
from trust.service.authorities import Authorities
from trust.storage.ports import Tables, Tiles

REPLAYED = 16 * WIDTH  # entries at a time: whole tiles, and little memory
Open = Callable[[str, VerifierKey, VerifierKey], SignedCheckpoint]
_LEAVES_SQL = "select leaf from entries where idx >= ? and idx < ? order by idx"


def open_stored(note: str, authorities: Authorities) -> SignedCheckpoint:
    """Open a checkpoint of our own; raise Unavailable if it is none."""
    return _open(open_checkpoint, note, authorities)


def _open(opened: Open, note: str, authorities: Authorities) -> SignedCheckpoint:
    keys, origin = authorities.keys, authorities.origin
    try:
        return opened(
            note,
            log_vkey(origin, keys["log"].public_key),
            clock_vkey(origin, keys["clock"].public_key),
        )
    except TouchplateError as error:
        raise Unavailable(f"a stored checkpoint does not verify: {error}") from error


def open_committed(note: str, authorities: Authorities) -> SignedCheckpoint:
    """Open a checkpoint of the database: its log's key, if in another process, may be late."""
    if is_complete(note) or not isinstance(authorities.keys["log"], RemoteLogSigner):
        return open_stored(note, authorities)
    return _open(open_dated, note, authorities)


def is_complete(note: str) -> bool:
    """Say whether a note has more lines than that of the clock."""
    return len(Note.parse(note, "checkpoint").signatures) > 1


def check_public(public: SignedCheckpoint | None, committed: SignedCheckpoint | None) -> None:
    """The published checkpoint may be older than the database's, never ahead of it.

    Raises:
        Unavailable: the database is older than what the world has seen. To go on would fork.
    """
    if public is None:
        return
    if committed is None:
        raise Unavailable("a checkpoint is published, the database has none; restore it")
    if (public.checkpoint.size, public.time) > (committed.checkpoint.size, committed.time):
        raise Unavailable(
            f"the published checkpoint, {_named(public)}, is newer than the database, "
            f"{_named(committed)}; restore it"
        )
    same_size = public.checkpoint.size == committed.checkpoint.size
    if same_size and public.checkpoint.root != committed.checkpoint.root:
        raise Unavailable("the published checkpoint has another root than the database's")


def _named(signed: SignedCheckpoint) -> str:
    """Say which checkpoint it is."""
    return f"{signed.checkpoint.size} entries, signed {format_time(signed.time)}"


def recover_edge(
    database: Tables,
    tiles: Tiles,
    public: SignedCheckpoint | None,
    committed: SignedCheckpoint | None,
) -> Edge:
    """Return the edge at the committed checkpoint, and publish the tiles that lead to it.

    Raises:
        Unavailable: entries or tiles do not lead to what was signed. Nothing was published.
    """
    edge = _published_edge(database, tiles, public)
    if committed is None:
        return edge
    trial = edge.copy()
    # Where tiles are gone the entries must lead to what was published, too, not only to what was
    # committed: a database that went on from elsewhere has a history of its own.
    for what, point in (("published", public), ("newest signed", committed)):
        if point is not None:
            _replay(database, trial, point.checkpoint, what)
    size = committed.checkpoint.size
    for leaves in _leaves(database, edge.size, size):
        tiles.write(edge.append(leaves))
    return edge


def _replay(database: Tables, edge: Edge, checkpoint: Checkpoint, what: str) -> None:
    """Let an edge grow by the stored entries up to a checkpoint; they must lead to its root."""
    for leaves in _leaves(database, edge.size, checkpoint.size):
        edge.append(leaves)
    if (edge.size, edge.root()) != (checkpoint.size, checkpoint.root):
        raise Unavailable(f"the stored entries do not lead to the {what} checkpoint")


def _published_edge(database: Tables, tiles: Tiles, public: SignedCheckpoint | None) -> Edge:
    """Return the edge of the published checkpoint; an empty one where tiles are missing."""
    if public is None:
        return Edge()
    _, size, root = public.checkpoint
    try:
        edge = Edge.from_tiles(size, tiles.read)
    except NotFound:
        return Edge()
    except Malformed as error:
        raise Unavailable(f"a published tile is damaged: {error}") from error
    if edge.root() != root:
        raise Unavailable("the published tiles do not lead to the published checkpoint")
    stored = [leaf for part in _leaves(database, size - len(edge.entries), size) for leaf in part]
    if stored != list(edge.entries):
        raise Unavailable("the stored entries are not the published ones")
    return edge


def stored_root(database: Tables, size: int) -> bytes:
    """Return the root over the first entries as they are stored: slow, it reads them all."""
    edge = Edge()
    for leaves in _leaves(database, 0, size):
        edge.append(leaves)
    return edge.root()


def _leaves(database: Tables, start: int, end: int) -> Iterator[Sequence[bytes]]:
    """Yield the stored leaves from `start` to `end`, up to whole tiles."""
    while start < end:
        until = min(end, start - start % REPLAYED + REPLAYED)
        yield [bytes(leaf) for (leaf,) in database.rows(_LEAVES_SQL, (start, until))]
        start = until
