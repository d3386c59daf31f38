"""What ends, and is renewed in time: the registry's own certificate, then its trust file.

In this order, because a `trust` statement is signed with a certificate that must still hold.
"""

import hashlib

from trust.core.canonical import Json
from trust.core.encoding import b64decode, b64encode
from trust.core.errors import Malformed
from trust.core.log.witness import WitnessPolicy
from trust.core.registry.succession import advance
from trust.core.signing.facts import IssuanceFacts, TrustFacts
from trust.core.signing.identity import Principal
from trust.core.x509.certificate import parse_certificate
from trust.service.authorities import DAY
from trust.service.intents import Intents
from trust.service.log_writer import LogWriter
from trust.service.term import Term
from trust.service.trust_files import TrustFiles
from trust.storage.ports import Tables

CERTIFICATE_RENEWAL = 30 * DAY  # before the end of a certificate, a person's too
CERTIFICATE, TRUST = "certificate", "trust"  # names of intents
TRUST_RENEWAL = 182 * DAY  # before the end of a trust file: a fresh pin holds for half a year


class Renewals:
    """Renews what is due. Killed anywhere, it goes on where it was."""

    def __init__(self, database: Tables, writer: LogWriter, trust: TrustFiles, term: Term) -> None:
        self._writer, self._trust = writer, trust
        self._intents = Intents(database, writer, term)
        self._point = writer.authorities.keys["registry"].public_key

    def run(self) -> None:
        """Renew what is due now.

        Raises:
            Unavailable: the writer has stopped; what was begun is finished by the next start.
        """
        self._renew_certificate()
        while self._trust_file_is_due():
            self._renew_trust_file()

    def _trust_file_is_due(self) -> bool:
        """Say whether one is made already, this one ends soon, or its witnesses change."""
        newest = self._trust.newest
        wanted = self._writer.authorities.settings.witness_policy
        other = wanted is not None and WitnessPolicy.parse(wanted) != newest.witness_policy
        ends = newest.expires - self._writer.now() <= TRUST_RENEWAL
        return other or ends or self._intents.is_begun(TRUST)

    def _renew_certificate(self) -> None:
        """Log the issuance of the next certificate, same key, and only then go over to it.

        A registry that was off until its certificate had expired has none to sign with: then the
        issuance carries the next certificate itself, whose SCT is kept by that very entry.
        """
        now, authorities = self._writer.now(), self._writer.authorities
        in_use = parse_certificate(self._writer.certificate)
        # A certificate of a key that was replaced can sign nothing any more, like one that ended.
        end = in_use.not_after if in_use.point == self._point else now
        if end - now > CERTIFICATE_RENEWAL:
            return
        request = self._intents.begin(CERTIFICATE, self._choose)
        chosen = request["precertificate"]
        if not isinstance(chosen, dict):
            raise Malformed("expected an object", "stored intent")
        if end <= now and not self._intents.is_logged(CERTIFICATE):
            request = self._intents.amend(CERTIFICATE, self._issue_early(request, chosen))
            self._writer.certificate = b64decode(str(request["certificate"]))
        digest = hashlib.sha256(authorities.tbs(chosen, self._point)).digest()
        self._intents.log(CERTIFICATE, "issuance", digest, IssuanceFacts(None))
        certificate = (
            authorities.certificate(chosen, self._point, self._writer.now())
            if request["certificate"] is None
            else b64decode(str(request["certificate"]))
        )
        self._intents.finish(
            CERTIFICATE, "update meta set value = ? where name = 'own_certificate'", (certificate,)
        )
        self._writer.certificate = certificate

    def _choose(self) -> dict[str, Json]:
        """Choose serial and validity; the certificate itself is issued later."""
        uri = Principal("registry").uri(self._trust.newest.public_url)
        now = self._writer.now()
        chosen = self._writer.authorities.precertificate(self._point, uri, now)
        return {"precertificate": chosen, "certificate": None}

    def _issue_early(self, request: dict[str, Json], chosen: dict[str, Json]) -> dict[str, Json]:
        """Issue, once, the certificate that its own issuance will carry."""
        if request["certificate"] is not None:
            return request
        issued = self._writer.authorities.certificate(chosen, self._point, self._writer.now())
        return {**request, "certificate": b64encode(issued)}

    def _next_trust_file(self) -> dict[str, Json]:
        """Sign the next version. Nothing is kept, and so logged, that no client would take."""
        newest = self._trust.newest
        document = self._writer.authorities.next_trust_file(newest, self._writer.now())
        advance(newest, document)
        return {"file": b64encode(document)}

    def _renew_trust_file(self) -> None:
        """Log the next version of the trust file, and only then serve it."""
        request = self._intents.begin(TRUST, self._next_trust_file)
        document = b64decode(str(request["file"]))
        successor = advance(self._trust.newest, document)
        digest = hashlib.sha256(document).digest()
        self._intents.log(TRUST, "trust", digest, TrustFacts(successor.version))
        self._intents.finish(
            TRUST, "insert into trust_files values (?, ?)", (successor.version, document)
        )
        self._trust.newest = successor
