"""Step 7 for an enterprise: was the signer a member, and have enough members approved?

A membership is led back to the founding: each accept names an offer, and who made the offer was a
member then. Whether one of them had left before is for the status (step 8) to say.
"""

from collections.abc import Mapping, Sequence

from trust.core.canonical import Json
from trust.core.judging.authority import Link, OnBehalf, private_part
from trust.core.people.enterprise import (
    ACCEPT,
    OFFER,
    FoundingFacts,
    MembershipFacts,
    ReleaseFacts,
)
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import status_key
from trust.core.signing.private import FoundingPart
from trust.core.verify import Verified


def enterprise_of(verified: Verified) -> str | None:
    """Return the enterprise on whose behalf a statement claims to be signed."""
    facts = verified.statement.facts
    return facts.on_behalf_of if isinstance(facts, DeliverableFacts) else None


def on_behalf(
    verified: Verified,
    supporting: Sequence[Verified],
    private: Mapping[bytes, dict[str, Json]],
) -> OnBehalf | None:
    """Lead a signer's membership back to the founding; None if what that takes is not at hand.

    Every supporting statement was signed by a key of its signer's own history.
    """
    enterprise = enterprise_of(verified)
    founding = next((item for item in supporting if item.id == enterprise), None)
    if founding is None or not isinstance(founding.statement.facts, FoundingFacts):
        return None
    steps = Steps(founding, supporting)
    links = steps.led_back(verified.principal.scid, verified.signed_at)
    if links is None:
        return None
    approved = [verified.principal.scid]
    for item in supporting:
        more = _approval(item, verified, founding, steps)
        if more is not None and item.principal.scid not in approved:
            approved.append(item.principal.scid)
            links = (*links, *more)
    part = private_part(founding, private)
    name = part.name if isinstance(part, FoundingPart) else None
    needed = founding.statement.facts.needed
    return OnBehalf(founding.id, name, needed, tuple(approved), tuple(dict.fromkeys(links)))


def used(verified: Verified, people: Sequence[Verified]) -> list[Verified]:
    """Return the statement and what the authority of its signer rests on besides."""
    kinds = (FoundingFacts, MembershipFacts, ReleaseFacts)
    return [verified, *(item for item in people if isinstance(item.statement.facts, kinds))]


def is_reviewed(verified: Verified, supporting: Sequence[Verified]) -> bool:
    """Say whether the person of an agent has released what it signed."""
    k = status_key("statement", verified.id)
    return any(
        isinstance(item.statement.facts, ReleaseFacts)
        and item.principal.kind == "person"
        and item.principal.scid == verified.principal.scid
        and item.statement.subjects[0] == k
        for item in supporting
    )


class Steps:
    """The offers and accepts of one enterprise that are at hand."""

    def __init__(self, founding: Verified, supporting: Sequence[Verified]) -> None:
        self._founding = founding
        self._offers: dict[str, tuple[Verified, MembershipFacts]] = {}
        self._accepts: list[tuple[Verified, MembershipFacts]] = []
        for item in supporting:
            facts = item.statement.facts
            if isinstance(facts, MembershipFacts) and facts.enterprise == founding.id:
                if facts.step == OFFER:
                    self._offers[item.id] = item, facts
                elif facts.step == ACCEPT:
                    self._accepts.append((item, facts))
        self._accepts.sort(key=lambda pair: -pair[0].signed_at)

    def led_back(
        self, scid: str, at: int, seen: frozenset[str] = frozenset()
    ) -> tuple[Link, ...] | None:
        """Return the memberships by which a person was a member; the newest joining counts."""
        for accept, facts in self._accepts:
            offer = self._offers.get(facts.offer or "")
            if accept.principal.scid != scid or accept.signed_at > at or accept.id in seen:
                continue
            if offer is None or offer[1].member != scid or offer[0].signed_at > accept.signed_at:
                continue
            by = offer[0].principal.scid
            before = self.led_back(by, offer[0].signed_at, seen | {accept.id})
            if before is not None:
                return (*before, Link(scid, accept.signed_at, at))
        founding = self._founding
        if founding.principal.scid == scid and founding.signed_at <= at:
            return (Link(scid, founding.signed_at, at),)
        return None


def _approval(
    item: Verified, verified: Verified, founding: Verified, steps: Steps
) -> tuple[Link, ...] | None:
    """Return the memberships behind a release of this statement; None if it is none."""
    facts = item.statement.facts
    if not isinstance(facts, ReleaseFacts) or facts.enterprise != founding.id:
        return None
    if item.statement.subjects[0] != status_key("statement", verified.id):
        return None
    return steps.led_back(item.principal.scid, item.signed_at)
