"""`touchplate recover split`: split the recovery key among guardians."""

import argparse

from trust.core.errors import Malformed
from trust.custody.guardians import MAX_GUARDIANS, split_seed
from trust_cli import recovery_key
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `recover split`."""
    parser.description = (
        "Split your recovery key among people you trust, so that any few of them together can "
        "bring you back, and fewer learn nothing (SLIP-39). Asks no registry and stores nothing: "
        "copy each share by hand, and give it to its guardian."
    )
    parser.add_argument(
        "--guardians",
        type=int,
        required=True,
        metavar="N",
        help=f"how many, at most {MAX_GUARDIANS}",
    )
    parser.add_argument(
        "--needed", type=int, required=True, metavar="T", help="how many of them must agree"
    )
    recovery_key.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Split; return 0 once every share was shown."""
    output = Output(json=args.json)
    if args.json:
        raise Malformed("shares are for paper, and are not written as JSON", "--json")
    seed = recovery_key.read(args.recovery_file)
    shares = split_seed(seed, args.needed, args.guardians)
    output.note(
        "guardians",
        f"any {args.needed} of these {args.guardians} together can take over who you are; each "
        "share is shown once and stored nowhere",
    )
    for place, share in enumerate(shares, 1):
        output.note(f"share {place}", f"for guardian {place} of {args.guardians}")
        output.copyable(share, "")
    output.note("", "keep the recovery key too, or destroy it: the shares do not depend on it")
    return 0
