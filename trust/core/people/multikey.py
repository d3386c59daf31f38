"""Multikeys: public keys as DID documents and did:webvh logs write them.

`z`, then base58btc of a two-byte prefix and the key (W3C Controlled Identifiers 1.0):

    0xed 0x01   Ed25519, 32 bytes: who may change a DID
    0x80 0x24   P-256, 33 bytes, compressed: who signs statements

A P-256 key is the 65-byte uncompressed point everywhere else in this package.
"""

from cryptography.hazmat.primitives.asymmetric import ec

from trust.core.encoding import base58_decode, base58_encode
from trust.core.errors import Malformed

ED25519_PREFIX = b"\xed\x01"
P256_PREFIX = b"\x80\x24"
ED25519_SIZE = 32
POINT_SIZE = 65  # 0x04, x, y
_UNCOMPRESSED = 0x04  # first byte of a point in SEC 1, 2.3.3
_COMPRESSED_SIZE = 33  # 0x02 or 0x03 for the parity of y, x
_COORDINATE_SIZE = 32


def ed25519_multikey(key: bytes) -> str:
    """Return the Multikey of a 32-byte Ed25519 public key."""
    if len(key) != ED25519_SIZE:
        raise Malformed(f"{len(key)} bytes, expected an Ed25519 key of {ED25519_SIZE}")
    return "z" + base58_encode(ED25519_PREFIX + key)


def p256_multikey(point: bytes) -> str:
    """Return the Multikey of a 65-byte uncompressed P-256 point."""
    if len(point) != POINT_SIZE or point[0] != _UNCOMPRESSED:
        raise Malformed(f"{len(point)} bytes, expected an uncompressed point of {POINT_SIZE}")
    parity = bytes([2 + (point[-1] & 1)])
    return "z" + base58_encode(P256_PREFIX + parity + point[1 : 1 + _COORDINATE_SIZE])


def parse_ed25519(text: str, where: str = "multikey") -> bytes:
    """Return the 32 bytes of an Ed25519 Multikey; raise Malformed for any other text."""
    data = parse_multibase(text, where)
    if not data.startswith(ED25519_PREFIX) or len(data) != len(ED25519_PREFIX) + ED25519_SIZE:
        raise Malformed(f"{text[:60]!r} is not an Ed25519 Multikey", where)
    return data[len(ED25519_PREFIX) :]


def parse_p256(text: str, where: str = "multikey") -> bytes | None:
    """Return the 65-byte point of a P-256 Multikey, None for a Multikey of another kind.

    Raises:
        Malformed: not base58btc, or not a point of the curve in compressed form.
    """
    data = parse_multibase(text, where)
    if not data.startswith(P256_PREFIX):
        return None
    compressed = data[len(P256_PREFIX) :]
    if len(compressed) != _COMPRESSED_SIZE:  # the library would take the uncompressed form too
        raise Malformed(f"{text[:60]!r} is not a compressed P-256 point", where)
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), compressed)
    except ValueError as error:
        raise Malformed(f"{text[:60]!r} is not a point of P-256", where) from error
    numbers = key.public_numbers()
    x = numbers.x.to_bytes(_COORDINATE_SIZE, "big")
    return bytes([_UNCOMPRESSED]) + x + numbers.y.to_bytes(_COORDINATE_SIZE, "big")


def parse_multibase(text: str, where: str) -> bytes:
    """Decode `z` and base58btc; raise Malformed for another base."""
    if not text.startswith("z"):
        raise Malformed(f"{text[:60]!r} is not base58btc with the prefix z", where)
    return base58_decode(text[1:], where)
