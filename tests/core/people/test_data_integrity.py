"""eddsa-jcs-2022 against the published vector of W3C, and against what must be refused."""

import json
from pathlib import Path

import pytest

from trust.core.canonical import Json
from trust.core.encoding import base58_decode, base58_encode
from trust.core.errors import Malformed, VerificationFailed
from trust.core.people.data_integrity import (
    Proof,
    check_proof,
    make_proof,
    parse_proof,
    signed_bytes,
)
from trust.core.people.multikey import parse_ed25519
from trust.custody.signers import Ed25519Signer

SIGNER = Ed25519Signer(bytes(range(32)))
DOCUMENT: dict[str, Json] = {"says": "this", "number": 7}


def test_w3c_vector(shared: Path) -> None:
    folder = shared / "vectors" / "w3c-vc-di-eddsa"
    document = json.loads((folder / "unsigned.json").read_text())
    options = json.loads((folder / "proofConfigJCS.json").read_text())
    signed = json.loads((folder / "signedJCS.json").read_text())
    keys = json.loads((folder / "keyPair.json").read_text())
    message = signed_bytes(document, options)
    assert message.hex() == (folder / "combinedHashJCS.txt").read_text().strip()

    secret = base58_decode(keys["privateKeyMultibase"][1:])[2:]
    signature = Ed25519Signer(secret).sign(message)
    assert signature.hex() == (folder / "sigHexJCS.txt").read_text().strip()
    assert "z" + base58_encode(signature) == signed["proof"]["proofValue"]

    proof = Proof(parse_ed25519(keys["publicKeyMultibase"]), options, signature)
    check_proof(document, proof, "vector")
    with pytest.raises(VerificationFailed):
        check_proof({**document, "name": "another"}, proof, "vector")


def test_own_proof_reads_back_and_holds() -> None:
    made = make_proof(DOCUMENT, SIGNER, 1_700_000_000)
    proof = parse_proof(made, "proof")
    assert proof.key == SIGNER.public_key
    check_proof(DOCUMENT, proof, "proof")


def test_options_are_signed_too() -> None:
    made = make_proof(DOCUMENT, SIGNER, 1_700_000_000)
    later = parse_proof({**made, "created": "2030-01-01T00:00:00Z"}, "proof")
    with pytest.raises(VerificationFailed):
        check_proof(DOCUMENT, later, "proof")


OTHER = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("type", "Ed25519Signature2020"),
        ("cryptosuite", "eddsa-rdfc-2022"),
        ("proofPurpose", "authentication"),
        ("created", "2023-11-14T22:13:20+00:00"),
        ("verificationMethod", f"did:key:{OTHER}"),
        ("verificationMethod", f"did:web:example.com#{OTHER}"),
        ("verificationMethod", f"did:key:{OTHER}#z6MkOther"),
        ("proofValue", "uAAAA"),
        ("proofValue", "z" + base58_encode(bytes([1] * 63))),
        ("proofValue", "z" + base58_encode(bytes([1] * 65))),
        ("proofValue", 7),
        ("@context", ["https://www.w3.org/ns/credentials/v2"]),
    ],
)
def test_other_proofs_are_malformed(member: str, value: Json) -> None:
    made = make_proof(DOCUMENT, SIGNER, 1_700_000_000)
    with pytest.raises(Malformed):
        parse_proof({**made, member: value}, "proof")
