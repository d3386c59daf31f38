"""`fsck` finds what is wrong, names its place, and says nothing of what is right."""

import base64
import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from filling import fill
from flips import Flip, choose, flip, targets
from world import World

from trust.core.errors import NotFound, Unavailable
from trust.core.log.tile import WIDTH
from trust.service.fsck.check import fsck
from trust.service.fsck.report import Report
from trust.service.settings import Settings
from trust.service.takedowns import order

FLIPS = 10  # of each seed; `python -m tests.service.flip_bits` does as many as it is told


def life(folder: Path) -> World:
    """A registry with people, works, withdrawals and a logged snapshot."""
    world = World(folder)
    ana, ben = world.join("ana", "Ana López"), world.join("ben")
    first, second = ana.sign({"a.txt": b"a"}, title="A"), ben.sign({"b.txt": b"b", "c.txt": b"c"})
    ben.withdraw(second.id, "a mistake")
    ana.withdraw(first.id)
    ana.delegate().sign({"d.txt": b"d"})
    world.offset = 2 * 3600
    world.registry._upkeep.tick()
    return world


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed registry of under twenty entries."""
    world = life(tmp_path_factory.mktemp("small"))
    world.close()
    return world.settings.data


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed registry with a full tile."""
    world = life(tmp_path_factory.mktemp("large"))
    fill(world, world.join("cleo"), WIDTH + 9)
    world.close()
    return world.settings.data


