"""The first two entries of a log: the registry's own certificate, and its trust file."""

import hashlib

from trust.core.canonical import Json, canonical, parse
from trust.core.errors import Malformed
from trust.core.signing.facts import IssuanceFacts, TrustFacts
from trust.core.signing.identity import Principal
from trust.service.log_writer import LogWriter
from trust.service.opening import MAX_STORED, once
from trust.service.term import Term
from trust.storage.ports import Tables


class Bootstrap:
    """Gives a new registry the certificate under which it signs, and begins its log."""

    def __init__(self, database: Tables, writer: LogWriter, term: Term) -> None:
        self._database, self._writer, self._term = database, writer, term
        self._point = writer.authorities.keys["registry"].public_key

    def run(self) -> None:
        """Log the first two entries, whichever are missing; take up the certificate in use."""
        document = once(self._database, "own_request", lambda: canonical(self._request()))
        request = _object(document)
        if self._writer.size == 0:
            # The only leaf ever with a certificate without an SCT: nothing is logged before it.
            self._writer.certificate = self._issue(request, None)
            envelope = self._writer.make(*self._issuance(request))
            self._writer.append_own([envelope], self._term)
        self._writer.certificate = once(
            self._database, "own_certificate", lambda: self._issue(request, self._writer.now())
        )
        if self._writer.size == 1:
            trust = self._writer.trust
            digest = hashlib.sha256(trust.encoded).digest()
            envelope = self._writer.make("trust", digest, TrustFacts(trust.version))
            self._writer.append_own([envelope], self._term)

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
