"""Ask two implementations the same questions and name every question on which they differ.

`python -m tests.reference.differential [COUNT [FIRST_SEED]]` prints the disagreements and the counts.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tests.reference import cases

ROOT = Path(__file__).resolve().parents[2]
CORE = (sys.executable, "-m", "tests.vectors.runner")
SECOND = (sys.executable, "specs/reference/verify.py")
BATCH = 100


class Outcome(NamedTuple):
    """The seeds on which two differ, with both answers; and how often each reason was given."""

    disagreements: list[tuple[int, Any, Any]]
    seen: Counter[str]


def ask(command: tuple[str, ...], questions: Iterable[Any]) -> list[Any]:
    """The answers of an implementation, without the free text."""
    lines = "".join(f"{json.dumps(question)}\n" for question in questions)
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, cwd=ROOT, check=True
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return [{name: item for name, item in a.items() if name != "detail"} for a in answers]


def compare(count: int, first: int, second: tuple[str, ...] = SECOND) -> Outcome:
    """Ask the core and another implementation about `count` cases, from the seed `first` on."""
    disagreements: list[tuple[int, Any, Any]] = []
    seen: Counter[str] = Counter()
    source = islice(cases.questions(first), count)
    while batch := list(islice(source, BATCH)):
        asked = [question for _, question in batch]
        with ThreadPoolExecutor(2) as pool:
            ours, theirs = pool.map(ask, (CORE, second), (asked, asked))
        for (seed, _), one, two in zip(batch, ours, theirs, strict=True):
            seen.update(
                one.get("reasons") or [one.get("reason") or one.get("verdict", one["result"])]
            )
            if one != two:
                disagreements.append((seed, one, two))
    return Outcome(disagreements, seen)


def main(count: int = 10_000, first: int = 0) -> int:
    outcome = compare(count, first)
    for seed, core, second in outcome.disagreements:
        both = f"  core    {json.dumps(core)}\n  second  {json.dumps(second)}\n"
        sys.stdout.write(f"seed {seed}\n{both}")
    reached = ", ".join(f"{reason} {times}" for reason, times in outcome.seen.most_common())
    sys.stdout.write(f"reached: {reached}\n{count} cases, ")
    sys.stdout.write(f"{len(outcome.disagreements)} disagreements\n")
    return 1 if outcome.disagreements else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
