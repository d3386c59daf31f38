"""Status: what is withdrawn, revoked or frozen, as a signed snapshot with short proofs.

A snapshot is {origin, size, root, time, count, statusRoot} in a DSSE envelope of type
`application/vnd.touchplate.status.v1+json`, signed with the status key; there is one for every
published checkpoint. `statusRoot` is the RFC 6962 root over `count` lines (`status_line`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse_canonical
from trust.core.encoding import b64encode, format_time
from trust.core.errors import Malformed, NotInTrustFile, VerificationFailed
from trust.core.keys.ed25519 import check as check_ed25519
from trust.core.keys.p256 import ed25519_from_spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import EMPTY_ROOT, check_origin
from trust.core.record import Record
from trust.core.registry.status_line import (
    STEP,
    State,
    StatusProof,
    established,
    parse_status_proof,
)
from trust.core.registry.trust_file import TrustFile, key_id
from trust.core.signing.bundle import hash_list
from trust.core.signing.envelope import Envelope, Signature, parse_envelope

MEDIA_TYPE = "application/vnd.touchplate.status.v1+json"
MAX_SNAPSHOT = 4 * 1024  # bytes of payload
MAX_PROOFS = 64  # proofs in one dossier


class Snapshot(NamedTuple):
    """What the registry said at one published checkpoint."""

    origin: str
    size: int
    root: bytes
    time: int
    count: int  # type: ignore[assignment]  # hides a method of tuple
    status_root: bytes

    def encode(self) -> bytes:
        """Return the payload: RFC 8785 bytes."""
        return canonical(
            {
                "origin": self.origin,
                "size": self.size,
                "root": b64encode(self.root),
                "time": format_time(self.time),
                "count": self.count,
                "statusRoot": b64encode(self.status_root),
            }
        )


class Status(NamedTuple):
    """A snapshot's envelope and the proofs that come with it."""

    envelope: Envelope
    snapshot: Snapshot
    proofs: tuple[StatusProof, ...]

    def to_json(self) -> dict[str, Json]:
        """Return {snapshot, proofs}."""
        return {
            "snapshot": self.envelope.to_json(),
            "proofs": [proof.to_json() for proof in self.proofs],
        }


class CheckedStatus(NamedTuple):
    """A snapshot whose signature holds, and the states that its proofs established, by k."""

    snapshot: Snapshot
    states: Mapping[bytes, tuple[State, ...]]  # an empty tuple: proven absent


def sign_snapshot(snapshot: Snapshot, signer: Signer) -> Envelope:
    """Return the snapshot in its envelope, signed with the status key."""
    envelope = Envelope(MEDIA_TYPE, snapshot.encode(), ())
    signature = Signature(signer.sign(envelope.pae), key_id(signer.public_key))
    return envelope._replace(signatures=(signature,))


def parse_status(value: Json, where: str = "status") -> Status:
    """Read {snapshot, proofs}; raise Malformed for anything else."""
    record = Record(value, where)
    envelope = parse_envelope(
        record.raw("snapshot"), MEDIA_TYPE, f"{where}.snapshot", limit=MAX_SNAPSHOT
    )
    status = Status(
        envelope,
        parse_snapshot(envelope.payload, f"{where}.snapshot"),
        tuple(parse_status_proof(item) for item in record.records("proofs", 0, MAX_PROOFS)),
    )
    record.done()
    if len({proof.k for proof in status.proofs}) != len(status.proofs):
        raise Malformed("two proofs of one k", f"{where}.proofs")
    return status


def check_status(status: Status, trust: TrustFile) -> CheckedStatus:
    """Verify the snapshot's signature and each proof against its status root.

    Raises:
        NotInTrustFile: signed by a key, or for a log, that the trust file does not list.
        VerificationFailed: a signature or proof that does not hold.
    """
    snapshot = status.snapshot
    if trust.log(snapshot.origin) is None:
        raise NotInTrustFile(STEP, "log", f"status of log {snapshot.origin!r}")
    signature = status.envelope.signatures[0]
    keys = [
        ed25519_from_spki(item.spki)
        for item in trust.status_keys
        if item.validity.holds(snapshot.time)
    ]
    key = next((item for item in keys if key_id(item) == signature.key_id), None)
    if key is None:
        raise NotInTrustFile(STEP, "status_key", f"status key {signature.key_id[:16]}")
    try:
        check_ed25519(key, status.envelope.pae, signature.value, "status.snapshot")
    except VerificationFailed as error:
        raise VerificationFailed(STEP, "bad_status_signature", str(error)) from error
    count, root = snapshot.count, snapshot.status_root
    return CheckedStatus(
        snapshot, {proof.k: established(proof, count, root) for proof in status.proofs}
    )


def parse_snapshot(payload: bytes, where: str) -> Snapshot:
    """Read the payload of a snapshot; raise Malformed for anything else."""
    record = Record(parse_canonical(payload, MAX_SNAPSHOT, where), where)
    snapshot = Snapshot(
        origin=check_origin(record.text("origin", 300), f"{where}.origin"),
        size=record.integer("size"),
        root=_root(record, "root"),
        time=record.time("time"),
        count=record.integer("count"),
        status_root=_root(record, "statusRoot"),
    )
    record.done()
    if (snapshot.count == 0) != (snapshot.status_root == EMPTY_ROOT):
        raise Malformed("no line has the root of nothing, and nothing else has it", where)
    return snapshot


def _root(record: Record, name: str) -> bytes:
    return hash_list([b64encode(record.base64(name, 64))], f"{record.where}.{name}")[0]
