"""Tiles: their names, what growth creates, and proofs that are made from them."""

import random
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.encoding import MAX_INTEGER
from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.merkle import (
    check_consistency,
    check_inclusion,
    inclusion_proof,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_from_reader,
    root_hash,
)
from trust.core.log.tile import (
    ENTRIES,
    MAX_ENTRY,
    MAX_LEVEL,
    WIDTH,
    TilePath,
    entry_bundle,
    hash_reader,
    new_tiles,
    parse_entry_bundle,
)

Tiles = dict[TilePath, bytes]
LEAVES = [leaf_hash(b"%d" % place) for place in range(1100)]


def hashes_of(tiles: Tiles, size: int, leaves: list[bytes]) -> Tiles:
    """Fill every tile that a log of `size` leaves serves, without any code of the reader."""
    for path in new_tiles(0, size):
        if path.level != ENTRIES:
            unit = WIDTH**path.level
            first = path.number * WIDTH
            tiles[path] = b"".join(
                root_hash(leaves[at * unit : (at + 1) * unit])
                for at in range(first, first + path.width)
            )
    return tiles


PATHS = {
    "tile/0/000": TilePath(0, 0),
    "tile/0/000.p/1": TilePath(0, 0, 1),
    "tile/7/255.p/255": TilePath(7, 255, 255),
    "tile/0/999": TilePath(0, 999),
    "tile/0/x001/000": TilePath(0, 1000),
    "tile/1/x001/x234/067": TilePath(1, 1234067),
    "tile/entries/x001/x234/067.p/17": TilePath(ENTRIES, 1234067, 17),
    "tile/entries/000": TilePath(ENTRIES, 0),
}


@pytest.mark.parametrize("text", PATHS)
def test_paths_of_both_families(text: str) -> None:
    path = PATHS[text]
    assert (TilePath.parse(text), str(path)) == (path, text)
    in_go = text.replace("tile/", "tile/8/").replace("entries", "data")
    assert (TilePath.parse(in_go), path.in_go()) == (path, in_go)


@given(st.integers(-1, MAX_LEVEL), st.integers(0, MAX_INTEGER // WIDTH), st.integers(1, WIDTH))
def test_every_path_comes_back(level: int, number: int, width: int) -> None:
    path = TilePath(level, number, width)
    assert TilePath.parse(str(path)) == TilePath.parse(path.in_go()) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/000",  # a leading group of zeros
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/X001/000",
        "tile/00/000",
        "tile/8/000",
        "tile/8/8/000",
        "tile/9/0/000",
        "tile/8/entries/000",
        "tile/data/000",
        "tile/-1/000",
        "tile/Entries/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/999",
        "tile/0/000.p/1000",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.P/1",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/000 ",
        "/tile/0/000",
        "tile//0/000",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/000.p/\u0661",
        "tile/0/../../etc/passwd",
        "tile/0/..%2f..%2fcheckpoint",
        "tile/0/x../000",
        "tile/0/000\0",
        "tile\\0\\000",
        "tile/0/-01",
        "tile/0/+01",
        "tile/0/x001/x000/x000/x000/x000/x000/000",  # seven groups
        "tile/0/" + "x999/" * 2000 + "999",  # a number that int() refuses to read
        "tile/0/" + "x999/" * 100_000,
    ],
)
def test_every_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        TilePath.parse(text)


def test_growth_as_the_reference_says() -> None:
    assert [str(path) for path in new_tiles(0, 256) if path.level != ENTRIES] == [
        "tile/0/000",
        "tile/1/000.p/1",
    ]
    paths = [str(path) for path in new_tiles(0, 70_000) if path.level != ENTRIES]
    assert paths[:273] == [str(TilePath(0, number)) for number in range(273)]
    assert paths[273:] == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert [str(path) for path in new_tiles(255, 257)] == [
        "tile/entries/000",
        "tile/entries/001.p/1",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
    ]
    assert list(new_tiles(0, 0)) == list(new_tiles(300, 300)) == []


