"""Which statement replaced another one, as far as the dossier of the older one carries it.

The status says that a statement is superseded and when, and never by which id: a line holds none.
So the registry puts the bundle of the newer statement beside the older one. Without it the older
one is superseded all the same.
"""

from collections.abc import Sequence

from trust.core.registry.status_line import State
from trust.core.signing.facts import DeliverableFacts
from trust.core.verify import Verified


def successor(
    verified: Verified, superseded: State | None, supporting: Sequence[Verified]
) -> str | None:
    """Return the id of the statement of the same person that made this state, if it is at hand.

    Args:
        verified: the older statement.
        superseded: its state, None if it has none.
        supporting: what lies beside it, verified; step 7 has established who signed each.
    """
    if superseded is None:
        return None
    for item in supporting:
        facts = item.statement.facts
        if (
            isinstance(facts, DeliverableFacts)
            and facts.supersedes == verified.id
            and not facts.unlisted
            and item.principal.scid == verified.principal.scid
            and item.signed_at == superseded.logged
        ):
            return item.id
    return None
