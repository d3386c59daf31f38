"""The leaf: a Rekor v2 `hashedrekord` 0.0.2 over SHA-256 of the DSSE pre-authentication encoding.

Hash, signature, certificate, nothing else: no name, no payload. Stock Go clients rebuild these
bytes from the bundle, so they are exactly RFC 8785 and hold no further member.
"""

from trust.core.canonical import canonical
from trust.core.encoding import b64encode


def leaf_entry(pae_digest: bytes, signature: bytes, certificate: bytes) -> bytes:
    """Return the leaf of a signed envelope.

    Args:
        pae_digest: SHA-256 of the PAE, 32 bytes.
        signature: DER ECDSA.
        certificate: DER of the signer's certificate.
    """
    return canonical(
        {
            "apiVersion": "0.0.2",
            "kind": "hashedrekord",
            "spec": {
                "hashedRekordV002": {
                    "data": {"algorithm": "SHA2_256", "digest": b64encode(pae_digest)},
                    "signature": {
                        "content": b64encode(signature),
                        "verifier": {
                            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                            "x509Certificate": {"rawBytes": b64encode(certificate)},
                        },
                    },
                }
            },
        }
    )
