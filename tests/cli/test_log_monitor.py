"""A monitor against a registry that lies: each lie is told by its name, and the proof is kept."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commandline import Ran, Run
from filling import fill
from wire import Wire, changed, instead
from world import Person, World, chance

from trust.client.statements import make_deliverable
from trust.core.canonical import canonical
from trust.core.errors import Unavailable
from trust.core.log.checkpoint import Checkpoint, sign_checkpoint
from trust.core.registry.status import Status, sign_snapshot
from trust.core.registry.status_tree import StatusTree
from trust.core.signing.facts import IssuanceFacts
from trust.core.signing.identity import Principal
from trust.core.signing.statement import parse_statement
from trust.custody.signers import P256Signer, generate_p256
from trust.service.append_path import Submission
from trust.service.term import FOR_EVER

Json = Any


@pytest.fixture
def wire(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """A registry whose trust file is pinned."""
    Path("trust.json").write_bytes(world.registry.trust_file(None))
    assert run("trust", "add", "trust.json", "--key", world.registry.trust.code).exit == 0
    return Wire(world, monkeypatch)


@pytest.fixture
def ana(world: World) -> Person:
    person = world.join("ana", "Ana López")
    person.sign({"a.txt": b"a"})
    return person


@pytest.fixture
def look(wire: Wire, run: Run, ana: Person) -> Callable[..., Ran]:
    """Look once at a registry that Ana has joined."""
    assert ana.scid
    return lambda *more: run("log", "monitor", wire.url, "--once", *more)


Look = Callable[..., Ran]


def kinds(ran: Ran) -> list[str]:
    return [item["kind"] for item in json.loads(ran.out)["findings"]]


def evidence(tmp_path: Path, kind: str) -> tuple[str, str]:
    """The two checkpoints that are kept as the proof."""
    (folder,) = (tmp_path / "home/monitors").glob(f"*/evidence/*-{kind}")
    return (folder / "seen.txt").read_text(), (folder / "shown.txt").read_text()


# What holds.


def test_an_honest_registry_is_followed_from_look_to_look(ana: Person, look: Look) -> None:
    ran = look()
    assert (ran.exit, ran.last.split("  ")[0]) == (0, "HOLDS"), ran.out
    second = ana.sign({"b.txt": b"b"})
    ana.withdraw(second.id, "a mistake")
    found = json.loads(look("--json").out)
    assert (found["added"], found["findings"]) == (2, [])
    assert json.loads(look("--json").out)["added"] == 0


def test_a_large_log_with_a_logged_snapshot_and_a_new_trust_file(
    world: World, ana: Person, look: Look
) -> None:
    assert look().exit == 0
    ana.withdraw(ana.sign({"c": b"c"}).id)
    world.registry._upkeep._settings = world.settings
    world.offset = 2 * 3600
    world.registry._upkeep._log_snapshot(FOR_EVER)
    fill(world, ana, 300)
    found = json.loads(look("--json").out)
    assert (found["findings"], found["size"]) == ([], 300)
    ana.sign({"d": b"d"})
    assert json.loads(look("--json").out)["findings"] == []


def test_uses_of_a_watched_persons_keys_are_reported(world: World, ana: Person, look: Look) -> None:
    ran = look("--watch", "@ana")
    assert "signed a deliverable" in ran.out
    ben = world.join("ben")
    ben.sign({"x": b"x"})
    assert json.loads(look("--watch", "@ana", "--json").out)["uses"] == []
    signed = ana.sign({"y": b"y"})
    (use,) = json.loads(look("--watch", ana.scid, "--json").out)["uses"]
    assert (use["scid"], signed.id in use["message"]) == (ana.scid, True)
    assert look("--watch", "ana").exit == 2


def test_a_private_work_is_followed_by_its_leaf_alone(
    world: World, ana: Person, look: Look
) -> None:
    old = ana.sign({"v1": b"1"})
    ana.sign({"v2": b"2"}, supersedes=old.id)
    ana.sign({"secret": b"s"}, unlisted=True)
    ana.sign({"v3": b"3"}, supersedes=old.id, unlisted=True)  # makes no line in the status
    found = json.loads(look("--watch", ana.scid, "--json").out)
    assert found["findings"] == []
    assert [use["message"] for use in found["uses"][-2:]] == [
        "signed something that is in no list"
    ] * 2
    world.join("ben")
    assert json.loads(look("--json").out)["findings"] == []


def test_a_plain_log_is_followed_by_its_key_alone(
    world: World, ana: Person, wire: Wire, run: Run
) -> None:
    key = str(world.registry.trust.newest_log.log_key)
    arguments = ("log", "monitor", f"{wire.url}/api/v2", "--key", key, "--once")
    assert run(*arguments).exit == 0
    ana.sign({"z": b"z"})
    wire.lies["/api/v2/tile/0/"] = changed(40)
    ran = run(*arguments)
    assert (ran.exit, "tile" in ran.last) == (1, True), ran.out
    assert run(*arguments, "--watch", "@ana").exit == 2


# What does not.


def other_history(world: World, size: int) -> str:
    """A checkpoint that the log signs over a tree nobody has seen."""
    keys, origin = world.registry._authorities.keys, world.registry._authorities.origin
    tree = Checkpoint(origin, size, hashlib.sha256(b"another history").digest())
    return sign_checkpoint(tree, keys["log"], keys["clock"], world.now)


def test_a_fork_of_the_same_size(world: World, wire: Wire, look: Look, tmp_path: Path) -> None:
    assert look().exit == 0
    seen = world.registry.checkpoint()
    shown = other_history(world, world.registry._published.size)
    wire.lies["/api/v2/checkpoint"] = instead(shown.encode())
    ran = look()
    assert (ran.exit, ran.last.startswith("ALARM")) == (1, True)
    assert "the log signed two histories" in ran.out
    assert evidence(tmp_path, "fork") == (seen, shown)
    assert look().exit == 1  # it does not come to terms with it
    wire.lies.clear()
    assert look().exit == 0


def test_a_fork_that_goes_on(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry is copied, and each copy goes on by itself under the same keys."""
    world = World(tmp_path / "one")
    ana = world.join("ana")
    world.close()
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    world.registry = world.open()
    Path("trust.json").write_bytes(world.registry.trust_file(None))
    run("trust", "add", "trust.json", "--key", world.registry.trust.code)
    wire = Wire(world, monkeypatch)
    ana.sign({"here": b"here"})
    assert run("log", "monitor", wire.url, "--once").exit == 0
    world.close()
    world.settings = world.settings.__class__(
        data=tmp_path / "two/registry", public_url=world.settings.public_url, port=8123
    )
    world.registry = world.open()
    wire.restarted()
    for name in ("there", "and there", "and again"):
        ana.sign({name: name.encode()})
    ran = run("log", "monitor", wire.url, "--once", "--json")
    assert (ran.exit, "fork" in kinds(ran)) == (1, True)
    seen, shown = evidence(tmp_path, "fork")
    assert seen.splitlines()[0] == shown.splitlines()[0]
    assert int(seen.splitlines()[1]) < int(shown.splitlines()[1])
    world.close()


