"""`openssl ts` reads the time-stamp token of our bundle, with the TSA's root from our trust root."""

import json
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.interop.case import Case, Json, ask, on_this_machine
from trust.core.encoding import b64decode

pytestmark = pytest.mark.loopback


@pytest.fixture(scope="module")
def openssl() -> str:
    return on_this_machine("openssl")


def token_of(bundle: Json) -> bytes:
    times = bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]
    return b64decode(times[0]["signedTimestamp"])


def signature_of(bundle: Json) -> bytes:
    return b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"])


def chain_of(case: Case, name: str) -> list[str]:
    """The certificates of the time-stamp authority in a trust root, its root last."""
    authority = json.loads((case.folder / name).read_bytes())["timestampAuthorities"][0]
    chain = authority["certChain"]["certificates"]
    return [ssl.DER_cert_to_PEM_cert(b64decode(item["rawBytes"])) for item in chain]


class Stamped(NamedTuple):
    """What openssl is asked about: does this token cover this signature?"""

    token: bytes
    signature: bytes
    chain: list[str]
    folder: Path

    def command(self, openssl: str) -> list[str]:
        """Write the files and return the command that verifies them."""
        (self.folder / "signature.bin").write_bytes(self.signature)
        (self.folder / "tsa.pem").write_text(self.chain[0])
        (self.folder / "root.pem").write_text(self.chain[-1])
        return [
            *(openssl, "ts", "-verify", "-in", self.token_path()),
            *("-data", str(self.folder / "signature.bin")),
            *("-untrusted", str(self.folder / "tsa.pem")),
            *("-CAfile", str(self.folder / "root.pem")),
        ]

    def token_path(self) -> str:
        """Write the token and return its path."""
        (self.folder / "token.tsr").write_bytes(self.token)
        return str(self.folder / "token.tsr")


@pytest.fixture
def stamped(case: Case, tmp_path: Path) -> Stamped:
    """Ana's signature and its token, which carries no certificate: the trust root has them."""
    chain = chain_of(case, "trusted_root.json")
    return Stamped(token_of(case.bundle), signature_of(case.bundle), chain, tmp_path)


def test_it_accepts(openssl: str, stamped: Stamped) -> None:
    ask(*stamped.command(openssl)).accepts("Verification: OK")


def test_it_reads_the_time_that_we_read(openssl: str, case: Case, stamped: Stamped) -> None:
    at = datetime.fromtimestamp(case.verified.signed_at, UTC)
    ask(openssl, "ts", "-reply", "-text", "-in", stamped.token_path()).accepts(
        f"Time stamp: {at:%b} {at.day:2} {at:%H:%M:%S %Y} GMT\n"
    )


def test_a_tampered_signature(openssl: str, stamped: Stamped) -> None:
    tampered = stamped._replace(signature=flipped(stamped.signature))
    ask(*tampered.command(openssl)).refuses("message imprint mismatch")


def test_the_signature_of_another_person(openssl: str, case: Case, stamped: Stamped) -> None:
    strange = stamped._replace(signature=signature_of(case.strange))
    ask(*strange.command(openssl)).refuses("message imprint mismatch")


def test_another_registry_of_the_same_name(openssl: str, case: Case, stamped: Stamped) -> None:
    other = stamped._replace(chain=chain_of(case, "other_root.json"))
    ask(*other.command(openssl)).refuses("signer certificate not found")
    mixed = stamped._replace(chain=[stamped.chain[0], other.chain[-1]])
    ask(*mixed.command(openssl)).refuses("certificate verify error")


def test_an_altered_token(openssl: str, stamped: Stamped) -> None:
    altered = stamped._replace(token=flipped(stamped.token))  # it ends with its signature
    ask(*altered.command(openssl)).refuses("PKCS7_signatureVerify:signature failure")


def test_a_token_dated_back(openssl: str, case: Case, stamped: Stamped) -> None:
    at = datetime.fromtimestamp(case.verified.signed_at, UTC)
    time = f"{at:%Y%m%d%H%M%S}Z".encode()
    assert stamped.token.count(time) == 1
    earlier = stamped._replace(token=stamped.token.replace(time, b"2019" + time[4:]))
    ask(*earlier.command(openssl)).refuses("PKCS7_signatureVerify:digest failure")


def test_no_token(openssl: str, stamped: Stamped) -> None:
    ask(*stamped._replace(token=b"").command(openssl)).refuses("Verification: FAILED")


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])
