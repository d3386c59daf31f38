"""Following the log: did what has to wait in a key history wait, and did nobody refuse it?

A registry logs the `identity` of a recovery, and of an entry that drops the recovery key, only once
it was announced for 72 hours and nobody vetoed it. One that does so at once takes a person over.
"""

from collections.abc import Iterator
from typing import NamedTuple

from trust.core.encoding import format_time
from trust.core.errors import VerificationFailed
from trust.core.people.did import DidLog
from trust.core.people.recovery import WAIT, RecoveryFacts, VetoFacts, kind_of
from trust.core.signing.facts import IdentityFacts
from trust.core.verify import Verified
from trust.core.watching.finding import Finding


class Waits(NamedTuple):
    """What the entries so far announced and refused, by the digest of a DID entry.

    `announced` is the token time of the first announcement, in seconds; `vetoed` the SCID of who
    refused. Both grow with `take`.
    """

    announced: dict[bytes, int]
    vetoed: dict[bytes, str]

    def take(self, verified: Verified, where: str) -> Iterator[Finding]:
        """Take a statement; yield how an `identity` contradicts what was announced and refused."""
        facts, digest = verified.statement.facts, verified.statement.subjects[0]
        if isinstance(facts, RecoveryFacts):
            self.announced.setdefault(digest, verified.signed_at)
        elif isinstance(facts, VetoFacts):
            self.vetoed.setdefault(digest, verified.principal.scid)
        elif isinstance(facts, IdentityFacts) and digest in self.announced:
            ends = self.announced[digest] + WAIT
            if verified.signed_at < ends:
                message = (
                    f"makes a change of {facts.scid} that had to wait until {format_time(ends)}"
                )
                yield Finding("did_not_wait", where, message)
            if self.vetoed.get(digest) == facts.scid:
                message = f"makes a change that {facts.scid} had vetoed"
                yield Finding("did_not_wait", where, message)

    def check(self, verified: Verified, history: DidLog, where: str) -> Iterator[Finding]:
        """Yield if a person's key stands in a version that should have been announced."""
        try:
            entry = history.at(verified.statement.signer.version or "")
        except VerificationFailed:
            return  # said elsewhere
        if entry.number == 1 or entry.digest in self.announced:
            return
        if kind_of(history.entries[entry.number - 2], entry) != "device":
            message = (
                f"is signed under version {entry.version_id}, by the recovery key or without it, "
                "which was never announced"
            )
            yield Finding("did_not_wait", where, message)
