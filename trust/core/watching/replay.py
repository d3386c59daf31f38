"""Replaying a log: what follows from its statements, and what contradicts those before it.

Whoever has the published entries comes to the same people, certificates and status lines as the
registry. A statement is taken after `verify` has established it; what is looked at here is how it
stands to those before it:

- token times never fall with the index;
- a certificate was announced by an `issuance` before it was used, and that issuance names an
  enrolment of the same person;
- the key of a person's statement is in their own key history, in a version whose `identity` was
  logged before;
- what has to wait in a key history was announced for 72 hours, and not vetoed (`waits`);
- a person signs with no key that they revoked, and not while they are frozen (`revocations`);
- what an agent signs is within a delegation that was logged before and has not ended, with a number
  that it has not used, and within its budget;
- who speaks for an enterprise is one of its members then, of whom there are at most five;
- a `redaction` that says who asked for it is of what they asked for;
- a `snapshot` is of the status that the statements before it make.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from trust.core.encoding import format_time, parse_time
from trust.core.errors import TouchplateError
from trust.core.judging.authority import check_key, check_registry_key
from trust.core.people.delegation import DelegationFacts
from trust.core.people.did import DidLog
from trust.core.registry.status import Snapshot
from trust.core.registry.status_change import status_change
from trust.core.registry.status_line import Line, State
from trust.core.registry.status_tree import StatusTree
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.facts import (
    DeliverableFacts,
    IdentityFacts,
    IssuanceFacts,
    SnapshotFacts,
)
from trust.core.signing.identity import status_key
from trust.core.signing.redaction import RedactionFacts
from trust.core.verify import Verified
from trust.core.watching.delegations import Delegated, check_output, delegated
from trust.core.watching.enterprises import Enterprises, check_enterprise
from trust.core.watching.finding import Finding
from trust.core.watching.revocations import Revocations
from trust.core.watching.waits import Waits
from trust.core.x509.certificate import Certificate

NO_HISTORY = "no_key_history"
PATIENCE = 600  # seconds for an enrolment to follow its issuance: a registry signs that often

RootAt = Callable[[int], bytes]  # the root of the first entries of the log, by their number


class Identity(NamedTuple):
    """Where a DID version was logged, and the digest of its entry."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    digest: bytes


class Issuance(NamedTuple):
    """A certificate that was announced; `enrolment` None is one of the registry's own."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    time: int
    enrolment: str | None


class Event(NamedTuple):
    """A state of a status line, and the entry that made it."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    k: bytes
    state: State


