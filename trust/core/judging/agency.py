"""Step 7 for an agent: was it let sign this, by whom, and did that hold when it signed?

The chain has one link. A delegation, which the person's own key history authorised, names the
agent's key; what the agent signs names the delegation. It ends in that person or nowhere.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from trust.core.errors import VerificationFailed
from trust.core.keys.p256 import spki
from trust.core.people.delegation import DelegationFacts, Use, check_length, check_use
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.private import DeliverablePart, PrivatePart
from trust.core.signing.statement import Statement, is_manifest
from trust.core.verify import Verified

STEP = 7


class Delegation(NamedTuple):
    """A verified statement and what it delegates."""

    verified: Verified
    facts: DelegationFacts


def find_delegation(verified: Verified, supporting: Sequence[Verified]) -> Delegation | None:
    """Return the delegation that an agent's statement names; None if it is not at hand.

    Raises:
        VerificationFailed: what has that id is no delegation.
    """
    facts = verified.statement.facts
    wanted = facts.delegation if isinstance(facts, DeliverableFacts) else None
    for item in supporting:
        if item.id == wanted:
            if not isinstance(item.statement.facts, DelegationFacts):
                raise _refused("other_delegation", "what the agent names is no delegation")
            return Delegation(item, item.statement.facts)
    return None


def check_agent(verified: Verified, delegation: Delegation, part: PrivatePart | None) -> None:
    """Require that an agent's statement is within its delegation, as far as `part` is at hand.

    Raises:
        VerificationFailed: another agent or key, too early or too late, out of scope, over budget.
    """
    behind, facts = delegation
    if behind.principal.kind != "person" or behind.principal.scid != verified.principal.scid:
        raise _refused("other_delegation", "the delegation is not of the agent's person")
    named = verified.statement.signer
    if behind.statement.signer != named:
        raise _refused("other_delegation", "the delegation is of another version of the keys")
    key = hashlib.sha256(spki(verified.certificate.point)).digest()
    if (facts.agent, behind.statement.subjects[0]) != (verified.principal.number, key):
        raise _refused("other_delegation", "the delegation is to another agent")
    same_log = behind.origin == verified.origin
    if behind.signed_at > verified.signed_at or (same_log and behind.index > verified.index):
        raise _refused("delegation_later", "the delegation was made after the agent signed")
    check_length(facts, behind.signed_at)
    check_use(facts, use_of(verified.statement, verified.signed_at, part))


def lacks_names(delegation: Delegation, part: PrivatePart | None) -> bool:
    """Say whether names decide, and are not at hand: erased, or left out of the dossier."""
    return delegation.facts.scope.limits_names and not isinstance(part, DeliverablePart)


def use_of(statement: Statement, signed_at: int, part: PrivatePart | None) -> Use:
    """Return what a delegation is asked about; `part` None when it is erased or not published."""
    facts = statement.facts
    if not isinstance(facts, DeliverableFacts) or facts.number is None:
        raise _refused("other_delegation", "an agent signs deliverables with a number")
    names = part.names if isinstance(part, DeliverablePart) else None
    whole, enterprise = is_manifest(statement), facts.on_behalf_of
    return Use(facts.number, signed_at, names, whole, enterprise)


def _refused(reason: str, message: str) -> VerificationFailed:
    return VerificationFailed(STEP, reason, message)
