"""Changes of keys at the registry: a second device, rotation, removal; and what stands in their way."""

import copy
import threading
from typing import Any

import pytest
from devices import Holder, second_device
from world import Person, World

from trust.client.statements import make_freeze
from trust.core.canonical import canonical
from trust.core.errors import (
    Conflict,
    Malformed,
    NotAllowed,
    TouchplateError,
    Unavailable,
    VerificationFailed,
)
from trust.core.people.did import key_parameters, make_entry, next_key_hash, parse_log
from trust.core.people.revocation import RevocationFacts
from trust.core.verdict import Code
from trust.custody.signers import Ed25519Signer, generate_ed25519
from trust.service.log_writer import LogWriter
from trust.service.projections import rebuild

FILES = {"a.txt": b"hello"}


def submit(world: World, body: Any) -> Any:
    return world.registry.submit(body, "")


def version(world: World, person: Person) -> int:
    return len(world.registry.did_log(person.scid))


def test_a_second_device_signs_for_the_same_person(world: World) -> None:
    ana = world.join("ana")
    first, second = second_device(ana)
    for device in (first, second):
        work = device.sign(FILES)
        dossier = world.dossier(work)
        verdict = world.assess(dossier, FILES)
        assert verdict.code is Code.VALID
        assert verdict.signer is not None
        assert verdict.signer.scid == ana.scid
        assert len(dossier.did_logs[0]) == 2
    assert world.registry.person("@ana")["did"] == first.history.did


def test_after_a_rotation_the_new_key_signs_and_old_work_stands(world: World) -> None:
    ana = world.join("ana")
    device = Holder.first(ana)
    before = device.sign(FILES)
    [enrolled, revoked] = device.rotate()
    assert enrolled["certificate"]
    assert "certificate" not in revoked
    assert world.assess(world.dossier(device.sign(FILES)), FILES).code is Code.VALID
    verdict = world.assess(world.dossier(before), FILES)
    assert verdict.code is Code.VALID_BEFORE_REVOCATION
    device.rotate()
    assert world.assess(world.dossier(before), FILES).code is Code.VALID_BEFORE_REVOCATION
    assert version(world, ana) == 3


def test_a_lost_device_is_taken_out_by_another(world: World) -> None:
    first, second = second_device(world.join("ana"))
    work = second.sign(FILES)
    submit(world, first.removal(second, RevocationFacts("lost")))
    assert [entry.number for entry in first.history.entries] == [1, 2, 3]
    assert first.history.entries[-1].signing_keys == (first.signer.public_key,)
    assert world.assess(world.dossier(work), FILES).code is Code.VALID_BEFORE_REVOCATION
    known = second.history.entries[1].version_id
    with pytest.raises(NotAllowed, match="this key was reported as lost on "):
        second.sign(FILES, known)
    with pytest.raises(NotAllowed, match="the signature"):  # under a version without it
        second.sign(FILES)
    first.sign(FILES)


def test_the_same_change_twice_gets_the_same_answer(world: World) -> None:
    ana = world.join("ana")
    device = Holder.first(ana)
    body = device.rotation()
    first = submit(world, body)
    assert [item["id"] for item in submit(world, body)] == [item["id"] for item in first]
    device.rotate()
    again = submit(world, body)  # long ago by now
    assert [item["id"] for item in again] == [item["id"] for item in first]
    assert version(world, ana) == 3


