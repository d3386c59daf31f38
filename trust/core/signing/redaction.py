"""Erasure: what a person asks for, and what the registry says that it did.

An `erasure` is the person's request: its subject is k of one of their statements, or of the
person. A `redaction` is the registry's answer: the same k, and the id of the erasure that asked for
it, None where whoever runs the registry did it unasked. From then on the private parts are gone,
blind and all, of the statement of that name, or of everything that this person had signed before.
"""

from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.record import Record
from trust.core.signing.identity import canonical_id

BY_SIGNER, BY_REGISTRY = "signer", "registry"


class RedactionFacts(NamedTuple):
    """The id of the erasure that asked for it; None: the registry did it of its own accord."""

    erasure: str | None

    def to_json(self) -> dict[str, Json]:
        """Return the members as they stand in the predicate."""
        return {"erasure": self.erasure}

    @property
    def by(self) -> str:
        """Who wanted it: `signer` or `registry`."""
        return BY_REGISTRY if self.erasure is None else BY_SIGNER


def parse_redaction(record: Record) -> RedactionFacts:
    """Read the facts of a redaction; raise Malformed for anything else."""
    return RedactionFacts(record.nullable("erasure", lambda name: canonical_id(record, name)))
