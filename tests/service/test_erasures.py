"""Erasing: the words go, from every file of the registry; proofs, facts and scores stay."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from browser import client_of
from stranger import check_whole
from world import Person, World

from trust.core.errors import Conflict, HandleTaken, NotAllowed, NotFound, TooMany, Unavailable
from trust.core.log.merkle import root_from_reader
from trust.core.signing.facts import DeliverableFacts
from trust.core.signing.identity import status_key
from trust.core.signing.redaction import RedactionFacts
from trust.core.signing.statement import parse_statement
from trust.core.verdict import Code
from trust.core.watching.replay import Replay
from trust.service.erasures import Erasures
from trust.service.fsck.check import fsck
from trust.service.log_writer import LogWriter
from trust.service.projections import rebuild
from trust.service.takedowns import order

WORD = "Quetzalcoatlus"  # no other file of a registry holds it
FILES = {f"{WORD}.txt": b"a"}
TITLE = f"The {WORD} of {WORD}"


@pytest.fixture
def ana(world: World) -> Person:
    return world.join("ana-the-maker", f"Ana {WORD}")


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def published(world: World) -> list[Any]:
    found = world.registry.entries(world.registry.trust.newest_log.origin, 0)["entries"]
    assert isinstance(found, list)
    return found


def types(world: World) -> list[str]:
    rows = world.registry._database.rows("select type from entries order by idx")
    return [kind for (kind,) in rows]


def test_the_words_go_and_the_proof_stays(world: World, ana: Person) -> None:
    signed = ana.sign(FILES, title=TITLE)
    old = world.dossier(signed.id)
    ana.erase(signed.id)
    said = world.registry.attestation(signed.id)
    assert (said["title"], said["names"], said["takenDown"]) == (None, [], None)
    assert said["erased"] == {"since": said["erased"]["since"], "by": "signer"}  # type: ignore[index,call-overload]
    verdict = world.assess(world.dossier(signed.id), {"copy.txt": b"a"})
    assert verdict.code is Code.VALID
    assert verdict.erased is not None
    assert "Its names and words were erased on" in verdict.sentence
    assert "as its signer asked; what was signed" in verdict.sentence
    # Who kept the dossier from before keeps the words, and it verifies with them.
    kept = world.assess(old, FILES)
    assert (kept.code, kept.erased) == (Code.VALID, None)
    check_whole(world)


@pytest.mark.parametrize("name", [WORD, f"{WORD}-{'x' * 200}"])
def test_no_file_of_the_registry_holds_the_words_any_more(
    world: World, ana: Person, name: str
) -> None:
    """Free pages, overflow pages and the WAL included."""
    signed = ana.sign({f"{name}-{n}.txt": b"%d" % n for n in range(40)}, title=TITLE)
    part = world.registry._records.private(parse_statement(signed.envelope.payload).private)
    assert part is not None
    blind = str(part["blind"]).encode()
    before = all_bytes(world.settings.data)
    assert WORD.encode() in before
    assert blind in before
    ana.erase(None)
    after = all_bytes(world.settings.data)
    assert WORD.encode() not in after
    assert blind not in after
    assert b"ana-the-maker" not in after
    world.restart()
    assert WORD.encode() not in all_bytes(world.settings.data)


def test_erasing_a_person_leaves_what_others_signed(world: World, ana: Person) -> None:
    ben = world.join("ben", "Ben")
    bens = ben.sign({"bens.txt": b"b"}, title="Ben's")
    signed = ana.sign(FILES)
    ana.withdraw(signed.id, f"the {WORD} was wrong")
    status = world.registry.status(None, []).snapshot
    ana.erase(None)
    after = world.registry.status(None, []).snapshot
    assert (after.count, after.status_root) == (status.count, status.status_root)
    assert world.registry.person("@ben")["name"] == "Ben"
    assert world.registry.attestation(bens.id)["title"] == "Ben's"
    person = world.registry.person(ana.scid)
    assert (person["handle"], person["name"], person["attestations"]) == (None, None, 1)
    assert world.registry.withdrawal_reason(signed.id) is None
    verdict = world.assess(world.dossier(signed.id), {"x": b"a"})
    assert verdict.code is Code.REVOKED
    with pytest.raises(NotFound):
        world.registry.person("@ana-the-maker")
    check_whole(world)


def replayed(world: World) -> tuple[Any, ...]:
    """What a stranger makes of the published entries: facts, people, certificates, status."""
    replay, facts = Replay(), []
    findings: list[Any] = []
    registry = world.registry
    size = registry._published.size
    for row in registry._records.find("idx < ? order by idx", (size,)):
        bundle = registry._proofs.bundle(registry._published, row)
        from trust.core.people.did import parse_log  # noqa: PLC0415
        from trust.core.verify import verify  # noqa: PLC0415

        verified = verify(bundle, None, registry.trust, world.now)
        history = parse_log(registry._records.did_log(row.scid, size)) if row.scid else None
        root = lambda n: root_from_reader(n, registry._proofs._subtrees.reader(n))  # noqa: E731
        findings += replay.take(verified, history, registry.trust, root)
        facts.append((row.type, row.scid, row.payload))
    assert findings == []
    return facts, replay.lines(size), replay.identities, replay.issuances, replay.enrolled


def test_a_replay_before_and_after_gives_the_same_facts_and_status(
    world: World, ana: Person
) -> None:
    old = ana.sign(FILES, title=TITLE)
    ana.sign({f"{WORD}2.txt": b"2"}, supersedes=old.id)
    ana.withdraw(ana.sign({"x": b"x"}).id, WORD)
    facts, *rest = replayed(world)
    pages = published(world)
    ana.erase(None)
    facts_after, *rest_after = replayed(world)
    assert facts_after[: len(facts)] == facts
    assert rest_after == rest
    for before, after in zip(pages, published(world), strict=False):
        assert {**before, "private": None} == {**after, "private": None}
        assert after["private"] == ("erased" if before["private"] is not None else None)
    assert types(world)[-2:] == ["erasure", "redaction"]


def test_tables_made_again_and_fsck_agree_after_an_erasure(world: World, ana: Person) -> None:
    signed = ana.sign(FILES)
    world.join("ben").sign({"b": b"b"})
    ana.erase(signed.id)
    ana.erase(None)
    again = ana.sign({"new.txt": b"new"}, title="New words")
    person = world.registry.person(ana.scid)
    assert fsck(world.settings.data).findings == ()
    rebuild(world.registry._database)
    world.restart()
    assert world.registry.person(ana.scid) == person
    assert world.registry.attestation(again.id)["title"] == "New words"
    assert fsck(world.settings.data).findings == ()


def test_fsck_finds_words_that_were_erased_and_are_still_there(world: World, ana: Person) -> None:
    signed = ana.sign(FILES)
    digest = parse_statement(signed.envelope.payload).private
    row = world.registry._database.row("select * from private_parts where digest = ?", (digest,))
    ana.erase(signed.id)
    with world.registry._database.write() as transaction:
        transaction.insert("private_parts", [row])
    (finding,) = fsck(world.settings.data).findings
    assert "it was erased, and is still there" in str(finding)


# Attacks.


def test_a_stranger_cannot_erase_what_others_said(world: World, ana: Person) -> None:
    signed = ana.sign(FILES)
    ben = world.join("ben")
    with pytest.raises(NotAllowed, match="is not yours"):
        ben.erase(signed.id)
    with pytest.raises(NotFound):
        ben.erase("0" * 16)
    forged = ben.author._replace(did=ana.author.did, version=ana.author.version)
    ben.author = forged
    with pytest.raises(NotAllowed, match="signature"):
        ben.erase(signed.id)
    assert world.registry.attestation(signed.id)["names"] == [f"{WORD}.txt"]
    assert "redaction" not in types(world)


def test_a_copy_of_a_private_part_cannot_be_used_to_erase_the_original(
    world: World, ana: Person
) -> None:
    """Ben signs Ana's private part as his own, word for word, to have it erased in hers."""
    signed = ana.sign(FILES, title=TITLE)
    ben = world.join("ben")
    with pytest.raises(Conflict, match="another statement has this private part"):
        world.registry.submit(copied(ben, signed.private), "")
    ana.erase(signed.id)
    with pytest.raises(Conflict, match="another statement has this private part"):
        world.registry.submit(copied(ben, signed.private), "")  # nor to bring it back
    with pytest.raises(Conflict):
        world.registry.submit(copied(ana, signed.private), "")
    assert WORD.encode() not in all_bytes(world.settings.data / "registry.db")


