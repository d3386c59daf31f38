"""The certificate that an enrolment asks for, when its person has joined already."""

from trust.core.errors import NotAllowed
from trust.core.signing.identity import Principal
from trust.service.append_path import Submission
from trust.service.checks import Offer, check_not_before
from trust.service.issuing import issue
from trust.service.log_writer import LogWriter
from trust.service.renewals import CERTIFICATE_RENEWAL
from trust.service.signers import CurrentSigner
from trust.storage.ports import Tables


def enrol(offer: Offer, signer: CurrentSigner, writer: LogWriter, database: Tables) -> None:
    """Issue a certificate for a key: its first, or within 30 days of the old one's end or later.

    It is in use once the enrolment is logged with it: a renewal that a crash cut off leaves an
    issuance that nothing uses, and the repeated request starts again.
    """
    point = signer.check_enrolling(offer)
    old, now = signer.certificates.get(point), writer.now()
    if old is not None and old.not_after - now > CERTIFICATE_RENEWAL:
        raise NotAllowed("the certificate is good for more than 30 days")
    check_not_before(offer, writer.trust, writer.size, now)
    certificate = issue(database, writer, offer, Principal("person", offer.scid), point)
    writer.append([submission(offer, certificate)])


def submission(offer: Offer, certificate: bytes) -> Submission:
    """Return a checked statement as it goes into the log, with its signer's certificate."""
    return Submission(
        offer.id, offer.scid, offer.envelope, offer.statement, certificate, offer.private
    )
