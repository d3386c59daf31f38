"""What a relying party asks for: whom it expects, and how fresh the status must be."""

from typing import NamedTuple

DAY = 24 * 3600
DEFAULT_STATUS_AGE = 30 * DAY  # seconds


class Expected(NamedTuple):
    """Whom the relying party expects. `text` is what they typed; one of the others is set."""

    text: str
    scid: str | None = None
    handle: str | None = None


class Policy(NamedTuple):
    """Step 10, as far as this version goes. Levels of assurance come with the evidence."""

    expected: Expected | None = None
    max_status_age: int = DEFAULT_STATUS_AGE
    accept_unknown_status: bool = False
