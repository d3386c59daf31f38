"""What can be said of an entry of which the registry publishes nothing but that it is private.

The leaf still holds a digest, a signature and a certificate: so that somebody signed it, who, and
with which key. What it says, and when exactly it was signed, is known to those who hold its id. A
registry could hide another statement of that person in this way; not one of its own.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from trust.core.errors import TouchplateError
from trust.core.keys.p256 import verify_digest
from trust.core.log.entry import LeafEntry
from trust.core.people.did import DidLog
from trust.core.signing.identity import parse_principal
from trust.core.watching.finding import Finding
from trust.core.watching.replay import NO_HISTORY, Replay
from trust.core.x509.certificate import Certificate, parse_certificate

KIND = "forged_entry"


class Signed(NamedTuple):
    """Who signed a leaf, by its certificate, and under which one."""

    scid: str
    certificate: Certificate


def read_leaf(leaf: bytes, public_url: str) -> Signed:
    """Return who signed a leaf.

    Raises:
        TouchplateError: it is none, its signature does not hold, or it names no signer of here.
    """
    entry = LeafEntry.parse(leaf)
    certificate = parse_certificate(entry.certificate)
    verify_digest(certificate.point, entry.pae_digest, entry.signature)
    return Signed(parse_principal(certificate.san_uri or "", public_url).scid, certificate)


def check_unlisted(
    leaf: bytes,
    index: int,
    replay: Replay,
    public_url: str,
    history_of: Callable[[str], DidLog | None],
) -> Iterator[Finding]:
    """Yield what contradicts the entries before it, and count it among them."""
    where = f"entry {index}"
    try:
        signed = read_leaf(leaf, public_url)
    except TouchplateError as error:
        yield Finding(KIND, where, f"the registry says that it is private: {error}")
    else:
        yield from _check_signer(signed, replay, history_of, where)
    replay.size = index + 1


def _check_signer(
    signed: Signed, replay: Replay, history_of: Callable[[str], DidLog | None], where: str
) -> Iterator[Finding]:
    scid, certificate = signed
    if not scid:
        message = "the registry says that it is private, and signed it itself"
        yield Finding("entry_not_published", where, message)
        return
    yield from replay.check_certificate(certificate, scid, where)
    history = history_of(scid)
    if history is None:
        yield Finding(NO_HISTORY, where, f"there is no key history of {scid}")
        return
    logged = replay.identities.get(scid, {})
    if not any(
        certificate.point in entry.signing_keys and entry.version_id in logged
        for entry in history.entries
    ):
        message = f"is private, and signed by a key that the person {scid} never authorised"
        yield Finding("issuance_without_identity", where, message)
