"""Every condition of `verify`, alone: a bundle that is right in everything else is refused for it.

The forger has all keys of the registry and the person's, so that nothing else can be wrong.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from forge import DIGEST, INDEX, SIZE, Forger
from world import World

from trust.core.errors import VerificationFailed
from trust.core.log.checkpoint import log_vkey
from trust.core.registry.trust_file import Log, TrustFile, Validity
from trust.core.signing.bundle import Bundle
from trust.core.signing.facts import DeliverableFacts, EnrolmentFacts, IssuanceFacts, TrustFacts
from trust.core.signing.identity import Principal
from trust.core.signing.statement import RegistryRef, SignerRef
from trust.core.signing.subjects import Subjects
from trust.core.verify import ONLINE_WINDOW, verify

Forged = tuple[Bundle, TrustFile]
PAST = Validity(0, 1_000)  # a key or authority that was in use long ago


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forger]:
    world = World(tmp_path_factory.mktemp("forger"))
    yield Forger(world, world.join("ana"))
    world.close()


def as_registry(it: Forger, **changes: Any) -> Bundle:
    """A `trust` statement of the registry, by its own key and with an SCT."""
    key = it.authorities.keys["registry"]
    statement = it.statement(
        type="trust", facts=TrustFacts(1), private=None, signer=registry_ref(it)
    )
    certificate = it.certificate(Principal("registry"), key.public_key)
    return it.bundle(statement._replace(**changes), key=key, certificate=certificate)


def registry_ref(it: Forger) -> SignerRef:
    return SignerRef(f"{it.world.settings.public_url}/registry", None)


def trust_of(it: Forger) -> TrustFile:
    return it.world.registry.trust


def good(it: Forger, **options: Any) -> Bundle:
    return it.bundle(it.statement(), **options)


def in_log(it: Forger, **changes: Any) -> TrustFile:
    """The trust file with its log changed."""
    trust = trust_of(it)
    return trust._replace(logs=(trust.newest_log._replace(**changes),))


def second_log(it: Forger) -> Log:
    """A second log of the same registry, of which somebody holds a proof."""
    log = trust_of(it).newest_log
    key = log_vkey("log2.example", secrets.token_bytes(32))
    return log._replace(origin="log2.example", log_key=key)


def another_log_key(it: Forger) -> Forged:
    """The statement was meant for a log of the same name with another key."""
    ref = RegistryRef(it.authorities.origin, secrets.token_bytes(32))
    return it.bundle(it.statement(registry=ref)), trust_of(it)


def another_log(it: Forger) -> Forged:
    bundle = good(it)
    other = second_log(it)
    proof = bundle.proof._replace(log_id=other.log_key.full_id)
    trust = trust_of(it)
    return bundle._replace(proof=proof), trust._replace(logs=(other, *trust.logs))


def retired_tsa(it: Forger) -> Forged:
    trust = trust_of(it)
    (authority,) = trust.timestamp_authorities
    return good(it), trust._replace(timestamp_authorities=(authority._replace(validity=PAST),))


def retired_ca(it: Forger) -> Forged:
    trust = trust_of(it)
    (authority,) = trust.authorities
    return good(it), trust._replace(authorities=(authority._replace(validity=PAST),))


def retired_sct_key(it: Forger) -> Forged:
    trust = trust_of(it)
    keys = {name: key._replace(validity=PAST) for name, key in trust.sct_keys.items()}
    return good(it), trust._replace(sct_keys=keys)


def issued_for_another_registry(it: Forger) -> Forged:
    """One CA for two public URLs: the certificate of one is none of the other's."""
    settings = it.authorities.settings
    other = it.authorities._replace(
        settings=type(settings)(settings.data, "http://localhost:9", port=9)
    )
    uri = Principal("person", it.person.scid).uri(it.world.settings.public_url)
    point = it.person.signer.public_key
    request = other.precertificate(point, uri, it.now - 60)
    return good(it, certificate=other.certificate(request, point, it.now - 60)), trust_of(it)


