"""A registry in memory that makes the same bytes every time: keys, certificates, log, status."""

import copy
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.vectors.generate.keys import P256, chance, ed25519, secret
from trust.core.canonical import Json
from trust.core.encoding import b64encode, format_time, parse_time
from trust.core.keys.p256 import ed25519_spki, spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import Checkpoint, clock_vkey, log_vkey, sign_checkpoint
from trust.core.log.entry import leaf_entry
from trust.core.log.merkle import inclusion_proof, leaf_hash, root_hash
from trust.core.log.note import VerifierKey
from trust.core.registry.status import Snapshot, Status, sign_snapshot
from trust.core.registry.status_tree import StatusTree
from trust.core.registry.trust_file import TRUSTED_ROOT_TYPE, encode_trust_file, root_json
from trust.core.signing.bundle import Bundle, LogProof
from trust.core.signing.envelope import Envelope
from trust.core.signing.facts import Facts
from trust.core.signing.identity import Principal
from trust.core.signing.statement import RegistryRef, SignerRef, Statement, sign_statement
from trust.core.x509 import writer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.sct import encode_sct, sct_message
from trust.core.x509.timestamp import issue_timestamp

if TYPE_CHECKING:
    from trust.core.registry.status_line import Line

START = parse_time("2026-11-03T14:00:00Z")
DAY = 24 * 3600
YEAR = 365 * DAY
SINCE = START - DAY  # from when the trust file lists keys and authorities
LONG = (SINCE, START + 20 * YEAR)


class Entry(NamedTuple):
    """One entry of the log, and what is published beside it."""

    envelope: Envelope
    certificate: bytes
    token: bytes

    @property
    def leaf(self) -> bytes:
        """The leaf as logged."""
        digest = hashlib.sha256(self.envelope.pae).digest()
        return leaf_entry(digest, self.envelope.signature, self.certificate)


