"""An entry as a registry publishes it, for whoever replays its log."""

from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.signing.envelope import Envelope

ERASED = "erased"  # in the place of the digest of a private part that is gone
UNLISTED = "private"  # all that is published of a deliverable that is in no list


class Unlisted(NamedTuple):
    """A deliverable that is in no list: of it the leaf is known, and nothing else."""


class Published(NamedTuple):
    """Nothing in it is checked. `handle`: the private part of a `handle`, while it is kept."""

    envelope: Envelope
    certificate: bytes
    token: bytes
    handle: Json
