"""Step 8: does the statement still stand, as far as the status at hand tells?"""

from collections.abc import Sequence
from typing import NamedTuple

from trust.core.registry.status import CheckedStatus
from trust.core.registry.status_line import BY_RULING, State
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.identity import status_key
from trust.core.verify import CLOCK_SKEW, Verified


class Standing(NamedTuple):
    """What the status at hand says. `as_of` None: none is at hand that covers this statement.

    `withdrawn` counts, `later` was logged after the moment that is judged, and `unread` are states
    by those who may speak, of statement, key or person, that this version does not judge.
    `superseded`: the newest of the signer's words, by the moment that is judged, that another
    statement replaces this one; `replaced_later` is one after that moment.
    """

    as_of: int | None
    withdrawn: State | None
    later: State | None
    unread: tuple[State, ...]
    superseded: State | None = None
    replaced_later: State | None = None

    def ended_before(self, moment: int) -> bool:
        """Say whether it was withdrawn in an earlier second than this."""
        ends = [item.logged for item in (self.withdrawn, self.later) if item is not None]
        return any(logged < moment for logged in ends)


def needed(verified: Verified) -> tuple[bytes, ...]:
    """Return the names whose states decide: of the statement, its key and its person."""
    return decisive_names(verified.id, verified.key_name, verified.principal.scid)


def decisive_names(statement_id: str, key_name: str, scid: str) -> tuple[bytes, ...]:
    """Return the names whose states decide about a statement; the registry has no SCID."""
    names = [status_key("statement", statement_id), status_key("key", key_name)]
    if scid:
        names.append(status_key("person", scid))
    return tuple(names)


def standing(
    verified: Verified, statuses: Sequence[CheckedStatus], trust: TrustFile, at: int, now: int
) -> Standing:
    """Read the states from every snapshot that covers the entry; the newest gives `as_of`.

    A state in any snapshot counts, however old, if the signer or a ruling said it: anyone may log
    a withdrawal of anything. A snapshot without proofs for all needed names counts for `as_of` only
    if its status root is that of one which has them; one dated after the present never does, since
    no later one would ever be asked for.
    """
    names = needed(verified)
    covering = [item for item in statuses if _covers(item, verified, trust)]
    proven = [item for item in covering if all(name in item.states for name in names)]
    roots = {item.snapshot.status_root for item in proven}
    times = [
        item.snapshot.time
        for item in covering
        if item.snapshot.status_root in roots and item.snapshot.time <= now + CLOCK_SKEW
    ]
    scid = verified.principal.scid
    said = {
        (_judged(state, scid) if name == names[0] else "", state)
        for item in covering
        for name in names
        for state in item.states.get(name, ())
        if state.by in {scid, BY_RULING}
    }
    withdrawals = [state for word, state in said if word == "withdrawn"]
    replaced = [state for word, state in said if word == "superseded"]
    return Standing(
        as_of=max(times, default=None),
        withdrawn=_first([state for state in withdrawals if state.logged <= at]),
        later=_first([state for state in withdrawals if state.logged > at]),
        unread=tuple(sorted(state for word, state in said if not word)),
        superseded=_last([state for state in replaced if state.logged <= at]),
        replaced_later=_first([state for state in replaced if state.logged > at]),
    )


def _judged(state: State, scid: str) -> str:
    """Return the state of a statement if this version judges it: only its signer replaces it."""
    judged = state.state == "withdrawn" or (state.state == "superseded" and state.by == scid)
    return state.state if judged else ""


def standing_behind(stands: Standing, behind: Standing) -> Standing:
    """Add what the status says of the delegation behind an agent's statement.

    That it was withdrawn since is no state of the statement; when it was is for step 7.
    """
    known = (stands.as_of, behind.as_of)
    replaced = {item for item in (behind.superseded, behind.replaced_later) if item is not None}
    return stands._replace(
        as_of=None if None in known else min(item for item in known if item is not None),
        unread=tuple(sorted({*stands.unread, *behind.unread, *replaced})),
    )


def _first(states: list[State]) -> State | None:
    return min(states, key=lambda state: state.logged, default=None)


def _last(states: list[State]) -> State | None:
    return max(states, key=lambda state: state.logged, default=None)


def _covers(status: CheckedStatus, verified: Verified, trust: TrustFile) -> bool:
    """A snapshot of the entry's own log must be larger than its index; of a later log, any."""
    origins = [log.origin for log in trust.logs]
    if status.snapshot.origin == verified.origin:
        return status.snapshot.size > verified.index
    return origins.index(status.snapshot.origin) > origins.index(verified.origin)
