"""From a proof and the files in hand to a verdict: what `verify` does for each path.

Nothing here opens a socket; with `--online` it asks `trust_cli.online`, which does.
"""

from trust.core.assess import assess, read_material
from trust.core.encoding import format_time
from trust.core.errors import Malformed, NotFound, TouchplateError
from trust.core.registry.dossier import Dossier
from trust.core.signing.bundle import Bundle
from trust.core.signing.identity import parse_principal, statement_id
from trust.core.signing.private import DeliverablePart
from trust.core.signing.statement import parse_statement
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Code, Dated, Verdict
from trust.core.wording.verdicts import not_fetched, not_found, without_today
from trust.core.x509.certificate import Certificate, parse_certificate
from trust_cli.expect import expected, keep_contact
from trust_cli.home import Pinned
from trust_cli.material import Item, deliverable_part
from trust_cli.question import Evidence, Question

Answered = tuple[Verdict, tuple[str, ...]]  # with what the maker says, in sentences


def judge_proof(data: bytes, item: Item, question: Question) -> Answered:
    """Judge the bytes of a dossier or bundle against the files of an item."""
    try:
        material = read_material(data)
        claimed = _certificate(material).issuer_url or ""
    except Malformed:  # `assess` puts it into words
        verdict = assess(data, None, None, question.at, question.policy, now=question.now)
        return verdict, ()
    evidence = _evidence(material, question.home.pinned_at(claimed), question)
    verdict = _judge(evidence, item, question)
    if verdict.code.holds and evidence.pinned is not None and verdict.signer is not None:
        keep_contact(question.wanted, evidence.pinned, verdict.signer.scid)
    return verdict, maker_says(material, verdict)


def look_up(item: Item, question: Question) -> Answered:
    """Judge a file of which no dossier is at hand, by those that the pinned registries send.

    Of several attestations the first that is valid counts, else the first, those of the expected
    signer before all others. A registry that does not answer makes it `could_not_check`, unless
    another one knows the file.
    """
    from trust_cli.online import dossiers  # noqa: PLC0415 - the HTTP client

    answers: list[Answered] = []
    silent: TouchplateError | None = None
    for pinned in _to_ask(question):
        try:
            for data in dossiers(pinned, item, question):
                answers.append(judge_proof(data, item, question))
                if answers[-1][0].code.holds:
                    return answers[-1]
        except TouchplateError as error:
            silent = error
    if answers:
        return answers[0]
    if silent is not None:
        return not_fetched(item.path, str(silent)), ()
    return not_found(asked=True, name=item.path), ()


def _to_ask(question: Question) -> list[Pinned]:
    """Return the registries that may know a file: those of the expected signer, or all.

    Raises:
        NotFound: none is pinned.
    """
    wanted = None if question.wanted is None else question.wanted.registry
    pinned = [item for item in question.home.pinned() if wanted in {None, item.trust.public_url}]
    if not pinned:
        raise NotFound("no registry is pinned here; first: touchplate trust add URL")
    return pinned


def maker_says(material: Dossier | Bundle, verdict: Verdict) -> tuple[str, ...]:
    """Return the disclosure in sentences; nothing once the proof did not hold."""
    if verdict.signed is None or verdict.code in {Code.INVALID, Code.UNREADABLE}:
        return ()
    part = deliverable_part(material)
    if not isinstance(part, DeliverablePart) or part.disclosure is None:
        return ()
    from trust.core.wording.disclosure import disclosure_sentences  # noqa: PLC0415

    return disclosure_sentences(part.disclosure, verdict.signer.scid if verdict.signer else None)


def _certificate(material: Dossier | Bundle) -> Certificate:
    bundle = material.bundle if isinstance(material, Dossier) else material
    return parse_certificate(bundle.certificate)


def _evidence(material: Dossier | Bundle, pinned: Pinned | None, question: Question) -> Evidence:
    """Bring together what is at hand, and with `--online` what the registry says today."""
    evidence = Evidence(material, pinned)
    if pinned is None:
        return evidence
    name = _claimed_id(material, pinned)
    kept = None if name is None else pinned.folder.status(name)
    if kept is not None:
        evidence = evidence._replace(newer=(kept,))
    if question.online:
        from trust_cli.online import ask_today  # noqa: PLC0415 - the HTTP client

        evidence = ask_today(evidence, question)
    return evidence


def _claimed_id(material: Dossier | Bundle, pinned: Pinned) -> str | None:
    """Return the id that a statement would have if all it claims held: a name to look under."""
    bundle = material.bundle if isinstance(material, Dossier) else material
    try:
        statement = parse_statement(bundle.envelope.payload)
        uri = _certificate(material).san_uri or ""
        principal = parse_principal(uri, pinned.trust.public_url)
    except Malformed:
        return None
    return statement_id(statement.registry.origin, principal.who, statement.salt)


def _judge(evidence: Evidence, item: Item, question: Question) -> Verdict:
    pinned, policy = evidence.pinned, question.policy
    dated = _dated(evidence.material, question)
    if pinned is not None:
        policy = policy._replace(expected=expected(question.wanted, pinned))

    def at(moment: int) -> Verdict:
        return assess(
            evidence.material,
            Subjects(item.hashed.files, item.hashed.whole),
            None if pinned is None else pinned.trust,
            moment,
            policy,
            now=question.now,
            newer=evidence.newer,
            newest_trust=evidence.newest_trust,
            compared=pinned is None or pinned.compared,
            dated=dated,
        )

    verdict = at(question.at)
    if question.at != question.now and _says(verdict, "token_from_the_future"):
        signed = at(question.now).signed
        if signed is not None:
            raise Malformed(
                f"{format_time(question.at)} is before the signature of {format_time(signed[1])}",
                "--at",
            )
    if evidence.silent is not None and verdict.code.holds:
        return without_today(verdict, evidence.silent)
    return verdict


def _dated(material: Dossier | Bundle, question: Question) -> tuple[Dated, ...]:
    """Return who else saw the signature, of those whom the relying party named."""
    if not question.tsa_roots or not isinstance(material, Dossier) or not material.timestamps:
        return ()
    from trust.client.dating import dated, roots_in  # noqa: PLC0415 - a library of its own

    roots = [root for pem in question.tsa_roots for root in roots_in(pem, "--tsa-root")]
    return dated(material.timestamps, material.bundle.envelope.signature, roots)


def _says(verdict: Verdict, word: str) -> bool:
    return any(reason.word == word for reason in verdict.reasons)
