"""`touchplate agent new`: let a program on this machine sign for you, within limits."""

import argparse
import secrets
import time

from trust.client import requests
from trust.client.http import Client
from trust.client.statements import make_delegation
from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.errors import Conflict, Malformed, NotAllowed, Unavailable, VerificationFailed
from trust.core.people.delegation import LONGEST, Budget, DelegationFacts, Scope
from trust.core.people.pattern import MEDIA_TYPES, check_media_type, check_pattern
from trust.core.signing.identity import parse_id
from trust.core.verify import verify
from trust.core.wording.dates import day
from trust.core.wording.ledger import scope_text
from trust_cli import agents, passphrase, session
from trust_cli.home import Home, Pinned
from trust_cli.output import Output
from trust_cli.session import Session

DAY = 24 * 3600
DEFAULT_DAYS = 30
REFUSED = (Malformed, NotAllowed, Conflict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `agent new`."""
    parser.description = (
        "Make a key for a program on this machine and let it sign for you: `touchplate sign "
        "--agent NAME` then asks for nothing. What it signs is yours to answer for. Without "
        "--path and --media-type it may sign anything. All limits are public, and kept for ever."
    )
    parser.add_argument("name", metavar="NAME", help="what you call it; stays on this machine")
    _add_limits(parser)
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def _add_limits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="P",
        help="names that it may sign, as they become public: *.md, img/**; may be repeated",
    )
    parser.add_argument(
        "--media-type",
        action="append",
        default=[],
        metavar="T",
        help="a kind of file that it may sign, such as image/png or text/*; may be repeated",
    )
    parser.add_argument("--enterprise", metavar="ID", help="sign for this enterprise, and only so")
    parser.add_argument(
        "--per-day", type=int, default=20, metavar="N", help="signatures a day (default: 20)"
    )
    parser.add_argument(
        "--total", type=int, default=200, metavar="N", help="signatures in all (default: 200)"
    )
    parser.add_argument(
        "--days",
        type=int,
        default=DEFAULT_DAYS,
        metavar="N",
        help=f"until it ends (default: {DEFAULT_DAYS}, at most {LONGEST // DAY})",
    )
    parser.add_argument(
        "--human-review",
        action="store_true",
        help="what it signs stands only once a human has reviewed it",
    )
    parser.add_argument(
        "--agent-passphrase-file",
        metavar="F",
        help="file with a passphrase for the agent's key; without it one is kept beside the key",
    )


def run(args: argparse.Namespace) -> int:
    """Delegate; return 0 once the delegation is published."""
    home, output = Home.find(), Output(json=args.json)
    name = agents.check_name(args.name)
    pinned, identity = session.who(home, args.registry)
    before = agents.load(pinned.folder, name)
    if before is not None and before.logged:
        raise Conflict(
            f"there is an agent {name!r} already; touchplate agent revoke {name} ends it"
        )
    scope, budget, days = _scope(args), Budget(args.per_day, args.total), _days(args.days)
    if before is None:
        limits = DelegationFacts(1, b"", scope, budget, 0, args.human_review)
        _announce(limits, days, output)
        opened = session.open_session(pinned, identity, args)
        _sign(opened, name, limits, days, args.agent_passphrase_file, output)
    else:
        output.note("going on", f"with the delegation {before.delegation}, which was not answered")
    return _publish(pinned, name, output)


def _scope(args: argparse.Namespace) -> Scope:
    kinds = {kind.split("/")[0] for kind in MEDIA_TYPES.values()}
    for item in args.media_type:
        kind, _, subtype = check_media_type(item, "--media-type").partition("/")
        if item not in MEDIA_TYPES.values() and (subtype != "*" or kind not in kinds):
            raise Malformed(
                f"{item!r} is the type of no suffix that Touchplate knows", "--media-type"
            )
    for item in args.path:
        check_pattern(item, "--path")
    enterprise = None if args.enterprise is None else parse_id(args.enterprise)
    return Scope(tuple(args.media_type), tuple(args.path), enterprise)


def _days(days: int) -> int:
    if not 1 <= days <= LONGEST // DAY:
        raise Malformed(f"{days}, expected 1 to {LONGEST // DAY} days", "--days")
    return days


def _announce(limits: DelegationFacts, days: int, output: Output) -> None:
    output.note("public", "that a program may sign for you, and what it may:")
    output.note("may sign", scope_text(_shown(limits)))
    output.note("until", f"{day(int(time.time()) + days * DAY)}, unless you end it before")
    if not limits.scope.limits_names:
        output.note("", "that is anything at all: --path and --media-type limit it")


def _shown(limits: DelegationFacts) -> dict[str, Json]:
    scope, budget = limits.scope, limits.budget
    return {
        "scope": {
            "mediaTypes": list(scope.media_types),
            "pathPatterns": list(scope.path_patterns),
            "enterprise": scope.enterprise,
        },
        "budget": {"perDay": budget.per_day, "total": budget.total},
    }


def _sign(
    opened: Session,
    name: str,
    limits: DelegationFacts,
    days: int,
    agent_passphrase: str | None,
    output: Output,
) -> None:
    """Make the agent's key and the delegation, and keep both before anything is sent."""
    opened, checkpoint = session.fresh(opened)
    session.renew_if_needed(opened, checkpoint, output)
    folder = opened.pinned.folder
    key = agents.make_key(folder, name, agent_passphrase)
    # The registry's clock counts; a client's that is ahead must not make it too long.
    expires = min(int(time.time()), checkpoint.time) + days * DAY
    facts = limits._replace(agent=_next(opened), key=key.public_key, expires=expires)
    signed = make_delegation(opened.author, facts, checkpoint.note, secrets.token_bytes(16))
    agents.keep(folder, name, signed, logged=False)


def _next(opened: Session) -> int:
    """Return the number after the highest that the registry knows of this person."""
    ledger = opened.client.ask(requests.person(opened.identity.scid)).get("ledger")
    found = ledger.get("agents") if isinstance(ledger, dict) else None
    listed = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    numbers = [item.get("agent") for item in listed]
    return max((item for item in numbers if isinstance(item, int)), default=0) + 1


def _publish(pinned: Pinned, name: str, output: Output) -> int:
    agent = agents.load(pinned.folder, name)
    if agent is None:
        raise Malformed("the delegation was not kept", pinned.folder.place(agents.FOLDER, name))
    client = Client(pinned.trust.public_url)
    try:
        published = client.ask(requests.publish(agent.signed))
    except Unavailable as error:
        raise Unavailable(f"{error}; the same command again goes on with this agent") from error
    except REFUSED:
        agents.forget(pinned.folder, name)
        raise
    verified = verify(published.bundle, None, pinned.trust, int(time.time()))
    if verified.id != agent.delegation or verified.statement != agent.statement:
        raise VerificationFailed(
            7, "other_delegation", f"{client.url} answered with another delegation"
        )
    agents.mark_logged(pinned.folder, agent)
    until = agent.facts.expires
    output.note("agent", f"{agent.facts.agent}, named {name} here, until {day(until)}")
    output.copyable("key", pinned.folder.place(agents.FOLDER, name))
    output.copyable("signs with", f"touchplate sign FILE --agent {name}")
    output.copyable("ends with", f"touchplate agent revoke {name}")
    output.result(agent.delegation)
    output.json(
        {
            "agent": agent.facts.agent,
            "name": name,
            "delegation": agent.delegation,
            "until": format_time(until),
            "page": f"{pinned.trust.public_url}/v/{agent.delegation}",
        }
    )
    return 0