def test_a_rollback(world: World, ana: Person, wire: Wire, look: Look, tmp_path: Path) -> None:
    old = world.registry.checkpoint()
    ana.sign({"b": b"b"})
    assert look().exit == 0
    wire.lies["/api/v2/checkpoint"] = instead(old.encode())
    ran = look("--json")
    assert (ran.exit, kinds(ran)) == (1, ["rollback"])
    assert evidence(tmp_path, "rollback") == (world.registry.checkpoint(), old)


def test_a_checkpoint_that_another_key_signed(world: World, wire: Wire, look: Look) -> None:
    wire.lies["/api/v2/checkpoint"] = changed(len(world.registry.checkpoint()) - 20)
    ran = look("--json")
    assert (ran.exit, kinds(ran)) == (1, ["bad_checkpoint"])


def test_a_log_that_stands_still(
    monkeypatch: pytest.MonkeyPatch, world: World, wire: Wire, look: Look
) -> None:
    old = sign_checkpoint(
        world.registry._published.checkpoint.checkpoint,
        world.registry._authorities.keys["log"],
        world.registry._authorities.keys["clock"],
        world.now,
    )
    assert look().exit == 0
    wire.lies["/api/v2/checkpoint"] = instead(old.encode())
    real = time.time
    monkeypatch.setattr("trust_cli.log_monitor.time.time", lambda: real() + 7200)
    ran = look("--json")
    assert (ran.exit, "stale" in kinds(ran)) == (1, True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/v2/tile/0/", "tile_damaged"), ("/api/v2/tile/entries/", "entry_damaged")],
)
def test_a_flipped_tile(wire: Wire, look: Look, path: str, kind: str) -> None:
    wire.lies[path] = changed(77)
    ran = look("--json")
    assert (ran.exit, kind in kinds(ran)) == (1, True), ran.out
    wire.lies.clear()
    assert look().exit == 0


