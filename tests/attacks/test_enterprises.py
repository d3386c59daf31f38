"""Enterprises: who may sign for one, and who may not any more or not alone. Each attack by its name."""

from collections.abc import Mapping
from typing import Any

import pytest
from world import Person, World, chance

from trust.client.enterprises import make_founding, make_membership, make_release
from trust.client.statements import Signed
from trust.core.canonical import canonical
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound
from trust.core.people.enterprise import MembershipFacts
from trust.core.registry.dossier import Dossier
from trust.core.signing.statement import parse_statement
from trust.core.verdict import Code, Verdict
from trust.service.append_path import Submission
from trust.service.fsck.check import fsck
from trust.service.projections import rebuild

PLANS = {"plans.pdf": b"plans"}


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana", "Ana López")


@pytest.fixture
def ben(world: World) -> Person:
    return world.join("ben")


def words(verdict: Verdict) -> list[str]:
    return [item.word for item in verdict.reasons]


def judged(world: World, statement: str) -> Verdict:
    return world.assess(world.dossier(statement), PLANS)


# What honest members do.


def test_a_member_signs_for_the_enterprise(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found("Studio Five")
    ana.invite(studio, ben)
    verdict = judged(world, ben.sign(PLANS, on_behalf_of=studio).id)
    assert verdict.code is Code.VALID
    assert verdict.sentence.startswith("@ben of the enterprise “Studio Five” at localhost:8123 ")
    assert verdict.signer is not None
    assert verdict.signer.enterprise is not None
    assert verdict.signer.enterprise.to_json() == {
        "id": studio,
        "name": "Studio Five",
        "approved": 1,
        "needed": 1,
    }


def test_a_membership_is_led_back_through_those_who_offered(world: World, ana: Person) -> None:
    studio = ana.found()
    others = [world.join(f"p{number}xx") for number in range(4)]
    for inviting, invited in zip([ana, *others], others, strict=False):
        inviting.invite(studio, invited)
    dossier = world.dossier(others[-1].sign(PLANS, on_behalf_of=studio).id)
    assert len(dossier.did_logs) == 5
    assert world.assess(dossier, PLANS).code is Code.VALID


def test_liability_outlasts_leaving(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found()
    ana.invite(studio, ben)
    before = ben.sign(PLANS, on_behalf_of=studio)
    world.offset = 5
    ben.step(studio, "leave")
    verdict = judged(world, before.id)
    assert verdict.code is Code.VALID
    assert verdict.sentence.startswith("@ben of the enterprise ")
    shown: Any = world.registry.enterprise(studio)["members"]
    assert [item["until"] is None for item in shown] == [True, False]


def test_who_left_may_come_back_by_a_new_offer(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found()
    ana.invite(studio, ben)
    world.offset = 5
    ben.step(studio, "leave")
    world.offset = 10
    ana.invite(studio, ben)
    assert judged(world, ben.sign(PLANS, on_behalf_of=studio).id).code is Code.VALID


def test_the_founder_may_leave_and_the_others_go_on(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found()
    ana.invite(studio, ben)
    world.offset = 5
    ana.step(studio, "leave")
    assert judged(world, ben.sign(PLANS, on_behalf_of=studio).id).code is Code.VALID
    with pytest.raises(NotAllowed, match="is no member"):
        ana.sign(PLANS, on_behalf_of=studio)


def test_two_of_three_must_approve(world: World, ana: Person, ben: Person) -> None:
    studio, cleo = ana.found(needed=2), world.join("cleo")
    ana.invite(studio, ben)
    ana.invite(studio, cleo)
    signed = cleo.sign(PLANS, on_behalf_of=studio)
    waiting = judged(world, signed.id)
    assert (waiting.code, words(waiting)) == (Code.COULD_NOT_CHECK, ["not_released"])
    assert "(approved by 1 of its members, 2 must)" in waiting.sentence
    ben.release(signed.id, studio)
    approved = judged(world, signed.id)
    assert approved.code is Code.VALID
    assert "(approved by 2 of its members, 2 must)" in approved.sentence


def test_an_agent_signs_for_the_enterprise_that_its_scope_names(
    world: World, ana: Person, ben: Person
) -> None:
    studio = ana.found()
    agent = ana.delegate(enterprise=studio)
    verdict = judged(world, agent.sign(PLANS, on_behalf_of=studio).id)
    assert verdict.code is Code.VALID
    assert verdict.sentence.startswith("Agent 1 of @ana of the enterprise “Studio Five” at ")
    with pytest.raises(NotAllowed, match="and the delegation is for the enterprise"):
        agent.sign(PLANS)
    with pytest.raises(NotAllowed, match="and the delegation is for no enterprise"):
        ben.delegate().sign(PLANS, on_behalf_of=studio)


def test_a_review_by_its_person_lets_an_agents_work_stand(world: World, ana: Person) -> None:
    signed = ana.delegate(human_review=True).sign(PLANS)
    assert words(judged(world, signed.id)) == ["review_not_at_hand"]
    ana.release(signed.id)
    assert judged(world, signed.id).code is Code.VALID


def test_the_name_of_an_enterprise_may_be_erased(world: World, ana: Person) -> None:
    """It is then called by its id, and everything holds."""
    studio = ana.found("Studio Five")
    dossier = world.dossier(ana.sign(PLANS, on_behalf_of=studio).id)
    bare = {key: part for key, part in dossier.private.items() if part.get("name") != "Studio Five"}
    verdict = world.assess(dossier._replace(private=bare), PLANS)
    assert verdict.code is Code.VALID
    assert verdict.sentence.startswith(f"@ana of the enterprise {studio} at ")


# What the registry refuses.


def test_a_sixth_member(world: World, ana: Person) -> None:
    studio = ana.found()
    others = [world.join(f"p{number}xx") for number in range(5)]
    for other in others[:3]:
        ana.invite(studio, other)
    waiting = [ana.step(studio, "offer", member=other.scid) for other in others[3:]]
    others[3].step(studio, "accept", offer=waiting[0])
    with pytest.raises(NotAllowed, match="at most 5 members, .* a sixth can join once one of them"):
        others[4].step(studio, "accept", offer=waiting[1])
    with pytest.raises(NotAllowed, match="at most 5 members"):
        ana.step(studio, "offer", member=others[4].scid)
    others[0].step(studio, "leave")
    others[4].step(studio, "accept", offer=waiting[1])


def test_a_member_signs_after_leaving(ana: Person, ben: Person) -> None:
    studio = ana.found()
    ana.invite(studio, ben)
    ben.step(studio, "leave")
    with pytest.raises(NotAllowed, match=f"{ben.scid} is no member of the enterprise {studio}"):
        ben.sign(PLANS, on_behalf_of=studio)
    with pytest.raises(NotAllowed, match="is no member"):
        ben.step(studio, "leave")


def test_a_stranger_signs_offers_or_releases(ana: Person, ben: Person) -> None:
    studio = ana.found(needed=2)
    signed = ana.sign(PLANS, on_behalf_of=studio)
    for attempt in (
        lambda: ben.sign(PLANS, on_behalf_of=studio),
        lambda: ben.step(studio, "offer", member=ben.scid),
        lambda: ben.release(signed.id, studio),
    ):
        with pytest.raises(NotAllowed, match="is no member of the enterprise"):
            attempt()


def test_an_offer_is_for_one_person_and_one_enterprise(
    world: World, ana: Person, ben: Person
) -> None:
    studio, other, cleo = ana.found(), ana.found("Another"), world.join("cleo")
    offer = ana.step(studio, "offer", member=ben.scid)
    with pytest.raises(NotAllowed, match="is to somebody else"):
        cleo.step(studio, "accept", offer=offer)
    with pytest.raises(NotAllowed, match="or of another one"):
        ben.step(other, "accept", offer=offer)
    with pytest.raises(NotAllowed, match="is no offer of a membership"):
        ben.step(studio, "accept", offer=studio)
    ana.withdraw(offer)
    with pytest.raises(NotAllowed, match="was withdrawn"):
        ben.step(studio, "accept", offer=offer)


def test_one_member_approves_twice_or_of_their_own(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found(needed=3)
    ana.invite(studio, ben)
    signed = ana.sign(PLANS, on_behalf_of=studio)
    with pytest.raises(Conflict, match="your own signature approves of it"):
        ana.release(signed.id, studio)
    ben.release(signed.id, studio)
    with pytest.raises(Conflict, match="is released by"):
        ben.release(signed.id, studio)
    assert words(judged(world, signed.id)) == ["not_released"]


def test_a_release_of_something_else(ana: Person, ben: Person) -> None:
    studio, other = ana.found(needed=2), ana.found("Another")
    ana.invite(studio, ben)
    alone = ana.sign(PLANS)
    with pytest.raises(NotAllowed, match="was not signed on behalf of"):
        ben.release(alone.id, studio)
    with pytest.raises(NotAllowed, match="was not signed by an agent of yours"):
        ben.release(alone.id)
    with pytest.raises(NotFound):
        ben.release(other, studio)


@pytest.mark.parametrize("needed", [0, 6])
def test_a_rule_that_nobody_could_meet(ana: Person, needed: int) -> None:
    with pytest.raises(Malformed, match="expected at "):
        ana.found(needed=needed)


def test_an_enterprise_that_is_none(ana: Person) -> None:
    signed = ana.sign(PLANS)
    with pytest.raises(NotFound, match="is no enterprise"):
        ana.sign(PLANS, on_behalf_of=signed.id)
    with pytest.raises(NotFound, match="no person"):
        ana.step(ana.found(), "offer", member="QmcabBvH4DxRFHX2NwXrsGgeMRKFuS4MpYQViK3328rKs1")


# The registry is in league, and logs what it should refuse.


def log(person: Person, signed: Signed) -> Dossier:
    """Log a statement past all checks; return the dossier that the registry makes of it."""
    world = person.world
    rows = world.registry._database.rows(
        "select certificate from entries where scid = ? and type = 'enrolment'", (person.scid,)
    )
    statement = parse_statement(signed.envelope.payload)
    private = None if signed.private is None else canonical(signed.private)
    entry = Submission(
        signed.id, person.scid, signed.envelope, statement, bytes(rows[0][0]), private
    )
    world.registry._writer.append([entry])
    return world.dossier(signed.id)


def stepped(person: Person, enterprise: str, step: str, **more: Any) -> str:
    facts, note = MembershipFacts(enterprise, step, **more), person.world.registry.checkpoint()
    signed = make_membership(person.author, facts, note, chance().salt)
    log(person, signed)
    return signed.id


def assessed(world: World, dossier: Dossier, files: Mapping[str, bytes] = PLANS) -> Verdict:
    return world.assess(dossier, files)


def test_verify_refuses_who_signed_after_leaving(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found()
    ana.invite(studio, ben)
    ben.step(studio, "leave")
    world.offset = 5
    verdict = assessed(world, log(ben, ben.prepare(PLANS, on_behalf_of=studio)))
    assert (verdict.code, words(verdict)) == (Code.INVALID, ["not_a_member"])


def test_verify_refuses_who_was_let_in_by_somebody_who_had_left(
    world: World, ana: Person, ben: Person
) -> None:
    studio, eve = ana.found(), world.join("eve")
    ana.invite(studio, ben)
    ben.step(studio, "leave")
    world.offset = 5
    offer = stepped(ben, studio, "offer", member=eve.scid)
    stepped(eve, studio, "accept", offer=offer)
    verdict = assessed(world, log(eve, eve.prepare(PLANS, on_behalf_of=studio)))
    assert (verdict.code, words(verdict)) == (Code.INVALID, ["not_a_member"])


def test_verify_believes_no_membership_that_nobody_offered(
    world: World, ana: Person, ben: Person
) -> None:
    studio = ana.found()
    offer = stepped(ben, studio, "offer", member=ben.scid)
    stepped(ben, studio, "accept", offer=offer)
    verdict = assessed(world, log(ben, ben.prepare(PLANS, on_behalf_of=studio)))
    assert (verdict.code, words(verdict)) == (Code.COULD_NOT_CHECK, ["no_membership"])
    assert "Studio Five" not in verdict.sentence


def test_verify_counts_no_release_of_a_stranger_or_twice(
    world: World, ana: Person, ben: Person
) -> None:
    studio, eve = ana.found(needed=3), world.join("eve")
    ana.invite(studio, ben)
    signed = ana.sign(PLANS, on_behalf_of=studio)
    note = world.registry.checkpoint()
    for person in (eve, ben, ben, ana):
        log(person, make_release(person.author, signed.id, studio, note, chance().salt))
    verdict = judged(world, signed.id)
    assert (verdict.code, words(verdict)) == (Code.COULD_NOT_CHECK, ["not_released"])
    assert "(approved by 2 of its members, 3 must)" in verdict.sentence


def test_leaving_the_founding_or_the_status_out(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found()
    ana.invite(studio, ben)
    dossier = world.dossier(ben.sign(PLANS, on_behalf_of=studio).id)
    left = [item for item in dossier.supporting if b"/founding/v1" not in item.envelope.payload]
    kept = {key: part for key, part in dossier.private.items() if part.get("name") != "Studio Five"}
    bare = dossier._replace(supporting=tuple(left), private=kept)
    assert words(assessed(world, bare)) == ["no_membership"]
    silent = dossier._replace(status=dossier.status._replace(proofs=dossier.status.proofs[:3]))
    assert words(assessed(world, silent)) == ["no_status"]


def test_a_key_history_of_somebody_who_signed_nothing_here(
    world: World, ana: Person, ben: Person
) -> None:
    other = world.dossier(ben.sign(PLANS).id)
    dossier = world.dossier(ana.sign(PLANS).id)
    stray = dossier._replace(did_logs=(*dossier.did_logs, *other.did_logs))
    assert assessed(world, stray).code is Code.UNREADABLE
    twice = dossier._replace(did_logs=dossier.did_logs * 2)
    assert assessed(world, twice).code is Code.UNREADABLE


def test_a_founding_for_another_name_has_another_id(world: World, ana: Person) -> None:
    note = world.registry.checkpoint()
    one = make_founding(ana.author, "Studio Five", 1, note, chance())
    body = one.to_json()
    body["private"] = {**(one.private or {}), "name": "Studio Six"}
    with pytest.raises(Malformed, match="not the private part that the statement names"):
        world.registry.submit(body, "")


def test_projections_and_the_log_agree(world: World, ana: Person, ben: Person) -> None:
    studio = ana.found(needed=2)
    ana.invite(studio, ben)
    signed = ana.sign(PLANS, on_behalf_of=studio)
    ben.release(signed.id, studio)
    ben.step(studio, "leave")
    before = world.registry.enterprise(studio)
    rebuild(world.registry._database)
    assert world.registry.enterprise(studio) == before
    world.close()
    assert fsck(world.settings.data).findings == ()


def findings(world: World) -> list[str]:
    """Return what a replay of the whole log finds, by kind."""
    world.close()
    return [item.kind for item in fsck(world.settings.data).findings]


def test_a_replay_finds_a_sixth_member(world: World, ana: Person) -> None:
    studio = ana.found()
    others = [world.join(f"p{number}xx") for number in range(5)]
    offers = [ana.step(studio, "offer", member=other.scid) for other in others]
    for other, offer in list(zip(others, offers, strict=True))[:4]:
        other.step(studio, "accept", offer=offer)
    stepped(others[4], studio, "accept", offer=offers[4])
    assert findings(world) == ["sixth_member"]


def test_a_replay_finds_who_speaks_for_a_firm_and_may_not(
    world: World, ana: Person, ben: Person
) -> None:
    studio = ana.found()
    offer = ana.step(studio, "offer", member=ben.scid)
    eve = world.join("eve")
    stepped(eve, studio, "accept", offer=offer)
    log(eve, eve.prepare(PLANS, on_behalf_of=studio))
    ben.step(studio, "accept", offer=offer)
    ben.step(studio, "leave")
    stepped(ben, studio, "offer", member=eve.scid)
    log(ben, ben.prepare(PLANS, on_behalf_of=studio))
    assert findings(world) == ["no_offer", "not_a_member", "not_a_member", "not_a_member"]
