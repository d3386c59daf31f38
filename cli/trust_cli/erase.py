"""`touchplate erase`: have the registry forget names and words, and nothing that can be checked."""

import argparse
import secrets
import time
from typing import Final

from trust.client.statements import make_erasure
from trust.core.errors import Conflict, Malformed, NotAllowed
from trust.core.signing.identity import parse_id
from trust_cli import delivery, passphrase, session
from trust_cli.home import Home, Identity
from trust_cli.lookup import Found, look_up
from trust_cli.output import Output

ALL: Final = "@me"  # in what waits for `push`: everything of this person, which no id is

STAYS: Final = (
    ("stays", "the signature, its time, digests and proofs: dossiers verify as before"),
    ("stays", "copies that others keep, such as a dossier with the names in it"),
    ("public", "that you had this erased, and when"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `erase`."""
    parser.description = (
        "Have the registry erase the names and words of one statement of yours: file names, title, "
        "disclosure, handle, profile or reason. With --me those of everything that you have signed "
        "so far, your handle and profile included; the handle is never given to anybody again. "
        "This cannot be undone. What was signed, and every proof, stays."
    )
    parser.add_argument("id", metavar="ID", nargs="?", help="the id of the statement, 16 digits")
    parser.add_argument("--me", action="store_true", help="everything that you have signed so far")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Erase; return 0 once the registry has logged that it did."""
    home, output = Home.find(), Output(json=args.json)
    target = _target(args)
    pinned, identity = session.who(home, args.registry)
    if target is not None:
        _check_target(look_up(home, pinned, target), target, identity)
    what = f"the names and words of {target}" if target else "handle, profile, every name and word"
    output.note("erases", f"{what}, for ever")
    for label, text in STAYS:
        output.note(label, text)
    opened = session.open_session(pinned, identity, args)
    opened, checkpoint = session.fresh(opened)
    session.renew_if_needed(opened, checkpoint, output)
    signed = make_erasure(opened.author, target, checkpoint.note, secrets.token_bytes(16))
    work = delivery.Work(signed.to_json(), int(time.time()), {}, erases=target or ALL)
    delivery.keep(opened.pinned, signed, work)
    try:
        delivery.deliver_plain(opened.pinned, work, signed.id)
    except delivery.LATER as error:
        raise delivery.still_kept(error, signed.id) from error
    report(signed.id, target, output)
    return 0


def report(erasure: str, target: str | None, output: Output) -> None:
    """Say what was done."""
    output.note("erased", target or "all that was said in names and words so far")
    output.note("", "the registry's backups keep it until they are deleted")
    output.result(erasure)
    output.json({"id": erasure, "erased": target, "all": target is None})


def _target(args: argparse.Namespace) -> str | None:
    """Return the id, None for everything; raise Malformed unless it is one of the two."""
    if args.me == (args.id is not None):
        raise Malformed("expected either the ID of a statement or --me")
    return None if args.me else parse_id(args.id)


def _check_target(found: Found, target: str, identity: Identity) -> None:
    """A mistyped id or somebody else's work: the registry would refuse what was signed already.

    Raises:
        NotAllowed: it is not by this person.
        Conflict: it is erased already.
    """
    signer = found.verdict.signer
    if signer is None or signer.scid != identity.scid:
        raise NotAllowed(f"{target} is not by @{identity.handle}: {found.verdict.sentence}")
    if found.verdict.erased is not None:
        raise Conflict(f"{target} is erased already: {found.verdict.sentence}")
