"""Strict Ed25519 verification: accept exactly what libsodium accepts.

Lengths 32 and 64; S < L; A and R canonical and not of low order; then the cofactorless equation.
Libraries on OpenSSL accept more (a key, R and S of low order "sign" every message), so a guard
stands in front of one. specs/decisions/0003 says why it is not PyNaCl here; tests compare the two.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from trust.core.errors import Malformed, VerificationFailed

KEY_SIZE = 32
SIGNATURE_SIZE = 64

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_LOW_255_BITS = (1 << 255) - 1
# The y coordinates of the points whose order divides eight (0, 1, -1 and the two of order eight);
# y + p is refused before, as not canonical.
_Y_OF_ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_LOW_ORDER_Y = frozenset({0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8})


def check(key: bytes, message: bytes, signature: bytes, where: str) -> None:
    """Verify an Ed25519 signature strictly.

    Raises:
        Malformed: a key or signature of another length.
        VerificationFailed: step 0, reason `bad_signature`; callers know the step and say it.
    """
    if len(key) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        raise Malformed(
            f"{len(key)}-byte key and {len(signature)}-byte signature, expected 32 and 64", where
        )
    if not (_is_strict_point(key) and _is_strict_point(signature[:32])):
        raise _bad(where)
    if int.from_bytes(signature[32:], "little") >= _L:
        raise _bad(where)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise _bad(where) from error


def _is_strict_point(encoding: bytes) -> bool:
    """Canonical in y and not of low order; whether it is on the curve is for the library."""
    y = int.from_bytes(encoding, "little") & _LOW_255_BITS
    return y < _P and y not in _LOW_ORDER_Y


def _bad(where: str) -> VerificationFailed:
    return VerificationFailed(0, "bad_signature", f"{where}: the signature does not hold")
