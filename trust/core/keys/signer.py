"""The Signer Protocol: bytes in, signature out.

Every private key of the registry and of people is used through it, so that a key can move to an
encrypted file, an agent, another process or a token without the callers noticing.
"""

from typing import Protocol


class Signer(Protocol):
    """A private key that signs.

    P-256: `public_key` is the 65-byte uncompressed point, a signature is DER ECDSA with SHA-256
    and a low S. Ed25519: `public_key` is 32 bytes, a signature 64.
    """

    @property
    def public_key(self) -> bytes:
        """The public half, derived from the private key and never stored apart from it."""

    def sign(self, message: bytes) -> bytes:
        """Sign the message itself, not a digest of it."""
