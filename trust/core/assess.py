"""From bytes to a verdict: parse, verify and judge in one call that always answers.

This is what the command line, the page and the API call. A bad dossier is an answer, not an
exception; only a fault of ours escapes, and whoever calls must then not say `valid`.
"""

from collections.abc import Sequence

from trust.core.canonical import parse
from trust.core.errors import Malformed, SubjectMismatch, TouchplateError
from trust.core.judge import Context, judge
from trust.core.judging.reasons import reason_of
from trust.core.policy import Policy
from trust.core.registry.dossier import MAX_DOSSIER, Dossier, parse_dossier
from trust.core.registry.status import Status
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.bundle import MEDIA_TYPE as BUNDLE_TYPE
from trust.core.signing.bundle import Bundle, parse_bundle_bytes
from trust.core.signing.private import DeliverablePart, parse_private
from trust.core.signing.statement import Statement, parse_statement
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Dated, Verdict
from trust.core.verify import verify
from trust.core.wording.verdicts import not_pinned, refused
from trust.core.x509.certificate import parse_certificate


def assess(
    material: bytes | Dossier | Bundle,
    subjects: Subjects | None,
    trust: TrustFile | None,
    at: int,
    policy: Policy,
    *,
    now: int,
    newer: Sequence[Status] = (),
    newest_trust: bool = False,
    compared: bool = True,
    dated: Sequence[Dated] = (),
) -> Verdict:
    """Answer with one verdict about a dossier or a bare bundle.

    Args:
        material: the dossier or bundle, or the bytes of either.
        subjects: the files in hand; None when nobody has the file, as on the page.
        trust: the pinned trust file; None when the registry is not pinned.
        at: the moment that is judged, in seconds; `token time <= at <= now`.
        policy: whom the relying party expects, and how old a status may be.
        now: the present, in seconds.
        newer: statuses from elsewhere, such as `--online` or an earlier withdrawal.
        newest_trust: `trust` was just brought up to date.
        compared: the root code of `trust` was compared with a second source.
        dated: who else saw the signature, by time stamps that the caller has verified.
    """
    try:
        read = read_material(material) if isinstance(material, bytes) else material
        bundle = read.bundle if isinstance(read, Dossier) else read
        statement = parse_statement(bundle.envelope.payload)
        names = _signed_names(read, statement)
        if trust is None:
            return not_pinned(_claimed_registry(bundle))
    except TouchplateError as error:
        return refused(reason_of(error), policy, trust)
    context = Context(
        trust=trust,
        at=at,
        now=now,
        statuses=tuple(newer),
        newest_trust=newest_trust,
        compared=compared,
        dated=tuple(dated),
        in_hand=() if subjects is None else tuple(subjects.files),
    )
    if subjects is not None:
        subjects = subjects._replace(signed_names=names)
    return _verify_and_judge(bundle, subjects, _with_dossier(context, read), policy)


def _with_dossier(context: Context, read: Dossier | Bundle) -> Context:
    """Lay beside the bundle what came with it in a dossier."""
    if not isinstance(read, Dossier):
        return context
    return context._replace(
        complete=True,
        did_logs=read.did_logs,
        supporting=read.supporting,
        private=read.private,
        statuses=(read.status, *context.statuses),
    )


def read_material(data: bytes) -> Dossier | Bundle:
    """Read a dossier or a bare bundle, whichever its media type says; raise Malformed."""
    document = parse(data, MAX_DOSSIER, "dossier")
    if isinstance(document, dict) and document.get("mediaType") == BUNDLE_TYPE:
        return parse_bundle_bytes(data)
    return parse_dossier(data)


def _verify_and_judge(
    bundle: Bundle, subjects: Subjects | None, context: Context, policy: Policy
) -> Verdict:
    try:
        try:
            verified = verify(bundle, subjects, context.trust, context.at)
        except SubjectMismatch as error:
            verified = verify(bundle, None, context.trust, context.at)
            context = context._replace(mismatch=error)
    except TouchplateError as error:
        return refused(reason_of(error, newest_trust=context.newest_trust), policy, context.trust)
    return judge(verified, context, policy)


def _signed_names(read: Dossier | Bundle, statement: Statement) -> tuple[str, ...] | None:
    """Return the names in subject order, if the private part is at hand.

    Raises:
        Malformed: a private part that no statement names, or one that does not fit.
    """
    if not isinstance(read, Dossier):
        return None
    named = {
        parse_statement(item.envelope.payload, f"supporting[{place}]").private
        for place, item in enumerate(read.supporting)
    }
    stray = set(read.private) - named - {statement.private}
    if stray:
        raise Malformed(f"private part {min(stray).hex()[:16]} is named by no statement", "private")
    if statement.private is None or statement.private not in read.private:
        return None
    part = parse_private(read.private[statement.private], statement.type)
    if not isinstance(part, DeliverablePart):
        return None
    if len(part.names) != len(statement.subjects):
        raise Malformed(
            f"{len(part.names)} names for {len(statement.subjects)} subjects", "private.names"
        )
    return part.names


def _claimed_registry(bundle: Bundle) -> str:
    """The registry that a certificate claims; nobody has checked that."""
    url = parse_certificate(bundle.certificate).issuer_url
    if url is None:
        raise Malformed("no issuer address", "certificate")
    return url
