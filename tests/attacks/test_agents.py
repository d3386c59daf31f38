"""Agents that go beyond what they were let, and who lets them: each attack by its name.

The registry refuses each one. Where it does not, because it is in league with the attacker, whoever
verifies refuses it.
"""

import hashlib
from collections.abc import Mapping

import pytest
from forge import DIGEST
from world import Agent, Person, World, chance, delegation_facts

from trust.client.statements import Signed, make_delegation, make_deliverable, make_withdrawal
from trust.core.canonical import canonical
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound, TooMany
from trust.core.keys.p256 import spki
from trust.core.registry.dossier import Dossier
from trust.core.signing.identity import Principal
from trust.core.signing.statement import parse_statement
from trust.core.verdict import Code, Verdict
from trust.custody.signers import P256Signer, generate_p256
from trust.service.append_path import Submission
from trust.service.fsck.check import fsck

POST = {"posts/one.md": b"hello"}
ELSEWHERE = {"contracts/one.md": b"hello"}
DAY = 24 * 3600


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana")


def words(verdict: Verdict) -> list[str]:
    return [item.word for item in verdict.reasons]


# What honest agents may do.


def test_an_agent_signs_unattended_and_the_chain_ends_in_the_person(world: World) -> None:
    ana = world.join("ana", "Ana López")
    agent = ana.delegate(paths=("posts/*.md",), media_types=("text/*",))
    verdict = world.assess(world.dossier(agent.sign(POST).id), POST)
    assert verdict.code is Code.VALID
    assert verdict.sentence.startswith("Agent 1 of @ana at localhost:8123 signed “one.md” on ")
    assert ", under a delegation of " in verdict.sentence
    assert verdict.signer is not None
    assert verdict.signer.delegation is not None
    assert verdict.signer.delegation.id == agent.delegation.id


def test_what_an_agent_signed_outlives_its_delegation(world: World, ana: Person) -> None:
    agent = ana.delegate()
    before = agent.sign(POST)
    world.offset += 5
    ana.withdraw(agent.delegation.id)
    assert world.assess(world.dossier(before.id), POST).code is Code.VALID


def test_its_person_can_withdraw_what_an_agent_signed(world: World, ana: Person) -> None:
    signed = ana.delegate().sign(POST)
    ana.withdraw(signed.id)
    verdict = world.assess(world.dossier(signed.id), POST)
    assert verdict.code is Code.REVOKED
    assert verdict.sentence.startswith("@ana at localhost:8123 withdrew this")


def test_a_repeated_request_gets_the_same_answer(world: World, ana: Person) -> None:
    agent = ana.delegate(total=1)
    signed = agent.sign(POST)
    first = world.registry.submit(signed.to_json(), "")
    assert world.registry.submit(signed.to_json(), "") == first
    again = world.registry.submit(agent.delegation.to_json(), "")
    assert world.registry.submit(agent.delegation.to_json(), "") == again


# The registry refuses, naming the rule.


@pytest.mark.parametrize(
    ("limits", "files", "form", "words"),
    [
        ({"paths": ("posts/*.md",)}, ELSEWHERE, "files", "'contracts/one.md' is outside the paths posts/"),
        ({"paths": ("posts/*.md",)}, {**POST, **ELSEWHERE}, "files", "outside the paths"),
        ({"media_types": ("image/*",)}, POST, "files", "'posts/one.md' is of none of the media types image/"),
        ({"media_types": ("text/*",)}, {"posts": b""}, "manifest", "a whole directory has no media type"),
        ({"paths": ("posts/*.md",)}, {"site": b""}, "manifest", "'site' is outside the paths"),
        ({"enterprise": "0123456789abcdef"}, POST, "files", "on behalf of nobody else, and the delegation is for the enterprise 0123"),
    ],
)  # fmt: skip
def test_an_agent_widens_its_scope(
    ana: Person, limits: dict[str, object], files: dict[str, bytes], form: str, words: str
) -> None:
    agent = ana.delegate(**limits)
    with pytest.raises(NotAllowed, match=f"agent 1: out of scope: .*{words}"):
        agent.sign(files, form=form)


