"""The sentence of a verdict on a verified bundle: who signed what, when, and whether it stands.

It never says more than was checked. A name that was only claimed stands in a sentence of its own
that says so, and when nobody had a file the sentence says that none was compared.
"""

from trust.core.encoding import quoted
from trust.core.people.presence import SUBJECT_PRESENT
from trust.core.registry.status_line import State
from trust.core.signing.private import DeliverablePart
from trust.core.signing.redaction import BY_SIGNER
from trust.core.signing.statement import is_manifest
from trust.core.verdict import Code, Erased, Present, SignerView
from trust.core.verify import ONLINE_WINDOW
from trust.core.wording import revocations
from trust.core.wording.dates import age, day, interval, moment
from trust.core.wording.enterprise import enterprise_name
from trust.core.wording.findings import Findings
from trust.core.wording.reasons import add_command

DOES_NOT_HOLD = "This proof does not hold. It says nothing about this file or its maker."


def unreadable(why: str) -> str:
    """Say where a dossier is damaged. The whole of it needs no place: the sentence is about it."""
    where = why.removeprefix("dossier: ")
    return f"This dossier is damaged or is not one: {where}. Nothing was checked."


def verdict_sentence(code: Code, findings: Findings, view: SignerView) -> str:
    """Return the one sentence, or few, that answer with this code."""
    who = _who(findings, view)
    whole = _for(_by_agent(who, view), view)
    signed = f"{whole} signed {_what(findings)} {_when(findings)}{_under(view)}."
    match code:
        case Code.MISMATCH:
            thing = "directory" if is_manifest(findings.verified.statement) else "file"
            text = f"This is not the {thing} that was signed. {findings.reason(code)}.{_ask(view)}"
        case Code.INVALID:
            text = DOES_NOT_HOLD
        case Code.UNREADABLE:
            text = unreadable(findings.reason(code))
        case Code.OTHER_SIGNER:
            text = f"{_other(findings, view)} {signed}"
            if findings.has(Code.COULD_NOT_CHECK):
                text = f"{text} {_unchecked(findings)}"
        case Code.REVOKED | Code.DISPUTED | Code.FROZEN:
            text = f"{revocations.why_stopped(code, findings.standing, who)} {signed}"
        case Code.COULD_NOT_CHECK:
            text = f"{signed} {_unchecked(findings)}{_closing(findings, view)}"
        case _:
            text = f"{signed} {_stands(findings)}{_closing(findings, view)}"
    return text


def _who(findings: Findings, view: SignerView) -> str:
    """Name the signer by what was established: handle, else key code, else by whose word."""
    if not view.scid:
        return f"The registry {view.registry}"
    if findings.signer is None:
        return f"According to {view.registry}, the person with key code {view.key_code}"
    if view.handle is None:
        return f"The person with key code {view.key_code} at {view.registry}"
    return f"@{view.handle} at {view.registry}"


def _by_agent(who: str, view: SignerView) -> str:
    """Name the agent before its person; what an agent signs, its person answers for."""
    if view.delegation is None:
        return who
    named = who.removeprefix(f"According to {view.registry}, ")
    person = named[0].lower() + named[1:]
    text = f"gent {view.delegation.agent} of {person}"
    return f"A{text}" if named == who else f"According to {view.registry}, a{text}"


def _for(who: str, view: SignerView) -> str:
    """Name the enterprise behind its member, once the membership is established."""
    enterprise, at = view.enterprise, f" at {view.registry}"
    if enterprise is None or not enterprise.approved:
        return who
    firm = f" of {enterprise_name(enterprise.name, enterprise.id)}"
    if enterprise.needed > 1:
        firm += f" (approved by {enterprise.approved} of its members, {enterprise.needed} must)"
    return f"{who.removesuffix(at)}{firm}{at if who.endswith(at) else ''}"


def _under(view: SignerView) -> str:
    delegation = view.delegation
    if delegation is None or delegation.id is None:
        return ""
    return f", under a delegation of {day(delegation.since)} until {day(delegation.until)}"


def _what(findings: Findings) -> str:
    """Name what was signed: the file in hand, one of several, or the names that the maker gave."""
    count = findings.subject_count
    if not findings.is_deliverable:
        kind = findings.verified.statement.type
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} statement"
    part, held = findings.part, len(findings.in_hand)
    if is_manifest(findings.verified.statement) and isinstance(part, DeliverablePart):
        return quoted(part.names[0]) + (f", a directory of {held} files," if held > 1 else "")
    if held == 1:
        name = quoted(findings.in_hand[0].rsplit("/", 1)[-1])
        return name if count == 1 else f"{name}, one of {count} files,"
    if count > 1:
        return f"these {count} files" if held else f"{count} files"
    return quoted(part.names[0]) if isinstance(part, DeliverablePart) else "a file"


