"""The only write, `POST /v1/statements`, against a real registry."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from browser import client_of
from httpx2 import Response
from pydantic import TypeAdapter
from starlette.testclient import TestClient
from world import Person, World, chance

from trust.api import schemas
from trust.api.limits import MAX_BODY
from trust.client.statements import make_deliverable
from trust.core.canonical import canonical
from trust.core.encoding import b64encode
from trust.core.signing.bundle import parse_bundle
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.verify import verify

JSON = {"content-type": "application/json"}


def post(client: TestClient, body: Any) -> Response:
    return client.post("/v1/statements", content=canonical(body), headers=JSON)


def test_a_join_answers_with_three_statements_and_the_certificate(
    client: TestClient, world: World
) -> None:
    ben = Person(world, "benedict", None)
    answer = post(client, ben.join_body)
    assert answer.status_code == 201
    published = TypeAdapter(list[schemas.Published]).validate_json(answer.content)
    assert [item.certificate is not None for item in published] == [True, False, False]
    assert client.get("/v1/people/@benedict").json()["scid"] == ben.scid
    assert post(client, ben.join_body).status_code == 201


def test_a_statement_is_published_before_it_is_acknowledged(
    client: TestClient, world: World, ana: Person
) -> None:
    signed = ana.prepare({"a.txt": b"a"})
    answer = post(client, signed.to_json())
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    published = schemas.Published.model_validate_json(answer.content)
    bundle = parse_bundle(published.bundle)
    assert verify(bundle, None, world.registry.trust, world.now).id == signed.id == published.id
    assert bundle.proof.size > bundle.proof.index == published.index
    assert client.get(f"/v1/attestations/{signed.id}").status_code == 200


def test_the_same_payload_again_gets_the_first_result(client: TestClient, ana: Person) -> None:
    body = ana.prepare({"b.txt": b"b"}).to_json()
    first, second = post(client, body), post(client, body)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["index"] == second.json()["index"]


def test_the_same_payload_in_flight_is_logged_once(client: TestClient, ana: Person) -> None:
    body = ana.prepare({"c.txt": b"c"}).to_json()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(client, body), range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["index"] for answer in answers}) == 1


def test_another_payload_under_the_same_id_is_a_conflict(
    client: TestClient, world: World, ana: Person
) -> None:

    fixed, note = chance(), world.registry.checkpoint()
    one, other = (
        make_deliverable(ana.author, {"x": hashlib.sha256(data).digest()}, note, fixed)
        for data in (b"1", b"2")
    )
    assert one.id == other.id
    assert post(client, one.to_json()).status_code == 201
    answer = post(client, other.to_json())
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("handle", ["ana", "an-a"])
def test_a_taken_handle_and_its_look_alike_are_refused(
    client: TestClient, world: World, ana: Person, handle: str
) -> None:
    assert ana.handle == "ana"
    answer = post(client, Person(world, handle, None).join_body)
    assert (answer.status_code, answer.json()["code"]) == (409, "handle_taken")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"{}", "malformed"),
        (b"[]", "malformed"),
        (b'{"envelope":1,"envelope":1}', "malformed"),  # a duplicate member
        (b'{"envelope":1.0,"private":null}', "malformed"),  # a float
        (b'{"envelope":{},"private":null,"more":1}', "malformed"),
        (b"[" * 100_000, "malformed"),
        (b"\xff", "malformed"),
        (b'{"didLog":[],"statements":[]}', "malformed"),
    ],
)
def test_a_body_that_is_no_statement_is_malformed(
    client: TestClient, body: bytes, code: str
) -> None:
    answer = client.post("/v1/statements", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    schemas.Problem.model_validate_json(answer.content)


def test_a_body_over_the_limit_is_refused_unread(client: TestClient) -> None:
    answer = client.post("/v1/statements", content=b" " * (MAX_BODY + 1), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "headers", [{"content-type": "text/plain"}, {**JSON, "content-encoding": "gzip"}, {}]
)
def test_another_type_or_coding_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/v1/statements", content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_type")


def test_a_forged_signature_is_refused_and_leaves_nothing(
    client: TestClient, world: World, ana: Person
) -> None:
    signed = ana.prepare({"d.txt": b"d"})
    body: dict[str, Any] = dict(signed.to_json())
    envelope = parse_envelope(body["envelope"], STATEMENT_PAYLOAD, "envelope")
    mallory = Person(world, "mallory", None).signer
    forged = {
        **envelope.to_json(),
        "signatures": [{"keyid": "", "sig": b64encode(mallory.sign(envelope.pae))}],
    }
    answer = post(client, {**body, "envelope": forged})
    assert answer.status_code in {403, 422}
    assert client.get(f"/v1/attestations/{signed.id}").status_code == 404


def test_nothing_but_a_post_is_taken(client: TestClient) -> None:
    answer = client.get("/v1/statements")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    options = client.options(
        "/v1/statements",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
    )
    assert options.status_code == 405
    assert "access-control-allow-origin" not in options.headers


def test_a_stopped_writer_says_try_later_and_reads_go_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    ana = world.join("ana")
    item = ana.sign({"a.txt": b"a"})
    later = ana.prepare({"b.txt": b"b"})
    with client_of(world) as client:
        public = world.settings.data / "public" / world.registry.trust.newest_log.origin
        (public / ".lock").unlink()
        (public / ".lock").mkdir()  # what the next checkpoint needs, and is no file
        answer = post(client, later.to_json())
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert client.get(f"/v1/attestations/{item.id}").status_code == 200
    world.close()
