"""Stock `cosign` reads our bundle offline with our trust root. Its sigstore-go is 1.2.2."""

import pytest

from tests.interop.case import BUILT, SET, Answer, Case, ask, installed
from tests.interop.forgeries import FORGERIES, forged

pytestmark = pytest.mark.loopback
VERSION = "v3.1.3"
DELIVERABLE = "https://w3id.org/touchplate/deliverable/v1"
# The log comes first: whatever is in the leaf, its signature too, is missed there.
NOT_IN_LOG = "verifying log entry: verifying inclusion: calculated root"
REFUSED = {
    "add_a_subject": NOT_IN_LOG,
    "take_another_signature": NOT_IN_LOG,
    "take_another_certificate": NOT_IN_LOG,
    "take_another_token": "unable to verify signed timestamps: hashed messages don't match",
    "drop_the_token": "threshold not met for verified signed timestamps: 0 < 1",
    "drop_the_log_entry": "not enough verified log entries from transparency log: 0 < 1",
    "alter_the_proof": NOT_IN_LOG,
    "alter_the_index": NOT_IN_LOG,
    "alter_the_checkpoint": "failed to verify signatures on checkpoint: invalid signature for key",
}


@pytest.fixture(scope="module")
def cosign() -> str:
    return installed(BUILT / "cosign")


def verify(cosign: str, case: Case, file: str = "artifact.bin", **changed: str) -> Answer:
    """Verify Ana's file as she hands it over, but for what is changed."""
    options = {
        "bundle": case.path("bundle.json"),
        "trusted-root": case.path("trusted_root.json"),
        "certificate-identity": case.identity,
        "certificate-oidc-issuer": case.issuer,
        "type": DELIVERABLE,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    flags = [f"--{name}={value}" for name, value in options.items() if value]
    return ask(cosign, "verify-blob-attestation", *flags, case.path(file))


def test_the_version_is_pinned(cosign: str) -> None:
    ask(cosign, "version").accepts(f"GitVersion:    {VERSION}\n")


def test_it_accepts(cosign: str, case: Case) -> None:
    verify(cosign, case).accepts("Verified OK")


def test_it_accepts_each_file_of_a_set(cosign: str, case: Case) -> None:
    for file in SET:
        verify(cosign, case, file, bundle=case.path("set.json")).accepts("Verified OK")


def test_without_our_trust_root_it_would_ask_another_machine(cosign: str, case: Case) -> None:
    verify(cosign, case, trusted_root="").refuses("proxyconnect tcp")


def test_a_tampered_file(cosign: str, case: Case) -> None:
    verify(cosign, case, "tampered.bin").refuses(
        "provided artifact digests do not match digests in statement"
    )


def test_another_person(cosign: str, case: Case) -> None:
    verify(cosign, case, certificate_identity=case.strange_identity).refuses(
        f'expected SAN value "{case.strange_identity}", got "{case.identity}"'
    )


def test_another_issuer(cosign: str, case: Case) -> None:
    verify(cosign, case, certificate_oidc_issuer="https://registry.example").refuses(
        f'expected issuer value "https://registry.example", got "{case.issuer}"'
    )


def test_another_registry_of_the_same_name(cosign: str, case: Case) -> None:
    verify(cosign, case, trusted_root=case.path("other_root.json")).refuses(
        "not enough verified log entries from transparency log: 0 < 1"
    )


def test_another_type(cosign: str, case: Case) -> None:
    other = DELIVERABLE.replace("deliverable", "receipt")
    verify(cosign, case, type=other).refuses(
        f"invalid predicate type, expected {other} got {DELIVERABLE}"
    )


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused_for_its_reason(cosign: str, case: Case, name: str) -> None:
    path, identity = forged(name, case)
    verify(cosign, case, bundle=path, certificate_identity=identity).refuses(REFUSED[name])
