"""/healthz and /readyz tell the truth: each fault is made, and each answer is asked for."""

import dataclasses
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import client_of
from httpx2 import Response
from starlette.testclient import TestClient
from world import World

from trust.core.errors import Unavailable
from trust.service.health import GRACE, MIB
from trust.storage.tiles import TileFolder


@pytest.fixture
def client(world: World) -> TestClient:
    return client_of(world)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A registry of this test's own, to be broken."""
    made = World(tmp_path)
    yield made
    made.close()


def not_ready(answer: Response) -> str:
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert answer.headers["cache-control"] == "no-store"
    detail: str = answer.json()["detail"]
    return detail


def gauges(client: TestClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {
        name.removeprefix("touchplate_"): float(value)
        for name, _, value in (line.partition(" ") for line in lines)
        if not name.startswith("#") and "{" not in name
    }


def test_a_registry_that_works_says_so(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready"}
    assert gauges(client)["ready"] == 1
    assert gauges(client)["log_entries"] == 2


def test_a_writer_that_the_disk_has_stopped(
    world: World, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")

    def refuse(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        with pytest.raises(Unavailable):
            ana.sign({"a.txt": b"a"})
    assert "the writer has stopped" in not_ready(client.get("/readyz"))
    assert client.get("/healthz").status_code == 200  # the process is well, and reads go on
    assert client.get("/v1/people/@ana").status_code == 200
    assert (gauges(client)["ready"], gauges(client)["writer_stopped"]) == (0, 1)
    world.restart()
    assert client_of(world).get("/readyz").status_code == 200


def test_a_machine_that_slept_too_long(world: World, client: TestClient) -> None:
    oldest = world.settings.resign_seconds + GRACE
    world.offset += oldest + 60
    assert f"s old, expected at most {oldest} s" in not_ready(client.get("/readyz"))
    assert gauges(client)["checkpoint_age_seconds"] > oldest
    world.registry._upkeep.tick()  # as its thread does within a minute
    assert client.get("/readyz").status_code == 200


def test_a_disk_that_hangs(
    world: World, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")
    goes_on, original = threading.Event(), TileFolder.write_checkpoint

    def hang(folder: TileFolder, note: str, over: str | None) -> None:
        goes_on.wait(60)
        original(folder, note, over)

    monkeypatch.setattr(TileFolder, "write_checkpoint", hang)
    writes = [threading.Thread(target=ana.sign, args=({"f": mark},)) for mark in (b"1", b"2")]
    for write in writes:
        write.start()
    world.offset += world.settings.resign_seconds + GRACE + 60
    assert "s old" in not_ready(client.get("/readyz"))
    goes_on.set()
    for write in writes:
        write.join()
    assert client.get("/readyz").status_code == 200


def test_less_free_than_must_be(world: World) -> None:
    """The disk is the real one; that it must have more than it has is the setting's doing."""
    world.close()
    world.settings = dataclasses.replace(world.settings, disk_floor=2**62)
    world.registry = world.open()
    client = client_of(world)
    assert "the disk is nearly full" in not_ready(client.get("/readyz"))
    answer = client.post(
        "/v1/statements", content=b"{}", headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "the disk is nearly full" in answer.json()["detail"]
    assert client.get("/v1/trust").status_code == 200


def test_a_disk_that_fills_and_has_room_again(small_disk: Path) -> None:
    world = World(small_disk)
    world.settings = dataclasses.replace(world.settings, disk_floor=256 * MIB)
    world.restart()
    ana, client = world.join("ana"), client_of(world)
    world.registry.submit(ana.prepare({"f": b"1"}).to_json(), "")
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - 100 * MIB))
    assert "the disk is nearly full: 100 MiB free" in not_ready(client.get("/readyz"))
    with pytest.raises(Unavailable, match="nearly full"):
        ana.sign({"f": b"2"})
    ballast.unlink()
    assert client.get("/readyz").status_code == 200
    ana.sign({"f": b"2"})  # nothing had to be started again
    world.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, half a gigabyte in memory, of which next to nothing is used."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    options = ["-t", "tmpfs", "-o", "size=512m", "touchplate-test", str(disk)]
    if mount is None or umount is None:
        pytest.skip("no mount on this machine")
    if subprocess.run([mount, *options], check=False, capture_output=True).returncode:
        pytest.skip("a test may not mount a disk here")
    yield disk
    subprocess.run([umount, "--lazy", str(disk)], check=True)
