"""Following the log: does anybody sign with a key that was revoked, or while they are frozen?

A registry takes no such statement. One that stands in its log nevertheless was let in.
"""

from collections.abc import Iterator
from typing import NamedTuple

from trust.core.judging.revocation import FROZEN, UNFROZEN, WHILE_FROZEN
from trust.core.people.revocation import REASONS
from trust.core.registry.status_line import State
from trust.core.signing.identity import status_key
from trust.core.verify import Verified
from trust.core.watching.finding import Finding


class Revocations(NamedTuple):
    """What the entries so far say of keys and persons, by those who may: their owners.

    `keys`: by k of a key, why each SCID says that it is revoked. `frozen`: by SCID, the name of the
    key that froze. Both grow with `record`.
    """

    keys: dict[bytes, dict[str, str]]
    frozen: dict[str, str]

    def check(self, verified: Verified, where: str) -> Iterator[Finding]:
        """Yield how a person's statement contradicts the entries before it."""
        scid = verified.principal.scid
        said = self.keys.get(status_key("key", verified.key_name), {}).get(scid)
        if said is not None:
            message = f"is signed by a key of {scid} that was reported as {said} before"
            yield Finding("revoked_key", where, message)
        froze = self.frozen.get(scid)
        if froze is None:
            return
        if verified.statement.type not in WHILE_FROZEN:
            message = f"is a {verified.statement.type} of {scid}, who was frozen at that time"
            yield Finding("signed_while_frozen", where, message)
        elif froze != verified.key_name:
            message = f"is signed by another key of {scid} than the one that froze them"
            yield Finding("signed_while_frozen", where, message)

    def record(self, verified: Verified, k: bytes, state: State) -> None:
        """Take what a statement said of a name."""
        scid = verified.principal.scid
        if state.state in REASONS:
            self.keys.setdefault(k, {}).setdefault(scid, state.state)
        elif k == status_key("person", scid):
            if state.state == FROZEN:
                self.frozen.setdefault(scid, verified.key_name)
            elif state.state == UNFROZEN:
                self.frozen.pop(scid, None)
