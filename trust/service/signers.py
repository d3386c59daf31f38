"""Who may sign now: a person's current DID version, and the certificate of its key."""

from functools import lru_cache
from typing import NamedTuple

from trust.core.canonical import parse
from trust.core.errors import NotAllowed, NotFound
from trust.core.people.did import parse_log
from trust.core.signing.private import MAX_PRIVATE
from trust.core.x509.certificate import Certificate, parse_certificate
from trust.service.checks import Offer, check_signature
from trust.storage.ports import Tables

KEPT = 1024  # signers whose key history was verified a moment ago

# Visible people have an enrolment; the newest one's entry carries the certificate in use.
_CERTIFICATE_SQL = (
    "select certificate from entries where scid = :scid and type = 'enrolment' and idx < :size "
    "and exists (select 1 from people where scid = :scid and profile < :size) "
    "order by idx desc limit 1"
)
_HISTORY_SQL = "select document from did_entries where scid = ? order by number"


class CurrentSigner(NamedTuple):
    """Under which DID and version a person signs, and with which certificate."""

    did: str
    version: str
    certificate: Certificate

    def check(self, offer: Offer) -> None:
        """Require that an offer names this version and is signed by its key.

        Raises:
            NotAllowed: another version, or a signature by another key.
        """
        named = offer.statement.signer
        if (named.id, named.version) != (self.did, self.version):
            raise NotAllowed(
                f"signed under {named.version}, the current DID version is {self.version}"
            )
        check_signature(offer, self.certificate.point)


class Signers:
    """The people who have joined. Thread-safe."""

    def __init__(self, database: Tables) -> None:
        self._database = database
        self._kept = lru_cache(KEPT)(self._find)

    def current(self, scid: str, size: int) -> CurrentSigner:
        """Return who signs for a SCID, as the first `size` entries have it.

        Raises:
            NotFound: nobody with this SCID has joined.
            NotAllowed: the current DID version does not hold the certificate's key.
        """
        # What the same entries say of the same person does not change.
        return self._kept(scid, size)

    def _find(self, scid: str, size: int) -> CurrentSigner:
        row = self._database.row(_CERTIFICATE_SQL, {"scid": scid, "size": size})
        if row is None:
            raise NotFound(f"no person {scid}")
        history = self._database.rows(_HISTORY_SQL, (scid,))
        return _read(tuple(document for (document,) in history), row[0])


@lru_cache(maxsize=KEPT)
def _read(history: tuple[bytes, ...], certificate: bytes) -> CurrentSigner:
    """Verify a key history and find the certificate's key in its newest version."""
    log = parse_log([parse(document, MAX_PRIVATE) for document in history])
    newest, parsed = log.entries[-1], parse_certificate(certificate)
    if parsed.point not in newest.signing_keys:
        raise NotAllowed("the current DID version does not hold the certificate's key")
    return CurrentSigner(log.did, newest.version_id, parsed)
