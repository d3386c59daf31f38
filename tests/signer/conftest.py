"""A signer in this process, and a registry that has its keys there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from apart import WorldApart, signing


@pytest.fixture
def signer_socket(tmp_path: Path) -> Iterator[Path]:
    """The socket of a signer that runs as long as the test."""
    with signing(tmp_path / "signer") as socket:
        yield socket


@pytest.fixture
def apart(tmp_path: Path, signer_socket: Path) -> Iterator[WorldApart]:
    """A registry without a key of its own."""
    world = WorldApart(tmp_path, signer_socket)
    yield world
    world.close()
