"""`touchplate recover veto`: refuse a recovery that you did not ask for, from a live device."""

import argparse

from trust.client import requests
from trust.client.statements import make_veto
from trust.core.encoding import hex_decode
from trust.core.errors import NotFound
from trust.core.wording.recovery import recovery_sentence
from trust_cli import keys, passphrase, session
from trust_cli.home import Home
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `recover veto`."""
    parser.description = (
        "Somebody has your recovery key and asks for new keys in your name: refuse that from a "
        "device that you still have. It works once; after that a ruling decides who you are. "
        "Then change your recovery key."
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Veto; return 0 once it is logged."""
    home, output = Home.find(), Output(json=args.json)
    pinned, identity = session.who(home, args.registry)
    opened = session.open_session(pinned, identity, args)
    opened, checkpoint = session.fresh(opened)
    waiting = opened.client.ask(requests.person(identity.scid)).get("recovery")
    if not isinstance(waiting, dict):
        raise NotFound(f"no recovery of @{identity.handle} waits")
    output.note("waits", recovery_sentence(waiting))
    digest = hex_decode(str(waiting["digest"]), "recovery.digest")
    version, salt = str(waiting["version"]), keys.new_salt()
    signed = make_veto(opened.author, digest, version, checkpoint.note, salt)
    opened.client.ask(requests.publish(signed.to_json()))
    output.note("vetoed", "nothing was changed, and nothing like it can be asked for again")
    output.result(signed.id)
    output.json({"id": signed.id, "vetoed": version})
    return 0
