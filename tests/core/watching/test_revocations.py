"""A registry that lets a revoked key or a frozen person sign is caught by whoever replays its log."""

import secrets

from devices import Holder, second_device
from replaying import findings
from world import Person, World

from trust.client.statements import make_freeze, make_revocation
from trust.core.canonical import canonical
from trust.core.people.revocation import RevocationFacts
from trust.core.signing.statement import parse_statement
from trust.service.append_path import Submission

FILES = {"a.txt": b"hello"}


def let_in(world: World, device: Holder) -> None:
    """Log what a device signs, past every check of the intake, as a crooked registry would."""
    device.person.author = device.author()
    signed = device.person.prepare(FILES)
    signer = world.registry._intake._signers.current(
        device.person.scid, world.registry._published.size
    )
    certificate = signer.certificates[device.signer.public_key].der
    statement = parse_statement(signed.envelope.payload)
    private = canonical(signed.private)
    scid = device.person.scid
    world.registry._writer.append(
        [Submission(signed.id, scid, signed.envelope, statement, certificate, private)]
    )


def freeze(device: Holder, *, lift: bool = False) -> None:
    note = device.world.registry.checkpoint()
    device.publish(make_freeze(device.author(), note, secrets.token_bytes(16), lift=lift))


def test_an_honest_log_of_changes_of_keys_holds(world: World) -> None:
    ana: Person = world.join("ana")
    first, second = second_device(ana)
    first.sign(FILES)
    second.rotate()
    freeze(second)
    world.registry.submit(second.removal(first, RevocationFacts("lost")), "")
    freeze(second, lift=True)
    second.sign(FILES)
    assert findings(world) == []


def test_the_use_of_a_revoked_key_is_found(world: World) -> None:
    first, second = second_device(world.join("ana"))
    note = world.registry.checkpoint()
    revocation = make_revocation(
        first.author(), second.signer.public_key, RevocationFacts("lost"), note, b"s" * 16
    )
    first.publish(revocation)
    let_in(world, second)
    [found] = findings(world)
    assert found.kind == "revoked_key"
    assert "reported as lost before" in found.message


def test_what_is_signed_while_frozen_is_found(world: World) -> None:
    device = Holder.first(world.join("ana"))
    freeze(device)
    let_in(world, device)
    [found] = findings(world)
    assert found.kind == "signed_while_frozen"
    freeze(device, lift=True)
    device.sign(FILES)
    assert len(findings(world)) == 1
