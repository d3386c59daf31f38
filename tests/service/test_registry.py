"""The registry: bootstrap, joining, idempotency, restarts, and tables made again."""

import pytest
from world import PASSPHRASE, Person, World

from trust.client.statements import Chance, make_deliverable
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound, TooMany, Unavailable
from trust.core.registry.status import check_status
from trust.core.signing.identity import status_key
from trust.core.signing.statement import parse_statement
from trust.core.verify import verify
from trust.service.append_path import AppendPath
from trust.service.authorities import KEYS
from trust.service.joining import Joining
from trust.service.keyring import Keyring
from trust.service.projections import rebuild
from trust.service.registry import Registry
from trust.service.settings import Settings

FILES = {"a.txt": b"hello"}
HANDLES = [f"{first}{second}t" for first in "kmprt" for second in "aeuy"]  # none look alike


def test_the_first_entries_are_the_registrys_own(world: World) -> None:
    page = world.registry.entries(world.registry.trust.newest_log.origin, 0)
    assert page["size"] == 2
    ids = [row[0] for row in world.registry._database.rows("select id from entries order by idx")]
    bundles = [world.registry.bundle(item) for item in ids]
    kinds = [verify(item, None, world.registry.trust, world.now).statement.type for item in bundles]
    assert kinds == ["issuance", "trust"]
    assert bundles[0].certificate != bundles[1].certificate  # the first carries no SCT


def test_a_person_is_five_entries(world: World) -> None:
    ana = world.join("ana", "Ana López")
    person = world.registry.person("@ana")
    assert (person["scid"], person["name"], person["attestations"]) == (ana.scid, "Ana López", 0)
    rows = world.registry._database.rows("select type from entries order by idx")
    assert [kind for (kind,) in rows][2:] == [
        "identity",
        "issuance",
        "enrolment",
        "handle",
        "profile",
    ]


def test_the_same_join_again_changes_nothing(world: World) -> None:
    ana = world.join("ana")
    size = world.registry._published.size
    again = world.registry.submit(ana.join_body, "")
    assert isinstance(again, list)
    assert isinstance(again[0], dict)
    assert "certificate" in again[0]
    assert world.registry._published.size == size