def test_an_agent_signs_after_its_expiry(world: World, ana: Person) -> None:
    agent = ana.delegate(expires=world.now + DAY)
    agent.sign(POST)
    world.offset = DAY
    world.restart()
    with pytest.raises(NotAllowed, match="the delegation ended on "):
        agent.sign(POST)


def test_an_agent_signs_after_its_person_ended_it(ana: Person) -> None:
    agent = ana.delegate()
    ana.withdraw(agent.delegation.id)
    with pytest.raises(NotAllowed, match="agent 1 is no longer in force: withdrawn on "):
        agent.sign(POST)


def test_a_stranger_cannot_end_an_agent(world: World, ana: Person) -> None:
    agent = ana.delegate()
    world.join("eve").withdraw(agent.delegation.id)
    assert world.assess(world.dossier(agent.sign(POST).id), POST).code is Code.VALID


def test_an_agent_signs_more_than_its_day_allows(world: World, ana: Person) -> None:
    agent = ana.delegate(per_day=2)
    agent.sign(POST)
    agent.sign(POST)
    with pytest.raises(TooMany, match="over budget: agent 1 may sign 2 times in 24 hours") as error:
        agent.sign(POST)
    assert DAY - 60 < error.value.retry_after <= DAY
    world.offset = DAY + 1
    world.restart()
    agent.sign(POST)


def test_an_agent_signs_more_than_it_may_in_all(ana: Person) -> None:
    agent = ana.delegate(total=1)
    agent.sign(POST)
    with pytest.raises(NotAllowed, match="number 2, and the delegation is for 1 statements"):
        agent.sign(POST)


def test_two_copies_of_an_agent_use_one_number(ana: Person) -> None:
    agent = ana.delegate()
    agent.sign(POST, number=7)
    with pytest.raises(Conflict, match="agent 1 has used number 7 already, in entry "):
        agent.sign(ELSEWHERE, number=7)


def test_an_agent_delegates_further(world: World, ana: Person) -> None:
    """It has no DID version of its own, and what it signs under its person's is not hers."""
    agent, other = ana.delegate(), P256Signer(generate_p256())
    facts = delegation_facts(other, world.now, agent=2)
    signed = make_delegation(agent.author, facts, world.registry.checkpoint(), chance().salt)
    with pytest.raises(NotAllowed, match="signature of the delegation"):
        world.registry.submit(signed.to_json(), "")


def test_an_agent_withdraws_what_its_person_signed(world: World, ana: Person) -> None:
    agent, target = ana.delegate(), ana.sign(POST)
    signed = make_withdrawal(agent.author, target.id, world.registry.checkpoint(), chance())
    with pytest.raises(NotAllowed, match="signature of the withdrawal"):
        world.registry.submit(signed.to_json(), "")


def test_an_agent_signs_as_the_person_herself(ana: Person) -> None:
    ana.author = ana.delegate().author
    with pytest.raises(NotAllowed, match="signature of the deliverable"):
        ana.sign(POST)


def test_a_person_signs_with_a_number_as_if_an_agent_had(ana: Person) -> None:
    agent = ana.delegate()
    agent.author = ana.author
    with pytest.raises(NotAllowed, match="signature of the deliverable"):
        agent.sign(POST)


def test_an_agent_uses_the_delegation_of_another_person(world: World, ana: Person) -> None:
    theirs = world.join("ben").delegate(agent=1)
    agent = ana.delegate()
    agent.delegation = theirs.delegation
    with pytest.raises(NotAllowed, match=f"{theirs.delegation.id} is no delegation of {ana.scid}"):
        agent.sign(POST)


