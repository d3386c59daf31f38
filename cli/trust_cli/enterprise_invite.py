"""`touchplate enterprise invite`: offer somebody a membership, which they accept or not."""

import argparse
import secrets

from trust.client import requests
from trust.client.enterprises import make_membership
from trust.core.errors import Malformed
from trust.core.people.did import check_scid
from trust.core.people.enterprise import OFFER, MembershipFacts
from trust.core.people.keycode import key_code
from trust.core.signing.identity import parse_id
from trust_cli import passphrase, saying
from trust_cli.output import Output
from trust_cli.session import Session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `enterprise invite`."""
    parser.description = (
        "Offer somebody a membership in an enterprise of yours. They are a member once they "
        "accept: send them the line that this prints."
    )
    parser.add_argument("enterprise", metavar="ID", help="the id of the enterprise, 16 digits")
    parser.add_argument("who", metavar="@H|SCID", help="a handle at your registry, or a SCID")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Offer; return 0 once the offer is published."""
    output, enterprise = Output(json=args.json), parse_id(args.enterprise)
    opened, note = saying.open_author(args, output)
    scid = _scid(opened, args.who)
    output.note("to", f"{args.who}, key code {key_code(scid)}: compare it with them")
    facts = MembershipFacts(enterprise, OFFER, member=scid)
    offer, _ = saying.say(
        opened,
        note,
        lambda author, at: make_membership(author, facts, at, secrets.token_bytes(16)),
    )
    output.copyable("send them", f"touchplate enterprise join {enterprise} --offer {offer}")
    output.result(offer)
    output.json({"offer": offer, "enterprise": enterprise, "member": scid})
    return 0


def _scid(opened: Session, who: str) -> str:
    """Return a SCID as typed, or that which the registry has for a handle."""
    if not who.startswith("@"):
        return check_scid(who, "@H|SCID")
    scid = opened.client.ask(requests.person(who)).get("scid")
    if not isinstance(scid, str):
        raise Malformed("expected text", "answer.scid")
    return check_scid(scid, "answer.scid")
