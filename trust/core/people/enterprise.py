"""An enterprise of one to five people: founded, joined and left by statements of each of them.

    founding     {"needed": t}          its id is the enterprise's; its private part holds the name
    membership   {"enterprise", "step": "offer", "member": SCID}    by a member, to somebody
                 {"enterprise", "step": "accept", "offer": id}      by them: in force from here on
                 {"enterprise", "step": "leave"}                    by a member
    release      {"enterprise": id or null}        by a member: I approve of this deliverable

The founder is the first member. What is signed on behalf of an enterprise stands once `needed` of
its members have approved, the signer being one. A release without an enterprise is a person's word
that they have looked at what an agent of theirs signed.
"""

from collections.abc import Callable
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.errors import Malformed
from trust.core.people.did import check_scid
from trust.core.record import Record

MAX_MEMBERS = 5  # a micro-enterprise
OFFER, ACCEPT, LEAVE = "offer", "accept", "leave"
STEPS = (OFFER, ACCEPT, LEAVE)
TakeId = Callable[[Record, str], str]


class FoundingFacts(NamedTuple):
    """How many members must approve of what is signed on behalf of the enterprise."""

    needed: int = 1

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"needed": self.needed}


class MembershipFacts(NamedTuple):
    """A step of a membership: `member` is whom an offer is to, `offer` what an accept accepts."""

    enterprise: str
    step: str
    member: str | None = None
    offer: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        members: dict[str, Json] = {"enterprise": self.enterprise, "step": self.step}
        if self.member is not None:
            members["member"] = self.member
        if self.offer is not None:
            members["offer"] = self.offer
        return members


class ReleaseFacts(NamedTuple):
    """On behalf of which enterprise a deliverable is approved; None: of what one's agent signed."""

    enterprise: str | None

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"enterprise": self.enterprise}


def parse_founding(record: Record) -> FoundingFacts:
    """Read the facts of a founding."""
    needed = record.integer("needed", lowest=1)
    if needed > MAX_MEMBERS:
        raise Malformed(f"{needed}, expected at most {MAX_MEMBERS}", f"{record.where}.needed")
    return FoundingFacts(needed)


def parse_membership(record: Record, take_id: TakeId) -> MembershipFacts:
    """Read the facts of a membership; each step has its own members."""
    enterprise, step = take_id(record, "enterprise"), record.one_of("step", STEPS)
    member = check_scid(record.text("member", 64)) if step == OFFER else None
    offer = take_id(record, "offer") if step == ACCEPT else None
    return MembershipFacts(enterprise, step, member, offer)


def parse_release(record: Record, take_id: TakeId) -> ReleaseFacts:
    """Read the facts of a release."""
    return ReleaseFacts(record.nullable("enterprise", lambda name: take_id(record, name)))
