"""What a witness cosigns, and what it refuses with which status."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.log.checkpoint import EMPTY_ROOT, Checkpoint, clock_vkey, log_vkey, sign_checkpoint
from trust.core.log.cosigning import Answer, Kind, Request, cosignature
from trust.core.log.merkle import consistency_proof, leaf_hash, root_hash
from trust.core.log.note import Note, signature_line
from trust.core.log.witnessing import (
    MAX_STEP_BACK,
    Cosigning,
    Refusal,
    Seen,
    decide,
    witness_vkey,
)
from trust.custody.signers import Ed25519Signer

LOG, CLOCK, WITNESS, STRANGER = (Ed25519Signer(bytes([number]) * 32) for number in range(1, 5))
ORIGIN = "log.example"
KEYS = [log_vkey(ORIGIN, LOG.public_key)]
LEAVES = [leaf_hash(b"%d" % number) for number in range(300)]
OTHERS = [leaf_hash(b"other %d" % number) for number in range(300)]
NOW = 1_793_700_000


def checkpoint(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_hash(leaves[:size]))


def signed(made: Checkpoint, log: Ed25519Signer = LOG) -> Note:
    return Note.parse(sign_checkpoint(made, log, CLOCK, NOW))


def raw(text: str) -> Note:
    """Sign a text that our own log would never sign."""
    return Note(text, (signature_line(KEYS[0], LOG.sign(text.encode())),))


def request(old: int, size: int, leaves: list[bytes] = LEAVES) -> Request:
    proof = consistency_proof(old, leaves[:size]) if old <= size else []
    return Request(old, tuple(proof), signed(checkpoint(size, leaves)))


def seen(size: int, time: int = NOW) -> Seen:
    return Seen(size, root_hash(LEAVES[:size]), time)


def refused(asked: Request, status: int, recorded: Seen | None = None, now: int = NOW) -> Refusal:
    decision = decide(asked, KEYS, recorded, now)
    assert isinstance(decision, Refusal)
    assert decision.status == status, decision
    return decision


def test_a_log_is_followed_from_nothing() -> None:
    recorded: Seen | None = None
    for old, size in ((0, 0), (0, 10), (10, 277), (277, 277), (277, 300)):
        decision = decide(request(old, size), KEYS, recorded, NOW + size)
        assert isinstance(decision, Cosigning)
        assert decision.checkpoint == checkpoint(size)
        recorded = decision.seen
        assert recorded == (size, root_hash(LEAVES[:size]), NOW + size)


def test_the_cosignature_verifies_and_says_the_time() -> None:
    decision = decide(request(10, 277), KEYS, seen(10), NOW + 3)
    assert isinstance(decision, Cosigning)
    line = decision.sign("witness.example/w", WITNESS)
    key = witness_vkey("witness.example/w", WITNESS.public_key)
    assert cosignature(Answer(Kind.COSIGNED, (line,)), decision.note.text, key) == (line, NOW + 3)


def test_only_lines_of_the_log_that_hold_are_kept() -> None:
    # Whoever submits a checkpoint may hang lines on it that mean nothing to the witness.
    asked = request(0, 10)
    decision = decide(asked, KEYS, None, NOW)
    assert isinstance(decision, Cosigning)
    own, clock = asked.note.signatures
    assert (decision.note.text, decision.note.signatures) == (asked.note.text, (own,))
    both = decide(asked, [*KEYS, clock_vkey(ORIGIN, CLOCK.public_key)], None, NOW)
    assert isinstance(both, Cosigning)
    assert both.note.signatures == (own, clock)


def test_an_unknown_log_is_404() -> None:
    decision = decide(request(0, 10), [], None, NOW)
    assert decision == Refusal(404, "'log.example' is no log of this witness")


def test_a_stranger_who_signs_in_the_logs_name_is_403() -> None:
    note = signed(checkpoint(10), STRANGER)
    assert "no signature of a known key" in refused(Request(0, (), note), 403).why


def test_a_signature_of_the_log_that_does_not_hold_is_403() -> None:
    note = request(0, 10).note
    other = request(0, 11).note.signatures[0]
    moved = Request(0, (), note._replace(signatures=(other,)))
    assert "does not hold" in refused(moved, 403).why
    short = note.signatures[0]._replace(blob=b"short")
    refused(Request(0, (), note._replace(signatures=(short,))), 403)


def test_an_old_size_above_the_checkpoint_is_400() -> None:
    refused(request(11, 10), 400, seen(11))
    refused(request(11, 10), 400)


@pytest.mark.parametrize(("old", "recorded"), [(0, 10), (9, 10), (11, 10), (5, 0)])
def test_another_old_size_than_recorded_is_409_with_the_size(old: int, recorded: int) -> None:
    assert refused(request(old, 20), 409, seen(recorded)).size == recorded


def test_before_the_first_cosignature_the_size_is_0() -> None:
    assert refused(request(5, 20), 409).size == 0


def test_a_proof_that_does_not_lead_there_is_422() -> None:
    good = request(10, 277)
    wrong = [bytes(32)] * len(good.proof)
    proofs = (wrong, good.proof[:-1], (*good.proof, bytes(32)), (), good.proof[::-1])
    for proof in proofs:
        assert refused(good._replace(proof=tuple(proof)), 422, seen(10)).contradiction is None


def test_a_proof_where_there_is_nothing_to_prove_is_422() -> None:
    refused(request(0, 10)._replace(proof=(bytes(32),)), 422)
    refused(request(10, 10)._replace(proof=(bytes(32),)), 422, seen(10))


def test_a_log_that_was_rewritten_is_422() -> None:
    rewritten = [*OTHERS[:10], *LEAVES[10:]]
    refused(request(10, 20, rewritten), 422, seen(10))
    # and so is one whose new branch has a proof of its own
    refused(request(10, 20, OTHERS), 422, seen(10))


def test_two_roots_of_one_size_are_422_and_a_contradiction() -> None:
    asked = request(10, 10, OTHERS)
    proof = Note(asked.note.text, asked.note.signatures[:1])  # the log's line, not its clock's
    assert refused(asked, 422, seen(10)).contradiction == proof
    # also when the submitter keeps the old size back
    assert refused(asked._replace(old=0), 409, seen(10)).contradiction == proof


def test_nobody_but_the_log_can_make_a_contradiction() -> None:
    forged = Request(10, (), signed(checkpoint(10, OTHERS), STRANGER))
    assert refused(forged, 403, seen(10)).contradiction is None


def test_size_0_has_one_root() -> None:
    for root in ("AAAA", "A" * 43 + "="):
        refused(Request(0, (), raw(f"{ORIGIN}\n0\n{root}\n")), 422)


@pytest.mark.parametrize(
    "rest",
    ["", "7\n", "07\nroot\n", "7\nAAAA\n", f"7\n{'A' * 43}=\nextension\n", f"-1\n{'A' * 43}=\n"],
)
def test_what_a_log_signed_and_is_no_checkpoint_is_400(rest: str) -> None:
    refused(Request(0, (), raw(f"{ORIGIN}\n{rest}")), 400)


def test_the_clock_may_step_back_a_little_and_no_time_is_ever_earlier() -> None:
    recorded = seen(10, NOW)
    for now in (NOW - MAX_STEP_BACK, NOW - 1, NOW):
        decision = decide(request(10, 20), KEYS, recorded, now)
        assert isinstance(decision, Cosigning)
        assert decision.time == NOW
    refusal = refused(request(10, 20), 503, recorded, NOW - MAX_STEP_BACK - 1)
    assert "6 s before the last cosignature" in refusal.why


class Step(NamedTuple):
    """One request of a log that may be honest, or someone who replays or rewrites it."""

    old: int
    size: int
    forked: bool
    clock: int


steps = st.builds(Step, st.integers(0, 12), st.integers(0, 12), st.booleans(), st.integers(-10, 10))


@given(st.lists(steps, max_size=30))
def test_whatever_is_asked_a_witness_cosigns_one_history(asked: list[Step]) -> None:
    recorded: Seen | None = None
    roots: dict[int, bytes] = {}
    size = time = 0
    for step in asked:
        leaves = [*LEAVES[:6], *OTHERS[6:]] if step.forked else LEAVES
        decision = decide(request(step.old, step.size, leaves), KEYS, recorded, NOW + step.clock)
        if isinstance(decision, Refusal):
            assert decision.size == (size if decision.status == 409 else None)
            continue
        recorded = decision.seen
        assert recorded.size >= size
        assert recorded.time >= time
        assert roots.setdefault(recorded.size, recorded.root) == recorded.root
        size, time = recorded.size, recorded.time
    history = sorted(roots)
    for branch in (LEAVES, [*LEAVES[:6], *OTHERS[6:]]):
        if all(roots[size] == root_hash(branch[:size]) for size in history):
            return
    pytest.fail(f"two histories: {history}")


def test_the_empty_tree_may_be_the_first() -> None:
    decision = decide(request(0, 0), KEYS, None, NOW)
    assert isinstance(decision, Cosigning)
    assert decision.seen == (0, EMPTY_ROOT, NOW)
