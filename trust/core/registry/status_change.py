"""What a logged statement changes in the status: one rule for the registry and for monitors."""

from trust.core.registry.status_line import State
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import status_key
from trust.core.signing.statement import Statement


def status_change(statement: Statement, signed_at: int, scid: str) -> tuple[bytes, State] | None:
    """Return the line and the state that a statement adds to it, None if it adds nothing.

    Whether the target is known, and whose it is, is not asked: `judge` counts a state only if the
    signer may speak for the target. What is in no list leaves no trace in the status either.

    Args:
        statement: as logged.
        signed_at: the time of its token, in seconds.
        scid: of its signer.
    """
    facts = statement.facts
    if statement.type == "withdrawal":
        return statement.subjects[0], State("withdrawn", signed_at, signed_at, scid)
    if isinstance(facts, DeliverableFacts) and facts.supersedes and not facts.unlisted:
        k = status_key("statement", facts.supersedes)
        return k, State("superseded", signed_at, signed_at, scid)
    return None
