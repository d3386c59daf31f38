"""`touchplate unfreeze`: lift the freeze that this device made."""

import argparse

from trust_cli import passphrase
from trust_cli.freeze import freeze_or_lift


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `unfreeze`."""
    parser.description = (
        "Lift a freeze: what you signed before stands again, and you can sign. Only the device "
        "that froze can lift it."
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Lift it; return 0 once a published status says so."""
    return freeze_or_lift(args, lift=True)
