"""The signed certificate timestamp (RFC 6962, 3.2): the promise that an issuance was logged."""

import hashlib

from trust.core.errors import Malformed
from trust.core.keys.p256 import spki


def sct_message(ca_point: bytes, tbs: bytes, time_ms: int) -> bytes:
    """Return what an SCT signs (RFC 6962 section 3.2, precert_entry).

    version(1)=0 | type(1)=0 | time_ms(8) | entry_type(2)=1 | SHA-256(issuer SPKI)(32)
    | length(3) | tbs | extensions_length(2)=0
    """
    issuer = hashlib.sha256(spki(ca_point)).digest()
    head = b"\0\0" + time_ms.to_bytes(8, "big") + b"\0\1" + issuer
    return head + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"


def encode_sct(log_id: bytes, time_ms: int, signature: bytes) -> bytes:
    """Return a SignedCertificateTimestamp.

    version(1)=0 | log id(32) | time_ms(8) | extensions_length(2)=0 | hash(1)=4 | signature(1)=3
    | length(2) | DER signature
    """
    head = b"\0" + log_id + time_ms.to_bytes(8, "big") + b"\0\0\x04\x03"
    return head + len(signature).to_bytes(2, "big") + signature


def split_sct(data: bytes) -> tuple[bytes, int, bytes]:
    """Return log id, time in milliseconds and signature; raise Malformed if re-encoding differs."""
    log_id, time_ms, signature = data[1:33], int.from_bytes(data[33:41]), data[47:]
    if encode_sct(log_id, time_ms, signature) != data:
        raise Malformed("not an SCT of version 1 with ECDSA and SHA-256", "certificate.sct")
    return log_id, time_ms, signature
