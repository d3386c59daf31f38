"""Multikeys of both kinds, and texts that are none."""

import pytest

from trust.core.encoding import base58_encode
from trust.core.errors import Malformed
from trust.core.people.multikey import (
    ed25519_multikey,
    p256_multikey,
    parse_ed25519,
    parse_p256,
)
from trust.custody.signers import P256Signer

# From the specification of did:key (P-256 section) and from the W3C vector's key pair.
KNOWN_P256 = "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"
KNOWN_ED25519 = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


def test_known_keys_keep_their_spelling() -> None:
    point = parse_p256(KNOWN_P256)
    assert point is not None
    assert p256_multikey(point) == KNOWN_P256
    assert ed25519_multikey(parse_ed25519(KNOWN_ED25519)) == KNOWN_ED25519


@pytest.mark.parametrize("scalar", range(1, 20))
def test_points_of_either_parity_come_back(scalar: int) -> None:
    point = P256Signer(scalar.to_bytes(32, "big")).public_key
    assert parse_p256(p256_multikey(point)) == point


def test_another_kind_is_no_p256_key() -> None:
    assert parse_p256(KNOWN_ED25519) is None


POINT = P256Signer(bytes([7] * 32)).public_key


@pytest.mark.parametrize(
    "data",
    [
        POINT,  # uncompressed: a second spelling of one key
        b"\x02" + bytes([0xFF] * 32),  # x is not below the field's prime
        b"\x02" + bytes(31) + b"\x01",  # no y for this x
        b"\x05" + POINT[1:33],
        POINT[:33],
        b"\x02" + POINT[1:32],
        b"",
        b"\x00",
    ],
    ids=["uncompressed", "x-too-large", "off-curve", "prefix", "prefix-4", "short", "empty", "0"],
)
def test_bytes_that_are_no_compressed_point(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_p256("z" + base58_encode(b"\x80\x24" + data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
        "u7QGw",
        KNOWN_ED25519[:-1],
        KNOWN_ED25519 + "2",
        KNOWN_ED25519.replace("M", "0", 1),
        KNOWN_ED25519 + " ",
        KNOWN_P256,
        "z" * 1000,
    ],
)
def test_texts_that_are_no_ed25519_key(text: str) -> None:
    with pytest.raises(Malformed):
        parse_ed25519(text)


def test_keys_of_another_size_are_not_written() -> None:
    with pytest.raises(Malformed):
        ed25519_multikey(bytes(31))
    with pytest.raises(Malformed):
        p256_multikey(POINT[1:])
    with pytest.raises(Malformed):
        p256_multikey(b"\x06" + POINT[1:])
