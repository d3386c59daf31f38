"""The registry cannot speak for a person: their own key history decides."""

import hashlib
import json

from world import Person, World, chance

from trust.client.statements import make_deliverable
from trust.core.canonical import canonical
from trust.core.keys.p256 import spki
from trust.core.registry.dossier import Dossier
from trust.core.signing.facts import IssuanceFacts
from trust.core.signing.identity import Principal, statement_id
from trust.core.signing.statement import parse_statement
from trust.core.verdict import Code
from trust.custody.signers import P256Signer, generate_p256
from trust.service.append_path import Submission

FILES = {"contract.txt": b"I owe the registry a thousand"}


def forge(world: World, ana: Person) -> tuple[Dossier, str]:
    """Mint a key and a certificate for Ana's SAN, log it honestly, and sign in her name."""
    registry = world.registry
    key = P256Signer(generate_p256())
    uri = Principal("person", ana.scid).uri(world.settings.public_url)
    request = registry._authorities.precertificate(key.public_key, uri, world.now)
    tbs = registry._authorities.tbs(request, key.public_key)
    issuance = registry._writer.make(
        "issuance", hashlib.sha256(tbs).digest(), IssuanceFacts("0123456789abcdef")
    )
    registry._writer.append_own([issuance])
    certificate = registry._authorities.certificate(request, key.public_key, world.now)
    digests = {name: hashlib.sha256(data).digest() for name, data in FILES.items()}
    forged = make_deliverable(
        ana.author._replace(signer=key), digests, registry.checkpoint(), chance()
    )
    assert forged.id == statement_id(
        registry.trust.newest_log.origin, ana.scid, bytes.fromhex(_salt(forged.envelope.payload))
    )
    statement, private = parse_statement(forged.envelope.payload), canonical(forged.private)
    registry._writer.append(
        [Submission(forged.id, ana.scid, forged.envelope, statement, certificate, private)]
    )
    return world.dossier(forged.id), hashlib.sha256(spki(key.public_key)).hexdigest()


def _salt(payload: bytes) -> str:
    return str(json.loads(payload)["predicate"]["salt"])


def test_its_dossier_is_invalid(world: World) -> None:
    ana = world.join("ana")
    dossier, _ = forge(world, ana)
    verdict = world.assess(dossier, FILES)
    assert verdict.code is Code.INVALID
    assert [item.word for item in verdict.reasons] == ["key_not_in_history"]


def test_its_bare_bundle_is_only_the_registrys_word(world: World) -> None:
    ana = world.join("ana")
    dossier, _ = forge(world, ana)
    verdict = world.assess(dossier.bundle, FILES)
    assert verdict.code is Code.COULD_NOT_CHECK
    assert verdict.sentence.startswith("According to localhost:8123, the person with key code")


def test_another_persons_key_history_does_not_help(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    dossier, _ = forge(world, ana)
    other = world.dossier(ben.sign(FILES).id)
    verdict = world.assess(dossier._replace(did_logs=other.did_logs), FILES)
    assert verdict.code is Code.UNREADABLE


def test_leaving_the_key_history_out_is_unreadable(world: World) -> None:
    ana = world.join("ana")
    honest = world.dossier(ana.sign(FILES).id)
    assert world.assess(honest, FILES).code is Code.VALID
    assert world.assess(honest._replace(did_logs=()), FILES).code is Code.UNREADABLE
