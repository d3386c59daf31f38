"""Step 7, last: was somebody there who could unlock a passkey of the signer?"""

import hashlib
from collections.abc import Sequence

from trust.core.errors import VerificationFailed
from trust.core.people.presence import STEP, PasskeyFacts, Presence, check_presence
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.statement import Statement
from trust.core.verdict import Present
from trust.core.verify import Verified


def challenge_of(statement: Statement) -> bytes:
    """Return what an assertion about a statement is made over; it has facts of a deliverable."""
    facts = statement.facts
    if isinstance(facts, DeliverableFacts):
        facts = facts._replace(presence=None)
    return hashlib.sha256(statement._replace(facts=facts).encode()).digest()


def presence_of(statement: Statement) -> Presence | None:
    """Return the assertion in a statement."""
    facts = statement.facts
    return facts.presence if isinstance(facts, DeliverableFacts) else None


def look_for_presence(
    verified: Verified, supporting: Sequence[Verified], public_url: str
) -> tuple[Present | None, int]:
    """Return what an assertion in a statement shows, and how many passkeys are not at hand.

    Args:
        verified: the statement, mostly without any.
        supporting: statements of the same person beside it, verified.
        public_url: of the registry.

    Raises:
        VerificationFailed: step 7, `bad_presence`.
    """
    presence = presence_of(verified.statement)
    if presence is None:
        return None, 0
    passkey = next((item for item in supporting if item.id == presence.passkey), None)
    if passkey is None:
        return None, 1
    return _check_present(verified, presence, passkey, public_url), 0


def _check_present(
    verified: Verified, presence: Presence, passkey: Verified, public_url: str
) -> Present:
    """Require that an assertion holds, by a passkey that the signer had registered before."""
    facts = passkey.statement.facts
    if not isinstance(facts, PasskeyFacts) or passkey.principal != verified.principal:
        raise VerificationFailed(STEP, "bad_presence", "presence: by no passkey of the signer")
    same_log = passkey.origin == verified.origin
    if passkey.signed_at > verified.signed_at or (same_log and passkey.index > verified.index):
        raise VerificationFailed(STEP, "bad_presence", "presence: the passkey was registered later")
    challenge = challenge_of(verified.statement)
    level = check_presence(presence, facts.key, challenge, public_url)
    return Present(level, passkey.signed_at)