def test_a_forged_statement_in_the_place_of_an_entry(wire: Wire, look: Look, world: World) -> None:
    page = world.registry.entries(world.registry.trust.newest_log.origin, 0)
    entries: Json = page["entries"]
    payload = json.loads(json.dumps(entries))
    payload[-1]["envelope"] = entries[-2]["envelope"]
    wire.lies["/v1/entries/"] = instead(canonical({**page, "entries": payload}))
    ran = look("--json")
    assert (ran.exit, kinds(ran)) == (1, ["forged_entry"])
    wire.lies["/v1/entries/"] = instead(canonical({**page, "entries": entries[:-1]}))
    assert kinds(look("--state", "fresh", "--json")) == ["entry_not_published"]


def forged_key(world: World, ana: Person, enrolment: str) -> None:
    """Mint a key and a certificate for Ana's SAN, announce it, and sign in her name."""
    registry = world.registry
    key = P256Signer(generate_p256())
    uri = Principal("person", ana.scid).uri(world.settings.public_url)
    request = registry._authorities.precertificate(key.public_key, uri, world.now)
    digest = hashlib.sha256(registry._authorities.tbs(request, key.public_key)).digest()
    made = registry._writer.make("issuance", digest, IssuanceFacts(enrolment))
    registry._writer.append_own([made])
    certificate = registry._authorities.certificate(request, key.public_key, world.now)
    signed = make_deliverable(
        ana.author._replace(signer=key), {"x": bytes(32)}, registry.checkpoint(), chance()
    )
    statement = parse_statement(signed.envelope.payload)
    item = Submission(
        signed.id, ana.scid, signed.envelope, statement, certificate, canonical(signed.private)
    )
    registry._writer.append([item])


def test_a_key_in_a_persons_name_without_their_did_entry(
    world: World, ana: Person, look: Look
) -> None:
    assert look().exit == 0
    forged_key(world, ana, "0123456789abcdef")
    ran = look("--watch", "@ana", "--json")
    found = json.loads(ran.out)
    assert ran.exit == 1
    assert kinds(ran) == ["issuance_without_identity"] * 2
    assert "never authorised" in found["findings"][1]["message"]
    assert found["uses"][0]["scid"] == ana.scid


def private(index: int, **members: Json) -> Callable[[Any], Any]:
    """Publish of an entry nothing but that it is private."""

    def lie(answer: Any) -> Any:
        page = json.loads(answer.body)
        page["entries"][index] = {"index": index, "private": "private", **members}
        return answer._replace(body=json.dumps(page).encode())

    return lie


def test_a_registry_cannot_call_its_own_entries_private(wire: Wire, look: Look) -> None:
    wire.lies["/v1/entries/"] = private(3)  # an issuance
    assert "entry_not_published" in kinds(look("--json"))


def test_a_withdrawal_that_is_called_private_is_missing_in_the_status(
    world: World, ana: Person, wire: Wire, look: Look
) -> None:
    """The status still has the line, and the monitor cannot derive it."""
    ana.withdraw(ana.sign({"b": b"b"}).id)
    wire.lies["/v1/entries/"] = private(world.registry._published.size - 1)
    assert kinds(look("--json")) == ["other_status"]


