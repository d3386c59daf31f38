"""DID logs: what a person can write, and what nobody else can.

`Ana` holds real keys. The attacks change or continue her log with everything that the attacker of
the story has, including signatures that hold.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from trust.core.canonical import Json, canonical
from trust.core.encoding import base58_encode, format_time
from trust.core.errors import Malformed, VerificationFailed
from trust.core.people.data_integrity import make_proof
from trust.core.people.did import (
    MAX_ENTRIES,
    DidLog,
    check_scid,
    did_document,
    genesis,
    key_parameters,
    make_entry,
    next_key_hash,
    parse_log,
    scid_of,
)
from trust.core.people.did_entry import MAX_ENTRY, PLACEHOLDER, entry_hash
from trust.core.people.multikey import ed25519_multikey
from trust.custody.signers import Ed25519Signer, P256Signer

T = 1_793_714_527
HOST = "registry.example"

Entry = dict[str, Any]


def ed25519(number: int) -> Ed25519Signer:
    return Ed25519Signer(bytes([number] * 32))


def p256(number: int) -> bytes:
    return P256Signer(bytes([number] * 32)).public_key


DEVICE, NEXT, AFTER, RECOVERY, MALLORY = (ed25519(number) for number in range(1, 6))
PHONE, LAPTOP, THIEF = p256(11), p256(12), p256(13)


def first(host: str = HOST) -> Entry:
    return genesis(host, T, DEVICE, [NEXT.public_key, RECOVERY.public_key], PHONE)


def rotated(log: DidLog, signer: Ed25519Signer = NEXT, at: int = T + 100) -> Entry:
    """Ana adds her laptop: reveals the announced key, announces another."""
    newest = log.entries[-1]
    parameters = key_parameters([signer.public_key], [AFTER.public_key, RECOVERY.public_key])
    return make_entry(newest, parameters, did_document(newest.did, [PHONE, LAPTOP]), signer, at)


def three() -> list[Json]:
    """Genesis, a rotation by the device's next key, a recovery by the recovery key."""
    entries: list[Json] = [first()]
    entries.append(rotated(parse_log(entries)))
    newest = parse_log(entries).entries[-1]
    parameters = key_parameters([RECOVERY.public_key], [ed25519(6).public_key])
    document = did_document(newest.did, [LAPTOP])
    entries.append(make_entry(newest, parameters, document, RECOVERY, T + 200))
    return entries


def sealed(body: Entry, signer: Ed25519Signer, predecessor: str, number: int = 1) -> Entry:
    """Hash and sign whatever stands in a body, as its author could."""
    body = {name: member for name, member in body.items() if name != "proof"}
    digits = entry_hash(canonical({**body, "versionId": predecessor}))
    body["versionId"] = f"{number}-{digits}"
    return {**body, "proof": [make_proof(body, signer, T)]}


def reborn(change: Callable[[Entry], object]) -> Entry:
    """Return a first entry with a change, with the SCID, hash and proof that belong to it."""
    entry = first()
    old = scid_of(entry["state"]["id"])
    change(entry)
    entry["versionId"] = PLACEHOLDER
    entry.pop("proof")
    draft = json.dumps(entry).replace(old, PLACEHOLDER)
    scid = entry_hash(canonical(json.loads(draft)))
    return sealed(json.loads(draft.replace(PLACEHOLDER, scid)), DEVICE, scid)


def refused(entries: list[Json], reason: str) -> None:
    with pytest.raises(VerificationFailed) as caught:
        parse_log(entries)
    assert (caught.value.step, caught.value.reason) == (7, reason)


# What a person can write.


def test_a_first_entry_begins_a_log() -> None:
    log = parse_log([first()])
    assert log.did == f"did:webvh:{log.scid}:registry.example:p:{log.scid}"
    entry = log.entries[0]
    assert (entry.number, entry.version_time, entry.scid) == (1, T, log.scid)
    assert entry.update_keys == (DEVICE.public_key,)
    assert entry.next_key_hashes == tuple(next_key_hash(key.public_key) for key in (NEXT, RECOVERY))
    assert entry.signing_keys == (PHONE,)
    assert log.at(entry.version_id) is entry


