"""Several processes on one PostgreSQL database: one leads, and it does not matter which one is asked.

They run in this process here, each with connections of its own; `tests/commands/test_cluster.py`
kills and stops real ones.
"""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from contracts import at_once
from devices import second_device
from stranger import check_whole
from world import PASSPHRASE, Person, World

from trust.core.errors import Conflict, HandleTaken, Malformed, NotFound, Unavailable
from trust.service.append_path import Submission
from trust.service.intents import Intents
from trust.service.member import Member
from trust.service.parcel import pack, unpack
from trust.service.registry import Registry
from trust.service.settings import Settings
from trust.service.term import Term
from trust.storage.tiles import TileFolder

DAY = 24 * 3600
FILES = {"a.txt": b"a"}
SECONDS = 60  # for what happens by itself


@pytest.fixture
def world(tmp_path: Path, postgres_url: str) -> Iterator[World]:
    """The first process, which leads."""
    made = World(tmp_path, database=postgres_url)
    yield made
    made.close()


@pytest.fixture
def other(world: World) -> Iterator[Registry]:
    """The second process."""
    made = world.open()
    yield made
    made.close()


def member(registry: Registry) -> Member:
    found = registry._sequencer
    assert isinstance(found, Member)
    return found


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.02)


def whole(world: World, size: int) -> None:
    """Require a log of that size, once this process has heard of what another one published."""
    until(lambda: world.registry._published.size >= size)
    assert check_whole(world) == size


def leads(registry: Registry) -> bool:
    return member(registry).term is not None


@contextmanager
def asking(world: World, registry: Registry) -> Iterator[None]:
    """Let everyone in this world talk to another process."""
    kept, world.registry = world.registry, registry
    try:
        yield
    finally:
        world.registry = kept


