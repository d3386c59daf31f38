"""`sign --private` and `sign --supersedes` as their users meet them."""

import json
from pathlib import Path

import pytest
from commandline import Run, Served

pytestmark = pytest.mark.loopback
EVERYONE = "  log       still shows everyone that you signed something now"


def signed(run: Run, *arguments: str) -> str:
    ran = run("sign", *arguments, "--json")
    assert ran.exit == 0, ran.err
    return str(json.loads(ran.out)["id"])


def test_private_says_what_its_leaf_still_shows_and_is_not_found(ana: Run) -> None:
    Path("secret.txt").write_text("a secret of test_private")
    ran = ana("sign", "secret.txt", "--private", "--title", "Hidden")
    assert ran.exit == 0, ran.err
    assert EVERYONE in ran.err
    assert "no list names it and no search finds it" in ran.err
    assert "whoever has it can open it" in ran.err
    assert ana("verify", "secret.txt", "--signer", "@ana").exit == 0
    shown = ana("show", "secret.txt.touchplate.json")
    assert "  private   no list names it" in shown.out
    Path("secret.txt.touchplate.json").rename("../elsewhere.json")
    looked = ana("verify", "secret.txt", "--online")
    assert (looked.exit, "Nothing is recorded" in looked.last) == (3, True)


def test_a_replaced_work_says_so_and_still_exits_0(ana: Run, served: Served) -> None:
    Path("plan.txt").write_text("one")
    first = signed(ana, "plan.txt")
    Path("new.txt").write_text("two")
    ran = ana("sign", "new.txt", "--supersedes", first.upper(), "--json")
    assert ran.exit == 0, ran.err
    assert f"  replaces  {first}" in ran.err
    second = json.loads(ran.out)["id"]
    here = ana("verify", "plan.txt", "--signer", "@ana")  # by the status that `sign` kept
    assert (here.exit, here.last.split("  ")[0]) == (0, "SUPERSEDED")
    online = ana("verify", "plan.txt", "--online", "--json")
    found = json.loads(online.out)
    assert (online.exit, found["verdict"]) == (0, "superseded")
    assert [item["code"] for item in found["reasons"]] == ["superseded"]
    by_id = json.loads(ana("show", first, "--json").out)
    assert by_id["supersededBy"] == second
    assert f"{served.url}/v/{second}" in by_id["sentence"]
    both = ana("verify", "plan.txt", "new.txt")
    assert (both.exit, both.last.split("  ")[0]) == (0, "SUPERSEDED")
    assert "All 2 hold, and 1 of them is not the newest: plan.txt" in both.last


def test_what_is_not_mine_or_not_there_is_refused_before_signing(ana: Run) -> None:
    Path("x.txt").write_text("x")
    gone = ana("sign", "x.txt", "--supersedes", "0" * 16)
    assert (gone.exit, "nothing is recorded" in gone.why) == (3, True)
    first = signed(ana, "x.txt", "--private")
    Path("y.txt").write_text("y")
    leak = ana("sign", "y.txt", "--supersedes", first)
    assert (leak.exit, "--private too" in leak.why) == (7, True)
    assert not Path("y.txt.touchplate.json").exists()
    assert ana("push").err.strip() == "nothing waits for delivery"
    assert signed(ana, "y.txt", "--supersedes", first, "--private")


def test_a_replacement_that_was_signed_offline_is_pushed(ana: Run) -> None:
    Path("a.txt").write_text("offline one")
    first = signed(ana, "a.txt")
    Path("b.txt").write_text("offline two")
    assert ana("sign", "b.txt", "--supersedes", first, "--offline").exit == 0
    pushed = ana("push")
    assert pushed.exit == 0, pushed.err
    assert Path("b.txt.touchplate.json").exists()
    assert ana("verify", "a.txt").last.startswith("SUPERSEDED")
