"""An entry as a registry publishes it, for whoever replays its log."""

from typing import NamedTuple

from trust.core.canonical import Json
from trust.core.signing.envelope import Envelope


class Published(NamedTuple):
    """Nothing in it is checked. `handle`: the private part of a `handle`, while it is kept."""

    envelope: Envelope
    certificate: bytes
    token: bytes
    handle: Json
