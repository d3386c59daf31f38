"""Time-stamp tokens: OpenSSL must accept ours; ours must refuse everything that is not one."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from pki import LEAF_TERM, NOW, TSA_TERM, YEAR, Pki

from trust.core.errors import TouchplateError, VerificationFailed
from trust.core.keys import der
from trust.core.keys.p256 import ORDER, split_signature
from trust.core.x509 import writer
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.core.x509.timestamp import issue_timestamp, verify_timestamp
from trust.custody.signers import P256Signer, generate_p256

SIGNED = b"the signature of a statement"
OURS = Pki()
TOKEN = OURS.token(SIGNED)


def reason(token: bytes, tsa: Certificate, root: Certificate, signed: bytes = SIGNED) -> str:
    with pytest.raises(VerificationFailed) as refusal:
        verify_timestamp(token, signed, tsa, root)
    assert refusal.value.step == 4
    return refusal.value.reason


def accepted(token: bytes) -> bool:
    try:
        return verify_timestamp(token, SIGNED, OURS.tsa, OURS.root) == NOW
    except TouchplateError:
        return False


@pytest.mark.parametrize("seconds", [NOW, TSA_TERM[0], NOW + 9 * YEAR])
def test_a_token_says_when(seconds: int) -> None:
    token = OURS.token(SIGNED, seconds)
    assert verify_timestamp(token, SIGNED, OURS.tsa, OURS.root) == seconds


def test_a_token_after_2049_says_when(pki: Pki) -> None:
    late = 2524608000 + 5
    tsa = parse_certificate(pki.tsa_der(4, (NOW, late + YEAR)))
    root = parse_certificate(
        writer.root_certificate(pki.root_key, pki.root.subject, 1, NOW, late + YEAR)
    )
    token = pki.token(SIGNED, late, tsa)
    assert verify_timestamp(token, SIGNED, tsa, root) == late


def test_a_token_is_small_and_carries_no_certificate() -> None:
    assert len(TOKEN) < 520
    assert OURS.tsa.point not in TOKEN


def test_other_data_is_refused() -> None:
    assert reason(TOKEN, OURS.tsa, OURS.root, b"another signature") == "other_imprint"


def test_the_token_of_another_registry_is_refused(pki: Pki) -> None:
    # Same names and serial numbers: only the keys differ.
    assert pki.tsa.issuer == OURS.tsa.issuer
    reason(TOKEN, pki.tsa, pki.root)
    reason(pki.token(SIGNED), OURS.tsa, OURS.root)


def test_another_certificate_of_the_same_key_is_refused() -> None:
    successor = parse_certificate(OURS.tsa_der(serial=4))
    assert reason(TOKEN, successor, OURS.root) == "other_tsa"
    # Same serial number, other validity: the token's ESSCertIDv2 tells them apart (RFC 5035).
    twin = parse_certificate(OURS.tsa_der(serial=3, validity=(NOW - 5, NOW + YEAR)))
    assert twin.serial == OURS.tsa.serial
    reason(TOKEN, twin, OURS.root)


def test_a_key_without_the_certificate_of_a_tsa_is_refused() -> None:
    # A creator dates her own signature: issuer, serial number and signature are all in order.
    leaf = OURS.leaf
    token = issue_timestamp(SIGNED, leaf, OURS.ana, 1, 1, LEAF_TERM[0])
    reason(token, leaf, OURS.ca)
    reason(token, OURS.tsa, OURS.root)


@pytest.mark.parametrize(
    ("seconds", "good"),
    [
        (TSA_TERM[0] - 1, False),
        (TSA_TERM[0], True),
        (TSA_TERM[1] - 1, True),
        (TSA_TERM[1], False),
    ],
)
def test_the_tsa_must_have_been_valid_then(seconds: int, good: bool) -> None:  # noqa: FBT001
    token = OURS.token(SIGNED, seconds)
    if good:
        assert verify_timestamp(token, SIGNED, OURS.tsa, OURS.root) == seconds
    else:
        reason(token, OURS.tsa, OURS.root)


def test_the_root_must_have_issued_the_tsa() -> None:
    namesake = OURS.root_of(P256Signer(generate_p256()), "TSA root")
    assert namesake.subject == OURS.root.subject
    reason(TOKEN, OURS.tsa, namesake)
    reason(TOKEN, OURS.tsa, OURS.ca)


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_every_flipped_byte_is_refused(mask: int) -> None:
    # No byte is left unsigned in effect: what no signature covers is a constant of the shape.
    assert accepted(TOKEN)
    survivors = [
        place
        for place in range(len(TOKEN))
        if accepted(TOKEN[:place] + bytes([TOKEN[place] ^ mask]) + TOKEN[place + 1 :])
    ]
    assert survivors == []


class HighS(NamedTuple):
    """A TSA's key in a token or library that does not care which s it returns."""

    key: P256Signer

    @property
    def public_key(self) -> bytes:
        return self.key.public_key

    def sign(self, message: bytes) -> bytes:
        r, s = split_signature(self.key.sign(message))
        return der.sequence(der.integer(r), der.integer(ORDER - s))


