"""The DID document of a person: one P-256 Multikey per device, all of them `assertionMethod`.

Ours holds nothing else. Documents of foreign logs may hold more (controllers, services, keys for
other uses): what we do not know gives nobody the right to sign statements, so it is passed over.
"""

from collections.abc import Sequence
from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.errors import Malformed
from trust.core.people.multikey import p256_multikey, parse_p256
from trust.core.record import Record

MAX_METHODS = 64  # verification methods in one document
_CONTEXT: tuple[str, ...] = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
)


class _Method(NamedTuple):
    """A verification method; `point` is None for a key that is not P-256."""

    id: str
    point: bytes | None


def did_document(did: str, keys: Sequence[bytes]) -> dict[str, Json]:
    """Return the document of a DID whose devices sign with these 65-byte P-256 points."""
    methods = {f"{did}#{multikey}": multikey for multikey in map(p256_multikey, keys)}
    return {
        "@context": list(_CONTEXT),
        "id": did,
        "verificationMethod": [
            {"id": name, "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}
            for name, multikey in methods.items()
        ],
        "assertionMethod": list(methods),
    }


def signing_keys(document: Record, did: str) -> tuple[bytes, ...]:
    """Return the 65-byte P-256 points that `assertionMethod` names, in its order.

    Raises:
        Malformed: a name that is no verification method of this document, the same name or key
            twice, a key under another controller, a P-256 Multikey that is no point.
    """
    methods: dict[str, bytes | None] = {}
    for record in document.records("verificationMethod", 0, MAX_METHODS):
        method = _method(record, did)
        if method.id in methods:
            raise Malformed(f"{method.id[:80]!r} appears twice", record.where)
        methods[method.id] = method.point
    where = f"{document.where}.assertionMethod"
    points: list[bytes] = []
    for name in document.texts("assertionMethod", 0, MAX_METHODS, 512):
        if name not in methods:
            raise Malformed(f"{name[:80]!r} is no verification method of this document", where)
        point = methods[name]
        if point in points:
            raise Malformed(f"the key of {name[:80]!r} appears twice", where)
        if point is not None:
            points.append(point)
    return tuple(points)


def _method(record: Record, did: str) -> _Method:
    name = record.text("id", 512)
    if not name.startswith(f"{did}#"):
        raise Malformed(f"{name[:80]!r} does not start with {did!r} and #", f"{record.where}.id")
    record.constant("controller", did)
    if record.text("type", 100) != "Multikey":
        return _Method(name, None)
    multikey = record.text("publicKeyMultibase", 200)
    return _Method(name, parse_p256(multikey, f"{record.where}.publicKeyMultibase"))
