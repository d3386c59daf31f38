"""What comes back, and whose names are this machine's. No I/O, so that anyone may import it."""

from typing import NamedTuple


class Answer(NamedTuple):
    """What came back. `media_type` has no parameters; `retry_after` is in seconds."""

    status: int
    media_type: str
    body: bytes
    retry_after: int = 0


def is_local(host: str) -> bool:
    """Say whether a name is this machine's by RFC 6761: `localhost` and all names under it."""
    return host == "localhost" or host.endswith(".localhost")
