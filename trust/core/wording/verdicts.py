"""The catalogue of sentences: every verdict in the words that people read.

Command line, page and API place these sentences; none of them writes its own. Text from outside
that stands in them is not escaped here: whoever shows it does that.
"""

from trust.core.policy import Policy
from trust.core.registry.trust_file import TrustFile
from trust.core.verdict import Code, Reason, Verdict
from trust.core.wording.checks import numbered_steps, question_rows, refused_rows
from trust.core.wording.findings import Findings, signer_view
from trust.core.wording.reasons import add_command, what_would_help
from trust.core.wording.sentences import DOES_NOT_HOLD, unreadable, verdict_sentence

NOT_SAID = ("quality", "originality", "ownership", "that the seller is the signer")


def compose(code: Code, findings: Findings) -> Verdict:
    """Put the verdict on a verified bundle into words."""
    view = signer_view(findings)
    verified = findings.verified
    words = [item.word for item in findings.reasons]
    return Verdict(
        code=code,
        sentence=verdict_sentence(code, findings, view),
        reasons=findings.reasons,
        rows=question_rows(code, findings, view),
        steps=numbered_steps(findings),
        not_said=NOT_SAID,
        would_change=what_would_help(words, findings.trust.public_url),
        signer=view,
        expected=findings.expected,
        signed=(verified.not_before, verified.signed_at),
        as_of=findings.standing.as_of,
        witnesses=verified.cosigned,
        dated=findings.dated,
        id=verified.id,
        superseded_by=findings.superseded_by,
        erased=findings.erased,
        presence=findings.signer.presence if findings.signer else None,
    )


def refused(reason: Reason, policy: Policy, trust: TrustFile | None) -> Verdict:
    """Put into words that steps 0 to 6 did not hold, or could not be checked."""
    expected = policy.expected.text if policy.expected else None
    if reason.code is Code.UNREADABLE:
        return _short(reason, unreadable(reason.text))._replace(expected=expected)
    if reason.code is Code.INVALID:
        return _short(reason, DOES_NOT_HOLD)._replace(expected=expected)
    sentence = f"Your trust file does not list {reason.text}."
    if trust is None:
        return _short(reason, sentence)._replace(expected=expected)
    command = add_command(trust.public_url)
    sentence += f" It is version {trust.version}; `{command}` brings the newest."
    return _short(reason, sentence, command)._replace(expected=expected)


def not_pinned(url: str) -> Verdict:
    """Say that the registry which a dossier claims to come from is not pinned here."""
    command = add_command(url)
    sentence = (
        f"This dossier claims to come from {url}; nobody has checked that. Pin it only if you "
        f"know that registry from elsewhere: {command}"
    )
    reason = Reason(Code.COULD_NOT_CHECK, "registry_not_pinned", f"{url} is not pinned here")
    return _short(reason, sentence, command)


def not_found(*, asked: bool, name: str) -> Verdict:
    """Say that nothing is recorded; `asked`: the registry was asked, not only this folder."""
    if asked:
        text = f"Nothing is recorded about {name}. That does not mean it is bad."
    else:
        text = f"No dossier for {name} here; --online asks the registry."
    change = () if asked else ("--online",)
    return _bare(Reason(Code.NOT_FOUND, "no_attestation", text), text, *change)


def not_fetched(name: str, why: str) -> Verdict:
    """Say that there is no dossier at hand, and that the registry did not send one."""
    text = f"No dossier for {name} here, and none could be fetched: {why}."
    reason = Reason(Code.COULD_NOT_CHECK, "registry_did_not_answer", why)
    return _bare(reason, text, "--online later")


def cannot_read(why: str) -> Verdict:
    """Say that a path could not be read, which is not the fault of any dossier."""
    text = f"Cannot read {why}. Nothing was checked."
    return _bare(Reason(Code.UNREADABLE, "unreadable", why), text)


def without_today(verdict: Verdict, why: str) -> Verdict:
    """Turn what exits 0 into `could_not_check`: the registry was asked and did not answer."""
    reason = Reason(Code.COULD_NOT_CHECK, "registry_did_not_answer", why)
    return verdict._replace(
        code=Code.COULD_NOT_CHECK,
        sentence=f"{verdict.sentence} Today's status could not be checked: {why}.",
        reasons=(*verdict.reasons, reason),
        would_change=("--online later, or without --online the status at hand",),
    )


def bulk_sentence(valid: int, count: int, worst: str, replaced: int = 0) -> str:
    """Sum up several verdicts; `worst` is the path with the worst of them.

    `valid`: those that exit 0. `replaced`: those among them that a newer statement replaced.
    """
    if valid == count and replaced:
        verb = "is" if replaced == 1 else "are"
        return f"All {count} hold, and {replaced} of them {verb} not the newest: {worst}"
    if valid == count:
        return f"All {count} are valid."
    held = "None" if valid == 0 else f"{valid}"
    return f"{held} of {count} {'is' if valid == 1 else 'are'} valid. The worst: {worst}"


def _short(reason: Reason, sentence: str, *would_change: str) -> Verdict:
    """Return a verdict of which only the first of the four questions has an answer of its own."""
    return _bare(reason, sentence, *would_change)._replace(rows=refused_rows(reason))


def _bare(reason: Reason, sentence: str, *would_change: str) -> Verdict:
    """Return a verdict about which no question was asked."""
    return Verdict(reason.code, sentence, (reason,), (), (), NOT_SAID, would_change)
