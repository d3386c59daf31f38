"""The registry of the specifications' examples: keys, CA, TSA and trust file, the same every run.

Every key is SHA-256 of a text that the specifications print, every ECDSA signature is deterministic
(RFC 6979), every time is fixed. Nothing here may ever be pinned: the keys are public.
"""

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from trust.core.canonical import Json
from trust.core.encoding import b64encode, format_time, parse_time
from trust.core.keys.p256 import ed25519_spki, spki, with_low_s
from trust.core.log.checkpoint import clock_vkey, log_vkey
from trust.core.registry.trust_file import (
    TRUSTED_ROOT_TYPE,
    ListedKey,
    Validity,
    encode_trust_file,
    listed_key_json,
    parse_trust_file,
    root_json,
)
from trust.core.x509 import writer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.sct import encode_sct, sct_message
from trust.core.x509.timestamp import issue_timestamp
from trust.custody.signers import Ed25519Signer, P256Signer

PUBLIC_URL = "https://registry.example"
ORIGIN = "log2026-1.registry.example"
LABEL = "touchplate specification example: "
YEAR = 365 * 24 * 3600
P256_NAMES = ("ca", "sct", "tsa root", "tsa", "registry", "ana", "agent", "ana passkey")
ED25519_NAMES = (
    *("log", "clock", "status", "root"),
    *("ana update 1", "ana update 2", "ana update 3", "ana recovery"),
)


def at(clock: str) -> int:
    """Return a time of the one day on which all of it happens, in seconds."""
    return parse_time(f"2026-11-03T{clock}Z")


def secret(name: str) -> bytes:
    """Return the 32-byte secret of an example key."""
    return hashlib.sha256(f"{LABEL}{name}".encode()).digest()


class FixedP256:
    """A P-256 signer whose signatures are the same on every run, with a low S."""

    def __init__(self, name: str) -> None:
        self._key = ec.derive_private_key(int.from_bytes(secret(name)), ec.SECP256R1())
        self._public_key = P256Signer(secret(name)).public_key

    @property
    def public_key(self) -> bytes:
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        scheme = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        return with_low_s(self._key.sign(message, scheme))


class Authorities:
    """What the trust file lists, and the keys behind it."""

    def __init__(self) -> None:
        self.p256 = {name: FixedP256(name) for name in P256_NAMES}
        self.ed25519 = {name: Ed25519Signer(secret(name)) for name in ED25519_NAMES}
        self.log_key = log_vkey(ORIGIN, self.ed25519["log"].public_key)
        self.clock_key = clock_vkey(ORIGIN, self.ed25519["clock"].public_key)
        self.sct_log_id = hashlib.sha256(spki(self.p256["sct"].public_key)).digest()
        self.ca = self._root("ca", "CA", 1)
        self.tsa_root = self._root("tsa root", "TSA root", 2)
        self.tsa = parse_certificate(self._tsa())
        self.payload = self._trust_payload()
        self.trust = parse_trust_file(encode_trust_file(self.payload, [self.ed25519["root"]]))

    def tbs(
        self, key: str, uri: str, serial: int, start: int, sct_seconds: int | None = None
    ) -> bytes:
        """Lay the TBS of a signer's certificate; with an SCT if it has a time."""
        point, term = self.p256[key].public_key, (start, start + YEAR)
        sct = None
        if sct_seconds is not None:
            bare = writer.signer_tbs(self.ca, point, uri, PUBLIC_URL, serial, term)
            message = sct_message(self.ca.point, bare, sct_seconds * 1000)
            signature = self.p256["sct"].sign(message)
            sct = encode_sct(self.sct_log_id, sct_seconds * 1000, signature)
        return writer.signer_tbs(self.ca, point, uri, PUBLIC_URL, serial, term, sct)

    def certificate(
        self, key: str, uri: str, serial: int, start: int, sct_seconds: int | None
    ) -> bytes:
        """Issue a signer's certificate."""
        return writer.issue(self.tbs(key, uri, serial, start, sct_seconds), self.p256["ca"])

    def token(self, signature: bytes, serial: int, seconds: int) -> bytes:
        """Return a time-stamp token over a signature."""
        nonce = int.from_bytes(hashlib.sha256(signature).digest()[:8]) | 1
        return issue_timestamp(signature, self.tsa, self.p256["tsa"], serial, nonce, seconds)

    def _root(self, key: str, name: str, serial: int) -> Certificate:
        term = (at("00:00:00"), at("00:00:00") + 20 * YEAR)
        subject = writer.name("Registry Example", name)
        return parse_certificate(writer.root_certificate(self.p256[key], subject, serial, *term))

    def _tsa(self) -> bytes:
        return writer.tsa_certificate(
            self.tsa_root,
            self.p256["tsa root"],
            self.p256["tsa"].public_key,
            writer.name("Registry Example", "TSA"),
            3,
            (at("00:00:00"), at("00:00:00") + 20 * YEAR),
        )

    def _trust_payload(self) -> dict[str, Json]:
        since = Validity(at("00:00:00"))
        registry, status = self.p256["registry"].public_key, self.ed25519["status"].public_key
        return {
            "version": 1,
            "expires": format_time(at("00:00:00") + YEAR),
            "publicUrl": PUBLIC_URL,
            "trustedRoot": self._trusted_root(),
            "logs": [
                {
                    "origin": ORIGIN,
                    "logKey": str(self.log_key),
                    "clockKey": str(self.clock_key),
                    "closed": None,
                }
            ],
            "registryKeys": [listed_key_json(ListedKey(spki(registry), since))],
            "statusKeys": [listed_key_json(ListedKey(ed25519_spki(status), since))],
            "root": root_json([self.ed25519["root"]], 1),
            "witnessPolicy": "quorum none\n",
        }

    def _trusted_root(self) -> dict[str, Json]:
        sct = spki(self.p256["sct"].public_key)
        log = ed25519_spki(self.log_key.key)
        return {
            "mediaType": TRUSTED_ROOT_TYPE,
            "tlogs": [_log(log, "PKIX_ED25519", self.log_key.full_id)],
            "certificateAuthorities": [_authority("CA", self.ca)],
            "ctlogs": [_log(sct, "PKIX_ECDSA_P256_SHA_256", self.sct_log_id)],
            "timestampAuthorities": [_authority("TSA", self.tsa, self.tsa_root)],
        }


def _valid_for() -> dict[str, Json]:
    return {"start": format_time(at("00:00:00"))}


def _log(key: bytes, details: str, log_id: bytes) -> dict[str, Json]:
    return {
        "baseUrl": f"https://{ORIGIN}",
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": b64encode(key), "keyDetails": details, "validFor": _valid_for()},
        "logId": {"keyId": b64encode(log_id)},
    }


def _authority(name: str, *chain: Certificate) -> dict[str, Json]:
    return {
        "subject": {"organization": "Registry Example", "commonName": name},
        "uri": f"{PUBLIC_URL}/{name.lower()}",
        "certChain": {"certificates": [{"rawBytes": b64encode(item.der)} for item in chain]},
        "validFor": _valid_for(),
    }
