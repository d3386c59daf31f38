"""Bodies are judged before anything routes or parses them."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message

from trust.api.limits import BodyLimit

LIMIT = 100
JSON = {"content-type": "application/json"}


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    app.add_middleware(BodyLimit, limit=LIMIT, seconds=0.2)
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("size", [0, 1, LIMIT])
def test_a_body_up_to_the_limit_arrives_whole(client: TestClient, size: int) -> None:
    body = b"x" * size
    answer = client.post("/", content=body, headers=JSON)
    assert (answer.status_code, answer.content) == (200, body)


def test_one_byte_more_is_too_large(client: TestClient) -> None:
    answer = client.post("/", content=b"x" * (LIMIT + 1), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.json()["detail"] == f"{LIMIT + 1} bytes, expected at most {LIMIT}"


def test_a_body_without_a_length_is_counted_as_it_arrives(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"x" * 50

    answer = client.post("/", content=endless(), headers=JSON)
    assert answer.status_code == 413


def test_a_length_that_lies_small_does_not_let_more_in() -> None:
    """The server may not enforce Content-Length; we count what arrives."""
    messages = [
        {"type": "http.request", "body": b"x" * 60, "more_body": True},
        {"type": "http.request", "body": b"x" * 60, "more_body": False},
    ]
    assert status_of([(b"content-length", b"1")], messages) == 413


@pytest.mark.parametrize(
    "types",
    [
        [],
        ["text/plain"],
        ["application/json; charset=utf-8"],
        ["Application/JSON"],
        ["application/json", "application/json"],
        ["multipart/form-data; boundary=x"],
    ],
)
def test_only_exactly_one_exact_content_type_passes(client: TestClient, types: list[str]) -> None:
    answer = client.post("/", content=b"{}", headers=[("content-type", item) for item in types])
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_type")
    found = ", ".join(map(repr, types)) or "none"
    detail = f"content-type {found}, expected exactly 'application/json'"
    assert answer.json()["detail"] == detail


@pytest.mark.parametrize("coding", ["gzip", "identity", "br", ""])
def test_no_content_coding_passes_so_nothing_unpacks(client: TestClient, coding: str) -> None:
    answer = client.post("/", content=b"{}", headers={**JSON, "content-encoding": coding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_type")


def test_a_body_is_refused_before_its_route_is_looked_up(client: TestClient) -> None:
    assert client.post("/nowhere", content=b"{}").status_code == 415


def test_a_read_needs_no_content_type(client: TestClient) -> None:
    assert client.get("/").status_code == 200


def test_a_sender_that_stalls_is_let_go() -> None:
    assert status_of([], [{"type": "http.request", "body": b"{", "more_body": True}]) == 408


def test_a_client_that_goes_away_gets_no_answer() -> None:
    assert status_of([], [{"type": "http.disconnect"}]) is None


def status_of(extra: list[tuple[bytes, bytes]], messages: Sequence[Message]) -> int | None:
    """Drive the middleware by hand with these messages; silence follows the last."""
    sent: list[Message] = []
    pending = list(messages)

    async def receive() -> Message:
        if not pending:
            await asyncio.Event().wait()
        return pending.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    app = Starlette(routes=[Route("/", echo, methods=["POST"])])
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *extra],
    }
    asyncio.run(BodyLimit(app, LIMIT, 0.05)(scope, receive, send))
    return sent[0]["status"] if sent else None
