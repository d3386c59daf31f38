"""Following a log from size to size: what was changed anywhere is found, whatever the sizes."""

import random
from collections.abc import Callable

import pytest

from trust.core.errors import Malformed, NotFound, VerificationFailed
from trust.core.log.checkpoint import EMPTY_ROOT, Checkpoint, log_vkey
from trust.core.log.edge import Edge
from trust.core.log.note import Note, signature_line
from trust.core.log.tile import ENTRIES, WIDTH, TilePath, new_tiles
from trust.core.watching.follower import Growth, follow, read_tree
from trust.custody.signers import Ed25519Signer, generate_ed25519

ORIGIN = "log.example"
SIZES = [0, 1, 2, 3, 255, 256, 257, 511, 512, 600]
Tiles = dict[TilePath, bytes]


class Published:
    """The tiles of a log at some sizes, as a server has them."""

    def __init__(self, *sizes: int, other_from: int | None = None) -> None:
        edge, self.tiles, self.trees = Edge(), Tiles(), {0: Checkpoint(ORIGIN, 0, EMPTY_ROOT)}
        for size in sorted({*sizes} - {0}):
            leaves = [
                b"%d%s" % (at, b"" if other_from is None or at < other_from else b" other")
                for at in range(edge.size, size)
            ]
            self.tiles |= edge.append(leaves)
            self.trees[size] = Checkpoint(ORIGIN, size, edge.root())

    def read(self, path: TilePath) -> bytes:
        if path not in self.tiles:
            raise NotFound(f"no {path}")
        return self.tiles[path]

    def follow(self, old: int, new: int, seen: Checkpoint | None = None) -> Growth:
        taken: list[bytes] = []
        growth = follow(
            seen or self.trees[old],
            self.trees[new],
            self.read,
            lambda _, leaves: taken.extend(leaves),
        )
        assert not growth.holds or growth.findings or len(taken) == new - old
        return growth


PAIRS = [(old, new) for old in SIZES for new in SIZES if old <= new]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_an_honest_log_holds_and_every_flipped_tile_does_not(old: int, new: int) -> None:
    log = Published(old, new)
    assert log.follow(old, new) == Growth(holds=True, findings=())
    for path in new_tiles(old, new):
        data = log.tiles[path]
        log.tiles[path] = bytes([data[0] ^ 1]) + data[1:]
        assert log.follow(old, new).findings, path
        log.tiles[path] = data


def test_every_hash_of_every_tile_of_many_sizes() -> None:
    """CVE-2026-56865: a tile client that left tiles unchecked, for some sizes only."""
    chance = random.Random(3)  # noqa: S311 - the same sizes each time
    for size in [259, 519, *(chance.randrange(2, 1100) for _ in range(12))]:
        log = Published(size)
        for path in new_tiles(0, size):
            data = log.tiles[path]
            place = chance.randrange(len(data))
            log.tiles[path] = data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]
            growth = log.follow(0, size)
            assert growth.findings, (size, path)
            assert growth.holds is (path.level != ENTRIES), (size, path)
            log.tiles[path] = data


@pytest.mark.parametrize(("old", "new"), [(3, 3), (3, 9), (256, 300), (300, 600), (600, 601)])
def test_another_history_is_a_fork(old: int, new: int) -> None:
    seen = Published(old).trees[old]
    other = Published(old, new, other_from=old - 1)
    (finding,) = other.follow(old, new, seen).findings
    assert finding.kind == "fork"


def test_a_smaller_log_is_a_rollback() -> None:
    seen = Published(9).trees[9]
    growth = Published(5).follow(0, 5, seen)
    assert (growth.holds, [item.kind for item in growth.findings]) == (False, ["rollback"])


def test_an_entry_that_was_changed_is_named() -> None:
    log = Published(300)
    edge = Edge()
    changed = edge.append([b"%d" % at if at != 77 else b"x" for at in range(WIDTH)])
    log.tiles[TilePath(ENTRIES, 0)] = changed[TilePath(ENTRIES, 0)]
    growth = log.follow(0, 300)
    assert not growth.holds
    assert growth.findings[0].where == "entry 77"


@pytest.mark.parametrize("path", [TilePath(0, 0, 9), TilePath(ENTRIES, 0, 9)])
def test_a_tile_that_is_missing_or_cut_does_not_hold(path: TilePath) -> None:
    log = Published(9)
    log.tiles[path] = log.tiles[path][:-3]
    assert log.follow(0, 9).findings
    del log.tiles[path]
    assert not log.follow(0, 9).holds


KEY = Ed25519Signer(generate_ed25519())
VKEY = log_vkey(ORIGIN, KEY.public_key)


def signed(text: str) -> str:
    return Note(text, (signature_line(VKEY, KEY.sign(text.encode())),)).encode()


def test_a_checkpoint_of_others_may_have_extension_lines() -> None:
    tree = Published(9).trees[9]
    assert read_tree(signed(f"{tree.text()}more\n"), VKEY) == tree


Refusal = tuple[str, type[Exception]]


@pytest.mark.parametrize(
    "make",
    [
        lambda tree: (signed(tree._replace(origin="x.example").text()), VerificationFailed),
        lambda tree: (signed(tree._replace(root=b"short").text()), Malformed),
        lambda tree: (signed(tree._replace(size=0).text()), Malformed),
        lambda _: (signed(f"{ORIGIN}\n"), Malformed),
        lambda tree: (signed(tree.text()).replace("\n9\n", "\n8\n"), VerificationFailed),
    ],
)
def test_a_checkpoint_that_is_none(make: Callable[[Checkpoint], Refusal]) -> None:
    note, error = make(Published(9).trees[9])
    with pytest.raises(error):
        read_tree(note, VKEY)
