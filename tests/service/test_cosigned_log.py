"""A registry whose checkpoints others cosign: our own witnesses, each behind its own port."""

import contextlib
import dataclasses
import shutil
import sqlite3
import string
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flips import Flip, Target, flip, targets
from guild import NAMES, Guild
from world import Person, World

from trust.core.canonical import Json
from trust.core.errors import Malformed, NotAllowed, Unavailable
from trust.core.log.witnessing import witness_vkey
from trust.core.verdict import Code, Result, Verdict
from trust.service import sequencer
from trust.service.fsck.check import fsck

pytestmark = pytest.mark.loopback
FILES = {"a.txt": b"a"}
BASE64 = string.ascii_letters + string.digits + "+/"
WAIT = 20.0  # seconds for something that takes a fraction of one


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "world")
    yield made
    made.close()


@pytest.fixture
def guild(world: World, tmp_path: Path) -> Iterator[Guild]:
    """Witnesses that the registry asks from its second start on."""
    made = Guild(tmp_path / "guild", world.registry.trust.newest_log.log_key, world.clock)
    under(world, witness_policy=made.policy)
    yield made
    made.close()


def under(world: World, **settings: object) -> None:
    """Start the registry again, with other settings."""
    world.settings = dataclasses.replace(world.settings, **settings)  # type: ignore[arg-type]
    world.restart()


def world_note(data: Path) -> bytes:
    """Return the newest checkpoint that is stored."""
    with contextlib.closing(sqlite3.connect(data / "registry.db")) as connection:
        sql = "select note from checkpoints order by seq desc limit 1"
        return str(connection.execute(sql).fetchone()[0]).encode()


def judged(world: World, person: Person) -> Verdict:
    return world.assess(world.dossier(person.sign(FILES).id), FILES)


def step_6(verdict: Verdict) -> tuple[Result, str]:
    return next((item.result, item.text) for item in verdict.steps if item.id == "6")


@pytest.mark.usefixtures("guild")
def test_a_dossier_carries_the_cosignatures_and_the_verdict_counts_operators(world: World) -> None:
    verdict = judged(world, world.join("ana"))
    assert verdict.code is Code.VALID
    assert "clock, 3 of the registry's 3 witnesses)" in verdict.sentence
    assert step_6(verdict) == (Result.YES, "witnesses: 3 of 3 (“north”, “south”, “abroad”)")
    assert verdict.to_json()["witnesses"] == {"operators": list(NAMES), "of": 3, "enough": True}


def test_the_policy_goes_into_the_next_trust_file_and_stays_there(
    world: World, guild: Guild
) -> None:
    trust = world.registry.trust
    assert (trust.version, [item.name for item in trust.witness_policy.witnesses]) == (
        2,
        list(NAMES),
    )
    under(world, witness_policy=None)
    assert world.registry.trust == trust
    assert "3 of the registry's 3 witnesses" in judged(world, world.join("ana")).sentence
    under(world, witness_policy=f"# the same, in other words\n{guild.policy}")
    assert world.registry.trust == trust
    under(world, witness_policy="quorum none\n")
    assert world.registry.trust.version == 3
    assert "clock, no witness)" in judged(world, world.join("ben")).sentence


def test_without_enough_witnesses_it_goes_on_and_says_so_loudly(world: World, guild: Guild) -> None:
    ana = world.join("ana")
    guild.stop("north", "south")
    verdict = judged(world, ana)
    assert verdict.code is Code.VALID
    assert "only 1 of the registry's 3 witnesses" in verdict.sentence
    assert "fewer than localhost:8123 asks for itself" in verdict.sentence
    assert step_6(verdict)[0] is Result.NO
    guild.stop("abroad")
    verdict = judged(world, ana)
    assert "none of the registry's 3 witnesses" in verdict.sentence
    guild.start("south")
    guild.start("north")
    assert "2 of the registry's 3 witnesses)" in judged(world, ana).sentence


def test_where_witnesses_are_required_nothing_is_published_without_them(
    world: World, guild: Guild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "WITNESS_SECONDS", 0.1)
    under(world, witnesses_required=True)
    ana = world.join("ana")
    first = ana.sign({"first.txt": b"first"}).id
    guild.stop("north", "south")
    waiting = ana.prepare(FILES)
    for _ in range(3):
        with pytest.raises(Unavailable, match="1 of 3 witnesses cosigned"):
            world.registry.submit(waiting.to_json(), "")
    assert any(world.registry.facts().faults())
    published = world.registry.checkpoint()
    assert world.dossier(first).bundle.proof.checkpoint == published  # reads go on
    world.restart()  # and over a restart
    assert world.registry.checkpoint() == published
    assert any(world.registry.facts().faults())
    assert world.assess(world.dossier(first), {"first.txt": b"first"}).code is Code.VALID
    guild.start("south")
    wait_until_taken(world, waiting.to_json())
    assert not any(world.registry.facts().faults())
    assert (
        "2 of the registry's 3 witnesses)"
        in world.assess(world.dossier(waiting.id), FILES).sentence
    )
    rows = world.registry._database.rows("select idx from entries where id = ?", (waiting.id,))
    assert len(rows) == 1


