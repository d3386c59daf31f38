"""Trust files end: the registry logs and serves the next version in time, whatever breaks."""

import hashlib

import pytest
from world import World

from trust.core.errors import Conflict, NotFound, VerificationFailed
from trust.core.registry.succession import advance
from trust.core.registry.trust_file import TrustFile, parse_trust_file
from trust.core.signing.facts import IssuanceFacts, TrustFacts
from trust.core.verify import Verified, verify
from trust.core.x509.certificate import parse_certificate
from trust.service.intents import Intents
from trust.service.log_writer import LogWriter
from trust.service.renewals import TRUST_RENEWAL, Renewals
from trust.service.term import FOR_EVER

DAY = 24 * 3600
FILES = {"a.txt": b"hello"}


def travel(world: World, days: int) -> None:
    world.offset = days * DAY
    world.restart()


def own(world: World, kind: str) -> list[Verified]:
    """Every statement of the registry of a type, verified, in log order."""
    rows = world.registry._database.rows(
        "select id from entries where scid = '' and type = ? order by idx", (kind,)
    )
    bundles = [world.registry.bundle(statement_id) for (statement_id,) in rows]
    return [verify(item, None, world.registry.trust, world.now) for item in bundles]


def logged_versions(world: World) -> dict[int, bytes]:
    """The digest that was logged for each version."""
    found = {}
    for item in own(world, "trust"):
        assert isinstance(item.statement.facts, TrustFacts)
        assert item.statement.facts.version not in found
        found[item.statement.facts.version] = item.statement.subjects[0]
    return found


def served_versions(world: World) -> dict[int, bytes]:
    """The digest of each version that is served, up to the newest."""
    newest = world.registry.trust.version
    files = {version: world.registry.trust_file(version) for version in range(1, newest + 1)}
    assert world.registry.trust_file(None) == files[newest]
    with pytest.raises(NotFound):
        world.registry.trust_file(newest + 1)
    return {version: hashlib.sha256(data).digest() for version, data in files.items()}


def test_the_next_version_comes_half_a_year_before_the_end_and_not_earlier(world: World) -> None:
    first = world.registry.trust
    world.offset = first.expires - TRUST_RENEWAL - world.now - 60
    world.registry._upkeep.tick()
    assert world.registry.trust == first
    world.offset += 120
    world.registry._upkeep.tick()
    second = world.registry.trust
    assert (second.version, second.expires > first.expires + 180 * DAY) == (2, True)
    world.registry._upkeep.tick()
    assert world.registry.trust == second
    assert logged_versions(world) == served_versions(world)


def test_a_version_is_the_one_before_it_but_for_its_number_and_its_end(world: World) -> None:
    first = world.registry.trust
    travel(world, 200)
    second = world.registry.trust
    assert second == advance(first, world.registry.trust_file(2))
    changed = {"version", "expires", "encoded"}
    assert {
        name for name in TrustFile._fields if getattr(first, name) != getattr(second, name)
    } == changed


def test_a_registry_that_was_off_for_years_starts_with_a_file_that_holds(world: World) -> None:
    first = world.registry.trust
    travel(world, 900)
    assert world.registry.trust.version == 2
    assert world.registry.trust.expires > world.now + 300 * DAY
    assert world.registry.trust_file(1) == first.encoded
    assert logged_versions(world) == served_versions(world)


KILLS = [
    (Intents, "_store", 0),  # the request: the file is chosen, nothing is logged
    (Intents, "_store", 1),  # the statement is made, not logged
    (LogWriter, "append_own", 0),
    (Intents, "finish", 0),
]


def kill(
    world: World, monkeypatch: pytest.MonkeyPatch, point: tuple[type, str, int], *, stored: bool
) -> None:
    """Let the upkeep die at a call, before or after it did its work."""
    kind, name, place = point
    original, calls = getattr(kind, name), iter(range(100))

    def dying(*arguments: object) -> object:
        hit = next(calls) == place
        result = None if hit and not stored else original(*arguments)
        if hit:
            raise SystemExit("killed")
        return result

    with monkeypatch.context() as patched:
        patched.setattr(kind, name, dying)
        with pytest.raises(SystemExit):
            world.registry._upkeep.tick()


