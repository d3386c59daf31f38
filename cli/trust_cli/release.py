"""`touchplate release`: approve of what another member signed, or of what your agent did."""

import argparse
import secrets

from trust.client.enterprises import make_release
from trust.core.errors import NotFound
from trust.core.registry.dossier import Dossier
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import parse_id
from trust.core.signing.statement import parse_statement
from trust_cli import passphrase, saying
from trust_cli.home import Home
from trust_cli.lookup import Found, look_up
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `release`."""
    parser.description = (
        "Approve of a work: one that another member signed on behalf of your enterprise, or one "
        "that an agent of yours signed and a human is to review. Look at the work first: what you "
        "release is shown as approved by you, and that cannot be undone."
    )
    parser.add_argument("id", metavar="ID", help="the id of the work, 16 digits")
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Approve; return 0 once it is published."""
    output, target = Output(json=args.json), parse_id(args.id)
    opened, note = saying.open_author(args, output)
    found = look_up(Home.find(), opened.pinned, target)
    enterprise = _enterprise(found)
    output.note("work", found.verdict.sentence)
    release, at = saying.say(
        opened,
        note,
        lambda author, then: make_release(
            author, target, enterprise, then, secrets.token_bytes(16)
        ),
    )
    url = opened.pinned.trust.public_url
    output.copyable("page", f"{url}/v/{target}")
    output.note("", "a new dossier carries your approval; the one beside the work does not yet")
    output.result(release)
    output.json({"id": release, "work": target, "enterprise": enterprise, "at": at})
    return 0


def _enterprise(found: Found) -> str | None:
    """Return on whose behalf a work was signed; raise NotFound for what is no work."""
    material = found.material
    if material is not None:
        bundle = material.bundle if isinstance(material, Dossier) else material
        facts = parse_statement(bundle.envelope.payload).facts
        if isinstance(facts, DeliverableFacts):
            return facts.on_behalf_of
    raise NotFound(f"no work that could be released: {found.verdict.sentence}")
