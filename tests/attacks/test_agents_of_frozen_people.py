"""What happens to a person happens to their agents: freezes, lost keys, compromises, new keys."""

import secrets

import pytest
from devices import Holder, second_device
from world import Person, World

from trust.client.statements import make_freeze, make_revocation
from trust.core.encoding import format_time
from trust.core.errors import NotAllowed
from trust.core.people.revocation import RevocationFacts
from trust.core.verdict import Code

POST = {"posts/one.md": b"hello"}


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana")


def freeze(device: Holder, *, lift: bool = False) -> None:
    note = device.world.registry.checkpoint()
    device.publish(make_freeze(device.author(), note, secrets.token_bytes(16), lift=lift))


def revoke(by: Holder, key: bytes, facts: RevocationFacts) -> None:
    note = by.world.registry.checkpoint()
    by.publish(make_revocation(by.author(), key, facts, note, secrets.token_bytes(16)))


def test_an_agent_of_a_frozen_person_signs_nothing_until_that_is_lifted(
    world: World, ana: Person
) -> None:
    agent = ana.delegate()
    work = agent.sign(POST)
    device = Holder.first(ana)
    freeze(device)
    with pytest.raises(NotAllowed, match="agent 1 is no longer in force: frozen on "):
        agent.sign(POST)
    assert world.assess(world.dossier(work.id), POST).code is Code.FROZEN
    freeze(device, lift=True)
    assert world.assess(world.dossier(agent.sign(POST).id), POST).code is Code.VALID
    assert world.assess(world.dossier(work.id), POST).code is Code.VALID


def test_an_agent_of_a_lost_key_signs_nothing_more_and_what_it_signed_stands(
    world: World, ana: Person
) -> None:
    agent = ana.delegate()
    work = agent.sign(POST)
    own = ana.signer.public_key
    _, second = second_device(ana)
    world.offset += 5
    revoke(second, own, RevocationFacts("lost"))
    with pytest.raises(NotAllowed, match="no longer in force: lost on "):
        agent.sign(POST)
    assert world.assess(world.dossier(work.id), POST).code is Code.VALID


def test_what_an_agent_of_a_thief_signed_is_disputed(world: World, ana: Person) -> None:
    own = ana.signer.public_key
    first, second = second_device(ana)
    ana.author = first.author()
    stolen = format_time(world.now)
    agent = ana.delegate()  # by the thief, who has the first device
    work = agent.sign(POST)
    revoke(second, own, RevocationFacts("compromised", stolen))
    verdict = world.assess(world.dossier(work.id), POST)
    assert verdict.code is Code.DISPUTED
    assert "this was signed while it may have been in other hands" in verdict.sentence


def test_an_agent_goes_on_when_its_person_takes_new_keys(world: World, ana: Person) -> None:
    agent = ana.delegate()
    Holder.first(ana).rotate()
    assert world.assess(world.dossier(agent.sign(POST).id), POST).code is Code.VALID
