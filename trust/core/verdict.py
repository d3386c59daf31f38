"""The answer to a relying party: one code, one sentence, reasons, and what was checked."""

from enum import StrEnum
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.log.witness import Cosigned


class Code(StrEnum):
    """One verdict code; `exit_status` is that of the command line.

    Of several with one exit status the first in this order is given.
    """

    SUPERSEDED = "superseded"
    VALID_BEFORE_REVOCATION = "valid_before_revocation"
    VALID = "valid"
    INVALID = "invalid"
    MISMATCH = "mismatch"
    UNREADABLE = "unreadable"
    NOT_FOUND = "not_found"
    OTHER_SIGNER = "other_signer"
    REVOKED = "revoked"
    DISPUTED = "disputed"
    FROZEN = "frozen"
    COULD_NOT_CHECK = "could_not_check"

    @property
    def holds(self) -> bool:
        """Whether everything that was asked holds, with or without a notice."""
        return self.exit_status == 0

    @property
    def exit_status(self) -> int:
        """The exit status of `touchplate verify` for this code."""
        return _EXITS[self]


_EXITS = {
    Code.VALID: 0,
    Code.SUPERSEDED: 0,
    Code.VALID_BEFORE_REVOCATION: 0,
    Code.MISMATCH: 1,
    Code.INVALID: 1,
    Code.UNREADABLE: 2,
    Code.NOT_FOUND: 3,
    Code.OTHER_SIGNER: 4,
    Code.REVOKED: 5,
    Code.DISPUTED: 5,
    Code.FROZEN: 5,
    Code.COULD_NOT_CHECK: 6,
}
_WORST_FIRST = (1, 2, 5, 4, 3, 6, 0)


def worst(statuses: list[int]) -> int:
    """Return the worst exit status, in the order 1, 2, 5, 4, 3, 6, 0; requires at least one."""
    return min(statuses, key=_WORST_FIRST.index)


class Result(StrEnum):
    """What one check came to."""

    YES = "yes"
    NO = "no"
    COULD_NOT_CHECK = "could not check"
    NOT_CHECKED = "not checked by this version"


class Check(NamedTuple):
    """One question of the four that people ask, or one numbered step: its answer in words."""

    id: str
    result: Result
    text: str


class Reason(NamedTuple):
    """Why the code is not `valid`: a stable word for machines and a sentence for people.

    `step` is the number of the step that it puts in question.
    """

    code: Code
    word: str
    text: str
    step: int = 0


class Dated(NamedTuple):
    """A time stamp of somebody whom the relying party trusts with it: seen by then, in seconds."""

    authority: str
    time: int


class DelegationView(NamedTuple):
    """That an agent signed, and under which delegation; times in seconds.

    Without `id` the delegation was not established.
    """

    agent: int
    id: str | None = None
    since: int = 0
    until: int = 0
    human_review: bool = False

    def to_json(self) -> dict[str, Json]:
        """Return the member `delegation` of a signer."""
        known = self.id is not None
        return {
            "agent": self.agent,
            "id": self.id,
            "since": format_time(self.since) if known else None,
            "until": format_time(self.until) if known else None,
            "humanReview": self.human_review if known else None,
        }


class Present(NamedTuple):
    """That somebody unlocked a passkey for the statement: how sure, and since when it is known."""

    level: str  # of `people.presence`
    registered: int  # seconds

    def to_json(self) -> dict[str, Json]:
        """Return the member `presence` of a verdict."""
        return {"level": self.level, "registered": format_time(self.registered)}


class Erased(NamedTuple):
    """Since when names and words are gone, in seconds, and who wanted it: `signer`, `registry`."""

    since: int
    by: str

    def to_json(self) -> dict[str, Json]:
        """Return the member `erased` of a verdict."""
        return {"since": format_time(self.since), "by": self.by}


class EnterpriseView(NamedTuple):
    """For whom a signer signed. `name` is the enterprise's own word, unchecked.

    `approved` of the `needed` members have approved; 0 when nothing was established.
    """

    id: str
    name: str | None = None
    approved: int = 0
    needed: int = 0

    def to_json(self) -> dict[str, Json]:
        """Return the member `enterprise` of a signer."""
        return {
            "id": self.id,
            "name": self.name,
            "approved": self.approved,
            "needed": self.needed,
        }


class SignerView(NamedTuple):
    """Who signed, as far as it was established. `name` is the profile's own word, unchecked.

    With a `delegation` an agent of this person signed, with an `enterprise` on its behalf.
    """

    scid: str
    key_code: str
    handle: str | None
    name: str | None
    registry: str
    delegation: DelegationView | None = None
    enterprise: EnterpriseView | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the member `signer` of a verdict."""
        return {
            "scid": self.scid,
            "keyCode": self.key_code,
            "handle": self.handle,
            "name": self.name,
            "registry": self.registry,
            "delegation": None if self.delegation is None else self.delegation.to_json(),
            "enterprise": None if self.enterprise is None else self.enterprise.to_json(),
        }


class Verdict(NamedTuple):
    """The whole answer. `rows` are the four questions of people; `steps` carry the numbers."""

    code: Code
    sentence: str
    reasons: tuple[Reason, ...]
    rows: tuple[Check, ...]
    steps: tuple[Check, ...]
    not_said: tuple[str, ...]
    would_change: tuple[str, ...]
    signer: SignerView | None = None
    expected: str | None = None
    signed: tuple[int, int] | None = None
    as_of: int | None = None
    witnesses: Cosigned | None = None
    dated: tuple[Dated, ...] = ()
    id: str | None = None
    superseded_by: str | None = None
    erased: Erased | None = None
    presence: Present | None = None

    def says(self, word: str) -> bool:
        """Say whether a reason of the catalogue is among those given."""
        return any(item.word == word for item in self.reasons)

    def to_json(self) -> dict[str, Json]:
        """Return the members of `--json` and of the API."""
        return {
            "verdict": self.code.value,
            "exit": self.code.exit_status,
            "sentence": self.sentence,
            "reasons": [{"code": item.word, "text": item.text} for item in self.reasons],
            "attestation": self.id,
            "supersededBy": self.superseded_by,
            "erased": None if self.erased is None else self.erased.to_json(),
            "presence": None if self.presence is None else self.presence.to_json(),
            "signer": None if self.signer is None else self.signer.to_json(),
            "expectedSigner": self.expected,
            "signed": None
            if self.signed is None
            else {
                "notBefore": format_time(self.signed[0]),
                "notAfter": format_time(self.signed[1]),
            },
            "witnesses": None
            if self.witnesses is None
            else {
                "operators": list(self.witnesses.operators),
                "of": self.witnesses.of,
                "enough": self.witnesses.enough,
            },
            "timestamps": [
                {"authority": item.authority, "time": format_time(item.time)} for item in self.dated
            ],
            "asOf": None if self.as_of is None else format_time(self.as_of),
            "checks": [_check_json(item) for item in self.rows],
            "steps": [_check_json(item) for item in self.steps],
            "notSaid": list(self.not_said),
            "wouldChange": list(self.would_change),
        }


def _check_json(check: Check) -> dict[str, Json]:
    return {"id": check.id, "result": check.result.value, "text": check.text}
