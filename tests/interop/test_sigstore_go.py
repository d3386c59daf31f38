"""A program on sigstore-go 1.3.0, the newest, reads our bundle offline with our trust root."""

import pytest

from tests.interop.case import BUILT, SET, Answer, Case, ask, installed
from tests.interop.forgeries import FORGERIES, forged
from trust.core.encoding import format_time

pytestmark = pytest.mark.loopback
VERSION = "v1.3.0"
# The log comes first: whatever is in the leaf, its signature too, is missed there.
NOT_IN_LOG = "verifying inclusion: calculated root"
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
def program() -> str:
    return installed(BUILT / "verify-bundle")


def verify(program: str, case: Case, file: str = "artifact.bin", **changed: str) -> Answer:
    """Verify Ana's file as she hands it over, but for what is changed."""
    options = {
        "bundle": case.path("bundle.json"),
        "trusted-root": case.path("trusted_root.json"),
        "identity": case.identity,
        "issuer": case.issuer,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    flags = [f"-{name}={value}" for name, value in options.items()]
    return ask(program, *flags, case.path(file))


def test_the_version_is_pinned(program: str) -> None:
    assert ask(program, "-version") == (0, f"github.com/sigstore/sigstore-go {VERSION}\n")


def test_it_accepts_and_reads_the_time_of_our_token(program: str, case: Case) -> None:
    verify(program, case).accepts(
        f"accepted: {case.identity} {format_time(case.verified.signed_at)}\n"
    )


def test_it_accepts_each_file_of_a_set(program: str, case: Case) -> None:
    for file in SET:
        verify(program, case, file, bundle=case.path("set.json")).accepts("accepted:")


def test_a_tampered_file(program: str, case: Case) -> None:
    verify(program, case, "tampered.bin").refuses(
        "provided artifact digests do not match digests in statement"
    )


def test_another_person(program: str, case: Case) -> None:
    verify(program, case, identity=case.strange_identity).refuses(
        f'expected SAN value "{case.strange_identity}", got "{case.identity}"'
    )


def test_another_issuer(program: str, case: Case) -> None:
    verify(program, case, issuer="https://registry.example").refuses(
        f'expected issuer value "https://registry.example", got "{case.issuer}"'
    )


def test_another_registry_of_the_same_name(program: str, case: Case) -> None:
    verify(program, case, trusted_root=case.path("other_root.json")).refuses(
        "not enough verified log entries from transparency log: 0 < 1"
    )


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused_for_its_reason(program: str, case: Case, name: str) -> None:
    path, identity = forged(name, case)
    verify(program, case, bundle=path, identity=identity).refuses(REFUSED[name])