class Replay:
    """What the first `size` entries of a log say."""

    def __init__(self) -> None:
        """Begin with an empty log."""
        self.size = 0
        self.time = 0  # of the newest token, in seconds
        self.identities: dict[str, dict[str, Identity]] = {}  # by SCID, then version
        self.issuances: dict[bytes, Issuance] = {}  # by SHA-256 of the precertificate TBS
        self.enrolled: dict[str, str] = {}  # SCID by the id of an enrolment or delegation
        self.delegations: dict[str, Delegated] = {}  # by id
        self.enterprises = Enterprises({}, {})
        self.erasures: dict[str, bytes] = {}  # k of what is to be erased, by the id of the request
        self.events: list[Event] = []
        self.revocations = Revocations({}, {})
        self.waits = Waits({}, {})

    def take(
        self, verified: Verified, history: DidLog | None, trust: TrustFile, root_at: RootAt
    ) -> Iterator[Finding]:
        """Take the next statement; yield what contradicts those before it.

        `history` is the key history of the person who signed, None for the registry's statements
        and when it is not at hand.
        """
        where, scid = f"entry {verified.index}", verified.principal.scid
        if verified.signed_at < self.time:
            before, now = format_time(self.time), format_time(verified.signed_at)
            message = f"its time-stamp is of {now}, that of an entry before it of {before}"
            yield Finding("token_order", where, message)
        yield from self.revocations.check(verified, where)
        yield from self.waits.take(verified, where)
        self._record(verified)
        yield from self.check_certificate(verified.certificate, scid, where)
        yield from check_enterprise(self.enterprises, verified)
        if verified.principal.kind == "agent":
            yield from self._check_agent(verified, where)
        elif scid:
            yield from self._check_person(verified, history, where)
        else:
            yield from _check_registry(verified, trust, where)
        facts = verified.statement.facts
        if isinstance(facts, RedactionFacts):
            yield from self._check_redaction(verified, facts, where)
        if isinstance(facts, SnapshotFacts) and facts.result == "status":
            yield from self._check_snapshot(verified, facts, root_at, where)
        self.size, self.time = verified.index + 1, max(self.time, verified.signed_at)

    def lines(self, size: int) -> list[Line]:
        """Return the status lines that the first `size` entries make, sorted by k."""
        lines: dict[bytes, list[State]] = {}
        for event in self.events:
            if event.index < size:
                lines.setdefault(event.k, []).append(event.state)
        return [Line(k, tuple(lines[k])) for k in sorted(lines)]

    def unanswered(self, now: int) -> Iterator[Finding]:
        """Yield each issuance of a person's certificate that no enrolment followed.

        `now` is the time of the newest checkpoint. A join logs both within moments.
        """
        for item in self.issuances.values():
            late = now - item.time > PATIENCE
            if item.enrolment is not None and item.enrolment not in self.enrolled and late:
                yield Finding(
                    "issuance_without_identity",
                    f"entry {item.index}",
                    f"announces a certificate for the enrolment {item.enrolment}, which nobody has "
                    "logged: no key history holds its key. A registry that was killed in the "
                    "middle of a join leaves this behind, and so does one that makes itself a key "
                    "in a person's name",
                )

    def _record(self, verified: Verified) -> None:
        statement, index, scid = verified.statement, verified.index, verified.principal.scid
        facts = statement.facts
        if isinstance(facts, IdentityFacts):
            versions = self.identities.setdefault(facts.scid, {})
            versions.setdefault(facts.version, Identity(index, statement.subjects[0]))
        elif isinstance(facts, IssuanceFacts):
            issuance = Issuance(index, verified.signed_at, facts.enrolment)
            self.issuances.setdefault(statement.subjects[0], issuance)
        elif statement.type == "enrolment":
            self.enrolled.setdefault(verified.id, scid)
        elif isinstance(facts, DelegationFacts):
            self.enrolled.setdefault(verified.id, scid)
            self.delegations.setdefault(verified.id, delegated(verified, facts))
        elif statement.type == "erasure":
            self.erasures.setdefault(verified.id, statement.subjects[0])
        made = status_change(statement, verified.signed_at, scid)
        if made is not None:
            self.events.append(Event(index, *made))
            self.revocations.record(verified, *made)

    def _check_redaction(
        self, verified: Verified, facts: RedactionFacts, where: str
    ) -> Iterator[Finding]:
        """One that was asked for is of what was asked; one that nobody asked for says so."""
        asked = self.erasures.get(facts.erasure or "")
        if facts.erasure is not None and asked != verified.statement.subjects[0]:
            yield Finding(
                "other_redaction",
                where,
                f"says that the erasure {facts.erasure} asked for it, which "
                f"{'is not in the log' if asked is None else 'asked for something else'}",
            )

    def check_certificate(
        self, certificate: Certificate, scid: str, where: str
    ) -> Iterator[Finding]:
        """The SCT promises that the certificate was announced: was it, and for whom?"""
        digest = hashlib.sha256(certificate.precertificate_tbs).digest()
        issuance = self.issuances.get(digest)
        if issuance is None:
            yield Finding(
                "certificate_not_logged", where, "its certificate was never announced in the log"
            )
        elif scid and issuance.index < self._first_identity(scid):
            yield Finding(
                "issuance_without_identity",
                where,
                f"its certificate was announced by entry {issuance.index}, before any key history "
                f"of {scid} was logged",
            )
        elif scid and self.enrolled.get(issuance.enrolment or "") != scid:
            yield Finding(
                "issuance_without_identity",
                where,
                f"its certificate was announced by entry {issuance.index} for the enrolment "
                f"{issuance.enrolment or 'of nobody'}, which is not one of {scid}",
            )

    def _check_agent(self, verified: Verified, where: str) -> Iterator[Finding]:
        yield from check_output(self.delegations, verified)
        facts, scid = verified.statement.facts, verified.principal.scid
        name = facts.delegation if isinstance(facts, DeliverableFacts) else None
        k = status_key("statement", name or "")
        ends = [
            event.index
            for event in self.events
            if event.k == k and (event.state.state, event.state.by) == ("withdrawn", scid)
        ]
        if ends:
            message = f"the delegation {name} had been withdrawn by entry {ends[0]}"
            yield Finding("delegation_ended", where, message)

    def _first_identity(self, scid: str) -> int:
        """Return where the first DID version of a person was logged; the size if none was."""
        places = [item.index for item in self.identities.get(scid, {}).values()]
        return min(places, default=self.size)

    def _check_person(
        self, verified: Verified, history: DidLog | None, where: str
    ) -> Iterator[Finding]:
        scid, version = verified.principal.scid, verified.statement.signer.version or ""
        if history is None:
            yield Finding(NO_HISTORY, where, f"there is no key history of {scid}")
            return
        yield from self.waits.check(verified, history, where)
        try:
            check_key(verified, history)
        except TouchplateError as error:
            yield Finding(
                "issuance_without_identity",
                where,
                f"is signed by a key that the person {scid} never authorised, under a certificate "
                f"of the registry: {error}",
            )
            return
        logged = self.identities.get(scid, {}).get(version)
        if logged is None:
            yield Finding(
                "issuance_without_identity", where, f"the DID version {version} was never logged"
            )
        elif logged.digest != history.at(version).digest:
            yield Finding(
                "other_identity",
                where,
                f"the DID version {version} that entry {logged.index} logged is another one than "
                "the registry gives out",
            )

    def _check_snapshot(
        self, verified: Verified, facts: SnapshotFacts, root_at: RootAt, where: str
    ) -> Iterator[Finding]:
        if facts.size > verified.index:
            yield Finding("other_snapshot", where, f"is of a log of {facts.size} entries")
            return
        tree = StatusTree(self.lines(facts.size))
        origin, time = verified.origin, parse_time(facts.time)
        made = Snapshot(origin, facts.size, root_at(facts.size), time, len(tree.lines), tree.root)
        if hashlib.sha256(made.encode()).digest() != verified.statement.subjects[0]:
            yield Finding(
                "other_snapshot",
                where,
                f"the status of {facts.size} entries that it names is not the one that follows "
                "from them",
            )


def _check_registry(verified: Verified, trust: TrustFile, where: str) -> Iterator[Finding]:
    try:
        check_registry_key(verified, trust)
    except TouchplateError as error:
        yield Finding("unlisted_registry_key", where, f"{error} is not in the trust file")
