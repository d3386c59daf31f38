"""The part of `verify` that asks the registry: `--online`."""

from trust.client import requests
from trust.client.http import Client
from trust.core.errors import NotFound, TouchplateError, Unavailable
from trust.core.judging.standing import needed
from trust.core.registry.dossier import Dossier
from trust.core.registry.status import Status, check_status
from trust.core.signing.identity import parse_id
from trust.core.verdict import Code, Verdict
from trust.core.verify import Verified, verify
from trust.core.wording.verdicts import not_found
from trust_cli.home import Pinned
from trust_cli.material import Item
from trust_cli.pinning import refresh
from trust_cli.verify import Evidence, Question, judge_proof

MAX_CANDIDATES = 20  # attestations of one file that are fetched and judged


def ask_today(evidence: Evidence, question: Question) -> Evidence:
    """Fetch the newest trust file, and the newest status with the proofs for this dossier.

    A registry that does not answer leaves what is at hand, and `silent` says why. The dossier of a
    bare bundle is fetched too, because only it carries the signer's key history.
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
        status = client.ask(requests.status(needed(verified)))
    except TouchplateError as error:  # down, or an answer that does not hold
        return evidence._replace(silent=str(error))
    _keep(status, verified, pinned)
    return evidence._replace(newer=(*evidence.newer, status))


def look_up(item: Item, question: Question) -> tuple[Verdict, tuple[str, ...]]:
    """Ask the pinned registries for a file of which no dossier is at hand.

    Of several attestations the first that is valid counts, else the best answer there is.

    Raises:
        NotFound: no registry is pinned.
        Unavailable: a registry does not answer, and no other knows the file.
    """
    asked = [
        pinned
        for pinned in question.home.pinned()
        if question.wanted is None or question.wanted.registry in {None, pinned.trust.public_url}
    ]
    if not asked:
        raise NotFound("no registry is pinned here; first: touchplate trust add URL")
    best: tuple[Verdict, tuple[str, ...]] | None = None
    down: Unavailable | None = None
    for pinned in asked:
        try:
            for data in _dossiers(pinned, item):
                answer = judge_proof(data, item, question)
                if best is None or answer[0].code is Code.VALID:
                    best = answer
                if best[0].code is Code.VALID:
                    return best
        except Unavailable as error:
            down = error
    if best is None and down is not None:
        raise down
    return best or (not_found(asked=True, name=item.path), ())


def _dossiers(pinned: Pinned, item: Item) -> list[bytes]:
    client = Client(pinned.trust.public_url)
    digest = next(iter(item.hashed.files.values()))
    found = client.ask(requests.attestations(digest))[:MAX_CANDIDATES]
    return [client.ask(requests.dossier(parse_id(name))) for name in found]


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


def _keep(status: Status, verified: Verified, pinned: Pinned) -> None:
    """Keep a status by the id of the statement, if it holds; if not, the judgement says so."""
    try:
        check_status(status, pinned.trust)
    except TouchplateError:
        return
    pinned.folder.keep_status(verified.id, status)