def copied(person: Person, private: Any) -> Any:
    """A deliverable of a person with somebody else's private part."""
    from trust.client import statements  # noqa: PLC0415

    made = statements.sign_made(
        person.author,
        "deliverable",
        (hashlib.sha256(b"mine").digest(),),
        person.world.registry.checkpoint(),
        hashlib.sha256(json.dumps(private).encode() + person.scid.encode()).digest()[:16],
        DeliverableFacts(offline=False),
        private,
    )
    return made.to_json()


def test_sending_the_statement_or_the_join_again_brings_nothing_back(
    world: World, ana: Person
) -> None:
    signed = ana.sign(FILES)
    ana.erase(None)
    world.registry.submit(signed.to_json(), "")
    assert world.registry.attestation(signed.id)["names"] == []
    with pytest.raises(Conflict, match="was erased"):
        world.registry.submit(ana.join_body, "")
    assert WORD.encode() not in all_bytes(world.settings.data)


def test_an_erased_handle_is_given_to_nobody_nor_one_that_looks_like_it(
    world: World, ana: Person
) -> None:
    ana.erase(None)
    for handle in ("ana-the-maker", "anathemaker", "ana-the-rnaker"):
        with pytest.raises(HandleTaken):
            world.join(handle)
    world.restart()
    with pytest.raises(HandleTaken):
        world.join("ana-the-maker")
    assert world.join("somebody-else").scid


