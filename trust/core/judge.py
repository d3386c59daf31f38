"""Judgement, steps 7 to 11: is what was verified enough for this relying party?

    7   authority    the signer's own key history authorised the key   `judging.authority`
    8   status       withdrawn? key revoked? frozen? as of when?       `judging.standing`
    9   personhood                                                     not checked by this version
    10  policy       whom the relying party expects, how old a status may be
    11  verdict      one code, one sentence, reasons, what it does not say

`judge` always answers with one code. Of several, the first by exit status in the order 1, 2, 5, 4,
3, 6 is given, and the rest stand in `reasons`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.errors import (
    Malformed,
    SubjectMismatch,
    VerificationFailed,
)
from trust.core.expected import expectation
from trust.core.judging.agency import Delegation, check_agent, find_delegation, lacks_names
from trust.core.judging.authority import (
    Authorised,
    OnBehalf,
    check_identity,
    check_key,
    check_registry_key,
    introduce,
    private_part,
    read_key_histories,
)
from trust.core.judging.erased import erased
from trust.core.judging.membership import enterprise_of, is_reviewed, on_behalf, used
from trust.core.judging.newer import successor
from trust.core.judging.present import look_for_presence
from trust.core.judging.reasons import decide, reason_of
from trust.core.judging.standing import (
    Standing,
    earlier,
    membership,
    standing,
    standing_behind,
)
from trust.core.policy import Policy
from trust.core.registry.status import CheckedStatus, Status, check_status
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.bundle import Bundle
from trust.core.signing.private import PrivatePart
from trust.core.stopped import of_key, of_person
from trust.core.verdict import Code, Dated, Reason, Verdict
from trust.core.verify import CLOCK_SKEW, Verified, verify
from trust.core.wording.findings import Findings
from trust.core.wording.reasons import reason_text
from trust.core.wording.verdicts import compose

TIME, AUTHORITY, STATUS, POLICY = 4, 7, 8, 10  # the steps of judgement that give reasons


class Context(NamedTuple):
    """What lies beside the bundle when it is judged. Times are seconds.

    `complete`: it came in a dossier, so that the key history must be there. `newest_trust`: the
    registry was just asked for its newest trust file, so that what it does not list is not its own.
    `compared`: someone compared the root code with a second source.
    """

    trust: TrustFile
    at: int
    now: int
    complete: bool = False
    did_logs: tuple[list[Json], ...] = ()
    supporting: tuple[Bundle, ...] = ()
    private: Mapping[bytes, dict[str, Json]] = {}
    statuses: tuple[Status, ...] = ()
    newest_trust: bool = False
    compared: bool = True
    mismatch: SubjectMismatch | None = None
    in_hand: tuple[str, ...] = ()
    dated: tuple[Dated, ...] = ()


def judge(verified: Verified, context: Context, policy: Policy) -> Verdict:
    """Judge a verified bundle. Never raises on what came from outside."""
    reasons: list[Reason] = []
    if context.mismatch is not None:
        reasons.append(reason_of(context.mismatch))
    dated = _dated(verified, context, reasons)
    signer, supporting = _authority(verified, context, reasons)
    stands = _status(verified, signer, context, policy, reasons)
    reasons += expectation(verified, signer, policy)
    if context.at >= context.trust.expires:
        reasons.append(_cannot("trust_file_expired", POLICY))
    findings = Findings(
        verified=verified,
        trust=context.trust,
        reasons=tuple(reasons),
        signer=signer,
        standing=stands,
        part=_part(verified, context),
        at=context.at,
        now=context.now,
        compared=context.compared,
        in_hand=context.in_hand,
        dated=dated,
        policy=policy,
        superseded_by=successor(verified, stands.superseded, supporting),
        erased=erased(verified, supporting),
    )
    return compose(decide(reasons), findings)


def _cannot(word: str, step: int) -> Reason:
    return Reason(Code.COULD_NOT_CHECK, word, reason_text(word), step)


def _dated(verified: Verified, context: Context, reasons: list[Reason]) -> tuple[Dated, ...]:
    """Step 4: what others say of the time, unless it is later than the moment that is judged.

    Somebody who saw the signature before the registry's clock says that it can have been made
    proves that one of the two clocks is wrong.
    """
    dated = tuple(item for item in context.dated if item.time <= context.at + CLOCK_SKEW)
    if any(item.time + CLOCK_SKEW < verified.not_before for item in dated):
        reasons.append(_cannot("times_contradict", TIME))
    return dated


def _authority(
    verified: Verified, context: Context, reasons: list[Reason]
) -> tuple[Authorised | None, Sequence[Verified]]:
    """Step 7. Returns the signer and what supports it when their authority was established."""
    try:
        supporting = _supporting(context)
        if verified.principal.kind == "registry":
            check_registry_key(verified, context.trust)
            return Authorised(""), ()
        signer = _person(verified, supporting, context, reasons)
    except (Malformed, VerificationFailed) as error:
        # Also where a step of a supporting bundle failed: the steps of this one held.
        reason = reason_of(error, newest_trust=context.newest_trust)
        reasons.append(reason._replace(step=AUTHORITY))
        return None, ()
    return signer, supporting if signer is not None else ()


def _person(
    verified: Verified, supporting: list[Verified], context: Context, reasons: list[Reason]
) -> Authorised | None:
    if verified.principal.kind not in {"person", "agent"}:
        reasons.append(_cannot("signer_kind_not_checked", AUTHORITY))
        return None
    people = [item for item in supporting if item.principal.kind == "person"]
    logs = read_key_histories(verified, people, context.did_logs)
    if not logs:
        if context.complete:
            raise Malformed("the signer's DID log is missing", "didLogs")
        reasons.append(_cannot("no_key_history", AUTHORITY))
        return None
    by_person = verified.principal.kind == "person"
    for item in (verified, *people) if by_person else people:
        check_key(item, logs.get(item.principal.scid))
    delegation = None
    if not by_person:
        delegation = find_delegation(verified, people)
        if delegation is None:
            reasons.append(_cannot("no_delegation", AUTHORITY))
            return None
        _agent(verified, delegation, people, context, reasons)
    behalf = _enterprise(verified, people, context, reasons)
    # Each of them is looked at: one that contradicts the log is an error.
    logged = [check_identity(logs, item, supporting) for item in used(verified, people)]
    if not all(logged):
        reasons.append(_cannot("key_history_not_logged", AUTHORITY))
    signer = introduce(verified.principal.scid, [*people, verified], context.private)
    present, missing = look_for_presence(verified, people, context.trust.public_url)
    reasons += [_cannot("passkey_not_at_hand", AUTHORITY)] * missing
    return signer._replace(delegation=delegation, on_behalf=behalf, presence=present)


def _enterprise(
    verified: Verified, people: list[Verified], context: Context, reasons: list[Reason]
) -> OnBehalf | None:
    """The half of step 7 that is about whom the signer signed for."""
    if enterprise_of(verified) is None:
        return None
    behalf = on_behalf(verified, people, context.private)
    if behalf is None:
        reasons.append(_cannot("no_membership", AUTHORITY))
        return None
    if len(behalf.approved) < behalf.needed:
        reasons.append(_cannot("not_released", AUTHORITY))
    return behalf._replace(rests_on=tuple(used(verified, people)[1:]))


def _agent(
    verified: Verified,
    delegation: Delegation,
    people: list[Verified],
    context: Context,
    reasons: list[Reason],
) -> None:
    """The half of step 7 that is about what an agent was let do."""
    part = _part(verified, context)
    check_agent(verified, delegation, part)
    if lacks_names(delegation, part):
        reasons.append(_cannot("scope_not_at_hand", AUTHORITY))
    if delegation.facts.human_review and not is_reviewed(verified, people):
        reasons.append(_cannot("review_not_at_hand", AUTHORITY))


def _supporting(context: Context) -> list[Verified]:
    """Verify every supporting bundle; those of the registry end in the trust file."""
    checked = []
    for bundle in context.supporting:
        item = verify(bundle, None, context.trust, context.now)
        if item.principal.kind == "registry":
            check_registry_key(item, context.trust)
        checked.append(item)
    return checked


def _status(
    verified: Verified,
    signer: Authorised | None,
    context: Context,
    policy: Policy,
    reasons: list[Reason],
) -> Standing:
    """Step 8: what is withdrawn, revoked, frozen or replaced, and as of when."""
    checked = _checked_statuses(context, reasons)
    stands = standing(verified, checked, context.trust, context.at, context.now)
    if signer is not None and signer.delegation is not None:
        behind = standing(
            signer.delegation.verified, checked, context.trust, context.at, context.now
        )
        if behind.ended_before(verified.signed_at):
            reasons.append(_ended())
        stands = standing_behind(stands, behind)
    if signer is not None and signer.on_behalf is not None:
        members = membership(verified, signer.on_behalf, checked, context.trust, context.now)
        if members.has_left:
            reasons.append(_left())
        stands = stands._replace(as_of=earlier(stands.as_of, members.as_of))
        for item in signer.on_behalf.rests_on:
            behind = standing(item, checked, context.trust, context.at, context.now)
            stands = standing_behind(stands, behind)
    _state_reasons(stands, context, policy, reasons)
    return stands


def _ended() -> Reason:
    return Reason(Code.INVALID, "delegation_ended", reason_text("delegation_ended"), AUTHORITY)


def _left() -> Reason:
    return Reason(Code.INVALID, "not_a_member", reason_text("not_a_member"), AUTHORITY)


def _state_reasons(
    stands: Standing, context: Context, policy: Policy, reasons: list[Reason]
) -> None:
    if stands.withdrawn is not None:
        reasons.append(Reason(Code.REVOKED, "withdrawn", reason_text("withdrawn"), STATUS))
    reasons += [*of_key(stands.key), *of_person(stands.freeze)]
    if stands.superseded is not None:
        reasons.append(Reason(Code.SUPERSEDED, "superseded", reason_text("superseded"), STATUS))
    if not policy.accept_unknown_status:
        if stands.as_of is None:
            reasons.append(_cannot("no_status", STATUS))
        elif context.at - stands.as_of > policy.max_status_age:
            reasons.append(_cannot("status_too_old", STATUS))


def _checked_statuses(context: Context, reasons: list[Reason]) -> list[CheckedStatus]:
    checked = []
    for status in context.statuses:
        try:
            checked.append(check_status(status, context.trust))
        except (Malformed, VerificationFailed) as error:
            reason = reason_of(error, newest_trust=context.newest_trust)
            reasons.append(reason._replace(step=STATUS))
    return checked


def _part(verified: Verified, context: Context) -> PrivatePart | None:
    """The private part of the statement itself, for what its sentences name."""
    return private_part(verified, context.private)
