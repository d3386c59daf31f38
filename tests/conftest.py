"""What every test may use. Sockets are off; `@pytest.mark.loopback` opens this machine only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from postgres_server import PostgresServer
from world import World

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK_HOSTS = ["127.0.0.1", "::1", "localhost"]

# The same examples on every run: a red build is red for everyone. No deadline: no timing asserts.
settings.register_profile("touchplate", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("touchplate")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Turn our `loopback` marker into the list of hosts that pytest-socket understands."""
    if item.get_closest_marker("loopback"):
        item.add_marker(pytest.mark.allow_hosts(LOOPBACK_HOSTS))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the checkout; real data that is not ours to commit."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder ../shared beside the checkout: its data cannot be committed")
    return folder


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A registry of the test's own, without sockets."""
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this run's own, on a Unix socket."""
    with PostgresServer.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database."""
    with postgres.database() as url:
        yield url
