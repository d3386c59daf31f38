"""What a stranger may send must never stop the writer, or what others read."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from world import Person, World, chance

from trust.client.statements import Signed, make_join, make_withdrawal
from trust.core.canonical import canonical
from trust.core.errors import Conflict, Malformed, NotAllowed, TooMany, Unavailable
from trust.core.log.checkpoint import Checkpoint, sign_checkpoint
from trust.core.registry.status_line import MAX_STATES
from trust.core.signing.statement import parse_statement
from trust.service.append_path import AppendPath, Published, Submission
from trust.service.quotas import quota_network
from trust.storage.tiles import TileFolder

FILES = {"a.txt": b"hello"}
DAY = 24 * 3600


def test_a_join_with_one_salt_for_all_does_not_stop_the_writer(world: World) -> None:
    eve, once = Person(world, "eve", None), chance()
    join = make_join(
        eve.author, eve.entry, world.registry.checkpoint(), (once, once, once), handle="eve"
    )
    assert len({item.id for item in join.statements}) == 1
    with pytest.raises(Malformed):
        world.registry.submit(join.to_json(), "")
    world.join("ana").sign(FILES)


def test_the_writer_itself_refuses_one_id_twice(world: World) -> None:
    ana = world.join("ana")
    signed = ana.prepare(FILES)
    statement = parse_statement(signed.envelope.payload)
    item = Submission(
        signed.id, ana.scid, signed.envelope, statement, b"", canonical(signed.private)
    )
    with pytest.raises(Conflict):
        world.registry._writer.append([item, item])
    ana.sign(FILES)


def withdrawals(world: World, by: Person, target: str, count: int) -> None:
    for _ in range(count):
        signed = make_withdrawal(by.author, target, world.registry.checkpoint(), chance())
        world.registry.submit(signed.to_json(), "")


def test_strangers_cannot_fill_a_status_line(world: World) -> None:
    ana, eve = world.join("ana"), world.join("eve")
    target = ana.sign(FILES)
    withdrawals(world, eve, target.id, MAX_STATES // 2)
    with pytest.raises(Conflict):
        withdrawals(world, eve, target.id, 1)
    assert world.assess(world.registry.dossier(target.id), FILES).code == "valid"
    ana.withdraw(target.id)
    assert world.assess(world.registry.dossier(target.id), FILES).code == "revoked"


def test_a_signer_cannot_make_their_own_line_unreadable(world: World) -> None:
    ana = world.join("ana")
    target = ana.sign(FILES)
    withdrawals(world, ana, target.id, MAX_STATES)
    with pytest.raises(Conflict):
        ana.withdraw(target.id)
    assert world.assess(world.registry.dossier(target.id), FILES).code == "revoked"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("198.51.100.255", "198.51.100.0/24"),
        ("198.51.101.7", "198.51.101.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:2", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", ""),
        ("127.8.9.10", ""),
        ("::1", ""),
        ("", ""),
        ("unix socket", "unix socket"),
    ],
)
def test_who_shares_a_quota(address: str, network: str) -> None:
    assert quota_network(address) == network


def test_a_quota_is_of_a_network_and_of_a_day(world: World) -> None:
    object.__setattr__(world.settings, "joins_per_day", 1)
    world.restart()

    def join(handle: str, address: str) -> object:
        return world.registry.submit(Person(world, handle, None).join_body, address)

    join("ana", "2001:db8::1")
    with pytest.raises(TooMany):
        join("ben", "2001:db8::2")
    join("kim", "2001:db8:0:1::1")
    world.offset = DAY + 1
    world.restart()
    join("ben", "2001:db8::2")


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run at the same time; return results or errors."""
    results: list[Any] = [None] * len(works)

    def run(place: int) -> None:
        try:
            results[place] = works[place]()
        except (Conflict, Unavailable) as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def hold(monkeypatch: pytest.MonkeyPatch, until: threading.Event) -> None:
    """Keep the writer busy until the event."""
    original = AppendPath.append

    def slow(self: AppendPath, *arguments: Any) -> Published:
        until.wait(10)
        return original(self, *arguments)

    monkeypatch.setattr(AppendPath, "append", slow)


def second_after_first(world: World, first: Signed, second: Signed, go: threading.Event) -> Any:
    """Submit the second while the first is in flight, and only then let the writer go on."""

    def wait_then_submit() -> Any:
        while first.id not in world.registry._writer._flying:
            threading.Event().wait(0.001)
        threading.Timer(0.1, go.set).start()
        return world.registry.submit(second.to_json(), "")

    return together(lambda: world.registry.submit(first.to_json(), ""), wait_then_submit)


def test_the_same_statement_while_it_is_in_flight_has_the_same_result(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")
    signed, go = ana.prepare(FILES), threading.Event()
    hold(monkeypatch, go)
    one, two = second_after_first(world, signed, signed, go)
    assert (one["id"], one["index"]) == (two["id"], two["index"])
    assert world.registry._published.size == one["index"] + 1


def test_another_statement_under_an_id_in_flight_is_a_conflict(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, luck, go = world.join("ana"), chance(), threading.Event()
    monkeypatch.setattr("world.chance", lambda: luck)
    first, second = ana.prepare(FILES), ana.prepare({"b.txt": b"other"})
    assert first.id == second.id
    hold(monkeypatch, go)
    one, two = second_after_first(world, first, second, go)
    assert one["id"] == first.id
    assert isinstance(two, Conflict)


def test_whoever_waits_for_a_statement_in_flight_shares_its_fate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")
    signed, go = ana.prepare(FILES), threading.Event()
    hold(monkeypatch, go)

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(TileFolder, "write", full)
    results = second_after_first(world, signed, signed, go)
    assert [type(item) for item in results] == [Unavailable, Unavailable]


def test_a_closed_registry_answers_and_does_not_hang(world: World) -> None:
    ana = world.join("ana")
    signed = ana.prepare(FILES)
    world.registry._sequencer.close()
    with pytest.raises(Unavailable):
        world.registry.submit(signed.to_json(), "")


@pytest.mark.parametrize("kind", ["handle", "profile"])
def test_parts_of_a_join_are_not_taken_alone(world: World, kind: str) -> None:
    ana = world.join("ana")
    body = Person(world, "other", None).join_body
    assert isinstance(body["statements"], list)
    statement = body["statements"][("enrolment", "handle", "profile").index(kind)]
    with pytest.raises(NotAllowed):
        world.registry.submit(statement, "")
    ana.sign(FILES)


def test_a_checkpoint_that_this_process_does_not_know_yet_is_no_fault_of_the_signer(
    world: World,
) -> None:
    """Another process has published it, and was killed before it could say so."""
    ana, registry = world.join("ana"), world.registry
    origin, size, _ = registry._published.checkpoint.checkpoint
    keys = registry._authorities.keys
    newer = Checkpoint(origin, size + 1, bytes(32))
    note = sign_checkpoint(newer, keys["log"], keys["clock"], world.now)
    signed = ana.prepare({"a.txt": b"a"}, not_before=note)
    with pytest.raises(Unavailable, match="newer than what this process knows"):
        registry.submit(signed.to_json(), "")
    forged = sign_checkpoint(newer, keys["clock"], keys["log"], world.now)
    signed = ana.prepare({"a.txt": b"a"}, not_before=forged)
    with pytest.raises(NotAllowed, match="no checkpoint of this log"):
        registry.submit(signed.to_json(), "")