def test_the_same_keys_and_time_give_the_same_entry_and_another_time_another_scid() -> None:
    later = genesis(HOST, T + 1, DEVICE, [NEXT.public_key, RECOVERY.public_key], PHONE)
    assert first() == first()
    assert parse_log([later]).scid != parse_log([first()]).scid


def test_each_version_has_its_own_signing_keys() -> None:
    log = parse_log(three())
    assert [entry.signing_keys for entry in log.entries] == [(PHONE,), (PHONE, LAPTOP), (LAPTOP,)]
    assert [log.at(entry.version_id).number for entry in log.entries] == [1, 2, 3]


def test_a_version_that_is_not_there() -> None:
    log = parse_log([first()])
    with pytest.raises(VerificationFailed, match="no version '2-Qm'"):
        log.at("2-Qm")


def test_the_digest_is_of_the_whole_entry_with_its_proof() -> None:
    entry = first()
    again = copy.deepcopy(entry)
    again["proof"][0]["created"] = format_time(T + 1)
    body = {name: member for name, member in again.items() if name != "proof"}
    again["proof"] = [make_proof(body, DEVICE, T + 1)]
    assert parse_log([entry]).entries[0].digest != parse_log([again]).entries[0].digest


def test_lines_and_parsed_entries_read_alike() -> None:
    log = parse_log(three())
    assert parse_log(log.encode()) == log
    assert parse_log(log.encode().removesuffix(b"\n")) == log


@pytest.mark.parametrize("host", ["1a2b3c4d.localhost:8080", "1a2b3c4d.localhost%3A8080"])
def test_a_port_is_escaped(host: str) -> None:
    assert ":1a2b3c4d.localhost%3A8080:p:" in parse_log([first(host)]).did


def test_a_person_moves_to_another_registry_and_keeps_the_scid() -> None:
    log = parse_log([first()])
    did = log.did.replace(HOST, "other.example")
    parameters = key_parameters([NEXT.public_key], [RECOVERY.public_key])
    entry = make_entry(log.entries[0], parameters, did_document(did, [PHONE]), NEXT, T + 1)
    moved = parse_log([first(), entry])
    assert (moved.did, moved.scid) == (did, log.scid)


def test_what_other_writers_leave_empty_is_taken() -> None:
    def change(entry: Entry) -> None:
        entry["parameters"] |= {"witness": {}, "watchers": [], "deactivated": False, "ttl": 3600}
        entry["state"]["verificationMethod"][0]["purpose"] = "assertionMethod"
        entry["state"]["service"] = [{"id": "#files", "type": "relativeRef"}]

    assert parse_log([reborn(change)]).entries[0].signing_keys == (PHONE,)


def test_keys_for_other_uses_sign_no_statements() -> None:
    def change(entry: Entry) -> None:
        state = entry["state"]
        method = {**state["verificationMethod"][0], "id": f"{state['id']}#other"}
        method["publicKeyMultibase"] = ed25519_multikey(MALLORY.public_key)
        state["verificationMethod"].append(method)
        state["assertionMethod"].append(method["id"])
        unused = did_document(state["id"], [LAPTOP])["verificationMethod"]
        assert isinstance(unused, list)
        state["verificationMethod"] += unused
        state["authentication"] = [method["id"]]

    assert parse_log([reborn(change)]).entries[0].signing_keys == (PHONE,)


# What nobody else can.


def test_mallory_puts_her_key_into_the_state() -> None:
    entry = first()
    entry["state"] = did_document(entry["state"]["id"], [THIEF])
    refused([entry], "scid_not_derived")


def test_mallory_puts_her_key_into_a_later_state_and_mends_the_hash() -> None:
    entries = three()
    entry: Any = copy.deepcopy(entries[1])
    predecessor = parse_log(entries[:1]).entries[0].version_id
    entry["state"] = did_document(entry["state"]["id"], [THIEF])
    refused([entries[0], entry], "hash_chain_broken")
    body = {name: member for name, member in entry.items() if name != "proof"}
    digits = entry_hash(canonical({**body, "versionId": predecessor}))
    refused([entries[0], {**entry, "versionId": f"2-{digits}"}], "bad_proof")


def test_mallory_continues_the_log_with_a_key_of_her_own() -> None:
    refused([first(), rotated(parse_log([first()]), MALLORY)], "key_not_announced")