def test_a_tsa_may_sign_with_a_high_s() -> None:
    # DESIGN: statement signatures are low-S only, those of the TSA need not be.
    token = issue_timestamp(SIGNED, OURS.tsa, HighS(OURS.tsa_key), 12, 7, NOW)
    assert verify_timestamp(token, SIGNED, OURS.tsa, OURS.root) == NOW


def test_every_truncation_is_refused() -> None:
    for size in range(len(TOKEN)):
        assert not accepted(TOKEN[:size])
    assert not accepted(TOKEN + b"\0")
    assert not accepted(b"\0" + TOKEN)


@pytest.mark.parametrize(
    "hostile",
    [b"\x30" * 100_000, b"\x30\x80" * 30_000, b"\x30\x82\xff\xff" * 15_000, b"\0" * 60_000],
)
def test_hostile_shapes_are_refused(hostile: bytes) -> None:
    assert not accepted(hostile)


@given(st.integers(0, len(TOKEN)), st.integers(0, 80), st.binary(max_size=80))
def test_spliced_bytes_are_refused(start: int, size: int, splice: bytes) -> None:
    spliced = TOKEN[:start] + splice + TOKEN[start + size :]
    assert accepted(spliced) == (spliced == TOKEN)


@given(st.binary(max_size=300))
def test_arbitrary_content_that_the_tsa_signed_raises_only_our_errors(info: bytes) -> None:
    head, _, rest = TOKEN.partition(hashlib.sha256(SIGNED).digest())
    assert not accepted(head + info + rest)


def pem(file: Path, certificate: Certificate) -> str:
    loaded = x509.load_der_x509_certificate(certificate.der)
    file.write_bytes(loaded.public_bytes(Encoding.PEM))
    return str(file)


def openssl_says(folder: Path, data: bytes, root: Certificate, *, attime: int) -> str:
    """Let `openssl ts -verify` judge our token; the TSA's certificate comes from beside it."""
    token, signed = folder / "token.tsr", folder / "signed"
    token.write_bytes(TOKEN)
    signed.write_bytes(data)
    tsa, anchor = pem(folder / "tsa.pem", OURS.tsa), pem(folder / "root.pem", root)
    command = ["openssl", "ts", "-verify", "-attime", str(attime), "-in", str(token)]
    command += ["-data", str(signed), "-CAfile", anchor, "-untrusted", tsa]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return "OK" if done.returncode == 0 and "Verification: OK" in done.stdout else done.stderr


def test_openssl_accepts_a_token_and_refuses_what_we_refuse(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine")
    assert openssl_says(tmp_path, SIGNED, OURS.root, attime=NOW) == "OK"
    assert "imprint mismatch" in openssl_says(tmp_path, b"other", OURS.root, attime=NOW)
    assert openssl_says(tmp_path, SIGNED, OURS.ca, attime=NOW) != "OK"
