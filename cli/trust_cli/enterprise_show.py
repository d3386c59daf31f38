"""`touchplate enterprise show`: who belongs to an enterprise, as the registry has it."""

import argparse

from trust.client import requests
from trust.client.address import public_url
from trust.client.http import Client
from trust.core.signing.identity import parse_id
from trust.core.wording.enterprise import enterprise_rows, enterprise_sentence
from trust_cli.home import Home, the_only
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `enterprise show`."""
    parser.description = (
        "Show an enterprise as its registry has it: its members, those who left, and how many must "
        "approve. Whether somebody was a member when they signed is checked by `verify`."
    )
    parser.add_argument("enterprise", metavar="ID", help="the id of the enterprise, 16 digits")
    parser.add_argument("--registry", metavar="URL", help="which one, if several are pinned")


def run(args: argparse.Namespace) -> int:
    """Show; return 0."""
    home, output = Home.find(), Output(json=args.json)
    url = None if args.registry is None else public_url(args.registry)
    pinned = the_only(home.pinned(), url)
    found = Client(pinned.trust.public_url).ask(requests.enterprise(parse_id(args.enterprise)))
    output.row("according", f"to {pinned.trust.host}")
    output.row("name", enterprise_sentence(found, pinned.trust.host))
    for question, text in enterprise_rows(found):
        output.row("", f"{question} {text}")
    output.json(found)
    return 0
