"""`touchplate verify`: check files against their dossiers. Opens no socket without `--online`."""

import argparse
import re
import time
from typing import NamedTuple

from trust.core.assess import assess, read_material
from trust.core.canonical import Json
from trust.core.encoding import format_time, parse_time
from trust.core.errors import Malformed, TouchplateError
from trust.core.policy import Policy
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import Status
from trust.core.signing.bundle import Bundle
from trust.core.signing.identity import parse_principal, statement_id
from trust.core.signing.private import DeliverablePart
from trust.core.signing.statement import parse_statement
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Code, Reason, Verdict, worst
from trust.core.wording.verdicts import NOT_SAID, not_found
from trust.core.x509.certificate import Certificate, parse_certificate
from trust_cli.expect import Wanted, expected, keep_contact, parse_wanted
from trust_cli.home import Home, Pinned
from trust_cli.material import Item, deliverable_part, gather
from trust_cli.output import Output

DEFAULT_STATUS_AGE = "30d"
_AGE = re.compile(r"([1-9][0-9]{0,5})([dhms])")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DAY_LENGTH = len("2026-11-03")


class Question(NamedTuple):
    """What the relying party asks, the same for every path. Times are seconds."""

    home: Home
    policy: Policy
    wanted: Wanted | None
    at: int
    now: int
    online: bool


class Answer(NamedTuple):
    """The verdict on one path, and what the maker says of the work, in sentences."""

    path: str
    sha256: str | None
    verdict: Verdict
    said: tuple[str, ...] = ()


