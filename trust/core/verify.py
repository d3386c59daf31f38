"""Verification, steps 0 to 6: is this bundle what it claims to be?

The numbers are those of specs/verification.md:

    0  parse strictly, limits first          `trust.core.signing.bundle`, `.statement`
    1  subject: the file in hand             judged last, so that it is said only of a good bundle
    2  signature over the PAE as received
    3  certificate: chain, usages, SAN, SCT; hosts and origins agree
    4  time: the token covers this signature; `notBefore` gives the other side
    5  log: rebuild the leaf, walk the proof, check the checkpoint
    6  witnesses: whose cosignatures the checkpoint bears, against the policy of the trust file

Fewer witnesses than the policy asks for is no refusal: every answer says how many there were.

`verify` opens no socket and reads no clock. It raises, or returns what it established; whether that
is enough for a relying party is `trust.core.judge`.
"""

import hashlib
from typing import NamedTuple

from trust.core.errors import Malformed, NotInTrustFile, TouchplateError, VerificationFailed
from trust.core.keys.p256 import point_from_spki
from trust.core.keys.p256 import spki as p256_spki
from trust.core.keys.p256 import verify as verify_p256
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint
from trust.core.log.entry import leaf_entry
from trust.core.log.merkle import leaf_hash, root_from_inclusion
from trust.core.log.note import Note
from trust.core.log.witness import Cosigned, WitnessPolicy
from trust.core.people.did import scid_of
from trust.core.registry.trust_file import Log, TrustFile
from trust.core.signing.bundle import Bundle
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import Principal, parse_principal, statement_id
from trust.core.signing.statement import REGISTRY_TYPES, Statement, parse_statement
from trust.core.signing.subjects import Subjects, match_subjects
from trust.core.x509.certificate import (
    Certificate,
    check_leaf,
    check_sct,
    parse_certificate,
)
from trust.core.x509.timestamp import verify_timestamp

CLOCK_SKEW = 60  # seconds that the reader's clock may lag behind the registry's
ONLINE_WINDOW = 24 * 3600  # seconds that notBefore may lie before the token, unless offline


class Verified(NamedTuple):
    """What steps 0 to 6 established. Times are seconds; `not_before` and `signed_at` bracket it."""

    statement: Statement
    id: str
    principal: Principal
    certificate: Certificate
    index: int  # type: ignore[assignment]  # hides a method of tuple
    checkpoint: SignedCheckpoint
    cosigned: Cosigned
    not_before: int
    signed_at: int

    @property
    def origin(self) -> str:
        """The log that holds the entry."""
        return self.statement.registry.origin

    @property
    def key_name(self) -> str:
        """Hex SHA-256 of the signing key's SPKI: its name in status lines."""
        return hashlib.sha256(p256_spki(self.certificate.point)).hexdigest()


def verify(bundle: Bundle, subjects: Subjects | None, trust: TrustFile, at: int) -> Verified:
    """Verify a bundle against a trust file.

    Args:
        bundle: as parsed from bytes (step 0).
        subjects: the files in hand; None for a supporting bundle, which is about no file.
        trust: the pinned trust file of the registry.
        at: seconds; the token may not be later, but for the lag of a clock.

    Raises:
        Malformed: the payload, certificate or a note is not in its format (step 0).
        NotInTrustFile: a log, CA, TSA or registry key that `trust` does not list.
        VerificationFailed: steps 2 to 6, by number and reason.
        SubjectMismatch: step 1, after all others held.
    """
    statement = parse_statement(bundle.envelope.payload)  # 0
    certificate = parse_certificate(bundle.certificate)
    log = _listed_log(statement, bundle, trust)
    _check_signature(bundle, certificate)  # 2
    signed_at = _check_token(bundle, trust, at)  # 4, its first half: it dates the checks of 3
    principal = _check_certificate(bundle, certificate, statement, trust, signed_at)  # 3
    not_before = _check_not_before(statement, log, bundle.proof.index, signed_at)  # 4
    checkpoint = _check_log(bundle, log, signed_at)  # 5
    cosigned = _count_witnesses(checkpoint, trust.witness_policy)  # 6
    if subjects is not None:
        match_subjects(statement, subjects)  # 1
    return Verified(
        statement=statement,
        id=statement_id(statement.registry.origin, principal.who, statement.salt),
        principal=principal,
        certificate=certificate,
        index=bundle.proof.index,
        checkpoint=checkpoint,
        cosigned=cosigned,
        not_before=not_before,
        signed_at=signed_at,
    )


def _listed_log(statement: Statement, bundle: Bundle, trust: TrustFile) -> Log:
    """Find the log that the statement was meant for; it must be the one that holds it."""
    log = trust.log(statement.registry.origin)
    if log is None:
        raise NotInTrustFile(3, "log", f"log {statement.registry.origin!r}")
    if statement.registry.log_id != log.log_key.full_id:
        raise NotInTrustFile(3, "log", f"another key of log {log.origin!r}")
    if bundle.proof.log_id != log.log_key.full_id:
        raise VerificationFailed(5, "other_log", "logged in another log than the signer named")
    return log


def _check_signature(bundle: Bundle, certificate: Certificate) -> None:
    try:
        verify_p256(certificate.point, bundle.envelope.pae, bundle.envelope.signature, low_s=True)
    except TouchplateError as error:
        raise VerificationFailed(2, "bad_signature", f"signature: {error}") from error


