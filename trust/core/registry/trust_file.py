"""The trust root of a registry, and the trust file around it.

The trust root is Sigstore's `trusted_root.json` with nothing added, so that stock clients take it.
The trust file is ours: which logs, clocks, CA, TSA, registry and status keys belong together, which
logs are closed, until when all this holds, and the root keys that say so. It is a DSSE envelope of
type `application/vnd.touchplate.trust.v1+json`, signed by `root.threshold` of the root keys.

A client pins one, compares its root code, and goes up one version at a time: `succession.py`.
"""

import hashlib
from typing import NamedTuple

from trust.core.canonical import Json, canonical, parse, parse_canonical
from trust.core.encoding import DIGEST_SIZE, b64decode, b64encode, crockford, format_time, grouped
from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys.ed25519 import check as check_ed25519
from trust.core.keys.p256 import ed25519_from_spki, ed25519_spki, point_from_spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import check_origin
from trust.core.log.note import VerifierKey
from trust.core.log.witness import MAX_POLICY, WitnessPolicy
from trust.core.record import Record
from trust.core.signing.envelope import Envelope, Signature, parse_envelope
from trust.core.x509.certificate import Certificate, parse_certificate

MEDIA_TYPE = "application/vnd.touchplate.trust.v1+json"
TRUSTED_ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
MAX_TRUST_FILE = 256 * 1024  # bytes
MAX_LISTED = 64  # logs, keys or authorities in one file
ROOT_CODE_DIGITS = 24  # 120 bits: long enough not to be forged, short enough to read out


class Validity(NamedTuple):
    """A half-open interval of seconds; `end` None means open."""

    start: int
    end: int | None = None

    def holds(self, at: int) -> bool:
        """Say whether `at` is inside."""
        return self.start <= at and (self.end is None or at < self.end)


class ListedKey(NamedTuple):
    """A key by its SPKI and when it was in use."""

    spki: bytes
    validity: Validity


class Authority(NamedTuple):
    """A CA or TSA of the trust root: its chain without the signer of statements, root last."""

    chain: tuple[Certificate, ...]
    validity: Validity


class Log(NamedTuple):
    """One log of the registry. `closed` is (size, root) once it is frozen."""

    origin: str
    log_key: VerifierKey
    clock_key: VerifierKey
    closed: tuple[int, bytes] | None


class TrustFile(NamedTuple):
    """A checked trust file. Lists keep their order; the newest log stands last."""

    version: int
    expires: int
    public_url: str
    logs: tuple[Log, ...]
    authorities: tuple[Authority, ...]
    timestamp_authorities: tuple[Authority, ...]
    sct_keys: dict[bytes, ListedKey]  # by log id, SHA-256 of the SPKI
    registry_keys: tuple[ListedKey, ...]
    status_keys: tuple[ListedKey, ...]
    root_keys: tuple[bytes, ...]  # raw Ed25519
    threshold: int
    witness_policy: WitnessPolicy
    code: str
    trusted_root: dict[str, Json]
    encoded: bytes  # the envelope's bytes, the subject of the `trust` statement

    @property
    def host(self) -> str:
        """Host and port of the public URL: how people name the registry."""
        return self.public_url.split("://", 1)[1]

    @property
    def newest_log(self) -> Log:
        """The log that takes new entries."""
        return self.logs[-1]

    def log(self, origin: str) -> Log | None:
        """Return the log of this origin, if it is one of ours."""
        return next((item for item in self.logs if item.origin == origin), None)


def root_code(keys: tuple[bytes, ...], threshold: int) -> str:
    """Return the code of a root key set: 24 Crockford digits in groups of four."""
    return grouped(
        crockford(hashlib.sha256(canonical(_root_json(keys, threshold))).digest(), ROOT_CODE_DIGITS)
    )


