"""The corpus in specs/vectors: reading it, and asking an implementation about it.

`python -m tests.vectors.corpus COMMAND ..` asks the implementation that COMMAND starts, prints every
disagreement and exits with 1 if there is one. The protocol is in specs/vectors/README.md.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "specs" / "vectors"
OUTCOMES = ("valid", "invalid")
CORE = (sys.executable, "-m", "tests.vectors.runner")


class Vector(NamedTuple):
    """One case. `says`: words that the message of our own implementation holds."""

    outcome: str
    object: str
    fault: str
    description: str
    input: dict[str, Any]
    expected: dict[str, Any]
    says: str | None = None

    @property
    def path(self) -> str:
        """Where it lies in the folder of the corpus."""
        return f"{self.outcome}/{self.object}/{self.fault}.json"

    @property
    def question(self) -> str:
        """The line that an implementation reads."""
        return json.dumps({"object": self.object, "input": self.input})

    def encode(self) -> str:
        """Return the file. All but ASCII is escaped: a vector may hold text that misleads eyes."""
        document = {
            "description": self.description,
            "object": self.object,
            "input": self.input,
            "expected": self.expected,
        }
        if self.says is not None:
            document["says"] = self.says
        return json.dumps(document, indent=1) + "\n"


def load(folder: Path = FOLDER) -> list[Vector]:
    """Read every vector, sorted by path."""
    found = []
    for path in sorted(item for outcome in OUTCOMES for item in folder.glob(f"{outcome}/*/*.json")):
        outcome, name, _ = path.relative_to(folder).parts
        document = json.loads(path.read_text(encoding="ascii"))
        if document.pop("object") != name:
            raise ValueError(f"{path} is in the folder of another object")
        found.append(Vector(outcome, name, path.stem, **document))
    return found


def ask(command: Sequence[str], vectors: Iterable[Vector]) -> list[dict[str, Any]]:
    """Return an implementation's answers: one line in, one line out, in the same order."""
    questions = [vector.question for vector in vectors]
    run = subprocess.run(
        command,
        input="\n".join(questions) + "\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if run.returncode != 0 or len(answers) != len(questions):
        raise RuntimeError(
            f"{len(answers)} answers to {len(questions)} questions, exit {run.returncode}: {run.stderr}"
        )
    return answers


def disagreement(vector: Vector, answer: dict[str, Any]) -> str | None:
    """Say how an answer differs from what is expected; its `detail` is free."""
    compared = {name: member for name, member in answer.items() if name != "detail"}
    if compared == vector.expected:
        return None
    return f"{vector.path}: expected {json.dumps(vector.expected)}, answered {json.dumps(answer)}"


def main(command: Sequence[str]) -> int:
    """Compare an implementation with the corpus."""
    vectors = load()
    answers = ask(command or CORE, vectors)
    found = [
        text
        for vector, answer in zip(vectors, answers, strict=True)
        if (text := disagreement(vector, answer)) is not None
    ]
    sys.stdout.writelines(f"{text}\n" for text in found)
    sys.stdout.write(f"{len(vectors)} vectors, {len(found)} disagreements\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
