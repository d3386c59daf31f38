"""Revocations and freezes at the registry: who may say them, what they do, what is refused."""

import secrets

import pytest
from world import Person, World

from trust.client.statements import Signed, make_freeze, make_revocation, sign_made
from trust.core.encoding import format_time
from trust.core.errors import Conflict, NotAllowed
from trust.core.people.revocation import MAX_BACKDATING, RevocationFacts
from trust.core.registry.status_line import MAX_STATES
from trust.core.signing.identity import status_key
from trust.core.verdict import Code
from trust.service.projections import rebuild

FILES = {"a.txt": b"hello"}
DAY = 24 * 3600


def salt() -> bytes:
    return secrets.token_bytes(16)


def revoke(person: Person, facts: RevocationFacts, *, key: bytes | None = None) -> Signed:
    """Revoke a person's own key, or any other, by that person's key."""
    note = person.world.registry.checkpoint()
    signed = make_revocation(person.author, key or person.signer.public_key, facts, note, salt())
    person.world.registry.submit(signed.to_json(), "")
    return signed


def freeze(person: Person, *, lift: bool = False) -> Signed:
    note = person.world.registry.checkpoint()
    signed = make_freeze(person.author, note, salt(), lift=lift)
    person.world.registry.submit(signed.to_json(), "")
    return signed


def later(world: World, seconds: int) -> None:
    """Let time pass; the checkpoint is signed again at a start."""
    world.offset += seconds
    world.restart()


def compromised(world: World, ago: int) -> RevocationFacts:
    return RevocationFacts("compromised", format_time(world.now - ago))


def test_honest_past_work_survives_the_end_of_its_key(world: World) -> None:
    ana = world.join("ana")
    work = ana.sign(FILES).id
    later(world, 60)
    revoke(ana, RevocationFacts("retired"))
    verdict = world.assess(world.dossier(work), FILES)
    assert verdict.code is Code.VALID_BEFORE_REVOCATION
    assert verdict.code.exit_status == 0
    assert "it stands. Its key was retired on " in verdict.sentence
    assert "; this signature is older and stands." in verdict.sentence


@pytest.mark.parametrize("reason", ["retired", "lost", "revoked"])
def test_a_revoked_key_signs_nothing_any_more(world: World, reason: str) -> None:
    ana = world.join("ana")
    revoke(ana, RevocationFacts(reason))
    with pytest.raises(NotAllowed, match=f"this key was reported as {reason} on "):
        ana.sign(FILES)


def test_a_signature_within_a_reported_compromise_is_disputed(world: World) -> None:
    ana = world.join("ana")
    before = ana.sign(FILES).id
    later(world, 2 * DAY)
    within = ana.sign(FILES).id
    later(world, DAY)
    revoke(ana, compromised(world, 2 * DAY))
    verdict = world.assess(world.dossier(within), FILES)
    assert (verdict.code, verdict.code.exit_status) == (Code.DISPUTED, 5)
    assert verdict.sentence.startswith("@ana at localhost:8123 said on ")
    assert " that the key of this signature was compromised since " in verdict.sentence
    assert world.assess(world.dossier(before), FILES).code is Code.VALID_BEFORE_REVOCATION


def test_signed_and_revoked_within_one_second_still_stands(world: World) -> None:
    ana = world.join("ana")
    work = ana.sign(FILES).id
    revoke(ana, RevocationFacts("lost"))
    assert world.assess(world.dossier(work), FILES).code is Code.VALID_BEFORE_REVOCATION


def test_a_retired_key_may_still_be_reported_as_compromised_by_another(world: World) -> None:
    ana = world.join("ana")
    revoke(ana, RevocationFacts("retired"))
    with pytest.raises(NotAllowed, match="reported as retired"):  # by itself it says no more
        revoke(ana, compromised(world, 60))


def test_who_says_it_twice_is_told(world: World) -> None:
    ana = world.join("ana")
    first = freeze(ana)
    assert isinstance(
        world.registry.submit(first.to_json(), ""), dict
    )  # the same one: the same answer
    with pytest.raises(Conflict, match="you are frozen since .* already"):
        freeze(ana)
    freeze(ana, lift=True)
    with pytest.raises(Conflict, match="nothing to lift"):
        freeze(ana, lift=True)


def test_everything_of_a_frozen_person_is_frozen_until_it_is_lifted(world: World) -> None:
    ana = world.join("ana")
    work = ana.sign(FILES).id
    freeze(ana)
    verdict = world.assess(world.dossier(work), FILES)
    assert (verdict.code, verdict.code.exit_status) == (Code.FROZEN, 5)
    assert " froze everything that is signed in this person's name on " in verdict.sentence
    with pytest.raises(NotAllowed, match="you are frozen since .*: `touchplate unfreeze`"):
        ana.sign(FILES)
    freeze(ana, lift=True)
    assert world.assess(world.dossier(work), FILES).code is Code.VALID
    ana.sign(FILES)


def test_a_freeze_is_a_projection_and_a_replay_comes_to_it_again(world: World) -> None:
    ana = world.join("ana")
    work = ana.sign(FILES).id
    freeze(ana)
    before = world.registry.status(None, []).snapshot.status_root
    rebuild(world.registry._database)
    world.restart()
    assert world.registry.status(None, []).snapshot.status_root == before
    assert world.assess(world.dossier(work), FILES).code is Code.FROZEN


# Attacks.


def test_a_stranger_revokes_and_freezes_nobody(world: World) -> None:
    ana, eve = world.join("ana"), world.join("eve")
    with pytest.raises(NotAllowed, match="is not yours to revoke"):
        revoke(eve, RevocationFacts("lost"), key=ana.signer.public_key)
    for kind in ("freeze", "unfreeze"):
        k = status_key("person", ana.scid)
        note = world.registry.checkpoint()
        signed = sign_made(eve.author, kind, (k,), note, salt(), None, None)
        with pytest.raises(NotAllowed, match="about yourself"):
            world.registry.submit(signed.to_json(), "")


def test_a_customer_is_not_cheated_by_a_compromise_that_is_dated_back_beyond_the_bound(
    world: World,
) -> None:
    ana = world.join("ana")
    work = ana.sign(FILES).id
    later(world, MAX_BACKDATING + DAY)
    with pytest.raises(NotAllowed, match="which is more than 30 days ago: say since "):
        revoke(ana, compromised(world, MAX_BACKDATING + 60))
    revoke(ana, compromised(world, MAX_BACKDATING - 60))
    assert world.assess(world.dossier(work), FILES).code is Code.VALID_BEFORE_REVOCATION


def test_a_compromise_that_is_still_to_come_is_refused(world: World) -> None:
    ana = world.join("ana")
    with pytest.raises(NotAllowed, match="still to come"):
        revoke(ana, compromised(world, -3600))


def test_a_thief_cannot_fill_the_line_so_that_nobody_freezes_any_more(world: World) -> None:
    ana = world.join("ana")
    k = status_key("person", ana.scid)
    with world.registry._database.write() as transaction:
        for place in range(MAX_STATES - 2):
            transaction.execute(
                "insert into status_events values (?, ?, 'withdrawn', 1, 1, 'x')",
                (-1 - place, k),
            )
    freeze(ana)
    with pytest.raises(Conflict, match="63 states of this line"):
        freeze(ana, lift=True)
