"""Joins that took too long: nobody is shown whose statements would not verify, no handle is kept."""

import pytest
from world import Person, World, chance

from trust.client.statements import first_author, make_identity, make_join
from trust.core.canonical import Json
from trust.core.errors import Conflict, HandleTaken, NotAllowed, NotFound
from trust.core.people.data_integrity import make_proof
from trust.custody.signers import Ed25519Signer, generate_ed25519
from trust.service.joining import Joining

DAY = 24 * 3600


def cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch, person: Person, step: str, *, after: bool = False
) -> Person:
    """Let a join be killed before a step, or after it."""
    original = getattr(Joining, step)

    def killed(*arguments: object) -> None:
        if after:
            original(*arguments)
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Joining, step, killed)
        with pytest.raises(SystemExit):
            world.registry.submit(person.join_body, "")
    return person


def signed_again(person: Person) -> dict[str, Json]:
    """The same DID, handle and key; new statements over the newest checkpoint."""
    note = person.world.registry.checkpoint()
    chances = (chance(), chance(), chance())
    join = make_join(person.author, person.entry, note, chances, handle=person.handle)
    return join.to_json()


@pytest.mark.parametrize("step", ["_log_prepared", "_keep"])
def test_after_a_day_the_same_did_joins_with_new_statements(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ana = cut_off(world, monkeypatch, Person(world, "ana", None), step)
    world.offset = DAY + 60
    world.restart()
    with pytest.raises(NotFound):
        world.registry.person("@ana")
    with pytest.raises(NotAllowed):
        world.registry.submit(ana.join_body, "")
    again = signed_again(ana)
    world.registry.submit(again, "")
    assert world.registry.person("@ana")["scid"] == ana.scid
    item = ana.sign({"a.txt": b"a"})
    assert world.assess(world.registry.dossier(item.id), {"a.txt": b"a"}).code == "valid"


def test_a_handle_waits_a_day_for_a_join_and_then_is_free(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = cut_off(world, monkeypatch, Person(world, "ana", None), "_keep")
    with pytest.raises(HandleTaken):
        world.join("an-a")
    world.offset = DAY + 60
    world.restart()
    other = world.join("ana")
    world.restart()  # must not finish the first join: the handle has gone to another
    assert world.registry.person("@ana")["scid"] == other.scid
    with pytest.raises(HandleTaken):
        world.registry.submit(signed_again(ana), "")
    with pytest.raises(NotFound):
        world.registry.person(ana.scid)


def test_a_person_is_not_hidden_by_a_cut_off_join_of_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")
    cut_off(world, monkeypatch, Person(world, "ben", None), "_keep")
    world.restart()
    assert world.registry.person("@ana")["scid"] == ana.scid
    assert world.registry.person("@ben")["handle"] == "ben"


def test_a_did_entry_proven_anew_is_the_one_that_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = Person(world, "ana", None)
    update, following = (Ed25519Signer(generate_ed25519()) for _ in range(2))
    ana.entry = make_identity(
        ana.signer, update, [following.public_key], world.registry.trust, world.now
    )
    ana.author = first_author(ana.signer, ana.entry, world.registry.trust)
    ana.join_body = signed_again(ana)
    cut_off(world, monkeypatch, ana, "_keep", after=True)
    world.offset = DAY + 60
    world.restart()
    unsigned = {name: value for name, value in ana.entry.items() if name != "proof"}
    ana.entry = {**unsigned, "proof": [make_proof(unsigned, update, world.now)]}
    world.registry.submit(signed_again(ana), "")
    assert world.registry.did_log(ana.scid) == [ana.entry]
    item = ana.sign({"a.txt": b"a"})
    assert world.assess(world.registry.dossier(item.id), {"a.txt": b"a"}).code == "valid"


def other_request(person: Person, handle: str, name: str | None = None) -> dict[str, Json]:
    """The same DID asks for something else."""
    note = person.world.registry.checkpoint()
    chances = (chance(), chance(), chance())
    return make_join(person.author, person.entry, note, chances, handle=handle, name=name).to_json()


@pytest.mark.parametrize(("handle", "name"), [("anna", None), ("ana", "Ana López")])
def test_a_join_under_way_is_not_silently_another_one(
    world: World, monkeypatch: pytest.MonkeyPatch, handle: str, name: str | None
) -> None:
    ana = cut_off(world, monkeypatch, Person(world, "ana", None), "_keep")
    with pytest.raises(Conflict, match="is about to join as @ana without a name: repeat that"):
        world.registry.submit(other_request(ana, handle, name), "")
    world.registry.submit(ana.join_body, "")
    assert (world.registry.person("@ana")["scid"], world.registry.person("@ana")["name"]) == (
        ana.scid,
        None,
    )


def test_after_a_day_another_request_takes_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = cut_off(world, monkeypatch, Person(world, "ana", None), "_keep")
    world.offset = DAY + 60
    world.restart()
    world.registry.submit(other_request(ana, "anna", "Ana López"), "")
    assert world.registry.person(ana.scid)["handle"] == "anna"
    assert world.join("ana").scid == world.registry.person("@ana")["scid"]


def test_who_has_joined_does_not_join_again_as_another(world: World) -> None:
    ana = world.join("ana", "Ana López")
    with pytest.raises(Conflict, match="has joined already, as @ana, 'Ana López'"):
        world.registry.submit(other_request(ana, "anna", "Ana López"), "")
    again = world.registry.submit(other_request(ana, "ana", "Ana López"), "")
    assert again == world.registry.submit(ana.join_body, "")  # the first one's result
    assert world.registry.person(ana.scid)["handle"] == "ana"


@pytest.mark.parametrize(("ahead", "taken"), [(0, True), (-DAY, True), (60, False)])
def test_a_did_from_the_future_is_refused(world: World, ahead: int, *, taken: bool) -> None:
    ana = Person(world, "ana", None)
    update, following = (Ed25519Signer(generate_ed25519()) for _ in range(2))
    ana.entry = make_identity(
        ana.signer, update, [following.public_key], world.registry.trust, world.now + ahead
    )
    ana.author = first_author(ana.signer, ana.entry, world.registry.trust)
    if taken:
        world.registry.submit(other_request(ana, "ana"), "")
        return
    with pytest.raises(NotAllowed, match="check the clock of your machine"):
        world.registry.submit(other_request(ana, "ana"), "")
    world.offset = ahead
    world.registry.submit(other_request(ana, "ana"), "")  # by then it is dated in the past