def test_one_number_or_one_key_for_two_agents(ana: Person) -> None:
    agent = ana.delegate()
    with pytest.raises(Conflict, match="the next free number is 2"):
        ana.delegate()
    with pytest.raises(Conflict, match="every agent has a key of its own"):
        ana.delegate(agent=2, signer=agent.signer)
    with pytest.raises(NotAllowed, match="an agent has a key of its own, this is yours"):
        ana.delegate(agent=2, signer=ana.signer)
    ana.delegate(agent=2)


def test_a_delegation_for_longer_than_90_days(world: World, ana: Person) -> None:
    with pytest.raises(NotAllowed, match="expected at most 90 days"):
        ana.delegate(expires=world.now + 90 * DAY + 60)
    with pytest.raises(NotAllowed, match="ends before it begins"):
        ana.delegate(expires=world.now)


def test_a_delegation_whose_subject_is_another_key(world: World, ana: Person) -> None:
    facts = delegation_facts(P256Signer(generate_p256()), world.now)
    signed = make_delegation(ana.author, facts, world.registry.checkpoint(), chance().salt)
    body = signed.to_json()
    payload = signed.envelope.payload
    other = hashlib.sha256(b"other").hexdigest().encode()
    digest = hashlib.sha256(spki(facts.key)).hexdigest().encode()
    changed = signed.envelope._replace(payload=payload.replace(digest, other))
    body["envelope"] = changed.to_json()
    with pytest.raises(Malformed, match="the subject is not the agent's key"):
        world.registry.submit(body, "")


# The registry is in league with the agent, and logs what it should refuse.


def mint(agent: Agent, principal: Principal, until: int) -> bytes:
    """Issue a certificate for the agent's key in another name, or for longer than it may be."""
    world, point = agent.world, agent.signer.public_key
    authorities, uri = world.registry._authorities, principal.uri(world.settings.public_url)
    request = {**authorities.precertificate(point, uri, world.now), "end": until}
    return authorities.certificate(request, point, world.now)


def certificate_of(person: Person) -> bytes:
    """Return the person's own certificate, from an entry of theirs."""
    rows = person.world.registry._database.rows(
        "select certificate from entries where scid = ? and type = 'enrolment'", (person.scid,)
    )
    return bytes(rows[0][0])


def log(agent: Agent, signed: Signed, certificate: bytes | None = None) -> Dossier:
    """Log a statement past all checks, and return the dossier that the registry makes of it."""
    statement = parse_statement(signed.envelope.payload)
    private = None if signed.private is None else canonical(signed.private)
    entry = Submission(
        signed.id,
        agent.person.scid,
        signed.envelope,
        statement,
        certificate or agent.certificate,
        private,
    )
    agent.world.registry._writer.append([entry])
    return agent.world.dossier(signed.id)


def refused(agent: Agent, dossier: Dossier, files: Mapping[str, bytes] = POST) -> list[str]:
    """Return the reasons of a verdict that must be `invalid`."""
    verdict = agent.world.assess(dossier, files)
    assert verdict.code is Code.INVALID, verdict
    return words(verdict)


def findings(world: World) -> list[str]:
    """Return what a replay of the whole log finds, by kind; it compares every table, too."""
    world.close()
    return [item.kind for item in fsck(world.settings.data).findings]


def test_verify_names_the_rule_of_a_scope(world: World, ana: Person) -> None:
    agent = ana.delegate(paths=("posts/*.md",))
    dossier = log(agent, agent.prepare(ELSEWHERE))
    verdict = world.assess(dossier, ELSEWHERE)
    assert (verdict.code, words(verdict)) == (Code.INVALID, ["out_of_scope"])
    assert verdict.reasons[0].text == (
        "step 7: out of scope: 'contracts/one.md' is outside the paths posts/*.md"
    )


