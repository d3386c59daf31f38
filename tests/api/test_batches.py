"""NDJSON batches: each line is answered for itself, whatever stands in the others."""

import json
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from stranger import check_whole
from world import Person, World, chance

from trust.api import schemas
from trust.api.batch import MAX_BATCH, MAX_LINES
from trust.client.statements import make_deliverable, make_withdrawal
from trust.core.canonical import canonical

NDJSON = {"content-type": "application/x-ndjson"}


def post(client: TestClient, *lines: bytes, end: bytes = b"\n") -> Response:
    return client.post("/v1/statements", content=b"\n".join(lines) + end, headers=NDJSON)


def answers(response: Response) -> list[dict[str, Any]]:
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.content.endswith(b"\n")
    return [json.loads(line) for line in response.content.splitlines()]


def body(person: Person, number: int) -> bytes:
    return canonical(person.prepare({"a.txt": b"%d" % number}).to_json())


@pytest.mark.parametrize("end", [b"\n", b""], ids=["with a last line feed", "without"])
def test_every_line_is_published_and_answered_in_order(
    client: TestClient, world: World, ana: Person, end: bytes
) -> None:
    signed = [ana.prepare({"a.txt": b"%d" % number}) for number in range(20)]
    lines = [canonical(item.to_json()) for item in signed]
    found = [
        schemas.Published.model_validate(item) for item in answers(post(client, *lines, end=end))
    ]
    assert [item.id for item in found] == [item.id for item in signed]
    assert len({item.index for item in found}) == len(signed)
    check_whole(world)


def test_a_line_that_is_refused_costs_the_others_nothing(
    client: TestClient, world: World, ana: Person
) -> None:
    good = [body(ana, number) for number in range(3)]
    broken = json.loads(good[0])
    broken["private"]["names"] = ["b.txt"]
    stranger = Person(world, "nobody-yet", None)
    lines = [
        good[0],
        b"{",
        good[1],
        b"",
        canonical(broken),
        body(stranger, 9),
        b"[" * 1000,
        good[2],
    ]
    found = answers(post(client, *lines))
    statuses = [item.get("status", 201) if "type" in item else 201 for item in found]
    assert statuses == [201, 422, 201, 422, 422, 404, 422, 201]
    assert found[1]["detail"].startswith("line 2: not JSON")
    assert found[1]["param"] == "line 2"
    assert check_whole(world) > max(item["index"] for item in found if "index" in item)


def test_one_statement_twice_in_a_batch_is_one_entry(
    client: TestClient, world: World, ana: Person
) -> None:
    before = check_whole(world)
    line = body(ana, 1)
    first, second = answers(post(client, line, line))
    assert (first["id"], first["index"]) == (second["id"], second["index"])
    assert check_whole(world) == before + 1
    assert answers(post(client, line))[0]["index"] == first["index"]


def test_one_id_for_two_statements_is_a_conflict_in_a_batch_and_after_it(
    client: TestClient, world: World, ana: Person
) -> None:
    note, same = world.registry.checkpoint(), chance()
    first, second = (
        canonical(make_deliverable(ana.author, {"a": digest}, note, same).to_json())
        for digest in (bytes(32), bytes([1]) * 32)
    )
    before = check_whole(world)
    found = answers(post(client, first, second, body(ana, 1), first))
    assert [item.get("status", 201) for item in found if "detail" in item] == [409]
    assert "another statement stands" in found[1]["detail"]
    assert found[0]["id"] == found[3]["id"]
    again = answers(post(client, body(ana, 2), second))
    assert ["detail" in item for item in again] == [False, True]
    assert check_whole(world) == before + 3


def test_a_batch_may_withdraw_what_it_publishes_and_let_people_join(
    client: TestClient, world: World, ana: Person
) -> None:
    signed, ben = ana.prepare({"a.txt": b"a"}), Person(world, "benedict", None)
    withdrawal = make_withdrawal(ana.author, signed.id, world.registry.checkpoint(), chance())
    bodies = [signed.to_json(), withdrawal.to_json(), ben.join_body]
    published, withdrawn, joined = answers(post(client, *map(canonical, bodies)))
    assert published["index"] < withdrawn["index"]
    assert len(joined) == 3
    check_whole(world)


@pytest.mark.parametrize("lines", [0, MAX_LINES + 1])
def test_a_batch_has_1_to_1000_lines(client: TestClient, lines: int) -> None:
    answer = post(client, *[b"{}"] * lines)
    assert answer.status_code == 422
    assert "expected 1 to 1000" in answer.json()["detail"]


def test_a_batch_is_limited_before_it_is_read(client: TestClient) -> None:
    assert post(client, b" " * MAX_BATCH).status_code == 413
    answer = client.post("/v1/statements", content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert "'application/json' or 'application/x-ndjson'" in answer.json()["detail"]
