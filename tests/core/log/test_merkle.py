"""RFC 6962 trees: our proofs against a tree by the book, and the known ways to cheat with one."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.merkle import (
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_from_inclusion,
    root_from_reader,
    root_hash,
)

LEAVES = [leaf_hash(b"%d" % place) for place in range(1100)]
EMPTY = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
REFUSED = (Malformed, VerificationFailed)


def by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(by_the_book(leaves[:k]), by_the_book(leaves[k:]))


def path_by_the_book(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path_by_the_book(m, leaves[:k]), by_the_book(leaves[k:])]
    return [*path_by_the_book(m - k, leaves[k:]), by_the_book(leaves[:k])]


def subproof_by_the_book(m: int, leaves: list[bytes], *, known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [by_the_book(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof_by_the_book(m, leaves[:k], known=known), by_the_book(leaves[k:])]
    return [*subproof_by_the_book(m - k, leaves[k:], known=False), by_the_book(leaves[:k])]


def reader(size: int) -> Callable[[int, int], bytes]:
    """Complete subtrees of the first `size` leaves and nothing else."""
    levels = [LEAVES[:size]]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([node_hash(*last[at : at + 2]) for at in range(0, len(last) - 1, 2)])
    return lambda level, place: levels[level][place]


def test_known_hashes() -> None:
    # The first three trees of the reference vectors that Certificate Transparency publishes.
    assert root_hash([]) == EMPTY
    assert leaf_hash(b"") == bytes.fromhex(
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    two = [leaf_hash(b""), leaf_hash(b"\x00")]
    assert root_hash(two) == bytes.fromhex(
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


@pytest.mark.parametrize("size", [*range(34), 63, 64, 65, 100, 255, 256, 257])
def test_roots_are_those_of_the_book(size: int) -> None:
    assert root_hash(LEAVES[:size]) == by_the_book(LEAVES[:size])


def test_every_size_by_reader_equals_the_root_of_all_leaves() -> None:
    read = reader(1100)
    for size in range(1101):
        assert root_from_reader(size, read) == root_hash(LEAVES[:size])


@pytest.mark.parametrize("size", range(1, 101))
def test_every_inclusion_up_to_100(size: int) -> None:
    leaves, read = LEAVES[:size], reader(size)
    root = by_the_book(leaves)
    for index in range(size):
        proof = inclusion_proof(index, leaves)
        assert proof == path_by_the_book(index, leaves) == prove_inclusion(index, size, read)
        check_inclusion(index, size, leaves[index], proof, root)


@pytest.mark.parametrize("size", range(1, 101))
def test_every_consistency_up_to_100(size: int) -> None:
    leaves, read = LEAVES[:size], reader(size)
    root = root_hash(leaves)
    for old in range(size + 1):
        proof = consistency_proof(old, leaves)
        assert proof == prove_consistency(old, size, read)
        if old:
            assert proof == subproof_by_the_book(old, leaves, known=True)
        check_consistency(old, size, root_hash(leaves[:old]), root, proof)


@given(st.integers(101, 1100), st.data())
def test_larger_trees(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    leaves, read = LEAVES[:size], reader(size)
    root = root_hash(leaves)
    check_inclusion(index, size, leaves[index], prove_inclusion(index, size, read), root)
    proof = prove_consistency(old, size, read)
    assert proof == consistency_proof(old, leaves)
    check_consistency(old, size, root_hash(leaves[:old]), root, proof)


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


@pytest.mark.parametrize("size", [2, 3, 5, 8, 21, 100])
def test_one_changed_hash_in_an_inclusion_is_refused(size: int) -> None:
    leaves = LEAVES[:size]
    root = root_hash(leaves)
    for index in range(size):
        proof = inclusion_proof(index, leaves)
        for place, item in enumerate(proof):
            changed = [*proof[:place], flipped(item), *proof[place + 1 :]]
            with pytest.raises(VerificationFailed) as caught:
                check_inclusion(index, size, leaves[index], changed, root)
            assert caught.value.step == 5
        with pytest.raises(VerificationFailed):
            check_inclusion(index, size, flipped(leaves[index]), proof, root)
        for other in range(size):
            if other != index:
                with pytest.raises(REFUSED):
                    check_inclusion(other, size, leaves[index], proof, root)


@pytest.mark.parametrize("size", [2, 3, 5, 8, 21, 64, 100])
def test_one_changed_hash_in_a_consistency_is_refused(size: int) -> None:
    leaves = LEAVES[:size]
    root = root_hash(leaves)
    for old in range(1, size):
        proof, old_root = consistency_proof(old, leaves), root_hash(leaves[:old])
        for place, item in enumerate(proof):
            changed = [*proof[:place], flipped(item), *proof[place + 1 :]]
            with pytest.raises(VerificationFailed):
                check_consistency(old, size, old_root, root, changed)
        for roots in ((flipped(old_root), root), (old_root, flipped(root)), (root, old_root)):
            with pytest.raises(VerificationFailed):
                check_consistency(old, size, *roots, proof)
        for other in ([*proof, root], [root, *proof], proof[:-1], proof[1:], []):
            with pytest.raises(REFUSED):
                check_consistency(old, size, old_root, root, other)


def test_a_log_that_forked_cannot_prove_that_it_did_not() -> None:
    honest, forked = LEAVES[:40], [*LEAVES[:20], leaf_hash(b"forged"), *LEAVES[21:60]]
    proof = consistency_proof(40, forked)
    with pytest.raises(VerificationFailed):
        check_consistency(40, 60, root_hash(honest), root_hash(forked), proof)


def test_sizes_at_the_ends() -> None:
    root = root_hash(LEAVES[:7])
    check_consistency(0, 0, EMPTY, EMPTY, [])
    check_consistency(0, 7, EMPTY, root, [])
    check_consistency(7, 7, root, root, [])
    with pytest.raises(VerificationFailed):  # an empty log with another root
        check_consistency(0, 7, root, root, [])
    with pytest.raises(VerificationFailed):
        check_consistency(0, 0, root, root, [])
    with pytest.raises(VerificationFailed):
        check_consistency(0, 0, EMPTY, root, [])
    with pytest.raises(VerificationFailed):  # the same size, another tree
        check_consistency(7, 7, root, root_hash(LEAVES[1:8]), [])
    for old in (0, 7):
        with pytest.raises(Malformed, match="expected 0"):
            check_consistency(old, 7, EMPTY if old == 0 else root, root, [root])
    with pytest.raises(Malformed):  # a log that shrank
        check_consistency(7, 6, root, root_hash(LEAVES[:6]), [])


NO_NUMBERS = [True, False, 1.0, "1", None, -1, 2**53, 2**63, 2**64]


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_what_is_no_whole_number_is_refused(value: int) -> None:
    leaf, read = LEAVES[0], reader(8)
    calls: list[Callable[[], object]] = [
        lambda: root_from_inclusion(value, 8, leaf, [leaf] * 3),
        lambda: root_from_inclusion(0, value, leaf, []),
        lambda: check_consistency(value, 8, leaf, leaf, []),
        lambda: check_consistency(1, value, leaf, leaf, []),
        lambda: inclusion_proof(value, LEAVES[:8]),
        lambda: consistency_proof(value, LEAVES[:8]),
        lambda: prove_inclusion(value, 8, read),
        lambda: prove_inclusion(0, value, read),
        lambda: prove_consistency(value, 8, read),
        lambda: root_from_reader(value, read),
    ]
    for call in calls:
        with pytest.raises(Malformed):
            call()


@pytest.mark.parametrize("index", [8, 9, 1000])
def test_an_index_beyond_the_tree_is_refused(index: int) -> None:
    with pytest.raises(Malformed):
        root_from_inclusion(index, 8, LEAVES[0], LEAVES[:3])
    with pytest.raises(Malformed):
        inclusion_proof(index, LEAVES[:8])
    with pytest.raises(Malformed):
        prove_inclusion(index, 8, reader(8))
    with pytest.raises(Malformed):
        consistency_proof(index + 1, LEAVES[:8])


@pytest.mark.parametrize("count", [0, 2, 4, 53, 63, 64, 1000])
def test_a_proof_of_another_length_is_refused(count: int) -> None:
    with pytest.raises(Malformed, match="expected 3"):
        root_from_inclusion(0, 8, LEAVES[0], [LEAVES[1]] * count)


@pytest.mark.parametrize(
    "bad", [b"", bytes(31), bytes(33), bytes(65), "x" * 32, None, bytearray(32)]
)
def test_what_is_no_hash_is_refused(bad: bytes) -> None:
    good = LEAVES[0]
    with pytest.raises(Malformed):
        check_inclusion(0, 2, bad, [good], good)
    with pytest.raises(Malformed):
        check_inclusion(0, 2, good, [bad], good)
    with pytest.raises(Malformed):
        check_inclusion(0, 2, good, [good], bad)
    with pytest.raises(Malformed):
        check_consistency(1, 2, bad, good, [good])
    with pytest.raises(Malformed):
        check_consistency(1, 2, good, bad, [good])
    with pytest.raises(Malformed):
        check_consistency(1, 2, good, good, [bad])


def test_data_that_looks_like_a_node_is_no_leaf() -> None:
    # Second preimage: 65 bytes equal to a node's input, offered as an entry of a smaller tree.
    node = b"\x01" + LEAVES[0] + LEAVES[1]
    root = root_hash(LEAVES[:4])
    sibling = node_hash(LEAVES[2], LEAVES[3])
    for entry in (node, node[1:]):
        with pytest.raises(VerificationFailed):
            check_inclusion(0, 2, leaf_hash(entry), [sibling], root)


def test_a_doubled_last_leaf_makes_another_tree() -> None:
    # CVE-2012-2459: where odd nodes are paired with themselves, these two are one.
    assert root_hash(LEAVES[:3]) != root_hash([*LEAVES[:3], LEAVES[2]])


def test_published_inclusion_vectors(shared: Path) -> None:
    wrong = []
    files = sorted((shared / "vectors/transparency-dev-merkle/inclusion").rglob("*.json"))
    for path in files:
        case = json.loads(path.read_text())
        leaf, root = (base64.b64decode(case[name] or "") for name in ("leafHash", "root"))
        proof = [base64.b64decode(item) for item in case["proof"] or []]
        try:
            check_inclusion(case["leafIdx"], case["treeSize"], leaf, proof, root)
            failed = False
        except REFUSED:
            failed = True
        if failed != case["wantErr"]:
            wrong.append(path.name)
    assert (wrong, len(files)) == ([], 98)
