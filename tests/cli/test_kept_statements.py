"""A signed statement that is kept is given up only when the registry refused it, never by itself."""

import json
from pathlib import Path

import pytest
from commandline import Run, Served

from trust.client.http import Client
from trust.client.requests import Request
from trust.transport.answer import Answer
from trust_cli.home import Home

pytestmark = pytest.mark.loopback


def waiting(home: Path) -> list[str]:
    """Return the ids that wait."""
    (pinned,) = Home(str(home)).pinned()
    return pinned.folder.pending()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of this test."""
    return tmp_path / "home"


def keep(ana: Run, name: str) -> str:
    """Sign a file offline; return the id that waits."""
    Path(name).write_text(name)
    return str(ana("sign", name, "--offline").out.strip())


def test_push_replaces_no_file_that_came_into_the_place_of_its_dossier(
    ana: Run, home: Path
) -> None:
    kept = keep(ana, "a.txt")
    Path("a.txt.touchplate.json").write_text("a report that took a week")
    ran = ana("push")
    assert (ran.exit, "is no dossier: it is left as it is" in ran.why) == (8, True)
    assert Path("a.txt.touchplate.json").read_text() == "a report that took a week"
    assert waiting(home) == [kept]
    Path("a.txt.touchplate.json").unlink()
    assert ana("push").exit == 0
    assert ana("verify", "a.txt", "--signer", "@ana").exit == 0


def test_a_published_statement_is_not_given_up_when_its_dossier_cannot_be_written(
    ana: Run, home: Path
) -> None:
    Path("out").mkdir()
    Path("a.txt").write_text("a")
    kept = ana("sign", "a.txt", "--offline", "-o", "out/d.touchplate.json").out.strip()
    Path("out").rmdir()
    Path("out").write_text("a file where the folder was")
    ran = ana("push")
    assert (ran.exit, "touchplate push writes its dossier" in ran.why) == (2, True)
    assert waiting(home) == [kept]
    Path("out").unlink()
    Path("out").mkdir()
    assert ana("push").exit == 0
    assert ana("verify", "a.txt", "--bundle", "out/d.touchplate.json").exit == 0


def test_a_kept_statement_that_cannot_be_read_is_not_thrown_away(
    ana: Run, home: Path, served: Served
) -> None:
    first, second = sorted(keep(ana, name) for name in ("a.txt", "b.txt"))
    (pinned,) = Home(str(home)).pinned()
    place = Path(pinned.folder.place("pending", f"{first}.json"))
    place.write_bytes(place.read_bytes()[:-1])
    ran = ana("push")
    assert (ran.exit, f"{first}.json" in ran.why) == (2, True)
    assert waiting(home) == [first]  # and the other one went its way
    assert f"{served.url}/v/{second}" in ran.err


def test_one_that_does_not_hold_does_not_stop_the_others(
    ana: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sorted(keep(ana, name) for name in ("a.txt", "b.txt", "c.txt"))
    send = Client._send

    def lie(self: Client, request: Request) -> Answer:
        return send(self, request._replace(path=request.path.replace(kept[1], kept[0])))

    monkeypatch.setattr(Client, "_send", lie)
    ran = ana("push")
    assert (ran.exit, "not yours" in ran.why) == (1, True)
    assert waiting(home) == [kept[1]]


def test_what_the_registry_refuses_for_good_is_given_up_and_said(ana: Run, home: Path) -> None:
    kept = keep(ana, "a.txt")
    (pinned,) = Home(str(home)).pinned()
    place = Path(pinned.folder.place("pending", f"{kept}.json"))
    document = json.loads(place.read_bytes())
    document["signed"]["private"]["title"] = "another title than the one that was signed"
    place.write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))
    ran = ana("push")
    assert (ran.exit, "sign again, under a new id" in ran.err) == (2, True)
    assert waiting(home) == []