def test_mallory_adds_her_key_beside_the_announced_one() -> None:
    log = parse_log([first()])
    keys = [NEXT.public_key, MALLORY.public_key]
    parameters = key_parameters(keys, [AFTER.public_key])
    entry = make_entry(log.entries[0], parameters, did_document(log.did, [THIEF]), MALLORY, T + 1)
    refused([first(), entry], "key_not_announced")


def test_the_thief_of_the_old_key_signs_the_next_entry() -> None:
    log = parse_log([first()])
    refused([first(), rotated(log, DEVICE)], "key_not_announced")
    parameters = key_parameters([NEXT.public_key], [AFTER.public_key])
    entry = make_entry(log.entries[0], parameters, did_document(log.did, [THIEF]), DEVICE, T + 1)
    refused([first(), entry], "not_an_update_key")


def test_a_key_that_was_used_is_not_announced_for_ever() -> None:
    entries = three()[:2]
    refused([*entries, rotated(parse_log(entries), NEXT, T + 300)], "key_not_announced")


def test_mallory_claims_anas_proof_as_hers() -> None:
    entry = first()
    multikey = ed25519_multikey(MALLORY.public_key)
    entry["proof"][0]["verificationMethod"] = f"did:key:{multikey}#{multikey}"
    refused([entry], "not_an_update_key")


def test_another_entrys_proof() -> None:
    other = genesis(HOST, T, DEVICE, [NEXT.public_key], PHONE)
    refused([{**first(), "proof": other["proof"]}], "bad_proof")


def test_entries_out_of_order_or_left_out() -> None:
    one, two, last = three()
    refused([one, last, two], "hash_chain_broken")
    refused([one, last], "hash_chain_broken")
    refused([one, two, two, last], "hash_chain_broken")
    with pytest.raises(Malformed, match="scid"):
        parse_log([two, last])


def test_entries_of_two_persons() -> None:
    ben = genesis(HOST, T + 1, DEVICE, [NEXT.public_key], LAPTOP)
    refused([first(), rotated(parse_log([ben]))], "hash_chain_broken")


def test_a_log_that_speaks_about_another_person() -> None:
    log = parse_log([first()])
    ben = parse_log([genesis(HOST, T + 1, DEVICE, [NEXT.public_key], LAPTOP)])
    parameters = key_parameters([NEXT.public_key], [AFTER.public_key])
    entry = make_entry(log.entries[0], parameters, did_document(ben.did, [PHONE]), NEXT, T + 1)
    refused([first(), entry], "other_scid")


@pytest.mark.parametrize("at", [T - 1, T])
def test_time_does_not_stand_still(at: int) -> None:
    refused([first(), rotated(parse_log([first()]), NEXT, at)], "time_not_increasing")


def test_numbers_count_from_one() -> None:
    entry = first()
    scid = scid_of(entry["state"]["id"])
    refused([sealed(entry, DEVICE, scid, number=2)], "hash_chain_broken")


def test_a_chosen_scid() -> None:
    scid = entry_hash(b"a nice one")
    entry = json.loads(json.dumps(first()).replace(scid_of(first()["state"]["id"]), scid))
    refused([sealed(entry, DEVICE, scid)], "scid_not_derived")


def test_two_first_entries_cannot_share_a_scid_through_the_placeholder() -> None:
    # Both have the same text once the SCID is taken out, so the derivation alone would hold.
    def change(entry: Entry) -> None:
        entry["state"]["alsoKnownAs"] = [entry["parameters"]["scid"]]

    entry = reborn(change)
    scid = entry["parameters"]["scid"]
    parse_log([entry])
    entry["state"]["alsoKnownAs"] = [PLACEHOLDER]
    with pytest.raises(Malformed, match="placeholder"):
        parse_log([sealed(entry, DEVICE, scid)])


def test_every_changed_character_of_a_line_is_noticed() -> None:
    line = canonical(first())
    for place in range(len(line)):
        changed = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
        with pytest.raises((Malformed, VerificationFailed)):
            parse_log(changed)


