"""Our strict Ed25519 against libsodium (PyNaCl), on published vectors and on hostile input."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import nacl.exceptions
import nacl.signing
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from trust.core.errors import Malformed, VerificationFailed
from trust.core.keys.ed25519 import check
from trust.custody.signers import Ed25519Signer

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
LOW_255 = 2**255 - 1
Point = tuple[int, int]
Case = tuple[bytes, bytes, bytes]  # key, message, signature


def accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        check(key, message, signature, "test")
    except (Malformed, VerificationFailed):
        return False
    return True


def libsodium_accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        nacl.signing.VerifyKey(key).verify(message, signature)
    except (nacl.exceptions.CryptoError, ValueError):
        return False
    return True


# The curve in affine coordinates: slow and plain, only to make input that no signer makes.


def add(a: Point, b: Point) -> Point:
    t = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + t, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P)
    return x % P, y % P


def times(number: int, point: Point) -> Point:
    result = (0, 1)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def point_of(encoding: bytes) -> Point | None:
    """Decode laxly: y is reduced, so that there are two encodings of some points."""
    value = int.from_bytes(encoding, "little")
    y = (value & LOW_255) % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    return (-x % P if x & 1 != value >> 255 else x), y


def number(value: int) -> bytes:
    return value.to_bytes(32, "little")


def encode(point: Point) -> bytes:
    return number(point[1] | (point[0] & 1) << 255)


def base_point() -> Point:
    point = point_of(number(4 * pow(5, -1, P) % P))
    assert point is not None
    return point


def torsion_points() -> list[Point]:
    """The eight points whose order divides eight, from [L]Q of a Q with a full torsion part."""
    for y in range(2, 100):
        point = point_of(number(y))
        if point is not None:
            torsion = times(L, point)
            if times(4, torsion) != (0, 1):
                return [times(multiple, torsion) for multiple in range(8)]
    raise AssertionError


B = base_point()
TORSION = torsion_points()
SECRET = int.from_bytes(hashlib.sha256(b"a secret scalar").digest(), "little") % L
HONEST = encode(times(SECRET, B))


def low_order_encodings() -> list[bytes]:
    ys = {point[1] for point in TORSION}
    ys |= {y + P for y in ys if y + P <= LOW_255}
    return sorted(number(y | sign << 255) for y in ys for sign in (0, 1))


LOW_ORDER = low_order_encodings()


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L


def low_order_cases() -> Iterator[Case]:
    for r in LOW_ORDER:
        for key in LOW_ORDER:
            yield key, b"pay 100", r + number(0)
        yield HONEST, b"pay 100", r + number(challenge(r, HONEST, b"pay 100") * SECRET % L)


def non_canonical_cases() -> Iterator[Case]:
    for value in (y | sign << 255 for y in range(P, 2**255) for sign in (0, 1)):
        encoding = number(value)
        yield encoding, b"pay 100", encode(B) + number(1)
        s = challenge(encoding, HONEST, b"pay 100") * SECRET % L
        yield HONEST, b"pay 100", encoding + number(s)


def torsion_key_cases() -> Iterator[Case]:
    """The equation holds only where the challenge kills the key's torsion part."""
    r = encode(times(77, B))
    for torsion in TORSION[1:]:
        key = encode(add(times(SECRET, B), torsion))
        for message in (bytes([item]) for item in range(12)):
            yield key, message, r + number((77 + challenge(r, key, message) * SECRET) % L)


def openssl_accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_no_low_order_point_signs_though_openssl_lets_every_one_of_them() -> None:
    # Both points of low order and S = 0: the equation holds for some messages, so only the guard
    # stands between such a key and a forgery. Each canonical encoding is shown to need it.
    needed: set[bytes] = set()
    for key in LOW_ORDER:
        for r in LOW_ORDER:
            for message in (bytes([item]) for item in range(16)):
                case = key, message, r + number(0)
                assert not accepts(*case)
                assert not libsodium_accepts(*case)
                if openssl_accepts(*case):
                    needed |= {key, r}
    # Not the y >= p forms, which another rule refuses, and as R only what OpenSSL itself writes.
    canonical = {item for item in LOW_ORDER if int.from_bytes(item, "little") & LOW_255 < P}
    assert canonical <= needed


