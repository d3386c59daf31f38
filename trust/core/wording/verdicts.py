"""The catalogue of sentences: every verdict in the words that people read.

Command line, page and API place these sentences; none of them writes its own. Names that were only
claimed stand in a sentence of their own that says so. A verdict never says more than was checked.
"""

from typing import NamedTuple

from trust.core.judging.authority import Authorised
from trust.core.judging.standing import Standing
from trust.core.people.keycode import key_code
from trust.core.policy import Policy
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.private import DeliverablePart, PrivatePart
from trust.core.verdict import Check, Code, Reason, Result, SignerView, Verdict
from trust.core.verify import ONLINE_WINDOW, Verified
from trust.core.wording.dates import age, day, interval, moment

HOUR = 3600  # seconds
NOT_SAID = ("quality", "originality", "ownership", "that the seller is the signer")

_REASONS = {
    "withdrawn": "its signer withdrew it",
    "signer": "another person signed it than the one you expected",
    "no_status": "no status that covers this entry is at hand; --online asks the registry",
    "status_too_old": "the status at hand is older than you allow; --online brings today's",
    "no_key_history": "the signer's own key history is not at hand; a dossier carries it",
    "key_history_not_logged": "no log entry for the signer's key history is at hand",
    "state_not_judged": "the registry reports a state of the signer or key that this version "
    "does not judge; --online with a newer version does",
    "signer_kind_not_checked": "this kind of signer is not checked by this version",
    "handle_not_at_hand": "the handle you expect cannot be checked without the signer's statement "
    "of it; a dossier carries it",
    "trust_file_expired": "your trust file has expired; `touchplate trust add` brings the newest",
}


class Findings(NamedTuple):
    """What `judge` established about a verified bundle."""

    verified: Verified
    trust: TrustFile
    reasons: tuple[Reason, ...]
    signer: Authorised | None
    standing: Standing
    part: PrivatePart | None
    at: int
    now: int
    compared: bool
    in_hand: tuple[str, ...]
    expected: str | None
    max_status_age: int


def reason_text(word: str) -> str:
    """Return the sentence for a reason; requires a word of the catalogue."""
    return _REASONS[word]


def compose(code: Code, findings: Findings) -> Verdict:
    """Put the verdict on a verified bundle into words."""
    view = _view(findings)
    verified = findings.verified
    return Verdict(
        code=code,
        sentence=_sentence(code, findings, view),
        reasons=findings.reasons,
        rows=_rows(code, findings, view),
        steps=_steps(findings),
        not_said=NOT_SAID,
        would_change=_would_change(findings),
        signer=view,
        expected=findings.expected,
        signed=(verified.not_before, verified.signed_at),
        as_of=findings.standing.as_of,
        id=verified.id,
    )


def refused(reason: Reason, policy: Policy, trust: TrustFile | None) -> Verdict:
    """Put into words that steps 0 to 6 did not hold, or could not be checked."""
    texts = {
        Code.INVALID: "This proof does not hold. It says nothing about this file or its maker.",
        Code.UNREADABLE: f"This dossier is damaged or is not one: {reason.text}. "
        "Nothing was checked.",
        Code.COULD_NOT_CHECK: f"Your trust file does not list {reason.text}.",
    }
    would_change: tuple[str, ...] = ()
    if reason.code is Code.COULD_NOT_CHECK and trust is not None:
        texts[reason.code] += (
            f" It is version {trust.version}; `touchplate trust add {trust.public_url}` "
            "brings the newest."
        )
        would_change = (f"touchplate trust add {trust.public_url}",)
    result = Result.COULD_NOT_CHECK if reason.code is Code.COULD_NOT_CHECK else Result.NO
    rows = (Check("intact", result, reason.text), *_unknown_rows())
    expected = policy.expected.text if policy.expected else None
    return Verdict(
        reason.code, texts[reason.code], (reason,), rows, (), NOT_SAID, would_change,
        expected=expected,
    )  # fmt: skip


def not_pinned(url: str) -> Verdict:
    """Say that the registry which a dossier claims to come from is not pinned here."""
    text = (
        f"This dossier claims to come from {url}; nobody has checked that. Pin it only if you "
        f"know that registry from elsewhere: touchplate trust add {url}"
    )
    reason = Reason(Code.COULD_NOT_CHECK, "registry_not_pinned", f"{url} is not pinned here")
    rows = (Check("intact", Result.COULD_NOT_CHECK, reason.text), *_unknown_rows())
    change = (f"touchplate trust add {url}",)
    return Verdict(Code.COULD_NOT_CHECK, text, (reason,), rows, (), NOT_SAID, change)


def not_found(*, asked: bool, name: str) -> Verdict:
    """Say that nothing is recorded; `asked`: the registry was asked, not only this folder."""
    if asked:
        text = f"Nothing is recorded about {name}. That does not mean it is bad."
    else:
        text = f"No dossier for {name} here; --online asks the registry."
    reason = Reason(Code.NOT_FOUND, "no_attestation", text)
    change = () if asked else ("--online",)
    return Verdict(Code.NOT_FOUND, text, (reason,), (), (), NOT_SAID, change)


