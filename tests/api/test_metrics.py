"""/metrics: closed label sets, whatever is asked, and nobody in them."""

import asyncio
import re
import secrets

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message
from world import Person, World

from trust.api.metrics import MEDIA_TYPE, Measure, Metrics

LINE = re.compile(
    r"# HELP touchplate_\w+ .+|# TYPE touchplate_\w+ (counter|gauge|summary)"
    r'|touchplate_\w+(\{\w+="[^"\\\n]*"(,\w+="[^"\\\n]*")*\})? [0-9.]+'
)
HOSTILE = ["/%0a%22", '/"}', "/v1/people/@ana%1b[31m", "/a%e2%80%aeb", "/" + "x" * 2000, "/%ff"]


def exposition(client: TestClient) -> str:
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def values(client: TestClient) -> dict[str, float]:
    lines = [line for line in exposition(client).splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_it_is_prometheus_text(client: TestClient) -> None:
    text = exposition(client)
    assert text.endswith("\n")
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []


def test_requests_are_counted_by_route(client: TestClient, world: World, ana: Person) -> None:
    good, bad = (
        f'touchplate_requests_total{{method="GET",route="/v1/people/{{who}}",status="{kind}"}}'
        for kind in ("2xx", "4xx")
    )
    before = values(client)
    for who in ("@ana", ana.scid):
        assert client.get(f"/v1/people/{who}").status_code == 200
    assert client.get("/v1/people/@nobody").status_code == 404
    after = values(client)
    assert after[good] - before.get(good, 0) == 2
    assert after[bad] - before.get(bad, 0) == 1
    assert after["touchplate_log_entries"] == world.registry.facts().size


def test_nobody_is_in_it(client: TestClient, ana: Person) -> None:
    client.get(f"/v1/people/{ana.scid}")
    client.get("/v1/people/@ana", headers={"user-agent": "spy", "x-forwarded-for": "192.0.2.7"})
    text = exposition(client)
    for word in (ana.scid, "@ana", "spy", "192.0.2.7", "testclient"):
        assert word not in text


@pytest.mark.parametrize("path", HOSTILE)
def test_hostile_paths_leave_no_mark(client: TestClient, path: str) -> None:
    client.get(path)
    client.request("BREW", path)
    client.get("/", headers={"host": "attacker.example"})
    text = exposition(client)
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    assert "BREW" not in text
    assert "attacker" not in text


def test_it_is_asked_by_address(client: TestClient) -> None:
    assert client.get("/metrics", headers={"host": "10.0.0.7:8080"}).status_code == 200


async def hello(_request: Request) -> Response:
    return PlainTextResponse("hello")


def test_100_000_random_paths_and_methods_make_it_no_larger() -> None:
    metrics = Metrics()
    app = Measure(Starlette(routes=[Route("/v/{id}", hello)]), metrics)
    asyncio.run(flood(app, 1000))
    sizes = series(metrics)
    asyncio.run(flood(app, 99_000))
    assert series(metrics) == sizes
    assert 'route="other",status="4xx"} ' in metrics.text({})


def test_an_application_that_raises_is_counted() -> None:
    metrics = Metrics()

    async def broken(*_: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        asyncio.run(ask(Measure(broken, metrics), "GET", "/"))
    assert 'method="GET",route="other",status="none"} 1' in metrics.text({})


def series(metrics: Metrics) -> list[str]:
    return [line.partition(" ")[0] for line in metrics.text({}).splitlines()]


async def flood(app: Measure, count: int) -> None:
    for number in range(count):
        path = secrets.token_urlsafe(6)
        known = number % 3 == 0
        method = f"M{path}" if number % 3 == 1 else "GET"
        await ask(app, method, f"/v/{path}" if known else f"/{path}")


async def ask(app: Measure, method: str, path: str) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Message) -> None:
        pass

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": []}
    await app(scope, receive, send)
