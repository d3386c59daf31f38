"""What a person says of their own keys, and of themselves: who may say it, and when."""

import time

from trust.core.encoding import format_time, parse_time
from trust.core.errors import Conflict, NotAllowed
from trust.core.people.revocation import COMPROMISED, MAX_BACKDATING, RevocationFacts
from trust.core.registry.status_line import MAX_STATES
from trust.core.signing.identity import status_key
from trust.service.checks import Offer
from trust.service.log_writer import LogWriter
from trust.service.signers import CurrentSigner
from trust.storage.ports import Tables

TYPES = ("revocation", "freeze", "unfreeze")
_DAY = 24 * 3600
_STEP = 0.05  # seconds between two looks at the clock
_PATIENCE = 1.5  # seconds for the clock to come to the next one


def prepare(database: Tables, writer: LogWriter, offer: Offer, signer: CurrentSigner) -> None:
    """Check what is offered, and wait for a second in which it may be logged."""
    check_revoking(offer, signer, writer.now())
    check_room(database, offer)
    wait_past(database, writer, offer.scid)


def check_revoking(offer: Offer, signer: CurrentSigner, now: int) -> None:
    """Refuse what could never count, and what is said already; `now` in seconds.

    Raises:
        NotAllowed: a key or person that is not the signer's, a compromise in the future or longer
            ago than is accepted.
        Conflict: it is said already, or there is nothing to lift.
    """
    if isinstance(offer.statement.facts, RevocationFacts):
        _check_revocation(offer, offer.statement.facts, signer, now)
        return
    if offer.statement.subjects[0] != status_key("person", offer.scid):
        raise NotAllowed(f"a {offer.statement.type} is about yourself: it would count for nobody")
    if offer.statement.type == "freeze" and signer.frozen is not None:
        since = format_time(signer.frozen.state.logged)
        raise Conflict(f"you are frozen since {since} already")
    if offer.statement.type == "unfreeze" and signer.frozen is None:
        raise Conflict("you are not frozen: there is nothing to lift")


def check_room(database: Tables, offer: Offer) -> None:
    """Keep a status line short enough to be read, and room in it for one freeze more."""
    k = offer.statement.subjects[0]
    (count,) = database.row("select count(*) from status_events where k = ?", (k,))
    last = 1 if offer.statement.type == "unfreeze" else 0
    if count >= MAX_STATES - last:
        raise Conflict(f"{count} states of this line are recorded already, no more are read")


def wait_past(database: Tables, writer: LogWriter, scid: str) -> None:
    """Let the clock go on to a later second than that of this person's newest signature.

    What was signed before a revocation stands, and times are whole seconds.
    """
    (newest,) = database.row("select max(signed_at) from entries where scid = ?", (scid,))
    deadline = time.monotonic() + _PATIENCE
    while writer.now() <= (newest or 0) and time.monotonic() < deadline:
        time.sleep(_STEP)


def _check_revocation(
    offer: Offer, facts: RevocationFacts, signer: CurrentSigner, now: int
) -> None:
    point = signer.keys.get(offer.statement.subjects[0])
    if point is None:
        raise NotAllowed("this key is in no version of your key history: it is not yours to revoke")
    said = [item.state for item in signer.revoked.get(point, ())]
    if said and (facts.reason != COMPROMISED or said[-1].state == COMPROMISED):
        raise Conflict(
            f"this key was reported as {said[-1].state} on {format_time(said[-1].logged)} already"
        )
    if facts.since is None:
        return
    since = parse_time(facts.since)
    if since > now:
        raise NotAllowed(f"compromised since {facts.since}, which is still to come")
    if since < now - MAX_BACKDATING:
        raise NotAllowed(
            f"compromised since {facts.since}, which is more than {MAX_BACKDATING // _DAY} days "
            f"ago: say since {format_time(now - MAX_BACKDATING)} or later"
        )
