"""`touchplate qr`: the QR code of a statement's page."""

import argparse

from trust.core import qr
from trust.core.errors import Malformed
from trust.core.verdict import Code
from trust_cli.home import Home, write_file
from trust_cli.lookup import look
from trust_cli.output import Output

_READABLE = 0o666  # less the umask


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `qr`."""
    parser.description = (
        "Draw the QR code that leads to the page of a statement, on the terminal or into a file. "
        "The dossier is verified first."
    )
    parser.add_argument("what", metavar="ID|DOSSIER", help="an id, or a dossier here")
    parser.add_argument("-o", dest="out", metavar="F.svg|F.png", help="write a file instead")
    parser.add_argument("--registry", metavar="URL", help="which one, if several are pinned")


def run(args: argparse.Namespace) -> int:
    """Draw and return 0; of what does not hold return the verdict's exit status instead."""
    home, output = Home.find(), Output(json=args.json)
    if args.out is not None and not args.out.endswith((".svg", ".png")):
        raise Malformed(f"{args.out!r}, expected a name that ends in .svg or .png", "-o")
    found = look(home, args.what, args.registry)
    verdict = found.verdict
    broken = verdict.code in {Code.INVALID, Code.UNREADABLE}
    if broken or found.pinned is None or verdict.id is None:  # no page of it is advertised
        output.verdict_line(verdict.code, verdict.sentence)
        output.json(verdict.to_json())
        return verdict.code.exit_status
    if verdict.code is not Code.VALID:  # a notice is told too
        output.note("", verdict.sentence)
    page = f"{found.pinned.trust.public_url}/v/{verdict.id}"
    text = qr.page_code_text(found.pinned.trust.public_url, verdict.id)
    if args.out is None:
        output.terminal_picture(qr.terminal(text, colour=output.has_colour))
        output.result(page)
    else:
        data = qr.svg(text).encode() if args.out.endswith(".svg") else qr.png(text)
        write_file(args.out, data, mode=_READABLE)
        output.result(args.out)
    output.json({"id": verdict.id, "page": page, "file": args.out})
    return 0