def served(size: int) -> set[TilePath]:
    """What C2SP demands of a log that published `size`: full tiles and the last partial ones."""
    found = set()
    for level in (ENTRIES, *range(MAX_LEVEL + 1)):
        count = size // WIDTH ** max(level, 0)
        found |= {TilePath(level, number) for number in range(count // WIDTH)}
        if count % WIDTH:
            found.add(TilePath(level, count // WIDTH, count % WIDTH))
    return found


@given(st.lists(st.integers(0, 70_000), min_size=1, max_size=4))
def test_growth_in_any_steps_leaves_all_that_must_be_served(sizes: list[int]) -> None:
    kept: set[TilePath] = set()
    old = 0
    for size in sorted(sizes):
        created = list(new_tiles(old, size))
        assert len(created) == len(set(created))
        assert not kept & set(created)  # no tile is ever written twice
        kept |= set(created)
        assert served(size) <= kept
        old = size


@pytest.mark.parametrize("sizes", [(5, 3), (-1, 3), (0, 2**53), (False, 3), (0, True), (0, 3.0)])
def test_no_growth_between_what_are_no_sizes(sizes: tuple[int, int]) -> None:
    with pytest.raises(Malformed):
        list(new_tiles(*sizes))


@given(st.lists(st.binary(max_size=300), max_size=WIDTH))
def test_entries_come_back(entries: list[bytes]) -> None:
    assert parse_entry_bundle(entry_bundle(entries)) == entries


def test_the_limits_of_a_bundle() -> None:
    longest = bytes(MAX_ENTRY)
    assert parse_entry_bundle(entry_bundle([longest])) == [longest]
    assert parse_entry_bundle(entry_bundle([b""] * WIDTH)) == [b""] * WIDTH
    with pytest.raises(Malformed):
        entry_bundle([longest + b"\0"])
    with pytest.raises(Malformed):
        entry_bundle([b""] * (WIDTH + 1))
    with pytest.raises(Malformed, match="more than 256"):
        parse_entry_bundle(bytes(2 * (WIDTH + 1)))


def test_a_bundle_that_is_cut_anywhere_is_refused_or_a_shorter_one() -> None:
    entries = [b"one", b"", b"three"]
    data = entry_bundle(entries)
    ends = {len(entry_bundle(entries[:count])): count for count in range(4)}
    for cut in range(len(data)):
        if cut in ends:
            assert parse_entry_bundle(data[:cut]) == entries[: ends[cut]]
        else:
            with pytest.raises(Malformed, match="cut short"):
                parse_entry_bundle(data[:cut])


SAMPLE = [1, 2, 3, 7, 255, 256, 257, 300, 511, 512, 513, 768, 1000, 1023, 1024, 1099]


@pytest.mark.parametrize("size", SAMPLE)
def test_proofs_from_tiles_are_those_from_all_leaves(size: int) -> None:
    tiles = hashes_of({}, size, LEAVES)
    read = hash_reader(size, tiles.__getitem__)
    leaves = LEAVES[:size]
    root = root_hash(leaves)
    assert root_from_reader(size, read) == root
    for index in {0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        proof = prove_inclusion(index, size, read)
        assert proof == inclusion_proof(index, leaves)
        check_inclusion(index, size, leaves[index], proof, root)
    for old in {1, size // 2, 256, size - 1} & set(range(1, size)):
        proof = prove_consistency(old, size, read)
        check_consistency(old, size, root_hash(leaves[:old]), root, proof)


def test_every_size_up_to_1100_by_tiles() -> None:
    tiles: Tiles = {}
    for size in range(1, 1101):
        for path in new_tiles(size - 1, size):  # only what this one leaf adds
            if path.level != ENTRIES:
                unit = WIDTH**path.level
                last = (path.number * WIDTH + path.width) * unit
                tiles[path] = tiles.get(path._replace(width=path.width - 1), b"") + root_hash(
                    LEAVES[last - unit : last]
                )
        read = hash_reader(size, tiles.__getitem__)
        assert root_from_reader(size, read) == root_hash(LEAVES[:size])


# A log too large to build: every leaf is the same, so that each complete subtree of a level is.
@cache
def uniform(level: int) -> bytes:
    if level == 0:
        return leaf_hash(b"same")
    return node_hash(uniform(level - 1), uniform(level - 1))


@cache
def row(level: int, width: int) -> bytes:
    return uniform(8 * level) * width


def uniform_tile(path: TilePath) -> bytes:
    return row(path.level, path.width)


def large_sizes() -> list[int]:
    rng = random.Random(7)  # noqa: S311 - the same cases on every run
    known = [2**24 - 1, 2**24, 2**24 + 1, 256**3 + 256**2 + 257]
    return known + [rng.randrange(1, 2**24) for _ in range(196)]


def spoilt(path: TilePath, place: int) -> Callable[[TilePath], bytes]:
    """The tiles of the uniform log, with one hash of one tile changed."""
    good = uniform_tile(path)
    bad = good[: 32 * place] + bytes([good[32 * place] ^ 1]) + good[32 * place + 1 :]
    return lambda wanted: bad if wanted == path else uniform_tile(wanted)


def check_leaf(index: int, size: int, read: Callable[[TilePath], bytes], root: bytes) -> None:
    """Do as a client does: leaf hash and proof from tiles, then from the leaf up to the root."""
    hashes = hash_reader(size, read)
    check_inclusion(index, size, hashes(0, index), prove_inclusion(index, size, hashes), root)


def used_places(index: int, size: int) -> dict[TilePath, int]:
    """The tiles that a client uses for this leaf, each with one hash in it that it needs."""
    found: dict[TilePath, int] = {}
    hashes = hash_reader(size, uniform_tile)

    def noting(level: int, place: int) -> bytes:
        tile_level, rest = divmod(level, 8)
        number, inside = divmod(place << rest, WIDTH)
        width = min(WIDTH, size // WIDTH**tile_level - number * WIDTH)
        found.setdefault(TilePath(tile_level, number, width), inside)
        return hashes(level, place)

    noting(0, index)
    prove_inclusion(index, size, noting)
    return found


def refuses_each_changed_hash(index: int, size: int) -> int:
    """Change one hash in each tile that is used; return how many tiles that were."""
    root = root_from_reader(size, hash_reader(size, uniform_tile))
    check_leaf(index, size, uniform_tile, root)
    used = used_places(index, size)
    for path, place in used.items():
        with pytest.raises(VerificationFailed):
            check_leaf(index, size, spoilt(path, place), root)
    return len(used)


def test_one_changed_hash_in_each_tile_used_is_refused_at_every_size_up_to_1100() -> None:
    # CVE-2026-56865: a client that left tiles unchecked took a forged leaf 0 at some sizes.
    for size in range(1, 1101):
        assert refuses_each_changed_hash(0, size) >= 1
        refuses_each_changed_hash(size * 5 // 7, size)


def test_one_changed_hash_in_each_tile_used_is_refused_in_large_logs() -> None:
    for size in large_sizes():
        assert refuses_each_changed_hash(size * 5 // 7, size) >= 2


@pytest.mark.parametrize("size", [1, 7, 256, 300, 1000])
def test_a_hash_that_is_changed_anywhere_beside_the_leaf_is_refused(size: int) -> None:
    index = size * 5 // 7
    number = index // WIDTH
    path = TilePath(0, number, min(WIDTH, size - number * WIDTH))
    root = root_from_reader(size, hash_reader(size, uniform_tile))
    for place in range(path.width):
        with pytest.raises(VerificationFailed):
            check_leaf(index, size, spoilt(path, place), root)


def test_roots_of_large_logs_need_few_tiles() -> None:
    for size in large_sizes():
        read: list[TilePath] = []

        def noting(path: TilePath, read: list[TilePath] = read) -> bytes:
            read.append(path)
            return uniform_tile(path)

        root_from_reader(size, hash_reader(size, noting))
        assert len(read) == len({path.level for path in read})  # the right edge of each level
        for path in read:
            count = size // WIDTH**path.level
            assert path == TilePath(path.level, (count - 1) // WIDTH, (count - 1) % WIDTH + 1)


@pytest.mark.parametrize("length", [0, 31, 32 * 44 - 1, 32 * 44 + 1, 32 * 256])
def test_a_tile_of_another_length_is_refused(length: int) -> None:
    read = hash_reader(300, lambda path: bytes(length if path.width == 44 else path.width * 32))
    with pytest.raises(Malformed, match=r"tile/0/001\.p/44: .*expected 1408"):
        read(0, 260)


@pytest.mark.parametrize(
    ("level", "place"), [(0, 300), (1, 150), (2, 75), (8, 1), (9, 0), (63, 0), (-1, 0), (0, -1)]
)
def test_a_subtree_that_is_not_complete_is_refused(level: int, place: int) -> None:
    read = hash_reader(300, uniform_tile)
    with pytest.raises(Malformed, match="no complete subtree"):
        read(level, place)


@pytest.mark.parametrize("size", [-1, True, 2**53, 1.0, None])
def test_no_reader_of_what_is_no_size(size: int) -> None:
    with pytest.raises(Malformed):
        hash_reader(size, uniform_tile)
