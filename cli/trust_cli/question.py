"""What `verify` is asked, and what it has to answer from."""

from typing import NamedTuple

from trust.core.policy import Policy
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import Status
from trust.core.signing.bundle import Bundle
from trust_cli.expect import Wanted
from trust_cli.home import Home, Pinned


class Question(NamedTuple):
    """What the relying party asks, the same for every path. Times are seconds."""

    home: Home
    policy: Policy
    wanted: Wanted | None
    at: int
    now: int
    online: bool
    tsa_roots: tuple[bytes, ...] = ()  # PEM, of those whose time stamps are believed


class Evidence(NamedTuple):
    """A proof that was read, the registry that it claims to come from, and newer statuses.

    `newest_trust`: the registry was just asked for its trust file. `silent`: it was asked and did
    not answer; why.
    """

    material: Dossier | Bundle
    pinned: Pinned | None
    newer: tuple[Status, ...] = ()
    newest_trust: bool = False
    silent: str | None = None
