"""Agents on the command line: made, signing unattended, listed, ended; against a real registry."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from commandline import Ran, Run, Served

from trust_cli import agents
from trust_cli.home import Home, RegistryFolder

pytestmark = pytest.mark.loopback

LIMITS = ("--path", "*.md", "--media-type", "text/*")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "agents"


class Ana:
    """Ana in a copy of her home: everything that wants her passphrase gets it."""

    def __init__(self, run: Run, served: Served) -> None:
        self._run, self._secret = run, served.passphrase

    def __call__(self, line: str, *more: str | Path) -> Ran:
        return self._run(*line.split(), *more)

    def by_hand(self, line: str, *more: str | Path) -> Ran:
        return self(line, *more, "--passphrase-file", self._secret)


@pytest.fixture
def she(run: Run, served: Served, tmp_path: Path) -> Ana:
    shutil.copytree(served.home, tmp_path / "home")
    return Ana(run, served)


@pytest.fixture
def poet(she: Ana) -> Iterator[str]:
    """The name of an agent of Ana's that may sign posts; ended after the test."""
    name = f"poet-{os.getpid()}"
    made = she.by_hand(f"agent new {name}", *LIMITS)
    assert made.exit == 0, made.err
    assert "may sign  text/* under *.md, 20 a day, 200 in all" in made.err
    yield name
    she.by_hand(f"agent revoke {name}")


def folder(tmp_path: Path, served: Served) -> RegistryFolder:
    return Home(str(tmp_path / "home")).folder(served.url.partition("://")[2])


def test_an_agent_signs_unattended_and_anyone_verifies_it(she: Ana, poet: str) -> None:
    Path("one.md").write_text("hello")
    signed = she(f"sign one.md --agent {poet} --json")
    assert signed.exit == 0, signed.err
    document = json.loads(signed.out)
    assert document["verdict"]["signer"]["delegation"]["agent"] >= 1
    verified = she("verify one.md --signer @ana")
    assert verified.exit == 0
    assert verified.last.startswith("VALID  Agent ")
    assert ", under a delegation of " in verified.last
    today = she("verify one.md --signer @ana --online")
    assert today.exit == 0, today.last


def test_out_of_scope_is_refused_before_a_number_is_used(
    she: Ana, poet: str, tmp_path: Path, served: Served
) -> None:
    Path("one.exe").write_text("hello")
    refused = she(f"sign one.exe --agent {poet}")
    assert (refused.exit, Path("one.exe.touchplate.json").exists()) == (7, False)
    assert refused.why.startswith("NOT ALLOWED  agent ")
    assert refused.why.endswith("out of scope: 'one.exe' is outside the paths *.md")
    assert not Path(folder(tmp_path, served).place("agents", poet, "numbers")).exists()


def test_the_list_counts_works_and_acts(she: Ana, poet: str) -> None:
    Path("one.md").write_text("hello")
    she(f"sign one.md --agent {poet}")
    listed = json.loads(she("agent list --json").out)
    [mine] = [item for item in listed["agents"] if item["name"] == poet]
    assert (mine["live"], mine["outputs"], mine["outputsToday"]) == (True, 1, 1)
    assert listed["agents"][0]["live"]
    assert listed["acts"] >= 1
    shown = she("agent list")
    assert f"{poet}" in shown.out
    assert "It does not say that anybody looked" in " ".join(shown.out.split())


def test_an_ended_agent_signs_no_more_and_what_it_signed_stands(she: Ana, poet: str) -> None:
    Path("one.md").write_text("hello")
    she(f"sign one.md --agent {poet}")
    ended = she.by_hand(f"agent revoke {poet}")
    assert ended.exit == 0, ended.err
    again = she(f"sign one.md --agent {poet}")
    assert again.exit == 3
    assert "no agent" in again.why
    assert she("verify one.md --signer @ana --online").exit == 0


def test_a_copy_of_the_key_that_its_person_ended_elsewhere(
    she: Ana, poet: str, tmp_path: Path, served: Served
) -> None:
    """Whoever has stolen an agent's folder is refused by the registry."""
    agent = agents.required(folder(tmp_path, served), poet)
    kept = {path: path.read_bytes() for path in files(folder(tmp_path, served), poet)}
    she.by_hand(f"agent revoke {agent.delegation}")
    for path, data in kept.items():
        path.write_bytes(data)
    Path("one.md").write_text("hello")
    refused = she(f"sign one.md --agent {poet}")
    assert refused.exit == 7
    assert "is no longer in force: withdrawn on " in refused.why
    for path in kept:
        path.unlink()


def files(place: RegistryFolder, name: str) -> list[Path]:
    return [path for path in Path(place.place("agents", name)).iterdir() if path.is_file()]


def test_a_name_is_taken_until_its_agent_ends(she: Ana, poet: str) -> None:
    again = she.by_hand(f"agent new {poet}")
    assert (again.exit, "touchplate agent revoke" in again.why) == (8, True)


def test_an_agent_that_a_human_reviews_writes_its_dossier_and_says_so(she: Ana) -> None:
    made = she.by_hand("agent new reviewed --human-review")
    assert made.exit == 0, made.err
    Path("one.md").write_text("hello")
    signed = she("sign one.md --agent reviewed")
    assert signed.exit == 0, signed.err
    assert "a human was to review what the agent signs" in " ".join(signed.err.split())
    assert she("verify one.md").exit == 6
    she.by_hand("agent revoke reviewed")


@pytest.mark.parametrize(
    ("options", "exit_status", "words"),
    [
        ("../x", 2, "'../x', expected 1 to 32 of a-z"),
        ("x --days 91", 2, "91, expected 1 to 90 days"),
        ("x --path /etc/*", 2, "'/etc/*' is not a plain relative path"),
        ("x --media-type horse/*", 2, "'horse/*' is the type of no suffix"),
        ("x --media-type image", 2, "'image', expected type/subtype"),
        ("x --per-day 0", 2, "0, expected at least 1"),
        ("x --enterprise 123", 2, "an id has 16"),
    ],
)
def test_bad_limits_get_one_line_and_make_no_key(
    she: Ana, tmp_path: Path, served: Served, options: str, exit_status: int, words: str
) -> None:
    made = she.by_hand(f"agent new {options}")
    assert (made.exit, words in made.why) == (exit_status, True), made.why
    assert agents.known(folder(tmp_path, served)) == []


def test_numbers_are_used_once_however_many_ask_at_a_time(tmp_path: Path) -> None:
    place, found = str(tmp_path / "numbers"), list[int]()

    def take() -> None:
        for _ in range(25):
            found.append(agents._next_number(place))

    crowd = [threading.Thread(target=take) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(set(found)) == len(found) == 200


@pytest.mark.parametrize("example", ["sign_outbox.sh", "sign_outbox.py"])
def test_the_examples_sign_what_a_program_leaves(she: Ana, poet: str, example: str) -> None:
    outbox = Path("outbox")
    outbox.mkdir()
    (outbox / "one.md").write_text("one")
    (outbox / "two.md").write_text("two")
    (outbox / "three.exe").write_text("three")
    shell = ["sh"] if example.endswith("sh") else [sys.executable]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    ran = subprocess.run(
        [*shell, str(EXAMPLES / example), poet, "outbox"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode in {1, 7}, ran.stderr
    assert "three.exe" in ran.stderr
    made = sorted(path.name for path in outbox.glob("*.touchplate.json"))
    assert made == ["one.md.touchplate.json", "two.md.touchplate.json"]
    assert she("verify outbox/one.md --signer @ana").exit == 0
