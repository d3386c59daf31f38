"""Saying something that is no work: sign it, keep it until it is published, check the answer."""

import argparse
import time
from collections.abc import Callable

from trust.client.statements import Author, Signed
from trust.core.encoding import format_time
from trust_cli import delivery, session
from trust_cli.home import Home
from trust_cli.output import Output
from trust_cli.session import Session

Make = Callable[[Author, str], Signed]  # of the author, and the checkpoint that it follows


def open_author(args: argparse.Namespace, output: Output) -> tuple[Session, str]:
    """Unlock the person's key; return who signs, and the newest checkpoint."""
    pinned, identity = session.who(Home.find(), args.registry)
    opened = session.open_session(pinned, identity, args)
    opened, checkpoint = session.fresh(opened)
    session.renew_if_needed(opened, checkpoint, output)
    return opened, checkpoint.note


def say(opened: Session, note: str, make: Make) -> tuple[str, str]:
    """Sign a statement and publish it; return its id, and when the registry dated it.

    Raises:
        Unavailable: the registry does not answer now; `push` delivers it.
        VerificationFailed: its answer does not hold.
    """
    signed = make(opened.author, note)
    work = delivery.Work(signed.to_json(), int(time.time()), {})
    delivery.keep(opened.pinned, signed, work)
    try:
        at = delivery.deliver_plain(opened.pinned, work, signed.id)
    except delivery.LATER as error:
        raise delivery.still_kept(error, signed.id) from error
    return signed.id, format_time(at)
