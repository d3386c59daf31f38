"""`POST /v1/timestamp`: a time stamp for anyone, which is never one of an entry."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import client_of
from starlette.testclient import TestClient
from world import World

from trust.api.routes.timestamp import QUERY, REPLY
from trust.core.errors import NotInTrustFile
from trust.core.keys import der
from trust.core.signing.bundle import parse_bundle
from trust.core.verify import verify
from trust.core.x509.certificate import parse_certificate
from trust.core.x509.timestamp import verify_timestamp
from trust.core.x509.timestamp_query import MAX_QUERY
from trust.core.x509.token import sha256_imprint
from trust.service.settings import TIMESTAMPS_PER_HOUR

HEADERS = {"content-type": QUERY}


def query(data: bytes, *parts: bytes) -> bytes:
    return der.sequence(der.integer(1), sha256_imprint(hashlib.sha256(data).digest()), *parts)


def stamp(client: TestClient, data: bytes, *parts: bytes) -> bytes:
    answer = client.post("/v1/timestamp", content=query(data, *parts), headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, REPLY)
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def test_a_time_stamp_says_when(client: TestClient, world: World) -> None:
    leaf, root = map(parse_certificate, world.registry.timestamp_chain())
    token = stamp(client, b"a file", der.integer(9))
    assert abs(verify_timestamp(token, b"a file", leaf, root) - world.now) <= 1


def test_two_time_stamps_differ_in_their_serial_numbers(client: TestClient) -> None:
    assert stamp(client, b"a file", der.integer(9)) != stamp(client, b"a file", der.integer(9))


def test_the_chain_is_there_for_whoever_verifies(client: TestClient) -> None:
    answer = client.get("/v1/timestamp")
    assert answer.headers["content-type"] == "application/pem-certificate-chain"
    assert answer.text.count("BEGIN CERTIFICATE") == 2


def test_it_is_never_the_token_of_an_entry(client: TestClient, world: World) -> None:
    """A registry's customer dates a signature here, and puts that into a bundle."""
    signed = world.join("ana").sign({"a.txt": b"a"})
    bundle = world.registry.bundle(signed.id)
    signature = bundle.envelope.signature
    forged = parse_bundle(bundle._replace(token=stamp(client, signature, der.integer(9))).to_json())
    with pytest.raises(NotInTrustFile) as refused:
        verify(forged, None, world.registry.trust, world.now)
    assert refused.value.reason == "unlisted_tsa"
    root = world.registry.trust_root().decode()
    listed = str(world.registry.trust.timestamp_authorities)
    for certificate in world.registry.timestamp_chain():
        assert certificate.hex() not in root
        assert str(certificate) not in listed


def test_what_cannot_be_granted_is_refused_in_the_protocol(client: TestClient) -> None:
    for body in (b"", b"\x30\x00", query(b"", der.oid("1.2.3")), bytes(MAX_QUERY + 1)):
        answer = client.post("/v1/timestamp", content=body, headers=HEADERS)
        assert (answer.status_code, answer.headers["content-type"]) == (200, REPLY)
        assert der.Reader(answer.content, "reply").enter().enter().integer() == 2


def test_only_a_query_is_taken_here_and_only_here(client: TestClient) -> None:
    wrong = client.post(
        "/v1/timestamp", content=query(b""), headers={"content-type": "application/json"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (415, "unsupported_type")
    wrong = client.post("/v1/statements", content=query(b""), headers=HEADERS)
    assert (wrong.status_code, wrong.json()["code"]) == (415, "unsupported_type")
    large = client.post("/v1/timestamp", content=bytes(16 * MAX_QUERY + 1), headers=HEADERS)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


def test_a_network_that_floods_is_told_to_wait_and_others_are_served(world: World) -> None:
    body = query(b"a file")
    for number in range(TIMESTAMPS_PER_HOUR):
        world.registry.timestamp(body, f"198.51.100.{number % 250}")
    client = client_of(world)
    flooding = TestClient(client.app, base_url=str(client.base_url), client=("198.51.100.9", 1))
    answer = flooding.post("/v1/timestamp", content=body, headers=HEADERS)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    other = TestClient(client.app, base_url=str(client.base_url), client=("203.0.113.9", 1))
    assert other.post("/v1/timestamp", content=body, headers=HEADERS).status_code == 200


def test_a_clock_that_stepped_back_is_no_time(clockless: World) -> None:
    reply = clockless.registry.timestamp(query(b"a file"), "")
    status = der.Reader(reply, "reply").enter().enter()
    assert status.integer() == 2
    assert b"the clock stepped backwards" in status.take(der.SEQUENCE)
    assert status.take(der.BIT_STRING) == b"\x01\x00\x02"  # timeNotAvailable: bit 14


@pytest.fixture
def clockless(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    world.offset = -3600
    yield world
    world.close()
