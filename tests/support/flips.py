"""Bit flips in what a registry has committed, for the tests of `fsck` and the fault harness.

`targets` lists what can be flipped in a closed registry's folder; `flip` flips one bit of one.
Nothing of a running registry is touched: whoever flips works on a copy.
"""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

COMMITTED = {
    "entries": ("id", "type", "scid", "leaf", "payload", "signature", "certificate", "token"),
    "private_parts": ("digest", "document"),
    "did_entries": ("scid", "document"),
    "checkpoints": ("note", "snapshot"),
    "certificates": ("scid", "der", "enrolment"),
    "joins": ("scid", "request"),
    "trust_files": ("document",),
}


class Target(NamedTuple):
    """A published file, or a value in the database by its rowid; `size` in bytes."""

    place: str  # a path in the data folder, or table and column
    rowid: int | None
    size: int


class Flip(NamedTuple):
    """One flipped bit."""

    target: Target
    bit: int

    def __str__(self) -> str:
        """Name it for the message of a failed test."""
        row = "" if self.target.rowid is None else f" row {self.target.rowid}"
        return f"{self.target.place}{row}, byte {self.bit // 8}, bit {self.bit % 8}"


def targets(data: Path) -> list[Target]:
    """Return every published file and every committed value of a closed registry."""
    files = sorted(
        path
        for path in (data / "public").rglob("*")
        if path.is_file() and not path.name.startswith(".")  # a lock, which says nothing
    )
    found = [Target(str(path.relative_to(data)), None, path.stat().st_size) for path in files]
    return [*found, *_values(data)]


def choose(found: list[Target], seed: int, count: int) -> Iterator[Flip]:
    """Choose bits: first a kind (tiles, bundles of entries, a column), then a place in it."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    kinds: dict[str, list[Target]] = {}
    for target in found:
        kinds.setdefault(_kind(target), []).append(target)
    names = sorted(kinds)
    for _ in range(count):
        target = chance.choice(kinds[chance.choice(names)])
        yield Flip(target, chance.randrange(target.size * 8))


def flip(data: Path, chosen: Flip) -> None:
    """Flip one bit; flipping it again undoes it."""
    target, bit = chosen
    if target.rowid is None:
        path = data / target.place
        path.chmod(0o644)
        path.write_bytes(flipped(path.read_bytes(), bit))
        return
    table, column = target.place.split(".")
    with sqlite3.connect(data / "registry.db") as connection:
        where = f"from {table} where rowid = ?"
        kind, value = connection.execute(
            f"select typeof({column}), cast({column} as blob) {where}", (target.rowid,)
        ).fetchone()
        changed = flipped(value, bit)
        cast = "cast(? as text)" if kind == "text" else "?"
        connection.execute(
            f"update {table} set {column} = {cast} where rowid = ?",  # noqa: S608
            (changed, target.rowid),
        )
    connection.close()


def flipped(data: bytes, bit: int) -> bytes:
    """Return the data with one bit flipped."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _values(data: Path) -> Iterator[Target]:
    connection = sqlite3.connect(data / "registry.db")
    for table, columns in COMMITTED.items():
        for column in columns:
            sql = f"select rowid, length(cast({column} as blob)) from {table} order by rowid"  # noqa: S608
            for rowid, size in connection.execute(sql):
                if size:
                    yield Target(f"{table}.{column}", rowid, size)
    connection.close()


def _kind(target: Target) -> str:
    if target.rowid is not None:
        return target.place
    *_, origin, name = target.place.split("/", 2)
    assert origin
    return "/".join(name.split("/")[:2])