AT_ANY_STEP = pytest.mark.parametrize("point", KILLS, ids=[f"{p[1]}-{p[2]}" for p in KILLS])
BOTH = pytest.mark.parametrize("stored", [False, True], ids=["not stored", "but stored"])
LATER = pytest.mark.parametrize("days", [0, 3], ids=["at once", "after days"])


@LATER
@BOTH
@AT_ANY_STEP
def test_killed_anywhere_there_is_one_second_version(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    point: tuple[type, str, int],
    days: int,
    *,
    stored: bool,
) -> None:
    travel(world, 180)
    world.offset = 200 * DAY
    kill(world, monkeypatch, point, stored=stored)
    assert world.registry.trust.version == 1
    travel(world, 200 + days)  # by then the first `notBefore` may be too old
    assert world.registry.trust.version == 2
    assert logged_versions(world) == served_versions(world)
    assert world.registry._database.row("select 1 from meta where name like 'intent:%'") is None


def test_no_version_is_served_before_it_is_logged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    original = LogWriter.append_own

    def watched(self: LogWriter, *arguments: object) -> None:
        seen.append(world.registry.trust.version)
        with pytest.raises(NotFound):
            world.registry.trust_file(2)
        original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(LogWriter, "append_own", watched)
    world.offset = 200 * DAY
    registry = world.registry
    Renewals(registry._database, registry._writer, registry._trust, FOR_EVER).run()
    assert seen == [1]
    assert world.registry.trust.version == 2


def test_a_dossier_of_the_first_version_verifies_with_the_second(world: World) -> None:
    ana = world.join("ana", "Ana López")
    item = ana.sign(FILES)
    first, before = world.registry.trust, world.registry.dossier(item.id)
    signed = world.now
    travel(world, 370)
    assert world.registry.trust.version == 2
    fresh = world.registry.dossier(item.id)
    assert world.assess(fresh, FILES).code == "valid"
    assert world.assess(fresh, FILES, trust=first).code == "could_not_check"  # it has expired
    assert world.assess(before, FILES, at=signed).code == "valid"
    assert world.assess(before, FILES, at=signed, trust=first).code == "valid"


def test_what_is_no_next_version_is_not_taken(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = World(tmp_path_factory.mktemp("elsewhere"))  # the same URL, another root key
    travel(elsewhere, 200)
    foreign = elsewhere.registry.trust_file(2)
    elsewhere.close()
    first = world.registry.trust
    for days in (200, 400):
        travel(world, days)
    second, third = (world.registry.trust_file(version) for version in (2, 3))
    with pytest.raises(Conflict, match="version 3, expected 2"):
        advance(first, third)
    with pytest.raises(Conflict, match="version 1, expected 3"):
        advance(parse_trust_file(second), first.encoded)
    with pytest.raises(VerificationFailed, match="0 of 1 root signatures"):
        advance(first, foreign)
    assert advance(advance(first, second), third) == world.registry.trust


@BOTH
@AT_ANY_STEP
@pytest.mark.parametrize("days", [340, 366], ids=["in its last days", "after its end"])
@pytest.mark.parametrize("off", [0, 60], ids=["restarted at once", "off for two months"])
def test_killed_anywhere_the_registry_renews_its_certificate_once_and_honestly(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    point: tuple[type, str, int],
    days: int,
    off: int,
    *,
    stored: bool,
) -> None:
    old = world.registry._writer.certificate
    world.offset = days * DAY
    kill(world, monkeypatch, point, stored=stored)
    travel(world, days + off)
    new = world.registry._writer.certificate
    end = parse_certificate(old).not_after
    assert parse_certificate(new).not_after > world.now + 200 * DAY
    world.join("ana")
    certificates = [
        bytes(der)
        for (der,) in world.registry._database.rows(
            "select certificate from entries where scid = '' and idx > 0 order by idx"
        )
    ]
    assert [der for at, der in enumerate(certificates) if der not in certificates[:at]] == [
        old,
        new,
    ]
    renewals = [
        item
        for item in own(world, "issuance")
        if isinstance(item.statement.facts, IssuanceFacts)
        and item.statement.facts.enrolment is None
    ]
    assert len(renewals) == 2  # the first of all, and this one
    first_use = certificates.index(new) + 1
    # Its issuance is logged before anything carries it; where none was left, the issuance does.
    early = renewals[1].signed_at >= end
    assert (renewals[1].index == first_use) if early else (renewals[1].index < first_use)
