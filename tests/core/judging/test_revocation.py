"""What a revocation or a freeze means for a signature, at every boundary in time."""

import pytest

from trust.core.judging.revocation import Freeze, KeyStates, judge_freeze, judge_key
from trust.core.people.revocation import MAX_BACKDATING
from trust.core.registry.status_line import State

LOGGED = 1_800_000_000
SINCE = LOGGED - 3600
LATER = LOGGED + 10 * MAX_BACKDATING
ANA = "QmAna"

TOKENS = [SINCE - 1, SINCE, SINCE + 1, LOGGED - 1, LOGGED, LOGGED + 1]


def judged(state: State, token: int, at: int = LATER) -> str:
    key = judge_key([state], token, at)
    return next((name for name, found in zip(key._fields, key, strict=True) if found), "nothing")


@pytest.mark.parametrize("reason", ["retired", "lost", "revoked"])
def test_a_key_is_revoked_from_the_second_in_which_that_was_logged(reason: str) -> None:
    state = State(reason, LOGGED, LOGGED, ANA)
    assert [judged(state, token) for token in TOKENS] == ["after"] * 4 + ["revoked"] * 2


def test_a_compromise_disputes_what_was_signed_between_claim_and_log() -> None:
    state = State("compromised", SINCE, LOGGED, ANA)
    assert [judged(state, token) for token in TOKENS] == [
        *["after", "disputed", "disputed", "disputed"],
        *["revoked", "revoked"],
    ]


def test_a_claim_beyond_the_bound_reaches_no_further_than_the_bound() -> None:
    state = State("compromised", 0, LOGGED, ANA)
    bound = LOGGED - MAX_BACKDATING
    assert [judged(state, token) for token in (bound - 1, bound)] == ["after", "disputed"]


def test_no_other_reason_reaches_back_whatever_its_line_says() -> None:
    for reason in ("retired", "lost", "revoked"):
        assert judged(State(reason, SINCE, LOGGED, ANA), LOGGED - 1) == "after"


def test_what_was_logged_after_the_moment_that_is_judged_only_gets_a_mention() -> None:
    state = State("lost", LOGGED, LOGGED, ANA)
    assert judged(state, LOGGED + 1, at=LOGGED - 1) == "later"
    assert judged(state, LOGGED + 1, at=LOGGED) == "revoked"


def test_the_worst_of_several_counts_in_whatever_order_they_are_given() -> None:
    retired = State("retired", LOGGED - 60, LOGGED - 60, ANA)
    compromised = State("compromised", SINCE, LOGGED, ANA)
    for states in ([retired, compromised], [compromised, retired]):
        assert judge_key(states, SINCE, LATER) == KeyStates(disputed=compromised)
        assert judge_key(states, LOGGED - 60, LATER) == KeyStates(revoked=retired)
        assert judge_key(states, SINCE - 1, LATER) == KeyStates(after=retired)


@pytest.mark.parametrize("word", ["withdrawn", "superseded", "frozen", "unfrozen"])
def test_a_word_that_keys_do_not_have_says_nothing_of_a_key(word: str) -> None:
    assert judge_key([State(word, 0, 0, ANA)], LOGGED, LATER) == KeyStates()


FROZEN = State("frozen", LOGGED, LOGGED, ANA)
LIFTED = State("unfrozen", LOGGED + 100, LOGGED + 100, ANA)


def test_a_frozen_person_is_frozen_with_everything_until_it_is_lifted() -> None:
    old, new = LOGGED - 9999, LOGGED + 1
    assert judge_freeze([FROZEN], "deliverable", old, LATER) == Freeze(FROZEN)
    assert judge_freeze([FROZEN], "deliverable", new, LATER) == Freeze(FROZEN, FROZEN)
    assert judge_freeze([FROZEN], "deliverable", old, LOGGED - 1) == Freeze()
    assert judge_freeze([FROZEN, LIFTED], "deliverable", old, LATER) == Freeze()
    assert judge_freeze([FROZEN, LIFTED], "deliverable", old, LOGGED + 99) == Freeze(FROZEN)


def test_what_was_signed_while_frozen_stays_frozen_for_ever() -> None:
    said = [FROZEN, LIFTED]
    tokens = [LOGGED - 1, LOGGED, LOGGED + 99, LOGGED + 100]
    found = [judge_freeze(said, "deliverable", token, LATER).then for token in tokens]
    assert found == [None, FROZEN, FROZEN, None]


@pytest.mark.parametrize("kind", ["enrolment", "freeze", "revocation", "unfreeze"])
def test_what_lifts_or_follows_a_freeze_may_be_signed_while_it_is_in_force(kind: str) -> None:
    assert judge_freeze([FROZEN, LIFTED], kind, LOGGED + 50, LATER) == Freeze()


def test_the_last_word_in_log_order_counts_also_within_one_second() -> None:
    lifted = LIFTED._replace(logged=LOGGED)
    assert judge_freeze([FROZEN, lifted], "deliverable", 0, LATER) == Freeze()
    assert judge_freeze([FROZEN, lifted, FROZEN], "deliverable", 0, LATER) == Freeze(FROZEN)