class Evidence(NamedTuple):
    """A proof that was read, the registry that it claims to come from, and newer statuses.

    `newest_trust`: the registry was just asked for its trust file. `silent`: it was asked and did
    not answer; why.
    """

    material: Dossier | Bundle
    pinned: Pinned | None
    newer: tuple[Status, ...] = ()
    newest_trust: bool = False
    silent: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `verify`."""
    parser.description = (
        "Check files, directories or dossiers. The verdict is the last line; with several paths "
        "the exit status is that of the worst. Works without the network, by the trust files that "
        "`touchplate trust add` pinned."
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file, directory or dossier")
    parser.add_argument("--bundle", metavar="FILE", help="the dossier or bare bundle to check by")
    parser.add_argument(
        "--signer", metavar="URL|@H|@H@HOST", help="whom you expect: without it nobody is compared"
    )
    parser.add_argument("--policy", metavar="FILE", help="reserved, refused by this version")
    parser.add_argument(
        "--online",
        action="store_true",
        help="ask the registry for the newest trust file and status",
    )
    parser.add_argument(
        "--at", metavar="DATE", help="judge as of YYYY-MM-DD (its end) or YYYY-MM-DDTHH:MM:SSZ"
    )
    parser.add_argument(
        "--max-status-age",
        metavar="D",
        default=DEFAULT_STATUS_AGE,
        help=f"how old a status may be, such as 12h or 7d (default: {DEFAULT_STATUS_AGE})",
    )
    parser.add_argument(
        "--accept-unknown-status",
        action="store_true",
        help="accept that nothing recent is known about a withdrawal",
    )


def run(args: argparse.Namespace) -> int:
    """Verify every path; return the worst exit status."""
    output, question = Output(json=args.json), _question(args)
    answers = []
    for path in args.paths:
        answer = _answer(path, args.bundle, question)
        if len(args.paths) > 1:
            output.row(path, "")
        output.verdict(answer.verdict, answer.said)
        answers.append(answer)
    status = worst([answer.verdict.code.exit_status for answer in answers])
    if len(answers) == 1:
        output.json(_json(answers[0]))
        return status
    _sum_up(answers, status, output)
    output.json({"exit": status, "items": [_json(answer) for answer in answers]})
    return status


def _sum_up(answers: list[Answer], status: int, output: Output) -> None:
    """Print the last line of a bulk: how many are valid, and the worst by name."""
    worst_one = next(item for item in answers if item.verdict.code.exit_status == status)
    held = sum(answer.verdict.code is Code.VALID for answer in answers)
    if held == len(answers):
        output.verdict_line(Code.VALID, f"All {held} are valid.")
    else:
        text = f"{held} of {len(answers)} are valid. The worst: {worst_one.path}"
        output.verdict_line(worst_one.verdict.code, text)


def _question(args: argparse.Namespace) -> Question:
    if args.policy is not None:
        raise Malformed("reserved, not read by this version", "--policy")
    home, now = Home.find(), int(time.time())
    wanted = None if args.signer is None else parse_wanted(args.signer, home.pinned())
    policy = Policy(
        max_status_age=_age(args.max_status_age),
        accept_unknown_status=args.accept_unknown_status,
    )
    at = now if args.at is None else _moment(args.at, now)
    return Question(home, policy, wanted, at, now, args.online)


def _age(text: str) -> int:
    match = _AGE.fullmatch(text)
    if match is None:
        raise Malformed(f"{text[:40]!r}, expected a length like 30d, 12h, 90m", "--max-status-age")
    return int(match[1]) * _UNITS[match[2]]


def _moment(text: str, now: int) -> int:
    """Return a moment in seconds; of a day its last second, or now on the day that is running."""
    if len(text) == _DAY_LENGTH:
        start = parse_time(f"{text}T00:00:00Z", "--at")
        moment = min(start + _UNITS["d"] - 1, now) if start <= now else start
    else:
        moment = parse_time(text, "--at")
    if moment > now:
        raise Malformed(f"{text[:40]} is later than now, {format_time(now)}", "--at")
    return moment


def _answer(path: str, bundle: str | None, question: Question) -> Answer:
    """Judge one path. What cannot be read is an answer, so that a bulk goes on."""
    try:
        item = gather(path, bundle)
    except Malformed as error:
        return Answer(path, None, _unreadable(str(error)))
    files = item.hashed.files
    digest = next(iter(files.values())).hex() if len(files) == 1 else None
    if item.proof is not None:
        verdict, said = judge_proof(item.proof, item, question)
    elif question.online:
        verdict, said = _look_up(item, question)
    else:
        verdict, said = not_found(asked=False, name=path), ()
    return Answer(path, digest, verdict, said)


def _look_up(item: Item, question: Question) -> tuple[Verdict, tuple[str, ...]]:
    from trust_cli.online import look_up  # noqa: PLC0415 - the HTTP client

    try:
        return look_up(item, question)
    except TouchplateError as error:
        reason = Reason(Code.COULD_NOT_CHECK, "registry_did_not_answer", str(error))
        sentence = f"No dossier for {item.path} here, and none could be fetched: {error}."
        verdict = Verdict(
            Code.COULD_NOT_CHECK, sentence, (reason,), (), (), NOT_SAID, ("--online later",)
        )
        return verdict, ()


def judge_proof(data: bytes, item: Item, question: Question) -> tuple[Verdict, tuple[str, ...]]:
    """Judge the bytes of a dossier or bundle against the files of an item."""
    try:
        material = read_material(data)
        claimed = _certificate(material).issuer_url or ""
    except Malformed:  # `assess` puts it into words
        verdict = assess(data, None, None, question.at, question.policy, now=question.now)
        return verdict, ()
    evidence = _evidence(material, question.home.pinned_at(claimed), question)
    verdict = _judge(evidence, item, question)
    if verdict.code is Code.VALID and evidence.pinned is not None and verdict.signer is not None:
        keep_contact(question.wanted, evidence.pinned, verdict.signer.scid)
    return verdict, maker_says(material, verdict)


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
        )

    verdict = at(question.at)
    if question.at != question.now and _says(verdict, "token_from_the_future"):
        signed = at(question.now).signed
        if signed is not None:
            raise Malformed(
                f"{format_time(question.at)} is before the signature of {format_time(signed[1])}",
                "--at",
            )
    if evidence.silent is not None and verdict.code is Code.VALID:
        return _silent(verdict, evidence.silent)
    return verdict


def _says(verdict: Verdict, word: str) -> bool:
    return any(reason.word == word for reason in verdict.reasons)


def _silent(verdict: Verdict, why: str) -> Verdict:
    """The registry was asked and did not answer: what was at hand is no answer for today."""
    reason = Reason(Code.COULD_NOT_CHECK, "registry_did_not_answer", why)
    return verdict._replace(
        code=Code.COULD_NOT_CHECK,
        sentence=f"{verdict.sentence} Today's status could not be checked: {why}.",
        reasons=(*verdict.reasons, reason),
        would_change=("--online later, or without --online the status at hand",),
    )


def _unreadable(why: str) -> Verdict:
    """Nothing could be read at a path: not the fault of any dossier."""
    reason = Reason(Code.UNREADABLE, "unreadable", why)
    sentence = f"Cannot read {why}. Nothing was checked."
    return Verdict(Code.UNREADABLE, sentence, (reason,), (), (), NOT_SAID, ())


def _json(answer: Answer) -> dict[str, Json]:
    subject: dict[str, Json] = {"name": answer.path, "sha256": answer.sha256}
    return {**answer.verdict.to_json(), "subject": subject, "says": list(answer.said)}
