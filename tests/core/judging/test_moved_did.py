"""A DID may move to another host; what was signed before names the DID as it was then."""

from typing import NamedTuple

import pytest
from world import Person, World, chance

from trust.client.statements import first_author, make_enrolment, make_identity, make_join
from trust.core.canonical import Json, canonical
from trust.core.encoding import b64decode
from trust.core.errors import NotAllowed, VerificationFailed
from trust.core.judging.authority import check_key
from trust.core.people.did import DidLog, did_document, key_parameters, make_entry, parse_log
from trust.core.signing.statement import SignerRef
from trust.core.verify import Verified, verify
from trust.core.x509.certificate import parse_certificate
from trust.custody.signers import Ed25519Signer, generate_ed25519

FILES = {"a.txt": b"hello"}
DAY = 24 * 3600


class Moved(NamedTuple):
    """Someone who signed, and whose DID moved afterwards."""

    person: Person
    log: DidLog
    entry: dict[str, Json]
    item: str


@pytest.fixture
def moved(world: World) -> Moved:
    update, following, last = (Ed25519Signer(generate_ed25519()) for _ in range(3))
    ana = Person(world, "ana", None)
    trust, at = world.registry.trust, world.now
    ana.entry = make_identity(ana.signer, update, [following.public_key], trust, at)
    ana.author = first_author(ana.signer, ana.entry, trust)
    chances = (chance(), chance(), chance())
    note = world.registry.checkpoint()
    join = make_join(ana.author, ana.entry, note, chances, handle="ana")
    world.registry.submit(join.to_json(), "")
    item = ana.sign(FILES)
    entry = make_entry(
        parse_log([ana.entry]).entries[0],
        key_parameters([following.public_key], [last.public_key]),
        did_document(
            f"did:webvh:{ana.scid}:elsewhere.example:p:{ana.scid}", [ana.signer.public_key]
        ),
        following,
        at + 1,
    )
    return Moved(ana, parse_log([ana.entry, entry]), entry, item.id)


def signed(world: World, moved: Moved, signer: SignerRef) -> Verified:
    """Ana's statement as it would be verified if it named this signer."""
    verified = verify(world.registry.bundle(moved.item), None, world.registry.trust, world.now)
    return verified._replace(statement=verified.statement._replace(signer=signer))


def test_the_log_has_one_scid_and_two_dids(moved: Moved) -> None:
    before, after = moved.log.entries
    assert before.did != after.did == moved.log.did
    assert moved.log.scid == moved.person.scid


def test_what_was_signed_before_the_move_stands(world: World, moved: Moved) -> None:
    dossier = world.dossier(moved.item)
    history: list[Json] = [entry.raw for entry in moved.log.entries]
    with_history = dossier._replace(did_logs=(history,))
    assert world.assess(with_history, FILES).code == "valid"


@pytest.mark.parametrize("version", [0, 1])
def test_each_version_speaks_under_its_own_did(world: World, moved: Moved, version: int) -> None:
    entry = moved.log.entries[version]
    check_key(signed(world, moved, SignerRef(entry.did, entry.version_id)), moved.log)


@pytest.mark.parametrize("version", [0, 1])
def test_no_version_speaks_under_the_did_of_another(
    world: World, moved: Moved, version: int
) -> None:
    entry, other = moved.log.entries[version], moved.log.entries[1 - version]
    with pytest.raises(VerificationFailed, match="of another signer"):
        check_key(signed(world, moved, SignerRef(other.did, entry.version_id)), moved.log)


def test_after_the_move_the_registry_takes_the_new_did_alone_and_renews_under_it(
    world: World, moved: Moved
) -> None:
    ana = moved.person
    with world.registry._database.write() as connection:
        connection.execute(
            "insert into did_entries values (?, 2, ?)", (ana.scid, canonical(moved.entry))
        )
        connection.execute("insert into identities values (-1, ?, 2)", (ana.scid,))
    world.offset = 340 * DAY
    world.restart()
    with pytest.raises(NotAllowed, match="the current DID version is 2-"):
        ana.sign(FILES)
    ana.author = ana.author._replace(did=moved.log.did, version=moved.log.entries[-1].version_id)
    renewal = make_enrolment(ana.author, world.registry.checkpoint(), chance().salt)
    answer = world.registry.submit(renewal.to_json(), "")
    assert isinstance(answer, dict)
    renewed = parse_certificate(b64decode(str(answer["certificate"])))
    assert renewed.san_uri == f"{world.settings.public_url}/p/{ana.scid}"  # no host of a DID in it
    assert world.registry.bundle(ana.sign({"b.txt": b"b"}).id).certificate == renewed.der
