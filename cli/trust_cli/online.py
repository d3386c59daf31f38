"""The part of `verify` that asks the registry: `--online`."""

from contextlib import suppress

from trust.client import requests
from trust.client.http import Client
from trust.core.errors import TouchplateError
from trust.core.judging.standing import needed
from trust.core.registry.dossier import Dossier, parse_dossier
from trust.core.registry.status import Status, check_status
from trust.core.signing.bundle import Bundle
from trust.core.signing.facts import DeliverableFacts
from trust.core.verify import Verified, verify
from trust_cli.home import Pinned
from trust_cli.material import Item
from trust_cli.pinning import refresh
from trust_cli.question import Evidence, Question

MAX_CANDIDATES = 20  # attestations of one file that are fetched and judged


def ask_today(evidence: Evidence, question: Question) -> Evidence:
    """Fetch the newest trust file, and the newest status with the proofs for this dossier.

    For a bare bundle its dossier is fetched too, because only that carries the signer's own key
    history. A registry that does not answer leaves what is at hand, and `silent` says why.
    """
    pinned = evidence.pinned
    if pinned is None:
        return evidence
    client = Client(pinned.trust.public_url)
    try:
        pinned = refresh(client, pinned)
        evidence = evidence._replace(pinned=pinned, newest_trust=True)
        verified = _verified(evidence, question)
        if verified is None:
            return evidence
        evidence = evidence._replace(material=_whole(evidence.material, verified, client))
        names = needed(verified) + _behind(evidence, verified, question.now)
        status = client.ask(requests.status(names))
    except TouchplateError as error:  # down, or an answer that does not hold
        return evidence._replace(silent=str(error))
    _keep(status, verified, pinned)
    return evidence._replace(newer=(*evidence.newer, status))


def dossiers(pinned: Pinned, item: Item, question: Question) -> list[bytes]:
    """Return the dossiers that a registry has for a file, those of the expected signer first."""
    client = Client(pinned.trust.public_url)
    found = client.ask(requests.attestations(item.hashed.known_by))
    wanted = question.wanted
    if wanted is not None:  # else copiers could crowd the expected one out
        found = tuple(sorted(found, key=lambda one: not _by(one, wanted.scid, wanted.handle)))
    return [client.ask(requests.dossier(one.id)) for one in found[:MAX_CANDIDATES]]


def _by(listed: requests.Listed, scid: str | None, handle: str | None) -> bool:
    return listed.scid == scid if scid is not None else listed.handle == handle


def _verified(evidence: Evidence, question: Question) -> Verified | None:
    """Verify the bundle, to know its status names; None if it does not hold anyway."""
    material, pinned = evidence.material, evidence.pinned
    bundle = material.bundle if isinstance(material, Dossier) else material
    if pinned is None:
        return None
    try:
        return verify(bundle, None, pinned.trust, question.now)
    except TouchplateError:
        return None


def _whole(material: Dossier | Bundle, verified: Verified, client: Client) -> Dossier | Bundle:
    """Return the dossier of a bare bundle, if it is about the very same signature."""
    if isinstance(material, Dossier):
        return material
    fetched = parse_dossier(client.ask(requests.dossier(verified.id)))
    same = (fetched.bundle.envelope, fetched.bundle.certificate)
    return fetched if same == (material.envelope, material.certificate) else material


def _behind(evidence: Evidence, verified: Verified, now: int) -> tuple[bytes, ...]:
    """Return the names that decide about the delegation behind what an agent signed."""
    facts, material = verified.statement.facts, evidence.material
    if not isinstance(facts, DeliverableFacts) or facts.delegation is None:
        return ()
    if evidence.pinned is None or not isinstance(material, Dossier):
        return ()
    for bundle in material.supporting:
        with suppress(TouchplateError):  # `judge` says what is wrong with it
            item = verify(bundle, None, evidence.pinned.trust, now)
            if item.id == facts.delegation:
                return needed(item)
    return ()


def _keep(status: Status, verified: Verified, pinned: Pinned) -> None:
    """Keep a status by the id of the statement, if it holds; if not, the judgement says so."""
    try:
        check_status(status, pinned.trust)
    except TouchplateError:
        return
    pinned.folder.keep_status(verified.id, status)
