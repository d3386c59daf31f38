"""Stock `sigstore` from PyPI, library and command, reads our bundle offline with our trust root."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from world import World

from trust.core.canonical import canonical

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / ".venv-interop" / "bin"
VERSION = "4.5.1"
CONTENT = b"hello deliverable\n"
LIBRARY = """
import hashlib, json, sys
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
bundle, root, identity, issuer = sys.argv[1:]
verifier = Verifier(trusted_root=TrustedRoot.from_file(root))
_, payload = verifier.verify_dsse(
    Bundle.from_json(open(bundle).read()), policy.Identity(identity=identity, issuer=issuer))
print(json.loads(payload)["subject"][0]["digest"]["sha256"])
"""


class Case(NamedTuple):
    """A signed file on disk, and what a stranger needs to check it."""

    folder: Path
    bundle: dict[str, Any]
    identity: str
    issuer: str

    def command(self, *, identity: str | None = None, file: str = "artifact.bin") -> list[str]:
        """The command line of the stock client."""
        return [
            str(CLIENT / "sigstore"),
            "--trust-config",
            str(self.folder / "trust_config.json"),
            "verify",
            "identity",
            "--offline",
            "--bundle",
            str(self.folder / "bundle.json"),
            "--cert-identity",
            identity or self.identity,
            "--cert-oidc-issuer",
            self.issuer,
            str(self.folder / file),
        ]

    def library(self) -> list[str]:
        """The library of the stock client, which compares no file: it prints the digest."""
        files = [str(self.folder / name) for name in ("bundle.json", "trusted_root.json")]
        python = str(CLIENT / "python")
        return [python, "-c", LIBRARY, *files, self.identity, self.issuer]

    def write(self, bundle: dict[str, Any]) -> None:
        """Put a bundle in place of the honest one."""
        (self.folder / "bundle.json").write_bytes(canonical(bundle))


def run(command: list[str]) -> tuple[int, str]:
    wide = {**os.environ, "COLUMNS": "400"}  # the client wraps its messages
    done = subprocess.run(command, env=wide, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    if not (CLIENT / "sigstore").exists():
        if os.environ.get("TOUCHPLATE_REQUIRE_CLIENTS"):
            pytest.fail(f"{CLIENT} has no sigstore: make interop installs it")
        pytest.skip(f"{CLIENT} has no sigstore; make interop installs it")
    folder = tmp_path_factory.mktemp("interop")
    world = World(folder)
    ana = world.join("ana")
    signed = ana.sign({"artifact.bin": CONTENT})
    bundle = world.registry.bundle(signed.id).to_json()
    trust = world.registry.trust_file(None)
    root = world.registry.trust_root()
    world.close()
    (folder / "artifact.bin").write_bytes(CONTENT)
    (folder / "tampered.bin").write_bytes(CONTENT + b"!")
    (folder / "trusted_root.json").write_bytes(root)
    (folder / "trust.json").write_bytes(trust)
    _write_trust_config(folder)
    made = Case(
        folder, bundle, f"{world.settings.public_url}/p/{ana.scid}", "http://localhost:8123"
    )
    made.write(bundle)
    return made


def _write_trust_config(folder: Path) -> None:
    """Pin the trust file and let `trust list --sigstore` write what the command wants."""
    environment = {**os.environ, "TOUCHPLATE_HOME": str(folder / "home")}

    def touchplate(*arguments: str) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "trust_cli.main", *arguments],
            env=environment,
            capture_output=True,
            check=True,
        )
        return done.stdout

    touchplate("trust", "add", str(folder / "trust.json"))
    (folder / "trust_config.json").write_bytes(touchplate("trust", "list", "--sigstore"))


def flipped(text: str, place: int) -> str:
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def change_payload(bundle: dict[str, Any]) -> None:
    envelope = bundle["dsseEnvelope"]
    envelope["payload"] = flipped(envelope["payload"], 200)


def change_proof(bundle: dict[str, Any]) -> None:
    hashes = bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["hashes"]
    hashes[0] = flipped(hashes[0], 5)


def change_checkpoint(bundle: dict[str, Any]) -> None:
    proof = bundle["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]
    note = proof["checkpoint"]["envelope"]
    proof["checkpoint"]["envelope"] = note.replace(f"\n{proof['treeSize']}\n", "\n999\n", 1)


def remove_timestamp(bundle: dict[str, Any]) -> None:
    del bundle["verificationMaterial"]["timestampVerificationData"]


REFUSED: dict[Callable[[dict[str, Any]], None], str] = {
    change_payload: "DSSE: invalid signature",
    change_proof: "inclusion proof contains invalid root hash",
    change_checkpoint: "invalid signature",
    remove_timestamp: "bundle must contain an inclusion promise or signed timestamp",
}


def test_the_version_is_pinned(case: Case) -> None:
    assert case.bundle
    assert run([str(CLIENT / "sigstore"), "--version"]) == (0, f"sigstore {VERSION}\n")


def test_the_command_accepts(case: Case) -> None:
    status, text = run(case.command())
    assert status == 0, text
    assert "OK: " in text


def test_the_library_accepts_and_the_digest_is_that_of_the_file(case: Case) -> None:
    status, text = run(case.library())
    assert (status, text.strip()) == (0, hashlib.sha256(CONTENT).hexdigest())


def test_the_command_refuses_a_tampered_file(case: Case) -> None:
    status, text = run(case.command(file="tampered.bin"))
    assert status == 1
    assert "no subject for digest" in text


def test_the_command_refuses_another_person(case: Case) -> None:
    status, text = run(case.command(identity=f"{case.identity}x"))
    assert status == 1
    assert "do not match" in text


@pytest.mark.parametrize("change", REFUSED)
def test_an_altered_bundle_is_refused_for_its_reason(
    case: Case, change: Callable[[dict[str, Any]], None]
) -> None:
    altered = json.loads(json.dumps(case.bundle))
    change(altered)
    case.write(altered)
    try:
        results = [run(case.command()), run(case.library())]
    finally:
        case.write(case.bundle)
    assert all(status == 1 for status, _ in results)
    assert all(REFUSED[change] in text for _, text in results), results
