"""The whole application around a world's registry, and a client of it, without sockets.

The fixtures are for folders whose tests only read, or write beside each other: one registry a file.
A conftest takes them by importing them.
"""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from world import Person, World

from trust.api.app import create_app


def client_of(world: World) -> TestClient:
    """Return a client that asks under the public URL and follows no redirect."""
    return TestClient(
        create_app(world.registry, world.clock),
        base_url=world.settings.public_url,
        follow_redirects=False,
        raise_server_exceptions=False,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One registry for all tests of a file."""
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def ana(world: World) -> Person:
    """Ana López, who has joined it."""
    return world.join("ana", "Ana López")


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    """A client of it."""
    with client_of(world) as client:
        yield client
