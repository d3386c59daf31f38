"""What a replay knows of agents: who delegated what, and how much of it was used.

The names of files are not published, so that nobody but the registry and a reader of the dossier
sees whether an agent kept to its paths and media types. All other limits are checked here.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from trust.core.errors import VerificationFailed
from trust.core.judging.agency import use_of
from trust.core.people.delegation import DelegationFacts, Use, check_length, check_use
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.statement import SignerRef
from trust.core.verify import Verified
from trust.core.watching.finding import Finding

DAY = 24 * 3600  # seconds


class Delegated(NamedTuple):
    """A delegation as it was logged, and the numbers that were used under it, by token time."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    time: int
    scid: str
    signer: SignerRef
    facts: DelegationFacts
    used: list[tuple[int, int]]  # token time, number


def delegated(verified: Verified, facts: DelegationFacts) -> Delegated:
    """Take up a delegation under which nothing was signed yet."""
    scid, signer = verified.principal.scid, verified.statement.signer
    return Delegated(verified.index, verified.signed_at, scid, signer, facts, [])


def check_output(known: Mapping[str, Delegated], verified: Verified) -> Iterator[Finding]:
    """Take what an agent signed; yield where it goes beyond what it was let.

    `known`: the delegations that were logged before, by their ids; what was used is noted there.
    """
    where, facts = f"entry {verified.index}", verified.statement.facts
    name = facts.delegation if isinstance(facts, DeliverableFacts) else None
    behind = known.get(name or "")
    if behind is None:
        yield Finding("no_delegation", where, f"no delegation {name} was logged before it")
        return
    if not _is_to(behind, verified):
        yield Finding("other_delegation", where, f"the delegation {name} is to another agent")
    try:
        use = use_of(verified.statement, verified.signed_at, None)
        check_length(behind.facts, behind.time)
        check_use(behind.facts, use)
    except VerificationFailed as error:
        yield Finding(error.reason, where, f"agent {behind.facts.agent}: {error}")
        return
    yield from _check_budget(behind, use, where)
    behind.used.append((use.signed_at, use.number))


def _is_to(behind: Delegated, verified: Verified) -> bool:
    who, facts = verified.principal, behind.facts
    named = (who.scid, verified.statement.signer, who.number, verified.certificate.point)
    return named == (behind.scid, behind.signer, facts.agent, facts.key)


def _check_budget(behind: Delegated, use: Use, where: str) -> Iterator[Finding]:
    agent, most = behind.facts.agent, behind.facts.budget.per_day
    if any(number == use.number for _, number in behind.used):
        message = f"agent {agent} of {behind.scid} had used number {use.number} already"
        yield Finding("number_used_twice", where, message)
    count = sum(time > use.signed_at - DAY for time, _ in behind.used)
    if count >= most:
        message = f"agent {agent} of {behind.scid} may sign {most} times in 24 hours"
        yield Finding("over_budget", where, message)
