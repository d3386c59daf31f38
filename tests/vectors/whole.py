"""The whole verification: a dossier or bundle, the files in hand, a trust file, a time and a policy."""

from typing import Any

from tests.vectors.inputs import to_bytes
from trust.core.assess import assess
from trust.core.canonical import parse
from trust.core.encoding import hex_decode, parse_time
from trust.core.policy import DEFAULT_STATUS_AGE, Expected, Policy
from trust.core.registry.status import parse_status
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Dated, Verdict

LIMIT = 1 << 20


def verification(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the verdict says to machines."""
    trust = None if given["trust"] is None else parse_trust_file(to_bytes(given["trust"]))
    newer = [parse_status(parse(to_bytes(item), LIMIT)) for item in given.get("statuses", [])]
    verdict = assess(
        to_bytes(given["material"]),
        _subjects(given),
        trust,
        parse_time(given["at"]),
        _policy(given.get("policy", {})),
        now=parse_time(given.get("now", given["at"])),
        newer=newer,
        newest_trust=given.get("newestTrust", False),
        dated=[Dated("somebody", parse_time(text)) for text in given.get("dated", [])],
    )
    return _value(verdict)


def _subjects(given: dict[str, Any]) -> Subjects | None:
    if given["files"] is None:
        return None
    files = {name: hex_decode(digest, name) for name, digest in given["files"].items()}
    return Subjects(files, whole=given.get("whole", False))


def _policy(given: dict[str, Any]) -> Policy:
    expected = None
    if "scid" in given or "handle" in given:
        scid, handle = given.get("scid"), given.get("handle")
        expected = Expected(scid or f"@{handle}", scid, handle)
    return Policy(
        expected,
        given.get("maxStatusAge", DEFAULT_STATUS_AGE),
        given.get("acceptUnknownStatus", False),
    )


def _value(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.code.value,
        "exit": verdict.code.exit_status,
        "reasons": [item.word for item in verdict.reasons],
        "steps": {item.id: item.result.value for item in verdict.steps},
        **({"supersededBy": verdict.superseded_by} if verdict.superseded_by else {}),
        **({"erased": verdict.erased.to_json()} if verdict.erased else {}),
        **({"presence": verdict.presence.to_json()} if verdict.presence else {}),
        "detail": "; ".join(item.text for item in verdict.reasons),
    }
