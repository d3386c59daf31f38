"""RFC 6962 proofs, computed here by the recursive definitions of the RFC; and tiles."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.edit import edited, flipped

LEAVES = [hashlib.sha256(b"\0" + bytes([number])).digest() for number in range(11)]


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _good_inclusion()
    yield from _bad_inclusion()
    yield from _good_consistency()
    yield from _bad_consistency()
    yield from _tiles()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two children."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash (RFC 6962, 2.1)."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))


def path(place: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the audit path (RFC 6962, 2.1.1)."""
    if len(leaves) < 2:
        return []
    k = split(len(leaves))
    if place < k:
        return [*path(place, leaves[:k]), root(leaves[k:])]
    return [*path(place - k, leaves[k:]), root(leaves[:k])]


def consistency(old: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """Return the consistency proof (RFC 6962, 2.1.2)."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*consistency(old, leaves[:k], whole=whole), root(leaves[k:])]
    return [*consistency(old - k, leaves[k:], whole=False), root(leaves[:k])]


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _inclusion(place: int, size: int, hashes: Sequence[bytes] | None = None) -> dict[str, Any]:
    leaves = LEAVES[:size]
    proof = path(place, leaves) if hashes is None else hashes
    return {
        "index": place,
        "size": size,
        "leaf": _b64(leaves[place]),
        "hashes": [_b64(item) for item in proof],
        "root": _b64(root(leaves)),
    }


def _consistency(old: int, new: int, hashes: Sequence[bytes] | None = None) -> dict[str, Any]:
    proof = consistency(old, LEAVES[:new]) if hashes is None and old else hashes or []
    return {
        "oldSize": old,
        "newSize": new,
        "oldRoot": _b64(root(LEAVES[:old])),
        "newRoot": _b64(root(LEAVES[:new])),
        "hashes": [_b64(item) for item in proof],
    }


def _good_inclusion() -> Iterator[Vector]:
    for place, size in ((0, 1), (0, 2), (1, 2), (2, 3), (6, 7), (5, 8), (8, 9), (10, 11), (3, 11)):
        says = f"entry {place} of {size}"
        yield valid("inclusion", f"{place}-of-{size}", says, _inclusion(place, size))


def _bad_inclusion() -> Iterator[Vector]:
    base = _inclusion(3, 11)
    proof = path(3, LEAVES)
    interior = node(LEAVES[2], LEAVES[3])
    as_leaf = {**_inclusion(1, 4, [node(LEAVES[0], LEAVES[1])]), "size": 2, "leaf": _b64(interior)}
    as_leaf = {**as_leaf, "root": _b64(root(LEAVES[:4]))}
    yield valid(
        "inclusion", "interior-node-as-leaf",
        "a node of the tree passes as a leaf hash in a smaller tree: whoever calls hashes the entry",
        as_leaf,
    )  # fmt: skip
    for fault, says, case, words in (
        ("index-is-size", "an index that is the size", edited(base, ("index",), 11), "is not below size"),
        ("negative-index", "a negative index", edited(base, ("index",), -1), "is not below size"),
        ("size-zero", "an empty log", edited(base, ("size",), 0), "is not below size"),
        ("size-too-large", "2^53 entries", edited(base, ("size",), 2**53), "is not below size"),
        ("index-text", "an index as text", edited(base, ("index",), "3"), "is not below size"),
        ("index-true", "true as an index", {**_inclusion(1, 2), "index": True}, "is not below size"),
        ("hash-missing", "a hash too few", _inclusion(3, 11, proof[:-1]), "proof of 3 hashes, expected 4"),
        ("first-hash-missing", "the first hash is missing", _inclusion(3, 11, proof[1:]), "proof of 3 hashes, expected 4"),
        ("hash-too-many", "a hash too many", _inclusion(3, 11, [*proof, LEAVES[0]]), "proof of 5 hashes, expected 4"),
        ("proof-for-one", "a proof where one leaf is the tree", _inclusion(0, 1, [LEAVES[1]]), "proof of 1 hashes, expected 0"),
        ("other-size", "a size for which the proof is too long", edited(base, ("size",), 4), "proof of 4 hashes, expected 2"),
        ("short-hash", "a hash of 31 bytes", _inclusion(3, 11, [proof[0][1:], *proof[1:]]), "a hash is not 32 bytes"),
        ("short-root", "a root of 31 bytes", edited(base, ("root",), _b64(bytes(31))), "a hash is not 32 bytes"),
        ("short-leaf", "a leaf hash of 31 bytes", edited(base, ("leaf",), _b64(bytes(31))), "a hash is not 32 bytes"),
        ("doubled-last", "the last node doubled, as in CVE-2012-2459", _inclusion(2, 3, [LEAVES[2], node(LEAVES[0], LEAVES[1])]), "proof of 2 hashes, expected 1"),
    ):  # fmt: skip
        yield malformed("inclusion", fault, says, case, words)
    for fault, says, case in (
        ("other-leaf", "another leaf", edited(base, ("leaf",), _b64(LEAVES[4]))),
        ("other-index", "the index of the neighbour", edited(base, ("index",), 2)),
        ("other-root", "another root", edited(base, ("root",), _b64(flipped(root(LEAVES))))),
        ("root-of-smaller-tree", "the root of a smaller tree", edited(base, ("root",), _b64(root(LEAVES[:8])))),
        ("flipped-bit", "one bit of one hash", _inclusion(3, 11, [flipped(proof[0]), *proof[1:]])),
        ("swapped-hashes", "two hashes in the wrong order", _inclusion(3, 11, [proof[1], proof[0], *proof[2:]])),
        ("path-of-neighbour", "a proof of another entry", _inclusion(3, 11, path(2, LEAVES))),
        ("left-as-right", "the border hash on the wrong side", _inclusion(10, 11, path(10, LEAVES)[::-1])),
    ):  # fmt: skip
        yield invalid("inclusion", fault, says, case, 5, "bad_log_proof")


def _good_consistency() -> Iterator[Vector]:
    for old, new in (
        (0, 0),
        (0, 5),
        (1, 1),
        (1, 2),
        (2, 3),
        (3, 7),
        (4, 7),
        (6, 8),
        (8, 11),
        (7, 7),
    ):
        says = f"size {new} continues size {old}"
        yield valid("consistency", f"{old}-to-{new}", says, _consistency(old, new))


def _bad_consistency() -> Iterator[Vector]:
    base = _consistency(3, 7)
    proof = consistency(3, LEAVES[:7])
    for fault, says, case, words in (
        ("shrinks", "the new log is smaller", _swapped(base), "that do not fall"),
        ("negative-size", "a negative size", edited(base, ("oldSize",), -1), "that do not fall"),
        ("size-too-large", "2^53 entries", edited(base, ("newSize",), 2**53), "that do not fall"),
        ("size-text", "a size as text", edited(base, ("newSize",), "7"), "that do not fall"),
        ("hash-missing", "a hash too few", _consistency(3, 7, proof[:-1]), "proof of 3 hashes, expected 4"),
        ("hash-too-many", "a hash too many", _consistency(3, 7, [*proof, LEAVES[0]]), "proof of 5 hashes, expected 4"),
        ("no-proof", "no proof", _consistency(3, 7, []), "proof of 0 hashes, expected 4"),
        ("proof-from-nothing", "a proof from size 0", _consistency(0, 5, [LEAVES[0]]), "proof of 1 hashes, expected 0"),
        ("proof-between-equals", "a proof between equal sizes", _consistency(7, 7, [LEAVES[0]]), "proof of 1 hashes, expected 0"),
        ("first-hash-given", "the root of a complete old tree as a hash of the proof", _consistency(4, 7, [root(LEAVES[:4]), *consistency(4, LEAVES[:7])]), "proof of 2 hashes, expected 1"),
        ("short-hash", "a hash of 31 bytes", _consistency(3, 7, [proof[0][1:], *proof[1:]]), "a hash is not 32 bytes"),
        ("short-root", "a root of 31 bytes", edited(base, ("oldRoot",), _b64(bytes(31))), "a hash is not 32 bytes"),
    ):  # fmt: skip
        yield malformed("consistency", fault, says, case, words)
    for fault, says, case in (
        ("other-old-root", "another old root", edited(base, ("oldRoot",), _b64(flipped(root(LEAVES[:3]))))),
        ("other-new-root", "another new root", edited(base, ("newRoot",), _b64(flipped(root(LEAVES[:7]))))),
        ("swapped-roots", "the roots swapped", {**base, "oldRoot": base["newRoot"], "newRoot": base["oldRoot"]}),
        ("equal-sizes-two-roots", "two roots of one size: a fork", edited(_consistency(7, 7), ("newRoot",), _b64(LEAVES[0]))),
        ("empty-log-other-root", "a log of size 0 with a root of entries", edited(_consistency(0, 5), ("oldRoot",), _b64(LEAVES[0]))),
        ("flipped-bit", "one bit of one hash", _consistency(3, 7, [*proof[:-1], flipped(proof[-1])])),
        ("other-entry", "a tree in which an old entry was replaced", _rewritten()),
        ("complete-old-other-root", "a complete old tree with another root", edited(_consistency(4, 7), ("oldRoot",), _b64(LEAVES[9]))),
    ):  # fmt: skip
        yield invalid("consistency", fault, says, case, 5, "inconsistent")


def _swapped(base: dict[str, Any]) -> dict[str, Any]:
    return {**base, "oldSize": base["newSize"], "newSize": base["oldSize"]}


def _rewritten() -> dict[str, Any]:
    """An old root, and an honest proof in a tree whose second entry is another one."""
    other = [LEAVES[0], LEAVES[9], *LEAVES[2:7]]
    case = _consistency(3, 7, consistency(3, other))
    return {**case, "newRoot": _b64(root(other))}


def _tiles() -> Iterator[Vector]:
    leaves = [hashlib.sha256(b"\0" + number.to_bytes(2)).digest() for number in range(300)]
    full, rest = b"".join(leaves[:256]), b"".join(leaves[256:])
    above = root(leaves[:256])
    small = {"size": 11, "tiles": {"tile/0/000.p/11": _b64(b"".join(LEAVES))}}
    yield valid("tiles", "partial", "one partial tile", small, root(LEAVES).hex())
    tiles = {
        "tile/0/000": _b64(full), "tile/0/001.p/44": _b64(rest), "tile/1/000.p/1": _b64(above)
    }  # fmt: skip
    given = {"size": 300, "tiles": tiles}
    yield valid("tiles", "two-levels", "300 entries on two levels", given, root(leaves).hex())
    nothing: dict[str, Any] = {"size": 0, "tiles": {}}
    yield valid("tiles", "empty", "no entries", nothing, hashlib.sha256(b"").hexdigest())
    for fault, says, case, words in (
        ("short-tile", "a tile with a hash too few", {**small, "tiles": {"tile/0/000.p/11": _b64(b"".join(LEAVES[:10]))}}, "320 bytes, expected 352"),
        ("long-tile", "a tile with a byte too many", {**small, "tiles": {"tile/0/000.p/11": _b64(b"".join(LEAVES) + b"\0")}}, "353 bytes, expected 352"),
        ("negative-size", "a negative size", {**nothing, "size": -1}, "that do not fall"),
        ("size-too-large", "2^53 entries", {**nothing, "size": 2**53}, "that do not fall"),
    ):  # fmt: skip
        yield malformed("tiles", fault, says, case, words)
