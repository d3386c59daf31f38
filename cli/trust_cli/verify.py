"""`touchplate verify`: check files against their dossiers. Opens no socket without `--online`."""

import argparse
import re
import time
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import format_time, parse_time
from trust.core.errors import Malformed
from trust.core.policy import Policy
from trust.core.verdict import Code, Verdict, worst
from trust.core.wording.verdicts import bulk_sentence, cannot_read, not_found
from trust_cli.expect import parse_wanted
from trust_cli.home import Home, required_file
from trust_cli.judging import judge_proof, look_up
from trust_cli.material import gather
from trust_cli.output import Output
from trust_cli.question import Question

DEFAULT_STATUS_AGE = "30d"
_AGE = r"([1-9][0-9]{0,5})([dhms])"
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
MAX_ROOT = 64 * 1024  # bytes of PEM
_DAY_LENGTH = len("2026-11-03")


class Answer(NamedTuple):
    """The verdict on one path, and what the maker says of the work, in sentences."""

    path: str
    sha256: str | None
    verdict: Verdict
    said: tuple[str, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `verify`."""
    parser.description = (
        "Check files, directories or dossiers. The verdict is the last line; with several paths "
        "the exit status is that of the worst. Works without the network, by the trust files that "
        "`touchplate trust add` pinned."
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a file, directory or dossier; - for standard input",
    )
    parser.add_argument("--bundle", metavar="FILE", help="the dossier or bare bundle to check by")
    parser.add_argument(
        "--signer", metavar="URL|@H|@H@HOST", help="whom you expect: without it nobody is compared"
    )
    _add_judging(parser)


def _add_judging(parser: argparse.ArgumentParser) -> None:
    """Add the options that say by what it is judged, and as of when."""
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
    parser.add_argument(
        "--tsa-root",
        action="append",
        default=[],
        metavar="FILE",
        help="root (PEM) of an authority whose time stamps you believe beside the registry's clock;"
        " may be repeated",
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
    worst_ones = [item for item in answers if item.verdict.code.exit_status == status]
    worst_one = next((item for item in worst_ones if item.verdict.reasons), worst_ones[0])
    held = sum(answer.verdict.code.holds for answer in answers)
    replaced = sum(answer.verdict.code is Code.SUPERSEDED for answer in answers)
    text = bulk_sentence(held, len(answers), worst_one.path, replaced)
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
    roots = tuple(required_file(path, MAX_ROOT) for path in args.tsa_root)
    return Question(home, policy, wanted, at, now, args.online, roots)


def _age(text: str) -> int:
    match = re.fullmatch(_AGE, text)
    if match is None:
        raise Malformed(f"{text[:40]!r}, expected a length like 30d, 12h, 90m", "--max-status-age")
    return int(match[1]) * _UNITS[match[2]]


def _moment(text: str, now: int) -> int:
    """Return a moment in seconds; of a day its last second, or now on the day that is running."""
    try:
        if len(text) == _DAY_LENGTH:
            start = parse_time(f"{text}T00:00:00Z")
            moment = min(start + _UNITS["d"] - 1, now) if start <= now else start
        else:
            moment = parse_time(text)
    except Malformed as error:
        raise Malformed(
            f"{text[:40]!r}, expected a day like 2026-11-03 or a time like 2026-11-03T14:02:07Z",
            "--at",
        ) from error
    if moment > now:
        raise Malformed(f"{text[:40]} is later than now, {format_time(now)}", "--at")
    return moment


def _answer(path: str, bundle: str | None, question: Question) -> Answer:
    """Judge one path. What cannot be read is an answer, so that a bulk goes on."""
    try:
        item = gather(path, bundle)
    except Malformed as error:
        return Answer(path, None, cannot_read(str(error)))
    files = item.hashed.files
    digest = next(iter(files.values())).hex() if len(files) == 1 else None
    if item.proof is not None:
        verdict, said = judge_proof(item.proof, item, question)
    elif question.online:
        verdict, said = look_up(item, question)
    else:
        verdict, said = not_found(asked=False, name=path), ()
    return Answer(path, digest, verdict, said)


def _json(answer: Answer) -> dict[str, Json]:
    subject: dict[str, Json] = {"name": answer.path, "sha256": answer.sha256}
    return {**answer.verdict.to_json(), "subject": subject, "says": list(answer.said)}