def _unknown_rows() -> tuple[Check, ...]:
    text = "nothing else is shown as fact"
    return tuple(
        Check(name, Result.COULD_NOT_CHECK, text) for name in ("in_force", "who", "person")
    )


def _view(findings: Findings) -> SignerView:
    scid = findings.verified.principal.scid
    signer = findings.signer
    return SignerView(
        scid=scid,
        key_code=key_code(scid) if scid else "",
        handle=signer.handle if signer else None,
        name=signer.name if signer else None,
        registry=findings.trust.host,
    )


def _who(findings: Findings, view: SignerView) -> str:
    """Name the signer by what was established: handle, else key code, else by whose word."""
    if not view.scid:
        return f"The registry {view.registry}"
    if findings.signer is None:
        return f"According to {view.registry}, the person with key code {view.key_code}"
    if view.handle is None:
        return f"The person with key code {view.key_code} at {view.registry}"
    return f"@{view.handle} at {view.registry}"


def _what(findings: Findings) -> str:
    """Name what was signed: this file, one of several, or the names on the page."""
    count = len(findings.verified.statement.subjects)
    part = findings.part
    if findings.verified.statement.type != "deliverable":
        article = "an" if findings.verified.statement.type[0] in "aeiou" else "a"
        return f"{article} {findings.verified.statement.type} statement"
    if len(findings.in_hand) == 1:
        name = findings.in_hand[0].rsplit("/", 1)[-1]
        return name if count == 1 else f"{name}, one of {count} files,"
    if count > 1:
        return f"these {count} files" if findings.in_hand else f"{count} files"
    return part.names[0] if isinstance(part, DeliverablePart) else "this file"


def _sentence(code: Code, findings: Findings, view: SignerView) -> str:  # noqa: PLR0911 - one sentence a code
    who, what = _who(findings, view), _what(findings)
    signed = f"{who} signed {what} {_when(findings)}."
    match code:
        case Code.MISMATCH:
            return f"This is not the file that was signed. {_mismatch(findings)}{_ask(view)}"
        case Code.INVALID:
            return "This proof does not hold. It says nothing about this file or its maker."
        case Code.UNREADABLE:
            where = next(item.text for item in findings.reasons if item.code is code)
            return f"This dossier is damaged or is not one: {where}. Nothing was checked."
        case Code.OTHER_SIGNER:
            found = f"@{view.handle}" if view.handle else f"key code {view.key_code}"
            return f"Valid, but signed by {found}; you expected {findings.expected}. {signed}"
        case Code.REVOKED:
            return f"{_withdrawn(findings, who)} {signed}"
        case Code.COULD_NOT_CHECK:
            return f"{signed} {_unchecked(findings)}{_closing(findings, view)}"
    return f"{signed} {_stands(findings)}{_closing(findings, view)}"


def _when(findings: Findings) -> str:
    """The time that is known, and whose word it is."""
    verified = findings.verified
    word = f"{findings.trust.host}'s clock, no witness"
    if verified.signed_at - verified.not_before > ONLINE_WINDOW:
        return f"{interval(verified.not_before, verified.signed_at)} ({word}; signed offline)"
    return f"on {day(verified.signed_at)} ({word})"


def _mismatch(findings: Findings) -> str:
    return next(f"{item.text}." for item in findings.reasons if item.code is Code.MISMATCH)


def _ask(view: SignerView) -> str:
    return f" Ask @{view.handle} for a fresh copy." if view.handle else ""


def _withdrawn(findings: Findings, who: str) -> str:
    state = findings.standing.withdrawn
    logged = f" on {day(state.logged)}" if state is not None else ""
    return f"{who} withdrew this{logged}."


def _stands(findings: Findings) -> str:
    as_of = findings.standing.as_of
    if as_of is None:
        return "Whether it still stands was not checked."
    stands = f"As of {moment(as_of)}, it stands."
    if findings.at != findings.now:
        stands = f"Judged as of {moment(findings.at)}: {stands}"
    if findings.standing.later is not None:
        stands += f" It was withdrawn later, on {day(findings.standing.later.logged)}."
    return stands


def _unchecked(findings: Findings) -> str:
    """What does hold was said first; now what could not be checked."""
    if any(item.word == "no_key_history" for item in findings.reasons):
        return "The signer's own key history was not at hand."
    texts = [item.text for item in findings.reasons if item.code is Code.COULD_NOT_CHECK]
    as_of = findings.standing.as_of
    dated = f" The status is {age(findings.at - as_of)} old." if as_of is not None else ""
    return f"Could not check: {'; '.join(texts)}.{dated}"


