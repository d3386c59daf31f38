"""Stock `@sigstore/verify` on Node reads our bundle offline with our trust root."""

import hashlib
import json

import pytest

from tests.interop.case import BUILT, CONTENT, SET, TAMPERED, Answer, Case, ask_node, installed
from tests.interop.forgeries import FORGERIES, forged

pytestmark = pytest.mark.loopback
VERSION = "4.1.3"
PACKAGE = BUILT / "node" / "node_modules" / "@sigstore" / "verify" / "package.json"
NO_TIME = "TIMESTAMP_ERROR: timestamp could not be verified"
NO_PROOF = "TLOG_INCLUSION_PROOF_ERROR: calculated root hash does not match inclusion proof"
REFUSED = {
    "add_a_subject": "TLOG_BODY_ERROR: digest mismatch",
    "take_another_signature": NO_TIME,  # the token covers hers alone
    "take_another_certificate": "SIGNATURE_ERROR: signature verification failed",
    "take_another_token": NO_TIME,
    "drop_the_token": "TIMESTAMP_ERROR: expected 1 timestamps, got 0",
    "drop_the_log_entry": "TLOG_ERROR: expected 1 tlog entries, got 0",
    "alter_the_proof": NO_PROOF,
    "alter_the_index": NO_PROOF,
    "alter_the_checkpoint": "TLOG_INCLUSION_PROOF_ERROR: invalid checkpoint signature",
}


@pytest.fixture(scope="module", autouse=True)
def package() -> str:
    return installed(PACKAGE)


def verify(
    case: Case,
    *,
    root: str = "trusted_root.json",
    bundle: str = "",
    identity: str = "",
    issuer: str = "",
) -> Answer:
    """Verify Ana's bundle as she hands it over, but for what is changed."""
    return ask_node(
        *("sigstore.mjs", case.path(root), bundle or case.path("bundle.json")),
        *(identity or case.identity, issuer or case.issuer),
    )


def test_the_version_is_pinned() -> None:
    assert json.loads(PACKAGE.read_bytes())["version"] == VERSION


def test_it_accepts_and_the_digest_is_that_of_the_file(case: Case) -> None:
    assert verify(case) == (0, f"{hashlib.sha256(CONTENT).hexdigest()}\n")


def test_it_accepts_a_set_and_the_digests_are_those_of_its_files(case: Case) -> None:
    digests = [hashlib.sha256(data).hexdigest() for data in SET.values()]
    assert verify(case, bundle=case.path("set.json")).text.split() == digests


def test_a_tampered_file_has_another_digest(case: Case) -> None:
    answer = verify(case)
    assert (answer.exit, hashlib.sha256(TAMPERED).hexdigest() in answer.text) == (0, False)


def test_another_person(case: Case) -> None:
    verify(case, identity=case.strange_identity).refuses(
        "UNTRUSTED_SIGNER_ERROR: certificate identity error"
        f" - expected {case.strange_identity}, got {case.identity}"
    )


def test_another_issuer(case: Case) -> None:
    verify(case, issuer="https://registry.example").refuses(
        "UNTRUSTED_SIGNER_ERROR: invalid certificate extension"
        f" - expected issuer=https://registry.example, got issuer={case.issuer}"
    )


def test_another_registry_of_the_same_name(case: Case) -> None:
    verify(case, root="other_root.json").refuses(NO_TIME)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused_for_its_reason(case: Case, name: str) -> None:
    path, identity = forged(name, case)
    verify(case, bundle=path, identity=identity).refuses(REFUSED[name])
