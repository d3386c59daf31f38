"""Step 10: is the signer the one whom the relying party expects?"""

from trust.core.judging.authority import Authorised
from trust.core.policy import Policy
from trust.core.verdict import Code, Reason
from trust.core.verify import Verified
from trust.core.wording.reasons import reason_text

STEP = 10


def expectation(verified: Verified, signer: Authorised | None, policy: Policy) -> list[Reason]:
    """Return why the signer is not the expected one, or cannot be known to be; else nothing."""
    expected = policy.expected
    if expected is None:
        return []
    scid = verified.principal.scid
    if expected.scid is not None or not scid:
        # The registry is nobody whom one could expect.
        return [] if scid and expected.scid == scid else [_other_signer()]
    if signer is None or signer.handle is None:
        text = reason_text("handle_not_at_hand")
        return [Reason(Code.COULD_NOT_CHECK, "handle_not_at_hand", text, STEP)]
    return [] if signer.handle == expected.handle else [_other_signer()]


def _other_signer() -> Reason:
    return Reason(Code.OTHER_SIGNER, "signer_mismatch", reason_text("signer_mismatch"), STEP)
