"""What a replay knows of enterprises: who belongs to each, and what was offered to whom."""

from collections.abc import Iterator
from typing import NamedTuple

from trust.core.people.enterprise import (
    ACCEPT,
    LEAVE,
    MAX_MEMBERS,
    FoundingFacts,
    MembershipFacts,
    ReleaseFacts,
)
from trust.core.signing.facts import DeliverableFacts
from trust.core.verify import Verified
from trust.core.watching.finding import Finding


class Enterprises(NamedTuple):
    """Members by enterprise, and by the id of an offer the enterprise and whom it is to."""

    members: dict[str, list[str]]
    offers: dict[str, tuple[str, str]]


def check_enterprise(known: Enterprises, verified: Verified) -> Iterator[Finding]:
    """Take a statement about or for an enterprise; yield what contradicts those before it."""
    facts, scid = verified.statement.facts, verified.principal.scid
    if isinstance(facts, FoundingFacts):
        known.members.setdefault(verified.id, [scid])
        return
    if isinstance(facts, MembershipFacts) and facts.step == ACCEPT:
        yield from _join(known, facts, verified)
        return
    enterprise = _named(facts)
    if enterprise is None:
        return
    members = known.members.get(enterprise, [])
    if scid not in members:
        message = f"{scid} is no member of the enterprise {enterprise}"
        yield Finding("not_a_member", f"entry {verified.index}", message)
    elif isinstance(facts, MembershipFacts) and facts.step == LEAVE:
        members.remove(scid)
    elif isinstance(facts, MembershipFacts):
        known.offers.setdefault(verified.id, (enterprise, facts.member or ""))


def _join(known: Enterprises, facts: MembershipFacts, verified: Verified) -> Iterator[Finding]:
    where, scid = f"entry {verified.index}", verified.principal.scid
    if known.offers.get(facts.offer or "") != (facts.enterprise, scid):
        message = f"accepts {facts.offer}, which is no offer of a member to {scid}"
        yield Finding("no_offer", where, message)
        return
    members = known.members[facts.enterprise]
    if len(members) >= MAX_MEMBERS:
        message = f"is the sixth member of {facts.enterprise}, expected at most {MAX_MEMBERS}"
        yield Finding("sixth_member", where, message)
    if scid not in members:
        members.append(scid)


def _named(facts: object) -> str | None:
    """Return the enterprise for which a statement speaks, None if it speaks for none."""
    if isinstance(facts, DeliverableFacts):
        return facts.on_behalf_of
    return facts.enterprise if isinstance(facts, MembershipFacts | ReleaseFacts) else None
