"""What was said of a key or a person, in words: by whom, since when, why."""

from trust.core.judging.standing import Standing
from trust.core.people.revocation import COMPROMISED, LOST, RETIRED, REVOKED, claimed_since
from trust.core.registry.status_line import BY_RULING, State
from trust.core.verdict import Code
from trust.core.wording.dates import day, moment

_ACTS = {
    RETIRED: "retired the key of this signature",
    LOST: "reported the key of this signature as lost",
    COMPROMISED: "reported the key of this signature as compromised",
    REVOKED: "revoked the key of this signature",
}
_FATES = {
    RETIRED: "retired",
    LOST: "reported as lost",
    COMPROMISED: "reported as compromised",
    REVOKED: "revoked",
}


def by(state: State, who: str) -> str:
    """Say who spoke; `who` is the signer."""
    return "A ruling" if state.by == BY_RULING else who


def why_stopped(code: Code, stands: Standing, who: str) -> str:
    """Say by whom, since when and why a statement is revoked, disputed or frozen."""
    if code is Code.DISPUTED:
        return _disputed(stands, who)
    return _frozen(stands, who) if code is Code.FROZEN else _revoked(stands, who)


def _revoked(stands: Standing, who: str) -> str:
    """Say why a statement counts for nothing: withdrawn, or signed after its key was revoked."""
    state = stands.withdrawn
    if state is not None:
        return f"{by(state, who)} withdrew this on {day(state.logged)}."
    state = stands.key.revoked
    if state is None:
        return "This was revoked."
    return (
        f"{by(state, who)} {_ACTS[state.state]} on {moment(state.logged)}, before this was signed."
    )


def _disputed(stands: Standing, who: str) -> str:
    """Say since when the key may have been in other hands, and when that was reported."""
    state = stands.key.disputed
    if state is None:
        return ""
    return (
        f"{by(state, who)} said on {moment(state.logged)} that the key of this signature was "
        f"compromised since {moment(claimed_since(state.since, state.logged))}: this was signed "
        "while it may have been in other hands."
    )


def _frozen(stands: Standing, who: str) -> str:
    """Say since when a person is frozen, or was when this was signed."""
    state = stands.freeze.now
    if state is not None:
        return (
            f"{by(state, who)} froze everything that is signed in this person's name on "
            f"{moment(state.logged)}, and that was not lifted since."
        )
    state = stands.freeze.then
    if state is None:
        return ""
    return (
        f"{by(state, who)} had frozen everything that is signed in this person's name on "
        f"{moment(state.logged)}; this was signed while that was in force."
    )


def older(stands: Standing) -> str:
    """Say that the key was revoked, and that this signature is older and stands."""
    state = stands.key.after
    if state is None:
        return ""
    return (
        f" Its key was {_FATES[state.state]} on {day(state.logged)}; this signature is older and "
        "stands."
    )


def since_then(stands: Standing) -> str:
    """Name what was logged after the moment that is judged."""
    text = ""
    if stands.later is not None:
        text += f" It was withdrawn later, on {day(stands.later.logged)}."
    if stands.key.later is not None:
        state = stands.key.later
        text += f" Its key was {_FATES[state.state]} later, on {day(state.logged)}."
    return text


def stopped(stands: Standing) -> str | None:
    """Return the row about what is not in force; None if nothing stops it."""
    if stands.withdrawn is not None:
        whose = "a ruling" if stands.withdrawn.by == BY_RULING else "its signer"
        return f"withdrawn by {whose} on {day(stands.withdrawn.logged)}"
    key, freeze = stands.key, stands.freeze
    if key.revoked is not None:
        fate = _FATES[key.revoked.state]
        return f"its key was {fate} on {moment(key.revoked.logged)}, before this was signed"
    if key.disputed is not None:
        since = claimed_since(key.disputed.since, key.disputed.logged)
        return (
            f"its key is said to be compromised since {moment(since)}, as was reported on "
            f"{moment(key.disputed.logged)}"
        )
    if freeze.now is not None:
        return f"its signer is frozen since {moment(freeze.now.logged)}"
    if freeze.then is not None:
        return f"its signer was frozen since {moment(freeze.then.logged)} when this was signed"
    return None


def aged(stands: Standing) -> str:
    """Return what the row adds about a key that was revoked after the signature."""
    state = stands.key.after
    if state is None:
        return ""
    return f"; its key was {_FATES[state.state]} on {day(state.logged)}, after this was signed"
