"""Replacing a work: only its own signer does, in public, and whoever has the old one is told."""

import pytest
from world import Person, World

from trust.core.canonical import canonical, parse
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound
from trust.core.judging.standing import needed, standing
from trust.core.registry.status import CheckedStatus, check_status, parse_status
from trust.core.registry.status_line import BY_RULING, MAX_STATES, State
from trust.core.signing.statement import parse_statement
from trust.core.verdict import Code, Result
from trust.core.verify import verify

OLD, NEW = {"plan.txt": b"version 1"}, {"plan.txt": b"version 2"}


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana")


def test_the_old_one_says_that_it_was_replaced_and_by_what(world: World, ana: Person) -> None:
    old = ana.sign(OLD)
    new = ana.sign(NEW, supersedes=old.id)
    verdict = world.assess(world.dossier(old.id), OLD)
    assert (verdict.code, verdict.code.exit_status) == (Code.SUPERSEDED, 0)
    assert [item.word for item in verdict.reasons] == ["superseded"]
    assert verdict.superseded_by == new.id
    assert f"/v/{new.id}" in verdict.sentence
    assert verdict.to_json()["supersededBy"] == new.id
    assert {item.id: item.result for item in verdict.steps}["8"] is Result.YES
    assert world.assess(world.dossier(new.id), NEW).code is Code.VALID
    assert world.registry.attestation(old.id)["supersededBy"] == new.id
    assert world.registry.attestation(new.id)["supersedes"] == old.id


def test_of_several_the_newest_is_named_and_of_a_chain_the_next(world: World, ana: Person) -> None:
    first = ana.sign(OLD)
    second = ana.sign(NEW, supersedes=first.id)
    world.offset = 60
    third = ana.sign({"plan.txt": b"3"}, supersedes=second.id)
    assert world.assess(world.dossier(first.id), OLD).superseded_by == second.id
    assert world.assess(world.dossier(second.id), NEW).superseded_by == third.id
    world.offset = 120
    other = ana.sign({"plan.txt": b"4"}, supersedes=first.id)
    assert world.assess(world.dossier(first.id), OLD).superseded_by == other.id


def test_before_it_was_replaced_it_was_not(world: World, ana: Person) -> None:
    old = ana.sign(OLD)
    moment = world.now
    world.offset = 3600
    ana.sign(NEW, supersedes=old.id)
    verdict = world.assess(world.dossier(old.id), OLD, at=moment)
    assert verdict.code is Code.VALID
    assert "replaced later" in verdict.sentence


def test_a_stranger_cannot_replace_somebody_elses_work(world: World, ana: Person) -> None:
    old = ana.sign(OLD)
    ben = world.join("ben")
    with pytest.raises(NotAllowed, match="no deliverable of yours"):
        ben.sign(NEW, supersedes=old.id)
    assert world.assess(world.dossier(old.id), OLD).code is Code.VALID


@pytest.mark.parametrize("by", ["stranger", BY_RULING])
def test_a_registry_that_logs_it_all_the_same_is_not_believed(
    world: World, ana: Person, by: str
) -> None:
    """Of a stranger it counts for nothing; a ruling that replaces a work does not exist."""
    old = ana.sign(OLD)
    dossier = world.dossier(old.id)
    verified = verify(dossier.bundle, None, world.registry.trust, world.now)
    name, *others = needed(verified)
    snapshot = check_status(dossier.status, world.registry.trust).snapshot
    state = State("superseded", world.now, world.now, by)
    status = CheckedStatus(snapshot, {name: (state,), **dict.fromkeys(others, ())})
    stands = standing(verified, [status], world.registry.trust, world.now, world.now)
    assert stands.superseded is None


def test_the_bundle_of_a_stranger_beside_a_work_does_not_replace_it(
    world: World, ana: Person
) -> None:
    """Ben's work in Ana's dossier: another person's key history is not hers."""
    old = ana.sign(OLD)
    world.join("ben").sign(NEW)
    bens = world.registry._records.at(world.registry._published.size - 1)
    dossier = world.dossier(old.id)
    stray = world.registry._proofs.bundle(world.registry._published, bens)
    verdict = world.assess(dossier._replace(supporting=(*dossier.supporting, stray)), OLD)
    assert (verdict.code, verdict.superseded_by) == (Code.INVALID, None)


def test_an_older_bundle_in_place_of_the_newest_is_not_named(world: World, ana: Person) -> None:
    old = ana.sign(OLD)
    other = ana.sign({"x": b"x"})
    ana.sign(NEW, supersedes=old.id)
    dossier = world.dossier(old.id)
    swapped = world.registry.bundle(other.id)
    verdict = world.assess(dossier._replace(supporting=(*dossier.supporting[:-1], swapped)), OLD)
    assert (verdict.code, verdict.superseded_by) == (Code.SUPERSEDED, None)
    assert f"/v/{old.id} says by what" in verdict.sentence


@pytest.mark.parametrize("what", ["unknown", "withdrawal", "itself"])
def test_only_a_published_deliverable_can_be_replaced(ana: Person, what: str) -> None:
    old = ana.sign(OLD)
    targets = {"unknown": "0" * 16, "withdrawal": ana.withdraw(old.id).id}
    if what == "itself":
        signed = ana.prepare(NEW)
        target = signed.id  # known before signing, since the salt makes it
    else:
        target = targets[what]
    with pytest.raises((NotFound, NotAllowed)):
        ana.sign(NEW, supersedes=target)


def test_a_withdrawal_weighs_more_than_a_replacement(world: World, ana: Person) -> None:
    old = ana.sign(OLD)
    ana.sign(NEW, supersedes=old.id)
    ana.withdraw(old.id)
    verdict = world.assess(world.dossier(old.id), OLD)
    assert verdict.code is Code.REVOKED
    assert [item.word for item in verdict.reasons] == ["withdrawn", "superseded"]


def test_a_line_is_never_longer_than_a_reader_takes(world: World, ana: Person) -> None:
    old = ana.sign(OLD)
    k = needed(verify(world.registry.bundle(old.id), None, world.registry.trust, world.now))[0]
    with world.registry._database.write() as transaction:
        rows = [(-n, k, "superseded", 1, 1, ana.scid) for n in range(1, MAX_STATES + 1)]
        transaction.insert("status_events", rows)
    with pytest.raises(Conflict, match="64 changes"):
        ana.sign(NEW, supersedes=old.id)


def test_the_same_replacement_again_is_the_first_result(world: World, ana: Person) -> None:
    old = ana.sign(OLD)
    signed = ana.prepare(NEW, supersedes=old.id)
    first = world.registry.submit(signed.to_json(), "")
    again = world.registry.submit(signed.to_json(), "")
    assert isinstance(first, dict)
    assert isinstance(again, dict)
    assert first["index"] == again["index"]
    status = parse_status(first["status"])
    assert len(status.proofs) == 4  # of the statement, its key, its person, and the old one


@pytest.mark.parametrize(
    "typed", ["0123456789ABCDEF", "0123-4567-89ab-cdef", "", "0" * 15, 5, None]
)
def test_an_id_that_is_not_canonical_is_malformed(ana: Person, typed: object) -> None:
    payload = parse(ana.prepare(NEW).envelope.payload, 1 << 20)
    assert isinstance(payload, dict)
    predicate = payload["predicate"]
    assert isinstance(predicate, dict)
    facts = predicate["facts"]
    assert isinstance(facts, dict)
    facts["supersedes"] = typed  # type: ignore[assignment]
    with pytest.raises(Malformed):
        parse_statement(canonical(payload))
