"""A registry that lets a change of keys in before its wait is caught by whoever replays its log."""

import secrets

import pytest
from devices import Comeback, Holder
from replaying import findings
from world import World

from trust.client.statements import make_veto
from trust.core.people.recovery import WAIT
from trust.service import recoveries
from trust.service.recoveries import Recoveries

FILES = {"a.txt": b"hello"}
NOW = -3600  # seconds that such a registry waits


def said(world: World) -> list[str]:
    return [item.kind for item in findings(world)]


def test_who_waits_is_believed(world: World) -> None:
    comeback = Comeback(world.join("ana"))
    comeback.ask()
    world.offset += WAIT + 3600
    world.registry._upkeep.tick()
    comeback.finish()
    comeback.holder.sign(FILES)
    assert said(world) == []


def test_a_recovery_that_did_not_wait_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recoveries, "WAIT", NOW)
    comeback = Comeback(world.join("ana"))
    comeback.ask()
    comeback.finish()
    assert said(world) == ["did_not_wait"]


def test_a_recovery_that_was_vetoed_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = world.join("ana")
    laptop, comeback = Holder.first(ana), Comeback(ana)
    comeback.ask()
    note, entry, salt = world.registry.checkpoint(), comeback.entry, secrets.token_bytes(16)
    laptop.publish(make_veto(laptop.author(), entry.digest, entry.version_id, note, salt))
    world.offset += WAIT + 3600
    world.registry._upkeep.tick()
    monkeypatch.setattr(Recoveries, "announce", lambda *_: None)
    monkeypatch.setattr(Recoveries, "has_waited", lambda *_: True)
    comeback.finish()
    assert said(world) == ["did_not_wait"]


def test_a_recovery_that_nobody_announced_is_found_when_it_signs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recoveries, "announce", lambda *_: None)
    monkeypatch.setattr(Recoveries, "has_waited", lambda *_: True)
    comeback = Comeback(world.join("ana"))
    comeback.finish()
    assert set(said(world)) == {"did_not_wait"}
