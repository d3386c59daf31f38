"""The registry's authorities: its keys, CA, SCT log, TSA, and the trust file that lists them."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from trust.core.canonical import Json, parse
from trust.core.encoding import b64encode, format_time
from trust.core.keys.p256 import ed25519_spki, spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import clock_vkey, log_vkey
from trust.core.registry.trust_file import (
    MAX_TRUST_FILE,
    TRUSTED_ROOT_TYPE,
    ListedKey,
    TrustFile,
    Validity,
    encode_trust_file,
    listed_key_json,
    root_json,
)
from trust.core.registry.trust_file import MEDIA_TYPE as TRUST_TYPE
from trust.core.signing.envelope import parse_envelope
from trust.core.x509 import writer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.sct import encode_sct, sct_message
from trust.core.x509.timestamp import issue_timestamp
from trust.custody.remote import RemoteKeys
from trust.service.settings import Settings

KEYS = {
    "ca": "p256",
    "sct": "p256",
    "tsa-root": "p256",
    "tsa": "p256",
    "timestamp-root": "p256",  # these two are for anyone who asks: timestamps.py
    "timestamp": "p256",
    "registry": "p256",
    "log": "ed25519",
    "clock": "ed25519",
    "status": "ed25519",
    "root": "ed25519",
    "handles": "ed25519",  # makes the key of the HMAC that keeps erased handles from being given
}
DAY = 24 * 3600
YEAR = 365 * DAY
ROOT_YEARS = 20
SERIAL_BITS = 120


class Authorities(NamedTuple):
    """Certificates and keys in use. Every signature goes through a Signer."""

    settings: Settings
    origin: str
    keys: Mapping[str, Signer]
    ca: Certificate
    tsa_root: Certificate
    tsa: Certificate

    def close(self) -> None:
        """End the connection to the process that holds the keys, if another one does."""
        if isinstance(self.keys, RemoteKeys):
            self.keys.close()

    def timestamp(self, signature: bytes, seconds: int) -> bytes:
        """Return an RFC 3161 token over a signature."""
        return issue_timestamp(
            signature,
            self.tsa,
            self.keys["tsa"],
            secrets.randbits(SERIAL_BITS),
            secrets.randbits(63) | 1,
            seconds,
        )

    def precertificate(self, point: bytes, uri: str, now: int) -> dict[str, Json]:
        """Choose serial and validity of a certificate; return what `certificate` needs."""
        return {
            "point": b64encode(point),
            "uri": uri,
            "serial": str(secrets.randbits(SERIAL_BITS)),
            "start": now,
            "end": now + YEAR,
        }

    def tbs(self, request: Mapping[str, Json], point: bytes, sct: bytes | None = None) -> bytes:
        """Lay the TBS of a request from `precertificate`."""
        return writer.signer_tbs(
            self.ca,
            point,
            str(request["uri"]),
            self.settings.public_url,
            int(str(request["serial"])),
            (int(str(request["start"])), int(str(request["end"]))),
            sct,
        )

    def certificate(
        self, request: Mapping[str, Json], point: bytes, sct_seconds: int | None
    ) -> bytes:
        """Issue the certificate; with an SCT only once its issuance is logged."""
        sct = None
        if sct_seconds is not None:
            time_ms = sct_seconds * 1000
            signed = sct_message(self.ca.point, self.tbs(request, point), time_ms)
            signer = self.keys["sct"]
            log_id = hashlib.sha256(spki(signer.public_key)).digest()
            sct = encode_sct(log_id, time_ms, signer.sign(signed))
        return writer.issue(self.tbs(request, point, sct), self.keys["ca"])

    def trust_file(self, now: int) -> bytes:
        """Sign the first trust file, which lists what is in use now, good for a year."""
        start = now - DAY
        keys = self.keys
        payload: dict[str, Json] = {
            "version": 1,
            "expires": format_time(now + YEAR),
            "publicUrl": self.settings.public_url,
            "trustedRoot": self.trusted_root(start),
            "logs": [
                {
                    "origin": self.origin,
                    "logKey": str(log_vkey(self.origin, keys["log"].public_key)),
                    "clockKey": str(clock_vkey(self.origin, keys["clock"].public_key)),
                    "closed": None,
                }
            ],
            "registryKeys": [
                listed_key_json(ListedKey(spki(keys["registry"].public_key), Validity(start)))
            ],
            "statusKeys": [
                listed_key_json(ListedKey(ed25519_spki(keys["status"].public_key), Validity(start)))
            ],
            "root": root_json([keys["root"]], 1),
            "witnessPolicy": self.settings.witness_policy or "quorum none\n",
        }
        return encode_trust_file(payload, [keys["root"]])

    def next_trust_file(self, trust: TrustFile, now: int) -> bytes:
        """Sign the version after `trust`, good for a year: what is listed stays listed.

        The witnesses are those that the settings name, if they name any.
        """
        envelope = parse_envelope(
            parse(trust.encoded, MAX_TRUST_FILE), TRUST_TYPE, "trust file", most_signatures=16
        )
        payload = parse(envelope.payload, MAX_TRUST_FILE)
        listed = payload if isinstance(payload, dict) else {}
        changed: dict[str, Json] = {
            "version": trust.version + 1,
            "expires": format_time(now + YEAR),
        }
        if self.settings.witness_policy is not None:
            changed["witnessPolicy"] = self.settings.witness_policy
        return encode_trust_file({**listed, **changed}, [self.keys["root"]])

    def trusted_root(self, start: int) -> dict[str, Json]:
        """Return Sigstore's trusted_root.json: log, CA, SCT key and TSA, nothing added."""
        since: dict[str, Json] = {"start": format_time(start)}
        base = f"{self.settings.scheme}://{self.origin}{self.settings.port_suffix}"
        log = log_vkey(self.origin, self.keys["log"].public_key)
        sct = spki(self.keys["sct"].public_key)
        return {
            "mediaType": TRUSTED_ROOT_TYPE,
            "tlogs": [
                _log(base, ed25519_spki(log.key), "PKIX_ED25519", since, log.full_id),
            ],
            "certificateAuthorities": [self._authority("CA", since, self.ca)],
            "ctlogs": [
                _log(base, sct, "PKIX_ECDSA_P256_SHA_256", since, hashlib.sha256(sct).digest())
            ],
            # Stock clients want at least two certificates here: leaf first, root last.
            "timestampAuthorities": [self._authority("TSA", since, self.tsa, self.tsa_root)],
        }

    def _authority(self, name: str, since: dict[str, Json], *chain: Certificate) -> dict[str, Json]:
        return {
            "subject": {"organization": self.settings.organisation, "commonName": name},
            "uri": f"{self.settings.public_url}/{name.lower()}",
            "certChain": {"certificates": [{"rawBytes": b64encode(item.der)} for item in chain]},
            "validFor": since,
        }


