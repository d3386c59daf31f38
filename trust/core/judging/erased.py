"""Whether the words of a statement were erased, as far as the dossier at hand says."""

from collections.abc import Sequence

from trust.core.signing.identity import status_key
from trust.core.signing.redaction import RedactionFacts
from trust.core.verdict import Erased
from trust.core.verify import Verified


def erased(verified: Verified, supporting: Sequence[Verified]) -> Erased | None:
    """Return the first redaction that covers the private part of a statement, None without one.

    Args:
        verified: the statement.
        supporting: what lies beside it, verified; step 7 has established that the registry signed
            what is of a type of the registry's.
    """
    if verified.statement.private is None:
        return None
    names = {status_key("statement", verified.id)}
    if verified.principal.scid:
        names.add(status_key("person", verified.principal.scid))
    covering = [
        (item.signed_at, item.statement.facts)
        for item in sorted(supporting, key=lambda item: item.index)
        if item.statement.subjects[0] in names and item.index > verified.index
    ]
    for since, facts in covering:
        if isinstance(facts, RedactionFacts):
            return Erased(since, facts.by)
    return None