def test_a_private_entry_by_a_key_that_its_person_never_authorised(
    world: World, ana: Person, wire: Wire, look: Look
) -> None:
    forged_key(world, ana, "0123456789abcdef")
    wire.lies["/v1/entries/"] = private(world.registry._published.size - 1)
    assert "issuance_without_identity" in kinds(look("--json"))


def test_half_an_entry_is_no_answer_of_a_registry(wire: Wire, look: Look) -> None:
    wire.lies["/v1/entries/"] = private(3, token="QUJD")  # noqa: S106 - of an entry
    assert look().exit == 75


def test_an_issuance_that_nobody_asked_for_is_reported_once_a_join_would_be_over(
    world: World, ana: Person, look: Look
) -> None:
    registry = world.registry
    made = registry._writer.make("issuance", bytes(32), IssuanceFacts("0123456789abcdef"))
    registry._writer.append_own([made])
    assert look().exit == 0  # a join may be under way
    world.offset = 3000
    ana.sign({"later": b"later"})
    ran = look("--json")
    assert (ran.exit, kinds(ran)) == (1, ["issuance_without_identity"])


def test_a_certificate_that_was_never_announced(world: World, ana: Person, look: Look) -> None:
    registry = world.registry
    key = ana.signer
    uri = Principal("person", ana.scid).uri(world.settings.public_url)
    request = registry._authorities.precertificate(key.public_key, uri, world.now)
    certificate = registry._authorities.certificate(request, key.public_key, world.now)
    signed = ana.prepare({"x": b"x"})
    statement = parse_statement(signed.envelope.payload)
    private = canonical(signed.private)
    registry._writer.append(
        [Submission(signed.id, ana.scid, signed.envelope, statement, certificate, private)]
    )
    assert kinds(look("--json")) == ["certificate_not_logged"]


def test_a_key_history_that_is_kept_back_or_is_another_one(
    world: World, ana: Person, wire: Wire, look: Look
) -> None:
    ben = world.join("ben")
    wire.lies[f"/p/{ana.scid}/"] = instead(canonical(ben.entry) + b"\n")
    ran = look("--json")
    assert (ran.exit, set(kinds(ran))) == (1, {"no_key_history"})


def test_a_status_that_leaves_out_a_withdrawal(
    world: World, ana: Person, wire: Wire, look: Look
) -> None:
    ana.withdraw(ana.sign({"b": b"b"}).id)
    published = world.registry._published
    kept_back = StatusTree(())
    snapshot = published.status.snapshot._replace(count=0, status_root=kept_back.root)
    envelope = sign_snapshot(snapshot, world.registry._authorities.keys["status"])
    lie = Status(envelope, snapshot, ())
    wire.lies["/v1/status"] = instead(canonical(lie.to_json()))
    ran = look("--json")
    assert (ran.exit, kinds(ran)) == (1, ["other_status"])
    assert "leaves something out" in ran.out


