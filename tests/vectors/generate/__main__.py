"""`python -m tests.vectors.generate` writes specs/vectors/{valid,invalid} again, byte for byte."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.vectors.corpus import FOLDER, OUTCOMES, Vector
from tests.vectors.generate import (
    agents,
    attestations,
    carriers,
    certificates,
    cosigned,
    did_logs,
    encodings,
    enterprises,
    judged_verdicts,
    logs,
    parts,
    people,
    presences,
    proofs,
    refused_verdicts,
    revoked_verdicts,
    signatures,
    statements,
    statuses,
    tlog_proofs,
    tokens,
    trust_files,
    valid_verdicts,
    witnesses,
)

ROOMS = (
    encodings,
    signatures,
    statements,
    parts,
    people,
    did_logs,
    certificates,
    tokens,
    logs,
    proofs,
    tlog_proofs,
    witnesses,
    trust_files,
    statuses,
    carriers,
    attestations,
    cosigned,
    valid_verdicts,
    judged_verdicts,
    presences,
    revoked_verdicts,
    refused_verdicts,
    agents,
    enterprises,
)


def generated() -> Iterator[Vector]:
    """Return every vector."""
    for room in ROOMS:
        yield from room.vectors()


def files() -> dict[str, str]:
    """Return every file of the corpus by its path in the folder.

    Raises:
        ValueError: two cases under one name.
    """
    made: dict[str, str] = {}
    for vector in generated():
        if vector.path in made:
            raise ValueError(f"{vector.path} twice")
        made[vector.path] = vector.encode()
    return made


def write(folder: Path) -> int:
    """Write the corpus; return how many files it has."""
    made = files()
    for outcome in OUTCOMES:
        shutil.rmtree(folder / outcome, ignore_errors=True)
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="ascii")
    return len(made)


if __name__ == "__main__":
    sys.stdout.write(f"{write(FOLDER)} vectors\n")
