"""`touchplate enterprise leave`: be no member any more. What you signed before stays yours."""

import argparse
import secrets

from trust.client.enterprises import make_membership
from trust.core.people.enterprise import LEAVE, MembershipFacts
from trust.core.signing.identity import parse_id
from trust_cli import passphrase, saying
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `enterprise leave`."""
    parser.description = (
        "Leave an enterprise. Nothing that you sign on its behalf from then on is taken or "
        "believed; what you signed before stands, and you answer for it."
    )
    parser.add_argument("enterprise", metavar="ID", help="the id of the enterprise, 16 digits")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Leave; return 0 once it is published."""
    output, enterprise = Output(json=args.json), parse_id(args.enterprise)
    opened, note = saying.open_author(args, output)
    facts = MembershipFacts(enterprise, LEAVE)
    left, at = saying.say(
        opened,
        note,
        lambda author, then: make_membership(author, facts, then, secrets.token_bytes(16)),
    )
    output.note("left", f"{enterprise}; what you signed before stays yours")
    output.result(left)
    output.json({"id": left, "enterprise": enterprise, "left": at})
    return 0