def no_sct(it: Forger) -> Forged:
    point = it.person.signer.public_key
    bare = it.certificate(Principal("person", it.person.scid), point, sct=False)
    return good(it, certificate=bare), trust_of(it)


def no_sct_at_entry_0(it: Forger) -> Forged:
    """Entry 0 of a forged tree, but by a person: only the registry's first issuance may."""
    point = it.person.signer.public_key
    bare = it.certificate(Principal("person", it.person.scid), point, sct=False)
    empty = hashlib.sha256(b"").digest()
    statement = it.statement(not_before=it.note(0, empty, it.now - 30))
    return it.bundle(statement, certificate=bare, index=0), trust_of(it)


def no_sct_later(it: Forger) -> Forged:
    """The registry's own issuance, but not the first entry."""
    key = it.authorities.keys["registry"]
    bare = it.certificate(Principal("registry"), key.public_key, sct=False)
    statement = it.statement(
        type="issuance", facts=IssuanceFacts(None), private=None, signer=registry_ref(it)
    )
    return it.bundle(statement, key=key, certificate=bare), trust_of(it)


def a_person_in_the_registrys_name(it: Forger) -> Forged:
    """A person's certificate under a statement type of the registry."""
    statement = it.statement(
        type="trust", facts=TrustFacts(1), private=None, signer=registry_ref(it)
    )
    return it.bundle(statement), trust_of(it)


def the_registry_in_a_persons_name(it: Forger) -> Forged:
    key = it.authorities.keys["registry"]
    certificate = it.certificate(Principal("registry"), key.public_key)
    statement = it.statement(type="enrolment", facts=EnrolmentFacts(), private=None)
    return it.bundle(statement, key=key, certificate=certificate), trust_of(it)


def another_registry_as_signer(it: Forger) -> Forged:
    other = SignerRef("http://localhost:9/registry", None)
    return as_registry(it, signer=other), trust_of(it)


def another_person_as_signer(it: Forger) -> Forged:
    """Ana's key and certificate under a statement that says it is Ben's."""
    ben = it.world.join(f"ben{secrets.token_hex(4)}").author
    return it.bundle(it.statement(signer=SignerRef(ben.did, ben.version))), trust_of(it)


def a_checkpoint_that_holds_the_entry(it: Forger) -> Forged:
    """Then `notBefore` would prove nothing: the entry was there already."""
    note = it.note(INDEX + 1, bytes(32), it.now - 30)
    return it.bundle(it.statement(not_before=note)), trust_of(it)


def a_checkpoint_after_the_token(it: Forger) -> Forged:
    note = it.note(3, bytes(32), it.now - 5)
    return it.bundle(it.statement(not_before=note)), trust_of(it)


def an_old_checkpoint(it: Forger) -> Forged:
    note = it.note(3, bytes(32), it.now - 11 - ONLINE_WINDOW)
    return it.bundle(it.statement(not_before=note)), trust_of(it)


def another_leaf(it: Forger) -> Forged:
    """The proof of another signature of the same key, whole and well."""
    return good(it)._replace(proof=good(it).proof), trust_of(it)


def another_root(it: Forger) -> Forged:
    """What the bundle shows as its root is not what its checkpoint says."""
    bundle = good(it)
    return bundle._replace(proof=bundle.proof._replace(root=bytes(32))), trust_of(it)


def a_checkpoint_of_another_tree(it: Forger) -> Forged:
    bundle, other = good(it), good(it)
    proof = bundle.proof._replace(checkpoint=other.proof.checkpoint)
    return bundle._replace(proof=proof), trust_of(it)


def a_checkpoint_of_another_size(it: Forger) -> Forged:
    bundle = good(it)
    note = it.note(SIZE + 1, bundle.proof.root, it.now)
    return bundle._replace(proof=bundle.proof._replace(checkpoint=note)), trust_of(it)