def steal(url: str) -> None:
    """Let a lease run out at once."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("update leases set until = 0")


def test_it_does_not_matter_which_process_is_asked(world: World, other: Registry) -> None:
    assert (leads(world.registry), leads(other)) == (True, False)
    ana = world.join("ana")
    with asking(world, other):
        ben = world.join("ben")
        signed = ana.sign(FILES)
        whole(world, 13)
    whole(world, 13)
    ben.withdraw(signed.id)
    ana.withdraw(signed.id, "a mistake")
    until(lambda: other._published.size == world.registry._published.size)
    assert other.withdrawal_reason(signed.id) == "a mistake"
    assert other.status(None, []) == world.registry.status(None, [])


def test_two_devices_that_change_keys_at_two_processes_make_one_history(
    world: World, other: Registry
) -> None:
    """Both follow the same version, each at a process of its own; one of them is told."""
    first, second = second_device(world.join("ana"))
    until(lambda: other._published.size == world.registry._published.size)
    for _ in range(3):
        history, kept = first.history, [(item.signer, item.following) for item in (first, second)]
        bodies = [item.rotation(history=history) for item in (first, second)]
        with ThreadPoolExecutor(2) as pool:
            sent = [
                pool.submit(registry.submit, body, "")
                for registry, body in zip((world.registry, other), bodies, strict=True)
            ]
            [refused] = [place for place, item in enumerate(sent) if item.exception() is not None]
        error = sent[refused].exception()
        assert isinstance(error, Conflict), error
        assert "another device changed it meanwhile" in str(error)
        loser = (first, second)[refused]
        loser.signer, loser.following = kept[refused]
        until(lambda: other._published.size == world.registry._published.size)
        assert len(first.history.entries) == len(history.entries) + 1
        assert other.did_log(first.person.scid) == world.registry.did_log(first.person.scid)
    whole(world, world.registry._published.size)


def test_one_statement_to_both_at_once_is_one_entry(world: World, other: Registry) -> None:
    ana = world.join("ana")
    bodies = [ana.prepare({"a.txt": b"%d" % n}).to_json() for n in range(10)]
    answers: list[Any] = []
    for body in bodies:
        at_once([lambda at=at, body=body: answers.append(at.submit(body, ""))  # type: ignore[misc]
                 for at in (world.registry, other)])  # fmt: skip
    found = {(answer["id"], answer["index"]) for answer in answers}
    assert len(found) == len({index for _, index in found}) == 10
    whole(world, 17)


def test_who_was_answered_by_one_process_finds_it_at_every_other(
    world: World, other: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member(other), "_look", lambda: None)  # has not heard of it yet
    ana = world.join("ana")
    assert other.person("@ana") == world.registry.person("@ana")
    signed = ana.sign(FILES)
    assert other.dossier(signed.id) == world.registry.dossier(signed.id)
    with pytest.raises(NotFound, match="nothing is recorded under 0000000000000000"):
        other.dossier("0000000000000000")


def done() -> "Future[None]":
    future: Future[None] = Future()
    future.set_result(None)
    return future


def test_another_statement_under_the_same_id_is_a_conflict(world: World, other: Registry) -> None:
    ana = world.join("ana")
    first, second = ana.prepare({"a.txt": b"a"}), ana.prepare({"a.txt": b"b"})
    sent: list[Submission] = []
    submit = member(other).append

    def keep(items: Sequence[Submission], _term: Term | None) -> Future[None]:
        sent.extend(items)
        return done()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(member(other), "send", keep)
        with pytest.raises(NotFound):
            other.submit(second.to_json(), "")
    world.registry.submit(first.to_json(), "")
    with pytest.raises(Conflict, match=f"another statement stands under id {first.id}"):
        submit([sent[0]._replace(id=first.id)])
    whole(world, 8)


def test_one_handle_goes_to_one_person_whoever_asks_where(world: World, other: Registry) -> None:
    for number in range(3):
        people = [Person(world, f"person{number}", None) for _ in range(2)]
        lost: list[object] = []

        def join(registry: Registry, person: Person, lost: list[object] = lost) -> None:
            try:
                registry.submit(person.join_body, "")
            except HandleTaken:
                lost.append(person)

        pairs = zip((world.registry, other), people, strict=True)
        at_once([partial(join, *pair) for pair in pairs])
        assert len(lost) == 1
    whole(world, 2 + 3 * 5)


def test_one_join_to_both_at_once_is_one_join(world: World, other: Registry) -> None:
    ana = Person(world, "ana", None)
    answers: list[Any] = []
    at_once([lambda at=at: answers.append(at.submit(ana.join_body, ""))  # type: ignore[misc]
             for at in (world.registry, other)])  # fmt: skip
    assert answers[0][0]["certificate"] == answers[1][0]["certificate"]
    whole(world, 7)


def test_when_the_leader_stops_another_leads(world: World, other: Registry) -> None:
    ana = world.join("ana")
    world.registry.close()
    with asking(world, other):
        ana.sign(FILES)
        assert leads(other)
        world.join("ben")
        whole(world, 13)
    world.registry = world.open()
    assert not leads(world.registry)


POINTS = ("in the transaction", "before the tiles", "before the checkpoint")


@pytest.mark.parametrize("point", POINTS)
def test_a_leader_that_stood_still_changes_nothing_when_it_wakes_up(
    world: World, other: Registry, postgres_url: str, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    ana = world.join("ana")
    asleep, awake = threading.Event(), threading.Event()
    sleeper = member(world.registry)
    assert sleeper._leader is not None
    path = sleeper._leader._path
    monkeypatch.setattr(sleeper._lease, "renew", lambda _epoch: True)
    folder = world.settings.data / "public" / world.registry.trust.newest_log.origin
    path._tiles = TileFolder(folder)  # of its own
    owner: object = path if point == POINTS[0] else path._tiles
    name = dict(zip(POINTS, ("_swap", "write", "write_checkpoint"), strict=True))[point]
    original = getattr(owner, name)

    def slow(*arguments: Any) -> Any:
        asleep.set()
        assert awake.wait(SECONDS)
        return original(*arguments)

    monkeypatch.setattr(owner, name, slow)
    signed = ana.prepare(FILES)
    sent = threading.Thread(target=lambda: other.submit(signed.to_json(), ""))
    sent.start()
    assert asleep.wait(SECONDS)
    steal(postgres_url)
    sent.join(SECONDS)
    assert not sent.is_alive()  # another process leads, and has logged it
    with asking(world, other):
        ana.sign({"b.txt": b"b"})
        newest = other._tiles.read_checkpoint()
        awake.set()
        until(lambda: sleeper._fault != "")
        assert other._tiles.read_checkpoint() == newest
        ana.sign({"c.txt": b"c"})
        whole(world, 10)


def test_a_term_that_is_over_keeps_no_intent(world: World, other: Registry) -> None:
    term = member(world.registry).term
    assert term is not None
    intents = Intents(world.registry._database, world.registry._writer, term)
    intents.begin("plan", lambda: {"a": 1})
    world.registry.close()
    until(lambda: leads(other))
    world.registry = world.open()
    late = Intents(other._database, other._writer, term)
    with pytest.raises(Unavailable, match=r"another process leads now; term \d+ of this one is"):
        late.amend("plan", {"a": 2})
    with pytest.raises(Unavailable, match="another process leads now"):
        late.finish("plan", "delete from meta where name = ?", ("public_url",))
    assert late.begin("plan", dict) == {"a": 1}
    assert other._database.row("select 1 from meta where name = 'public_url'") == (1,)


def test_what_is_handed_over_in_a_term_is_not_logged_in_the_next(
    world: World, other: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    term = member(world.registry).term
    world.registry.close()
    until(lambda: leads(other))
    world.registry = world.open()
    size = other._published.size
    monkeypatch.setattr("trust.service.member.WAIT_SECONDS", 1.0)
    with pytest.raises(Unavailable, match="no process has published this within 1 seconds"):
        member(other).append([], term)
    assert other._database.rows("select * from parcels where done is null") == []
    assert other._published.size == size


def test_what_a_crash_of_the_database_lost_is_handed_over_again(
    world: World, other: Registry, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = world.join("ana")
    leader = member(world.registry)._leader
    assert leader is not None
    monkeypatch.setattr(leader._parcels, "waiting", lambda _epoch: [])
    signed = ana.prepare(FILES)
    sent = threading.Thread(target=lambda: other.submit(signed.to_json(), ""))
    sent.start()
    until(lambda: member(other).queued == 1)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        until(lambda: connection.execute("delete from parcels where done is null").rowcount == 1)
        monkeypatch.undo()
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %'"
        )
    sent.join(SECONDS)
    assert not sent.is_alive()
    whole(world, 8)


def test_every_process_serves_a_trust_file_that_the_leader_renewed(
    world: World, other: Registry
) -> None:
    world.offset = 200 * DAY
    world.registry._upkeep.tick()
    assert world.registry.trust.version == 2
    until(lambda: other.trust.version == 2)
    assert other.trust_file(None) == world.registry.trust_file(None)


def test_a_process_with_other_keys_is_refused(world: World, tmp_path: Path) -> None:
    settings = dataclasses.replace(world.settings, data=tmp_path / "other")
    with pytest.raises(NotFound, match=r"keys\.json is gone"):
        Registry.open(settings, PASSPHRASE, world.clock)
    strange = World(tmp_path / "strange")
    strange.close()
    (tmp_path / "other" / "keys.json").write_bytes(
        (strange.settings.data / "keys.json").read_bytes()
    )
    with pytest.raises(Conflict, match="are of another log than the database"):
        Registry.open(settings, PASSPHRASE, world.clock)


def test_a_published_checkpoint_newer_than_the_database_stops_the_start(
    world: World, postgres_url: str
) -> None:
    world.join("ana")
    world.registry.close()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("update leases set until = 0, note = '', published = 0")
        connection.execute(
            "delete from checkpoints where size = (select max(size) from checkpoints)"
        )
    with pytest.raises(
        Unavailable, match=r"the published checkpoint, .*, is newer than the database"
    ):
        world.open()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("truncate checkpoints, entries, private_parts")
    with pytest.raises(Unavailable, match="a checkpoint is published, the database has none"):
        world.open()


def test_a_parcel_is_read_as_it_was_packed(world: World) -> None:
    sent: list[Any] = []
    ana = world.join("ana")

    def keep(_self: Member, items: Sequence[Submission], _term: Term | None) -> "Future[None]":
        sent.append(items)
        return done()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Member, "send", keep)
        for body in (ana.prepare(FILES).to_json(), ana.prepare({"b": b""}).to_json()):
            with pytest.raises(NotFound):
                world.registry.submit(body, "")
    items = [*sent[0], sent[1][0]._replace(private=None)]
    packed = pack(items)
    assert unpack(packed) == items
    assert unpack(b"") == []
    for cut in (1, 5, len(packed) // 2, len(packed) - 4):
        with pytest.raises(Malformed):
            unpack(packed[:cut])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://here/db", "expected postgresql://"),
        ("postgresql://ana:secret@here/db", "the URL holds a password"),
        ("postgresql://ana@here/db?password=secret", "the URL holds a password"),
    ],
)
def test_a_database_of_another_kind_or_with_a_password_is_refused(url: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        Settings(Path("data"), "http://localhost:1", database=url)
