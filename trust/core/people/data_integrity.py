"""W3C Data Integrity proofs with the cryptosuite eddsa-jcs-2022 (vc-di-eddsa section 3.3).

Signed are 64 bytes: SHA-256 of the RFC 8785 proof options (the proof without `proofValue`), then
SHA-256 of the RFC 8785 document without `proof`. The signature is Ed25519, `proofValue` is `z` and
base58btc. The only keys we write and read are named in the proof itself, as
`did:key:<multikey>#<multikey>`; whether such a key may speak is for the caller to say.
"""

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from trust.core.canonical import Json, canonical
from trust.core.encoding import base58_encode, format_time
from trust.core.errors import Malformed
from trust.core.keys.ed25519 import check
from trust.core.keys.signer import Signer
from trust.core.people.multikey import ed25519_multikey, parse_ed25519, parse_multibase
from trust.core.record import Record

SIGNATURE_SIZE = 64


class Proof(NamedTuple):
    """A proof that was read, not verified: who signed, the signed options, the signature."""

    key: bytes
    options: dict[str, Json]
    signature: bytes


def signed_bytes(document: Mapping[str, Json], options: Mapping[str, Json]) -> bytes:
    """Return the 64 bytes that are signed; `document` has no `proof`, `options` no `proofValue`."""
    return (
        hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()
    )


def make_proof(document: Mapping[str, Json], signer: Signer, created: int) -> dict[str, Json]:
    """Sign a document that has no `proof` and no `@context` with an Ed25519 key; return the proof.

    `created` is in seconds.
    """
    multikey = ed25519_multikey(signer.public_key)
    options: dict[str, Json] = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": format_time(created),
        "verificationMethod": f"did:key:{multikey}#{multikey}",
        "proofPurpose": "assertionMethod",
    }
    signature = signer.sign(signed_bytes(document, options))
    return {**options, "proofValue": "z" + base58_encode(signature)}


def parse_proof(value: Json, where: str) -> Proof:
    """Read a proof of a document without `@context`.

    Raises:
        Malformed: another suite or purpose, a member that is not signed over as we know it.
    """
    if not isinstance(value, dict):
        raise Malformed("expected an object", where)
    record = Record(value, where)
    record.constant("type", "DataIntegrityProof")
    record.constant("cryptosuite", "eddsa-jcs-2022")
    record.constant("proofPurpose", "assertionMethod")
    record.optional("created", record.time)
    method = record.text("verificationMethod", 200)
    text = record.text("proofValue", 100)
    record.done()
    multikey = method.removeprefix("did:key:").partition("#")[0]
    if method != f"did:key:{multikey}#{multikey}":
        raise Malformed(
            f"{method!r}, expected did:key:<multikey>#<multikey>", f"{where}.verificationMethod"
        )
    signature = parse_multibase(text, f"{where}.proofValue")
    if len(signature) != SIGNATURE_SIZE:
        raise Malformed(f"{len(signature)} bytes, expected {SIGNATURE_SIZE}", f"{where}.proofValue")
    options = {name: member for name, member in value.items() if name != "proofValue"}
    return Proof(parse_ed25519(multikey, f"{where}.verificationMethod"), options, signature)


def check_proof(document: Mapping[str, Json], proof: Proof, where: str) -> None:
    """Require that the proof's own key signed the document (given without its `proof`).

    Raises:
        VerificationFailed: it did not (step 0, reason `bad_signature`).
    """
    check(proof.key, signed_bytes(document, proof.options), proof.signature, where)