# What is not a log that we take. Each is signed and hashed as its author would.


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["parameters"].update(method="did:webvh:0.5"),
        lambda e: e["parameters"].pop("method"),
        lambda e: e["parameters"].update(portable=False),
        lambda e: e["parameters"].update(portable=1),
        lambda e: e["parameters"].pop("portable"),
        lambda e: e["parameters"].pop("nextKeyHashes"),
        lambda e: e["parameters"].update(nextKeyHashes=[]),
        lambda e: e["parameters"].update(nextKeyHashes=["Qm"]),
        lambda e: e["parameters"].update(nextKeyHashes=e["parameters"]["nextKeyHashes"] * 2),
        lambda e: e["parameters"].pop("updateKeys"),
        lambda e: e["parameters"].update(updateKeys=[]),
        lambda e: e["parameters"].update(updateKeys=["z6Mk"]),
        lambda e: e["parameters"].update(updateKeys=e["parameters"]["updateKeys"] * 2),
        lambda e: e["parameters"].update(deactivated=True),
        lambda e: e["parameters"].update(deactivated=0),
        lambda e: e["parameters"].update(watchers=["https://watcher.example"]),
        lambda e: e["parameters"].update(watchers=None),
        lambda e: e["parameters"].update(witness={"threshold": 1, "witnesses": []}),
        lambda e: e["parameters"].update(ttl=-1),
        lambda e: e["parameters"].update(prerotation=True),
        lambda e: e.update(versionTime="2026-11-03T14:02:07.000Z"),
        lambda e: e.update(versionTime=T),
        lambda e: e.update(comment="hello"),
        lambda e: e.pop("state"),
        lambda e: e["state"].pop("id"),
        lambda e: e["state"].pop("assertionMethod"),
        lambda e: e["state"].update(id=e["state"]["id"].replace(":p:", ":people:")),
        lambda e: e["state"].update(assertionMethod=["#other"]),
        lambda e: e["state"].update(assertionMethod=e["state"]["assertionMethod"] * 2),
        lambda e: e["state"].update(assertionMethod=e["state"]["verificationMethod"]),
        lambda e: e["state"].update(verificationMethod=e["state"]["verificationMethod"] * 2),
        lambda e: e["state"]["verificationMethod"][0].update(controller="did:key:z6Mk"),
        lambda e: e["state"]["verificationMethod"][0].update(id="did:key:z6Mk#z6Mk"),
        lambda e: e["state"]["verificationMethod"][0].update(
            publicKeyMultibase="z" + base58_encode(b"\x80\x24" + PHONE)
        ),
        lambda e: e["state"].update(note="x" * MAX_ENTRY),
    ],
)
def test_a_first_entry_in_another_form(change: Callable[[Entry], object]) -> None:
    with pytest.raises(Malformed):
        parse_log([reborn(change)])


@pytest.mark.parametrize(
    "parameters",
    [
        {"scid": parse_log([first()]).scid},
        {"portable": False},
        {"method": "did:webvh:0.5"},
        {"deactivated": True},
        {"nextKeyHashes": []},
    ],
)
def test_a_later_entry_in_another_form(parameters: dict[str, Json]) -> None:
    log = parse_log([first()])
    keys = key_parameters([NEXT.public_key], [AFTER.public_key])
    document = did_document(log.did, [PHONE])
    entry = make_entry(log.entries[0], keys | parameters, document, NEXT, T + 1)
    with pytest.raises(Malformed):
        parse_log([first(), entry])


@pytest.mark.parametrize("proofs", [[], [{}], {}, None, "x"])
def test_no_proof(proofs: Json) -> None:
    with pytest.raises(Malformed):
        parse_log([{**first(), "proof": proofs}])


def test_two_proofs() -> None:
    entry = first()
    with pytest.raises(Malformed, match="2 items"):
        parse_log([{**entry, "proof": entry["proof"] * 2}])


@pytest.mark.parametrize("version_id", ["", "1", "1-", "1-Qm", "x-{}", "01-{}", "1-{} ", "+1-{}"])
def test_version_ids_in_another_form(version_id: str) -> None:
    digits = first()["versionId"].removeprefix("1-")
    with pytest.raises(Malformed):
        parse_log([{**first(), "versionId": version_id.format(digits)}])


