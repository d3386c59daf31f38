"""Facts of a `revocation`: why a key speaks no more, and since when others may have had it.

    {"reason": "retired", "since": null}
    {"reason": "compromised", "since": "2026-11-03T14:00:00Z"}

A key is revoked from the moment at which that is logged: what it signed before stands. Only who
says `compromised` may name an earlier moment. What was signed between the two is disputed, so the
claim is bounded: nobody can cast doubt on work that is older than MAX_BACKDATING.

`freeze` and `unfreeze` have no facts: they say "stop" and "go on" about all keys of a person.
"""

from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.errors import Malformed
from trust.core.record import Record

RETIRED, LOST, COMPROMISED, REVOKED = "retired", "lost", "compromised", "revoked"
REASONS = (RETIRED, LOST, COMPROMISED, REVOKED)
MAX_BACKDATING = 30 * 24 * 3600  # seconds: as old as a status may be, by default


class RevocationFacts(NamedTuple):
    """Why a key is revoked. `since` is a time, of a compromised key alone."""

    reason: str
    since: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"reason": self.reason, "since": self.since}


def parse_revocation(record: Record) -> RevocationFacts:
    """Read the facts of a revocation.

    Raises:
        Malformed: a reason that is none, a compromise since no moment, or a moment for another
            reason.
    """
    reason = record.one_of("reason", REASONS)
    since = record.nullable("since", record.text)
    if (since is not None) != (reason == COMPROMISED):
        raise Malformed(
            "a compromised key has a moment since which it may have been in other hands, and no "
            "other reason has one",
            f"{record.where}.since",
        )
    if since is not None:
        record.time("since")
    return RevocationFacts(reason, since)


def claimed_since(since: int, logged: int) -> int:
    """Return the moment that a claim reaches back to, for times in seconds; see MAX_BACKDATING."""
    return min(max(since, logged - MAX_BACKDATING), logged)
