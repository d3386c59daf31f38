"""A certificate authority, an SCT key and a time-stamping authority of a test's own."""

import hashlib

from trust.core.keys.p256 import spki
from trust.core.x509 import writer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.sct import encode_sct, sct_message
from trust.core.x509.timestamp import issue_timestamp
from trust.custody.signers import P256Signer, generate_p256

NOW = 1793714527  # 2026-11-03T14:02:07Z
YEAR = 365 * 24 * 3600
ROOT_TERM = (NOW - YEAR, NOW + 20 * YEAR)  # beyond 2049 no certificate of the tests lasts
LEAF_TERM = (NOW, NOW + YEAR)
TSA_TERM = (NOW - YEAR, NOW + 10 * YEAR)
PUBLIC_URL = "https://registry.example"
SAN_URI = f"{PUBLIC_URL}/p/QmScid"
SCT_TIME_MS = NOW * 1000


class Pki:
    """Every key of it is new; its certificates are parsed."""

    def __init__(self) -> None:
        self.ca_key, self.sct_key, self.root_key, self.tsa_key, self.ana = (
            P256Signer(generate_p256()) for _ in range(5)
        )
        self.ca = self.root_of(self.ca_key, "CA")
        self.root = self.root_of(self.root_key, "TSA root")
        self.tsa = parse_certificate(self.tsa_der(serial=3))
        self.leaf = parse_certificate(self.leaf_der())

    def root_of(self, signer: P256Signer, name: str) -> Certificate:
        """Return a self-signed root."""
        subject = writer.name("Registry Example", name)
        return parse_certificate(writer.root_certificate(signer, subject, 1, *ROOT_TERM))

    def tsa_der(self, serial: int, validity: tuple[int, int] = TSA_TERM) -> bytes:
        """Return a certificate of the time-stamping key."""
        subject = writer.name("Registry Example", "TSA")
        point = self.tsa_key.public_key
        return writer.tsa_certificate(self.root, self.root_key, point, subject, serial, validity)

    def tbs(self, sct: bytes | None = None, validity: tuple[int, int] = LEAF_TERM) -> bytes:
        """Lay the TBS of Ana's certificate."""
        point = self.ana.public_key
        return writer.signer_tbs(self.ca, point, SAN_URI, PUBLIC_URL, 77, validity, sct)

    def sct(self, signer: P256Signer | None = None, time_ms: int = SCT_TIME_MS) -> bytes:
        """Return an SCT over the precertificate, by the SCT key or another."""
        key = signer or self.sct_key
        signature = key.sign(sct_message(self.ca.point, self.tbs(), time_ms))
        return encode_sct(log_id(key), time_ms, signature)

    def leaf_der(self, sct: bytes | None = None) -> bytes:
        """Return Ana's certificate with an SCT."""
        return writer.issue(self.tbs(sct or self.sct()), self.ca_key)

    def token(self, signed: bytes, seconds: int = NOW, tsa: Certificate | None = None) -> bytes:
        """Return a time-stamp token."""
        return issue_timestamp(signed, tsa or self.tsa, self.tsa_key, 12, 2**62 + 1, seconds)


def log_id(signer: P256Signer) -> bytes:
    """Return the log id of an SCT key."""
    return hashlib.sha256(spki(signer.public_key)).digest()
