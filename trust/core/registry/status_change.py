"""What a logged statement changes in the status: one rule for the registry and for monitors."""

from trust.core.encoding import parse_time
from trust.core.people.enterprise import LEAVE, MembershipFacts
from trust.core.people.revocation import RevocationFacts, claimed_since
from trust.core.registry.status_line import State
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import member_key, status_key
from trust.core.signing.statement import Statement

# States of statements whose subject is the line itself, and that have no facts.
_PLAIN = {"withdrawal": "withdrawn", "freeze": "frozen", "unfreeze": "unfrozen"}


def status_change(statement: Statement, signed_at: int, scid: str) -> tuple[bytes, State] | None:
    """Return the line and the state that a statement adds to it, None if it adds nothing.

    Whether the target is known, and whose it is, is not asked: `judge` counts a state only if the
    signer may speak for the target. What is in no list leaves no trace in the status either.

    Args:
        statement: as logged.
        signed_at: the time of its token, in seconds.
        scid: of its signer.
    """
    facts, word, since = statement.facts, _PLAIN.get(statement.type), signed_at
    if isinstance(facts, RevocationFacts):
        word = facts.reason
        if facts.since is not None:
            since = claimed_since(parse_time(facts.since), signed_at)
    if word is not None:
        return statement.subjects[0], State(word, since, signed_at, scid)
    if isinstance(facts, MembershipFacts) and facts.step == LEAVE:
        return member_key(facts.enterprise, scid), State("retired", signed_at, signed_at, scid)
    if isinstance(facts, DeliverableFacts) and facts.supersedes and not facts.unlisted:
        k = status_key("statement", facts.supersedes)
        return k, State("superseded", signed_at, signed_at, scid)
    return None
