"""The checks in words: the four questions that people ask, and the numbered steps behind them."""

from trust.core.encoding import quoted, short_digest
from trust.core.judging.membership import enterprise_of
from trust.core.verdict import Check, Code, Dated, Reason, Result, SignerView
from trust.core.wording.dates import age, day, moment
from trust.core.wording.findings import Findings
from trust.core.wording.revocations import aged, stopped

HOUR = 3600  # seconds


def question_rows(code: Code, findings: Findings, view: SignerView) -> tuple[Check, ...]:
    """Return the answers to the four questions."""
    person = f"whether a real person was seen: {Result.NOT_CHECKED}"
    return (
        _intact(code, findings),
        _in_force(findings),
        _who(findings, view),
        Check("person", Result.NOT_CHECKED, person),
    )


def refused_rows(reason: Reason) -> tuple[Check, ...]:
    """Return the four answers when the proof itself did not hold, or could not be checked."""
    if reason.code is Code.COULD_NOT_CHECK:
        result, rest = Result.COULD_NOT_CHECK, "the record itself could not be checked"
    else:
        result, rest = Result.NO, "nothing is taken from a proof that does not hold"
    others = (Check(name, Result.COULD_NOT_CHECK, rest) for name in ("in_force", "who", "person"))
    return (Check("intact", result, reason.text), *others)


def numbered_steps(findings: Findings) -> tuple[Check, ...]:
    """Return the numbered steps of the verification; those that this version lacks say so."""
    expected = findings.expected
    words = {
        0: "read strictly",
        1: "the file in hand is a subject" if findings.in_hand else "no file in hand",
        2: "signature over the received bytes",
        3: "certificate, usages, SCT, registry",
        4: "; ".join(["time-stamp token covers this signature", *map(_seen, findings.dated)]),
        5: "log entry, proof and checkpoint",
        6: f"witnesses: {_witnesses(findings)}",
        7: _chain(findings),
        8: "status",
        9: "personhood",
        10: f"the signer is {expected}" if expected else "you did not say whom you expected",
        11: "verdict",
    }
    words[10] += f"; levels {Result.NOT_CHECKED}"
    results = dict.fromkeys(words, Result.YES)
    results[9] = Result.NOT_CHECKED
    if not findings.verified.cosigned.of:
        results[6] = Result.COULD_NOT_CHECK
    elif not findings.verified.cosigned.enough:
        results[6] = Result.NO
    if not findings.in_hand:
        results[1] = Result.COULD_NOT_CHECK
    if expected is None:
        results[10] = Result.COULD_NOT_CHECK
    results[8] = _in_force(findings).result
    for reason in findings.reasons:
        if reason.code.holds:  # a notice: the step holds
            continue
        worse = Result.COULD_NOT_CHECK if reason.code is Code.COULD_NOT_CHECK else Result.NO
        if results[reason.step] is not Result.NO:
            results[reason.step] = worse
    return tuple(Check(str(step), results[step], text) for step, text in words.items())


def _chain(findings: Findings) -> str:
    firm = ", and the membership in the enterprise" if enterprise_of(findings.verified) else ""
    if findings.verified.principal.kind != "agent":
        return f"the signer's own key history{firm}"
    return f"the agent's delegation, and the key history of the person who made it{firm}"


def _seen(dated: Dated) -> str:
    return f"seen by {quoted(dated.authority)} on {moment(dated.time)}"


def _witnesses(findings: Findings) -> str:
    """Count and name those who saw the checkpoint; the names are those of the trust file."""
    operators, of, enough = findings.verified.cosigned
    names = f" ({', '.join(map(quoted, operators))})" if operators else ""
    less = "" if enough else ", fewer than the policy asks for"
    return f"{len(operators)} of {of}{names}{less}"


def _intact(code: Code, findings: Findings) -> Check:
    if code is Code.MISMATCH:
        return Check("intact", Result.NO, findings.reason(code))
    if code in {Code.INVALID, Code.UNREADABLE}:
        return Check("intact", Result.NO, findings.reasons[0].text)
    if not findings.in_hand:
        return Check("intact", Result.YES, "the signature fits this record; compare your own copy")
    count = findings.subject_count
    digest = short_digest(findings.verified.statement.subjects[0])
    shown = f" (sha256 {digest})" if count == 1 else ""
    in_hand = len(findings.in_hand)
    what = "this file is" if in_hand == 1 else f"these {in_hand} files are"
    return Check("intact", Result.YES, f"{what} byte for byte what was signed{shown}")


def _in_force(findings: Findings) -> Check:
    stands = findings.standing
    text = stopped(stands)
    if text is not None:
        return Check("in_force", Result.NO, text)
    if stands.as_of is None:
        return Check("in_force", Result.COULD_NOT_CHECK, "no status is at hand")
    old = findings.at - stands.as_of
    ago = f", {age(old)} ago" if old >= HOUR else ""  # the moment itself says the rest
    text = f"not withdrawn as of {moment(stands.as_of)}{ago}{aged(stands)}"
    if stands.superseded is not None:
        text += f"; replaced by its signer on {day(stands.superseded.logged)}"
    if old > findings.policy.max_status_age:
        return Check("in_force", Result.COULD_NOT_CHECK, text)
    return Check("in_force", Result.YES, text)


def _who(findings: Findings, view: SignerView) -> Check:
    if findings.signer is None:
        bad = any(item.code in {Code.INVALID, Code.UNREADABLE} for item in findings.reasons)
        result = Result.NO if bad else Result.COULD_NOT_CHECK
        text = f"according to {view.registry} only; key code {view.key_code}"
        return Check("who", result, text)
    if not view.scid:
        return Check("who", Result.YES, f"{view.registry}, by a key of its trust file")
    name = f"@{view.handle}" if view.handle else "a person without a handle here"
    if view.delegation is not None:
        name = f"agent {view.delegation.agent} of {name}"
    text = (
        f"{name}, key code {view.key_code}, by the signer's own key history; {findings.witnessed}"
    )
    if any(item.code is Code.OTHER_SIGNER for item in findings.reasons):
        return Check("who", Result.NO, f"{text}; you expected {findings.expected}")
    return Check("who", Result.YES, text)
