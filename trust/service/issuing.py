"""A certificate for a key that is known to be somebody's: announced, issued, kept."""

import hashlib

from trust.core.signing.facts import IssuanceFacts
from trust.core.signing.identity import Principal
from trust.service.checks import Offer
from trust.service.log_writer import LogWriter
from trust.storage.ports import Tables


def issue(
    database: Tables,
    writer: LogWriter,
    offer: Offer,
    principal: Principal,
    point: bytes,
    until: int | None = None,
) -> bytes:
    """Log the issuance that a statement asks for, and return the certificate, which is stored.

    It is in use once the statement is logged: what a crash cuts off leaves an issuance that nothing
    uses, and the repeated request starts again.

    Args:
        database: keeps the certificate.
        writer: logs the issuance.
        offer: the enrolment or delegation that asks for it.
        principal: whom it names.
        point: the key, 65 bytes.
        until: seconds; a year from now without it.
    """
    authorities = writer.authorities
    uri = principal.uri(writer.trust.public_url)
    request = authorities.precertificate(point, uri, writer.now())
    if until is not None:
        request["end"] = until
    digest = hashlib.sha256(authorities.tbs(request, point)).digest()
    writer.append_own([writer.make("issuance", digest, IssuanceFacts(offer.id))])
    certificate = authorities.certificate(request, point, writer.now())
    with database.write() as transaction:
        transaction.execute(
            "insert into certificates (scid, der, enrolment) values (?, ?, ?)",
            (offer.scid, certificate, offer.id),
        )
    return certificate