@pytest.mark.parametrize("data", [b"", b"\n", b"{}", b"[]", b"null", b'{"a":1.5}'])
def test_bytes_that_are_no_log(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_log(data)


def test_blank_lines_are_refused() -> None:
    data = parse_log(three()).encode()
    for odd in (b"\n" + data, data + b"\n", data.replace(b"\n", b"\n\n")):
        with pytest.raises(Malformed):
            parse_log(odd)


def test_too_many_entries_are_not_read_at_all() -> None:
    with pytest.raises(Malformed, match="1001 DID entries"):
        parse_log([None] * (MAX_ENTRIES + 1))
    with pytest.raises(Malformed, match="1001 DID entries"):
        parse_log(b"x\n" * (MAX_ENTRIES + 1))
    with pytest.raises(Malformed, match="0 DID entries"):
        parse_log([])


# Names.

SCID = parse_log([first()]).scid


@pytest.mark.parametrize("host", [HOST, "a.b", "x-y.example", "1.example", "xn--nxasmq6b.example"])
def test_hosts(host: str) -> None:
    assert scid_of(f"did:webvh:{SCID}:{host}:p:{SCID}") == SCID


@pytest.mark.parametrize(
    "did",
    [
        f"did:webvh:{SCID}:localhost:p:{SCID}",
        f"did:webvh:{SCID}:127.0.0.1:p:{SCID}",
        f"did:webvh:{SCID}:127.0.0.1%3A80:p:{SCID}",
        f"did:webvh:{SCID}:[::1]:p:{SCID}",
        f"did:webvh:{SCID}:Registry.example:p:{SCID}",
        f"did:webvh:{SCID}:registry..example:p:{SCID}",
        f"did:webvh:{SCID}:-registry.example:p:{SCID}",
        f"did:webvh:{SCID}:registry.example.:p:{SCID}",
        f"did:webvh:{SCID}:registry.example/x:p:{SCID}",
        f"did:webvh:{SCID}:registry.example%3a80:p:{SCID}",
        f"did:webvh:{SCID}:registry.example%3A080:p:{SCID}",
        f"did:webvh:{SCID}:registry.example%3A65536:p:{SCID}",
        f"did:webvh:{SCID}:registry.example:80:p:{SCID}",
        f"did:webvh:{SCID}:{'a.' * 127}example:p:{SCID}",
        f"did:webvh:{SCID}:registry.example:p:{entry_hash(b'other')}",
        f"did:webvh:{SCID}:registry.example",
        f"did:webvh:{SCID}:registry.example:p:{SCID}#key",
        f"did:webvh:{SCID}:registry.example:p:{SCID}\n",
        f"did:web:{SCID}:registry.example:p:{SCID}",
        "did:webvh:x:registry.example:p:x",
        "",
    ],
)
def test_dids_that_are_not_ours(did: str) -> None:
    with pytest.raises(Malformed):
        scid_of(did)


@pytest.mark.parametrize(
    "text",
    ["", SCID[:-1], SCID + "1", "1" + SCID[1:], SCID.lower(), SCID[:-1] + "0", "z" * 46, "Q" * 46],
)
def test_texts_that_are_no_scid(text: str) -> None:
    with pytest.raises(Malformed):
        check_scid(text)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "registry.example/x", "", "a b.c"])
def test_no_first_entry_for_a_host_that_no_did_can_carry(host: str) -> None:
    with pytest.raises(Malformed):
        first(host)


def test_no_first_entry_without_a_next_key() -> None:
    with pytest.raises(Malformed):
        genesis(HOST, T, DEVICE, [], PHONE)


def test_what_held_before_is_not_verified_again_and_what_follows_is() -> None:
    log = parse_log([first()])
    grown = [first(), rotated(log)]
    known = parse_log(grown, known=log)
    assert known == parse_log(grown)
    assert known.entries[0] is log.entries[0]
    assert parse_log([first()], known=known) == log
    assert parse_log([first("other.example")], known=log) == parse_log([first("other.example")])


def test_a_forged_entry_behind_a_known_log_is_refused_as_behind_any() -> None:
    log = parse_log([first()])
    forged = rotated(log, MALLORY)
    for known in (None, log):
        with pytest.raises(VerificationFailed) as raised:
            parse_log([first(), forged], known=known)
        assert raised.value.reason == "key_not_announced"
    changed = copy.deepcopy(first())
    changed["versionTime"] = format_time(T + 1)
    with pytest.raises(VerificationFailed):
        parse_log([changed, rotated(log)], known=log)