def _check_token(bundle: Bundle, trust: TrustFile, at: int) -> int:
    """Return the token's time; one of the listed TSAs must have signed it while it was in use."""
    refusal: TouchplateError = NotInTrustFile(4, "tsa", "no time-stamping authority is listed")
    for authority in trust.timestamp_authorities:
        tsa, root = authority.chain[0], authority.chain[-1]
        try:
            seconds = verify_timestamp(bundle.token, bundle.envelope.signature, tsa, root)
        except VerificationFailed as error:
            if error.reason != "other_tsa":
                raise  # this TSA's own token, and it does not hold: another cannot mend that
            refusal = error
            continue
        if not authority.validity.holds(seconds):
            raise VerificationFailed(4, "tsa_out_of_use", "the token is outside its TSA's time")
        if seconds > at + CLOCK_SKEW:
            raise VerificationFailed(4, "token_from_the_future", "the token is later than now")
        return seconds
    if isinstance(refusal, VerificationFailed) and refusal.reason == "other_tsa":
        raise NotInTrustFile(4, "tsa", "the time-stamping authority of the token") from refusal
    raise refusal


def _check_certificate(
    bundle: Bundle,
    certificate: Certificate,
    statement: Statement,
    trust: TrustFile,
    signed_at: int,
) -> Principal:
    """Chain, usages and SCT at the token time; then SAN, issuer URL, signer and type agree."""
    authority = next(
        (
            item
            for item in trust.authorities
            if item.chain[0].subject == certificate.issuer and item.validity.holds(signed_at)
        ),
        None,
    )
    if authority is None:
        raise NotInTrustFile(3, "ca", "the issuer of the certificate")
    check_leaf(certificate, authority.chain[0], signed_at)
    if certificate.issuer_url != trust.public_url or certificate.san_uri is None:
        raise VerificationFailed(3, "other_registry", "the certificate is of another registry")
    principal = parse_principal(certificate.san_uri, trust.public_url)
    first = bundle.proof.index == 0 and statement.type == "issuance"
    if not (first and certificate.sct is None and principal.kind == "registry"):
        # Entry 0 is the issuance of the registry's own certificate: its SCT comes after it.
        keys = {
            log_id: point_from_spki(key.spki)
            for log_id, key in trust.sct_keys.items()
            if key.validity.holds(signed_at)
        }
        check_sct(certificate, authority.chain[0], keys)
    _check_signer(statement, principal, trust)
    return principal


def _check_signer(statement: Statement, principal: Principal, trust: TrustFile) -> None:
    """The signer that the statement names is the one that the certificate names."""
    facts = statement.facts
    by_agent = isinstance(facts, DeliverableFacts) and facts.delegation is not None
    by_registry = statement.type in REGISTRY_TYPES
    if (principal.kind == "registry", principal.kind == "agent") != (by_registry, by_agent):
        raise VerificationFailed(
            3, "wrong_signer_kind", f"a {statement.type} signed by a {principal.kind}"
        )
    if principal.kind == "registry":
        if statement.signer.id != principal.uri(trust.public_url):
            raise VerificationFailed(3, "other_signer", "the statement names another signer")
    elif scid_of(statement.signer.id) != principal.scid:
        raise VerificationFailed(3, "other_signer", "the statement names another signer")


def _check_not_before(statement: Statement, log: Log, index: int, signed_at: int) -> int:
    """Return the time before which the statement cannot have been signed."""
    try:
        note = open_checkpoint(statement.not_before, log.log_key, log.clock_key)
    except TouchplateError as error:
        raise VerificationFailed(4, "bad_not_before", f"notBefore: {error}") from error
    if note.checkpoint.size > index:
        raise VerificationFailed(4, "bad_not_before", "notBefore is of a log that holds the entry")
    if note.time > signed_at:
        raise VerificationFailed(4, "bad_not_before", "notBefore is later than the token")
    facts = statement.facts
    offline = isinstance(facts, DeliverableFacts) and facts.offline
    if signed_at - note.time > ONLINE_WINDOW and not offline:
        raise VerificationFailed(
            4, "not_before_too_old", "notBefore is over 24 hours old and not said to be offline"
        )
    return note.time


def _check_log(bundle: Bundle, log: Log, signed_at: int) -> SignedCheckpoint:
    """Rebuild the leaf from envelope and certificate, and lead it to a signed checkpoint."""
    proof = bundle.proof
    digest = hashlib.sha256(bundle.envelope.pae).digest()
    if leaf_entry(digest, bundle.envelope.signature, bundle.certificate) != proof.leaf:
        raise VerificationFailed(5, "other_leaf", "the log entry is of another signature")
    try:
        root = root_from_inclusion(proof.index, proof.size, leaf_hash(proof.leaf), proof.hashes)
        signed = open_checkpoint(proof.checkpoint, log.log_key, log.clock_key)
    except Malformed as error:
        raise VerificationFailed(5, "bad_log_proof", f"log proof: {error}") from error
    except VerificationFailed as error:
        raise VerificationFailed(5, "bad_checkpoint", f"checkpoint: {error}") from error
    if root != proof.root or (signed.checkpoint.size, signed.checkpoint.root) != (proof.size, root):
        raise VerificationFailed(5, "bad_log_proof", "the proof does not lead to the checkpoint")
    if log.closed is not None and (proof.size, root) != log.closed:
        raise VerificationFailed(5, "closed_log", "the proof does not end where the log was closed")
    if signed.time < signed_at:
        raise VerificationFailed(5, "checkpoint_too_old", "the checkpoint is older than the token")
    return signed


def _count_witnesses(checkpoint: SignedCheckpoint, policy: WitnessPolicy) -> Cosigned:
    """Count the operators that cosigned; refuse a line of a listed witness that does not hold."""
    try:
        return policy.judge(Note.parse(checkpoint.note, "checkpoint"))
    except (Malformed, VerificationFailed) as error:
        raise VerificationFailed(6, "bad_cosignature", f"cosignature: {error}") from error
