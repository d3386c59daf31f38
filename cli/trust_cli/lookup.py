"""The dossier that `show`, `qr` and `withdraw` are about: a file here, or an id at a registry."""

import os
import time
from typing import NamedTuple

from trust.client import requests
from trust.client.address import public_url
from trust.client.http import Client
from trust.core.assess import assess, read_material
from trust.core.errors import Malformed, TouchplateError, VerificationFailed
from trust.core.policy import Policy
from trust.core.registry.dossier import MAX_DOSSIER, Dossier
from trust.core.signing.bundle import Bundle
from trust.core.signing.identity import parse_id
from trust.core.verdict import Verdict
from trust.core.x509.certificate import parse_certificate
from trust_cli.hashing import is_proof
from trust_cli.home import Home, Pinned, required_file, the_only
from trust_cli.material import beside_of


class Found(NamedTuple):
    """A dossier or bundle, judged without any file in hand. `material` None: it is unreadable."""

    verdict: Verdict
    material: Dossier | Bundle | None
    pinned: Pinned | None


def look(home: Home, what: str, url: str | None) -> Found:
    """Judge a file, or the dossier of an id that the registry sends.

    Raises:
        Malformed: neither a file nor an id, a directory, or a work with its dossier beside it.
        NotFound: no registry is pinned, or it has no record under this id.
        Unavailable: it does not answer.
        VerificationFailed: it answered with another record.
    """
    if os.path.lexists(what):
        _refuse_work(what)
        return _judge(required_file(what, MAX_DOSSIER, cut=True), home)
    try:
        statement_id = parse_id(what)
    except Malformed as error:
        raise Malformed(f"{what[:200]!r} is neither a file here nor an id of 16 digits") from error
    pinned = the_only(home.pinned(), None if url is None else public_url(url))
    return look_up(home, pinned, statement_id)


def look_up(home: Home, pinned: Pinned, statement_id: str) -> Found:
    """Judge the dossier that a registry sends for an id; raise NotFound if it has none."""
    client = Client(pinned.trust.public_url)
    found = _judge(client.ask(requests.dossier(statement_id)), home)
    _check_asked(found, pinned, statement_id)
    return found


def _check_asked(found: Found, asked: Pinned, statement_id: str) -> None:
    """What was not verified says nothing about an id; what was is about the one asked for."""
    other = None
    if found.material is not None and (
        found.pinned is None or found.pinned.trust.public_url != asked.trust.public_url
    ):
        other = "a record of another registry"
    elif found.verdict.id not in {None, statement_id}:
        other = found.verdict.id
    if other is not None:
        raise VerificationFailed(
            11,
            "other_statement",
            f"{asked.trust.public_url} was asked for {statement_id} and answered with {other}",
        )


def _refuse_work(path: str) -> None:
    """Refuse a work whose dossier lies beside it: showing that one would compare nothing."""
    beside = beside_of(path)
    if not is_proof(path) and os.path.lexists(beside):
        raise Malformed(f"is the work; its dossier is {beside}", path)
    if os.path.isdir(path):
        raise Malformed("is a directory, expected a dossier", path)


def _judge(data: bytes, home: Home) -> Found:
    now = int(time.time())
    try:
        material = read_material(data)
        bundle = material.bundle if isinstance(material, Dossier) else material
        claimed = parse_certificate(bundle.certificate).issuer_url or ""
    except TouchplateError:
        return Found(assess(data, None, None, now, Policy(), now=now), None, None)
    pinned = home.pinned_at(claimed)
    trust = None if pinned is None else pinned.trust
    compared = pinned is None or pinned.compared
    verdict = assess(material, None, trust, now, Policy(), now=now, compared=compared)
    return Found(verdict, material, pinned)
