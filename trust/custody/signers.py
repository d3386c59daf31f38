"""Signers that hold their private key in memory, and the making of such keys.

Both satisfy `trust.core.keys.signer.Signer`: bytes in, signature out, so that a key can move to
another process or a token. The public half is derived from the secret, never taken from elsewhere
(RUSTSEC-2022-0093: a signer that is given both can be made to give its secret away).
"""

from typing import Final, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from trust.core.errors import Malformed

KeyKind = Literal["p256", "ed25519"]

SECRET_SIZE = 32  # bytes, of a P-256 scalar (big-endian) and of an Ed25519 seed alike
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # SEC 2, 2.4.2


class P256Signer:
    """ECDSA P-256 with SHA-256. Signatures are DER with a low S, as statements demand."""

    kind: Final = "p256"

    def __init__(self, secret: bytes) -> None:
        """Take a 32-byte scalar; raise Malformed unless it is from 1 to the order less 1."""
        scalar = int.from_bytes(secret, "big")
        if len(secret) != SECRET_SIZE or not 0 < scalar < P256_ORDER:
            raise Malformed(f"not a P-256 secret of {SECRET_SIZE} bytes within the order")
        self._key = ec.derive_private_key(scalar, ec.SECP256R1())
        numbers = self._key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(SECRET_SIZE, "big"), numbers.y.to_bytes(SECRET_SIZE, "big")
        self._public_key = b"\x04" + x + y

    @property
    def public_key(self) -> bytes:
        """The 65-byte uncompressed point."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Return the DER signature, S at most half the order."""
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return encode_dss_signature(r, min(s, P256_ORDER - s))


class Ed25519Signer:
    """Ed25519 (RFC 8032), signatures of 64 bytes."""

    kind: Final = "ed25519"

    def __init__(self, secret: bytes) -> None:
        """Take a 32-byte seed; raise Malformed for another size."""
        if len(secret) != SECRET_SIZE:
            raise Malformed(f"{len(secret)} bytes, expected an Ed25519 seed of {SECRET_SIZE}")
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self._public_key = self._key.public_key().public_bytes_raw()

    @property
    def public_key(self) -> bytes:
        """The 32-byte public key."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self._key.sign(message)


KeySigner = P256Signer | Ed25519Signer


def signer_from(kind: str, secret: bytes) -> KeySigner:
    """Return the signer of a stored secret; raise Malformed for an unknown kind."""
    if kind == P256Signer.kind:
        return P256Signer(secret)
    if kind == Ed25519Signer.kind:
        return Ed25519Signer(secret)
    raise Malformed(f"{kind[:60]!r} is no kind of key, expected p256 or ed25519")


def generate_p256() -> bytes:
    """Return a new 32-byte P-256 secret: for `P256Signer` and for a key file."""
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    return numbers.private_value.to_bytes(SECRET_SIZE, "big")


def generate_ed25519() -> bytes:
    """Return a new 32-byte Ed25519 seed: for `Ed25519Signer` and for a key file."""
    return Ed25519PrivateKey.generate().private_bytes_raw()