def test_hiding_the_names_does_not_hide_that_they_were_limited(world: World, ana: Person) -> None:
    """Whoever strips the private part from a dossier gets no better verdict for it."""
    agent = ana.delegate(paths=("posts/*.md",))
    dossier = log(agent, agent.prepare(ELSEWHERE))
    bare = {key: part for key, part in dossier.private.items() if "names" not in part}
    verdict = world.assess(dossier._replace(private=bare), ELSEWHERE)
    assert (verdict.code, words(verdict)) == (Code.COULD_NOT_CHECK, ["scope_not_at_hand"])


def test_verify_refuses_what_was_signed_after_the_expiry(world: World, ana: Person) -> None:
    agent = ana.delegate(expires=world.now + 100)
    world.offset = 200
    assert refused(agent, log(agent, agent.prepare(POST))) == ["certificate_expired"]
    longer = mint(agent, Principal("agent", ana.scid, 1), world.now + DAY)
    assert refused(agent, log(agent, agent.prepare(POST), longer)) == ["delegation_expired"]


def test_verify_refuses_a_delegation_for_longer_than_90_days(world: World, ana: Person) -> None:
    agent = ana.delegate(agent=2)
    facts = delegation_facts(agent.signer, world.now, expires=world.now + 100 * DAY)
    note, certificate = world.registry.checkpoint(), certificate_of(ana)
    agent.delegation = make_delegation(ana.author, facts, note, chance().salt)
    log(agent, agent.delegation, certificate)
    signed = mint(agent, Principal("agent", ana.scid, 1), facts.expires)
    assert refused(agent, log(agent, agent.prepare(POST), signed)) == ["delegation_too_long"]


def test_verify_refuses_what_was_signed_after_the_end(world: World, ana: Person) -> None:
    agent = ana.delegate()
    ana.withdraw(agent.delegation.id)
    world.offset = 5
    assert refused(agent, log(agent, agent.prepare(POST))) == ["delegation_ended"]
    assert "delegation_ended" in findings(world)


def test_a_replay_finds_what_was_signed_after_the_expiry(world: World, ana: Person) -> None:
    agent = ana.delegate(expires=world.now + 100)
    world.offset = 200
    log(agent, agent.prepare(POST), mint(agent, Principal("agent", ana.scid, 1), world.now + DAY))
    assert "delegation_expired" in findings(world)


def test_verify_refuses_a_number_beyond_the_budget(ana: Person) -> None:
    agent = ana.delegate(total=3)
    assert refused(agent, log(agent, agent.prepare(POST, number=4))) == ["over_budget"]


def test_a_replay_finds_a_number_used_twice_and_a_day_over_budget(
    world: World, ana: Person
) -> None:
    agent = ana.delegate(per_day=2)
    agent.sign(POST, number=1)
    log(agent, agent.prepare(ELSEWHERE, number=1))
    assert findings(world) == ["number_used_twice"]
    world.registry = world.open()
    log(agent, agent.prepare(ELSEWHERE, number=2))
    assert findings(world) == ["number_used_twice", "over_budget"]


def test_verify_refuses_another_key_or_number_than_was_delegated(world: World, ana: Person) -> None:
    agent, until = ana.delegate(), world.now + DAY
    second = mint(agent, Principal("agent", ana.scid, 2), until)
    assert refused(agent, log(agent, agent.prepare(POST), second)) == ["other_delegation"]
    own = agent.delegation
    agent.signer = P256Signer(generate_p256())
    agent.author = agent.author._replace(signer=agent.signer)
    stolen = mint(agent, Principal("agent", ana.scid, 1), until)
    assert own == agent.delegation
    assert refused(agent, log(agent, agent.prepare(POST), stolen)) == ["other_delegation"]
    assert "other_delegation" in findings(world)