def a_log_closed_before(it: Forger) -> Forged:
    bundle = good(it)
    return bundle, in_log(it, closed=(SIZE - 1, bundle.proof.root))


def a_log_closed_with_another_root(it: Forger) -> Forged:
    return good(it), in_log(it, closed=(SIZE, bytes(32)))


def a_checkpoint_before_the_token(it: Forger) -> Forged:
    """The entry would have been in the log before it was time-stamped."""
    return good(it, checkpoint_time=it.now - 11), trust_of(it)


def a_high_s(it: Forger) -> Forged:
    return good(it, high_s=True), trust_of(it)


CONDITIONS: tuple[tuple[Callable[[Forger], Forged], int, str], ...] = (
    (a_high_s, 2, "bad_signature"),
    (another_log_key, 3, "unlisted_log"),
    (retired_ca, 3, "unlisted_ca"),
    (retired_sct_key, 3, "unlisted_sct_key"),
    (issued_for_another_registry, 3, "other_registry"),
    (no_sct, 3, "no_sct"),
    (no_sct_at_entry_0, 3, "no_sct"),
    (no_sct_later, 3, "no_sct"),
    (a_person_in_the_registrys_name, 3, "wrong_signer_kind"),
    (the_registry_in_a_persons_name, 3, "wrong_signer_kind"),
    (another_registry_as_signer, 3, "other_signer"),
    (another_person_as_signer, 3, "other_signer"),
    (retired_tsa, 4, "tsa_out_of_use"),
    (a_checkpoint_that_holds_the_entry, 4, "bad_not_before"),
    (a_checkpoint_after_the_token, 4, "bad_not_before"),
    (an_old_checkpoint, 4, "not_before_too_old"),
    (another_log, 5, "other_log"),
    (another_leaf, 5, "other_leaf"),
    (another_root, 5, "bad_log_proof"),
    (a_checkpoint_of_another_tree, 5, "bad_log_proof"),
    (a_checkpoint_of_another_size, 5, "bad_log_proof"),
    (a_log_closed_before, 5, "closed_log"),
    (a_log_closed_with_another_root, 5, "closed_log"),
    (a_checkpoint_before_the_token, 5, "checkpoint_too_old"),
)


def test_what_the_forger_makes_is_right_in_everything(forger: Forger) -> None:
    """Else the refusals below would say nothing."""
    subjects = Subjects({"a.txt": DIGEST})
    for bundle in (good(forger), as_registry(forger)):
        assert verify(bundle, subjects, trust_of(forger), forger.now).index == INDEX
    bundle = good(forger)
    closed = in_log(forger, closed=(SIZE, bundle.proof.root))
    assert verify(bundle, subjects, closed, forger.now).signed_at == forger.now - 10
    old = forger.note(3, bytes(32), forger.now - 11 - ONLINE_WINDOW)
    offline = forger.statement(not_before=old, facts=DeliverableFacts(offline=True))
    assert verify(forger.bundle(offline), subjects, trust_of(forger), forger.now)


def test_a_retired_ca_does_not_hide_its_successor_of_the_same_name(forger: Forger) -> None:
    trust = trust_of(forger)
    (authority,) = trust.authorities
    both = trust._replace(authorities=(authority._replace(validity=PAST), authority))
    assert verify(good(forger), Subjects({"a.txt": DIGEST}), both, forger.now).index == INDEX


@pytest.mark.parametrize(
    ("attack", "step", "reason"), CONDITIONS, ids=[item[0].__name__ for item in CONDITIONS]
)
def test_each_condition_refuses_by_itself(
    forger: Forger, attack: Callable[[Forger], Forged], step: int, reason: str
) -> None:
    bundle, trust = attack(forger)
    with pytest.raises(VerificationFailed) as refusal:
        verify(bundle, Subjects({"a.txt": DIGEST}), trust, forger.now)
    assert (refusal.value.step, refusal.value.reason) == (step, reason)
