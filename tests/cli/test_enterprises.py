"""A firm on the command line: founded, joined, signed for, released and left; a real registry."""

import json
import shutil
from pathlib import Path

import pytest
from commandline import Ran, Run, Served

pytestmark = pytest.mark.loopback


class Desk:
    """Two people at two homes: whoever is asked for runs the command."""

    def __init__(self, run: Run, served: Served, homes: Path, patch: pytest.MonkeyPatch) -> None:
        self._run, self._served, self._homes, self._patch = run, served, homes, patch
        shutil.copytree(served.home, homes / "ana")
        self.ben = f"ben-{abs(hash(str(homes))) % 10**8}"
        join = f"join --registry {served.url} --handle {self.ben} --key {served.code}"
        self.by_hand("ben", join)

    def __call__(self, who: str, line: str, *more: str | Path) -> Ran:
        self._patch.setenv("TOUCHPLATE_HOME", str(self._homes / who))
        return self._run(*line.split(), *more)

    def by_hand(self, who: str, line: str, *more: str | Path) -> Ran:
        """Run what wants a passphrase; it must succeed."""
        ran = self.tried(who, line, *more)
        assert ran.exit == 0, ran.err
        return ran

    def tried(self, who: str, line: str, *more: str | Path) -> Ran:
        return self(who, line, *more, "--passphrase-file", self._served.passphrase)


@pytest.fixture
def desk(run: Run, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(run, served, tmp_path / "homes", monkeypatch)


def founded(desk: Desk, needed: int = 1) -> str:
    ran = desk.by_hand("ana", f"enterprise found --needed {needed}", "Studio Five")
    return ran.out.strip()


def test_from_founding_to_leaving(desk: Desk) -> None:
    studio = founded(desk, 2)
    invited = desk.by_hand("ana", f"enterprise invite {studio} @{desk.ben}")
    assert f"touchplate enterprise join {studio} --offer {invited.out.strip()}" in invited.err
    desk.by_hand("ben", f"enterprise join {studio} --offer {invited.out.strip()}")
    Path("plans.txt").write_text("plans")
    signed = desk.by_hand("ben", f"sign plans.txt --on-behalf-of {studio} --json")
    assert json.loads(signed.out)["verdict"]["signer"]["enterprise"]["approved"] == 1
    waiting = desk("ben", "verify plans.txt")
    assert waiting.exit == 6
    assert "fewer members of the enterprise than it wants have approved" in waiting.last
    desk.by_hand("ana", f"release {json.loads(signed.out)['id']}")
    Path("plans.txt.touchplate.json").unlink()
    approved = desk("ben", "verify plans.txt --online")
    assert approved.exit == 0
    firm = "of the enterprise “Studio Five” (approved by 2 of its members, 2 must) at "
    assert f"@{desk.ben} {firm}" in approved.last
    desk.by_hand("ben", f"enterprise leave {studio}")
    refused = desk.tried("ben", f"sign plans.txt --on-behalf-of {studio}")
    assert (refused.exit, "is no member of the enterprise" in refused.why) == (7, True)
    assert desk("ben", "verify plans.txt --online").exit == 0
    shown = desk("ana", f"enterprise show {studio}")
    assert "and answers for what they signed before" in " ".join(shown.out.split())


def test_what_is_mistyped_or_not_allowed_is_said_in_one_line(desk: Desk) -> None:
    studio = founded(desk)
    for who, line, exit_status, words in (
        ("ben", f"enterprise leave {studio}", 7, "is no member"),
        ("ben", f"enterprise join {studio} --offer {studio}", 7, "is no offer of a membership"),
        ("ana", f"enterprise invite {studio} @nobody-here", 3, "no person"),
        ("ana", "enterprise invite 123 @ben", 2, "an id has 16"),
        ("ana", "enterprise found X --needed 6", 2, "6, expected 1 to 5"),
        ("ana", f"release {studio}", 3, "no work that could be released"),
    ):
        ran = desk.tried(who, line)
        assert (ran.exit, words in ran.why) == (exit_status, True), (line, ran.err)
    assert desk("ana", "enterprise show 0000000000000000").exit == 3


def test_an_agent_for_the_firm_needs_a_scope_that_names_it(desk: Desk) -> None:
    studio = founded(desk)
    desk.by_hand("ana", f"agent new firm-agent --enterprise {studio}")
    Path("a.txt").write_text("a")
    alone = desk("ana", "sign a.txt --agent firm-agent")
    assert (alone.exit, "the delegation is for the enterprise" in alone.why) == (7, True)
    signed = desk("ana", f"sign a.txt --agent firm-agent --on-behalf-of {studio}")
    assert signed.exit == 0, signed.err
    assert " of the enterprise “Studio Five” at " in desk("ana", "verify a.txt").last
