"""The Merkle tree of RFC 6962: hashes, proofs and their verification.

leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right). Proofs are made either from
all leaf hashes or, for a log, from stored hashes of complete subtrees: `read(level, place)` returns
the root over leaves [place * 2^level, (place + 1) * 2^level).
"""

import hashlib
from collections.abc import Callable, Sequence

from trust.core.encoding import DIGEST_SIZE
from trust.core.errors import Malformed

MAX_PROOF = 63  # hashes: a log holds fewer than 2^63 entries
ReadHash = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        paired = [node_hash(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the audit path of a leaf, its sibling first; requires 0 <= index < len(leaves)."""
    path = []
    level, place = list(leaves), index
    while len(level) > 1:
        sibling = place ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        paired = [node_hash(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
        place //= 2
    return path


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root to which an audit path leads (RFC 9162 section 2.1.3.2).

    The path has an inner part, where the bits of the index say on which side we are, and a border
    part along the right edge of the tree, where the sibling is always on the left.

    Raises:
        Malformed: index or size are no whole numbers with 0 <= index < size, the proof has another
            length than they demand, or a hash is not 32 bytes.
    """
    if type(index) is not int or type(size) is not int or not 0 <= index < size < 1 << MAX_PROOF:
        raise Malformed(f"index {index!r} is not below size {size!r}")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border:
        raise Malformed(f"proof of {len(proof)} hashes, expected {inner + border}")
    if any(len(item) != DIGEST_SIZE for item in (leaf, *proof)):
        raise Malformed("a hash is not 32 bytes")
    result = leaf
    for level, sibling in enumerate(proof[:inner]):
        result = node_hash(sibling, result) if index >> level & 1 else node_hash(result, sibling)
    for sibling in proof[inner:]:
        result = node_hash(sibling, result)
    return result


def root_from_reader(size: int, read: ReadHash) -> bytes:
    """Return the root of the first `size` leaves from hashes of complete subtrees."""
    if size == 0:
        return hashlib.sha256(b"").digest()
    return _range_root(0, size, read)


def prove_inclusion(index: int, size: int, read: ReadHash) -> list[bytes]:
    """Return the audit path of a leaf from hashes of complete subtrees.

    Requires 0 <= index < size; reads O(log size) hashes for each border of the tree.
    """
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(_range_root(split, end, read))
            end = split
        else:
            path.append(_range_root(start, split, read))
            start = split
    return path[::-1]


def _split(size: int) -> int:
    """Return the largest power of two below `size`; requires size > 1."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_root(start: int, end: int, read: ReadHash) -> bytes:
    """Root over [start, end), where start is a multiple of the largest subtree in it."""
    size = end - start
    level = size.bit_length() - 1
    if size == 1 << level:
        return read(level, start >> level)
    split = start + _split(size)
    return node_hash(_range_root(start, split, read), _range_root(split, end, read))
