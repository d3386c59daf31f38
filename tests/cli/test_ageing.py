"""What a home meets after months and years: trust files step by step, certificates that end."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ageing import DAY, Ageing, answering
from commandline import Ran, Run
from world import PASSPHRASE, World

from trust_cli.home import Home

pytestmark = pytest.mark.loopback


@pytest.fixture
def ageing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ageing]:
    """A registry of the test's own that is served, and whose clock is the command's too."""
    made = Ageing(tmp_path / "registry")
    monkeypatch.setattr(time, "time", made.clock)
    (tmp_path / "passphrase").write_bytes(PASSPHRASE + b"\n")
    with made.served():
        yield made


def pinned_version(tmp_path: Path) -> int:
    (pinned,) = Home(str(tmp_path / "home")).pinned()
    return pinned.trust.version


def test_a_home_steps_up_from_version_1_to_3(run: Run, ageing: Ageing, tmp_path: Path) -> None:
    code = ageing.registry.trust.code
    assert run("trust", "add", ageing.url, "--key", code).exit == 0
    assert pinned_version(tmp_path) == 1
    for days in (200, 400):
        ageing.travel(days)
    assert ageing.registry.trust.version == 3
    added = run("trust", "add", ageing.url)
    assert added.exit == 0, added.err
    assert " version 3, good until " in added.out
    assert added.out.rstrip().endswith(f"root key {code}, compared")
    assert pinned_version(tmp_path) == 3
    assert run("trust", "add", ageing.url).exit == 0  # and nothing changes


def test_a_first_pin_takes_the_newest(run: Run, ageing: Ageing, tmp_path: Path) -> None:
    ageing.travel(200)
    assert run("trust", "add", ageing.url, "--key", ageing.registry.trust.code).exit == 0
    assert pinned_version(tmp_path) == 2


class Versions:
    """Versions 1 to 3 of a registry's trust file, and those of one that claims its URL."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.true = self._make(folder / "true")
        self.foreign = self._make(folder / "foreign")

    def _make(self, folder: Path) -> list[bytes]:
        world = World(folder, self.url)
        files = [world.registry.trust_file(None)]
        for days in (200, 400):
            world.offset = days * DAY
            world.registry._upkeep.tick()
            files.append(world.registry.trust_file(None))
        world.close()
        return files


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    ageing = Ageing(tmp_path_factory.mktemp("unused"))
    ageing.listener.close()  # a free port, for the URL that stands in the files
    return Versions(tmp_path_factory.mktemp("versions"), ageing.url)


def ask(run: Run, versions: Versions, answers: dict[str, bytes]) -> Ran:
    """Bring the pin up to date from a registry with these answers."""
    with answering(int(versions.url.rpartition(":")[2]), answers):
        return run("trust", "add", versions.url)


def pin(run: Run, versions: Versions, *numbers: int) -> None:
    for number in numbers:
        Path("trust.json").write_bytes(versions.true[number - 1])
        added = run("trust", "add", "trust.json")
        assert added.exit == 0, added.err


@pytest.mark.parametrize(
    ("newest", "second", "exit_status", "why"),
    [
        ("true 3", "true 3", 8, "the versions between are missing"),  # a gap
        ("true 3", None, 75, "answered 404"),  # a version that is gone
        ("true 3", "foreign 2", 1, "0 of 1 root signatures"),  # by another key
        ("true 3", "true 1", 8, ""),  # standing still
        ("foreign 2", None, 1, "0 of 1 root signatures"),
        ("foreign 1", None, 8, "another trust file"),  # a twin of what is pinned
    ],
)
def test_steps_that_do_not_hold_are_refused_and_the_pin_stays(
    run: Run,
    versions: Versions,
    tmp_path: Path,
    newest: str,
    second: str | None,
    exit_status: int,
    why: str,
) -> None:
    def document(name: str) -> bytes:
        kind, number = name.split()
        files: list[bytes] = getattr(versions, kind)
        return files[int(number) - 1]

    pin(run, versions, 1)
    answers = {"/v1/trust": document(newest)}
    if second is not None:
        answers["/v1/trust/2"] = document(second)
    answer = ask(run, versions, answers)
    assert (answer.exit, why in answer.why) == (exit_status, True), answer.err
    assert pinned_version(tmp_path) == 1


@pytest.mark.parametrize("older", [1, 2])
def test_an_older_version_is_never_taken(
    run: Run, versions: Versions, tmp_path: Path, older: int
) -> None:
    pin(run, versions, 1, 2, 3)
    answer = ask(run, versions, {"/v1/trust": versions.true[older - 1]})
    assert (answer.exit, "an older version is never taken" in answer.why) == (8, True), answer.err
    Path("older.json").write_bytes(versions.true[older - 1])
    assert run("trust", "add", "older.json").exit == 8
    assert pinned_version(tmp_path) == 3


def test_a_file_that_leaves_out_a_version_says_how_to_get_it(
    run: Run, versions: Versions, tmp_path: Path
) -> None:
    pin(run, versions, 1)
    Path("third.json").write_bytes(versions.true[2])
    answer = run("trust", "add", "third.json")
    assert (answer.exit, f"touchplate trust add {versions.url}" in answer.why) == (8, True)
    assert pinned_version(tmp_path) == 1


def test_a_dossier_of_version_1_verifies_after_its_trust_file_has_ended(
    run: Run, ageing: Ageing, tmp_path: Path
) -> None:
    secret = ("--passphrase-file", tmp_path / "passphrase")
    code = ageing.registry.trust.code
    joined = run("join", "--registry", ageing.url, "--handle", "ana", "--key", code, *secret)
    assert joined.exit == 0, joined.err
    Path("a.txt").write_text("the work")
    assert run("sign", "a.txt", *secret).exit == 0
    ageing.travel(370)
    late = run("verify", "a.txt", "--signer", "@ana")
    assert (late.exit, "trust file" in late.out) == (6, True), late.out + late.err
    online = run("verify", "a.txt", "--signer", "@ana", "--online")
    assert online.exit == 0, online.out + online.err
    assert pinned_version(tmp_path) == 2
    assert run("verify", "a.txt", "--signer", "@ana").exit == 0  # both were kept
