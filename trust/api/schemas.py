"""The shapes of answers, for the documentation and for the tests that hold it to the truth.

Nothing here is on the way of a request: statements are parsed by the core, answers are written by
the service. Members are those of the wire, so their names are in camel case.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict

Members = dict[str, Any]


class Shape(BaseModel):
    """An object without further members."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Submission(BaseModel):
    """A statement with its private part, or a join: a DID log and three statements."""

    envelope: Members | None = None
    private: Members | None = None
    didLog: list[Members] | None = None  # noqa: N815
    statements: list[Members] | None = None


class Status(Shape):
    """A signed snapshot and proofs of presence or absence."""

    snapshot: Members
    proofs: list[Members]


class Published(BaseModel):
    """One published statement. `certificate` (base64 DER) comes with an enrolment only."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: str
    index: int
    bundle: Members
    status: Status
    certificate: str | None = None


class Signer(Shape):
    """Who signed; of the registry's own statements SCID and key code are empty.

    `frozen`: since when everything that is signed in their name is stopped, null if it is not.
    """

    scid: str
    handle: str | None
    keyCode: str  # noqa: N815
    frozen: str | None


class Withdrawn(Shape):
    """When its signer first withdrew it, and why, in their words, unless they gave no reason."""

    since: str
    reason: str | None


class Erased(Shape):
    """Since when names and words are gone, and who wanted it: `signer` or `registry`."""

    since: str
    by: str


class TakenDown(Shape):
    """Since when the registry shows nothing of the private part any more, and why."""

    since: str
    reason: str


class Listed(Shape):
    """An attestation in a list. It was signed between `notBefore` and `signedAt`."""

    id: str
    type: str
    index: int
    notBefore: str | None  # noqa: N815
    signedAt: str  # noqa: N815
    signer: Signer
    subjects: list[str]
    title: str | None
    names: list[str]
    unlisted: bool
    supersedes: str | None
    supersededBy: str | None  # noqa: N815
    withdrawn: Withdrawn | None
    erased: Erased | None
    takenDown: TakenDown | None  # noqa: N815
    page: str


class Attestation(Listed):
    """One attestation with the registry's own verdict on it, which a client can redo."""

    verdict: Members


class AttestationList(Shape):
    """What is recorded about a digest."""

    attestations: list[Listed]


class Agent(Shape):
    """A delegation and what was signed under it; `live`: in force at the newest checkpoint."""

    agent: int
    delegation: str
    since: str
    until: str
    ended: str | None
    live: bool
    scope: Members
    budget: Members
    humanReview: bool  # noqa: N815
    outputs: int
    outputsToday: int  # noqa: N815


class Ledger(Shape):
    """Works of agents and works by hand; `acts`: statements by the person's own key, after joining.

    `agents`: the newest 200, live ones first.
    """

    agents: list[Agent]
    live: int
    outputsByAgents: int  # noqa: N815
    outputsByHand: int  # noqa: N815
    acts: int


class Recovery(Shape):
    """What waits in a person's key history: until when, and whether it was vetoed."""

    kind: str
    version: str
    digest: str
    until: str
    vetoed: str | None


class Person(Shape):
    """What is public about a person; `name` is their own word. Both names may be erased."""

    scid: str
    did: str
    handle: str | None
    keyCode: str  # noqa: N815
    name: str | None
    frozen: str | None
    erased: Erased | None
    joined: str
    attestations: int
    ledger: Ledger
    recovery: Recovery | None
    page: str


class Member(Shape):
    """Somebody who is a member, or was one until `until`."""

    scid: str
    handle: str | None
    since: str
    until: str | None


class Enterprise(Shape):
    """An enterprise; `name` is its founder's own word. `needed`: members who must approve."""

    id: str
    name: str | None
    founded: str
    needed: int
    members: list[Member]
    page: str


class Entry(Shape):
    """One entry: the leaf is rebuilt from envelope and certificate.

    Of a deliverable that is in no list there is the index, and `private` with that word.
    """

    index: int
    envelope: Members | None = None
    certificate: str | None = None
    token: str | None = None
    private: Members | str | None


class EntryPage(Shape):
    """The published entries of a page."""

    origin: str
    page: int
    size: int
    entries: list[Entry]


class Problem(Shape):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    param: str | None = None


def reference(shape: type[BaseModel]) -> dict[str, str]:
    """Return the JSON reference to a shape that the document defines."""
    return {"$ref": f"#/components/schemas/{shape.__name__}"}
