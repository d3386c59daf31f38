"""Making the statements about enterprises: pure but for the signers, randomness is passed in."""

from trust.client.statements import Author, Chance, Signed, sign_about_part, sign_made
from trust.core.people.enterprise import FoundingFacts, MembershipFacts, ReleaseFacts
from trust.core.signing.identity import parse_id, status_key


def make_founding(
    author: Author, name: str, needed: int, not_before: str, chance: Chance
) -> Signed:
    """Found an enterprise of this name, of whose members `needed` must approve what it delivers."""
    facts = FoundingFacts(needed)
    return sign_about_part(author, "founding", not_before, chance, {"name": name}, facts)


def make_membership(author: Author, facts: MembershipFacts, not_before: str, salt: bytes) -> Signed:
    """Offer a membership, accept an offer, or leave."""
    subject = status_key("statement", parse_id(facts.enterprise))
    return sign_made(author, "membership", (subject,), not_before, salt, facts, None)


def make_release(
    author: Author, target: str, enterprise: str | None, not_before: str, salt: bytes
) -> Signed:
    """Approve of the deliverable with this id; without an enterprise, of one by an own agent."""
    subject = status_key("statement", parse_id(target))
    firm = None if enterprise is None else parse_id(enterprise)
    return sign_made(author, "release", (subject,), not_before, salt, ReleaseFacts(firm), None)
