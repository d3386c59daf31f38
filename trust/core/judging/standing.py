"""Step 8: does the statement still stand, as far as the status at hand tells?"""

from collections.abc import Sequence
from typing import NamedTuple

from trust.core.judging.authority import OnBehalf
from trust.core.judging.revocation import Freeze, KeyStates, judge_freeze, judge_key
from trust.core.people.revocation import COMPROMISED, LOST, REVOKED
from trust.core.registry.status import CheckedStatus
from trust.core.registry.status_line import BY_RULING, State
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.identity import member_key, status_key
from trust.core.verify import CLOCK_SKEW, Verified

NOBODY = KeyStates()
NEVER = Freeze()
ENDS = (LOST, COMPROMISED, REVOKED)  # of a key: agents of a key that was retired go on


class Standing(NamedTuple):
    """What the status at hand says. `as_of` None: none is at hand that covers this statement.

    `withdrawn` counts, and `later` was logged after the moment that is judged. `superseded`: the
    newest of the signer's words, by the moment that is judged, that another statement replaces this
    one; `replaced_later` is one after that moment. `ends` are the states of statement and key with
    which a delegation ends. `key` and `freeze` are what was said of the key and the person.
    """

    as_of: int | None
    withdrawn: State | None
    later: State | None
    superseded: State | None = None
    replaced_later: State | None = None
    ends: tuple[State, ...] = ()
    key: KeyStates = NOBODY
    freeze: Freeze = NEVER

    def ended_before(self, moment: int) -> bool:
        """Say whether a delegation ended in an earlier second than this."""
        return any(item.logged < moment for item in self.ends)


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
    of_statement, of_key = (_said(verified, covering, name) for name in names[:2])
    withdrawals = [state for state in of_statement if state.state == "withdrawn"]
    scid, signed_at = verified.principal.scid, verified.signed_at
    # Only its signer replaces a statement.
    replaced = [item for item in of_statement if item.state == "superseded" and item.by == scid]
    return Standing(
        as_of=_as_of(names, covering, now),
        withdrawn=_first([state for state in withdrawals if state.logged <= at]),
        later=_first([state for state in withdrawals if state.logged > at]),
        superseded=_last([state for state in replaced if state.logged <= at]),
        replaced_later=_first([state for state in replaced if state.logged > at]),
        ends=tuple(sorted([*withdrawals, *(item for item in of_key if item.state in ENDS)])),
        key=judge_key(of_key, signed_at, at),
        freeze=judge_freeze(
            _newest(verified, covering, names[2:]), verified.statement.type, signed_at, at
        ),
    )


def _said(verified: Verified, covering: Sequence[CheckedStatus], name: bytes) -> list[State]:
    """Return each state of a name, from whichever snapshot, by those who may speak."""
    said = {state for item in covering for state in item.states.get(name, ())}
    return [state for state in said if _may_speak(state, verified)]


def _newest(
    verified: Verified, covering: Sequence[CheckedStatus], names: Sequence[bytes]
) -> list[State]:
    """Return the states of a person in log order, as the newest snapshot that proves them has it.

    Of freezes the last word counts, so that they are not gathered from several snapshots.
    """
    lists = [
        (item.snapshot.time, item.states[name])
        for name in names
        for item in covering
        if name in item.states
    ]
    _, states = max(lists, key=lambda item: item[0], default=(0, ()))
    return [state for state in states if _may_speak(state, verified)]


def _may_speak(state: State, verified: Verified) -> bool:
    return state.by in {verified.principal.scid, BY_RULING}


def standing_behind(stands: Standing, behind: Standing) -> Standing:
    """Add what the status says of the delegation behind an agent's statement.

    That it was withdrawn since is no state of the statement; when it was is for step 7.
    """
    return stands._replace(
        as_of=earlier(stands.as_of, behind.as_of),
        key=stands.key._replace(
            revoked=stands.key.revoked or behind.key.revoked,
            disputed=stands.key.disputed or behind.key.disputed,
        ),
    )


class Members(NamedTuple):
    """What the status says of those on whom an enterprise's signature rests."""

    as_of: int | None
    has_left: bool


def membership(
    verified: Verified,
    behalf: OnBehalf,
    statuses: Sequence[CheckedStatus],
    trust: TrustFile,
    now: int,
) -> Members:
    """Read whether somebody had left before the moment at which their membership was needed.

    Who left afterwards answers for what was signed before.
    """
    covering = [item for item in statuses if _covers(item, verified, trust)]
    left = any(
        link.since <= state.logged < link.at
        for link in behalf.links
        for item in covering
        for state in item.states.get(member_key(behalf.enterprise, link.scid), ())
        if state.state == "retired" and state.by in {link.scid, BY_RULING}
    )
    return Members(_as_of(behalf.names, covering, now), left)


def earlier(one: int | None, other: int | None) -> int | None:
    """Return the earlier of two times as of which something is known; None if one is not."""
    return None if one is None or other is None else min(one, other)


def _as_of(names: Sequence[bytes], covering: Sequence[CheckedStatus], now: int) -> int | None:
    proven = [item for item in covering if all(name in item.states for name in names)]
    roots = {item.snapshot.status_root for item in proven}
    times = [
        item.snapshot.time
        for item in covering
        if item.snapshot.status_root in roots and item.snapshot.time <= now + CLOCK_SKEW
    ]
    return max(times, default=None)


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
