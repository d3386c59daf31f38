"""`touchplate enterprise join`: accept the membership that somebody offered."""

import argparse
import secrets

from trust.client.enterprises import make_membership
from trust.core.people.enterprise import ACCEPT, MembershipFacts
from trust.core.signing.identity import parse_id
from trust_cli import passphrase, saying
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `enterprise join`."""
    parser.description = (
        "Accept the membership in an enterprise that one of its members offered you. From then on "
        "you can sign on its behalf, and you answer for what you sign, also after you leave."
    )
    parser.add_argument("enterprise", metavar="ID", help="the id of the enterprise, 16 digits")
    parser.add_argument("--offer", required=True, metavar="ID", help="the id of the offer")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Accept; return 0 once it is published."""
    output, enterprise = Output(json=args.json), parse_id(args.enterprise)
    facts = MembershipFacts(enterprise, ACCEPT, offer=parse_id(args.offer))
    output.note("public", f"that you are a member of {enterprise}")
    opened, note = saying.open_author(args, output)
    accept, since = saying.say(
        opened,
        note,
        lambda author, at: make_membership(author, facts, at, secrets.token_bytes(16)),
    )
    output.copyable("sign", f"touchplate sign FILE --on-behalf-of {enterprise}")
    output.result(accept)
    output.json({"id": accept, "enterprise": enterprise, "since": since})
    return 0
