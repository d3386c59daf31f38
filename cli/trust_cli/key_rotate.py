"""`touchplate key rotate`: new keys for this device, in the place of the ones that it has."""

import argparse

from trust.client.statements import Author, Signed, make_enrolment, make_revocation
from trust.client.versions import own_device, replaced
from trust.core.people.device_code import key_name
from trust.core.people.key_rules import Device
from trust.core.people.revocation import REASONS, RETIRED, RevocationFacts
from trust.custody.signers import P256Signer, generate_p256
from trust_cli import keys, passphrase
from trust_cli.options import since_option
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `key rotate`."""
    parser.description = (
        "Make a new signing key and a new update key for this device, and revoke the signing key "
        "that it has. What you signed before stays valid. The recovery key stays as it is."
    )
    parser.add_argument(
        "--reason",
        choices=REASONS,
        default=RETIRED,
        help=f"why (default: {RETIRED})",
    )
    parser.add_argument(
        "--since",
        metavar="T",
        help="of a compromise: since when others may have had the key",
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Rotate; return 0 once the new key has its certificate."""
    output = Output(json=args.json)
    facts = RevocationFacts(args.reason, since_option(args.reason, args.since))
    held = keys.unlock(args, output)
    old = held.point
    own_device(held.newest, old)
    statement, (following, next_hash) = generate_p256(), keys.new_following()
    point = P256Signer(statement).public_key

    def say(author: Author, note: str) -> list[Signed]:
        return [
            make_enrolment(author, note, keys.new_salt()),
            make_revocation(author, old, facts, note, keys.new_salt()),
        ]

    wanted = replaced(held.newest, old, Device(point, next_hash))
    keys.change(held, keys.Plan(wanted, following, statement, say), output)
    output.note("old key", f"{key_name(old)} is {args.reason}; what it signed before stands")
    output.note("new key", f"{key_name(point)} signs from now on, with the same passphrase")
    output.result(key_name(point))
    output.json({"key": key_name(point), "replaced": key_name(old), "reason": args.reason})
    return 0