def parse_trust_file(data: bytes, where: str = "trust file") -> TrustFile:
    """Parse a trust file and check that its own root keys signed it.

    Raises:
        Malformed: not a trust file.
        VerificationFailed: fewer good root signatures than its own threshold.
    """
    envelope = parse_envelope(
        parse(data, MAX_TRUST_FILE, where), MEDIA_TYPE, where, most_signatures=16
    )
    if canonical(envelope.to_json()) != data:
        raise Malformed("not in RFC 8785 form", where)
    payload = parse_canonical(envelope.payload, MAX_TRUST_FILE, where)
    trust = parse_trust_payload(Record(payload, where), data)
    _check_signatures(envelope, trust, where)
    return trust


def check_root_signatures(trust: TrustFile, root: TrustFile) -> None:
    """Check that the root keys that `root` lists signed `trust` too.

    Raises:
        VerificationFailed: fewer than its threshold of them did.
    """
    envelope = parse_envelope(
        parse(trust.encoded, MAX_TRUST_FILE), MEDIA_TYPE, "trust file", most_signatures=16
    )
    _check_signatures(envelope, root, "trust file")


def encode_trust_file(payload: dict[str, Json], root_signers: list[Signer]) -> bytes:
    """Sign a payload with every root signer; return the bytes of `/v1/trust`."""
    envelope = Envelope(MEDIA_TYPE, canonical(payload), ())
    signatures = tuple(
        Signature(signer.sign(envelope.pae), key_id(signer.public_key)) for signer in root_signers
    )
    return canonical(Envelope(MEDIA_TYPE, envelope.payload, signatures).to_json())


def root_json(signers: list[Signer], threshold: int) -> dict[str, Json]:
    """Return the `root` member for these signers."""
    return _root_json(tuple(signer.public_key for signer in signers), threshold)


def key_id(ed25519_key: bytes) -> str:
    """Return the DSSE key id of a raw Ed25519 key: hex SHA-256 of its SPKI."""
    return hashlib.sha256(ed25519_spki(ed25519_key)).hexdigest()


def listed_key_json(key: ListedKey) -> dict[str, Json]:
    """Return {key, start, end} with base64 SPKI and times as text."""
    end = key.validity.end
    return {
        "key": b64encode(key.spki),
        "start": format_time(key.validity.start),
        "end": None if end is None else format_time(end),
    }


def _root_json(keys: tuple[bytes, ...], threshold: int) -> dict[str, Json]:
    return {"keys": [b64encode(ed25519_spki(key)) for key in keys], "threshold": threshold}


def _check_signatures(envelope: Envelope, root: TrustFile, where: str) -> None:
    """Count distinct root keys with a good signature; a bad one by a root key spoils the file."""
    by_id = {key_id(key): key for key in root.root_keys}
    good = 0
    for signature in envelope.signatures:
        key = by_id.get(signature.key_id)
        if key is not None:
            check_ed25519(key, envelope.pae, signature.value, where)
            good += 1
    if good < root.threshold:
        raise VerificationFailed(
            0, "trust_file_not_signed", f"{where}: {good} of {root.threshold} root signatures"
        )


def parse_trust_payload(record: Record, encoded: bytes) -> TrustFile:
    """Read a payload; whether root keys signed it is not asked. Raise Malformed."""
    root = record.record("root")
    keys = tuple(_root_key(root, text) for text in root.texts("keys", 1, 16, 512))
    threshold = root.integer("threshold", lowest=1)
    root.done()
    if len(set(keys)) != len(keys) or threshold > len(keys):
        raise Malformed(f"{threshold} of {len(set(keys))} distinct keys", root.where)
    trusted_root = record.record("trustedRoot")
    document = record.raw("trustedRoot")
    trust = TrustFile(
        version=record.integer("version", lowest=1),
        expires=record.time("expires"),
        public_url=_public_url(record),
        logs=tuple(_log(item) for item in record.records("logs", 1, MAX_LISTED)),
        authorities=_authorities(trusted_root, "certificateAuthorities"),
        timestamp_authorities=_authorities(trusted_root, "timestampAuthorities"),
        sct_keys=_sct_keys(trusted_root),
        registry_keys=_listed(record, "registryKeys"),
        status_keys=_listed(record, "statusKeys"),
        root_keys=keys,
        threshold=threshold,
        witness_policy=WitnessPolicy.parse(record.text("witnessPolicy", MAX_POLICY)),
        code=root_code(keys, threshold),
        trusted_root=document if isinstance(document, dict) else {},
        encoded=encoded,
    )
    if len({log.origin for log in trust.logs}) != len(trust.logs):
        raise Malformed("two logs of one origin", f"{record.where}.logs")
    _check_strangers(trust, f"{record.where}.witnessPolicy")
    trusted_root.constant("mediaType", TRUSTED_ROOT_TYPE)
    trusted_root.raw("tlogs")
    trusted_root.done()
    record.done()
    return trust


