"""`touchplate qr`: the QR code of a statement's page."""

import argparse

from trust.core import qr
from trust.core.errors import Malformed, VerificationFailed
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
    """Draw; return 0.

    Raises:
        VerificationFailed: the dossier does not hold, so its page is not advertised.
    """
    home, output = Home.find(), Output(json=args.json)
    if args.out is not None and not args.out.endswith((".svg", ".png")):
        raise Malformed(f"{args.out!r}, expected a name that ends in .svg or .png", "-o")
    found = look(home, args.what, args.registry)
    if found.pinned is None or found.verdict.id is None or found.verdict.signed is None:
        raise VerificationFailed(11, "not_verified", found.verdict.sentence)
    page = f"{found.pinned.trust.public_url}/v/{found.verdict.id}"
    text = qr.page_code_text(found.pinned.trust.public_url, found.verdict.id)
    if args.out is None:
        output.terminal_picture(qr.terminal(text, colour=output.has_colour))
        output.result(page)
    else:
        data = qr.svg(text).encode() if args.out.endswith(".svg") else qr.png(text)
        write_file(args.out, data, mode=_READABLE)
        output.result(args.out)
    output.json({"id": found.verdict.id, "page": page, "file": args.out})
    return 0
