"""`didwebvh-ts` resolves the key histories that we write, and we read those that it writes."""

import json
from pathlib import Path

import pytest
from devices import second_device
from world import World

from tests.interop.case import BUILT, Answer, Case, Json, ask_node, copied, installed
from tests.interop.histories import (
    FORGERIES,
    HOST,
    NEW_HOST,
    Forgery,
    add_a_stranger_to_a_later_document,
    begun,
    did_at,
    history,
    leave_an_entry_out,
    new_keys,
    take_another_proof,
)
from trust.core.canonical import canonical
from trust.core.errors import Malformed, VerificationFailed
from trust.core.people.did import DidEntry, parse_log
from trust.core.people.multikey import ed25519_multikey, p256_multikey
from trust.core.people.revocation import RevocationFacts
from trust.custody.signers import P256Signer, generate_p256

pytestmark = pytest.mark.loopback
VERSION = "2.8.0"
PACKAGE = BUILT / "node" / "node_modules" / "didwebvh-ts" / "package.json"


def read(folder: Path, log: list[Json], *version: str) -> Answer:
    """Let didwebvh-ts resolve a log from disk."""
    path = folder / "did.jsonl"
    path.write_bytes(b"".join(canonical(entry) + b"\n" for entry in log))
    return ask_node("didwebvh.mjs", "read", str(path), *version)


def agree(answer: Answer, entry: DidEntry) -> None:
    """Require that didwebvh-ts found this very version: its DID, its keys, what it announces."""
    answer.accepts(entry.version_id)
    found = json.loads(answer.text)
    assert found["did"] == entry.did
    assert found["meta"]["versionId"] == entry.version_id
    assert found["meta"]["updateKeys"] == [ed25519_multikey(key) for key in entry.update_keys]
    assert found["meta"]["nextKeyHashes"] == list(entry.next_key_hashes)
    assert (found["meta"]["portable"], found["meta"]["prerotation"]) == (True, True)
    assert signing_keys(found["doc"]) == [p256_multikey(key) for key in entry.signing_keys]


def signing_keys(document: Json) -> list[str]:
    methods = {item["id"]: item["publicKeyMultibase"] for item in document["verificationMethod"]}
    return [methods[name] for name in document["assertionMethod"]]


@pytest.fixture(scope="module", autouse=True)
def package() -> str:
    return installed(PACKAGE)


def test_the_version_is_pinned() -> None:
    assert json.loads(PACKAGE.read_bytes())["version"] == VERSION


def test_it_resolves_a_did_that_a_registry_serves(case: Case) -> None:
    signer = case.verified.statement.signer
    answer = ask_node("didwebvh.mjs", "resolve", signer.id, case.issuer)
    answer.accepts(str(signer.version))
    key = p256_multikey(case.verified.certificate.point)
    assert signing_keys(json.loads(answer.text)["doc"]) == [key]


def test_it_resolves_what_a_registry_keeps_of_devices_that_come_and_go(
    tmp_path: Path, world: World
) -> None:
    first, second = second_device(world.join("ana"))
    second.rotate()
    world.registry.submit(first.removal(second, RevocationFacts("lost")), "")
    first.rotate()
    log: list[Json] = json.loads(canonical(world.registry.did_log(first.person.scid)))
    entries = parse_log(log).entries
    assert [len(entry.signing_keys) for entry in entries] == [1, 2, 2, 1, 1]
    for entry in entries:
        agree(read(tmp_path, log, str(entry.number)), entry)
    swapped = [*log[:2], log[3], log[2], log[4]]
    for forged in (swapped, [*log[:2], *log[3:]], [log[0], *log[2:]]):
        assert read(tmp_path, forged).exit == 1
        with pytest.raises((Malformed, VerificationFailed)):
            parse_log(forged)


def test_it_resolves_every_version_of_our_history(tmp_path: Path) -> None:
    log = history(new_keys())
    entries = parse_log(log).entries
    assert len({entry.did for entry in entries}) == 2
    for entry in entries:
        agree(read(tmp_path, log, str(entry.number)), entry)
    agree(read(tmp_path, log), entries[-1])


@pytest.mark.parametrize("move", [(), (NEW_HOST,)])
def test_we_read_every_version_of_its_history(tmp_path: Path, move: tuple[str, ...]) -> None:
    log, key = its_history(*move)
    ours = parse_log(log)
    assert (ours.entries[0].did, ours.did) == tuple(
        did_at(ours.entries[0], host) for host in (HOST, *(move or (HOST,)))
    )
    assert [entry.signing_keys for entry in ours.entries] == [(key,)] * 3
    for entry in ours.entries:
        agree(read(tmp_path, log, str(entry.number)), entry)


def its_history(*move: str) -> tuple[list[Json], bytes]:
    """Let didwebvh-ts write a log; return it with the signing key in its documents."""
    key = P256Signer(generate_p256()).public_key
    answer = ask_node("didwebvh.mjs", "write", HOST, p256_multikey(key), *move)
    answer.accepts("eddsa-jcs-2022")
    log: list[Json] = json.loads(answer.text)
    return log, key


def test_the_log_of_another_person(case: Case) -> None:
    scid, strange = (url.rpartition("/")[2] for url in (case.identity, case.strange_identity))
    did = case.verified.statement.signer.id
    mixed = f"{did.removesuffix(scid)}{strange}"
    ask_node("didwebvh.mjs", "resolve", mixed, case.issuer).refuses(
        f"SCID in DID '{scid}' does not match SCID in log '{strange}'"
    )


def test_the_same_log_at_another_registry(case: Case) -> None:
    did = case.verified.statement.signer.id.split(":")
    elsewhere = ":".join([*did[:3], NEW_HOST, *did[4:]])
    ask_node("didwebvh.mjs", "resolve", elsewhere, case.issuer).refuses(
        f"Requested DID '{elsewhere}' does not match state.id"
    )


def test_a_person_that_a_registry_does_not_know(case: Case) -> None:
    scid = parse_log(begun(new_keys())).scid
    did = case.verified.statement.signer.id.split(":")
    unknown = ":".join([*did[:2], scid, did[3], "p", scid])
    ask_node("didwebvh.mjs", "resolve", unknown, case.issuer).refuses(
        "refused: notFound: HTTP error! status: 404"
    )


@pytest.mark.parametrize("forgery", FORGERIES)
def test_both_refuse_a_forged_history_for_its_reason(tmp_path: Path, forgery: Forgery) -> None:
    keys = new_keys()
    log = forgery([copied(entry) for entry in history(keys)], keys)
    both_refuse(tmp_path, log, forgery)


@pytest.mark.parametrize(
    "forgery",
    [add_a_stranger_to_a_later_document, leave_an_entry_out, take_another_proof],
)
def test_both_refuse_a_forgery_of_its_history(tmp_path: Path, forgery: Forgery) -> None:
    log = forgery(its_history()[0], new_keys())
    both_refuse(tmp_path, log, forgery)


def both_refuse(folder: Path, log: list[Json], forgery: Forgery) -> None:
    theirs, ours = FORGERIES[forgery]
    read(folder, log).refuses(theirs)
    with pytest.raises(VerificationFailed) as caught:
        parse_log(log)
    assert caught.value.reason == ours
