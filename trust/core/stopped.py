"""Step 8 in reasons: what a revocation or a freeze comes to for a verdict."""

from collections.abc import Iterator

from trust.core.judging.revocation import Freeze, KeyStates
from trust.core.registry.status_line import STEP
from trust.core.verdict import Code, Reason
from trust.core.wording.reasons import reason_text


def of_key(key: KeyStates) -> Iterator[Reason]:
    """Yield what the revocations of the signing key come to."""
    if key.revoked is not None:
        yield Reason(Code.REVOKED, "key_revoked", reason_text("key_revoked"), STEP)
    elif key.disputed is not None:
        yield Reason(Code.DISPUTED, "key_disputed", reason_text("key_disputed"), STEP)
    elif key.after is not None:
        word, code = reason_text("key_revoked_later"), Code.VALID_BEFORE_REVOCATION
        yield Reason(code, "key_revoked_later", word, STEP)


def of_person(freeze: Freeze) -> Iterator[Reason]:
    """Yield what the freezes of the signer come to."""
    if freeze.then is not None:
        text = reason_text("signed_while_frozen")
        yield Reason(Code.FROZEN, "signed_while_frozen", text, STEP)
    elif freeze.now is not None:
        yield Reason(Code.FROZEN, "frozen", reason_text("frozen"), STEP)