def _closing(findings: Findings, view: SignerView) -> str:
    """The claims and gaps that go with every verdict that is not a refusal."""
    closing = ""
    if view.name:
        closing += f" The profile says {view.name}; nobody has checked that name."
    if findings.expected is None and findings.in_hand:
        closing += " You did not say whom you expected."
    if not findings.compared:
        closing += (
            f" The key of {view.registry} was not compared with a second source "
            f"(touchplate trust add {findings.trust.public_url} --key CODE)."
        )
    return closing


def _rows(code: Code, findings: Findings, view: SignerView) -> tuple[Check, ...]:
    return (
        _intact(code, findings),
        _in_force(findings),
        _who_row(findings, view),
        Check(
            "person", Result.NOT_CHECKED, "whether a real person was seen: " + Result.NOT_CHECKED
        ),
    )


def _intact(code: Code, findings: Findings) -> Check:
    if code is Code.MISMATCH:
        return Check("intact", Result.NO, _mismatch(findings))
    if code in {Code.INVALID, Code.UNREADABLE}:
        return Check("intact", Result.NO, findings.reasons[0].text)
    if not findings.in_hand:
        return Check("intact", Result.YES, "the signature fits this record; compare your own copy")
    digest = findings.verified.statement.subjects[0].hex()
    count = len(findings.verified.statement.subjects)
    shown = f" (sha256 {digest[:8]} .. {digest[-8:]})" if count == 1 else ""
    what = (
        "this file is" if len(findings.in_hand) == 1 else f"these {len(findings.in_hand)} files are"
    )
    return Check("intact", Result.YES, f"{what} byte for byte what was signed{shown}")


def _in_force(findings: Findings) -> Check:
    stands = findings.standing
    if stands.withdrawn is not None:
        return Check(
            "in_force", Result.NO, f"withdrawn by its signer on {day(stands.withdrawn.logged)}"
        )
    if stands.as_of is None:
        return Check("in_force", Result.COULD_NOT_CHECK, "no status is at hand")
    old = findings.at - stands.as_of
    ago = f", {age(old)} ago" if old >= HOUR else ""  # the moment itself says the rest
    text = f"not withdrawn as of {moment(stands.as_of)}{ago}"
    if stands.unread or old > findings.max_status_age:
        return Check("in_force", Result.COULD_NOT_CHECK, text)
    return Check("in_force", Result.YES, text)


def _who_row(findings: Findings, view: SignerView) -> Check:
    if findings.signer is None:
        bad = any(item.code in {Code.INVALID, Code.UNREADABLE} for item in findings.reasons)
        result = Result.NO if bad else Result.COULD_NOT_CHECK
        text = f"according to {view.registry} only; key code {view.key_code}"
        return Check("who", result, text)
    if not view.scid:
        return Check("who", Result.YES, f"{view.registry}, by a key of its trust file")
    name = f"@{view.handle}" if view.handle else "a person without a handle here"
    text = f"{name}, key code {view.key_code}, by the signer's own key history; no witness"
    if any(item.code is Code.OTHER_SIGNER for item in findings.reasons):
        return Check("who", Result.NO, f"{text}; you expected {findings.expected}")
    return Check("who", Result.YES, text)


def _steps(findings: Findings) -> tuple[Check, ...]:
    """The numbered steps; those that this version lacks say so."""
    words = {
        0: "read strictly",
        1: "the file in hand is a subject" if findings.in_hand else "no file in hand",
        2: "signature over the received bytes",
        3: "certificate, usages, SCT, registry",
        4: "time-stamp token covers this signature",
        5: "log entry, proof and checkpoint",
        6: "witnesses: 0 of 0",
        7: "the signer's own key history",
        8: "status",
        9: "personhood",
        10: "expected signer; levels " + Result.NOT_CHECKED,
        11: "verdict",
    }
    results = dict.fromkeys(words, Result.YES)
    results.update({6: Result.NOT_CHECKED, 9: Result.NOT_CHECKED})
    if not findings.in_hand:
        results[1] = Result.COULD_NOT_CHECK
    for reason in findings.reasons:
        step = _step_of(reason)
        worse = Result.COULD_NOT_CHECK if reason.code is Code.COULD_NOT_CHECK else Result.NO
        if results[step] is not Result.NO:
            results[step] = worse
    return tuple(Check(str(step), results[step], text) for step, text in words.items())


def _step_of(reason: Reason) -> int:
    if reason.code is Code.MISMATCH:
        return 1
    if reason.code is Code.OTHER_SIGNER or reason.word == "handle_not_at_hand":
        return 10
    if reason.word in {"withdrawn", "no_status", "status_too_old", "state_not_judged"}:
        return 8
    return 8 if "status" in reason.word else 7


def _would_change(findings: Findings) -> tuple[str, ...]:
    """What the reader could do for another answer."""
    actions = {
        "no_status": "--online",
        "status_too_old": "--online",
        "no_key_history": "ask for the dossier instead of the bare bundle",
        "trust_file_expired": f"touchplate trust add {findings.trust.public_url}",
    }
    words = [item.word for item in findings.reasons]
    return tuple(dict.fromkeys(actions[word] for word in words if word in actions))
