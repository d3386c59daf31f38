"""`touchplate sign`: answer for a file, several files or a directory."""

# pathlib would cost a tenth of what `verify` may take to start.

import argparse
import os
import time

from trust.client.statements import Signed, make_deliverable
from trust.core.encoding import short_digest
from trust.core.errors import Malformed, Unavailable
from trust.core.log.checkpoint import SignedCheckpoint
from trust.core.registry.dossier import SUFFIX
from trust.core.signing.facts import FILES, MANIFEST
from trust_cli import agents, delivery, passphrase, replacing, session
from trust_cli.disclosures import read_disclosure
from trust_cli.hashing import (
    STDIN,
    checked_name,
    hash_files,
    hash_path,
    hash_stdin,
)
from trust_cli.home import Home
from trust_cli.job import Job, report
from trust_cli.options import text_option
from trust_cli.output import Output
from trust_cli.session import Session

MOST_NAMES = 12  # that are said one by one before the signature


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `sign`."""
    parser.description = (
        "Sign a file, several files or a directory, and write the dossier beside it. Before it "
        "signs it says what becomes public. A directory of over 1,000 files is signed by the "
        "digest of its manifest, and only its own name becomes public."
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a file, files, one directory, or - for standard input with -o NAME.touchplate.json",
    )
    parser.add_argument("--title", metavar="T", help="what the work is called; public")
    parser.add_argument(
        "--disclosure", metavar="FILE", help="who did what, and which AI (JSON or TOML); public"
    )
    parser.add_argument(
        "--supersedes", metavar="ID", help="the work of yours that this one replaces; public"
    )
    parser.add_argument(
        "--private",
        action="store_true",
        help="in no list and no search; whoever has the page's address can open it",
    )
    parser.add_argument(
        "--offline", action="store_true", help="do not ask the registry; `push` delivers later"
    )
    parser.add_argument(
        "--sigstore", action="store_true", help="also write the bare Sigstore bundle"
    )
    parser.add_argument("-o", dest="out", metavar="OUT", help="where the dossier goes")
    parser.add_argument(
        "--on-behalf-of", metavar="ID", help="sign for this enterprise, of which you are a member"
    )
    parser.add_argument(
        "--agent", metavar="NAME", help="sign with the key of this agent of yours, unattended"
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Sign; return 0 once the dossier is written, or with --offline once it is kept."""
    home, output = Home.find(), Output(json=args.json)
    pinned, identity = session.who(home, args.registry)
    job = _prepare(args)
    if job.supersedes is not None and not args.offline:
        replacing.check_target(home, pinned, identity, job.supersedes, private=job.private)
    _announce(job, output)
    opened, agency = agents.open_signer(
        pinned, identity, args, tuple(job.subjects), whole=job.hashed.by_manifest
    )
    opened, checkpoint, down = _date(opened, output, offline=args.offline, agent=args.agent)
    signed = make_deliverable(
        opened.author,
        job.subjects,
        checkpoint.note,
        session.new_chance(),
        title=job.title,
        disclosure=job.disclosure,
        offline=args.offline or down is not None,
        form=MANIFEST if job.hashed.by_manifest else FILES,
        unlisted=job.private,
        supersedes=job.supersedes,
        agency=agency,
        on_behalf_of=args.on_behalf_of,
    )
    work = job.work(signed, int(time.time()))
    delivery.keep(opened.pinned, signed, work)
    if down is not None:
        raise delivery.still_kept(down, signed.id)
    if args.offline:
        return _keep_only(signed, output)
    try:
        delivered = delivery.deliver(opened.pinned, identity, work, signed.id)
    except delivery.LATER as error:
        raise delivery.still_kept(error, signed.id) from error
    report(opened, job, delivered, output)
    return 0


