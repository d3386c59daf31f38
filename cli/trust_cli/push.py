"""`touchplate push`: deliver what was signed while the registry did not answer."""

import argparse

from trust.core.canonical import Json
from trust.core.errors import TouchplateError, Unavailable
from trust_cli import delivery, passphrase, session
from trust_cli.home import Home, Identity, Pinned
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `push`."""
    parser.description = (
        "Deliver every statement that was signed with --offline or while the registry did not "
        "answer, and write its dossier. Asks for the passphrase only if the certificate must be "
        "renewed first."
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Deliver; return 0 if nothing waits any more. The first error is raised at the end."""
    home, output = Home.find(), Output(json=args.json)
    pinned, identity = session.who(home, args.registry)
    waiting = pinned.folder.pending()
    if not waiting:
        output.note("", "nothing waits for delivery")
    else:
        pinned = _prepare(pinned, identity, args, output)
    errors: list[TouchplateError] = []
    done: list[Json] = []
    for statement_id in waiting:
        try:
            done.append(_push(pinned, identity, statement_id, output))
        except Unavailable:
            raise
        except TouchplateError as error:
            kept = statement_id in pinned.folder.pending()
            label, then = ("stays", "") if kept else ("refused", "; sign again, under a new id")
            output.note(label, f"{statement_id}: {error}{then}")
            errors.append(error)
    if errors:
        raise errors[0]
    output.json({"delivered": done})
    return 0


def _prepare(
    pinned: Pinned, identity: Identity, args: argparse.Namespace, output: Output
) -> Pinned:
    """Bring the trust file up to date, and renew the certificate if it ends within 30 days."""
    from trust.client.http import Client  # noqa: PLC0415
    from trust_cli.pinning import refresh  # noqa: PLC0415

    try:
        pinned = refresh(Client(pinned.trust.public_url), pinned)
    except Unavailable as error:
        raise Unavailable(f"{error}; what waits stays kept for the next push") from error
    if session.ends_soon(pinned):
        opened = session.open_session(pinned, identity, args)
        checkpoint = session.newest_checkpoint(opened.client, pinned)
        session.renew_if_needed(opened, checkpoint, output)
    return pinned


def _push(pinned: Pinned, identity: Identity, statement_id: str, output: Output) -> Json:
    work = delivery.kept(pinned, statement_id)
    try:
        if work.erases is not None:
            delivery.deliver_plain(pinned, work, statement_id)
            output.note("erased", work.erases)
            output.result(statement_id)
            return {"id": statement_id, "erased": work.erases}
        if work.dossier is None and work.target is not None:
            delivery.deliver_withdrawal(pinned, work, statement_id)
            output.note("withdrawn", work.target)
            output.result(statement_id)
            return {"id": statement_id, "withdrawn": work.target}
        if work.dossier is None:
            delivery.deliver_plain(pinned, work, statement_id)
            output.note("delivered", statement_id)
            output.result(statement_id)
            return {"id": statement_id}
        delivered = delivery.deliver(pinned, identity, work, statement_id)
    except delivery.LATER as error:
        raise delivery.still_kept(error, statement_id) from error
    output.note("delivered", f"{pinned.trust.public_url}/v/{statement_id}")
    output.result(delivered.dossier)
    return {"id": statement_id, "dossier": delivered.dossier, "bundle": delivered.bare}
