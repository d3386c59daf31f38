"""`touchplate agent serve-mcp`: tools with which an AI agent asks for a signature (MCP, stdio).

The AI names a file; this process decides. It signs with the key of one agent, so the limits of that
agent's delegation hold whatever the AI says, and nothing outside one folder can be named. Without
`--approved` the person is asked each time, through the window of the program that runs the AI.
"""

import argparse
import os

from trust.core.errors import Malformed, NotFound
from trust_cli import agents, session
from trust_cli.desk import Desk
from trust_cli.home import Home
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `agent serve-mcp`."""
    parser.description = (
        "Serve the tools `limits` and `sign` to an AI on standard input and output (Model Context "
        "Protocol), for one agent of yours. It signs files under one folder, within the agent's "
        "delegation. Unless you have approved everything beforehand, you are asked for each file "
        "in the window of the program that runs the AI."
    )
    parser.add_argument("name", metavar="NAME", help="the agent whose key signs")
    parser.add_argument(
        "--root", metavar="DIR", default=".", help="the folder whose files may be signed"
    )
    parser.add_argument(
        "--approved",
        action="store_true",
        help="approve all that the delegation allows; without it you are asked each time",
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")


def run(args: argparse.Namespace) -> int:
    """Serve until standard input ends; return 0."""
    if args.json:
        raise Malformed("standard output speaks MCP here", "--json")
    home, output = Home.find(), Output(json=False)
    pinned, _ = session.who(home, args.registry)
    agent = agents.required(pinned.folder, args.name)
    root = os.path.realpath(args.root)
    if not os.path.isdir(root):
        raise Malformed("not a folder", args.root)
    _check_installed()
    from trust_cli.mcp_tools import make_server  # noqa: PLC0415

    output.note("serving", f"agent {agent.facts.agent} ({args.name}) for files under {root}")
    asks = "signs what the delegation allows" if args.approved else "asks you for each file"
    output.note("", asks)
    signing = ["--agent", args.name, "--registry", pinned.trust.public_url]
    make_server(Desk(agent, root, signing), approved=args.approved).run("stdio")
    return 0


def _check_installed() -> None:
    from importlib.util import find_spec  # noqa: PLC0415

    if find_spec("mcp") is None:
        raise NotFound("the tools want the extra: pip install 'touchplate[mcp]'")
