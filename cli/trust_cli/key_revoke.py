"""`touchplate key revoke KEY`: take a key of another device out of use, and say why."""

import argparse

from trust.client.statements import Author, Signed, make_revocation
from trust.client.versions import own_device, replaced
from trust.core.errors import Malformed
from trust.core.people.device_code import key_name
from trust.core.people.key_rules import Device
from trust.core.people.revocation import REASONS, RevocationFacts
from trust_cli import keys, passphrase
from trust_cli.options import since_option
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `key revoke`."""
    parser.description = (
        "Revoke a key of another device of yours, or say of one that you revoked before that it "
        "was compromised. From now on it signs nothing; what it signed before stands, but for a "
        "compromise, which puts in doubt what it signed since T. Cannot be undone."
    )
    parser.add_argument("key", metavar="KEY", help="its name in `key list`, or the first digits")
    parser.add_argument("--reason", choices=REASONS, required=True, help="why")
    parser.add_argument(
        "--since",
        metavar="T",
        help="with `--reason compromised`: since when others may have had it, at most 30 days ago",
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Revoke; return 0 once a published status says so."""
    facts = RevocationFacts(args.reason, since_option(args.reason, args.since))
    return revoke(args, facts)


def revoke(args: argparse.Namespace, facts: RevocationFacts) -> int:
    """Revoke `args.key`: with a new version without it, or alone if it left the history before."""
    output = Output(json=args.json)
    held = keys.unlock(args, output)
    point = keys.find_key(held.history, args.key)
    if point == held.point:
        raise Malformed(
            f"{key_name(point)} is this device's own key, which `touchplate key rotate --reason "
            f"{facts.reason}` replaces; or revoke it from another device",
            "KEY",
        )
    if point in held.newest.signing_keys:
        _take_out(held, point, facts, output)
    else:
        author = held.opened.author
        note = held.checkpoint.note
        keys.say(held.opened, make_revocation(author, point, facts, note, keys.new_salt()))
    output.note("revoked", f"{key_name(point)} as {facts.reason}; it signs nothing any more")
    output.result(key_name(point))
    output.json({"key": key_name(point), "reason": facts.reason, "since": facts.since})
    return 0


def _take_out(held: keys.Keys, point: bytes, facts: RevocationFacts, output: Output) -> None:
    own_device(held.newest, held.point)
    following, next_hash = keys.new_following()
    own = Device(held.point, next_hash)
    wanted = [
        own if item.point == held.point else item for item in replaced(held.newest, point, None)
    ]

    def say(author: Author, note: str) -> list[Signed]:
        return [make_revocation(author, point, facts, note, keys.new_salt())]

    keys.change(held, keys.Plan(wanted, following, None, say), output)
