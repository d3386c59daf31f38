"""`touchplate withdraw`: say in public that a statement of yours no longer stands."""

import argparse
import time

from trust.client.statements import make_withdrawal
from trust.core.errors import Conflict, NotAllowed
from trust.core.signing.identity import parse_id
from trust_cli import delivery, passphrase, session
from trust_cli.home import Home, Identity
from trust_cli.lookup import Found, look_up
from trust_cli.options import text_option
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `withdraw`."""
    parser.description = (
        "Withdraw a statement that you signed. This is public and cannot be undone; the signature "
        "stays, and verdicts say since when it is withdrawn."
    )
    parser.add_argument("id", metavar="ID", help="the id of the statement, 16 digits")
    parser.add_argument("--reason", metavar="R", help="why; public until it is erased")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Withdraw; return 0 once a published status says so."""
    home, output = Home.find(), Output(json=args.json)
    target = parse_id(args.id)
    reason = text_option(args.reason, "--reason")
    pinned, identity = session.who(home, args.registry)
    _check_target(look_up(home, pinned, target), target, identity)
    output.note("public", f"that you withdraw {target}" + (", and the reason" if reason else ""))
    opened = session.open_session(pinned, identity, args)
    opened, checkpoint = session.fresh(opened)
    session.renew_if_needed(opened, checkpoint, output)
    signed = make_withdrawal(
        opened.author, target, checkpoint.note, session.new_chance(), reason=reason
    )
    work = delivery.Work(signed.to_json(), int(time.time()), {}, target=target)
    delivery.keep(opened.pinned, signed, work)
    try:
        delivery.deliver_withdrawal(opened.pinned, work, signed.id)
    except delivery.LATER as error:
        raise delivery.still_kept(error, signed.id) from error
    url = opened.pinned.trust.public_url
    output.copyable("withdrawn", f"{url}/v/{target}")
    output.note("", "who holds the dossier sees it with: touchplate verify --online")
    output.result(signed.id)
    output.json({"id": signed.id, "withdrawn": target, "page": f"{url}/v/{target}"})
    return 0


def _check_target(found: Found, target: str, identity: Identity) -> None:
    """A mistyped id or a work of somebody else's: nothing would be withdrawn, though it is logged.

    Raises:
        NotAllowed: it is not by this person.
        Conflict: it is withdrawn already.
    """
    signer = found.verdict.signer
    if signer is None or signer.scid != identity.scid:
        raise NotAllowed(f"{target} is not by @{identity.handle}: {found.verdict.sentence}")
    if found.verdict.says("withdrawn"):
        raise Conflict(f"{target} is withdrawn already: {found.verdict.sentence}")