def make_roots(settings: Settings, keys: Mapping[str, Signer], now: int) -> tuple[bytes, ...]:
    """Return the DER of CA root, TSA root and TSA leaf, made once at first start."""
    validity = (now - DAY, now + ROOT_YEARS * YEAR)

    def name(common: str) -> bytes:
        return writer.name(settings.organisation, common)

    serials = [secrets.randbits(SERIAL_BITS) for _ in range(3)]
    ca = writer.root_certificate(keys["ca"], name("CA"), serials[0], *validity)
    root = writer.root_certificate(keys["tsa-root"], name("TSA root"), serials[1], *validity)
    tsa = writer.tsa_certificate(
        parse_certificate(root),
        keys["tsa-root"],
        keys["tsa"].public_key,
        name("TSA"),
        serials[2],
        validity,
    )
    return ca, root, tsa


def next_ca(authorities: Authorities, mark: str, now: int) -> bytes:
    """Return the DER of a root for a new CA key, under a name of its own."""
    subject = writer.name(authorities.settings.organisation, f"CA {mark}")
    validity = (now - DAY, now + ROOT_YEARS * YEAR)
    signer = authorities.keys["ca"]
    return writer.root_certificate(signer, subject, secrets.randbits(SERIAL_BITS), *validity)


def next_tsa(authorities: Authorities, now: int) -> bytes:
    """Return the DER of a certificate for a new TSA key, under the same root."""
    return writer.tsa_certificate(
        authorities.tsa_root,
        authorities.keys["tsa-root"],
        authorities.keys["tsa"].public_key,
        authorities.tsa.subject,
        secrets.randbits(SERIAL_BITS),
        (now - DAY, authorities.tsa_root.not_after),
    )


def _log(
    base: str, key: bytes, details: str, since: dict[str, Json], log_id: bytes
) -> dict[str, Json]:
    return {
        "baseUrl": base,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": b64encode(key), "keyDetails": details, "validFor": since},
        "logId": {"keyId": b64encode(log_id)},
    }
