"""A registry that is read-only answers everything and writes nothing."""

import dataclasses
from pathlib import Path

import pytest
from browser import client_of
from world import Person, World

from trust.core.canonical import canonical
from trust.core.errors import NotFound, Unavailable
from trust.service.health import GRACE

JSON = {"content-type": "application/json"}


@pytest.fixture
def still(world: World) -> World:
    """A registry with one person, a statement of hers, and two that wait; then read-only."""
    world.join("ana").sign({"a.txt": b"a"})
    world.late = Person(world, "ben", None)  # type: ignore[attr-defined]
    world.close()
    world.settings = dataclasses.replace(world.settings, read_only=True)
    world.registry = world.open()
    return world


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_reads_go_on_and_writes_get_one_reason(still: World) -> None:
    client = client_of(still)
    for path in ("/v1/people/@ana", "/@ana", "/v1/trust", "/api/v2/checkpoint", "/v1/status"):
        assert client.get(path).status_code == 200, path
    body = canonical(still.late.join_body)  # type: ignore[attr-defined]
    for sent in (body, b"{}"):
        answer = client.post("/v1/statements", content=sent, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "this registry is read-only for now" in answer.json()["detail"]
        assert "retry-after" in answer.headers


def test_it_is_no_fault_and_it_is_said(still: World) -> None:
    client = client_of(still)
    still.offset += 10 * (still.settings.resign_seconds + GRACE)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "read-only"})
    text = client.get("/metrics").text
    assert "touchplate_read_only 1" in text
    assert "touchplate_writer_stopped 0" in text


def test_nothing_is_written_and_nothing_signed(world: World, tmp_path: Path) -> None:
    ana = world.join("ana")
    signed = ana.prepare({"a.txt": b"a"})
    world.close()
    before = content(tmp_path)
    world.settings = dataclasses.replace(world.settings, read_only=True)
    world.offset += 400 * 24 * 3600  # certificate and trust file would be renewed
    world.registry = world.open()
    with pytest.raises(Unavailable, match="read-only"):
        world.registry.submit(signed.to_json(), "")
    world.close()
    assert content(tmp_path) == before
    world.settings = dataclasses.replace(world.settings, read_only=False)
    world.offset = 0
    world.registry = world.open()
    world.registry.submit(signed.to_json(), "")


def test_there_must_be_something_to_read(world: World, tmp_path: Path) -> None:
    settings = dataclasses.replace(world.settings, data=tmp_path / "nowhere", read_only=True)
    with pytest.raises(NotFound, match="no registry at"):
        type(world.registry).open(settings, b"x")
    assert not (tmp_path / "nowhere").exists()
