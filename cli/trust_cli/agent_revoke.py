"""`touchplate agent revoke`: end an agent. What it signed before stands."""

import argparse

from trust.core.signing.identity import parse_id
from trust_cli import agents, passphrase, session, withdraw
from trust_cli.home import Home


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `agent revoke`."""
    parser.description = (
        "End an agent: its delegation is withdrawn in public, and nothing that it signs from then "
        "on is taken or believed. What it signed before stands; `touchplate withdraw` is for that. "
        "Its key on this machine is removed."
    )
    parser.add_argument(
        "agent", metavar="NAME|ID", help="its name on this machine, or the id of its delegation"
    )
    parser.add_argument("--reason", metavar="R", help="why; public until it is erased")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Withdraw the delegation; return 0 once a published status says so."""
    pinned, _ = session.who(Home.find(), args.registry)
    here = [item for item in agents.known(pinned.folder) if args.agent in item[:2]]
    args.id = here[0].delegation if here else parse_id(args.agent)
    status = withdraw.run(args)
    for item in here:
        agents.forget(pinned.folder, item.name)
    return status
