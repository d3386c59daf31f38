"""The dossier: one bundle and everything else that an offline reader needs to judge it.

    {"mediaType": "application/vnd.touchplate.dossier.v1+json",
     "bundle": the deliverable's (or another statement's) bundle,
     "private": [private parts; each is named by a statement in this dossier],
     "didLogs": [one list of DID entries per signer],
     "supporting": [bundles: the identity of the newest DID entry used, handle, profile, ..],
     "status": {"snapshot", "proofs"},
     "timestamps": [RFC 3161 answers of others about the bundle's signature; absent without any]}

The registry builds it, with every proof of one log led to the same checkpoint. A trust file is
never part of it. The bytes are the RFC 8785 form.
"""

from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse_canonical
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Malformed
from trust.core.record import Record
from trust.core.registry.status import Status, parse_status
from trust.core.signing.bundle import Bundle, parse_bundle
from trust.core.signing.private import private_digest

MEDIA_TYPE = "application/vnd.touchplate.dossier.v1+json"
SUFFIX = ".touchplate.json"
BARE_SUFFIX = ".sigstore.json"
MAX_DOSSIER = 1024 * 1024  # bytes: 32 kB for one file, 171 kB for 1,000
MAX_PARTS = 64  # private parts, DID logs or supporting bundles
MAX_DID_ENTRIES = 1000
MAX_TIMESTAMPS = 8
MAX_TIMESTAMP = 24 * 1024  # characters of base64: a token with its certificates has 6 kB


class Dossier(NamedTuple):
    """A dossier that was read but not verified. Private parts are by digest, still unread."""

    bundle: Bundle
    private: dict[bytes, dict[str, Json]]
    did_logs: tuple[list[Json], ...]
    supporting: tuple[Bundle, ...]
    status: Status
    timestamps: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Return the RFC 8785 bytes."""
        members: dict[str, Json] = {
            "mediaType": MEDIA_TYPE,
            "bundle": self.bundle.to_json(),
            "private": list(self.private.values()),
            "didLogs": list(self.did_logs),
            "supporting": [item.to_json() for item in self.supporting],
            "status": self.status.to_json(),
        }
        if self.timestamps:
            members["timestamps"] = [b64encode(item) for item in self.timestamps]
        return canonical(members)


def parse_dossier(data: bytes, where: str = "dossier") -> Dossier:
    """Parse a dossier file.

    Raises:
        Malformed: not one; or proofs of one log that end in two checkpoints, or in another one
            than the status snapshot of that log.
    """
    record = Record(parse_canonical(data, MAX_DOSSIER, where), where)
    record.constant("mediaType", MEDIA_TYPE)
    dossier = Dossier(
        bundle=parse_bundle(record.raw("bundle"), f"{where}.bundle"),
        private=_private_parts(record),
        did_logs=tuple(
            _did_log(item, f"{where}.didLogs[{place}]")
            for place, item in enumerate(record.items("didLogs", 0, MAX_PARTS))
        ),
        supporting=tuple(
            parse_bundle(item, f"{where}.supporting[{place}]")
            for place, item in enumerate(record.items("supporting", 0, MAX_PARTS))
        ),
        status=parse_status(record.raw("status"), f"{where}.status"),
        timestamps=_timestamps(record) if record.has("timestamps") else (),
    )
    record.done()
    _check_one_checkpoint(dossier, where)
    return dossier


def _private_parts(record: Record) -> dict[bytes, dict[str, Json]]:
    parts: dict[bytes, dict[str, Json]] = {}
    for place, item in enumerate(record.items("private", 0, MAX_PARTS)):
        if not isinstance(item, dict):
            raise Malformed("expected an object", f"{record.where}.private[{place}]")
        digest = private_digest(item)
        if digest in parts:
            raise Malformed("the same private part twice", f"{record.where}.private[{place}]")
        parts[digest] = item
    return parts


def _timestamps(record: Record) -> tuple[bytes, ...]:
    texts = record.texts("timestamps", 1, MAX_TIMESTAMPS, MAX_TIMESTAMP)
    if len(set(texts)) != len(texts):
        raise Malformed("the same time stamp twice", f"{record.where}.timestamps")
    return tuple(
        b64decode(text, f"{record.where}.timestamps[{place}]") for place, text in enumerate(texts)
    )


def _did_log(value: Json, where: str) -> list[Json]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_DID_ENTRIES:
        raise Malformed(f"expected a list of 1 to {MAX_DID_ENTRIES} DID entries", where)
    return value


def _check_one_checkpoint(dossier: Dossier, where: str) -> None:
    """All proofs of one log end in one size and root, and so does the snapshot of that log."""
    ends: dict[bytes, tuple[int, bytes]] = {}
    snapshot = dossier.status.snapshot
    for bundle in (dossier.bundle, *dossier.supporting):
        proof = bundle.proof
        end = (proof.size, proof.root)
        if ends.setdefault(proof.log_id, end) != end:
            raise Malformed("proofs of one log end in two checkpoints", where)
        origin = proof.checkpoint.split("\n", 1)[0]
        if origin == snapshot.origin and end != (snapshot.size, snapshot.root):
            raise Malformed("the status is of another checkpoint than the proofs", where)
