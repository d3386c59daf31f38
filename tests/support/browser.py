"""A client of the whole application around a world's registry, without sockets."""

from starlette.testclient import TestClient
from world import World

from trust.api.app import create_app


def client_of(world: World) -> TestClient:
    """Return a client that asks under the public URL and follows no redirect."""
    return TestClient(
        create_app(world.registry, world.clock),
        base_url=world.settings.public_url,
        follow_redirects=False,
        raise_server_exceptions=False,
    )
