"""A restored copy must not sign below what the world has seen: that would be a second history."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import PASSPHRASE, World

from trust.commands.server import listen, serving
from trust.core.errors import Conflict, NotAllowed
from trust.core.log.checkpoint import SignedCheckpoint
from trust.core.log.merkle import prove_consistency
from trust.core.log.note import Note
from trust.core.log.tile import hash_reader
from trust.core.log.witness import WitnessPolicy
from trust.service.backup import back_up, restore
from trust.service.registry import Registry
from trust.service.restored import MARK, Mark, check_restored
from trust.service.settings import Settings
from trust.service.witnesses import Prove, Witnesses
from trust.transport.url import url_prefix
from trust.witness.app import create_app
from trust.witness.settings import Settings as WitnessSettings
from trust.witness.witness import Witness

NOW = 1_793_714_527
POLICY = "{}quorum none\n"


def open_copy(world: World, folder: Path, **options: object) -> Registry:
    settings = Settings(folder, world.settings.public_url, port=8123, **options)  # type: ignore[arg-type]
    return Registry.open(settings, PASSPHRASE, world.clock)


@pytest.fixture
def copy(world: World, tmp_path: Path) -> Path:
    """A copy of a log that went on after it was made."""
    ana = world.join("ana")
    back_up(world.settings.data, tmp_path / "backup", NOW)
    restore(tmp_path / "backup", tmp_path / "copy")
    ana.sign({"a.txt": b"a"})
    return tmp_path / "copy"


def test_without_a_witness_it_takes_the_word_of_its_operator(world: World, copy: Path) -> None:
    mark = Mark.read(copy)
    assert mark is not None
    note = (copy / "public" / world.registry.trust.newest_log.origin / "checkpoint").read_bytes()
    with pytest.raises(NotAllowed, match=f"serve --restored-at {mark.size}"):
        open_copy(world, copy)
    with pytest.raises(Conflict, match=f"this copy has {mark.size} entries"):
        open_copy(world, copy, restored_at=mark.size + 1)
    assert (copy / MARK).exists()
    public = copy / "public" / world.registry.trust.newest_log.origin
    assert (public / "checkpoint").read_bytes() == note  # nothing was signed
    open_copy(world, copy, restored_at=mark.size).close()
    assert not (copy / MARK).exists()
    open_copy(world, copy).close()  # from now on it is the log


def test_read_only_it_serves_what_is_there(world: World, copy: Path) -> None:
    with open_copy(world, copy, read_only=True) as registry:
        assert registry.person("@ana")["attestations"] == 0
    assert (copy / MARK).exists()


class Watched:
    """A witness on this machine that follows the log of a world."""

    def __init__(self, world: World, url: str, vkey: str) -> None:
        self.world = world
        self.text = POLICY.format(f"witness north {vkey} {url}\n")
        self.policy = WitnessPolicy.parse(self.text)

    def cosign(self) -> None:
        """Have the newest checkpoint cosigned."""
        witnessed = Witnesses(self.policy).cosign(signed(self.world.registry), proof(self.world))
        assert witnessed.faults == ()


def signed(registry: Registry) -> SignedCheckpoint:
    return registry._published.checkpoint


def proof(world: World) -> Prove:
    tiles = world.registry._tiles
    return lambda old, new: prove_consistency(old, new, hash_reader(new, tiles.read))


@contextlib.contextmanager
def watching(world: World, folder: Path) -> Iterator[Watched]:
    log = world.registry.trust.newest_log
    settings = WitnessSettings(
        folder, url_prefix("http://localhost:7380", "test"), {log.origin: (log.log_key,)}, None
    )
    with (
        Witness.open(settings, PASSPHRASE, world.clock) as witness,
        listen("127.0.0.1", 0) as bound,
        serving(create_app(witness), bound),
    ):
        yield Watched(world, f"http://localhost:{bound.getsockname()[1]}", str(witness.vkey))


def check(world: World, mark: Mark, watched: Watched, assured: int | None = None) -> None:
    newest = signed(world.registry)
    check_restored(mark, newest, [watched.policy], proof(world), assured)


@pytest.mark.loopback
def test_a_witness_that_saw_more_is_named_with_what_it_saw(world: World, tmp_path: Path) -> None:
    """The registry restores last week's backup; the witness remembers this week."""
    ana = world.join("ana")
    back_up(world.settings.data, tmp_path / "backup", NOW)
    old = world.registry.facts().size
    with watching(world, tmp_path / "witness") as watched:
        ana.sign({"a.txt": b"a"})
        watched.cosign()
        restore(tmp_path / "backup", tmp_path / "copy")
        said = f"witness north holds a checkpoint of {old + 1} entries.*has {old}"
        for assured in (None, old):  # no word stands against a signature
            with pytest.raises(NotAllowed, match=said):
                open_copy(
                    world, tmp_path / "copy", witness_policy=watched.text, restored_at=assured
                )


