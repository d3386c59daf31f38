"""Every condition of steps 7 and 8, alone: what is right in everything else does not count for it."""

import hashlib
import secrets
from collections.abc import Iterator

import pytest
from forge import Forger
from world import World

from trust.core.canonical import Json, canonical
from trust.core.errors import TouchplateError
from trust.core.judging.standing import needed
from trust.core.keys.p256 import spki
from trust.core.policy import DAY
from trust.core.registry.dossier import Dossier
from trust.core.registry.succession import advance
from trust.core.registry.trust_file import ListedKey, Validity
from trust.core.signing.bundle import Bundle
from trust.core.signing.facts import IdentityFacts
from trust.core.signing.identity import Principal
from trust.core.signing.private import private_digest
from trust.core.signing.statement import SignerRef
from trust.core.verdict import Code, Verdict
from trust.core.verify import verify
from trust.custody.signers import P256Signer, generate_p256

FILES = {"a.txt": b"hello"}
PAST = Validity(0, 1_000)


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forger]:
    world = World(tmp_path_factory.mktemp("judged"))
    yield Forger(world, world.join("ana"))
    world.close()


@pytest.fixture(scope="module")
def dossier(forger: Forger) -> Dossier:
    return forger.world.dossier(forger.person.sign(FILES).id)


def words(verdict: Verdict) -> list[str]:
    return [item.word for item in verdict.reasons]


def beside(dossier: Dossier, bundle: Bundle, *private: dict[str, Json]) -> Dossier:
    """Lay one more supporting bundle into a dossier, and the private parts that it names."""
    parts = {private_digest(part): part for part in private}
    return dossier._replace(
        supporting=(*dossier.supporting, bundle),
        private={**dossier.private, **parts},
    )


def forged_identity(it: Forger, key: P256Signer, subject: bytes) -> Bundle:
    """An `identity` statement about Ana's first DID entry, by some key of the registry's name."""
    facts = IdentityFacts(it.person.scid, it.person.author.version)
    statement = it.statement(
        type="identity",
        subjects=(subject,),
        facts=facts,
        private=None,
        signer=SignerRef(f"{it.world.settings.public_url}/registry", None),
    )
    certificate = it.certificate(Principal("registry"), key.public_key)
    return it.bundle(statement, key=key, certificate=certificate)


def entry_digest(it: Forger) -> bytes:
    return hashlib.sha256(canonical(it.person.entry)).digest()


def test_a_registry_key_counts_only_while_it_was_in_use(forger: Forger, dossier: Dossier) -> None:
    trust = forger.world.registry.trust
    retired = trust._replace(registry_keys=(trust.registry_keys[0]._replace(validity=PAST),))
    other = ListedKey(spki(P256Signer(generate_p256()).public_key), Validity(0))
    for changed in (retired, trust._replace(registry_keys=(other,))):
        verdict = forger.world.assess(dossier, FILES, trust=changed)
        assert (verdict.code, verdict.signer) != (Code.VALID, None)
        assert "unlisted_registry_key" in words(verdict)


def test_the_ca_cannot_speak_for_the_registry(forger: Forger, dossier: Dossier) -> None:
    """Whoever has only the CA key can certify `/registry`: the trust file names the key itself."""
    stolen = P256Signer(generate_p256())
    bundle = forged_identity(forger, stolen, entry_digest(forger))
    verdict = forger.world.assess(beside(dossier, bundle), FILES)
    assert words(verdict) == ["unlisted_registry_key"]


def test_an_identity_of_another_entry_contradicts_the_history(
    forger: Forger, dossier: Dossier
) -> None:
    key = forger.authorities.keys["registry"]
    assert isinstance(key, P256Signer)
    honest = forged_identity(forger, key, entry_digest(forger))
    assert forger.world.assess(beside(dossier, honest), FILES).code is Code.VALID
    bundle = forged_identity(forger, key, secrets.token_bytes(32))
    verdict = forger.world.assess(beside(dossier, bundle), FILES)
    assert (verdict.code, words(verdict)) == (Code.INVALID, ["other_identity"])


def test_a_handle_that_the_registry_gave_itself_in_anas_name(
    forger: Forger, dossier: Dossier
) -> None:
    """A supporting statement is hers only by a key of her own history, as the deliverable is."""
    private: dict[str, Json] = {"blind": secrets.token_bytes(16).hex(), "handle": "the-boss"}
    digest = private_digest(private)
    statement = forger.statement(type="handle", subjects=(digest,), facts=None, private=digest)
    hers = forger.bundle(statement)
    named = forger.world.assess(beside(dossier, hers, private), FILES)
    assert named.code is Code.VALID
    minted = forger.bundle(statement, key=P256Signer(generate_p256()))
    verdict = forger.world.assess(beside(dossier, minted, private), FILES)
    assert (verdict.code, words(verdict)) == (Code.INVALID, ["key_not_in_history"])


def test_a_private_part_that_nobody_signed_is_no_part_of_a_dossier(
    forger: Forger, dossier: Dossier
) -> None:
    part: dict[str, Json] = {"blind": secrets.token_bytes(16).hex(), "reason": "nobody signed this"}
    stray = dossier._replace(private={**dossier.private, private_digest(part): part})
    assert forger.world.assess(stray, FILES).code is Code.UNREADABLE


def test_a_snapshot_from_before_the_entry_is_not_at_hand(forger: Forger) -> None:
    """It could not know of a withdrawal, though it proves the absence of one."""
    world = forger.world
    size = world.registry._published.size
    signed = forger.person.sign(FILES)
    verified = verify(world.registry.bundle(signed.id), None, world.registry.trust, world.now)
    assert verified.index == size
    before = world.registry.status(size, list(needed(verified)))
    verdict = world.assess(world.dossier(signed.id)._replace(status=before), FILES)
    assert "no_status" in words(verdict)
    covering = world.registry.status(size + 1, list(needed(verified)))
    assert world.assess(world.dossier(signed.id)._replace(status=covering), FILES).as_of


def test_a_newer_snapshot_without_proofs_is_no_newer_status(world: World) -> None:
    """Its lines are others: it may hold the withdrawal that it was not asked about."""
    ana, ben = world.join("ana"), world.join("ben")
    signed = ana.sign(FILES)
    dossier = world.dossier(signed.id)
    world.offset = 60
    ben.withdraw(ben.sign({"b.txt": b"b"}).id)
    newest = world.registry.status(None, [])
    as_of = world.assess(dossier, FILES, newer=[newest]).as_of
    assert as_of == dossier.status.snapshot.time < newest.snapshot.time


def test_a_withdrawal_after_the_moment_that_is_judged_is_named_and_does_not_count(
    world: World,
) -> None:
    ana = world.join("ana")
    signed, moment = ana.sign(FILES), world.now
    world.offset = DAY - 60
    ana.withdraw(signed.id)
    dossier = world.dossier(signed.id)
    assert world.assess(dossier, FILES).code is Code.REVOKED
    then = world.assess(dossier, FILES, at=moment)
    assert then.code is Code.VALID
    assert "It was withdrawn later" in then.sentence


def test_a_trust_file_of_the_same_version_does_not_follow_itself(world: World) -> None:
    trust = world.registry.trust
    with pytest.raises(TouchplateError, match="version 1, expected 2"):
        advance(trust, trust.encoded)
