"""Coming back with the recovery key: the wait, the veto, and how thieves of either side try it."""

import secrets
from typing import Any

import pytest
from devices import Comeback, Holder, second_device
from world import World

from trust.client.statements import make_freeze, make_veto
from trust.core.encoding import format_time
from trust.core.errors import Conflict, Malformed, NotAllowed
from trust.core.people.recovery import WAIT
from trust.core.people.revocation import RevocationFacts
from trust.core.verdict import Code
from trust.service.projections import rebuild

FILES = {"a.txt": b"hello"}
HOUR = 3600


def wait(world: World, seconds: int = WAIT + HOUR) -> None:
    world.offset += seconds
    world.registry._upkeep.tick()


def veto(device: Holder, comeback: Comeback) -> Any:
    note, entry = device.world.registry.checkpoint(), comeback.entry
    salt = secrets.token_bytes(16)
    return device.publish(make_veto(device.author(), entry.digest, entry.version_id, note, salt))


def test_who_lost_every_device_comes_back_after_72_hours(world: World) -> None:
    ana = world.join("ana")
    old = Holder.first(ana)
    before = old.sign(FILES)
    comeback = Comeback(ana)
    [announced] = comeback.ask()
    assert comeback.ask() == [announced]
    shown = world.registry.person("@ana")["recovery"]
    assert isinstance(shown, dict)
    assert (shown["kind"], shown["vetoed"]) == ("recovery", None)
    with pytest.raises(NotAllowed, match="this change waits until "):
        comeback.finish()
    assert len(old.history.entries) == 1
    wait(world)
    [enrolled, revoked] = comeback.finish()
    assert enrolled["certificate"]
    assert revoked["id"]
    assert [entry.number for entry in old.history.entries] == [1, 2]
    assert world.assess(world.dossier(comeback.holder.sign(FILES)), FILES).code is Code.VALID
    assert world.assess(world.dossier(before), FILES).code is Code.VALID_BEFORE_REVOCATION
    with pytest.raises(NotAllowed, match="reported as lost"):
        old.sign(FILES, old.history.entries[0].version_id)
    assert world.registry.person("@ana")["recovery"] is None
    comeback.holder.rotate()


def test_what_a_stolen_laptop_signed_during_the_window_is_disputed(world: World) -> None:
    ana = world.join("ana")
    laptop = Holder.first(ana)
    honest = laptop.sign(FILES)
    world.offset += HOUR
    stolen_at = world.now
    world.offset += HOUR
    comeback = Comeback(ana)
    comeback.ask()
    forged = laptop.sign({"b.txt": b"forged"})
    with pytest.raises(NotAllowed, match="a recovery of you waits until .* no keys change before"):
        Holder(ana, laptop.signer, laptop.following).rotate()
    wait(world)
    comeback.finish(RevocationFacts("compromised", format_time(stolen_at)))
    assert world.assess(world.dossier(honest), FILES).code is Code.VALID_BEFORE_REVOCATION
    disputed = world.assess(world.dossier(forged), {"b.txt": b"forged"})
    assert disputed.code is Code.DISPUTED
    with pytest.raises(NotAllowed, match="reported as compromised"):
        laptop.sign(FILES, laptop.history.entries[0].version_id)


def test_a_live_device_vetoes_once_and_then_only_a_ruling_decides(world: World) -> None:
    ana = world.join("ana")
    laptop = Holder.first(ana)
    thief = Comeback(ana)  # has found the paper
    thief.ask()
    answer = veto(laptop, thief)
    assert answer["id"]
    with pytest.raises(Conflict, match="it was vetoed on .* already"):
        veto(laptop, thief)
    wait(world)
    for again in (thief, Comeback(ana)):
        with pytest.raises(NotAllowed, match="a recovery was vetoed on .* only a ruling decides"):
            again.ask()
    with pytest.raises(NotAllowed, match="only a ruling decides"):
        thief.finish()
    assert len(laptop.history.entries) == 1
    laptop.rotate()  # and she goes on as before