def wait_until_taken(world: World, body: Json) -> None:
    end = time.monotonic() + WAIT
    while True:
        try:
            world.registry.submit(body, "")
        except Unavailable:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def test_a_log_that_begins_cannot_require_witnesses_that_do_not_know_it(tmp_path: Path) -> None:
    known = World(tmp_path / "known")
    guild = Guild(tmp_path / "guild", known.registry.trust.newest_log.log_key, known.clock)
    known.close()
    known.settings = dataclasses.replace(
        known.settings,
        data=tmp_path / "fresh",
        witness_policy=guild.policy,
        witnesses_required=True,
    )
    with pytest.raises(Unavailable, match="nothing is published yet, and too few witnesses"):
        known.open()
    guild.close()


@pytest.fixture
def older(world: World, tmp_path: Path) -> Person:
    """Someone in a registry that is closed, and set back to a copy of itself."""
    ana = world.join("ana")
    world.close()
    shutil.copytree(world.settings.data, tmp_path / "copy")
    world.registry = world.open()
    for number in range(3):
        ana.sign({"n": b"%d" % number})
    world.close()
    shutil.rmtree(world.settings.data)
    shutil.copytree(tmp_path / "copy", world.settings.data)
    return ana


@pytest.mark.usefixtures("guild", "older")
def test_a_folder_that_was_set_back_is_not_started_where_a_witness_has_seen_more(
    world: World,
) -> None:
    """A snapshot of the disk is put back: nothing in the folder says so."""
    size = len(list(rows(world)))
    (public,) = world.settings.data.glob("public/*/checkpoint")
    note = public.read_bytes()
    said = f"witness north holds a checkpoint of {size + 3} entries .*this data folder has {size}"
    with pytest.raises(NotAllowed, match=said):
        world.open()
    assert public.read_bytes() == note  # nothing was signed
    world.settings = dataclasses.replace(world.settings, read_only=True)
    world.registry = world.open()  # reads go on
    assert world.registry.facts().size == size


def rows(world: World) -> list[tuple[int]]:
    with contextlib.closing(sqlite3.connect(world.settings.data / "registry.db")) as database:
        return database.execute("select idx from entries").fetchall()


def test_witnesses_that_have_seen_another_history_do_not_cosign_a_second(
    world: World, guild: Guild, older: Person
) -> None:
    """No witness can be asked when it starts, so that it goes on with another history."""
    guild.stop(*NAMES)
    world.registry = world.open()
    for name in NAMES:
        guild.start(name)
    verdict = judged(world, older)
    assert "none of the registry's 3 witnesses" in verdict.sentence


@pytest.mark.parametrize("name", ["log", "clock", "status", "root"])
def test_a_registry_cannot_be_its_own_witness(world: World, name: str) -> None:
    key = world.registry._authorities.keys[name].public_key
    policy = f"witness guild {witness_vkey('guild.example/w', key)}\nquorum guild\n"
    with pytest.raises(Malformed, match="has a key of the registry itself"):
        under(world, witness_policy=policy)
    under(world, witness_policy=None)  # and it starts again without it
    assert world.registry.trust.version == 1


@pytest.mark.parametrize("readable", [True, False], ids=["another digit", "no character"])
@pytest.mark.usefixtures("guild")
def test_fsck_checks_every_cosignature_that_is_kept(world: World, readable: bool) -> None:  # noqa: FBT001
    world.join("ana")
    data = world.settings.data
    assert fsck(data).findings == ()
    world.close()
    rows = [item for item in targets(data) if item.place == "checkpoints.note"]
    last = rows[-1]
    note = world_note(data)
    assert len(note) == last.size
    # In the line of the last witness: one digit becomes another, or no character at all.
    places = range(len(note) - 60, len(note) - 4)
    digit = next(place for place in places if chr(note[place] ^ 1) in BASE64)
    chosen = Flip(last, 8 * digit + (0 if readable else 7))
    flip(data, chosen)
    where = f"table checkpoints, row {last.rowid}, column note"
    assert [item.where for item in fsck(data).findings] == [where]
    flip(data, chosen)
    (published,) = data.glob("public/*/checkpoint")
    flip(data, Flip(Target(str(published.relative_to(data)), None, last.size), chosen.bit))
    assert [item.where for item in fsck(data).findings] == ["file checkpoint"]
