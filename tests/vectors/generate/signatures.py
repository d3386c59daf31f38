"""Bare signatures: Ed25519 as libsodium takes it, ECDSA on P-256 with a low S."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.edit import flipped
from tests.vectors.generate.keys import P256, ed25519
from trust.core.keys import der
from trust.core.keys.p256 import ORDER, spki, split_signature
from trust.custody.signers import P256Signer

MESSAGE = b"a message"
L = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _ed25519()
    yield from _p256()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _ed25519() -> Iterator[Vector]:
    ana, ben = ed25519("ana"), ed25519("ben")
    good = ana.sign(MESSAGE)
    r, s = good[:32], int.from_bytes(good[32:], "little")

    def given(key: bytes, signature: bytes, message: bytes = MESSAGE) -> dict[str, Any]:
        return {"key": _b64(key), "message": _b64(message), "signature": _b64(signature)}

    key = ana.public_key
    yield valid("ed25519-signature", "plain", "a good signature", given(key, good))
    empty = given(key, ana.sign(b""), b"")
    yield valid("ed25519-signature", "empty-message", "over no bytes", empty)
    for fault, says, case in (
        ("short-key", "a key of 31 bytes", given(key[1:], good)),
        ("long-key", "a key of 33 bytes", given(key + b"\0", good)),
        ("short-signature", "a signature of 63 bytes", given(key, good[:-1])),
        ("long-signature", "a signature of 65 bytes", given(key, good + b"\0")),
        ("empty-signature", "no signature", given(key, b"")),
    ):
        yield malformed("ed25519-signature", fault, says, case, "expected 32 and 64")
    neutral = (1).to_bytes(32, "little")
    for fault, says, case in (
        ("other-message", "another message", given(key, good, b"another message")),
        ("other-key", "another key", given(ben.public_key, good)),
        ("flipped-bit-in-r", "one bit of R", given(key, flipped(good, 0))),
        ("flipped-bit-in-s", "one bit of S", given(key, flipped(good, 40))),
        ("s-plus-order", "S plus the order: a second spelling", given(key, r + (s + L).to_bytes(32, "little"))),
        ("s-is-order", "S is the order", given(key, r + L.to_bytes(32, "little"))),
        ("key-of-low-order", "a key of order one, for which R = 1 and S = 0 sign every message", given(neutral, neutral + bytes(32))),
        ("key-zero", "a key of order four", given(bytes(32), bytes(64))),
        ("r-of-low-order", "an R of low order", given(key, neutral + good[32:])),
        ("key-not-canonical", "a key whose y is not below the prime", given((P + 3).to_bytes(32, "little"), good)),
        ("r-not-canonical", "an R whose y is not below the prime", given(key, (P + 3).to_bytes(32, "little") + good[32:])),
        ("key-not-on-curve", "a y that no point has", given((2).to_bytes(32, "little"), good)),
        ("prehashed", "over SHA-512 of the message", given(key, ana.sign(hashlib.sha512(MESSAGE).digest()))),
    ):  # fmt: skip
        yield invalid("ed25519-signature", fault, says, case, 0, "bad_signature")


def _p256() -> Iterator[Vector]:
    ana, ben = P256("ana"), P256("ben")
    good = ana.sign(MESSAGE)
    r, s = split_signature(good)
    high = _der(r, ORDER - s)

    def given(
        signature: bytes, key: bytes = b"", *, low: bool = True, message: bytes = MESSAGE
    ) -> dict[str, Any]:
        return {
            "key": _b64(key or spki(ana.public_key)),
            "message": _b64(message),
            "signature": _b64(signature),
            "lowS": low,
        }

    yield valid("p256-signature", "plain", "a good signature with a low S", given(good))
    yield valid(
        "p256-signature", "high-s-allowed", "a high S where it may be", given(high, low=False)
    )
    yield valid(
        "p256-signature", "largest-low-s", "S is half the order", given(*_with_s(ORDER // 2))
    )
    length = len(good) - 2
    for fault, says, signature, words in (
        ("raw", "r and s as 64 bytes, as browsers give them", r.to_bytes(32) + s.to_bytes(32), "expected tag 0x30"),
        ("trailing-byte", "a byte behind the signature", good + b"\0", "1 bytes too many"),
        ("trailing-byte-inside", "a byte behind s", bytes([0x30, length + 1]) + good[2:] + b"\0", "1 bytes too many"),
        ("long-length", "a length in the long form without need", bytes([0x30, 0x81, length]) + good[2:], "not minimal"),
        ("indefinite-length", "an indefinite length", b"\x30\x80" + good[2:] + b"\0\0", "not minimal"),
        ("leading-zero", "a zero too many in front of r", der.tlv(0x30, der.tlv(2, b"\0\0" + r.to_bytes(32)) + der.integer(s)), "negative or not minimal"),
        ("negative-r", "a negative r", der.tlv(0x30, der.tlv(2, b"\xff" * 32) + der.integer(s)), "negative or not minimal"),
        ("r-zero", "r is zero", _der(0, s), "r or s is out of range"),
        ("s-zero", "s is zero", _der(r, 0), "r or s is out of range"),
        ("r-is-order", "r is the order", _der(ORDER, s), "r or s is out of range"),
        ("s-plus-order", "s plus the order", _der(r, s + ORDER), "r or s is out of range"),
        ("empty", "no signature", b"", "the end"),
        ("truncated", "a byte too few", good[:-1], "runs past the end"),
        ("one-integer", "r without s", der.tlv(0x30, der.integer(r)), "the end"),
    ):  # fmt: skip
        yield malformed("p256-signature", fault, says, given(signature), words)
    yield from _p256_keys(given(good))
    for fault, says, case, reason in (
        ("high-s", "the second signature that follows from the first", given(high), "high_s"),
        (
            "smallest-high-s",
            "S is one above half the order",
            given(*_with_s(ORDER // 2 + 1)),
            "high_s",
        ),
        ("other-message", "another message", given(good, message=b"another"), "bad_signature"),
        ("other-key", "another key", given(good, key=spki(ben.public_key)), "bad_signature"),
        ("swapped", "r and s swapped", given(_der(s, r), low=False), "bad_signature"),
        ("flipped-bit", "one bit of r", given(_der(r ^ 1, s)), "bad_signature"),
    ):
        yield invalid("p256-signature", fault, says, case, 0, reason)


def _p256_keys(base: dict[str, Any]) -> Iterator[Vector]:
    encoded = spki(P256("ana").public_key)
    compressed = encoded[:26].replace(b"\x30\x59", b"\x30\x39").replace(b"\x03\x42", b"\x03\x22")
    point = encoded[27:59]
    for fault, says, key, words in (
        ("key-compressed", "a compressed key", compressed + bytes([2 + encoded[-1] % 2]) + point, "not the SPKI of an uncompressed"),
        ("key-hybrid", "a key in the hybrid form", encoded[:26] + bytes([6 + encoded[-1] % 2]) + encoded[27:], "not the SPKI of an uncompressed"),
        ("key-off-the-curve", "a point beside the curve", flipped(encoded), "not a point of P-256"),
        ("key-bare", "the bare point", encoded[26:], "not the SPKI of an uncompressed"),
        ("key-trailing-byte", "a byte behind the key", encoded + b"\0", "not the SPKI of an uncompressed"),
        ("key-of-other-curve", "a key of secp256k1", encoded.replace(bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06052b8104000a")), "not the SPKI of an uncompressed"),
    ):  # fmt: skip
        yield malformed("p256-signature", fault, says, {**base, "key": _b64(key)}, words)


def _with_s(s: int) -> tuple[bytes, bytes]:
    """Return a signature of the message with this S, and the SPKI of the key that fits it."""
    ephemeral = ec.derive_private_key(7, ec.SECP256R1()).public_key().public_numbers()
    r = ephemeral.x % ORDER
    digest = int.from_bytes(hashlib.sha256(MESSAGE).digest())
    scalar = (s * 7 - digest) * pow(r, -1, ORDER) % ORDER
    return _der(r, s), spki(P256Signer(scalar.to_bytes(32)).public_key)


def _der(r: int, s: int) -> bytes:
    return der.sequence(der.integer(r), der.integer(s))