class Registry:
    """`clock` is in seconds and goes a minute forward with every entry."""

    def __init__(self, host: str = "registry.example", origin: str | None = None) -> None:
        self.host, self.public_url = host, f"https://{host}"
        self.origin = origin or f"log2026-1.{host}"
        p256 = ("ca", "sct", "tsa root", "tsa", "registry")
        self.keys: dict[str, Signer] = {name: P256(f"{host} {name}") for name in p256}
        for name in ("log", "clock", "status", "root"):
            self.keys[name] = ed25519(f"{self.origin if name in ('log', 'clock') else host} {name}")
        self.ca = self._root("ca", "CA")
        self.tsa_root = self._root("tsa root", "TSA root")
        self.tsa = self._tsa()
        self.clock = START
        self.entries: list[Entry] = []
        self.lines: list[Line] = []
        self.certificate_der = b""

    def fork(self) -> "Registry":
        """Return a copy that may grow by itself."""
        twin = copy.copy(self)
        twin.entries, twin.lines = list(self.entries), list(self.lines)
        return twin

    @property
    def log_key(self) -> VerifierKey:
        """The log's verifier key."""
        return log_vkey(self.origin, self.keys["log"].public_key)

    @property
    def clock_key(self) -> VerifierKey:
        """The verifier key of the log's clock."""
        return clock_vkey(self.origin, self.keys["clock"].public_key)

    # Certificates

    def issue(
        self,
        point: bytes,
        uri: str,
        *,
        term: tuple[int, int] = (START, START + YEAR),
        ca: Certificate | None = None,
        ca_key: Signer | None = None,
        sct_key: Signer | None = None,
        sct: bool = True,
        issuer_url: str | None = None,
    ) -> bytes:
        """Return a signer's certificate; every part may be another one."""
        serial = int.from_bytes(secret(f"serial {uri}")[:15])

        def tbs(proof: bytes | None) -> bytes:
            return writer.signer_tbs(
                ca or self.ca, point, uri, issuer_url or self.public_url, serial, term, proof
            )

        proof = None
        if sct:
            key = sct_key or self.keys["sct"]
            time_ms = term[0] * 1000
            signed = sct_message((ca or self.ca).point, tbs(None), time_ms)
            proof = encode_sct(
                hashlib.sha256(spki(key.public_key)).digest(), time_ms, key.sign(signed)
            )
        return writer.issue(tbs(proof), ca_key or self.keys["ca"])

    def _root(self, key: str, name: str) -> Certificate:
        subject = writer.name(self.host, name)
        serial = int.from_bytes(secret(f"serial {self.host} {name}")[:15])
        return parse_certificate(writer.root_certificate(self.keys[key], subject, serial, *LONG))

    def _tsa(self) -> Certificate:
        subject, point = writer.name(self.host, "TSA"), self.keys["tsa"].public_key
        serial = int.from_bytes(secret(f"serial {self.host} TSA")[:15])
        root_key = self.keys["tsa root"]
        return parse_certificate(
            writer.tsa_certificate(self.tsa_root, root_key, point, subject, serial, LONG)
        )

    # The log

    def token(self, signature: bytes, at: int) -> bytes:
        """Return a time-stamp token over a signature; serial and nonce follow from it."""
        drawn = hashlib.sha256(signature).digest()
        serial, nonce = int.from_bytes(drawn[:15]), int.from_bytes(drawn[15:22])
        return issue_timestamp(signature, self.tsa, self.keys["tsa"], serial, nonce, at)

    def log(self, envelope: Envelope, certificate: bytes, token: bytes | None = None) -> int:
        """Log an envelope a minute after the last one; return its index."""
        self.clock += 60
        made = token or self.token(envelope.signature, self.clock)
        self.entries.append(Entry(envelope, certificate, made))
        return len(self.entries) - 1

    def say(self, kind: str, subject: bytes, facts: Facts) -> int:
        """Log a statement of the registry itself; return its index."""
        envelope = sign_statement(self.own(kind, subject, facts), self.keys["registry"])
        return self.log(envelope, self.certificate_der)

    def own(self, kind: str, subject: bytes, facts: Facts) -> Statement:
        """Return a statement of the registry, not signed yet."""
        return Statement(
            type=kind,
            subjects=(subject,),
            registry=RegistryRef(self.origin, self.log_key.full_id),
            signer=SignerRef(Principal("registry").uri(self.public_url), None),
            salt=chance(f"{self.origin} {kind} {len(self.entries)}"),
            not_before=self.note(),
            facts=facts,
            private=None,
        )

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Return the checkpoint of the first `size` entries, of all by default."""
        return Checkpoint(self.origin, *self.root(size))

    def root(self, size: int | None = None) -> tuple[int, bytes]:
        """Return size and root of the first `size` entries, of all by default."""
        leaves = self.leaves[: len(self.entries) if size is None else size]
        return len(leaves), root_hash(leaves)

    @property
    def leaves(self) -> list[bytes]:
        """All leaf hashes."""
        return [leaf_hash(entry.leaf) for entry in self.entries]

    def note(self, size: int | None = None, at: int | None = None) -> str:
        """Return a signed checkpoint, by default of now and of all entries."""
        checkpoint = self.checkpoint(size)
        seconds = self.clock if at is None else at
        return sign_checkpoint(checkpoint, self.keys["log"], self.keys["clock"], seconds)

    def bundle(self, index: int) -> Bundle:
        """Return the bundle of an entry, its proof led to the newest checkpoint."""
        entry, (size, root) = self.entries[index], self.root()
        hashes = tuple(inclusion_proof(index, self.leaves))
        proof = LogProof(index, self.log_key.full_id, root, size, hashes, self.note(), entry.leaf)
        return Bundle(entry.envelope, entry.certificate, proof, entry.token)

    # What it publishes

    def status(self, names: Sequence[bytes], **changes: Any) -> Status:
        """Return the newest snapshot with a proof for each name; `changes` are of the snapshot."""
        size, root = self.root()
        lines = sorted(self.lines, key=lambda line: line.k)
        snapshot = Snapshot(
            self.origin, size, root, self.clock, len(lines), StatusTree(lines).root
        )._replace(**changes)
        envelope = sign_snapshot(snapshot, self.keys["status"])
        return Status(envelope, snapshot, tuple(map(StatusTree(lines).prove, names)))

    def trust(self, *signers: Signer, **changes: Any) -> bytes:
        """Return the trust file; `changes` are of its payload, `signers` the root keys."""
        payload = {**self.trust_payload(), **changes}
        return encode_trust_file(payload, list(signers) or [self.keys["root"]])

    def trust_payload(self) -> dict[str, Json]:
        """Return the payload of version 1."""
        return {
            "version": 1,
            "expires": format_time(START + YEAR),
            "publicUrl": self.public_url,
            "trustedRoot": self.trusted_root(),
            "logs": [self.listed_log()],
            "registryKeys": [listed(spki(self.keys["registry"].public_key))],
            "statusKeys": [listed(ed25519_spki(self.keys["status"].public_key))],
            "root": root_json([self.keys["root"]], 1),
            "witnessPolicy": "quorum none\n",
        }

    def listed_log(self, closed: tuple[int, bytes] | None = None) -> dict[str, Json]:
        """Return this log as the trust file lists it."""
        end: Json = None
        if closed is not None:
            end = {"size": closed[0], "root": b64encode(closed[1])}
        keys: dict[str, Json] = {"logKey": str(self.log_key), "clockKey": str(self.clock_key)}
        return {"origin": self.origin, **keys, "closed": end}

    def trusted_root(self) -> dict[str, Json]:
        """Return Sigstore's trusted root."""
        since: dict[str, Json] = {"start": format_time(SINCE)}
        sct = spki(self.keys["sct"].public_key)

        def key_of(key: bytes, details: str, key_id: bytes) -> dict[str, Json]:
            return {
                "baseUrl": f"https://{self.origin}",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {"rawBytes": b64encode(key), "keyDetails": details, "validFor": since},
                "logId": {"keyId": b64encode(key_id)},
            }

        def authority(name: str, *chain: Certificate) -> dict[str, Json]:
            certificates: list[Json] = [{"rawBytes": b64encode(item.der)} for item in chain]
            return {
                "subject": {"organization": self.host, "commonName": name},
                "uri": f"{self.public_url}/{name.lower()}",
                "certChain": {"certificates": certificates},
                "validFor": since,
            }

        log = self.log_key
        return {
            "mediaType": TRUSTED_ROOT_TYPE,
            "tlogs": [key_of(ed25519_spki(log.key), "PKIX_ED25519", log.full_id)],
            "certificateAuthorities": [authority("CA", self.ca)],
            "ctlogs": [key_of(sct, "PKIX_ECDSA_P256_SHA_256", hashlib.sha256(sct).digest())],
            "timestampAuthorities": [authority("TSA", self.tsa, self.tsa_root)],
        }


def listed(key: bytes, start: int = SINCE, end: int | None = None) -> dict[str, Json]:
    """Return a key as the trust file lists it."""
    until = None if end is None else format_time(end)
    return {"key": b64encode(key), "start": format_time(start), "end": until}
