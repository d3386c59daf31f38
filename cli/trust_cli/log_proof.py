"""`touchplate log proof`: where an entry stands in the log, as the text that other tools read."""

import argparse
import os

from trust.core.log.checkpoint import SignedCheckpoint
from trust.core.log.merkle import leaf_hash
from trust.core.log.proof import SUFFIX, TlogProof
from trust.core.registry.dossier import BARE_SUFFIX, Dossier
from trust.core.registry.dossier import SUFFIX as DOSSIER_SUFFIX
from trust.core.verdict import Code
from trust_cli.home import Home, write_file
from trust_cli.lookup import Found, look
from trust_cli.output import Output

_READABLE = 0o666  # less the umask


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `log proof`."""
    parser.description = (
        "Write the proof that an entry is in the log as a .tlog-proof (c2sp.org/tlog-proof), which "
        "tools of other logs read. Everything is verified first. The file says where the entry "
        "stands and what the log signed, not who made the work nor whether it still stands: that "
        "is in the dossier."
    )
    parser.add_argument("what", metavar="ID|DOSSIER", help="an id, or a dossier or bundle here")
    parser.add_argument(
        "-o", dest="out", metavar="F", help="where it goes (default: beside the dossier, or ID)"
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if several are pinned")


def run(args: argparse.Namespace) -> int:
    """Write the proof and return 0; of what does not hold return the verdict's exit status."""
    home, output = Home.find(), Output(json=args.json)
    found = look(home, args.what, args.registry)
    verdict, checked = found.verdict, _checked(found)
    if checked is None:
        output.verdict_line(verdict.code, verdict.sentence)
        output.json(verdict.to_json())
        return verdict.code.exit_status
    data, leaf, signed = checked
    path = args.out or _beside(args.what, verdict.id or "")
    write_file(path, data, mode=_READABLE)
    if verdict.code is not Code.VALID:
        output.note("", verdict.sentence)
    origin, size, _ = signed.checkpoint
    index = TlogProof.parse(data).index
    output.note("entry", f"{index} of the {size} in {origin}")
    output.note("leaf hash", leaf.hex())
    output.result(path)
    output.json(
        {
            "id": verdict.id,
            "file": path,
            "origin": origin,
            "index": index,
            "size": size,
            "leafHash": leaf.hex(),
        }
    )
    return 0


def _checked(found: Found) -> tuple[bytes, bytes, SignedCheckpoint] | None:
    """Return proof, leaf hash and checkpoint, once the proof as a reader reads it holds.

    None when the judgement says that nothing may be shown, or that nobody knows the log's keys.
    """
    verdict, material, pinned = found
    broken = verdict.code in {Code.INVALID, Code.UNREADABLE}
    if broken or material is None or pinned is None or verdict.id is None:
        return None
    logged = (material.bundle if isinstance(material, Dossier) else material).proof
    log = next((item for item in pinned.trust.logs if item.log_key.full_id == logged.log_id), None)
    if log is None:
        return None
    data = TlogProof(logged.index, logged.hashes, logged.checkpoint).encode()
    leaf = leaf_hash(logged.leaf)
    return data, leaf, TlogProof.parse(data).check(leaf, log.log_key, log.clock_key)


def _beside(what: str, statement_id: str) -> str:
    """Return the default name: the dossier's with another ending, or the id's."""
    if not os.path.lexists(what):
        return f"{statement_id}{SUFFIX}"
    for suffix in (DOSSIER_SUFFIX, BARE_SUFFIX):
        if what.endswith(suffix):
            return what.removesuffix(suffix) + SUFFIX
    return what + SUFFIX
