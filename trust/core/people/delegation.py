"""A delegation: a person lets a key of an agent sign for them, within limits, for a while.

    {"agent": n, "key": multikey, "keyDetails": "PKIX_ECDSA_P256_SHA_256",
     "scope": {"mediaTypes": [..], "pathPatterns": [..], "enterprise": null or an id},
     "budget": {"perDay", "total"}, "expires": time, "humanReview": true or false}

An empty list sets no limit. What an agent signs names the id of its delegation and a number of its
own, from 1 to `budget.total`, each used once: like the cheques of one book. An agent signs nothing
but deliverables, so it can neither delegate further nor end anything.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.errors import Malformed, VerificationFailed
from trust.core.people.multikey import p256_multikey, parse_p256
from trust.core.people.pattern import (
    MAX_PATTERN,
    check_media_type,
    check_pattern,
    is_of_type,
    matches,
)
from trust.core.record import Record, repeated

STEP = 7
LONGEST = 90 * 24 * 3600  # seconds from the delegation's token time to `expires`
MAX_LIMITS = 16  # media types, and patterns of paths
MAX_AGENT = 1_000_000  # agents of one person, ended ones included
MAX_BUDGET = 1_000_000  # statements
KEY_DETAILS = "PKIX_ECDSA_P256_SHA_256"


class Scope(NamedTuple):
    """What an agent may sign. `enterprise`: the one on whose behalf, and then only that."""

    media_types: tuple[str, ...] = ()
    path_patterns: tuple[str, ...] = ()
    enterprise: str | None = None

    @property
    def limits_names(self) -> bool:
        """Whether the names of the files decide."""
        return bool(self.media_types or self.path_patterns)


class Budget(NamedTuple):
    """How many statements an agent may log: in any 24 hours, and in all."""

    per_day: int
    total: int


class DelegationFacts(NamedTuple):
    """What a person delegates: to the agent of a number and a key (65-byte point), until when."""

    agent: int
    key: bytes
    scope: Scope
    budget: Budget
    expires: int
    human_review: bool = False

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {
            "agent": self.agent,
            "key": p256_multikey(self.key),
            "keyDetails": KEY_DETAILS,
            "scope": {
                "mediaTypes": list(self.scope.media_types),
                "pathPatterns": list(self.scope.path_patterns),
                "enterprise": self.scope.enterprise,
            },
            "budget": {"perDay": self.budget.per_day, "total": self.budget.total},
            "expires": format_time(self.expires),
            "humanReview": self.human_review,
        }


class Use(NamedTuple):
    """What of a statement a delegation is asked about.

    `names` None: they are not at hand. `whole`: a directory by its manifest, with the one name.
    """

    number: int
    signed_at: int
    names: Sequence[str] | None
    whole: bool = False
    enterprise: str | None = None


def parse_delegation(record: Record, take_id: Callable[[Record, str], str]) -> DelegationFacts:
    """Read the facts of a delegation; `take_id` takes a member that is an id."""
    record.constant("keyDetails", KEY_DETAILS)
    point = parse_p256(record.text("key", 100), f"{record.where}.key")
    if point is None:
        raise Malformed("a key of another kind, expected a P-256 Multikey", f"{record.where}.key")
    budget = record.record("budget")
    facts = DelegationFacts(
        agent=_bounded(record, "agent", MAX_AGENT),
        key=point,
        scope=_scope(record.record("scope"), take_id),
        budget=Budget(
            _bounded(budget, "perDay", MAX_BUDGET), _bounded(budget, "total", MAX_BUDGET)
        ),
        expires=record.time("expires"),
        human_review=record.boolean("humanReview"),
    )
    budget.done()
    return facts


def check_length(facts: DelegationFacts, since: int) -> None:
    """Require that a delegation made at `since` ends later, and within 90 days."""
    if facts.expires <= since:
        raise _refused("delegation_expired", "the delegation ends before it begins")
    if facts.expires - since > LONGEST:
        raise _refused(
            "delegation_too_long",
            f"the delegation lasts until {format_time(facts.expires)}, expected at most "
            f"{LONGEST // 86400} days",
        )


def check_use(facts: DelegationFacts, use: Use) -> None:
    """Require that a statement is within a delegation; names that are not at hand are passed over.

    Raises:
        VerificationFailed: step 7, naming the rule that it breaks.
    """
    if use.signed_at >= facts.expires:
        raise _refused(
            "delegation_expired", f"the delegation ended on {format_time(facts.expires)}"
        )
    if use.number > facts.budget.total:
        raise _refused(
            "over_budget",
            f"number {use.number}, and the delegation is for {facts.budget.total} statements",
        )
    if use.enterprise != facts.scope.enterprise:
        allowed = facts.scope.enterprise
        asked = "nobody else" if use.enterprise is None else f"the enterprise {use.enterprise}"
        limit = "for no enterprise" if allowed is None else f"for the enterprise {allowed} alone"
        raise _out_of_scope(f"signed on behalf of {asked}, and the delegation is {limit}")
    if use.names is not None:
        _check_names(facts.scope, use.names, whole=use.whole)


def _check_names(scope: Scope, names: Sequence[str], *, whole: bool) -> None:
    for name in names:
        if scope.path_patterns and not any(matches(item, name) for item in scope.path_patterns):
            raise _out_of_scope(
                f"{name[:60]!r} is outside the paths {', '.join(scope.path_patterns)[:200]}"
            )
        if not scope.media_types:
            continue
        allowed = ", ".join(scope.media_types)[:200]
        if whole:
            raise _out_of_scope(f"a whole directory has no media type, allowed are {allowed}")
        if not any(is_of_type(name, item) for item in scope.media_types):
            raise _out_of_scope(f"{name[:60]!r} is of none of the media types {allowed}")


def _scope(record: Record, take_id: Callable[[Record, str], str]) -> Scope:
    scope = Scope(
        media_types=_limits(record, "mediaTypes", check_media_type),
        path_patterns=_limits(record, "pathPatterns", check_pattern),
        enterprise=record.nullable("enterprise", lambda name: take_id(record, name)),
    )
    record.done()
    return scope


def _limits(record: Record, name: str, check: Callable[[str, str], str]) -> tuple[str, ...]:
    texts = record.texts(name, 0, MAX_LIMITS, MAX_PATTERN)
    where = f"{record.where}.{name}"
    for text in texts:
        check(text, where)
    if len(set(texts)) != len(texts):
        raise Malformed(f"{repeated(texts)!r} stands there twice", where)
    return texts


def _bounded(record: Record, name: str, most: int) -> int:
    value = record.integer(name, lowest=1)
    if value > most:
        raise Malformed(f"{value}, expected at most {most}", f"{record.where}.{name}")
    return value


def _refused(reason: str, message: str) -> VerificationFailed:
    return VerificationFailed(STEP, reason, message)


def _out_of_scope(message: str) -> VerificationFailed:
    return _refused("out_of_scope", f"out of scope: {message}")