@pytest.mark.loopback
def test_a_registry_asks_the_witnesses_of_its_policy_before_it_signs(
    world: World, tmp_path: Path
) -> None:
    """The whole way: serve with a witness, back up, go on, lose the disk, restore, start."""
    ana = world.join("ana")
    with watching(world, tmp_path / "witness") as watched:
        policy = {"witness_policy": watched.text}
        back_up(world.settings.data, tmp_path / "old", NOW)
        ana.sign({"a.txt": b"a"})
        watched.cosign()
        size = world.registry.facts().size
        back_up(world.settings.data, tmp_path / "new", NOW)
        world.close()
        restore(tmp_path / "old", tmp_path / "old copy")
        with pytest.raises(NotAllowed, match=f"witness north holds a checkpoint of {size} entries"):
            open_copy(world, tmp_path / "old copy", **policy)
        with open_copy(world, tmp_path / "old copy", read_only=True, **policy) as still:
            assert still.facts().size == size - 1
        restore(tmp_path / "new", tmp_path / "new copy")
        with open_copy(world, tmp_path / "new copy", **policy) as registry:
            assert registry.facts().size > size  # the next trust file, with its witness
            assert len(Note.parse(registry.checkpoint()).signatures) == 3  # log, clock, witness
    world.registry = world.open()


@pytest.mark.loopback
def test_a_copy_that_is_as_far_as_its_witness_may_sign(world: World, tmp_path: Path) -> None:
    world.join("ana")
    mark = Mark(world.registry.facts().size, "then")
    with watching(world, tmp_path / "witness") as watched:
        watched.cosign()
        check(world, mark, watched)


@pytest.mark.loopback
def test_a_witness_that_is_gone_says_nothing(world: World, tmp_path: Path) -> None:
    size = world.registry.facts().size
    with watching(world, tmp_path / "witness") as watched:
        watched.cosign()
    mark = Mark(size, "then")
    with pytest.raises(NotAllowed, match="no witness can say"):
        check(world, mark, watched)
    check(world, mark, watched, assured=size)


@pytest.mark.loopback
def test_a_witness_that_has_never_seen_the_log_vouches_for_nothing(
    world: World, tmp_path: Path
) -> None:
    """The old witness is gone, a new one is named instead: it would cosign any copy."""
    size = world.registry.facts().size
    with watching(world, tmp_path / "witness") as fresh:
        mark = Mark(size, "then")
        for _ in range(2):  # to be asked is not to have seen
            with pytest.raises(NotAllowed, match="witness north: has recorded nothing"):
                check(world, mark, fresh)
        check(world, mark, fresh, assured=size)


@pytest.mark.loopback
def test_another_witness_policy_does_not_silence_the_old_witness(
    world: World, tmp_path: Path
) -> None:
    """The old one holds more than the copy has; the new policy does not name it any more."""
    ana = world.join("ana")
    with watching(world, tmp_path / "old") as old, watching(world, tmp_path / "new") as new:
        world.close()
        world.registry = open_copy(world, world.settings.data, witness_policy=old.text)
        back_up(world.settings.data, tmp_path / "backup", NOW)
        ana.sign({"a.txt": b"a"})
        size = world.registry.facts().size
        world.close()
        restore(tmp_path / "backup", tmp_path / "copy")
        said = f"witness north holds a checkpoint of {size} entries"
        with pytest.raises(NotAllowed, match=said):
            open_copy(world, tmp_path / "copy", witness_policy=new.text, restored_at=size - 1)
    world.registry = world.open()
