"""ECDSA P-256: published vectors, and the encodings of keys read by a library that is not ours."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys import der, p256
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256

HALF = p256.ORDER // 2


@pytest.fixture(scope="module")
def signer() -> P256Signer:
    return P256Signer(generate_p256())


def signature_of(r: int, s: int) -> bytes:
    return der.sequence(der.integer(r), der.integer(s))


def high(signature: bytes) -> bytes:
    """The other signature of the same message, which nobody needs the private key for."""
    r, s = p256.split_signature(signature)
    return signature_of(r, p256.ORDER - s)


def holds(point: bytes, message: bytes, signature: bytes, *, low_s: bool) -> bool:
    try:
        p256.verify(point, message, signature, low_s=low_s)
    except (Malformed, VerificationFailed):
        return False
    return True


def s_of(signature: bytes) -> int:
    return p256.split_signature(signature)[1]


def vectors(shared: Path) -> list[tuple[bytes, dict[str, Any]]]:
    file = shared / "vectors" / "wycheproof" / "ecdsa_secp256r1_sha256_test.json"
    groups = json.loads(file.read_text())["testGroups"]
    return [
        (bytes.fromhex(group["publicKey"]["uncompressed"]), test)
        for group in groups
        for test in group["tests"]
    ]


def test_wycheproof(shared: Path) -> None:
    cases = vectors(shared)
    assert len(cases) == 484
    accepted = {True: 0, False: 0}
    for point, test in cases:
        message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
        valid = test["result"] == "valid"
        low = valid and s_of(signature) <= HALF
        assert holds(point, message, signature, low_s=False) == valid, test
        assert holds(point, message, signature, low_s=True) == low, test
        accepted[False] += valid
        accepted[True] += low
    assert accepted[False] > accepted[True] > 0


def test_the_second_signature_that_anyone_can_make_is_refused(signer: P256Signer) -> None:
    signature = signer.sign(b"text")
    p256.verify(signer.public_key, b"text", signature, low_s=True)
    p256.verify(signer.public_key, b"text", high(signature), low_s=False)
    with pytest.raises(VerificationFailed, match="high S") as refusal:
        p256.verify(signer.public_key, b"text", high(signature), low_s=True)
    assert refusal.value.step == 0
    assert p256.with_low_s(high(signature)) == signature
    assert p256.with_low_s(signature) == signature


@pytest.mark.parametrize("s", [HALF, HALF + 1])
def test_the_boundary_of_low_s(s: int) -> None:
    assert s_of(p256.with_low_s(signature_of(1, s))) == HALF


@pytest.mark.parametrize(
    ("r", "s"), [(0, 1), (1, 0), (p256.ORDER, 1), (1, p256.ORDER), (1, p256.ORDER + 1)]
)
def test_r_and_s_are_within_the_order(signer: P256Signer, r: int, s: int) -> None:
    with pytest.raises(Malformed):
        p256.verify(signer.public_key, b"text", signature_of(r, s), low_s=False)


def test_another_message_or_key_is_a_bad_signature(signer: P256Signer) -> None:
    signature = signer.sign(b"text")
    other = P256Signer(generate_p256()).public_key
    for point, message in ((signer.public_key, b"texT"), (other, b"text")):
        with pytest.raises(VerificationFailed) as refusal:
            p256.verify(point, message, signature, low_s=True)
        assert refusal.value.reason == "bad_signature"


def test_a_signature_has_one_spelling(signer: P256Signer) -> None:
    signature = signer.sign(b"text")
    r, s = p256.split_signature(signature)
    padded = der.tlv(der.INTEGER, b"\0\0" + r.to_bytes(33, "big"))
    spellings = [
        signature + b"\0",
        signature[:-1],
        b"\x30\x81" + signature[1:],
        der.sequence(padded, der.integer(s)),
        der.sequence(der.integer(r), der.integer(s), der.tlv(der.NULL, b"")),
        der.set_of(der.integer(r), der.integer(s)),
        r.to_bytes(32, "big") + s.to_bytes(32, "big"),
        b"",
    ]
    for spelling in spellings:
        with pytest.raises(Malformed):
            p256.verify(signer.public_key, b"text", spelling, low_s=False)


def test_points_off_the_curve_are_malformed(signer: P256Signer) -> None:
    signature = signer.sign(b"text")
    point = bytearray(signer.public_key)
    point[-1] ^= 1
    for hostile in (bytes(point), b"\x04" + bytes(64), b"\0", b"", b"\x04" + b"\xff" * 64):
        with pytest.raises(Malformed):
            p256.verify(hostile, b"text", signature, low_s=True)


def test_public_keys_are_encoded_as_the_library_does(signer: P256Signer) -> None:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), signer.public_key)
    laid = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert p256.spki(signer.public_key) == laid
    assert p256.point_from_spki(laid) == signer.public_key

    raw = Ed25519Signer(generate_ed25519()).public_key
    edwards = ed25519.Ed25519PublicKey.from_public_bytes(raw)
    laid = edwards.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert p256.ed25519_spki(raw) == laid
    assert p256.ed25519_from_spki(laid) == raw


def test_keys_of_other_kinds_and_lengths_are_malformed(signer: P256Signer) -> None:
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    foreign = p384.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    own = p256.spki(signer.public_key)
    edwards = p256.ed25519_spki(bytes(32))
    compressed = own[:26] + b"\x02" + own[27:]
    for data in (foreign, edwards, own[:-1], own + b"\0", compressed, signer.public_key, b""):
        with pytest.raises(Malformed):
            p256.point_from_spki(data)
    for data in (foreign, own, edwards[:-1], edwards + b"\0", bytes(32), b""):
        with pytest.raises(Malformed):
            p256.ed25519_from_spki(data)
