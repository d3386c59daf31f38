"""Statements are refused before the disk is full, and taken again when there is room."""

import dataclasses
import shutil
from types import SimpleNamespace

import pytest
from world import World

from trust.core.errors import Unavailable
from trust.service import health as trust_health

GIB = 2**30


@pytest.mark.parametrize(
    ("whole", "setting", "floor"),
    [(100 * GIB, None, 5 * GIB), (10 * GIB, None, GIB), (100 * GIB, 4096, 4096)],
)
def test_the_floor_is_the_larger_of_a_part_and_a_size_or_what_is_set(
    world: World, monkeypatch: pytest.MonkeyPatch, whole: int, setting: int | None, floor: int
) -> None:
    monkeypatch.setattr(trust_health, "ENOUGH", 0.0)  # before anything is believed
    ana = world.join("ana")
    health, disk = world.registry._health, SimpleNamespace(total=whole, free=floor)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: disk)
    monkeypatch.setattr(
        health, "_settings", dataclasses.replace(world.settings, disk_floor=setting)
    )
    kept = ana.sign({"a.txt": b"a"})
    disk.free = floor - 1
    refused = ana.prepare({"b.txt": b"b"})
    with pytest.raises(Unavailable, match="nearly full"):
        world.registry.submit(refused.to_json(), "")
    assert world.registry.bundle(kept.id).proof.size == world.registry._published.size
    world.registry._writer.freshen()  # the log's own checkpoint is not refused
    disk.free = floor
    world.registry.submit(refused.to_json(), "")
