"""The second implementation answers every vector as it must be answered."""

import ast
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.reference.differential import ROOT, SECOND, ask

VECTORS = ROOT / "specs" / "vectors"
EXAMPLES = ROOT / "specs" / "examples"
SCID = "QmcabBvH4DxRFHX2NwXrsGgeMRKFuS4MpYQViK3328rKs1"


def test_it_answers_every_vector_as_expected() -> None:
    paths = sorted([*VECTORS.glob("valid/*/*.json"), *VECTORS.glob("invalid/*/*.json")])
    cases = [json.loads(path.read_text()) for path in paths]
    answers = ask(SECOND, ({"object": c["object"], "input": c["input"]} for c in cases))
    wrong = {
        str(path.relative_to(VECTORS)): answer
        for path, case, answer in zip(paths, cases, answers, strict=True)
        if answer != case["expected"]
    }
    assert len(paths) > 1000
    assert wrong == {}


def golden_question(folder: Path, case: Any) -> Any:
    digests = {
        name: hashlib.sha256((folder / path).read_bytes()).hexdigest()
        for name, path in case["files"].items()
    }
    given = {
        "material": (folder / case["material"]).read_text(),
        "trust": (folder / "trust.json").read_text(),
        "files": digests,
        "whole": case["whole"],
        "at": case["at"],
        "policy": case["policy"] or {},
    }
    return {"object": "verification", "input": given}


@pytest.mark.parametrize("folder", sorted(VECTORS.glob("golden/*")), ids=lambda path: path.name)
def test_it_judges_what_a_version_wrote_as_on_its_day(folder: Path) -> None:
    cases = json.loads((folder / "expected.json").read_text())
    answers = ask(SECOND, (golden_question(folder, case) for case in cases))
    told = ("verdict", "exit", "reasons")
    assert [[answer[name] for name in told] for answer in answers] == [
        [case[name] for name in told] for case in cases
    ]


def test_it_says_what_it_does_not_know() -> None:
    assert ask(SECOND, [{"object": "horoscope", "input": {}}]) == [{"result": "unsupported"}]


def test_it_shares_no_code_with_ours() -> None:
    tree = ast.parse((ROOT / SECOND[1]).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - {"cryptography"} <= sys.stdlib_module_names


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    trust = ("--trust", EXAMPLES / "trust.json", "--at", "2026-11-03T16:00:00Z")
    return subprocess.run(
        [*SECOND, *trust, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )


POEM = ("--dossier", EXAMPLES / "poem.txt.touchplate.json")
PLANS = ("--dossier", EXAMPLES / "plans.touchplate.json")


@pytest.mark.parametrize(
    ("arguments", "verdict", "status"),
    [
        ((*POEM, EXAMPLES / "poem.txt"), "valid", 0),
        (POEM, "valid", 0),
        ((*POEM, "--signer", SCID, EXAMPLES / "poem.txt"), "valid", 0),
        ((*POEM, "--signer", SCID.swapcase(), EXAMPLES / "poem.txt"), "other_signer", 4),
        ((*POEM, EXAMPLES / "trust.json"), "mismatch", 1),
        ((*PLANS, EXAMPLES / "plans"), "revoked", 5),
        (("--dossier", EXAMPLES / "poem.txt"), "unreadable", 2),
    ],
)
def test_its_command_line_judges_the_examples(
    arguments: tuple[str | Path, ...], verdict: str, status: int
) -> None:
    done = run(*arguments)
    assert (json.loads(done.stdout)["verdict"], done.returncode) == (verdict, status)


def test_its_command_line_takes_a_directory_as_a_whole(tmp_path: Path) -> None:
    work = tmp_path / "plans"
    shutil.copytree(EXAMPLES / "plans", work)
    shutil.copy(EXAMPLES / "plans.touchplate.json", work)
    assert json.loads(run(*PLANS, work).stdout)["reasons"] == ["withdrawn"]
    (work / "more.txt").write_text("more")
    assert json.loads(run(*PLANS, work).stdout)["reasons"] == ["added", "withdrawn"]
    (work / "back.svg").unlink()
    assert json.loads(run(*PLANS, work).stdout)["reasons"] == ["missing", "withdrawn"]
