"""Step 7, the key-history half: did the signer's own key history authorise this key?

The registry issues certificates, so a certificate alone is the registry's word. What counts is that
the certificate's key is a verification method of the DID-log version which the statement names, in
a log that begins with the SCID itself. The registry's own statements end in the trust file instead.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.errors import Malformed, NotInTrustFile, VerificationFailed
from trust.core.judging.agency import Delegation
from trust.core.keys.p256 import spki
from trust.core.people.did import DidLog, parse_log
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.facts import IdentityFacts
from trust.core.signing.identity import member_key
from trust.core.signing.private import HandlePart, PrivatePart, ProfilePart, parse_private
from trust.core.verdict import Present
from trust.core.verify import Verified

STEP = 7


class Link(NamedTuple):
    """A membership that was needed: from when on it was in force, and at which moment. Seconds."""

    scid: str
    since: int
    at: int


class OnBehalf(NamedTuple):
    """For whom a deliverable was signed. `name` is the enterprise's own word, if it is at hand.

    `approved`: the SCIDs of the members who approved, the signer's first. `rests_on`: what others
    signed that says so.
    """

    enterprise: str
    name: str | None
    needed: int
    approved: tuple[str, ...]
    links: tuple[Link, ...]
    rests_on: tuple[Verified, ...] = ()

    @property
    def names(self) -> tuple[bytes, ...]:
        """The names of status lines that say who has left."""
        return tuple(dict.fromkeys(member_key(self.enterprise, link.scid) for link in self.links))


class Authorised(NamedTuple):
    """A signer whose authority was established. Handle and name as far as they are at hand.

    `delegation`: an agent of theirs signed, and this let it. `on_behalf`: of an enterprise that the
    statement names. `presence`: a passkey was unlocked.
    """

    scid: str
    handle: str | None = None
    name: str | None = None
    delegation: Delegation | None = None
    on_behalf: OnBehalf | None = None
    presence: Present | None = None


def check_registry_key(verified: Verified, trust: TrustFile) -> None:
    """Require that a registry statement is signed by a registry key of the trust file.

    Raises:
        NotInTrustFile: the key was not listed for the token's time.
    """
    key = spki(verified.certificate.point)
    if not any(
        item.spki == key and item.validity.holds(verified.signed_at) for item in trust.registry_keys
    ):
        raise NotInTrustFile(STEP, "registry_key", "the registry key of a statement")


def read_key_histories(
    verified: Verified, supporting: Sequence[Verified], did_logs: Sequence[list[Json]]
) -> dict[str, DidLog]:
    """Return the verified DID logs by SCID; nothing when there is no DID log at all.

    Raises:
        Malformed: DID logs are there, but not the signer's, one twice, or that of somebody who
            signed nothing here.
        VerificationFailed: a log does not hold (step 7).
    """
    logs: dict[str, DidLog] = {}
    people = {item.principal.scid for item in (verified, *supporting)}
    for place, entries in enumerate(did_logs):
        log = parse_log(entries)
        if log.scid in logs or log.scid not in people:
            who = f"the signer is {verified.principal.scid}"
            raise Malformed(f"the DID log is of {log.scid}, {who}", f"didLogs[{place}]")
        logs[log.scid] = log
    if logs and verified.principal.scid not in logs:
        raise Malformed(f"no DID log of the signer {verified.principal.scid}", "didLogs")
    return logs


def check_key(verified: Verified, log: DidLog | None) -> None:
    """Require that the DID version which a statement names holds the certificate's key.

    Raises:
        VerificationFailed: another person, no such version, or a key that it does not hold.
    """
    signer = verified.statement.signer
    if log is None or log.scid != verified.principal.scid or signer.version is None:
        raise VerificationFailed(STEP, "other_key_history", "the key history is of another signer")
    entry = log.at(signer.version)  # a DID may have moved to another host since
    if entry.did != signer.id:
        raise VerificationFailed(STEP, "other_key_history", "the key history is of another signer")
    if verified.certificate.point not in entry.signing_keys:
        raise VerificationFailed(
            STEP, "key_not_in_history", "the signer's own key history does not hold this key"
        )


def check_identity(
    logs: Mapping[str, DidLog], signed: Verified, supporting: Sequence[Verified]
) -> bool:
    """Say whether the registry logged a statement's DID version; a contradiction is an error."""
    log, version, logged = logs[signed.principal.scid], signed.statement.signer.version, False
    for item in supporting:
        facts = item.statement.facts
        if isinstance(facts, IdentityFacts) and facts.scid == log.scid:
            if item.statement.subjects[0] != log.at(facts.version).digest:
                raise VerificationFailed(
                    STEP, "other_identity", "the logged DID entry differs from the one at hand"
                )
            logged = logged or facts.version == version
    return logged


def introduce(
    scid: str, supporting: Sequence[Verified], private: Mapping[bytes, dict[str, Json]]
) -> Authorised:
    """Return handle and name that the signer's own statements give, the latest of each."""
    handle = name = None
    for item in sorted(supporting, key=lambda item: item.index):
        if item.principal.scid != scid:
            continue
        part = private_part(item, private)
        if isinstance(part, HandlePart):
            handle = part.handle
        elif isinstance(part, ProfilePart):
            name = part.name
    return Authorised(scid, handle, name)


def private_part(
    verified: Verified, private: Mapping[bytes, dict[str, Json]]
) -> PrivatePart | None:
    """Return the private part that a statement names, if it is at hand; raise Malformed if bad."""
    digest = verified.statement.private
    if digest is None or digest not in private:
        return None
    return parse_private(private[digest], verified.statement.type)
