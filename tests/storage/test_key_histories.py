"""The migration that finds the versions of key histories finds those that the projection has."""

import importlib
from pathlib import Path

import pytest
from world import Person, World

from trust.storage.projected import ProjectedIdentity
from trust.storage.tables import columns

V0005 = importlib.import_module("trust.storage.migrations.versions.v0005_key_histories")


def versions(world: World) -> list[tuple[object, ...]]:
    assert columns(ProjectedIdentity) == ("idx", "scid", "number")
    found = world.registry._database.rows("select * from identities order by idx", ())
    return [tuple(row) for row in found]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_version_that_is_logged_is_found_again(
    tmp_path: Path, postgres_url: str, kind: str
) -> None:
    world = World(tmp_path, database=postgres_url if kind == "postgresql" else None)
    try:
        check_found_again(world, V0005._FILL[kind])
    finally:
        world.close()


def check_found_again(world: World, fill: str) -> None:
    people: list[Person] = [world.join("ana"), world.join("ben")]
    before = versions(world)
    assert [row[1:] for row in before] == [(person.scid, 1) for person in people]
    with world.registry._database.write() as transaction:
        transaction.execute("delete from identities")
        transaction.execute(fill)
    assert versions(world) == before
