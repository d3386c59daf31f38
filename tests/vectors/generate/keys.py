"""Keys that follow from a word, and deterministic signatures: the same bytes on every machine.

They protect nothing. ECDSA is RFC 6979; Ed25519 is deterministic by itself.
"""

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from trust.core.keys.p256 import with_low_s
from trust.custody.signers import Ed25519Signer, P256Signer

_ECDSA = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)


def secret(word: str) -> bytes:
    """Return the 32-byte secret of a key."""
    return hashlib.sha256(f"touchplate vectors: {word}".encode()).digest()


def chance(word: str) -> bytes:
    """Return 16 bytes where a real signer takes random ones."""
    return secret(word)[:16]


def ed25519(word: str) -> Ed25519Signer:
    """Return the Ed25519 key of a word."""
    return Ed25519Signer(secret(word))


class P256:
    """A P-256 key of a word; a Signer."""

    def __init__(self, word: str) -> None:
        scalar = secret(word)
        self.public_key = P256Signer(scalar).public_key
        self._key = ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())

    def sign(self, message: bytes) -> bytes:
        """Return the RFC 6979 signature with a low S."""
        return with_low_s(self._key.sign(message, _ECDSA))
