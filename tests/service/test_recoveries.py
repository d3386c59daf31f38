"""Coming back with the recovery key: the wait, the veto, and how thieves of either side try it."""

import secrets
from typing import Any

import pytest
from devices import Holder, second_device
from world import Person, World

from trust.client.statements import Author, make_enrolment, make_freeze, make_revocation, make_veto
from trust.core.encoding import format_time
from trust.core.errors import Conflict, Malformed, NotAllowed
from trust.core.people.did import did_document, key_parameters, make_entry, parse_log
from trust.core.people.recovery import WAIT
from trust.core.people.revocation import RevocationFacts
from trust.core.verdict import Code
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256
from trust.service.projections import rebuild

FILES = {"a.txt": b"hello"}
HOUR = 3600


class Comeback:
    """Somebody who has the recovery key of a person, and a machine with new keys."""

    def __init__(self, person: Person, signer: Ed25519Signer | None = None) -> None:
        self.person, self.world = person, person.world
        self.new = P256Signer(generate_p256())
        self.following = Ed25519Signer(generate_ed25519())
        self.renewed = Ed25519Signer(generate_ed25519())
        self.log = Holder.first(person).history
        previous = self.log.entries[-1]
        signer = signer or person.recovery
        announced = [self.following.public_key, self.renewed.public_key]
        self.raw = make_entry(
            previous,
            key_parameters([signer.public_key], announced),
            did_document(previous.did, [self.new.public_key]),
            signer,
            max(self.world.now, previous.version_time + 1),
        )
        self.entry = parse_log([*(item.raw for item in self.log.entries), self.raw]).entries[-1]

    def body(self, facts: RevocationFacts | None = None) -> dict[str, Any]:
        """Return the request: with `facts` the second one, which makes the change."""
        statements = []
        if facts is not None:
            trust, note = self.world.registry.trust, self.world.registry.checkpoint()
            author = Author(self.new, self.entry.did, self.entry.version_id, trust)
            statements.append(make_enrolment(author, note, secrets.token_bytes(16)))
            for point in self.log.entries[-1].signing_keys:
                salt = secrets.token_bytes(16)
                statements.append(make_revocation(author, point, facts, note, salt))
        return {
            "didLog": [*(item.raw for item in self.log.entries), self.raw],
            "statements": [item.to_json() for item in statements],
        }

    def ask(self) -> Any:
        """Announce it."""
        return self.world.registry.submit(self.body(), "")

    def finish(self, facts: RevocationFacts | None = None) -> Any:
        """Have it made."""
        return self.world.registry.submit(self.body(facts or RevocationFacts("lost")), "")

    @property
    def holder(self) -> Holder:
        """The device that came back."""
        return Holder(self.person, self.new, self.following)


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
