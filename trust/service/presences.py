"""Whether a passkey of the signer was unlocked for what they offer, as it says."""

from trust.core.errors import NotAllowed, VerificationFailed
from trust.core.judging.present import challenge_of, presence_of
from trust.core.people.presence import PasskeyFacts, check_presence
from trust.core.signing.identity import status_key
from trust.core.signing.statement import parse_statement
from trust.service.checks import Offer
from trust.service.log_writer import LogWriter
from trust.service.records import Records
from trust.storage.ports import Reader

_ENDED = "select 1 from status_events where k = ? and by = ? and state = 'withdrawn'"


def check_offer(offer: Offer, database: Reader, records: Records, writer: LogWriter) -> None:
    """Require that an assertion in an offer holds; most have none.

    Raises:
        NotFound: the passkey that it names is not registered.
        NotAllowed: it is no passkey of the signer or was withdrawn, or the assertion does not hold.
    """
    presence = presence_of(offer.statement)
    if presence is None:
        return
    row = records.named(presence.passkey, writer.size)
    facts = parse_statement(row.payload).facts
    if not isinstance(facts, PasskeyFacts) or row.scid != offer.scid:
        raise NotAllowed(f"{presence.passkey} is no passkey of yours")
    if database.row(_ENDED, (status_key("statement", row.id), row.scid)) is not None:
        raise NotAllowed(f"the passkey {presence.passkey} was withdrawn")
    try:
        check_presence(presence, facts.key, challenge_of(offer.statement), writer.trust.public_url)
    except VerificationFailed as error:
        raise NotAllowed(str(error)) from error
