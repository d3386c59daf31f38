"""Does a log continue what was seen of it? Any log of C2SP tlog-tiles, whatever its entries are.

Nothing that the log serves is believed before it leads to a root that the log has signed, and what
was seen once is never given up: a smaller tree, or another one of the same size, is reported.
"""

from collections.abc import Callable
from typing import NamedTuple

from trust.core.encoding import DIGEST_SIZE, b64decode, decimal
from trust.core.errors import Malformed, NotFound, TouchplateError, VerificationFailed
from trust.core.log.checkpoint import EMPTY_ROOT, Checkpoint
from trust.core.log.edge import Edge
from trust.core.log.merkle import check_consistency, prove_consistency, root_from_reader
from trust.core.log.note import Note, VerifierKey
from trust.core.log.tile import (
    ENTRIES,
    WIDTH,
    TilePath,
    hash_reader,
    new_tiles,
    parse_entry_bundle,
)
from trust.core.watching.finding import Finding, first_difference

ReadTile = Callable[[TilePath], bytes]
TakeEntries = Callable[[int, list[bytes]], None]  # the index of the first, the entries

CHECKPOINT = "checkpoint"


class Growth(NamedTuple):
    """What came of following a log from one tree to the next. `holds`: the new one may be kept."""

    holds: bool
    findings: tuple[Finding, ...]


def read_tree(note: str, key: VerifierKey) -> Checkpoint:
    """Open the checkpoint of any log by its key; extension lines and other signers are ignored.

    Raises:
        Malformed: not a checkpoint.
        VerificationFailed: of another origin, or not signed by this key.
    """
    parsed = Note.parse(note, CHECKPOINT)
    origin, size, root = (*parsed.text.split("\n", 3)[:3], "", "")[:3]
    parsed.verify((key,))
    tree = Checkpoint(origin, decimal(size, CHECKPOINT), b64decode(root, CHECKPOINT))
    if len(tree.root) != DIGEST_SIZE or (tree.size == 0 and tree.root != EMPTY_ROOT):
        raise Malformed("a root that is none of this size", CHECKPOINT)
    if origin != key.name:
        raise VerificationFailed(5, "other_origin", f"of {origin[:100]!r}, expected {key.name!r}")
    return tree


def contradiction(seen: Checkpoint, new: Checkpoint) -> Finding | None:
    """Return what two signed trees say against each other without any further look."""
    if new.size < seen.size:
        message = f"the log shows {new.size} entries, and {seen.size} were seen: it was set back"
        return Finding("rollback", CHECKPOINT, message)
    if new.size == seen.size and new.root != seen.root:
        return _fork(seen, new)
    return None


def follow(seen: Checkpoint, new: Checkpoint, read: ReadTile, take: TakeEntries) -> Growth:
    """Read every entry from one tree to the next, and every tile that they change.

    `take` gets the entries as they are read, before it is known that they hold: what it makes of
    them is to be thrown away unless the growth holds.
    """
    against = contradiction(seen, new)
    if against is not None:
        return Growth(holds=False, findings=(against,))
    try:
        edge = Edge.from_tiles(seen.size, read)
        if edge.root() != seen.root:
            return _diagnosed(seen, new, read, [])
        damaged = _grow(edge, new, read, take)
    except (Malformed, NotFound) as error:
        found = Finding("tile_damaged", CHECKPOINT, str(error))
        return Growth(holds=False, findings=(found, *_diagnosed(seen, new, read, []).findings))
    if edge.root() != new.root:
        return _diagnosed(seen, new, read, damaged)
    return Growth(holds=True, findings=tuple(_tile(*item) for item in damaged))


def _grow(
    edge: Edge, new: Checkpoint, read: ReadTile, take: TakeEntries
) -> list[tuple[TilePath, int]]:
    """Append the entries up to the new size; return tiles that differ from them, and where."""
    wanted = set(new_tiles(edge.size, new.size))
    damaged = []
    while edge.size < new.size:
        number, begun = divmod(edge.size, WIDTH)
        path = TilePath(ENTRIES, number, min(WIDTH, new.size - number * WIDTH))
        entries = parse_entry_bundle(read(path))
        if len(entries) != path.width:
            raise Malformed(f"{len(entries)} entries, expected {path.width}", str(path))
        take(edge.size, entries[begun:])
        for made, data in edge.append(entries[begun:]).items():
            offset = first_difference(read(made), data) if made in wanted else None
            if offset is not None:
                damaged.append((made, offset))
    return damaged


def _diagnosed(
    seen: Checkpoint, new: Checkpoint, read: ReadTile, damaged: list[tuple[TilePath, int]]
) -> Growth:
    """Say why the entries do not lead to the new root: another history, or damage."""
    reader = hash_reader(new.size, read)
    try:
        if root_from_reader(new.size, reader) != new.root:
            message = "the tiles do not lead to the root that the log signed"
            found = [Finding("tile_damaged", CHECKPOINT, message), *(_tile(*at) for at in damaged)]
            return Growth(holds=False, findings=tuple(found))
        proof = prove_consistency(seen.size, new.size, reader)
        check_consistency(seen.size, new.size, seen.root, new.root, proof)
    except VerificationFailed:
        return Growth(holds=False, findings=(_fork(seen, new),))
    except TouchplateError as error:
        found = [Finding("tile_damaged", CHECKPOINT, str(error))]
        return Growth(holds=False, findings=tuple(found))
    return Growth(holds=False, findings=tuple(_entry(*at) for at in damaged) or (_old(seen),))


def _fork(seen: Checkpoint, new: Checkpoint) -> Finding:
    message = (
        f"the log signed two histories: its tree of {new.size} entries does not continue the one "
        f"of {seen.size} that was seen"
    )
    return Finding("fork", CHECKPOINT, message)


def _tile(path: TilePath, offset: int) -> Finding:
    where = f"{path}, byte {offset}"
    return Finding("tile_damaged", where, "it is not what the signed entries make")


def _entry(path: TilePath, offset: int) -> Finding:
    """The tiles of hashes hold, so that it is the entries that are others."""
    if path.level != 0:
        return Finding("entry_damaged", str(path), "the published entries do not make this tile")
    index = path.number * WIDTH + offset // DIGEST_SIZE
    return Finding("entry_damaged", f"entry {index}", "it is not the entry that the log signed")


def _old(seen: Checkpoint) -> Finding:
    message = f"the published tiles of the first {seen.size} entries are not those that were seen"
    return Finding("tile_damaged", CHECKPOINT, message)
