"""What a vector of each kind asks of the core: members of its input in, its value out.

specs/vectors/README.md describes them for implementations that are not ours.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from tests.vectors.inputs import binary, to_bytes
from tests.vectors.whole import verification
from trust.core import canonical, encoding
from trust.core.keys import ed25519, p256
from trust.core.log import merkle
from trust.core.log.checkpoint import open_checkpoint
from trust.core.log.cosigning import Request
from trust.core.log.entry import LeafEntry
from trust.core.log.note import Note, VerifierKey
from trust.core.log.proof import TlogProof
from trust.core.log.tile import TilePath, hash_reader, parse_entry_bundle
from trust.core.log.witness import WitnessPolicy
from trust.core.people.did import parse_log, scid_of
from trust.core.people.handle import RESERVED, check_handle, skeleton
from trust.core.people.keycode import key_code, parse_recovery
from trust.core.people.multikey import parse_ed25519, parse_p256
from trust.core.people.pattern import check_media_type, check_pattern, is_of_type, matches
from trust.core.registry.dossier import parse_dossier
from trust.core.registry.status import check_status, parse_status
from trust.core.registry.succession import advance
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.bundle import parse_bundle_bytes
from trust.core.signing.disclosure import parse_disclosure
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.identity import parse_id, parse_principal, statement_id, status_key
from trust.core.signing.private import parse_private_bytes
from trust.core.signing.statement import parse_statement
from trust.core.signing.subjects import Subjects, match_subjects
from trust.core.verify import verify
from trust.core.x509.certificate import check_leaf, check_sct, parse_certificate
from trust.core.x509.timestamp import verify_timestamp

Input = dict[str, Any]
LIMIT = 1 << 20  # bytes of a document for which the input sets no other limit


def _json(given: Input) -> str:
    value = canonical.parse(to_bytes(given["data"]), given.get("limit", LIMIT))
    return canonical.canonical(value).decode()


def _canonical_json(given: Input) -> None:
    canonical.parse_canonical(to_bytes(given["data"]), LIMIT)


def _statement(given: Input) -> Input:
    statement = parse_statement(to_bytes(given["data"]))
    return {"type": statement.type, "subjects": len(statement.subjects)}


def _statement_id(given: Input) -> str:
    return statement_id(given["origin"], given["who"], encoding.hex_decode(given["salt"], size=16))


def _signer_uri(given: Input) -> Input:
    found = parse_principal(given["uri"], given["publicUrl"])
    return {"kind": found.kind, "scid": found.scid, "number": found.number}


def _path_pattern(given: Input) -> bool:
    return matches(check_pattern(given["pattern"], "pattern"), given["name"])


def _media_type(given: Input) -> bool:
    return is_of_type(given["name"], check_media_type(given["limit"], "limit"))


def _private_part(given: Input) -> None:
    parse_private_bytes(to_bytes(given["data"]), given["type"])


def _disclosure(given: Input) -> None:
    parse_disclosure(canonical.parse(to_bytes(given["data"]), LIMIT))


def _envelope(given: Input) -> str:
    document = canonical.parse(to_bytes(given["data"]), LIMIT)
    return parse_envelope(document, STATEMENT_PAYLOAD).pae.hex()


def _subjects(given: Input) -> None:
    names = given["names"]
    files = {name: encoding.hex_decode(digest, name) for name, digest in given["files"].items()}
    match_subjects(
        parse_statement(to_bytes(given["statement"])),
        Subjects(files, given["whole"], None if names is None else tuple(names)),
    )


def _p256_signature(given: Input) -> None:
    point = p256.point_from_spki(binary(given["key"]))
    message, signature = binary(given["message"]), binary(given["signature"])
    p256.verify(point, message, signature, low_s=given["lowS"])


def _ed25519_signature(given: Input) -> None:
    key, message = binary(given["key"]), binary(given["message"])
    ed25519.check(key, message, binary(given["signature"]), "signature")


def _certificate(given: Input) -> Input:
    found = parse_certificate(binary(given["certificate"]))
    return {
        "uri": found.san_uri,
        "issuerUrl": found.issuer_url,
        "notBefore": encoding.format_time(found.not_before),
        "notAfter": encoding.format_time(found.not_after),
        "sct": found.sct is not None,
    }


def _certificate_chain(given: Input) -> None:
    leaf = parse_certificate(binary(given["certificate"]))
    ca = parse_certificate(binary(given["ca"]))
    check_leaf(leaf, ca, encoding.parse_time(given["at"]))
    spkis = [binary(item) for item in given["sctKeys"]]
    keys = {hashlib.sha256(item).digest(): p256.point_from_spki(item) for item in spkis}
    check_sct(leaf, ca, keys)


def _timestamp(given: Input) -> str:
    tsa, root = (parse_certificate(binary(given[name])) for name in ("tsa", "root"))
    token, signed = binary(given["token"]), binary(given["signed"])
    return encoding.format_time(verify_timestamp(token, signed, tsa, root))


def _leaf(given: Input) -> str:
    data = to_bytes(given["data"])
    LeafEntry.parse(data)
    return merkle.leaf_hash(data).hex()


def _hashes(given: Input) -> list[bytes]:
    return [binary(item) for item in given["hashes"]]


def _inclusion(given: Input) -> None:
    leaf, root = binary(given["leaf"]), binary(given["root"])
    merkle.check_inclusion(given["index"], given["size"], leaf, _hashes(given), root)


def _consistency(given: Input) -> None:
    old, new = binary(given["oldRoot"]), binary(given["newRoot"])
    merkle.check_consistency(given["oldSize"], given["newSize"], old, new, _hashes(given))


def _verifier_key(given: Input) -> Input:
    key = VerifierKey.parse(given["text"])
    return {"name": key.name, "id": key.full_id.hex()}


def _note(given: Input) -> list[Any]:
    keys = [VerifierKey.parse(text) for text in given["keys"]]
    lines = Note.parse(to_bytes(given["note"])).verify(keys)
    return [[str(line.key), line.time] for line in lines]


def _checkpoint(given: Input) -> Input:
    keys = [VerifierKey.parse(given[name]) for name in ("logKey", "clockKey")]
    found = open_checkpoint(given["note"], *keys)
    return {"size": found.checkpoint.size, "root": found.checkpoint.root.hex(), "time": found.time}


def _cosignatures(given: Input) -> Input:
    policy = WitnessPolicy.parse(given["policy"])
    found = policy.judge(Note.parse(to_bytes(given["note"])))
    return {"operators": list(found.operators), "of": found.of, "enough": found.enough}


def _tlog_proof(given: Input) -> Input:
    log, clock = (VerifierKey.parse(given[name]) for name in ("logKey", "clockKey"))
    proof = TlogProof.parse(to_bytes(given["data"]))
    size = proof.check(binary(given["leaf"]), log, clock).checkpoint.size
    extra = None if proof.extra is None else proof.extra.hex()
    return {"index": proof.index, "size": size, "extra": extra}


def _add_checkpoint(given: Input) -> Input:
    request = Request.parse(to_bytes(given["data"]))
    return {"old": request.old, "hashes": len(request.proof)}


def _tile_path(given: Input) -> Input:
    return dict(TilePath.parse(given["path"])._asdict())


def _tiles(given: Input) -> str:
    tiles = {TilePath.parse(path): binary(data) for path, data in given["tiles"].items()}
    return merkle.root_from_reader(
        given["size"], hash_reader(given["size"], tiles.__getitem__)
    ).hex()


def _entry_bundle(given: Input) -> list[str]:
    return [item.hex() for item in parse_entry_bundle(binary(given["data"]))]


def _bundle(given: Input) -> None:
    parse_bundle_bytes(to_bytes(given["data"]))


def _dossier(given: Input) -> None:
    parse_dossier(to_bytes(given["data"]))


def _attestation(given: Input) -> Input:
    trust = parse_trust_file(to_bytes(given["trust"]))
    bundle = parse_bundle_bytes(to_bytes(given["bundle"]))
    found = verify(bundle, None, trust, encoding.parse_time(given["at"]))
    return {
        "id": found.id,
        "signer": found.principal.uri(trust.public_url),
        "index": found.index,
        "notBefore": encoding.format_time(found.not_before),
        "signedAt": encoding.format_time(found.signed_at),
    }


def _did_log(given: Input) -> Input:
    log = parse_log(to_bytes(given["data"]))
    return {"did": log.did, "versions": [entry.version_id for entry in log.entries]}


def _ed25519_multikey(given: Input) -> str:
    return parse_ed25519(given["text"]).hex()


def _p256_multikey(given: Input) -> str | None:
    point = parse_p256(given["text"])
    return None if point is None else point.hex()


def _handle(given: Input) -> Input:
    handle = check_handle(given["text"])
    alike = skeleton(handle)
    return {"skeleton": alike, "reserved": alike in {skeleton(word) for word in RESERVED}}


def _trust_file(given: Input) -> Input:
    trust = parse_trust_file(to_bytes(given["data"]))
    return {"version": trust.version, "code": trust.code}


def _trust_chain(given: Input) -> int:
    first, *rest = (to_bytes(item) for item in given["files"])
    trust = parse_trust_file(first)
    for data in rest:
        trust = advance(trust, data)
    return trust.version


def _status(given: Input) -> Input:
    status = parse_status(canonical.parse(to_bytes(given["data"]), LIMIT))
    checked = check_status(status, parse_trust_file(to_bytes(given["trust"])))
    return {k.hex(): [item.state for item in states] for k, states in checked.states.items()}


OBJECTS: dict[str, Callable[[Input], Any]] = {
    "json": _json,
    "canonical-json": _canonical_json,
    "base64": lambda given: encoding.b64decode(given["text"]).hex(),
    "hex": lambda given: encoding.b64encode(encoding.hex_decode(given["text"])),
    "base58": lambda given: encoding.base58_decode(given["text"]).hex(),
    "decimal": lambda given: encoding.decimal(given["text"]),
    "time": lambda given: encoding.parse_time(given["text"]),
    "ed25519-signature": _ed25519_signature,
    "p256-signature": _p256_signature,
    "key-code": lambda given: key_code(given["scid"]),
    "recovery-key": lambda given: parse_recovery(given["text"]).hex(),
    "handle": _handle,
    "did": lambda given: scid_of(given["text"]),
    "ed25519-multikey": _ed25519_multikey,
    "p256-multikey": _p256_multikey,
    "did-log": _did_log,
    "statement": _statement,
    "statement-id": _statement_id,
    "path-pattern": _path_pattern,
    "media-type": _media_type,
    "typed-id": lambda given: parse_id(given["text"]),
    "status-name": lambda given: status_key(given["kind"], given["name"]).hex(),
    "signer-uri": _signer_uri,
    "private-part": _private_part,
    "disclosure": _disclosure,
    "envelope": _envelope,
    "subjects": _subjects,
    "certificate": _certificate,
    "certificate-chain": _certificate_chain,
    "timestamp": _timestamp,
    "leaf": _leaf,
    "inclusion": _inclusion,
    "consistency": _consistency,
    "verifier-key": _verifier_key,
    "note": _note,
    "checkpoint": _checkpoint,
    "tlog-proof": _tlog_proof,
    "witness-policy": lambda given: list(WitnessPolicy.parse(given["text"]).operators),
    "cosignatures": _cosignatures,
    "add-checkpoint": _add_checkpoint,
    "tile-path": _tile_path,
    "tiles": _tiles,
    "entry-bundle": _entry_bundle,
    "bundle": _bundle,
    "dossier": _dossier,
    "attestation": _attestation,
    "trust-file": _trust_file,
    "trust-chain": _trust_chain,
    "status": _status,
    "verification": verification,
}
