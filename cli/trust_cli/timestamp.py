"""`touchplate timestamp`: have somebody else date a signature, beside the registry's own clock."""

import argparse
import os

from trust.client import dating
from trust.core.errors import Conflict, Malformed
from trust.core.registry.dossier import MAX_DOSSIER, MAX_TIMESTAMPS, parse_dossier
from trust_cli.home import required_file, write_file
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `timestamp`."""
    parser.description = (
        "Add an RFC 3161 time stamp of somebody else to a dossier, about its signature: evidence "
        "of the time that does not rest on the registry's word. The authority learns a hash. Who "
        "verifies says whom they believe: touchplate verify --tsa-root FILE."
    )
    parser.add_argument("dossier", metavar="DOSSIER", help="the dossier, which is written again")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--tsa", metavar="URL", help="the authority to ask")
    source.add_argument(
        "--token", metavar="FILE", help="its answer (TimeStampResp in DER), if you have it already"
    )


def run(args: argparse.Namespace) -> int:
    """Ask, check that the answer is about this signature, and keep it; return 0."""
    output, path = Output(json=args.json), args.dossier
    dossier = parse_dossier(required_file(path, MAX_DOSSIER), path)
    signature = dossier.bundle.envelope.signature
    if len(dossier.timestamps) == MAX_TIMESTAMPS:
        raise Conflict(f"{path} has {MAX_TIMESTAMPS} time stamps already, which is the most")
    if args.tsa is not None:
        token = dating.ask(args.tsa, signature)
    else:
        data = required_file(args.token, dating.MAX_REPLY)
        token = dating.check(data, signature, args.token)
    if token in dossier.timestamps:
        raise Conflict(f"{path} carries this time stamp already")
    made = dossier._replace(timestamps=(*dossier.timestamps, token)).encode()
    if len(made) > MAX_DOSSIER:
        raise Malformed(f"{len(made)} bytes with the time stamp, expected at most {MAX_DOSSIER}")
    write_file(path, made, mode=os.stat(path).st_mode & 0o777)
    count = len(dossier.timestamps) + 1
    output.note("dated", f"{count} time stamp{'' if count == 1 else 's'} of others in the dossier")
    output.note("next", "the customer names the authority's root: verify .. --tsa-root FILE")
    output.result(path)
    output.json({"dossier": path, "timestamps": count})
    return 0