def test_there_are_14_low_order_encodings() -> None:
    assert len(LOW_ORDER) == 14


@pytest.mark.parametrize("cases", [low_order_cases, non_canonical_cases])
def test_hostile_points_are_refused_as_libsodium_refuses_them(
    cases: Callable[[], Iterator[Case]],
) -> None:
    for case in cases():
        assert not accepts(*case), [part.hex() for part in case]
        assert not libsodium_accepts(*case), [part.hex() for part in case]


def test_openssl_alone_accepts_a_forgery_for_every_message() -> None:
    identity = number(1)
    forgery = identity + number(0)
    for message in (b"hello", b"pay 100"):
        Ed25519PublicKey.from_public_bytes(identity).verify(forgery, message)  # no exception
        with pytest.raises(VerificationFailed) as caught:
            check(identity, message, forgery, "note")
        assert (caught.value.step, caught.value.reason) == (0, "bad_signature")


def test_keys_with_a_torsion_part_are_judged_as_libsodium_does() -> None:
    results = [(accepts(*case), libsodium_accepts(*case)) for case in torsion_key_cases()]
    assert all(ours == theirs for ours, theirs in results)
    assert {ours for ours, _ in results} == {True, False}


def test_s_beyond_the_order_is_a_second_spelling() -> None:
    signer = Ed25519Signer(bytes(32))
    signature = signer.sign(b"text")
    s = int.from_bytes(signature[32:], "little")
    assert accepts(signer.public_key, b"text", signature)
    for more in range(1, 16):
        if s + more * L < 2**256:
            assert not accepts(signer.public_key, b"text", signature[:32] + number(s + more * L))
    assert not accepts(signer.public_key, b"text", signature[:32] + number(L))


@pytest.mark.parametrize(("key", "signature"), [(31, 64), (33, 64), (32, 63), (32, 65), (0, 0)])
def test_other_lengths_are_malformed(key: int, signature: int) -> None:
    with pytest.raises(Malformed, match="expected 32 and 64"):
        check(bytes(key), b"", bytes(signature), "line")


def test_a_key_that_is_no_point_is_refused() -> None:
    key = next(number(y) for y in range(2, 100) if point_of(number(y)) is None)
    assert not accepts(key, b"", encode(B) + number(1))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=40), st.data())
def test_one_flipped_bit_anywhere_is_refused(
    seed: bytes, message: bytes, data: st.DataObject
) -> None:
    signer = Ed25519Signer(seed)
    parts = [signer.public_key, message, signer.sign(message)]
    assert accepts(*parts)
    assert libsodium_accepts(*parts)
    which = data.draw(st.sampled_from([place for place in range(3) if parts[place]]))
    bit = data.draw(st.integers(0, 8 * len(parts[which]) - 1))
    changed = bytearray(parts[which])
    changed[bit // 8] ^= 1 << bit % 8
    parts[which] = bytes(changed)
    assert not accepts(*parts)


def test_random_bytes_are_judged_as_libsodium_does() -> None:
    rng = random.Random(1)  # noqa: S311 - the same cases on every run
    for _ in range(300):
        case = rng.randbytes(32), rng.randbytes(8), rng.randbytes(64)
        assert accepts(*case) == libsodium_accepts(*case)


def test_wycheproof(shared: Path) -> None:
    document = json.loads((shared / "vectors/wycheproof/ed25519_test.json").read_text())
    wrong, count = [], 0
    for group in document["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for test in group["tests"]:
            case = key, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
            expected = test["result"] == "valid"
            count += 1
            if not accepts(*case) == libsodium_accepts(*case) == expected:
                wrong.append(test["tcId"])
    assert (wrong, count) == ([], 151)
