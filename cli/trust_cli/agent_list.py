"""`touchplate agent list`: who signs for you, how much, and how much of it you had a hand in."""

import argparse

from trust.client import requests
from trust.client.http import Client
from trust.core.wording.ledger import agent_sentence, presence_sentence
from trust_cli import agents, session
from trust_cli.home import Home
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `agent list`."""
    parser.description = (
        "List your agents as the registry's ledger has them, live ones first, and how many of "
        "their works stand behind each act of your own. Anyone can read the same on your page."
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")


def run(args: argparse.Namespace) -> int:
    """List; return 0."""
    home, output = Home.find(), Output(json=args.json)
    pinned, identity = session.who(home, args.registry)
    names = {item.delegation: item.name for item in agents.known(pinned.folder)}
    ledger = Client(pinned.trust.public_url).ask(requests.person(identity.scid)).get("ledger")
    document = ledger if isinstance(ledger, dict) else {}
    listed = []
    found = document.get("agents")
    for item in found if isinstance(found, list) else []:
        if isinstance(item, dict):
            name = names.get(str(item.get("delegation")))
            output.row(name or "elsewhere", agent_sentence(item))
            listed.append({**item, "name": name})
    if not listed:
        output.row("agents", "none; touchplate agent new NAME makes one")
    output.row("in all", presence_sentence(document))
    output.json({**document, "agents": list(listed)})
    return 0
