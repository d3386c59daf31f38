"""`touchplate freeze`: stop everything that is signed in your name, at once and for now."""

import argparse

from trust.client.statements import make_freeze
from trust.core.wording.dates import moment
from trust_cli import keys, passphrase, session
from trust_cli.home import Home
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `freeze`."""
    parser.description = (
        "Stop everything that is signed in your name, old and new, until this device lifts it with "
        "`touchplate unfreeze`. For the moment when you do not know who has your keys. Public."
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Freeze; return 0 once a published status says so."""
    return freeze_or_lift(args, lift=False)


def freeze_or_lift(args: argparse.Namespace, *, lift: bool) -> int:
    """Freeze the person of this device, or lift it."""
    output = Output(json=args.json)
    pinned, identity = session.who(Home.find(), args.registry)
    opened = session.open_session(pinned, identity, args)
    opened, checkpoint = session.fresh(opened)
    session.renew_if_needed(opened, checkpoint, output)
    signed = make_freeze(opened.author, checkpoint.note, keys.new_salt(), lift=lift)
    state = keys.say(opened, signed)[-1]
    if lift:
        output.note("lifted", f"since {moment(state.logged)} what you signed stands again")
    else:
        output.note("frozen", f"since {moment(state.logged)}, everywhere that asks the registry")
        output.copyable("lift", "touchplate unfreeze    on this device, which alone can")
        output.copyable("next", "touchplate key list    then key lost, or key revoke")
    output.result(signed.id)
    output.json({"id": signed.id, "state": state.state})
    return 0
