"""The tree from its entries up: which bytes each entry is, and every tile that follows from them.

No stored hash is believed. An entry lies in three places: published in a bundle of entries, in the
database as a leaf, and there again as payload, signature and certificate. Where they differ, two
outvote the third; whether the vote was right is for the signed root to say.
"""

from collections import Counter
from hashlib import sha256
from typing import NamedTuple

from trust.core.encoding import DIGEST_SIZE
from trust.core.errors import Malformed
from trust.core.log.edge import Edge
from trust.core.log.entry import leaf_entry
from trust.core.log.merkle import ReadHash
from trust.core.log.tile import (
    ENTRIES,
    MAX_LEVEL,
    WIDTH,
    TilePath,
    entry_bundle,
    hash_reader,
    parse_entry_bundle,
)
from trust.core.signing.envelope import STATEMENT_PAYLOAD, pre_authentication_encoding
from trust.service.fsck.folder import PublicFolder, full_path, name_some
from trust.service.fsck.report import Notes
from trust.storage.ports import Row
from trust.storage.snapshot import Snapshot

_SQL = (
    "select idx, leaf, payload, signature, certificate from entries "
    "where idx >= ? and idx < ? order by idx"
)


class Tree(NamedTuple):
    """The hashes of the first `size` entries, made from the entries."""

    size: int
    root: bytes
    read: ReadHash


def build_tree(database: Snapshot, folder: PublicFolder, size: int, notes: Notes) -> Tree:
    """Make the tree of the first `size` entries, and compare every published tile with it."""
    edge, tiles = Edge(), dict[TilePath, bytes]()
    for start in range(0, size, WIDTH):
        path = full_path(ENTRIES, start // WIDTH, size)
        rows = {row[0]: row[1:] for row in database.rows(_SQL, (start, start + path.width))}
        published = published_entries(folder, path)
        entries = [
            _elect(start + at, rows.get(start + at, ()), published[at : at + 1], notes)
            for at in range(path.width)
        ]
        folder.compare(path, [entry_bundle([entry]) for entry in entries], notes)
        made = edge.append(entries)
        tiles |= {path: data for path, data in made.items() if path.level != ENTRIES}
        notes.count("entries", path.width)
        notes.progress("entries", start + path.width, size)
    _compare_hashes(folder, tiles, size, notes)
    return Tree(size, edge.root(), hash_reader(size, tiles.__getitem__))


def published_entries(folder: PublicFolder, path: TilePath) -> list[bytes]:
    """Read a published bundle, none of it if it is damaged: `compare` names what is wrong."""
    data = folder.read(path)
    try:
        return [] if data is None else parse_entry_bundle(data)
    except Malformed:
        return []


def rebuilt_leaf(payload: object, signature: object, certificate: object) -> bytes | None:
    """Return the leaf that payload, signature and certificate make; None if they make none."""
    if not (
        isinstance(payload, bytes)
        and isinstance(signature, bytes)
        and isinstance(certificate, bytes)
    ):
        return None
    digest = sha256(pre_authentication_encoding(STATEMENT_PAYLOAD, payload)).digest()
    try:
        return leaf_entry(digest, signature, certificate)
    except Malformed:
        return None


def _elect(index: int, row: Row, published: list[bytes], notes: Notes) -> bytes:
    """Return what most places say that an entry is."""
    candidates = list(published)
    if not row:
        notes.cell("entries", index, "idx", "there is no such row")
    else:
        leaf, *parts = row
        candidates += [item for item in (leaf, rebuilt_leaf(*parts)) if isinstance(item, bytes)]
    if not candidates:
        notes.bad("lost", f"entry {index}", "is neither in the database nor published")
        return b""
    return Counter(candidates).most_common(1)[0][0]


def _compare_hashes(
    folder: PublicFolder, tiles: dict[TilePath, bytes], size: int, notes: Notes
) -> None:
    known = {(ENTRIES, number) for number in range(-(-size // WIDTH))}
    for level in range(MAX_LEVEL + 1):
        count = size // WIDTH**level
        for number in range(-(-count // WIDTH)):
            path = full_path(level, number, count)
            data = tiles[path]
            hashes = (data[at : at + DIGEST_SIZE] for at in range(0, len(data), DIGEST_SIZE))
            folder.compare(path, hashes, notes)
            known.add((level, number))
    beyond = folder.others(known)
    if beyond:
        notes.skip(f"tiles beyond what is signed, which nobody reads yet: {name_some(beyond)}")
    if folder.strange:
        notes.skip(f"files in the public folder that are no tiles: {name_some(folder.strange)}")