def _prepare(args: argparse.Namespace) -> Job:
    """Read and hash everything before a passphrase is asked for."""
    paths = tuple(args.paths)
    title = text_option(args.title, "--title")
    disclosure = None if args.disclosure is None else read_disclosure(args.disclosure)
    if len(paths) > 1 and args.out is None:
        raise Malformed("several files need -o OUT for their dossier", paths[1])
    first = os.path.abspath(paths[0]) if paths[0].strip("./") == "" else paths[0].rstrip("/")
    name = checked_name(os.path.basename(first), first)
    dossier = args.out or f"{first}{SUFFIX}"
    if STDIN in paths:
        name = _name_of_stdin(paths, args.out)
    targets = [dossier, delivery.bare_path(dossier)] if args.sigstore else [dossier]
    for target in targets:
        _check_target(target, paths)
    if STDIN in paths:
        hashed = hash_stdin(name)
    else:
        hashed = hash_files(list(paths)) if len(paths) > 1 else hash_path(paths[0])
    return Job(
        paths,
        hashed,
        name,
        title,
        disclosure,
        dossier,
        args.sigstore,
        args.private,
        replacing.read_target(args.supersedes),
    )


def _name_of_stdin(paths: tuple[str, ...], out: str | None) -> str:
    """Return the name under which standard input is signed: that of its dossier."""
    if len(paths) > 1:
        raise Malformed("standard input among several paths, expected it alone", STDIN)
    name = os.path.basename(out or "")
    if not name.endswith(SUFFIX) or name == SUFFIX:
        raise Malformed(f"standard input needs -o NAME{SUFFIX}: it has no name of its own", STDIN)
    return checked_name(name.removesuffix(SUFFIX), name)


def _check_target(target: str, paths: tuple[str, ...]) -> None:
    """A dossier replaces an earlier dossier and nothing else, least of all what is signed."""
    real = os.path.realpath(target)
    for path in paths:
        if os.path.realpath(path) == real:
            raise Malformed("would overwrite the work itself, expected another -o", target)
        inside = os.path.isdir(path) and real.startswith(os.path.realpath(path) + os.sep)
        if inside and os.path.dirname(real) != os.path.realpath(path):
            raise Malformed(
                "lies inside the directory that it is about, expected beside it", target
            )
        if inside and not target.endswith(SUFFIX):
            raise Malformed(f"inside the directory its name must end in {SUFFIX}", target)
    if os.path.isdir(target) or not os.path.isdir(os.path.dirname(real)):
        raise Malformed("expected a file in a folder that is there", target)
    delivery.check_free(target)


def _announce(job: Job, output: Output) -> None:
    """Say what becomes public."""
    names = list(job.subjects)
    for label, text in replacing.PRIVATE_NOTES if job.private else replacing.PUBLIC_NOTE:
        output.note(label, text)
    for name in names[:MOST_NAMES]:
        output.note("file", f"{name}  sha256 {short_digest(job.subjects[name])}")
    if len(names) > MOST_NAMES:
        output.note("", f"and the names of {len(names) - MOST_NAMES} more files")
    if job.hashed.by_manifest:
        count = len(job.hashed.files)
        output.note("", f"the digest of a list of its {count} files, whose names stay here")
    if job.supersedes is not None:
        output.note("replaces", job.supersedes)
    if job.title is not None:
        output.note("title", job.title)
    if job.disclosure is not None:
        output.note("says", job.disclosure.statement)
        count = len(job.disclosure.contributions)
        output.note(
            "", f"and the whole disclosure: {count} contribution{'' if count == 1 else 's'}"
        )


def _date(
    opened: Session, output: Output, *, offline: bool, agent: str | None
) -> tuple[Session, SignedCheckpoint, Unavailable | None]:
    """Return the checkpoint that dates the signature, and why the registry was not asked for it."""
    if offline:
        return opened, session.known_checkpoint(opened.pinned), None
    try:
        opened, checkpoint = session.fresh(opened)
        if agent is None:  # an agent's certificate ends with its delegation
            session.renew_if_needed(opened, checkpoint, output)
    except Unavailable as error:
        return opened, session.known_checkpoint(opened.pinned), error
    return opened, checkpoint, None


def _keep_only(signed: Signed, output: Output) -> int:
    output.note("kept", f"{signed.id} is signed; touchplate push delivers it")
    output.note("dossier", "is written when it is delivered")
    output.result(signed.id)
    output.json({"id": signed.id, "kept": True})
    return 0
