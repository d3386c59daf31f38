"""What errors and reasons come to: which code a relying party gets."""

from trust.core.errors import (
    NotInTrustFile,
    SubjectMismatch,
    TouchplateError,
    VerificationFailed,
)
from trust.core.verdict import Code, Reason, worst


def decide(reasons: list[Reason]) -> Code:
    """Return the code of the worst reason; without reasons, `valid`.

    Of several with one exit status it is the first in the order of `Code`.
    """
    if not reasons:
        return Code.VALID
    status = worst([item.code.exit_status for item in reasons])
    codes = {item.code for item in reasons if item.code.exit_status == status}
    return next(code for code in Code if code in codes)


def reason_of(error: TouchplateError, *, newest_trust: bool = False) -> Reason:
    """Say what an error of steps 0 to 8 means for a relying party."""
    if isinstance(error, SubjectMismatch):
        return Reason(Code.MISMATCH, error.reason, str(error), error.step)
    if isinstance(error, NotInTrustFile):
        code = Code.INVALID if newest_trust else Code.COULD_NOT_CHECK
        return Reason(code, error.reason, str(error), error.step)
    if isinstance(error, VerificationFailed):
        return Reason(Code.INVALID, error.reason, f"step {error.step}: {error}", error.step)
    return Reason(Code.UNREADABLE, "unreadable", str(error))
