"""The bundle: Sigstore bundle v0.3 of one attestation, with exactly one log entry.

    {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
     "verificationMaterial": {
       "certificate": {"rawBytes": b64 DER},
       "tlogEntries": [{"logIndex": "n", "logId": {"keyId": b64[32]},
          "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
          "inclusionProof": {"logIndex", "rootHash", "treeSize", "hashes": [..],
                             "checkpoint": {"envelope": signed note}},
          "canonicalizedBody": b64 leaf}],
       "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": b64 DER}]}},
     "dsseEnvelope": {"payload", "payloadType", "signatures": [{"sig", "keyid": ""}]}}

Numbers are decimal text, as protobuf's JSON form wants for 64-bit integers.
"""

from typing import NamedTuple

from trust.core.canonical import Json, parse
from trust.core.encoding import DIGEST_SIZE, b64encode, decimal
from trust.core.errors import Malformed
from trust.core.record import Record
from trust.core.signing.envelope import STATEMENT_PAYLOAD, Envelope, parse_envelope

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MAX_BUNDLE = 512 * 1024  # bytes: a payload of 256 KiB in base64, and the material
MAX_CERTIFICATE = 8 * 1024  # characters of base64
MAX_TOKEN = 16 * 1024  # characters of base64
MAX_HASHES = 63  # of an inclusion proof: a log holds fewer than 2^63 entries


class LogProof(NamedTuple):
    """Where the entry stands in the log, and the way from it to a signed checkpoint."""

    index: int  # type: ignore[assignment]  # hides a method of tuple
    log_id: bytes
    root: bytes
    size: int
    hashes: tuple[bytes, ...]
    checkpoint: str  # a signed note
    leaf: bytes

    def to_json(self) -> dict[str, Json]:
        """Return the JSON members of a TransparencyLogEntry."""
        return {
            "logIndex": str(self.index),
            "logId": {"keyId": b64encode(self.log_id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "inclusionProof": {
                "logIndex": str(self.index),
                "rootHash": b64encode(self.root),
                "treeSize": str(self.size),
                "hashes": [b64encode(item) for item in self.hashes],
                "checkpoint": {"envelope": self.checkpoint},
            },
            "canonicalizedBody": b64encode(self.leaf),
        }


class Bundle(NamedTuple):
    """One attestation, read but not verified. `certificate` and `token` are DER."""

    envelope: Envelope
    certificate: bytes
    proof: LogProof
    token: bytes

    def to_json(self) -> dict[str, Json]:
        """Return the JSON members of the bundle."""
        return {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {
                "certificate": {"rawBytes": b64encode(self.certificate)},
                "tlogEntries": [self.proof.to_json()],
                "timestampVerificationData": {
                    "rfc3161Timestamps": [{"signedTimestamp": b64encode(self.token)}]
                },
            },
            "dsseEnvelope": self.envelope.to_json(),
        }


def parse_bundle_bytes(data: bytes, where: str = "bundle") -> Bundle:
    """Parse a bare bundle file; raise Malformed for whatever is not exactly one of ours."""
    return parse_bundle(parse(data, MAX_BUNDLE, where), where)


def parse_bundle(value: Json, where: str = "bundle") -> Bundle:
    """Read a bundle from its JSON members.

    Raises:
        Malformed: another media type, an unknown member, anything but one entry and one token.
    """
    record = Record(value, where)
    record.constant("mediaType", MEDIA_TYPE)
    material = record.record("verificationMaterial")
    certificate = material.record("certificate")
    times = material.record("timestampVerificationData")
    token = times.records("rfc3161Timestamps", 1, 1)[0]
    bundle = Bundle(
        envelope=parse_envelope(
            record.raw("dsseEnvelope"), STATEMENT_PAYLOAD, f"{where}.dsseEnvelope"
        ),
        certificate=certificate.base64("rawBytes", MAX_CERTIFICATE),
        proof=_proof(material.records("tlogEntries", 1, 1)[0]),
        token=token.base64("signedTimestamp", MAX_TOKEN),
    )
    for part in (record, material, certificate, times, token):
        part.done()
    if bundle.envelope.signatures[0].key_id:
        raise Malformed("expected an empty keyid", f"{where}.dsseEnvelope.signatures[0]")
    return bundle


def _proof(record: Record) -> LogProof:
    log = record.record("logId")
    kind = record.record("kindVersion")
    kind.constant("kind", "hashedrekord")
    kind.constant("version", "0.0.2")
    inclusion = record.record("inclusionProof")
    checkpoint = inclusion.record("checkpoint")
    index = decimal(record.text("logIndex"), f"{record.where}.logIndex")
    inclusion.constant("logIndex", str(index))
    proof = LogProof(
        index=index,
        log_id=_hash(log, "keyId"),
        root=_hash(inclusion, "rootHash"),
        size=decimal(inclusion.text("treeSize"), f"{inclusion.where}.treeSize"),
        hashes=_hashes(inclusion),
        checkpoint=checkpoint.text("envelope", 16 * 1024),
        leaf=record.base64("canonicalizedBody", 16 * 1024),
    )
    for part in (record, log, kind, inclusion, checkpoint):
        part.done()
    return proof


def _hash(record: Record, name: str) -> bytes:
    value = record.base64(name, 64)
    if len(value) != DIGEST_SIZE:
        raise Malformed(f"{len(value)} bytes, expected {DIGEST_SIZE}", f"{record.where}.{name}")
    return value


def _hashes(record: Record) -> tuple[bytes, ...]:
    return hash_list(record.items("hashes", 0, MAX_HASHES), f"{record.where}.hashes")


def hash_list(values: list[Json], where: str) -> tuple[bytes, ...]:
    """Read a list of base64 SHA-256 hashes."""
    return tuple(
        _hash(Record({"hash": value}, f"{where}[{place}]"), "hash")
        for place, value in enumerate(values)
    )