def _when(findings: Findings) -> str:
    """Return the time that is known, and whose word it is."""
    verified = findings.verified
    word = f"{findings.trust.host}'s clock, {findings.witnessed}"
    for item in findings.dated:
        word += f"; seen by {quoted(item.authority)}, whom you named, on {moment(item.time)}"
    if verified.signed_at - verified.not_before > ONLINE_WINDOW:
        return f"{interval(verified.not_before, verified.signed_at)} ({word}; signed offline)"
    return f"on {day(verified.signed_at)} ({word})"


def present_sentence(present: Present) -> str:
    """Say that a passkey was unlocked for this, and what that does not show."""
    where = (
        "which cannot leave its device"
        if present.level == SUBJECT_PRESENT
        else "which may be on several devices"
    )
    return (
        f"Somebody unlocked a passkey for exactly this, {where}; the signer registered it on "
        f"{day(present.registered)}. A passkey shows that someone was there, not who."
    )


def erased_sentence(erased: Erased, registry: str) -> str:
    """Say that names and words are gone, since when, and who wanted it."""
    if erased.by == BY_SIGNER:
        how = f"Its names and words were erased on {day(erased.since)}, as its signer asked"
    else:
        how = f"{registry} erased its names and words on {day(erased.since)}, unasked"
    return f"{how}; what was signed, and everything that can be checked, is as it was."


def _ask(view: SignerView) -> str:
    return f" Ask @{view.handle} for a fresh copy." if view.handle else ""


def _other(findings: Findings, view: SignerView) -> str:
    """Say who signed instead; that it is valid only if everything was checked."""
    key = f"key code {view.key_code}" if view.scid else "the registry itself"
    found = f"@{view.handle}" if view.handle else key
    start = "Signed" if findings.has(Code.COULD_NOT_CHECK) else "Valid, but signed"
    return f"{start} by {found}; you expected {findings.expected}."


def _stands(findings: Findings) -> str:
    as_of = findings.standing.as_of
    if as_of is None:
        return "Whether it still stands was not checked."
    stands = f"As of {moment(as_of)}, it stands"
    if findings.standing.superseded is not None:
        stands += f" and is not the newest: {_replaced(findings, findings.standing.superseded)}"
    stands += "."
    if findings.at != findings.now:
        stands = f"Judged as of {moment(findings.at)}: {stands}"
    stands += revocations.older(findings.standing) + revocations.since_then(findings.standing)
    if findings.standing.replaced_later is not None:
        stands += f" It was replaced later, on {day(findings.standing.replaced_later.logged)}."
    return stands


def _replaced(findings: Findings, state: State) -> str:
    """Say when the signer replaced it, and by what; else where that can be read."""
    text = f"its signer replaced it on {day(state.logged)}"
    pages = f"{findings.trust.public_url}/v"
    if findings.superseded_by is not None:
        return f"{text} by {pages}/{findings.superseded_by}"
    return f"{text} ({pages}/{findings.verified.id} says by what)"


def _unchecked(findings: Findings) -> str:
    """Say what could not be checked; what does hold was said before."""
    if any(item.word == "no_key_history" for item in findings.reasons):
        return "The signer's own key history was not at hand."
    texts = [item.text for item in findings.reasons if item.code is Code.COULD_NOT_CHECK]
    as_of = findings.standing.as_of
    dated = f" The status is {age(findings.at - as_of)} old." if as_of is not None else ""
    return f"Could not check: {'; '.join(texts)}.{dated}"


def _closing(findings: Findings, view: SignerView) -> str:
    """Add the gaps and claims that go with every verdict that is not a refusal."""
    closing = ""
    if findings.is_deliverable and not findings.in_hand:
        closing += " No file was compared."
    if findings.erased is not None and findings.part is None:
        closing += f" {erased_sentence(findings.erased, view.registry)}"
    if findings.signer is not None and findings.signer.presence is not None:
        closing += f" {present_sentence(findings.signer.presence)}"
    if view.name:
        closing += f" The profile says {quoted(view.name)}; nobody has checked that name."
    operators, of, enough = findings.verified.cosigned
    if not enough:
        closing += (
            f" {len(operators) or 'None'} of {of} witnesses saw the log, fewer than "
            f"{view.registry} asks for itself: that everyone is shown the same log is its own word."
        )
    if findings.expected is None and findings.in_hand:
        closing += " You did not say whom you expected."
    if not findings.compared:
        closing += (
            f" The key of {view.registry} was not compared with a second source "
            f"({add_command(findings.trust.public_url)} --key CODE)."
        )
    return closing