def test_a_veto_comes_in_time_and_is_of_what_waits(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    comeback = Comeback(ana)
    with pytest.raises(NotAllowed, match="no such change of your key history waits"):
        veto(Holder.first(ana), comeback)
    comeback.ask()
    with pytest.raises(NotAllowed, match="no such change of your key history waits"):
        veto(Holder.first(ben), comeback)
    wait(world)
    with pytest.raises(NotAllowed, match="the time for a veto ended on "):
        veto(Holder.first(ana), comeback)
    comeback.finish()


def test_a_thief_who_drops_the_recovery_key_waits_and_its_owner_takes_their_place(
    world: World,
) -> None:
    ana = world.join("ana")
    laptop = Holder.first(ana)
    thief = Comeback(ana, laptop.following)  # announces a recovery key of their own
    [dropped] = thief.ask()
    assert dropped["id"]
    with pytest.raises(NotAllowed, match="only that key can stop it"):
        veto(laptop, thief)
    with pytest.raises(Conflict, match="another change of kind drop waits"):
        Comeback(ana, laptop.following).ask()
    world.offset += HOUR
    comeback = Comeback(ana)
    comeback.ask()
    wait(world)
    with pytest.raises(Conflict, match="another change of kind recovery waits"):
        thief.finish()
    comeback.finish()
    assert comeback.holder.history.entries[-1].signing_keys == (comeback.new.public_key,)


def test_after_a_veto_a_thief_cannot_drop_the_recovery_key_either(world: World) -> None:
    ana = world.join("ana")
    laptop = Holder.first(ana)
    owner = Comeback(ana)
    owner.ask()
    veto(laptop, owner)  # the thief has the laptop
    with pytest.raises(NotAllowed, match="only a ruling decides"):
        Comeback(ana, laptop.following).ask()


def test_who_froze_and_lost_the_key_for_it_lifts_the_freeze_after_coming_back(
    world: World,
) -> None:
    ana = world.join("ana")
    laptop = Holder.first(ana)
    note = world.registry.checkpoint()
    laptop.publish(make_freeze(laptop.author(), note, secrets.token_bytes(16)))
    comeback = Comeback(ana)
    comeback.ask()
    wait(world)
    comeback.finish()
    device = comeback.holder
    with pytest.raises(NotAllowed, match="you are frozen since"):
        device.sign(FILES)
    note = world.registry.checkpoint()
    device.publish(make_freeze(device.author(), note, secrets.token_bytes(16), lift=True))
    assert world.assess(world.dossier(device.sign(FILES)), FILES).code is Code.VALID


def test_several_devices_are_all_taken_out(world: World) -> None:
    ana = world.join("ana")
    _, second = second_device(ana)
    comeback = Comeback(ana)
    comeback.ask()
    wait(world)
    assert len(comeback.finish()) == 3
    with pytest.raises(NotAllowed, match="reported as lost"):
        second.sign(FILES, second.history.entries[1].version_id)


def test_what_is_announced_with_statements_or_made_too_late_is_refused(world: World) -> None:
    ana = world.join("ana")
    comeback = Comeback(ana)
    with pytest.raises(Malformed, match="announced first, without statements"):
        comeback.finish()
    comeback.ask()
    wait(world, WAIT + 31 * 24 * HOUR)
    with pytest.raises(Malformed, match="announced first, without statements"):
        comeback.finish()
    comeback.ask()  # begins anew


def test_a_projection_made_again_and_a_restart_know_what_waits(world: World) -> None:
    ana = world.join("ana")
    comeback = Comeback(ana)
    comeback.ask()
    world.restart()
    rebuild(world.registry._database)
    with pytest.raises(NotAllowed, match="this change waits until "):
        comeback.finish()
    wait(world)
    comeback.finish()
