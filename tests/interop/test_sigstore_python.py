"""Stock `sigstore` from PyPI, library and command, reads our bundle offline with our trust root."""

import hashlib
import os
import subprocess
import sys

import pytest

from tests.interop.case import CONTENT, ROOT, SET, TAMPERED, Answer, Case, ask, installed
from tests.interop.forgeries import FORGERIES, forged

pytestmark = pytest.mark.loopback
VERSION = "4.5.1"
LIBRARY = """
import json, sys
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
bundle, root, identity, issuer = sys.argv[1:]
verifier = Verifier(trusted_root=TrustedRoot.from_file(root))
_, payload = verifier.verify_dsse(
    Bundle.from_json(open(bundle).read()), policy.Identity(identity=identity, issuer=issuer))
for subject in json.loads(payload)["subject"]:
    print(subject["digest"]["sha256"])
"""
NO_TIME = "not enough sources of verified time"
NO_PROOF = "inclusion proof contains invalid root hash"
BAD_SIGNATURE = "DSSE: invalid signature"
REFUSED = {
    "add_a_subject": BAD_SIGNATURE,
    "take_another_signature": NO_TIME,  # the token covers hers alone
    "take_another_certificate": BAD_SIGNATURE,
    "take_another_token": NO_TIME,
    "drop_the_token": "bundle must contain an inclusion promise or signed timestamp(s)",
    "drop_the_log_entry": "expected exactly one log entry in bundle",
    "alter_the_proof": NO_PROOF,
    "alter_the_index": NO_PROOF,
    "alter_the_checkpoint": "keyring: invalid signature",
}


@pytest.fixture(scope="module")
def command(case: Case) -> str:
    """The stock command, and the configurations that it wants instead of a trust root."""
    client = installed(ROOT / ".venv-interop" / "bin" / "sigstore")
    for name in ("trust", "other_trust"):
        _write_trust_config(case, name)
    return client


@pytest.fixture(scope="module")
def library() -> str:
    """A Python that has the stock library."""
    installed(ROOT / ".venv-interop" / "bin" / "sigstore")
    return str(ROOT / ".venv-interop" / "bin" / "python")


def _write_trust_config(case: Case, name: str) -> None:
    """Pin a trust file and let `trust list --sigstore` write what the command wants."""
    environment = {**os.environ, "TOUCHPLATE_HOME": case.path(f"{name}_home")}

    def touchplate(*arguments: str) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "trust_cli.main", *arguments],
            env=environment,
            capture_output=True,
            check=True,
        )
        return done.stdout

    touchplate("trust", "add", case.path(f"{name}.json"))
    (case.folder / f"{name}_config.json").write_bytes(touchplate("trust", "list", "--sigstore"))


def run_command(
    command: str,
    case: Case,
    *,
    file: str = "artifact.bin",
    config: str = "trust_config.json",
    bundle: str = "",
    identity: str = "",
    issuer: str = "",
) -> Answer:
    """Verify Ana's file as she hands it over, but for what is changed."""
    return ask(
        command,
        *("--trust-config", case.path(config), "verify", "identity", "--offline"),
        *("--bundle", bundle or case.path("bundle.json")),
        *("--cert-identity", identity or case.identity),
        *("--cert-oidc-issuer", issuer or case.issuer),
        case.path(file),
    )


def run_library(
    library: str,
    case: Case,
    *,
    bundle: str = "",
    root: str = "trusted_root.json",
    identity: str = "",
    issuer: str = "",
) -> Answer:
    """Verify Ana's bundle: the library compares no file, so it prints the digests."""
    return ask(
        *(library, "-c", LIBRARY, bundle or case.path("bundle.json"), case.path(root)),
        *(identity or case.identity, issuer or case.issuer),
    )


def test_the_version_is_pinned(command: str) -> None:
    assert ask(command, "--version") == (0, f"sigstore {VERSION}\n")


def test_the_command_accepts(command: str, case: Case) -> None:
    run_command(command, case).accepts(f"OK: {case.path('artifact.bin')}")


def test_the_library_accepts_and_the_digest_is_that_of_the_file(library: str, case: Case) -> None:
    assert run_library(library, case) == (0, f"{hashlib.sha256(CONTENT).hexdigest()}\n")


def test_both_accept_each_file_of_a_set(command: str, library: str, case: Case) -> None:
    bundle = case.path("set.json")
    for file in SET:
        run_command(command, case, bundle=bundle, file=file).accepts(f"OK: {case.path(file)}")
    digests = [hashlib.sha256(data).hexdigest() for data in SET.values()]
    assert run_library(library, case, bundle=bundle).text.split() == digests


def test_a_tampered_file(command: str, library: str, case: Case) -> None:
    run_command(command, case, file="tampered.bin").refuses("no subject for digest")
    assert hashlib.sha256(TAMPERED).hexdigest() not in run_library(library, case).text.split()


def test_another_person(command: str, library: str, case: Case) -> None:
    identity = case.strange_identity
    run_command(command, case, identity=identity).refuses("Certificate's SANs do not match")
    run_library(library, case, identity=identity).refuses("Certificate's SANs do not match")


def test_another_issuer(command: str, library: str, case: Case) -> None:
    issuer = "https://registry.example"
    run_command(command, case, issuer=issuer).refuses("Certificate's OIDCIssuer does not match")
    run_library(library, case, issuer=issuer).refuses("Certificate's OIDCIssuer does not match")


def test_another_registry_of_the_same_name(command: str, library: str, case: Case) -> None:
    run_command(command, case, config="other_trust_config.json").refuses(NO_TIME)
    run_library(library, case, root="other_root.json").refuses(NO_TIME)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_refused_for_its_reason(
    command: str, library: str, case: Case, name: str
) -> None:
    path, identity = forged(name, case)
    run_command(command, case, bundle=path, identity=identity).refuses(REFUSED[name])
    run_library(library, case, bundle=path, identity=identity).refuses(REFUSED[name])