def test_verify_refuses_what_is_no_deliverable_of_an_agent(world: World, ana: Person) -> None:
    """No further hops: an agent neither delegates nor withdraws, nor signs as if by hand."""
    agent, note = ana.delegate(), world.registry.checkpoint()
    facts = delegation_facts(P256Signer(generate_p256()), world.now, agent=2)
    by_hand = make_deliverable(agent.author, {"a": DIGEST}, note, chance())
    for signed in (
        make_delegation(agent.author, facts, note, chance().salt),
        make_withdrawal(agent.author, "0" * 16, note, chance()),
        by_hand,
    ):
        dossier = log(agent, signed)
        verdict = world.assess(dossier, None)
        assert (verdict.code, words(verdict)) == (Code.INVALID, ["wrong_signer_kind"])


def test_verify_refuses_a_persons_certificate_for_an_agents_statement(
    world: World, ana: Person
) -> None:
    agent = ana.delegate()
    certificate = mint(agent, Principal("person", ana.scid), world.now + DAY)
    assert refused(agent, log(agent, agent.prepare(POST), certificate)) == ["wrong_signer_kind"]


def test_a_delegation_that_the_registry_made_for_itself(world: World, ana: Person) -> None:
    """Her own key history did not authorise the key that signed it."""
    agent = ana.delegate()
    minted = P256Signer(generate_p256())
    facts = delegation_facts(agent.signer, world.now, agent=2)
    note = world.registry.checkpoint()
    agent.delegation = make_delegation(
        ana.author._replace(signer=minted), facts, note, chance().salt
    )
    stranger = Agent.__new__(Agent)
    stranger.__dict__ = {**agent.__dict__, "signer": minted}
    log(agent, agent.delegation, mint(stranger, Principal("person", ana.scid), world.now + DAY))
    signed = mint(agent, Principal("agent", ana.scid, 2), world.now + DAY)
    assert refused(agent, log(agent, agent.prepare(POST), signed)) == ["key_not_in_history"]


def test_a_delegation_made_after_the_agent_signed(world: World, ana: Person) -> None:
    agent, late = ana.delegate(), P256Signer(generate_p256())
    facts = delegation_facts(late, world.now, agent=2)
    delegation = make_delegation(ana.author, facts, world.registry.checkpoint(), chance().salt)
    agent.signer, agent.author = late, agent.author._replace(signer=late)
    agent.delegation = delegation
    signed = agent.prepare(POST)
    certificate = mint(agent, Principal("agent", ana.scid, 2), world.now + DAY)
    with pytest.raises(NotFound):
        log(agent, signed, certificate)
    world.registry.submit(delegation.to_json(), "")
    assert refused(agent, world.dossier(signed.id)) == ["delegation_later"]
    assert "no_delegation" in findings(world)


def test_a_dossier_without_the_delegation(world: World, ana: Person) -> None:
    agent = ana.delegate()
    dossier = world.dossier(agent.sign(POST).id)
    left = [item for item in dossier.supporting if b"/delegation/v1" not in item.envelope.payload]
    verdict = world.assess(dossier._replace(supporting=tuple(left)), POST)
    assert (verdict.code, words(verdict)) == (Code.COULD_NOT_CHECK, ["no_delegation"])
    assert verdict.sentence.startswith("According to localhost:8123, agent 1 of the person with ")


def test_a_status_that_is_silent_about_the_delegation(world: World, ana: Person) -> None:
    """It may have been ended before: without that proof nothing is said to stand."""
    dossier = world.dossier(ana.delegate().sign(POST).id)
    fewer = dossier.status._replace(proofs=dossier.status.proofs[:3])
    verdict = world.assess(dossier._replace(status=fewer), POST)
    assert (verdict.code, words(verdict)) == (Code.COULD_NOT_CHECK, ["no_status"])


def test_a_human_was_to_review_it_and_nobody_did(world: World, ana: Person) -> None:
    signed = ana.delegate(human_review=True).sign(POST)
    verdict = world.assess(world.dossier(signed.id), POST)
    assert (verdict.code, words(verdict)) == (Code.COULD_NOT_CHECK, ["review_not_at_hand"])
