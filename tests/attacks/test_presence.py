"""Presence: an assertion is of one person's passkey, for one statement, at one registry."""

import secrets
from collections.abc import Callable

import pytest
from world import Person, World, chance

from tests.vectors.generate.passkeys import Passkey
from trust.client.passkeys import make_passkey
from trust.client.statements import make_deliverable
from trust.core.errors import Malformed, NotAllowed, NotFound
from trust.core.people.presence import Presence
from trust.core.signing.statement import parse_statement
from trust.core.verdict import Code

FILES = {"cup.txt": b"a pewter cup"}


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana")


@pytest.fixture
def passkey(world: World) -> Passkey:
    return Passkey(world.settings.public_url)


def register(person: Person, passkey: Passkey) -> str:
    note = person.world.registry.checkpoint()
    signed = make_passkey(person.author, passkey.key, note, secrets.token_bytes(16))
    person.world.registry.submit(signed.to_json(), "")
    return signed.id


Prove = Callable[[bytes], Presence]


def test_a_passkey_that_is_unlocked_is_shown(world: World, ana: Person, passkey: Passkey) -> None:
    name = register(ana, passkey)
    signed = ana.sign(FILES, prove=lambda asked: passkey.unlock(name, asked))
    verdict = world.assess(world.dossier(signed.id), FILES)
    assert (verdict.code, verdict.reasons) == (Code.VALID, ())
    assert verdict.presence is not None
    assert verdict.presence.level == "subject-present"
    assert "A passkey shows that someone was there, not who." in verdict.sentence
    synced = ana.sign(FILES, prove=lambda asked: passkey.unlock(name, asked, flags=0x1D))
    verdict = world.assess(world.dossier(synced.id), FILES)
    assert verdict.presence is not None
    assert verdict.presence.level == "human-verified"
    assert "which may be on several devices" in verdict.sentence
    assert world.assess(world.dossier(ana.sign(FILES).id), FILES).presence is None


BAD: dict[str, Callable[[Passkey, str, bytes], Presence]] = {
    "no user verification": lambda key, name, asked: key.unlock(name, asked, flags=0x01),
    "no user presence": lambda key, name, asked: key.unlock(name, asked, flags=0x04),
    "no flag at all": lambda key, name, asked: key.unlock(name, asked, flags=0),
    "backed up but may not be": lambda key, name, asked: key.unlock(name, asked, flags=0x15),
    "attested data": lambda key, name, asked: key.unlock(name, asked, flags=0x45),
    "extensions": lambda key, name, asked: key.unlock(name, asked, flags=0x85),
    "another statement": lambda key, name, _asked: key.unlock(name, bytes(32)),
    "padded challenge": lambda key, name, asked: key.unlock(name, asked, challenge="AAAA="),
    "a registration": lambda key, name, asked: key.unlock(name, asked, type="webauthn.create"),
    "another page": lambda key, name, asked: key.unlock(name, asked, origin="https://evil.example"),
    "its page with a path": lambda key, name, asked: key.unlock(
        name, asked, origin=f"{key.public_url}/"
    ),
    "in a frame": lambda key, name, asked: key.unlock(name, asked, crossOrigin=True),
    "in a frame of another": lambda key, name, asked: key.unlock(
        name, asked, topOrigin="https://evil.example"
    ),
    "no origin": lambda key, name, asked: key.unlock(name, asked, origin=None),
    "no challenge": lambda key, name, asked: key.unlock(name, asked, challenge=None),
    "another key": lambda key, name, asked: Passkey(key.public_url).unlock(name, asked),
    "another site": lambda key, name, asked: Passkey(
        "https://evil.example", key.signer
    ).unlock(name, asked, origin=key.public_url),
    "no JSON": lambda key, name, asked: key.unlock(name, asked)._replace(client_data=b"{"),
    "twice one member": lambda key, name, asked: key.unlock(name, asked)._replace(
        client_data=b'{"type":"webauthn.get","type":"webauthn.get"}'
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BAD)
def test_an_assertion_that_does_not_hold_is_refused_and_not_believed(
    world: World, ana: Person, passkey: Passkey, fault: str
) -> None:
    name = register(ana, passkey)
    signed = ana.prepare(FILES, prove=lambda asked: BAD[fault](passkey, name, asked))
    with pytest.raises(NotAllowed, match="presence: "):
        world.registry.submit(signed.to_json(), "")
    from trust.service import intake  # noqa: PLC0415

    with pytest.MonkeyPatch.context() as patched:  # a registry that logs it all the same
        patched.setattr(intake, "check_offer", lambda *_: None)
        world.registry.submit(signed.to_json(), "")
    verdict = world.assess(world.dossier(signed.id), FILES)
    assert (verdict.code, [item.word for item in verdict.reasons]) == (
        Code.INVALID,
        ["bad_presence"],
    )


def test_an_assertion_is_not_moved_to_another_statement(ana: Person, passkey: Passkey) -> None:
    name = register(ana, passkey)
    first = ana.sign(FILES, prove=lambda asked: passkey.unlock(name, asked))
    facts = parse_statement(first.envelope.payload).facts
    taken = getattr(facts, "presence", None)
    assert isinstance(taken, Presence)
    with pytest.raises(NotAllowed, match="made for another statement"):
        ana.sign({"other.txt": b"x"}, prove=lambda _asked: taken)


def test_the_passkey_of_somebody_else_or_of_nobody_is_none(
    world: World, ana: Person, passkey: Passkey
) -> None:
    bens = register(world.join("ben"), passkey)
    with pytest.raises(NotAllowed, match="no passkey of yours"):
        ana.sign(FILES, prove=lambda asked: passkey.unlock(bens, asked))
    with pytest.raises(NotFound):
        ana.sign(FILES, prove=lambda asked: passkey.unlock("0" * 16, asked))
    work = ana.sign(FILES).id
    with pytest.raises(NotAllowed, match="no passkey of yours"):
        ana.sign(FILES, prove=lambda asked: passkey.unlock(work, asked))


def test_a_withdrawn_passkey_is_not_taken_any_more(
    world: World, ana: Person, passkey: Passkey
) -> None:
    name = register(ana, passkey)
    before = ana.sign(FILES, prove=lambda asked: passkey.unlock(name, asked))
    ana.withdraw(name)
    with pytest.raises(NotAllowed, match="was withdrawn"):
        ana.sign(FILES, prove=lambda asked: passkey.unlock(name, asked))
    assert world.assess(world.dossier(before.id), FILES).code is Code.VALID


def test_without_the_registration_at_hand_it_is_not_claimed(
    world: World, ana: Person, passkey: Passkey
) -> None:
    name = register(ana, passkey)
    signed = ana.sign(FILES, prove=lambda asked: passkey.unlock(name, asked))
    dossier = world.dossier(signed.id)
    others = tuple(
        item
        for item in dossier.supporting
        if parse_statement(item.envelope.payload).type != "passkey"
    )
    verdict = world.assess(dossier._replace(supporting=others), FILES)
    assert verdict.code is Code.COULD_NOT_CHECK
    assert [item.word for item in verdict.reasons] == ["passkey_not_at_hand"]
    assert verdict.presence is None


@pytest.mark.parametrize("size", [0, 36, 38, 200])
def test_authenticator_data_of_another_size_is_malformed(ana: Person, size: int) -> None:
    presence = Presence("0" * 16, bytes(size), b"{}", b"x")
    with pytest.raises(Malformed):
        make_deliverable(
            ana.author,
            {"a": bytes(32)},
            ana.world.registry.checkpoint(),
            chance(),
            prove=lambda _asked: presence,
        )
