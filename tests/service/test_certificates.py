"""Certificates end: persons renew theirs, the registry its own, both under the same key."""

import pytest
from world import Person, World, chance

from trust.client.statements import make_enrolment
from trust.core.encoding import b64decode
from trust.core.errors import NotAllowed
from trust.core.verify import verify
from trust.core.x509.certificate import parse_certificate

DAY = 24 * 3600
FILES = {"a.txt": b"hello"}


def travel(world: World, days: int) -> None:
    world.offset = days * DAY
    world.restart()


def enrolment(person: Person) -> dict[str, object]:
    note = person.world.registry.checkpoint()
    return dict(make_enrolment(person.author, note, chance().salt).to_json())


def submit(world: World, body: object) -> dict[str, object]:
    answer = world.registry.submit(body, "")  # type: ignore[arg-type]
    assert isinstance(answer, dict)
    return dict(answer)


def test_a_certificate_is_not_renewed_early(world: World) -> None:
    ana = world.join("ana")
    travel(world, 330)
    with pytest.raises(NotAllowed, match="30 days"):
        submit(world, enrolment(ana))


@pytest.mark.parametrize("days", [340, 366], ids=["in its last days", "after its end"])
def test_a_renewed_certificate_is_used_from_then_on(world: World, days: int) -> None:
    ana = world.join("ana")
    travel(world, days)
    answer = submit(world, enrolment(ana))
    renewed = parse_certificate(b64decode(str(answer["certificate"])))
    assert (renewed.point, renewed.not_after > world.now + 300 * DAY) == (
        ana.signer.public_key,
        True,
    )
    item = ana.sign(FILES)
    bundle = world.registry.bundle(item.id)
    assert bundle.certificate == renewed.der
    verify(bundle, None, world.registry.trust, world.now)


def test_a_renewal_sent_again_gives_the_same_certificate(world: World) -> None:
    ana = world.join("ana")
    travel(world, 340)
    body = enrolment(ana)
    first, again = submit(world, body), submit(world, body)
    assert (first["index"], first["certificate"]) == (again["index"], again["certificate"])


def test_nobody_signs_with_an_expired_certificate(world: World) -> None:
    ana = world.join("ana")
    travel(world, 366)
    with pytest.raises(NotAllowed, match="renew"):
        ana.sign(FILES)


def test_a_renewal_hides_nobody_from_an_older_checkpoint(world: World) -> None:
    ana = world.join("ana")
    travel(world, 340)
    before = world.registry._published
    submit(world, enrolment(ana))
    assert world.registry._views.person(before, ana.scid)["handle"] == "ana"


def test_nobody_renews_for_another_key(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    travel(world, 340)
    foreign = ana.author._replace(signer=ben.signer)
    note = world.registry.checkpoint()
    with pytest.raises(NotAllowed):
        submit(world, make_enrolment(foreign, note, chance().salt).to_json())


@pytest.mark.parametrize("days", [340, 366], ids=["in its last days", "after a year switched off"])
def test_the_registry_renews_its_own(world: World, days: int) -> None:
    first = world.registry._writer.certificate
    travel(world, days)
    second = world.registry._writer.certificate
    old, new = parse_certificate(first), parse_certificate(second)
    assert (new.point, new.not_after > old.not_after) == (old.point, True)
    world.restart()
    assert world.registry._writer.certificate == second
    world.join("ana")
    for (statement_id,) in world.registry._database.rows("select id from entries"):
        verify(world.registry.bundle(statement_id), None, world.registry.trust, world.now)


def test_a_registry_that_runs_on_renews_without_a_restart(world: World) -> None:
    first = world.registry._writer.certificate
    world.offset = 340 * DAY
    world.registry._upkeep.tick()
    assert world.registry._writer.certificate != first


def test_a_snapshot_is_logged_hourly_and_only_if_something_happened(world: World) -> None:
    def kinds() -> list[str]:
        rows = world.registry._database.rows("select type from entries order by idx")
        return [kind for (kind,) in rows]

    world.join("ana")
    world.registry._upkeep.tick()
    assert "snapshot" not in kinds()
    world.offset = 3601
    for _ in range(2):
        world.registry._upkeep.tick()
    assert kinds().count("snapshot") == 1
    world.offset = 7300
    world.registry._upkeep.tick()
    assert kinds().count("snapshot") == 1  # nothing was logged since
    world.join("ben")
    world.registry._upkeep.tick()
    assert kinds().count("snapshot") == 2
    (statement_id,) = world.registry._database.row("select id from entries where type = 'snapshot'")
    verify(world.registry.bundle(statement_id), None, world.registry.trust, world.now)