def test_erasing_again_and_what_has_no_words(world: World, ana: Person) -> None:
    signed = ana.sign(FILES)
    withdrawal = ana.withdraw(signed.id)
    erasure = ana.erase(signed.id)
    size = world.registry._published.size
    with pytest.raises(Conflict, match="erased already"):
        ana.erase(signed.id)
    with pytest.raises(NotAllowed, match="nothing to erase"):
        ana.erase(withdrawal.id)
    again = world.registry.submit(erasure.to_json(), "")
    assert isinstance(again, dict)
    assert again["id"] == erasure.id
    assert world.registry._published.size == size


def test_one_statement_of_many_is_erased_alone(world: World, ana: Person) -> None:
    first, second = ana.sign(FILES), ana.sign({"kept.txt": b"k"})
    ana.erase(first.id)
    assert world.registry.attestation(second.id)["names"] == ["kept.txt"]
    assert world.registry.person("@ana-the-maker")["name"] == f"Ana {WORD}"


def test_handle_and_profile_can_be_erased_alone(world: World, ana: Person) -> None:
    rows = dict(world.registry._database.rows("select type, id from entries"))
    ana.erase(rows["profile"])
    person = world.registry.person("@ana-the-maker")
    assert (person["handle"], person["name"], person["erased"]) == ("ana-the-maker", None, None)
    ana.erase(rows["handle"])
    assert world.registry.person(ana.scid)["handle"] is None
    with pytest.raises(HandleTaken):
        world.join("ana-the-maker")
    signed = ana.sign(FILES)
    verdict = world.assess(world.dossier(signed.id), FILES)
    assert verdict.code is Code.VALID
    assert verdict.signer is not None
    assert (verdict.signer.handle, verdict.signer.name) == (None, None)


@pytest.mark.parametrize("step", ["redact", "_mark_handle"])
def test_an_erasure_that_was_killed_half_way_is_finished(
    world: World, ana: Person, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    signed = ana.sign(FILES)

    def killed(*_arguments: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Erasures, step, killed)
        with pytest.raises(SystemExit):
            ana.erase(None)
    assert types(world)[-1] == "erasure"
    world.restart()
    assert types(world).count("redaction") == 1
    assert world.registry.attestation(signed.id)["names"] == []
    assert WORD.encode() not in all_bytes(world.settings.data)


def test_a_redaction_that_cannot_be_logged_erases_nothing(
    world: World, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failed and not stored: the log would say nothing, so the words must still be there."""
    signed = ana.sign(FILES)

    def refused(*_arguments: object) -> None:
        raise Unavailable("the disk refused")

    with monkeypatch.context() as patched:
        patched.setattr(LogWriter, "append_own", refused)
        with pytest.raises(Unavailable):
            ana.erase(signed.id)
    assert world.registry.attestation(signed.id)["names"] == [f"{WORD}.txt"]
    world.registry._upkeep.tick()
    assert world.registry.attestation(signed.id)["names"] == []


def test_erasures_have_the_quota_of_withdrawals(world: World, ana: Person) -> None:
    signed = ana.sign(FILES)
    world.registry._intake._quotas._settings = dataclasses.replace(
        world.settings, withdrawals_per_day=1
    )
    ana.erase(signed.id)
    with pytest.raises(TooMany, match="'erasure'"):
        ana.erase(None)


def test_a_private_work_is_erased_without_telling_its_id(world: World, ana: Person) -> None:
    signed = ana.sign(FILES, unlisted=True)
    ana.erase(signed.id)
    assert signed.id not in json.dumps(published(world))
    newest = world.registry._records.at(world.registry._published.size - 1)
    statement = parse_statement(newest.payload)
    assert statement.subjects == (status_key("statement", signed.id),)
    assert isinstance(statement.facts, RedactionFacts)


def test_what_an_operator_takes_down_is_a_redaction_too(world: World, ana: Person) -> None:
    signed = ana.sign(FILES, title=TITLE)
    order(world.settings.data, signed.id, "court order 12/2026")
    world.registry._upkeep.tick()
    assert types(world)[-1] == "redaction"
    said = world.registry.attestation(signed.id)
    assert said["erased"]["by"] == "registry"  # type: ignore[index,call-overload]
    assert said["takenDown"]["reason"] == "court order 12/2026"  # type: ignore[index,call-overload]
    verdict = world.assess(world.dossier(signed.id), {"x": b"a"})
    assert "erased its names and words on" in verdict.sentence
    assert "unasked" in verdict.sentence
    order(world.settings.data, signed.id, "another reason")
    world.registry._upkeep.tick()
    assert types(world).count("redaction") == 1
    assert fsck(world.settings.data).findings == ()


def test_the_pages_say_it_in_full_sentences(world: World, ana: Person) -> None:
    signed = ana.sign(FILES, title=TITLE)
    ana.erase(None)
    client = client_of(world)
    page = client.get(f"/v/{signed.id}").text
    assert "Its names and words were erased on" in page
    assert "The names of the files were erased" in page
    assert WORD not in page
    person = client.get(f"/p/{ana.scid}").text
    assert "Handle and name were erased on" in person
    assert "ana-the-maker" not in person
    assert client.get("/@ana-the-maker").status_code == 404
    assert client.get(f"/v1/people/{ana.scid}").json()["erased"]["by"] == "signer"
