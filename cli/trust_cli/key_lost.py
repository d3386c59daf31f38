"""`touchplate key lost KEY`: a device of yours is gone, and its key with it."""

import argparse

from trust.core.people.revocation import LOST, RevocationFacts
from trust_cli import passphrase
from trust_cli.key_revoke import revoke


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `key lost`."""
    parser.description = (
        "Say that the key of another device of yours is lost. From now on it signs nothing; what "
        "it signed before stands. If somebody may have used it: `key revoke --reason compromised`."
    )
    parser.add_argument("key", metavar="KEY", help="its name in `key list`, or the first digits")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Report it; return 0 once a published status says so."""
    return revoke(args, RevocationFacts(LOST))