def test_a_token_out_of_order(
    world: World, ana: Person, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Back-dated by less than its `notBefore` shows: the token of an earlier entry is later."""
    note = world.registry.checkpoint()
    world.offset = 100
    ana.sign({"b": b"b"})
    authorities = world.registry._authorities
    real = authorities.__class__.timestamp
    monkeypatch.setattr(
        authorities.__class__,
        "timestamp",
        lambda self, signature, seconds: real(self, signature, seconds - 90),
    )
    ana.sign({"c": b"c"}, not_before=note)
    ran = look("--json")
    assert (ran.exit, kinds(ran)) == (1, ["token_order"]), ran.out


def test_another_trust_file_than_the_logged_one(world: World, wire: Wire, look: Look) -> None:
    wire.lies["/v1/trust/1"] = instead(world.registry.trust_file(None) + b" ")
    assert kinds(look("--json")) == ["other_trust_file"]


# What is kept.


def test_alarms_are_kept_with_their_time_and_once_each(
    world: World, ana: Person, wire: Wire, look: Look, tmp_path: Path
) -> None:
    old = world.registry.checkpoint()
    ana.sign({"b": b"b"})
    look()
    wire.lies["/api/v2/checkpoint"] = instead(old.encode())
    look()
    look()
    wire.lies.clear()
    ran = look()
    assert (ran.exit, "1 alarm of earlier looks" in ran.err) == (0, True)
    (kept,) = (tmp_path / "home/monitors").glob("*/alarms.jsonl")
    (line,) = kept.read_text().splitlines()
    assert json.loads(line)["kind"] == "rollback"


def test_a_log_that_goes_on_lying_fills_no_disk(
    world: World,
    ana: Person,
    wire: Wire,
    look: Look,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is looked at every minute, and whoever runs it may lie for a year."""
    old = world.registry.checkpoint()
    ana.sign({"b": b"b"})
    look()
    wire.lies["/api/v2/checkpoint"] = instead(old.encode())
    real = time.time
    for minute in range(3):
        monkeypatch.setattr(
            "trust_cli.log_monitor.time.time", lambda late=7200 + 60 * minute: real() + late
        )
        assert sorted(kinds(look("--json"))) == ["rollback", "stale"]
    (folder,) = (tmp_path / "home/monitors").iterdir()
    assert len((folder / "alarms.jsonl").read_text().splitlines()) == 2
    assert len(list((folder / "evidence").iterdir())) == 1


def test_what_was_told_before_is_not_said_to_hold(
    world: World, ana: Person, wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = world.registry
    made = registry._writer.make("issuance", bytes(32), IssuanceFacts("0123456789abcdef"))
    registry._writer.append_own([made])
    world.offset = 3000
    pauses = iter(range(2))

    def sleep(_: float) -> None:
        if next(pauses, None) is None:
            raise KeyboardInterrupt
        ana.sign({"later": b"later"})

    monkeypatch.setattr("trust_cli.log_monitor.time.sleep", sleep)
    ana.sign({"first": b"first"})
    ran = run("log", "monitor", wire.url)
    verdicts = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert [line.split("  ")[0] for line in verdicts] == ["ALARM"] * 3, ran.out
    assert "still" in verdicts[-1]


def test_what_an_older_monitor_wrote_down_is_read(look: Look, tmp_path: Path) -> None:
    """It knew of no agents and of no revoked keys, and there were none."""
    assert look().exit == 0
    (state,) = (tmp_path / "home/monitors").glob("*/state.json")
    document = json.loads(state.read_bytes())
    for name in ("delegations", "revoked", "frozen"):
        assert document["replay"].pop(name) == []
    state.write_bytes(canonical(document))
    assert look().exit == 0


def test_damaged_memory_is_not_begun_anew(look: Look, tmp_path: Path) -> None:
    assert look().exit == 0
    (state,) = (tmp_path / "home/monitors").glob("*/state.json")
    state.write_bytes(state.read_bytes()[:-1])
    assert look().exit == 2


def test_the_memory_of_one_log_is_not_another_ones(look: Look, run: Run, wire: Wire) -> None:
    assert look("--state", "here").exit == 0
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    ran = run("log", "monitor", f"{wire.url}/api/v2", "--key", key, "--state", "here", "--once")
    assert (ran.exit, "is of the log" in ran.why) == (8, True)


def test_a_registry_that_is_down(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise Unavailable("does not answer: connection refused")

    monkeypatch.setattr("trust.client.http.exchange", down)
    assert look().exit == 75


def test_a_registry_that_is_not_pinned(run: Run) -> None:
    ran = run("log", "monitor", "https://elsewhere.example", "--once")
    assert (ran.exit, "trust add" in ran.why) == (3, True)


def test_it_goes_on_looking_until_it_is_stopped(
    ana: Person, wire: Wire, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        ana.sign({"more": b"%d" % len(looks)})
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("trust_cli.log_monitor.time.sleep", sleep)
    ran = run("log", "monitor", wire.url, "--every", "7")
    assert (ran.exit, looks) == (130, [7, 7, 7])
    assert [line.split("  ")[0] for line in ran.out.splitlines()] == ["HOLDS"] * 3
