"""Drills: each key of a registry is replaced, planned or after a theft, and old proofs go on."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
from stranger import check_whole
from world import PASSPHRASE, Person, World

from trust.core.encoding import format_time
from trust.core.errors import Conflict, NotAllowed, TouchplateError, VerificationFailed
from trust.core.registry.dossier import Dossier
from trust.core.registry.succession import advance
from trust.core.registry.trust_file import TrustFile, parse_trust_file
from trust.core.verdict import Code
from trust.core.verify import verify
from trust.service import rotation
from trust.service.fsck.check import fsck
from trust.service.opening import DATABASE
from trust.service.rotation import NAMES, rotate
from trust.storage.database import Database

FILES = {"a.txt": b"hello"}
DAY = 24 * 3600


class Before(NamedTuple):
    """What somebody kept from before a rotation."""

    trust: TrustFile
    ana: Person
    id: str
    dossier: Dossier


@pytest.fixture
def before(world: World) -> Before:
    ana = world.join("ana")
    signed = ana.sign(FILES)
    return Before(world.registry.trust, ana, signed.id, world.dossier(signed.id))


def stopped(world: World, act: Callable[[Database], None]) -> None:
    """Do something to the data folder while nobody serves it."""
    world.close()
    database = Database(world.settings.data / DATABASE)
    try:
        act(database)
    finally:
        database.close()


def turn(world: World, name: str, since: int | None = None) -> None:
    """Rotate a key, and start again a moment later."""

    def act(database: Database) -> None:
        rotate(world.settings.data, database, PASSPHRASE, name, world.now, since)

    stopped(world, act)
    world.offset += 5
    world.registry = world.open()


def climb(pinned: TrustFile, world: World) -> TrustFile:
    """Go up from a pinned version, as a client does: one at a time."""
    for version in range(pinned.version + 1, world.registry.trust.version + 1):
        pinned = advance(pinned, world.registry.trust_file(version))
    return pinned


def own(world: World, trust: TrustFile) -> int:
    """Verify every statement of the registry; return how many there are."""
    rows = world.registry._database.rows("select id from entries where scid = '' order by idx")
    for (statement_id,) in rows:
        verify(world.registry.bundle(statement_id), None, trust, world.now)
    return len(rows)


@pytest.mark.parametrize("name", NAMES)
def test_a_planned_rotation_breaks_nothing(world: World, before: Before, name: str) -> None:
    turn(world, name)
    trust = climb(before.trust, world)
    assert (trust.version, trust) == (2, world.registry.trust)
    old = world.assess(before.dossier, FILES, trust=trust)  # kept from before, never fetched again
    assert old.code is Code.VALID, old
    fresh = world.assess(world.dossier(before.id), FILES)
    assert fresh.code is Code.VALID, fresh
    for person in (before.ana, world.join("ben")):
        signed = person.sign({"b.txt": b"b"})
        assert world.assess(world.dossier(signed.id), {"b.txt": b"b"}).code is Code.VALID
    own(world, trust)
    check_whole(world)
    world.restart()
    assert world.registry.trust == trust  # it goes over once


@pytest.mark.parametrize("name", [name for name in NAMES if name != "root"])
def test_the_new_key_is_another_and_the_old_one_is_never_used_again(
    world: World, before: Before, name: str
) -> None:
    old = world.registry._authorities.keys[name].public_key
    turn(world, name)
    trust = world.registry.trust
    assert world.registry._authorities.keys[name].public_key != old
    counted = {
        "ca": len(trust.authorities),
        "tsa": len(trust.timestamp_authorities),
        "sct": len(trust.sct_keys),
        "status": len(trust.status_keys),
        "registry": len(trust.registry_keys),
    }
    assert counted == {**dict.fromkeys(counted, 1), name: 2}
    signed = world.join("ben").sign({"b.txt": b"b"})
    stale = world.assess(world.dossier(signed.id), {"b.txt": b"b"}, trust=before.trust)
    assert stale.code is Code.COULD_NOT_CHECK, stale  # "your trust file is version 1"


def test_all_keys_one_after_the_other(world: World, before: Before) -> None:
    for name in NAMES:
        turn(world, name)
    trust = climb(before.trust, world)
    assert trust.version == 1 + len(NAMES)
    assert world.assess(before.dossier, FILES, trust=trust).code is Code.VALID
    signed = before.ana.sign({"b.txt": b"b"})
    assert world.assess(world.dossier(signed.id), {"b.txt": b"b"}).code is Code.VALID
    own(world, trust)
    world.close()
    report = fsck(world.settings.data)
    assert report.findings == ()
    world.registry = world.open()


def test_a_new_root_is_signed_by_both_and_has_a_code_of_its_own(
    world: World, before: Before
) -> None:
    turn(world, "root")
    document = world.registry.trust_file(2)
    assert parse_trust_file(document).code != before.trust.code
    assert advance(before.trust, document).root_keys != before.trust.root_keys
    turn(world, "root")
    with pytest.raises(TouchplateError):  # nobody skips a version
        advance(before.trust, world.registry.trust_file(3))


def test_a_stolen_tsa_key_dates_nothing_from_the_theft_on(world: World, before: Before) -> None:
    """The thief dates a signature of today; an honest one of before the theft stands."""
    theft = world.now + 60
    world.offset += 120
    late = before.ana.sign({"late.txt": b"late"})
    kept = world.dossier(late.id)
    turn(world, "tsa", theft)
    trust = climb(before.trust, world)
    assert world.assess(before.dossier, FILES, trust=trust).code is Code.VALID
    with pytest.raises(VerificationFailed) as refused:
        verify(kept.bundle, None, trust, world.now)
    assert refused.value.reason == "tsa_out_of_use"
    signed = before.ana.sign({"b.txt": b"b"})
    assert world.assess(world.dossier(signed.id), {"b.txt": b"b"}).code is Code.VALID


def test_a_status_of_a_stolen_key_counts_no_more(world: World, before: Before) -> None:
    theft = world.now + 60
    world.offset += 120
    world.registry._sequencer.append([])  # a snapshot by the key that somebody else has, too
    kept = world.dossier(before.id)
    turn(world, "status", theft)
    trust = climb(before.trust, world)
    assert world.assess(kept, FILES, trust=trust).code is not Code.VALID
    assert world.assess(before.dossier, FILES, trust=trust).code is Code.VALID
    assert world.assess(world.dossier(before.id), FILES).code is Code.VALID


def test_a_stolen_registry_key_speaks_no_more(world: World, before: Before) -> None:
    world.offset += 60
    turn(world, "registry", world.now)
    trust = climb(before.trust, world)
    assert trust.registry_keys[0].validity.end is not None
    assert world.assess(before.dossier, FILES, trust=trust).code is Code.VALID
    signed = world.join("ben").sign({"b.txt": b"b"})
    assert world.assess(world.dossier(signed.id), {"b.txt": b"b"}).code is Code.VALID


@pytest.mark.parametrize(
    ("name", "since", "said"),
    [
        ("ca", 0, "every certificate hangs on the ca key"),
        ("sct", 0, "every certificate hangs on the sct key"),
        ("root", 0, "whoever stole it can sign a next version as well"),
        ("tsa", 10**6, "to now"),
        ("tsa", -(10**9), "expected a date from"),
    ],
)
def test_a_date_that_cannot_be_is_refused_and_changes_nothing(
    world: World, before: Before, name: str, since: int, said: str
) -> None:
    def act(database: Database) -> None:
        with pytest.raises(NotAllowed, match=said):
            rotate(world.settings.data, database, PASSPHRASE, name, world.now, world.now + since)

    stopped(world, act)
    world.registry = world.open()
    assert world.registry.trust == before.trust


def test_a_wrong_passphrase_makes_no_key(world: World, before: Before) -> None:
    def act(database: Database) -> None:
        with pytest.raises(NotAllowed):
            rotate(world.settings.data, database, b"wrong", "tsa", world.now)

    stopped(world, act)
    world.registry = world.open()
    assert world.registry.trust == before.trust
    assert not (world.settings.data / "keys-2.json").exists()


def test_a_second_rotation_waits_for_the_first(world: World, before: Before) -> None:
    def act(database: Database) -> None:
        rotate(world.settings.data, database, PASSPHRASE, "tsa", world.now)
        with pytest.raises(Conflict, match="start `serve` once"):
            rotate(world.settings.data, database, PASSPHRASE, "status", world.now)

    stopped(world, act)
    world.registry = world.open()
    assert climb(before.trust, world).version == 2


class Killed(BaseException):
    """The machine is switched off."""


@pytest.mark.parametrize("name", ["ca", "registry", "status"])
def test_a_rotation_that_was_cut_off_never_happened(
    world: World, before: Before, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the key file is there and before the commit."""

    def killed(*_: object) -> None:
        raise Killed

    def act(database: Database) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(rotation, "advance", killed)
            with pytest.raises(Killed):
                rotate(world.settings.data, database, PASSPHRASE, name, world.now)

    stopped(world, act)
    assert (world.settings.data / "keys-2.json").exists()
    world.registry = world.open()
    assert world.registry.trust == before.trust
    signed = before.ana.sign({"b.txt": b"b"})
    assert world.assess(world.dossier(signed.id), {"b.txt": b"b"}).code is Code.VALID
    turn(world, name)  # and then it happens
    assert climb(before.trust, world).version == 2
    assert world.assess(before.dossier, FILES, trust=world.registry.trust).code is Code.VALID


def test_the_dates_of_a_planned_rotation(world: World, before: Before) -> None:
    """What certificates hang on lasts as long as they do; the rest ends at once."""
    turn(world, "sct")
    old = next(iter(before.trust.sct_keys))
    end = world.registry.trust.sct_keys[old].validity.end
    assert end is not None
    assert end > world.now + 365 * DAY, format_time(end)
    turn(world, "status")
    first, second = (key.validity for key in world.registry.trust.status_keys)
    assert first.end == second.start
