"""Signers in memory, read by libraries that did not make the signatures."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from nacl.signing import SigningKey, VerifyKey

from trust.core.errors import Malformed
from trust.core.keys.signer import Signer
from trust.custody.signers import (
    P256_ORDER,
    Ed25519Signer,
    P256Signer,
    generate_ed25519,
    generate_p256,
    signer_from,
)


def test_p256_signatures_are_der_low_s_and_hold() -> None:
    signer = P256Signer(generate_p256())
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), signer.public_key)
    for number in range(64):  # half of all signatures have a high S before it is lowered
        message = number.to_bytes(2, "big")
        signature = signer.sign(message)
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        assert decode_dss_signature(signature)[1] <= P256_ORDER // 2


def test_ed25519_equals_libsodium() -> None:
    secret = generate_ed25519()
    signer = Ed25519Signer(secret)
    assert signer.public_key == bytes(SigningKey(secret).verify_key)
    assert signer.sign(b"text") == SigningKey(secret).sign(b"text").signature
    VerifyKey(signer.public_key).verify(b"text", signer.sign(b"text"))


def size_of_public_key(signer: Signer) -> int:
    return len(signer.public_key)


def test_public_halves_have_the_form_that_the_protocol_promises() -> None:
    assert size_of_public_key(P256Signer(generate_p256())) == 65
    assert size_of_public_key(Ed25519Signer(generate_ed25519())) == 32


@pytest.mark.parametrize("generate", [generate_p256, generate_ed25519])
def test_generated_secrets_differ(generate: object) -> None:
    assert callable(generate)
    assert len({generate() for _ in range(8)}) == 8


def test_p256_known_answer() -> None:
    # RFC 6979, A.2.5: private key and public point
    signer = P256Signer(
        bytes.fromhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
    )
    assert signer.public_key.hex() == (
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    )


@pytest.mark.parametrize(
    "secret",
    [
        b"",
        bytes(32),
        bytes(31) + b"\x01\x00",
        bytes([1]) * 31,
        P256_ORDER.to_bytes(32, "big"),
        bytes([0xFF]) * 32,
    ],
)
def test_no_p256_secret(secret: bytes) -> None:
    with pytest.raises(Malformed):
        P256Signer(secret)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_no_ed25519_secret(size: int) -> None:
    with pytest.raises(Malformed):
        Ed25519Signer(bytes(size))


def test_an_unknown_kind_is_refused() -> None:
    assert isinstance(signer_from("p256", bytes([1] * 32)), P256Signer)
    assert isinstance(signer_from("ed25519", bytes([1] * 32)), Ed25519Signer)
    with pytest.raises(Malformed, match="'rsa'"):
        signer_from("rsa", bytes([1] * 32))


@pytest.mark.parametrize("kind", [P256Signer, Ed25519Signer])
def test_a_signer_does_not_print_its_secret(kind: type[P256Signer | Ed25519Signer]) -> None:
    secret = bytes(range(1, 33))
    assert secret.hex() not in repr(vars(kind(secret)))
