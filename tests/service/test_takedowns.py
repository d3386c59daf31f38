"""Take-downs: the words go, and nothing else moves."""

import threading
from pathlib import Path

import pytest
from browser import client_of
from stranger import check_whole
from world import World

from trust.core.errors import Conflict, Malformed, NotAllowed
from trust.core.verdict import Code
from trust.service.projections import rebuild
from trust.service.takedowns import FOLDER, MAX_REASON, check_target, order

FILES = {"secret-name.txt": b"a"}
REASON = "court order 12/2026 <script>"


def take_down(world: World, statement_id: str, reason: str = REASON) -> None:
    order(world.settings.data, statement_id, reason)
    world.registry._upkeep.tick()


def test_the_words_go_and_every_proof_stays(world: World) -> None:
    ana = world.join("ana")
    signed = ana.sign(FILES, title="A secret title")
    ana.withdraw(signed.id)
    before = world.registry.status(None, []).snapshot
    bundle = world.registry.bundle(signed.id).to_json()
    take_down(world, signed.id)
    found = world.registry.attestation(signed.id)
    down = world.registry.takedown(signed.id)
    assert down is not None
    assert (found["title"], found["names"]) == (None, [])
    assert found["takenDown"] == {**down.to_json(), "reason": REASON}
    assert found["withdrawn"] is not None
    after = world.registry.bundle(signed.id).to_json()
    assert after["dsseEnvelope"] == bundle["dsseEnvelope"]
    rebuild(world.registry._database)
    world.restart()
    replayed = world.registry.status(None, []).snapshot
    assert (replayed.count, replayed.status_root) == (before.count, before.status_root)
    assert world.registry.attestations(next(iter(signed_digests(world, signed.id))))
    check_whole(world)
    verdict = world.assess(world.dossier(signed.id), {"renamed.txt": b"a"})
    assert verdict.code is Code.REVOKED


def signed_digests(world: World, statement_id: str) -> list[bytes]:
    subjects = world.registry.attestation(statement_id)["subjects"]
    assert isinstance(subjects, list)
    return [bytes.fromhex(str(item).removeprefix("sha256:")) for item in subjects]


def test_page_and_api_say_that_it_was_done_and_why(world: World) -> None:
    signed = world.join("ana").sign(FILES, title="A secret title")
    client = client_of(world)
    assert "A secret title" in client.get(f"/v/{signed.id}").text
    take_down(world, signed.id)
    page = client.get(f"/v/{signed.id}").text
    assert "secret" not in page
    assert "took down what this record said in names and words" in page
    assert "court order 12/2026 &lt;script&gt;" in page
    found = client.get(f"/v1/attestations/{signed.id}").json()
    assert found["takenDown"]["reason"] == REASON
    assert found["verdict"]["verdict"] == "valid"
    assert (
        "secret"
        not in client.get(
            f"/v1/attestations/{signed.id}",
            headers={"accept": "application/vnd.touchplate.dossier.v1+json"},
        ).text
    )


def test_nobody_can_bring_the_words_back_by_sending_them_again(world: World) -> None:
    ana = world.join("ana")
    signed = ana.sign(FILES)
    take_down(world, signed.id)
    world.registry.submit(signed.to_json(), "")
    assert world.registry.attestation(signed.id)["names"] == []


def test_an_order_survives_a_crash_before_it_is_carried_out(world: World) -> None:
    signed = world.join("ana").sign(FILES)
    order(world.settings.data, signed.id, REASON)
    world.restart()
    assert world.registry.attestation(signed.id)["names"] == []
    assert list((world.settings.data / FOLDER).iterdir()) == []


def test_a_handle_is_not_taken_down(world: World) -> None:
    ana = world.join("ana")
    handle = ana.join_body["statements"]
    assert handle
    row = world.registry._records.find("type = 'handle'", ())[0]
    with pytest.raises(NotAllowed, match="is a handle with a private part; only"):
        check_target(row)
    take_down(world, row.id)
    assert world.registry.person("@ana")["handle"] == "ana"
    assert len(list((world.settings.data / FOLDER).iterdir())) == 1  # it waits for its maker


def test_an_order_is_given_once_and_has_a_reason(world: World, tmp_path: Path) -> None:
    signed = world.join("ana").sign(FILES)
    order(world.settings.data, signed.id, REASON)
    with pytest.raises(Conflict):
        order(world.settings.data, signed.id, REASON)
    for reason in ("", "  ", "x" * (MAX_REASON + 1), "a\x1b[31m", "a\u202eb"):
        with pytest.raises(Malformed):
            order(tmp_path, signed.id, reason)
    for name in ("../../etc", "x", ""):
        with pytest.raises(Malformed):
            order(tmp_path, name, REASON)


def test_an_order_that_cannot_be_read_keeps_nothing_else_from_being_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was given as root, as `sudo` does, and the registry runs as a user of its own."""
    ana = world.join("ana")
    first, second = ana.sign(FILES), ana.sign({"b.txt": b"b"})
    order(world.settings.data, first.id, REASON)
    order(world.settings.data, second.id, REASON)
    read = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == f"{first.id}.json":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    world.registry._upkeep.tick()
    assert world.registry.attestation(second.id)["names"] == []
    world.restart()  # nor does it keep the registry from starting
    assert world.registry.attestation(first.id)["names"] == ["secret-name.txt"]
    monkeypatch.undo()
    world.registry._upkeep.tick()
    assert world.registry.attestation(first.id)["names"] == []


def test_upkeep_outlives_what_it_did_not_expect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that has ended renews no certificate, and nobody would notice for months."""
    twice = threading.Semaphore(0)

    def refused() -> None:
        twice.release()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(world.registry._upkeep, "_look", refused)
    assert twice.acquire(timeout=30)
    assert twice.acquire(timeout=30)
