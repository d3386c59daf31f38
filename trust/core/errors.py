"""Every error that the core raises, in one tree.

    TouchplateError
    |-- Malformed            the bytes are not what they claim to be; no key was consulted
    |-- VerificationFailed   well formed, but a check of verification did not hold
    |   |-- SubjectMismatch  everything else holds; the file in hand is another one
    |   `-- NotInTrustFile   signed by something that the trust file at hand does not list
    |-- NotAllowed           the signer may not do this (a wrong passphrase counts as this)
    |-- Conflict             another thing stands where this one wants to be
    |   `-- HandleTaken      the handle, or one that looks like it, is someone else's
    |-- TooMany              a quota or rate limit; carries the seconds to wait
    |-- NotFound             nothing is recorded under that name
    `-- Unavailable          a registry or a disk did not answer; trying again may help

Messages are lower case, without a full stop; they quote the offending value and say what was
expected. Whoever shows one to a person adds the sentence around it.
"""


class TouchplateError(Exception):
    """Root of all our errors. Nothing else leaves a public function on bad input."""


class Malformed(TouchplateError):  # noqa: N818 - a state of the data, read as an adjective
    """Input that is not in its format. `where` is a path such as `bundle.dsseEnvelope.payload`."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


class VerificationFailed(TouchplateError):  # noqa: N818
    """A numbered step of verification (specs/verification.md) that did not hold."""

    def __init__(self, step: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.step = step
        self.reason = reason


class SubjectMismatch(VerificationFailed):
    """Step 1: the files in hand are not the ones that were signed. Raised only after 2 to 6."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(1, reason, message)


class NotInTrustFile(VerificationFailed):
    """A log, CA, TSA or registry key that the trust file at hand does not list.

    Not the same as a bad signature: a newer trust file of the same registry may list it.
    """

    def __init__(self, step: int, what: str, message: str) -> None:
        super().__init__(step, f"unlisted_{what}", message)


class NotAllowed(TouchplateError):  # noqa: N818
    """The signer or the passphrase does not permit this."""


class Conflict(TouchplateError):  # noqa: N818
    """Another value already stands under this id, handle or index."""


class HandleTaken(Conflict):
    """The handle, or one that looks like it, is someone else's."""


class TooMany(TouchplateError):  # noqa: N818
    """A limit of requests or names was reached; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotFound(TouchplateError):  # noqa: N818
    """No record under the name that was asked for."""


class Unavailable(TouchplateError):  # noqa: N818
    """A service or a disk did not answer; the same call may succeed later."""