@pytest.mark.parametrize("calls", range(1, 5))
def test_a_change_that_is_cut_off_is_finished_by_the_next_start(
    world: World, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    ana = world.join("ana")
    device = Holder.first(ana)
    body = device.rotation()
    with monkeypatch.context() as patched:
        cut_off(patched, calls)
        with pytest.raises(Unavailable, match="cut off"):
            submit(world, body)
    world.restart()
    [enrolled, _] = submit(world, body)
    assert enrolled["certificate"]
    assert version(world, ana) == 2
    assert world.registry._database.rows("select * from key_changes", ()) == []
    assert world.assess(world.dossier(device.sign(FILES)), FILES).code is Code.VALID


def test_a_change_that_waited_too_long_stands_in_nobodys_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is logged; its statements are a day old and are signed again."""
    first, second = second_device(world.join("ana"))
    body = first.rotation()
    with monkeypatch.context() as patched:
        cut_off(patched, 2)
        with pytest.raises(Unavailable, match="cut off"):
            submit(world, body)
    world.offset = 25 * 3600
    world.restart()
    with pytest.raises(NotAllowed, match="notBefore is over 24 hours old"):
        submit(world, body)
    submit(world, second.rotation())
    assert [entry.number for entry in second.history.entries] == [1, 2, 3, 4]
    second.sign(FILES)
    first.enrol()
    first.sign(FILES)


def cut_off(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    """Let the registry die in the middle of a change: before or after it logs something."""
    made = 0
    append = LogWriter.append

    def dying(self: LogWriter, *args: Any) -> None:
        nonlocal made
        made += 1
        if made * 2 - 1 == calls:
            raise Unavailable("cut off")
        append(self, *args)
        if made * 2 == calls:
            raise Unavailable("cut off")

    monkeypatch.setattr(LogWriter, "append", dying)


def test_a_person_shows_their_newest_version_everywhere(world: World) -> None:
    ana = world.join("ana")
    device = Holder.first(ana)
    device.rotate()
    log = world.registry.did_log(ana.scid)
    assert parse_log(log).entries[-1].signing_keys == (device.signer.public_key,)
    before = copy.deepcopy(log)
    rebuild(world.registry._database)
    world.restart()
    assert world.registry.did_log(ana.scid) == before


# Attacks.


def test_two_devices_rotate_at_once_and_one_is_told_while_nothing_is_lost(world: World) -> None:
    ana = world.join("ana")
    pair = second_device(ana)
    history = pair[0].history
    kept = [(device.signer, device.following) for device in pair]
    bodies = [device.rotation(history=history) for device in pair]
    outcomes: list[TouchplateError | None] = [None, None]

    def send(place: int) -> None:
        try:
            submit(world, bodies[place])
        except TouchplateError as error:
            outcomes[place] = error

    threads = [threading.Thread(target=send, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    [refused] = [place for place, error in enumerate(outcomes) if error is not None]
    error = outcomes[refused]
    assert isinstance(error, Conflict)
    assert "another device changed it meanwhile. Nothing was changed" in str(error)
    assert version(world, ana) == 3
    loser = pair[refused]
    loser.signer, loser.following = kept[refused]  # it still has the keys that it had
    loser.sign(FILES)
    loser.rotate()  # and makes the change again
    for device in pair:
        assert world.assess(world.dossier(device.sign(FILES)), FILES).code is Code.VALID


def test_the_old_key_cannot_rotate_after_a_rotation(world: World) -> None:
    """Whoever copied the laptop's keys before its owner rotated has nothing any more."""
    ana = world.join("ana")
    device = Holder.first(ana)
    thief = Holder(ana, device.signer, device.following)
    device.rotate()
    with pytest.raises(Malformed, match="not in the newest version"):
        thief.rotation()
    stale = thief.rotation(history=parse_log(world.registry.did_log(ana.scid)[:1]))
    with pytest.raises(Conflict, match="does not follow that"):
        submit(world, stale)
    copied = Holder(ana, ana.signer, ana.following)
    with pytest.raises(NotAllowed, match="this key was reported as retired on "):
        copied.sign(FILES, device.history.entries[0].version_id)
    assert version(world, ana) == 2


def test_a_version_by_a_key_that_was_never_announced_is_refused(world: World) -> None:
    ana = world.join("ana")
    device, stranger = Holder.first(ana), Ed25519Signer(generate_ed25519())
    body = device.rotation()
    previous = parse_log(body["didLog"][:1]).entries[0]
    forged = make_entry(
        previous,
        key_parameters([stranger.public_key], [stranger.public_key, ana.recovery.public_key]),
        previous.state,
        stranger,
        world.now + 1,
    )
    with pytest.raises(VerificationFailed, match="never announced"):
        submit(world, {"didLog": [body["didLog"][0], forged], "statements": []})


def test_a_forged_or_reordered_key_history_is_refused(world: World) -> None:
    ana = world.join("ana")
    device = Holder.first(ana)
    device.rotate()
    body = device.rotation()
    entries = body["didLog"]
    for log in (
        [entries[1], entries[0], entries[2]],
        [entries[0], entries[2]],
        [entries[0], entries[0], entries[2]],
    ):
        with pytest.raises((Malformed, VerificationFailed)):
            submit(world, {**body, "didLog": log})
    changed = copy.deepcopy(entries)
    changed[0]["versionTime"] = "2020-01-01T00:00:00Z"
    with pytest.raises(VerificationFailed):
        submit(world, {**body, "didLog": changed})
    assert version(world, ana) == 2


def test_a_change_is_of_no_use_at_another_registry(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = World(tmp_path_factory.mktemp("elsewhere"), "http://localhost:9999")
    try:
        body = Holder.first(world.join("ana")).rotation()
        with pytest.raises(NotAllowed, match="meant for log"):
            elsewhere.registry.submit(body, "")
        with pytest.raises(TouchplateError, match="no person"):
            elsewhere.registry.submit({**body, "statements": []}, "")
    finally:
        elsewhere.close()


@pytest.mark.parametrize("how", ["another", "none", "moved"])
def test_a_thief_cannot_drop_the_recovery_key_at_once(world: World, how: str) -> None:
    ana = world.join("ana")
    thief = Holder.first(ana)
    following, other = (Ed25519Signer(generate_ed25519()).public_key for _ in range(2))
    previous = thief.history.entries[-1]
    announced = {
        "another": [following, other],
        "none": [following],
        "moved": [ana.recovery.public_key, following],
    }
    parameters = key_parameters([thief.following.public_key], announced[how])
    raw = make_entry(previous, parameters, previous.state, thief.following, world.now + 1)
    body = {"didLog": [previous.raw, raw], "statements": []}
    if how == "none":
        with pytest.raises(NotAllowed, match="expected 1 to 16 keys, one announced update key"):
            submit(world, body)
    else:
        submit(world, body)  # waits 72 hours, and everyone sees that it does
        assert world.registry.person("@ana")["recovery"] is not None
    assert version(world, ana) == 1


def test_a_key_that_goes_is_revoked_in_the_same_request(world: World) -> None:
    first, second = second_device(world.join("ana"))
    body = first.removal(second, RevocationFacts("lost"))
    with pytest.raises(NotAllowed, match="comes with its revocation"):
        submit(world, {**body, "statements": []})


def test_a_revoked_key_does_not_come_back(world: World) -> None:
    first, second = second_device(world.join("ana"))
    submit(world, first.removal(second, RevocationFacts("lost")))
    with pytest.raises(NotAllowed, match="cannot come back"):
        submit(world, first.adding(second))


def test_while_frozen_only_the_key_that_froze_changes_keys(world: World) -> None:
    ana = world.join("ana")
    phone, laptop = second_device(ana)
    phone.publish(make_freeze(phone.author(), world.registry.checkpoint(), b"s" * 16))
    history = phone.history
    stolen = Holder(ana, laptop.signer, laptop.following)
    with pytest.raises(NotAllowed, match="needs a revocation by the key that froze you"):
        submit(world, stolen.rotation(history=history))
    stolen = Holder(ana, laptop.signer, laptop.following)
    with pytest.raises(NotAllowed, match="needs a revocation by the key that froze you"):
        submit(world, stolen.removal(phone, RevocationFacts("lost")))
    lift = make_freeze(laptop.author(), world.registry.checkpoint(), b"t" * 16, lift=True)
    with pytest.raises(NotAllowed, match="only the key that froze you may speak"):
        laptop.publish(lift)
    submit(world, phone.removal(laptop, RevocationFacts("lost")))
    phone.publish(make_freeze(phone.author(), world.registry.checkpoint(), b"u" * 16, lift=True))
    assert world.assess(world.dossier(phone.sign(FILES)), FILES).code is Code.VALID


def test_a_change_that_adds_two_keys_or_moves_the_did_is_refused(world: World) -> None:
    ana = world.join("ana")
    device = Holder.first(ana)
    one, two = Holder.new(ana), Holder.new(ana)
    following = Ed25519Signer(generate_ed25519())
    own = (device.signer.public_key, next_key_hash(following.public_key))
    with pytest.raises(NotAllowed, match="adds one key at most"):
        device.change([device.device._replace(next_hash=own[1]), one.device, two.device], following)
    previous = device.history.entries[-1]
    did = previous.did.replace("localhost", "elsewhere.example")
    state = {**previous.state, "id": did, "verificationMethod": [], "assertionMethod": []}
    raw = make_entry(
        previous,
        key_parameters([ana.following.public_key], [following.public_key, ana.recovery.public_key]),
        state,
        ana.following,
        world.now + 1,
    )
    with pytest.raises(NotAllowed, match="it cannot move"):
        submit(world, {"didLog": [previous.raw, raw], "statements": []})


def test_the_body_of_a_change_is_read_strictly(world: World) -> None:
    body = Holder.first(world.join("ana")).rotation()
    for changed in (
        {**body, "extra": 1},
        {**body, "statements": body["statements"][::-1]},
        {**body, "statements": [body["statements"][0]] * 2},
        {"didLog": body["didLog"]},
    ):
        with pytest.raises(Malformed):
            submit(world, copy.deepcopy(changed))
    assert canonical(body)
