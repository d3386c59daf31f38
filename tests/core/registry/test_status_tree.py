"""Every name, present or absent, has a proof that leads to the root, and asking costs no hashing."""

import hashlib

import pytest

from trust.core.errors import VerificationFailed
from trust.core.log import merkle
from trust.core.log.merkle import inclusion_proof, root_hash
from trust.core.registry.status_line import Line, State, StatusProof, established
from trust.core.registry.status_tree import StatusTree

STATES = (State("withdrawn", 1_793_714_527, 1_793_714_527, "QmSomebody"),)
SIZES = [*range(10), 15, 16, 17, 33]


def name(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def lines(count: int) -> list[Line]:
    return [Line(k, STATES) for k in sorted(name(number) for number in range(count))]


def between(left: bytes) -> bytes:
    """The name right after another."""
    return (int.from_bytes(left, "big") + 1).to_bytes(32, "big")


@pytest.mark.parametrize("count", SIZES)
def test_every_line_is_proven_present(count: int) -> None:
    made = lines(count)
    tree = StatusTree(made)
    leaves = [line.leaf for line in made]
    assert tree.root == root_hash(leaves)
    for place, line in enumerate(made):
        proof = tree.prove(line.k)
        assert proof.here is not None
        assert (proof.here.index, list(proof.here.hashes)) == (
            place,
            inclusion_proof(place, leaves),
        )
        assert established(proof, count, tree.root) == STATES


@pytest.mark.parametrize("count", SIZES)
def test_every_gap_is_proven_absent(count: int) -> None:
    made = lines(count)
    tree = StatusTree(made)
    for absent in (bytes(32), *(between(line.k) for line in made), b"\xff" * 32):
        proof = tree.prove(absent)
        assert proof.here is None
        assert established(proof, count, tree.root) == ()


def test_a_gap_that_leaves_a_line_out_is_refused() -> None:
    made = lines(9)
    tree = StatusTree(made)
    left, right = tree.prove(made[3].k).here, tree.prove(made[5].k).here
    with pytest.raises(VerificationFailed, match="not neighbours"):
        established(StatusProof(made[4].k, None, left, right), 9, tree.root)


def test_a_proof_from_a_large_tree_hashes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = lines(2000)
    tree = StatusTree(made)
    root = tree.root

    def forbidden(*_arguments: bytes) -> bytes:
        raise AssertionError("hashed")

    names = [made[777].k, between(made[777].k)]
    with monkeypatch.context() as patched:
        patched.setattr(merkle, "node_hash", forbidden)
        patched.setattr(merkle, "leaf_hash", forbidden)
        patched.setattr(Line, "leaf", property(forbidden))
        proofs = [tree.prove(k) for k in names]
    assert [established(proof, 2000, root) for proof in proofs] == [STATES, ()]
