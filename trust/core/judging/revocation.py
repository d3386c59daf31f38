"""Step 8, of keys and persons: what a revocation or a freeze means for one signature.

By token time, against the log time of what was said:

    key     token >= logged                        revoked
            compromised: since <= token < logged   disputed
            otherwise                              valid before revocation
    person  frozen, and not unfrozen since         frozen
            token within a time that was frozen    frozen, for ever

Honest past work survives: what was signed before a key was revoked keeps its value.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from trust.core.people.revocation import COMPROMISED, REASONS, claimed_since
from trust.core.registry.status_line import State

FROZEN, UNFROZEN = "frozen", "unfrozen"
# What the key that froze may still sign, so that a freeze can be lifted and acted upon.
WHILE_FROZEN = ("enrolment", "freeze", "revocation", "unfreeze")


class KeyStates(NamedTuple):
    """Revocations of the signing key. At most one of the first three is set; `later` counts not.

    `revoked`: logged at or before the signature. `disputed`: a compromise that covers it. `after`:
    the first one that was logged after it. `later`: logged after the moment that is judged.
    """

    revoked: State | None = None
    disputed: State | None = None
    after: State | None = None
    later: State | None = None


class Freeze(NamedTuple):
    """`now`: the person is frozen at the moment that is judged. `then`: they were at the token."""

    now: State | None = None
    then: State | None = None


def judge_key(states: Sequence[State], signed_at: int, at: int) -> KeyStates:
    """Weigh what those who may speak said of the signing key; times in seconds."""
    said = sorted((state for state in states if state.state in REASONS), key=_order)
    known = [state for state in said if state.logged <= at]
    later = next((state for state in said if state.logged > at), None)
    before = [state for state in known if state.logged <= signed_at]
    if before:
        return KeyStates(revoked=before[0], later=later)
    covering = [state for state in known if _covers(state, signed_at)]
    if covering:
        return KeyStates(disputed=covering[0], later=later)
    return KeyStates(after=known[0] if known else None, later=later)


def judge_freeze(states: Sequence[State], kind: str, signed_at: int, at: int) -> Freeze:
    """Weigh the freezes of a person, in log order, for a statement of a type; times in seconds."""
    said = [state for state in states if state.state in {FROZEN, UNFROZEN} and state.logged <= at]
    last = said[-1] if said else None
    now = last if last is not None and last.state == FROZEN else None
    if kind in WHILE_FROZEN:
        return Freeze(now)
    spans = [*pairwise(said), *([(last, None)] if last is not None else [])]
    then = next(
        (
            state
            for state, following in spans
            if state.state == FROZEN
            and state.logged <= signed_at
            and (following is None or signed_at < following.logged)
        ),
        None,
    )
    return Freeze(now, then)


def _covers(state: State, signed_at: int) -> bool:
    return state.state == COMPROMISED and claimed_since(state.since, state.logged) <= signed_at


def _order(state: State) -> tuple[int, State]:
    return state.logged, state
