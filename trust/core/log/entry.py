"""The leaf: a Rekor v2 `hashedrekord` 0.0.2 over SHA-256 of the DSSE pre-authentication encoding.

Hash, signature, certificate, nothing else: no name, no payload. Stock Go clients rebuild these
bytes from the bundle, so they are exactly RFC 8785 and hold no further member.
"""

from typing import NamedTuple

from trust.core.canonical import canonical, parse_canonical
from trust.core.encoding import DIGEST_SIZE, b64encode
from trust.core.errors import Malformed
from trust.core.record import Record

MAX_LEAF = 16 * 1024  # bytes; ours take about 1,300
_VERSION = "0.0.2"
_KIND = "hashedrekord"
_HASH = "SHA2_256"
_KEY = "PKIX_ECDSA_P256_SHA_256"


class LeafEntry(NamedTuple):
    """What a leaf holds: SHA-256 of the PAE, DER ECDSA signature, DER certificate."""

    pae_digest: bytes
    signature: bytes
    certificate: bytes

    @staticmethod
    def parse(data: bytes, where: str = "leaf") -> "LeafEntry":
        """Read the exact bytes that `leaf_entry` writes; raise Malformed for anything else.

        Whether signature and certificate are DER is not looked at.
        """
        record = Record(parse_canonical(data, MAX_LEAF, where), where)
        record.constant("apiVersion", _VERSION)
        record.constant("kind", _KIND)
        spec = record.record("spec")
        body = spec.record("hashedRekordV002")
        hashed, signed = body.record("data"), body.record("signature")
        hashed.constant("algorithm", _HASH)
        verifier = signed.record("verifier")
        verifier.constant("keyDetails", _KEY)
        certificate = verifier.record("x509Certificate")
        entry = LeafEntry(
            hashed.base64("digest"), signed.base64("content"), certificate.base64("rawBytes")
        )
        for part in (record, spec, body, hashed, signed, verifier, certificate):
            part.done()
        if leaf_entry(*entry) != data:
            raise Malformed("not the leaf of what it says", where)
        return entry


def leaf_entry(pae_digest: bytes, signature: bytes, certificate: bytes) -> bytes:
    """Return the leaf of a signed envelope.

    Args:
        pae_digest: SHA-256 of the PAE, 32 bytes.
        signature: DER ECDSA.
        certificate: DER of the signer's certificate.

    Raises:
        Malformed: a digest of another size, an empty signature or certificate.
    """
    if len(pae_digest) != DIGEST_SIZE or not signature or not certificate:
        raise Malformed("expected a 32-byte digest, a signature and a certificate", "leaf")
    return canonical(
        {
            "apiVersion": _VERSION,
            "kind": _KIND,
            "spec": {
                "hashedRekordV002": {
                    "data": {"algorithm": _HASH, "digest": b64encode(pae_digest)},
                    "signature": {
                        "content": b64encode(signature),
                        "verifier": {
                            "keyDetails": _KEY,
                            "x509Certificate": {"rawBytes": b64encode(certificate)},
                        },
                    },
                }
            },
        }
    )
