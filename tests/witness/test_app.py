"""The witness over HTTP: statuses, media types, and bodies that no log would send."""

import asyncio
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive
from witnessed import HashLog, open_witness

from trust.core.log.cosigning import MAX_REQUEST, cosignature, read_answer
from trust.witness.app import create_app
from trust.witness.witness import Witness


@pytest.fixture
def log() -> HashLog:
    return HashLog()


@pytest.fixture
def witness(tmp_path: Path, log: HashLog) -> Iterator[Witness]:
    with open_witness(tmp_path / "w", log) as opened:
        yield opened


@pytest.fixture
def client(witness: Witness) -> TestClient:
    return TestClient(create_app(witness), raise_server_exceptions=False)


def test_a_checkpoint_is_cosigned_and_served(
    client: TestClient, witness: Witness, log: HashLog
) -> None:
    answer = client.post("/add-checkpoint", content=log.request(0, 10))
    text = log.sign(10).checkpoint.text()
    assert answer.status_code == 200
    assert answer.content.startswith("\u2014 ".encode())
    cosignature(read_answer(200, "text/plain", answer.content, text), text, witness.vkey)
    digest = hashlib.sha256(log.origin.encode()).hexdigest()
    served = client.get(f"/{digest}/checkpoint")
    assert (served.status_code, served.headers["content-type"]) == (
        200,
        "text/plain; charset=utf-8",
    )
    assert served.content.startswith(text.encode())
    assert served.content.endswith(answer.content)


def test_the_recorded_size_comes_in_its_own_type(client: TestClient, log: HashLog) -> None:
    client.post("/add-checkpoint", content=log.request(0, 10))
    answer = client.post("/add-checkpoint", content=log.request(0, 20))
    assert (answer.status_code, answer.content) == (409, b"10\n")
    assert answer.headers["content-type"] == "text/x.tlog.size"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/add-checkpoint", 400),
        ("GET", "/add-checkpoint", 405),
        ("PUT", "/add-checkpoint", 405),
        ("POST", "/sign-subtree", 404),
        ("GET", "/checkpoint", 404),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("GET", "/..%2f..%2fetc%2fpasswd/checkpoint", 404),
        ("POST", f"/{'0' * 64}/checkpoint", 405),
    ],
)
def test_everything_else_is_refused(
    client: TestClient, method: str, path: str, status: int
) -> None:
    assert client.request(method, path, follow_redirects=False).status_code == status


def test_it_says_who_it_is(client: TestClient, witness: Witness) -> None:
    assert witness.policy_line in client.get("/").text


def test_a_refusal_is_one_line_that_no_browser_takes_for_a_page(
    client: TestClient, log: HashLog
) -> None:
    log.origin = "<script>alert(1)</script>"
    answer = client.post("/add-checkpoint", content=log.request(0, 10))
    assert answer.status_code == 404
    assert answer.text.count("\n") == 1
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_of_the_size_that_is_allowed_is_read(client: TestClient) -> None:
    answer = client.post("/add-checkpoint", content=b"x" * MAX_REQUEST)
    assert (answer.status_code, answer.text[:4]) == (400, "add-")


def test_a_disk_that_refuses_is_503(client: TestClient, witness: Witness, log: HashLog) -> None:
    witness._records._connection.execute("pragma query_only = 1")
    for request in (log.request(0, 10), log.request(0, 10)):
        answer = client.post("/add-checkpoint", content=request)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_it_is_served_under_a_path(witness: Witness, log: HashLog) -> None:
    client = TestClient(create_app(witness, "/w/1"))
    assert client.post("/w/1/add-checkpoint", content=log.request(0, 10)).status_code == 200
    assert client.post("/add-checkpoint", content=log.request(10, 20)).status_code == 404
    assert client.get("/w/1/").status_code == 200


def test_a_content_coding_is_not_undone(client: TestClient) -> None:
    bomb = gzip.compress(b"old 0\n" * 1_000_000)
    answer = client.post("/add-checkpoint", content=bomb, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 400


def test_a_body_of_10_gigabytes_is_refused_by_its_beginning(witness: Witness) -> None:
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    assert status_of(witness, receive) == 413
    assert taken == MAX_REQUEST // 1000 + 1


def test_a_sender_that_stalls_is_let_go(witness: Witness) -> None:
    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert status_of(witness, receive) == 408


def test_a_client_that_goes_away_is_no_fault_of_ours(witness: Witness) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    assert status_of(witness, receive) == 400


def status_of(witness: Witness, receive: Receive) -> int:
    """Send what no client library would, by hand."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/add-checkpoint",
        "query_string": b"",
        "headers": [],
    }
    asyncio.run(create_app(witness, body_seconds=0.05)(scope, receive, send))
    status: int = sent[0]["status"]
    return status
