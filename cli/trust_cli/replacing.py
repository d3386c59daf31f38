"""What `sign` says and checks when a work is private, or replaces an earlier one."""

from typing import Final

from trust.core.errors import Malformed, NotAllowed, Unavailable
from trust.core.registry.dossier import Dossier
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import parse_id
from trust.core.signing.statement import Statement, parse_statement
from trust_cli.home import Home, Identity, Pinned

PUBLIC_NOTE: Final = (("public", "with the signature everyone can read:"),)
PRIVATE_NOTES: Final = (
    ("private", "no list names it and no search finds it, not even by its digest"),
    ("log", "still shows everyone that you signed something now, and nothing of what"),
    ("readers", "whoever has the address of its page, or its dossier, can read:"),
)


def read_target(typed: str | None) -> str | None:
    """Return the id of `--supersedes` in its canonical form; raise Malformed for anything else."""
    if typed is None:
        return None
    try:
        return parse_id(typed)
    except Malformed as error:
        raise Malformed(str(error), "--supersedes") from error


def check_target(
    home: Home, pinned: Pinned, identity: Identity, target: str, *, private: bool
) -> None:
    """Require a deliverable of this person before anything is signed: the registry refuses others.

    Raises:
        NotFound: nothing is published under this id; what waits for `push` is not yet.
        NotAllowed: it is somebody else's, no deliverable, or private and this one is not.
    """
    from trust_cli.lookup import look_up  # noqa: PLC0415 - the HTTP client

    try:
        found = look_up(home, pinned, target)
    except Unavailable:  # it is signed all the same, and kept until the registry answers
        return
    signer = found.verdict.signer
    statement = _statement(found.material)
    mine = signer is not None and signer.scid == identity.scid
    if statement is None or statement.type != "deliverable" or not mine:
        raise NotAllowed(
            f"{target} is no work that @{identity.handle} signed: {found.verdict.sentence}"
        )
    facts = statement.facts
    if isinstance(facts, DeliverableFacts) and facts.unlisted and not private:
        raise NotAllowed(
            f"{target} is private: what replaces it must be signed with --private too, or its id "
            "would be public"
        )


def _statement(material: object) -> Statement | None:
    return (
        parse_statement(material.bundle.envelope.payload) if isinstance(material, Dossier) else None
    )