def _check_strangers(trust: TrustFile, where: str) -> None:
    """A witness is somebody else: with a key of its own a registry would witness itself."""
    own = {key for log in trust.logs for key in (log.log_key.key, log.clock_key.key)}
    own.update(trust.root_keys, (ed25519_from_spki(key.spki) for key in trust.status_keys))
    for witness in trust.witness_policy.witnesses:
        if witness.key.key in own:
            raise Malformed(f"the witness {witness.name!r} has a key of the registry itself", where)


def _root_key(root: Record, text: str) -> bytes:
    return ed25519_from_spki(b64decode(text, f"{root.where}.keys"))


def _public_url(record: Record) -> str:
    url = record.text("publicUrl", 300)
    scheme, _, host = url.partition("://")
    if scheme not in {"http", "https"} or not host or "/" in host or url != url.lower():
        raise Malformed(f"{url!r}, expected scheme, host and port", f"{record.where}.publicUrl")
    return url


def _log(record: Record) -> Log:
    origin = check_origin(record.text("origin", 300), f"{record.where}.origin")
    closed = record.nullable("closed", lambda name: _closed(record.record(name)))
    log = Log(
        origin=origin,
        log_key=VerifierKey.parse(record.text("logKey", 500)),
        clock_key=VerifierKey.parse(record.text("clockKey", 500)),
        closed=closed,
    )
    record.done()
    if log.log_key.name != origin or log.clock_key.name != origin:
        raise Malformed("a key's name is not the origin", record.where)
    return log


def _closed(record: Record) -> tuple[int, bytes]:
    closed = (record.integer("size"), record.base64("root", 64))
    if len(closed[1]) != DIGEST_SIZE:
        raise Malformed(f"{len(closed[1])} bytes, expected {DIGEST_SIZE}", f"{record.where}.root")
    record.done()
    return closed


def _listed(record: Record, name: str) -> tuple[ListedKey, ...]:
    keys = []
    for item in record.records(name, 1, MAX_LISTED):
        spki = item.base64("key", 512)
        validity = Validity(item.time("start"), item.nullable("end", item.time))
        item.done()
        (point_from_spki if name == "registryKeys" else ed25519_from_spki)(spki)
        keys.append(ListedKey(spki, validity))
    return tuple(keys)


def _authorities(root: Record, name: str) -> tuple[Authority, ...]:
    found = []
    for item in root.records(name, 1, MAX_LISTED):
        chain = item.record("certChain").records("certificates", 1, 3)
        certificates = tuple(parse_certificate(part.base64("rawBytes", 16384)) for part in chain)
        found.append(Authority(certificates, _valid_for(item)))
    return tuple(found)


def _sct_keys(root: Record) -> dict[bytes, ListedKey]:
    keys = {}
    for item in root.records("ctlogs", 1, MAX_LISTED):
        key = item.record("publicKey")
        spki = key.base64("rawBytes", 512)
        point_from_spki(spki)
        keys[hashlib.sha256(spki).digest()] = ListedKey(spki, _valid_for(key))
    return keys


def _valid_for(record: Record) -> Validity:
    period = record.record("validFor")
    return Validity(period.time("start"), period.optional("end", period.time))
