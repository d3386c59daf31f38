"""The short way to tiles and checkpoint answers as the route does, and keeps only so much."""

from typing import Any

from fastapi.testclient import TestClient
from world import World

from trust.api.shortcut import Shortcut

_OWN = "x-request-id"  # of each answer


def middleware(client: TestClient) -> Shortcut:
    """Find it in the application, from the outside in."""
    app: Any = client.app.middleware_stack  # type: ignore[attr-defined]
    while not isinstance(app, Shortcut):
        app = getattr(app, "_app", None) or app.app
    return app


def test_it_answers_as_the_route(client: TestClient, world: World) -> None:
    size = world.registry.facts().size
    for path in ("/api/v2/checkpoint", f"/api/v2/tile/0/000.p/{size}"):
        short = [client.get(path), client.get(path)]  # read, and kept
        # What asks whether it has changed is answered by the route.
        route = client.get(path, headers={"If-None-Match": '"another"'})
        for answer in short:
            assert (answer.status_code, answer.content) == (200, route.content)
            assert {**answer.headers, _OWN: ""} == {**route.headers, _OWN: ""}


def test_a_tile_that_comes_later_is_found_then(client: TestClient, world: World) -> None:
    """What is not there is not kept."""
    path = f"/api/v2/tile/0/000.p/{world.registry.facts().size + 1}"
    assert client.get(path).status_code == 404
    world.join("later")
    sizes = range(2, world.registry.facts().size + 1)
    found = [client.get(f"/api/v2/tile/0/000.p/{size}").status_code for size in sizes]
    assert found[-1] == 200


def test_it_is_counted_under_its_route(client: TestClient, world: World) -> None:
    path = f"/api/v2/tile/0/000.p/{world.registry.facts().size}"
    client.get(path)
    label = 'method="GET",route="/api/v2/tile/{path:path}",status="2xx"'
    (before,) = (line for line in client.get("/metrics").text.splitlines() if label in line)
    client.get(path)
    (after,) = (line for line in client.get("/metrics").text.splitlines() if label in line)
    assert float(after.split()[1]) == float(before.split()[1]) + 1


def test_it_gives_up_what_was_least_used(client: TestClient, world: World) -> None:
    """A stranger who reads every tile costs no more memory than the limit."""
    size = world.registry.facts().size
    short = middleware(client)
    short._kept.clear()
    short._size, short._limit = 0, 32 * size  # room for one tile of hashes
    paths = [f"/api/v2/tile/{kind}/000.p/{size}" for kind in ("0", "8/0")]
    for path in (*paths, *paths):
        assert client.get(path).status_code == 200
        assert list(short._kept) == [path]
    assert client.get(f"/api/v2/tile/entries/000.p/{size}").status_code == 200
    assert (list(short._kept), short._size) == ([], 0)  # larger than all room
