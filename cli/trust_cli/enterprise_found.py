"""`touchplate enterprise found`: a firm of one to five people, with you as the first."""

import argparse

from trust.client.enterprises import make_founding
from trust.core.errors import Malformed
from trust.core.people.enterprise import MAX_MEMBERS
from trust_cli import passphrase, saying, session
from trust_cli.options import text_option
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `enterprise found`."""
    parser.description = (
        f"Found an enterprise of up to {MAX_MEMBERS} people. It has no key of its own: each member "
        "signs with theirs, and answers for it, also after they have left. How many must approve "
        "is fixed for ever."
    )
    parser.add_argument("name", metavar="NAME", help="what it is called; public until it is erased")
    parser.add_argument(
        "--needed",
        type=int,
        default=1,
        metavar="T",
        help="how many members must approve of what is signed on its behalf (default: 1)",
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Found it; return 0 once it is published."""
    output = Output(json=args.json)
    name = text_option(args.name, "NAME") or ""
    if not 1 <= args.needed <= MAX_MEMBERS:
        raise Malformed(f"{args.needed}, expected 1 to {MAX_MEMBERS}", "--needed")
    output.note("public", f"that you found {name}, and that {args.needed} must approve")
    opened, note = saying.open_author(args, output)
    enterprise, since = saying.say(
        opened,
        note,
        lambda author, at: make_founding(author, name, args.needed, at, session.new_chance()),
    )
    page = f"{opened.pinned.trust.public_url}/e/{enterprise}"
    output.copyable("page", page)
    output.copyable("invite", f"touchplate enterprise invite {enterprise} @HANDLE")
    output.copyable("sign", f"touchplate sign FILE --on-behalf-of {enterprise}")
    output.result(enterprise)
    output.json({"id": enterprise, "name": name, "since": since, "page": page})
    return 0
