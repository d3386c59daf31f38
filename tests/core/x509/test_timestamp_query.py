"""Requests for time stamps: read strictly, refused in the protocol's own words."""

import hashlib
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pki import NOW, Pki

from trust.core.keys import der
from trust.core.x509.timestamp_query import (
    MAX_QUERY,
    FailInfo,
    Query,
    Refused,
    grant,
    parse_query,
    refusal,
)
from trust.core.x509.token import POLICY

OURS = Pki()
DATA = b"a build artefact"
SHA256 = der.oid("2.16.840.1.101.3.4.2.1")
SHA512 = der.oid("2.16.840.1.101.3.4.2.3")
SHA1 = der.oid("1.3.14.3.2.26")
NULL = der.tlv(der.NULL, b"")
VERSION, YES, NO = der.integer(1), der.boolean(value=True), der.boolean(value=False)


def imprint(algorithm: bytes = SHA256, size: int = 32, *parameters: bytes) -> bytes:
    return der.sequence(der.sequence(algorithm, *parameters), der.octets(bytes(size)))


def query(*parts: bytes) -> bytes:
    return der.sequence(VERSION, imprint(), *parts)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (query(), Query(imprint(), None, wants_certificate=False)),
        (query(der.integer(0)), Query(imprint(), 0, wants_certificate=False)),
        (query(POLICY, der.integer(7), YES), Query(imprint(), 7, wants_certificate=True)),
        (query(der.integer(2**159 - 1)), Query(imprint(), 2**159 - 1, wants_certificate=False)),
        (
            der.sequence(VERSION, imprint(SHA512, 64, NULL)),
            Query(imprint(SHA512, 64, NULL), None, wants_certificate=False),
        ),
    ],
)
def test_a_request_is_read(data: bytes, found: Query) -> None:
    assert parse_query(data) == found


@pytest.mark.parametrize(
    ("data", "info", "why"),
    [
        (b"", FailInfo.BAD_DATA_FORMAT, "the end at byte 0"),
        (b"\x30\x80\x00\x00", FailInfo.BAD_DATA_FORMAT, "not minimal"),
        (bytes(MAX_QUERY + 1), FailInfo.BAD_DATA_FORMAT, "1025 bytes"),
        (b"\x30" * MAX_QUERY, FailInfo.BAD_DATA_FORMAT, "bytes too many"),
        (query() + b"\0", FailInfo.BAD_DATA_FORMAT, "1 bytes too many"),
        (query()[:-1], FailInfo.BAD_DATA_FORMAT, "runs past the end"),
        (der.sequence(der.integer(2), imprint()), FailInfo.BAD_REQUEST, "version 2"),
        (der.sequence(VERSION, imprint(SHA1, 20)), FailInfo.BAD_ALGORITHM, "SHA-256"),
        (der.sequence(VERSION, imprint(size=20)), FailInfo.BAD_DATA_FORMAT, "of 20 bytes"),
        (der.sequence(VERSION, imprint(SHA256, 32, SHA1)), FailInfo.BAD_DATA_FORMAT, "tag 0x06"),
        (query(der.oid("1.2.3")), FailInfo.UNACCEPTED_POLICY, "2.999.1"),
        (query(der.integer(2**159)), FailInfo.BAD_DATA_FORMAT, "159 bits"),
        (query(b"\x02\x01\xff"), FailInfo.BAD_DATA_FORMAT, "negative"),
        (query(b"\x02\x02\x00\x01"), FailInfo.BAD_DATA_FORMAT, "not minimal"),
        (query(NO), FailInfo.BAD_DATA_FORMAT, "certReq"),
        (query(b"\x01\x01\x01"), FailInfo.BAD_DATA_FORMAT, "certReq"),
        (query(YES, YES), FailInfo.BAD_DATA_FORMAT, "3 bytes too many"),
        (query(YES, der.integer(1)), FailInfo.BAD_DATA_FORMAT, "3 bytes too many"),
        (query(der.context(0, b"")), FailInfo.UNACCEPTED_EXTENSION, "no extension"),
    ],
)
def test_anything_else_is_refused_by_its_own_bit(data: bytes, info: FailInfo, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        parse_query(data)
    assert refused.value.info is info


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_else(data: bytes) -> None:
    with pytest.raises(Refused):
        parse_query(data)


@given(st.integers(0, 60), st.integers(0, 20), st.binary(max_size=20))
def test_a_spliced_request_is_read_strictly_or_refused(start: int, size: int, new: bytes) -> None:
    whole = query(POLICY, der.integer(7), YES)
    spliced = whole[:start] + new + whole[start + size :]
    try:
        found = parse_query(spliced)
    except Refused as refused:
        assert der.Reader(refusal(refused), "").enter().enter().integer() == 2  # noqa: PT017
        return
    certificate = (YES,) if found.wants_certificate else ()
    nonce = () if found.nonce is None else (der.integer(found.nonce),)
    policy = (POLICY,) if POLICY in spliced[2 + 3 + len(found.imprint) :] else ()
    assert der.sequence(VERSION, found.imprint, *policy, *nonce, *certificate) == spliced


@pytest.mark.parametrize("info", list(FailInfo))
def test_failinfo_names_exactly_its_bit(info: FailInfo) -> None:
    status = der.Reader(refusal(Refused(info, "because")), "reply").enter().enter()
    assert status.integer() == 2
    assert status.enter().take(der.UTF8_STRING) == b"because"
    bits = status.take(der.BIT_STRING)
    status.done()
    named = int.from_bytes(bits[1:]) >> bits[0]
    assert named == 1  # DER: no zero bit follows the last that is set
    assert 8 * len(bits[1:]) - bits[0] - 1 == info


def test_openssl_reads_a_refusal(tmp_path_factory: pytest.TempPathFactory) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine")
    path = tmp_path_factory.mktemp("reply") / "reply.tsr"
    path.write_bytes(refusal(Refused(FailInfo.BAD_ALGORITHM, "expected SHA-256")))
    done = subprocess.run(
        [openssl, "ts", "-reply", "-in", path, "-text"], check=False, capture_output=True, text=True
    )
    assert "Status: Rejected." in done.stdout
    assert "unrecognized or unsupported algorithm identifier" in done.stdout
    assert "expected SHA-256" in done.stdout


def test_nonce_and_certificate_are_there_only_where_they_were_asked_for() -> None:
    mark = 0x5EC7_0D0A_1122_3344
    message = der.sequence(der.sequence(SHA256), der.octets(hashlib.sha256(DATA).digest()))
    bare = grant(Query(message, None, wants_certificate=False), OURS.tsa, OURS.tsa_key, 1, NOW)
    full = grant(Query(message, mark, wants_certificate=True), OURS.tsa, OURS.tsa_key, 1, NOW)
    assert der.integer(mark) in full
    assert OURS.tsa.der in full
    assert der.integer(mark) not in bare
    assert OURS.tsa.der not in bare
