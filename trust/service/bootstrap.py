"""The registry's own certificate: the first two entries of a log, and later renewals."""

import hashlib

from trust.core.canonical import Json, canonical, parse
from trust.core.errors import Malformed
from trust.core.signing.facts import IssuanceFacts, TrustFacts
from trust.core.signing.identity import Principal
from trust.core.x509.certificate import parse_certificate
from trust.service.authorities import DAY
from trust.service.log_writer import LogWriter
from trust.service.opening import MAX_STORED, once
from trust.storage.ports import Tables

RENEWAL = 30 * DAY  # before the end of a certificate


class OwnCertificate:
    """The certificate under which the registry itself signs."""

    def __init__(self, database: Tables, writer: LogWriter) -> None:
        self._database, self._writer = database, writer
        self._point = writer.authorities.keys["registry"].public_key

    def bootstrap(self) -> None:
        """Log the first two entries of the log, whichever are missing (DESIGN 3.6)."""
        document = once(self._database, "own_request", lambda: canonical(self._request()))
        request = _object(document)
        if self._writer.size == 0:
            # The only leaf ever with a certificate without an SCT: nothing is logged before it.
            self._writer.certificate = self._issue(request, None)
            self._writer.append_own([self._writer.make(*self._issuance(request))])
        self._writer.certificate = once(
            self._database, "own_certificate", lambda: self._issue(request, self._writer.now())
        )
        if self._writer.size == 1:
            trust = self._writer.trust
            digest = hashlib.sha256(trust.encoded).digest()
            self._writer.append_own([self._writer.make("trust", digest, TrustFacts(trust.version))])

    def renew(self) -> None:
        """Within 30 days of the end, log the issuance of the next, same key, and go over to it.

        A registry that was off until its certificate had expired has none to sign with: then the
        issuance carries the next certificate itself, whose SCT is kept by that very entry.
        """
        now = self._writer.now()
        end = parse_certificate(self._writer.certificate).not_after
        if end - now > RENEWAL:
            return
        request = self._request()
        envelope = self._writer.make(*self._issuance(request))
        if end <= now:
            self._writer.certificate = self._issue(request, now)
        self._writer.append_own([envelope])
        # An honest SCT comes after the issuance is logged.
        certificate = (
            self._writer.certificate if end <= now else self._issue(request, self._writer.now())
        )
        with self._database.write() as connection:
            connection.execute(
                "update meta set value = ? where name = 'own_certificate'", (certificate,)
            )
        self._writer.certificate = certificate

    def _request(self) -> dict[str, Json]:
        """Choose serial and validity."""
        uri = Principal("registry").uri(self._writer.trust.public_url)
        return self._writer.authorities.precertificate(self._point, uri, self._writer.now())

    def _issuance(self, request: dict[str, Json]) -> tuple[str, bytes, IssuanceFacts]:
        tbs = self._writer.authorities.tbs(request, self._point)
        return "issuance", hashlib.sha256(tbs).digest(), IssuanceFacts(None)

    def _issue(self, request: dict[str, Json], sct_seconds: int | None) -> bytes:
        return self._writer.authorities.certificate(request, self._point, sct_seconds)


def _object(document: bytes) -> dict[str, Json]:
    value = parse(document, MAX_STORED)
    if not isinstance(value, dict):
        raise Malformed("expected an object", "meta")
    return value