@pytest.mark.parametrize("step", ["_log_prepared", "_store", "_keep"])
def test_a_join_that_was_killed_is_finished_by_the_repeated_join(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ana = Person(world, "ana", None)

    def killed(*_arguments: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Joining, step, killed)
        with pytest.raises(SystemExit):
            world.registry.submit(ana.join_body, "")
    with pytest.raises(NotFound):
        world.registry.person("@ana")
    world.registry.submit(ana.join_body, "")
    assert world.registry.person("@ana")["scid"] == ana.scid
    rows = world.registry._database.rows("select type from entries")
    assert [kind for (kind,) in rows].count("identity") == 1


def test_a_join_that_was_killed_is_finished_by_the_next_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = Person(world, "ana", None)

    def killed(*_arguments: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Joining, "_keep", killed)
        with pytest.raises(SystemExit):
            world.registry.submit(ana.join_body, "")
    world.restart()
    assert world.registry.person("@ana")["scid"] == ana.scid


@pytest.mark.parametrize("handle", ["ana", "admin", "a", "Ana"])
def test_a_handle_that_is_taken_alike_reserved_or_malformed_is_refused(
    world: World, handle: str
) -> None:
    world.join("ana")
    with pytest.raises((Conflict, NotAllowed, Malformed)):
        world.join(handle)


def test_a_look_alike_of_a_taken_handle_is_refused(world: World) -> None:
    world.join("modern-clay")
    with pytest.raises(Conflict):
        world.join("modern-c1ay")
    with pytest.raises(Conflict):
        world.join("rnodern-clay")


def test_a_network_has_a_quota(world: World) -> None:
    for number in range(world.settings.joins_per_day):
        world.registry.submit(
            Person(world, f"{HANDLES[number]}", None).join_body,
            "198.51.100.7",
        )
    with pytest.raises(TooMany):
        world.registry.submit(Person(world, "another-one", None).join_body, "198.51.100.99")


def test_the_same_statement_again_gives_the_first_result(world: World) -> None:
    ana = world.join("ana")
    signed = ana.prepare(FILES)
    first = world.registry.submit(signed.to_json(), "")
    again = world.registry.submit(signed.to_json(), "")
    assert isinstance(first, dict)
    assert isinstance(again, dict)
    assert (first["id"], first["index"]) == (again["id"], again["index"])


def test_another_statement_under_the_same_id_is_a_conflict(world: World) -> None:
    ana = world.join("ana")
    signed = ana.sign(FILES)
    salt = parse_statement(signed.envelope.payload).salt
    other = make_deliverable(
        ana.author, {"b.txt": bytes(32)}, world.registry.checkpoint(), Chance(salt, bytes(16))
    )
    assert other.id == signed.id
    with pytest.raises(Conflict):
        world.registry.submit(other.to_json(), "")


def test_a_stranger_cannot_sign_for_ana(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    forged = ben.author._replace(did=ana.author.did, version=ana.author.version)
    ben.author = forged
    with pytest.raises(NotAllowed):
        ben.sign(FILES)


def test_a_statement_of_another_registry_is_not_taken(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = World(tmp_path_factory.mktemp("elsewhere"), "http://localhost:9999")
    eva = elsewhere.join("eva")
    signed = eva.prepare(FILES)
    elsewhere.close()
    with pytest.raises(NotAllowed):
        world.registry.submit(signed.to_json(), "")


def test_projections_can_be_dropped_and_made_again(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    first = ana.sign(FILES)
    ben.sign(FILES)
    ana.withdraw(first.id)

    def views() -> tuple[object, ...]:
        return (
            world.registry.person("@ana"),
            world.registry.person("@ben"),
            world.registry.attestation(first.id),
            world.registry.status(None, []).to_json(),
            world.registry._database.rows("select * from people order by scid"),
            world.registry._database.rows("select * from subjects order by digest, idx"),
            world.registry._database.rows("select * from status_events"),
        )

    before = views()
    rebuild(world.registry._database)
    assert views() == before


@pytest.mark.parametrize("step", ["append", "_row_of", "_sign", "_swap"])
@pytest.mark.parametrize("stored", [False, True])
def test_a_crash_in_the_append_path_loses_nothing_and_forks_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, step: str, *, stored: bool
) -> None:
    ana = world.join("ana")
    kept = ana.sign(FILES)
    size = world.registry._published.size
    lost = ana.prepare({"b.txt": b"in flight"})
    original = getattr(AppendPath, step)

    def failing(self: AppendPath, *arguments: object) -> object:
        if stored:
            original(self, *arguments)
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(AppendPath, step, failing)
        with pytest.raises(Unavailable):
            world.registry.submit(lost.to_json(), "")
        with pytest.raises(Unavailable):
            ana.sign({"c.txt": b"the writer has stopped"})
    world.restart()
    assert world.registry.bundle(kept.id).proof.size >= size
    answer = world.registry.submit(lost.to_json(), "")
    assert isinstance(answer, dict)
    assert answer["index"] == size  # not lost if stored, not doubled if not
    page = world.registry.entries(world.registry.trust.newest_log.origin, 0)
    assert page["size"] == size + 1


def test_an_idle_registry_signs_its_checkpoint_again(world: World) -> None:
    before = world.registry.checkpoint()
    world.offset = 60
    world.restart()
    after = world.registry.checkpoint()
    assert after != before
    assert after.split("\n")[:3] == before.split("\n")[:3]


def test_a_published_checkpoint_newer_than_the_database_stops_the_start(world: World) -> None:
    ana = world.join("ana")
    ana.sign(FILES)
    with world.registry._database.write() as connection:
        connection.execute(
            "delete from checkpoints where size = (select max(size) from checkpoints)"
        )
    world.registry.close()
    with pytest.raises(Unavailable):
        world.open()


def test_the_status_of_each_earlier_size_is_what_it_was_then(world: World) -> None:
    ana = world.join("ana")
    items = [ana.sign({"a.txt": b"%d" % number}).id for number in range(3)]
    names = [status_key("statement", item) for item in items]
    sizes = [world.registry._published.size]
    for item in items:
        ana.withdraw(item)
        sizes.append(world.registry._published.size)
    for gone, size in enumerate(sizes):
        checked = check_status(world.registry.status(size, names), world.registry.trust)
        assert (checked.snapshot.size, checked.snapshot.count) == (size, gone)
        assert [bool(checked.states[k]) for k in names] == [at < gone for at in range(3)]


def test_the_public_url_is_fixed_for_ever(world: World) -> None:
    world.registry.close()
    moved = Settings(data=world.settings.data, public_url="http://localhost:1")
    with pytest.raises(Conflict):
        Registry.open(moved, PASSPHRASE)
    with pytest.raises(NotAllowed):
        Registry.open(world.settings, b"another passphrase")


def test_the_keys_are_encrypted_and_private(world: World) -> None:
    path = world.settings.data / "keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"argon2id" in path.read_bytes()


@pytest.mark.parametrize("name", ["ca", "tsa-root", "tsa", "timestamp"])
def test_a_key_that_is_not_the_one_of_its_certificate_is_refused(world: World, name: str) -> None:
    """A second process was given keys.json alone, and made itself what the first one made later."""
    world.close()
    Keyring(world.settings.data, PASSPHRASE).add({name: KEYS[name]})
    with pytest.raises(Conflict, match=f"the key '{name}' in .* is not the one of the certificate"):
        world.open()
    (world.settings.data / "keys-2.json").unlink()
    world.registry = world.open()
