"""A private work: no list, no look-up by digest, nothing but `private` for a replay."""

import hashlib
import json
from typing import Any

import pytest
from world import Person, World

from trust.core.errors import NotAllowed
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import status_key
from trust.core.signing.statement import parse_statement
from trust.core.verdict import Code
from trust.service.fsck.check import fsck
from trust.service.projections import rebuild

FILES = {"secret.txt": b"a design nobody may know of yet"}
DIGEST = hashlib.sha256(FILES["secret.txt"]).digest()


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana")


def pages(world: World) -> list[Any]:
    found = world.registry.entries(world.registry.trust.newest_log.origin, 0)["entries"]
    assert isinstance(found, list)
    return found


def test_whoever_holds_the_id_can_open_it(world: World, ana: Person) -> None:
    signed = ana.sign(FILES, unlisted=True)
    verdict = world.assess(world.dossier(signed.id), FILES)
    assert (verdict.code, verdict.reasons) == (Code.VALID, ())
    said = world.registry.attestation(signed.id)
    assert (said["unlisted"], said["names"]) == (True, ["secret.txt"])


def test_no_list_and_no_look_up_by_digest_tells_of_it(world: World, ana: Person) -> None:
    listed = ana.sign({"other.txt": b"x"})
    signed = ana.sign(FILES, unlisted=True)
    assert world.registry.attestations(DIGEST) == []
    assert world.registry.person("@ana")["attestations"] == 1
    both = ana.sign(FILES)  # the same file, signed in public
    assert [item["id"] for item in world.registry.attestations(DIGEST)] == [both.id]
    assert signed.id not in json.dumps(world.registry.attestations(DIGEST))
    assert listed.id


def test_a_replay_is_given_nothing_but_that_it_is_private(world: World, ana: Person) -> None:
    signed = ana.sign(FILES, unlisted=True, title="Very secret")
    index = world.registry._published.size - 1
    assert pages(world)[index] == {"index": index, "private": "private"}
    everything = json.dumps(pages(world))
    for word in (signed.id, DIGEST.hex(), parse_statement(signed.envelope.payload).salt.hex()):
        assert word not in everything
    assert b"secret" not in json.dumps(pages(world)).encode()


def test_a_withdrawal_of_a_private_work_is_public_and_does_not_name_it(
    world: World, ana: Person
) -> None:
    signed = ana.sign(FILES, unlisted=True)
    ana.withdraw(signed.id)
    assert world.assess(world.dossier(signed.id), FILES).code is Code.REVOKED
    assert signed.id not in json.dumps(pages(world))
    newest = world.registry._records.at(world.registry._published.size - 1)
    assert parse_statement(newest.payload).subjects == (status_key("statement", signed.id),)


def test_what_replaces_a_private_work_may_not_tell_its_id(world: World, ana: Person) -> None:
    first = ana.sign(FILES, unlisted=True)
    with pytest.raises(NotAllowed, match="must be private too"):
        ana.sign({"v2.txt": b"2"}, supersedes=first.id)
    second = ana.sign({"v2.txt": b"2"}, supersedes=first.id, unlisted=True)
    facts = parse_statement(world.dossier(second.id).bundle.envelope.payload).facts
    assert isinstance(facts, DeliverableFacts)
    assert facts.supersedes == first.id
    assert first.id not in json.dumps(pages(world))


def test_a_private_replacement_leaves_no_line_in_the_status(world: World, ana: Person) -> None:
    listed = ana.sign({"v1.txt": b"1"})
    before = world.registry.status(None, []).snapshot
    ana.sign({"v2.txt": b"2"}, supersedes=listed.id, unlisted=True)
    after = world.registry.status(None, []).snapshot
    assert (after.count, after.status_root) == (before.count, before.status_root)
    verdict = world.assess(world.dossier(listed.id), {"v1.txt": b"1"})
    assert (verdict.code, verdict.superseded_by) == (Code.VALID, None)
    assert world.registry.attestation(listed.id)["supersededBy"] is None


def test_projections_made_again_are_the_same_and_fsck_holds(world: World, ana: Person) -> None:
    first = ana.sign(FILES, unlisted=True)
    old = ana.sign({"v1.txt": b"1"})
    ana.sign({"v2.txt": b"2"}, supersedes=old.id)
    ana.sign({"v2.txt": b"3"}, supersedes=first.id, unlisted=True)
    person, status = world.registry.person("@ana"), world.registry.status(None, [])
    rebuild(world.registry._database)
    world.restart()
    assert world.registry.person("@ana") == person
    assert world.registry.status(None, []).snapshot.status_root == status.snapshot.status_root
    assert fsck(world.settings.data).findings == ()
