"""The Merkle tree of RFC 6962: hashes, proofs and their verification.

leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right). Proofs are made either from
all leaf hashes or, for a log, from stored hashes of complete subtrees: `read(level, place)` returns
the root over leaves [place * 2^level, (place + 1) * 2^level).

Sizes and indexes are whole numbers up to 2^53-1 (true is none), hashes are 32 bytes; every function
that takes them from outside raises Malformed for anything else.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from trust.core.encoding import DIGEST_SIZE, MAX_INTEGER
from trust.core.errors import Malformed, VerificationFailed

ReadHash = Callable[[int, int], bytes]

_EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, SHA-256 of nothing."""
    level = list(leaves)
    while len(level) > 1:
        level = _parents(level)
    return level[0] if level else _EMPTY


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the audit path of a leaf, its sibling first; Malformed unless index < len(leaves)."""
    return path_in(tree_levels(leaves), index)


def tree_levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return every level of the tree over leaf hashes: the leaves first, the root's last."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        levels.append(_parents(levels[-1]))
    return levels


def path_in(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the audit path of a leaf from `tree_levels`; Malformed for an index beyond them."""
    _check_index(index, len(levels[0]))
    path = []
    for height, level in enumerate(levels[:-1]):
        sibling = index >> height ^ 1
        if sibling < len(level):
            path.append(level[sibling])
    return path


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root to which an audit path leads (RFC 9162 section 2.1.3.2).

    The path has an inner part, where the bits of the index say on which side we are, and a border
    part along the right edge of the tree, where the sibling is always on the left.

    Raises:
        Malformed: index or size are no whole numbers with 0 <= index < size, the proof has another
            length than they demand, or a hash is not 32 bytes.
    """
    _check_index(index, size)
    inner, border = _parts(index, size)
    _check_proof(proof, inner + border)
    _check_hashes(leaf)
    return _climb_border(_climb(leaf, proof[:inner], index), proof[inner:])


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Require that the leaf hash stands at `index` in the tree of `size` leaves with that root.

    Raises:
        Malformed: as `root_from_inclusion`.
        VerificationFailed: step 5, the path leads to another root.
    """
    _check_hashes(root)
    if root_from_inclusion(index, size, leaf, proof) != root:
        raise VerificationFailed(5, "bad_log_proof", f"entry {index} does not lead to the root")


def consistency_proof(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the proof that the first `old` leaves are a prefix (RFC 6962 section 2.1.2)."""
    check_sizes(old, len(leaves))
    ranges = _consistency_ranges(old, len(leaves))
    return [root_hash(leaves[start:end]) for start, end in ranges]


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Require that the tree of `old` leaves is a prefix of that of `new` (RFC 9162 2.1.4.2).

    From size 0, and between equal sizes, the only proof is the empty one.

    Raises:
        Malformed: sizes that are not 0 <= old <= new, a proof of another length than they demand,
            or a hash that is not 32 bytes.
        VerificationFailed: step 5, the proof does not lead to both roots.
    """
    check_sizes(old, new)
    _check_hashes(old_root, new_root)
    if old in {0, new}:
        _check_proof(proof, 0)
        roots = (_EMPTY if old == 0 else new_root, _EMPTY if new == 0 else new_root)
    else:
        roots = _roots_from_consistency(old, new, old_root, proof)
    if roots != (old_root, new_root):
        raise VerificationFailed(5, "inconsistent", f"size {new} does not continue size {old}")


def root_from_reader(size: int, read: ReadHash) -> bytes:
    """Return the root of the first `size` leaves from hashes of complete subtrees."""
    check_sizes(0, size)
    return _range_root(0, size, read) if size else _EMPTY


def prove_inclusion(index: int, size: int, read: ReadHash) -> list[bytes]:
    """Return the audit path of a leaf from hashes of complete subtrees.

    Reads O(log size) hashes for each border of the tree; Malformed unless index < size.
    """
    _check_index(index, size)
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


def prove_consistency(old: int, new: int, read: ReadHash) -> list[bytes]:
    """Return what `consistency_proof` returns, from hashes of complete subtrees."""
    check_sizes(old, new)
    return [_range_root(start, end, read) for start, end in _consistency_ranges(old, new)]


def check_sizes(old: int, new: int) -> None:
    """Require whole numbers with 0 <= old <= new <= 2^53-1; raise Malformed otherwise."""
    if type(old) is not int or type(new) is not int or not 0 <= old <= new <= MAX_INTEGER:
        raise Malformed(f"sizes {old!r} and {new!r}, expected whole numbers that do not fall")


def _check_index(index: int, size: int) -> None:
    if type(index) is not int or type(size) is not int or not 0 <= index < size <= MAX_INTEGER:
        raise Malformed(f"index {index!r} is not below size {size!r}")


def _check_hashes(*hashes: bytes) -> None:
    if any(type(item) is not bytes or len(item) != DIGEST_SIZE for item in hashes):
        raise Malformed(f"a hash is not {DIGEST_SIZE} bytes")


def _check_proof(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise Malformed(f"proof of {len(proof)} hashes, expected {length}")
    _check_hashes(*proof)


def _parents(level: list[bytes]) -> list[bytes]:
    """One level up; a last node without a sibling goes up as it is, never doubled."""
    paired = [node_hash(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
    return paired + ([level[-1]] if len(level) % 2 else [])


def _parts(index: int, size: int) -> tuple[int, int]:
    """Return how many hashes of an audit path are inner and how many lie along the border."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(result: bytes, siblings: Sequence[bytes], index: int) -> bytes:
    """Hash upwards; the bits of `index` say on which side each sibling stands."""
    for level, sibling in enumerate(siblings):
        result = node_hash(sibling, result) if index >> level & 1 else node_hash(result, sibling)
    return result


def _climb_border(result: bytes, siblings: Sequence[bytes]) -> bytes:
    for sibling in siblings:
        result = node_hash(sibling, result)
    return result


def _roots_from_consistency(
    old: int, new: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the old and the new root to which a proof leads; requires 0 < old < new.

    The climb starts at the largest complete subtree that ends at `old`: the first hash of the
    proof, or, where the old tree is that subtree itself, the old root.
    """
    shift = (old & -old).bit_length() - 1
    inner, border = _parts(old - 1, new)
    inner -= shift
    whole = old == 1 << shift
    _check_proof(proof, inner + border + (not whole))
    seed, path = (old_root, proof) if whole else (proof[0], proof[1:])
    index = (old - 1) >> shift
    lefts = [item for level, item in enumerate(path[:inner]) if index >> level & 1]
    old_result = _climb_border(_climb_border(seed, lefts), path[inner:])
    new_result = _climb_border(_climb(seed, path[:inner], index), path[inner:])
    return old_result, new_result


def _consistency_ranges(old: int, new: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of leaves whose roots make up a consistency proof, in its order."""
    if old in {0, new}:
        return
    found = []
    start, end = 0, new
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            found.append((split, end))
            end = split
        else:
            found.append((start, split))
            start = split
    if start:  # else the old tree is this very subtree, and the verifier has its root
        yield start, end
    yield from reversed(found)


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