def copied(data: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "registry"
    shutil.copytree(data, copy)
    return copy


@pytest.fixture
def data(small: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return copied(small, tmp_path)


def places(report: Report) -> list[str]:
    return [finding.where for finding in report.findings]


def change(data: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(data / "registry.db") as connection:
        connection.execute(sql, values)
    connection.close()


def public(data: Path) -> Path:
    (folder,) = (data / "public").iterdir()
    return folder


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_sound_registry_has_no_fault(size: str, request: pytest.FixtureRequest) -> None:
    report = fsck(request.getfixturevalue(size))
    assert report.findings == ()
    assert report.checked["entries"] == report.checked["statements"]
    for what in ("tiles", "checkpoints", "snapshots", "private parts", "DID entries", "joins"):
        assert report.checked[what] > 1, what
    assert any("key file" in sentence for sentence in report.unchecked)


def test_it_only_reads(data: Path) -> None:
    def content() -> dict[str, str]:
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in data.rglob("*")
            if path.is_file()
        }

    before = content()
    fsck(data)
    assert content() == before


def test_it_may_run_beside_the_registry(world: World) -> None:
    ana = world.join("ana")
    ana.sign({"a": b"a"})
    assert fsck(world.settings.data).findings == ()


def found(data: Path, chosen: Flip) -> bool:
    """Flip a bit, check, and flip it back."""
    flip(data, chosen)
    findings = fsck(data).findings
    flip(data, chosen)
    return bool(findings)


@pytest.mark.parametrize("seed", range(5))
def test_flipped_bits_are_found_wherever_they_are(data: Path, seed: int) -> None:
    missed = [item for item in choose(targets(data), seed, FLIPS) if not found(data, item)]
    assert missed == []
    assert fsck(data).findings == ()


@pytest.mark.parametrize("column", ["leaf", "payload", "signature", "certificate", "token"])
def test_a_flip_in_a_column_of_the_log_is_named(data: Path, column: str) -> None:
    target = next(
        item for item in targets(data) if (item.place, item.rowid) == (f"entries.{column}", 9)
    )
    flip(data, Flip(target, 8 * (target.size // 2)))
    report = fsck(data)
    assert places(report)[0] == f"table entries, row 9, column {column}"
    if column in {"leaf", "signature", "certificate"}:
        assert report.findings[0].message.startswith(f"byte {target.size // 2} is the first")


def test_every_part_of_a_request_to_join_is_compared(data: Path) -> None:
    """Also of the words that a signature covers, of which the log has another copy."""
    target = next(item for item in targets(data) if item.place == "joins.request")
    every = range(0, target.size, target.size // 60)
    flips = [Flip(target, 8 * place + place % 8) for place in every]
    assert [item for item in flips if not found(data, item)] == []


@pytest.mark.parametrize("name", ["tile/0/000", "tile/entries/000", "tile/1/000.p/1"])
def test_a_flip_in_a_tile_is_named_by_its_offset(large: Path, tmp_path: Path, name: str) -> None:
    data = copied(large, tmp_path)
    path = public(data) / name
    damaged = bytearray(path.read_bytes())
    damaged[17] ^= 4
    path.chmod(0o644)
    path.write_bytes(damaged)
    assert places(fsck(data)) == [f"file {name}, byte 17"]


def test_a_tile_that_is_missing_cut_or_beyond(large: Path, tmp_path: Path) -> None:
    data = copied(large, tmp_path)
    folder = public(data)
    (folder / "tile/0/000").unlink()
    bundle = folder / "tile/entries/000"
    bundle.chmod(0o644)
    bundle.write_bytes(bundle.read_bytes()[:-1])
    (folder / "tile/0/007").write_bytes(bytes(32))
    (folder / "notes.txt").write_bytes(b"mine")
    report = fsck(data)
    size = len(bundle.read_bytes())
    assert places(report) == [f"file tile/entries/000, byte {size}", "file tile/0/000"]
    assert f"{size} bytes, expected {size + 1}" in report.findings[0].message
    assert any("tile/0/007" in sentence for sentence in report.unchecked)
    assert any("notes.txt" in sentence for sentence in report.unchecked)


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("update entries set scid = '' where idx = 9", "table entries, row 9, column scid"),
        ("update entries set type = 'profile' where idx = 12", "table entries, row 12, column type"),
        ("update entries set signed_at = signed_at - 1 where idx = 5", "table entries, row 5, column signed_at"),
        ("delete from entries where idx = 7", "table entries, row 7, column idx"),
        ("update people set handle = 'eve' where handle = 'ana'", "column handle"),
        ("delete from subjects where idx = 12", "table subjects"),
        ("delete from status_events", "table status_events"),
        ("insert into issuances values (99, 'x')", "table issuances, row 99, column idx"),
        ("update checkpoints set size = 3 where seq = 9", "table checkpoints, row 9, column size"),
        ("delete from checkpoints where seq = 4", "table checkpoints, row 5, column seq"),
        ("update certificates set enrolment = 'x' where seq = 1", "table certificates, row 1, column enrolment"),
        ("update joins set skeleton = 'x'", "column skeleton"),
        ("update meta set value = x'00' where name = 'origin'", "table meta, row origin, column value"),
        ("update meta set value = x'00' where name = 'log_key'", "table meta, row log_key, column value"),
        ("update meta set value = x'00' where name = 'timestamping'", "table meta, row timestamping, column value"),
        ("update trust_files set version = 2", "table trust_files, row 2, column version"),
    ],
)  # fmt: skip
def test_what_does_not_follow_is_named(data: Path, sql: str, where: str) -> None:
    change(data, sql)
    assert any(where in place for place in places(fsck(data))), places(fsck(data))


def test_what_no_signature_covers_is_not_counted_as_checked(data: Path) -> None:
    change(data, "update meta set value = x'00' where name = 'own_request'")
    report = fsck(data)
    assert report.checked["meta"] == 6
    assert any("own_request" in sentence for sentence in report.unchecked)


@pytest.mark.parametrize("part", [0, 1])
def test_a_flip_in_the_authority_of_the_time_stamps_is_found(data: Path, part: int) -> None:
    with sqlite3.connect(data / "registry.db") as connection:
        (value,) = connection.execute(
            "select value from meta where name = 'timestamping'"
        ).fetchone()
    connection.close()
    items = json.loads(value)
    damaged = bytearray(base64.b64decode(items[part]))
    damaged[-1] ^= 1  # of the signature
    items[part] = base64.b64encode(damaged).decode()
    change(
        data, "update meta set value = ? where name = 'timestamping'", json.dumps(items).encode()
    )
    assert places(fsck(data)) == ["table meta, row timestamping, column value"]


def test_a_lost_private_part_is_not_taken_for_an_erased_one(data: Path) -> None:
    change(
        data,
        "delete from private_parts where digest = (select private from entries where idx = 12)",
    )
    (finding,) = (item for item in fsck(data).findings if "private_parts" in item.where)
    assert "neither erased nor taken down" in finding.message


def test_words_that_were_taken_down_are_no_fault(world: World) -> None:
    ana = world.join("ana")
    signed = ana.sign({"a": b"a"}, title="What may not be said")
    order(world.settings.data, signed.id, "a court said so")
    world.restart()
    report = fsck(world.settings.data)
    assert report.findings == ()
    assert not any(signed.id in sentence for sentence in report.unchecked)  # a redaction says so


def test_a_database_that_is_older_than_what_is_published(small: Path, tmp_path: Path) -> None:
    old = copied(small, tmp_path)
    world = World.__new__(World)
    world.offset = 3 * 3600
    world.settings = Settings(data=old, public_url="http://localhost:8123", port=8123)
    saved = (old / "registry.db").read_bytes()
    world.registry = world.open()
    world.registry.close()
    for name in ("registry.db-wal", "registry.db-shm"):
        (old / name).unlink(missing_ok=True)
    (old / "registry.db").write_bytes(saved)
    report = fsck(old)
    assert places(report) == ["file checkpoint"]
    assert report.findings[0].message == "was never committed to the database"


def test_entries_that_no_source_holds_are_told_by_the_root(data: Path) -> None:
    change(data, "update entries set leaf = x'00', payload = x'00' where idx = 6")
    for path in (public(data) / "tile/entries").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"\0\1\0" * 40)
    report = fsck(data)
    assert any("lead to the root" in item.message for item in report.findings)
    assert any("the statements" in sentence for sentence in report.unchecked)


def test_no_registry_and_no_database(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no database"):
        fsck(tmp_path)
    (tmp_path / "registry.db").write_bytes(b"not a database at all" * 99)
    with pytest.raises(Unavailable, match="cannot read the database"):
        fsck(tmp_path)


def test_a_page_of_the_database_that_cannot_be_read(data: Path) -> None:
    change(data, "vacuum")
    path = data / "registry.db"
    damaged = bytearray(path.read_bytes())
    damaged[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    path.write_bytes(damaged)
    assert places(fsck(data))[0] == "file registry.db"
