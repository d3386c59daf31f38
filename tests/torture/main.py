"""`make torture`: break a registry on purpose, in every way of the table, and count what is lost.

Each part first plants known-bad orders of writing in itself: if one of them passes, or if the
product breaks one promise, the end is exit 1. Parts run in pieces whose results are kept in
build/torture, so that a run that was stopped goes on with the next piece; other code begins anew.

Prints a table and writes build/torture.json (with --short build/torture-short.json): figure name ->
{"value", "unit"}.
"""

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.torture.bits import UNFOUND
from tests.torture.ledger import FAULTS
from tests.torture.outcome import Outcome
from tests.torture.parts import PARTS, Part

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
SHOWN = 5  # details of what did not hold
COLUMNS = (*FAULTS, UNFOUND)


def main() -> int:
    """Run all parts or some; return 0 if every promise held and every planted fault was found."""
    parser = argparse.ArgumentParser(prog="torture", description="break a registry on purpose")
    parser.add_argument("--short", action="store_true", help="what CI has time for")
    parser.add_argument("--cycles", type=int, default=300, help="kills (default 300)")
    parser.add_argument("--part", action="append", choices=[part.name for part in PARTS])
    options = parser.parse_args()
    chosen = [part for part in PARTS if not options.part or part.name in options.part]
    state = State("short" if options.short else "full")
    for part in chosen:
        run(part, part.trials(short=options.short, cycles=options.cycles), state)
    held = show(chosen, state)
    write(chosen, state, BUILD / f"torture{'-short' if options.short else ''}.json")
    return 0 if held else 1


def run(part: Part, trials: int, state: "State") -> None:
    """Let a part do what is left of its trials, and plant its faults if that is not done yet."""
    if not state.planted(part.name):
        began = time.monotonic()
        found = part.plant()
        state.keep_planted(part.name, found)
        say(f"{part.title}: {sum(found.values())} of {len(found)} planted faults found", began)
    while (done := state.outcome(part.name).trials) < trials and not state.outcome(
        part.name
    ).faults:
        began = time.monotonic()
        count = min(part.piece, trials - done)
        with tempfile.TemporaryDirectory(dir=part.folder) as name:
            state.add(part.name, part.run(Path(name), done, count))
        say(f"{part.title}: {state.outcome(part.name).trials} of {trials}", began)


class State:
    """What was done already, by the same code."""

    def __init__(self, name: str) -> None:
        """Read the state of this name, or begin anew."""
        self._path = BUILD / "torture" / f"{name}.json"
        empty: dict[str, Any] = {"code": fingerprint(), "planted": {}, "outcomes": {}}
        self._kept = empty
        if self._path.exists():
            kept = json.loads(self._path.read_bytes())
            if kept["code"] == empty["code"]:
                self._kept = kept
        self._path.parent.mkdir(parents=True, exist_ok=True)

    def planted(self, part: str) -> dict[str, bool]:
        """Which planted faults were found; empty before they were planted."""
        found: dict[str, bool] = self._kept["planted"].get(part, {})
        return found

    def keep_planted(self, part: str, found: dict[str, bool]) -> None:
        """Note which planted faults were found."""
        self._kept["planted"][part] = found
        self._write()

    def outcome(self, part: str) -> Outcome:
        """The sum of what a part did."""
        return Outcome.from_json(self._kept["outcomes"].get(part))

    def add(self, part: str, outcome: Outcome) -> None:
        """Add a piece."""
        self._kept["outcomes"][part] = self.outcome(part).plus(outcome).to_json()
        self._write()

    def _write(self) -> None:
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(self._kept, indent=1), encoding="utf-8")
        temporary.replace(self._path)


def fingerprint() -> str:
    """Name the code: results of other code say nothing about this one."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("trust/**/*.py"), *ROOT.glob("tests/torture/*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def show(parts: list[Part], state: State) -> bool:
    """Print the table and what did not hold; say whether everything did."""
    columns = ("trials", "acked", *COLUMNS, "planted")
    print(f"\n{'':34}" + "".join(f"{name:>10}" for name in columns))
    held = True
    for part in parts:
        outcome, found = state.outcome(part.name), state.planted(part.name)
        counted = [outcome.faults[name] if name in part.faults else "-" for name in COLUMNS]
        counts = [outcome.trials, outcome.acknowledged, *counted]
        print(
            f"{part.title:34}" + "".join(f"{count:>10}" for count in counts),
            f"{sum(found.values())} of {len(found)}".rjust(9),
        )
        held = held and outcome.trials > 0 and not outcome.faults and all(found.values())
        if not outcome.trials:
            print("    nothing was done here, so that nothing is known")
        for detail in outcome.details[:SHOWN]:
            print(f"    {detail}")
        for name in [name for name, seen in found.items() if not seen]:
            print(f"    planted and not found: {name}")
        for name, value in sorted(outcome.worst.items()):
            print(f"    {name}, at most: {value:.2f}")
    print("\nevery promise held, every planted fault was found" if held else "\nBROKEN")
    return held


def write(parts: list[Part], state: State, path: Path) -> None:
    """Write the figures."""
    figures = {
        name: {"value": value, "unit": unit}
        for part in parts
        for name, value, unit in figures_of(part, state)
    }
    starts = [value for part in parts for value in state.outcome(part.name).worst.values()]
    if starts:
        figures["restart_max_s"] = {"value": max(starts), "unit": "seconds, of all parts"}
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def figures_of(part: Part, state: State) -> Iterator[tuple[str, float, str]]:
    """Yield the figures of a part: name, value, unit."""
    outcome, found = state.outcome(part.name), state.planted(part.name)
    yield f"{part.name}_trials", outcome.trials, part.unit
    yield f"{part.name}_acknowledged", outcome.acknowledged, "statements"
    for name in part.faults:
        yield f"{part.name}_{name}", outcome.faults[name], "faults, none allowed"
    yield f"{part.name}_planted", len(found), "known-bad orders"
    yield f"{part.name}_found", sum(found.values()), "of them found"
    for name, value in sorted(outcome.worst.items()):
        yield f"{part.name}_{name}_max", value, "seconds"


def say(text: str, began: float) -> None:
    """Print a line of progress."""
    print(f"{text} ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
