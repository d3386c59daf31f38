"""All steps at once: material, files, trust file, time and policy in; a verdict out.

Codes, reasons and steps are those of specs/verification.md and specs/verdict.md, written down here
case by case.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.vectors.corpus import Vector
from tests.vectors.generate.registry import START
from tests.vectors.generate.scene import REPORT, Scene, standard
from tests.vectors.inputs import to_json
from trust.core.canonical import canonical
from trust.core.encoding import format_time
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import Status

YES, NO = "yes", "no"
UNKNOWN, LATER = "could not check", "not checked by this version"
EXITS = {
    "valid": 0,
    "superseded": 0,
    "mismatch": 1,
    "invalid": 1,
    "unreadable": 2,
    "other_signer": 4,
    "revoked": 5,
    "disputed": 5,
    "frozen": 5,
    "valid_before_revocation": 0,
    "could_not_check": 6,
}
REFUSED = None  # steps of a verdict on a proof that did not hold
Steps = dict[int, str] | None


def steps(changes: Mapping[int, str]) -> dict[str, str]:
    """Return the results of a valid deliverable whose signer nobody expected, with changes."""
    usual = {**dict.fromkeys(range(12), YES), 6: UNKNOWN, 9: LATER, 10: UNKNOWN}
    return {str(step): result for step, result in {**usual, **changes}.items()}


def verdict(
    fault: str,
    says: str,
    given: dict[str, Any],
    code: str,
    *reasons: str,
    changes: Steps = REFUSED,
    words: str | None = None,
    newer: str | None = None,
    erased: tuple[int, str] | None = None,
    present: tuple[str, int] | None = None,
) -> Vector:
    """Return a case with its code, reasons and the steps that differ from the usual ones.

    `newer`: the id of the statement that replaced it. `erased`: since when, in seconds, and by whose
    wish.

    `words`: of our own message, where `unreadable` alone would not tell one fault from another.
    """
    expected = {
        "result": "verdict",
        "verdict": code,
        "exit": EXITS[code],
        "reasons": list(reasons),
        "steps": {} if changes is None else steps(changes),
        **({"supersededBy": newer} if newer else {}),
        **({"erased": {"since": format_time(erased[0]), "by": erased[1]}} if erased else {}),
        **(
            {"presence": {"level": present[0], "registered": format_time(present[1])}}
            if present
            else {}
        ),
    }
    outcome = "invalid" if EXITS[code] else "valid"
    return Vector(outcome, "verification", fault, says, given, expected, words)


def inputs(scene: Scene, material: Dossier | bytes, **changes: Any) -> dict[str, Any]:
    """Return the input: Ana's report in hand, the scene's trust file, its present."""
    data = material if isinstance(material, bytes) else material.encode()
    usual: dict[str, Any] = {
        "material": to_json(data),
        "files": hexed(REPORT),
        "trust": scene.trust.decode(),
        "at": format_time(scene.registry.clock),
    }
    return {**usual, **changes}


def hexed(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return SHA-256 in hex by name."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def lean(scene: Scene | None = None) -> Dossier:
    """Return the dossier of Ana's report with nothing but what it needs."""
    scene = scene or standard()
    return scene.dossier(scene.work, scene.ana, ("identity",))


def status_json(status: Status) -> str:
    """Return a status as an input."""
    return canonical(status.to_json()).decode()


def at(seconds: int) -> str:
    """Return a time that is so many seconds after the scene's start."""
    return format_time(START + seconds)


def document(dossier: Dossier) -> Any:
    """Return a dossier as JSON, to be changed."""
    return json.loads(dossier.encode())
