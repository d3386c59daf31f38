"""ECDSA on P-256 with SHA-256: strict verification, and the DER forms of keys.

A public key is its 65-byte uncompressed point. A signature is DER that re-encodes to the same
bytes; statement signatures must have a low S, so that nobody can make a second one from the first.
"""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys import der

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
POINT_SIZE = 65
KEPT = 256  # keys that were used a moment ago; one is read in 0.03 ms

_SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")


class _EcdsaWithSha256(ec.ECDSA):
    """ECDSA for verifying only: its own constructor loads every cipher of the library (8 ms)."""

    algorithm = hashes.SHA256()
    deterministic_signing = False

    def __init__(self) -> None:
        pass


_ECDSA = _EcdsaWithSha256()


def verify(point: bytes, message: bytes, signature: bytes, *, low_s: bool) -> None:
    """Verify a DER ECDSA signature over SHA-256 of the message.

    Raises:
        Malformed: not a point of the curve, or not canonical DER.
        VerificationFailed: step 0, `bad_signature` or `high_s`; callers know the step.
    """
    _, s = split_signature(signature)
    if low_s and s > ORDER // 2:
        raise VerificationFailed(0, "high_s", "the signature has a high S")
    try:
        _key(point).verify(signature, message, _ECDSA)
    except InvalidSignature as error:
        raise VerificationFailed(0, "bad_signature", "the signature does not hold") from error


def verify_digest(point: bytes, digest: bytes, signature: bytes) -> None:
    """Verify a DER ECDSA signature over a message of which only the SHA-256 is known.

    Raises:
        Malformed: not a point of the curve, or not canonical DER.
        VerificationFailed: step 0, `bad_signature`.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed  # noqa: PLC0415

    split_signature(signature)
    try:
        _key(point).verify(signature, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature as error:
        raise VerificationFailed(0, "bad_signature", "the signature does not hold") from error


@lru_cache(maxsize=KEPT)
def _key(point: bytes) -> ec.EllipticCurvePublicKey:
    """Return the key of a point; raise Malformed unless it is on the curve."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise Malformed("not a point of P-256") from error


def split_signature(signature: bytes) -> tuple[int, int]:
    """Return r and s of a canonical DER signature, each in 1 .. order - 1."""
    outer = der.Reader(signature, "signature")
    body = outer.enter()
    outer.done()
    r, s = body.integer(), body.integer()
    body.done()
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise Malformed("r or s is out of range", "signature")
    return r, s


def with_low_s(signature: bytes) -> bytes:
    """Return the signature of the same key and message that has a low S."""
    r, s = split_signature(signature)
    return der.sequence(der.integer(r), der.integer(min(s, ORDER - s)))


def spki(point: bytes) -> bytes:
    """Return the DER SubjectPublicKeyInfo of an uncompressed point."""
    return _SPKI_PREFIX + point


def point_from_spki(data: bytes) -> bytes:
    """Return the point of a P-256 SPKI; raise Malformed for any other key."""
    point = data.removeprefix(_SPKI_PREFIX)
    if len(data) != len(_SPKI_PREFIX) + POINT_SIZE or spki(point) != data or point[0] != 4:  # noqa: PLR2004 - the uncompressed form
        raise Malformed("not the SPKI of an uncompressed P-256 key")
    return point


def ed25519_spki(key: bytes) -> bytes:
    """Return the DER SubjectPublicKeyInfo of a raw Ed25519 key (RFC 8410)."""
    return _ED25519_PREFIX + key


def ed25519_from_spki(data: bytes) -> bytes:
    """Return the 32 bytes of an Ed25519 SPKI; raise Malformed for any other key."""
    key = data.removeprefix(_ED25519_PREFIX)
    if len(key) != 32 or ed25519_spki(key) != data:  # noqa: PLR2004 - the size of the key
        raise Malformed("not the SPKI of an Ed25519 key")
    return key
