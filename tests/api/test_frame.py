"""Every answer has an id, and only the hosts that are ours are served."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from trust.api.frame import Frame, host_name

HOSTS = frozenset({"registry.example", "log2026-1.registry.example"})
PATHS = ("/v1/trust", "/v/7q2k", "/healthz")


async def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = Starlette(routes=[Route(path, hello, methods=["GET", "POST"]) for path in PATHS])
    app.add_middleware(Frame, hosts=lambda: HOSTS)
    with TestClient(app, base_url="https://registry.example") as client:
        yield client


@pytest.mark.parametrize(
    "host",
    ["registry.example", "registry.example:8443", "REGISTRY.example", "log2026-1.registry.example"],
)
def test_our_hosts_are_served_with_and_without_port(client: TestClient, host: str) -> None:
    assert client.get("/v1/trust", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["attacker.example", "registry.example.attacker.example", "127.0.0.1", "", "[::1]:80",
     "log2025-1.registry.example"],
)  # fmt: skip
def test_a_name_that_was_rebound_to_us_is_not_served(client: TestClient, host: str) -> None:
    answer = client.get("/v1/trust", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "other_host")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_health_is_answered_under_any_host(client: TestClient) -> None:
    assert client.get("/healthz", headers={"host": "10.0.0.7:8080"}).status_code == 200


def test_an_id_from_outside_is_not_taken_over(client: TestClient) -> None:
    first, second = (
        client.get("/v1/trust", headers={"x-request-id": "forged"}).headers["x-request-id"]
        for _ in range(2)
    )
    assert first.startswith("req_")
    assert first != second


def test_data_may_be_read_by_scripts_of_any_site_but_nothing_written(client: TestClient) -> None:
    allow = "access-control-allow-origin"
    assert client.get("/v1/trust").headers[allow] == "*"
    assert allow not in client.post("/v1/trust").headers
    assert allow not in client.get("/v/7q2k").headers


def test_no_browser_guesses_a_media_type(client: TestClient) -> None:
    assert client.get("/v/7q2k").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("netloc", "name"),
    [("a.example:80", "a.example"), ("A.Example", "a.example"), ("[::1]:80", "[::1]"),
     ("[::1]", "[::1]"), ("a:b", "a:b"), ("", "")],
)  # fmt: skip
def test_a_host_without_its_port(netloc: str, name: str) -> None:
    assert host_name(netloc) == name
