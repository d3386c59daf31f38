"""What README and the pages in examples/ show is what the commands print, now and here."""

import difflib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.docs import sessions
from trust.core.verdict import Code

DOCUMENTS = [path for story in sessions.STORIES for path in story]


@pytest.mark.loopback
@pytest.mark.parametrize("story", sessions.STORIES, ids=["readme", "pages"])
def test_the_sessions_of_a_document_show_what_the_commands_print(
    story: Sequence[Path], tmp_path: Path
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed, which the page for marketplaces uses")
    fresh = sessions.play(story, tmp_path, sessions.STAND_INS)
    for path, text in zip(story, fresh, strict=True):
        written = sessions.normal(path.read_text(encoding="utf-8")).split()
        now = sessions.normal(text).split()
        words = difflib.unified_diff(written, now, path.name, "now", n=8, lineterm="")
        difference = " ".join(words)
        assert not difference, f"run `make docs`: {difference}"


def test_the_stand_ins_are_what_make_runs(root: Path) -> None:
    recipes = dict(
        re.findall(r"(?m)^([a-z]+):.*\n\t@\$\(BIN\)/(.+)$", (root / "Makefile").read_text())
    )
    assert sessions.STAND_INS["make demo"].endswith(f"&& {recipes['demo']}")
    assert (
        recipes["test"]
        == "python -m pytest -n $(WORKERS) --ignore=tests/interop --ignore=tests/browser"
    )


@pytest.mark.parametrize("path", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_every_console_of_a_document_is_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    blocks = list(sessions._BLOCK.finditer(text))
    assert text.count("```console") == len(blocks) > 0
    assert str(sessions.ROOT) not in text


def block(body: str) -> str:
    return f"<!-- session: ana -->\n```console\n{body}```\n"


SAID = "$ touchplate sign a\n  page      http://localhost:8080/v/a3ka8367kqk5dw35\n"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (SAID, SAID.replace("a3ka8367kqk5dw35", "zkh7gky5vrzhrebk"), True),
        (SAID, SAID.replace(":8080", ":33555"), True),
        (SAID, SAID.replace("page", "link"), False),
        ("a3ka8367kqk5dw35 a3ka8367kqk5dw35\n", "zkh7gky5vrzhrebk zkh7gky5vrzhrebk\n", True),
        ("a3ka8367kqk5dw35 a3ka8367kqk5dw35\n", "zkh7gky5vrzhrebk a3ka8367kqk5dw35\n", False),
        ("on 25 Nov 2026 at 10:39 UTC\n", "on 1 Dec 2026 between 10:39 and 10:40 UTC\n", True),
        ("folded\n  here\n", "folded here\n", True),
        ("exit 0\n", "exit 1\n", False),
        ("█▀ ▀█\n█▄ ▄█\ntext\n", "▄█ █▄\ntext\n", True),
        ("== 12 passed in 3.00s ==\n", "=== 9 passed, 1 skipped in 90.00s (0:01:30) ===\n", True),
        ("== 12 passed in 3.00s ==\n", "== 1 failed, 11 passed in 3.00s ==\n", False),
    ],
)
def test_only_what_differs_from_run_to_run_may_differ(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    assert (sessions.normal(block(one)) == sessions.normal(block(other))) is same


def test_a_command_of_the_document_gets_the_values_of_this_run() -> None:
    values = sessions.Values()
    values.learn("id a3ka8367kqk5dw35 of 8TCX-786C-Y8M7", "id zkh7gky5vrzhrebk of J7Z8-PGY9-SCDW")
    command = "touchplate withdraw a3ka8367kqk5dw35 # 8TCX-786C-Y8M7"
    assert values.translated(command) == "touchplate withdraw zkh7gky5vrzhrebk # J7Z8-PGY9-SCDW"


def test_a_command_goes_on_over_lines() -> None:
    (step,) = sessions.steps("$ cat <<END\n> a\n>\n>   b\n> END\nshown\n", marked=True)
    assert (step.command, step.output) == ("cat <<END\na\n\n  b\nEND", "shown\n")


def test_the_page_for_customers_has_every_verdict(root: Path) -> None:
    text = (root / "examples/customer.md").read_text(encoding="utf-8")
    rows = {
        (label, int(number))
        for number, labels in re.findall(r"(?m)^\| (\d) \| (.+?) \|", text)
        for label in re.findall(r"`([A-Z ]+)`", labels)
    }
    verdicts = {(code.value.upper().replace("_", " "), code.exit_status) for code in Code}
    assert rows == verdicts | {("USAGE", 2)}
