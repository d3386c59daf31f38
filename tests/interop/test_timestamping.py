"""`openssl ts` and rfc3161-client ask our time-stamping authority, and judge what it answers."""

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.interop.case import ROOT, Answer, Case, ask, installed, on_this_machine

pytestmark = pytest.mark.loopback

DATA = b"a build artefact\n"
OTHER = b"another artefact\n"
# What a user of rfc3161-client writes: the request, and the verification of the reply.
CLIENT = """
import sys, urllib.request
from cryptography import x509
from rfc3161_client import TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
url, mode, path = sys.argv[1:4]
data, other = open(path, "rb").read(), b"another artefact\\n"
builder = TimestampRequestBuilder().data(data).nonce(nonce=True)
request = builder.cert_request(cert_request=mode != "bare").build()
header = {"Content-Type": "application/timestamp-query"}
posted = urllib.request.Request(url + "/v1/timestamp", request.as_bytes(), header)
reply = decode_timestamp_response(urllib.request.urlopen(posted, timeout=20).read())
chain = x509.load_pem_x509_certificates(urllib.request.urlopen(url + "/v1/timestamp").read())
assert reply.status == 0, reply
assert reply.tst_info.nonce == request.nonce
verifier = VerifierBuilder.from_request(request).add_root_certificate(chain[-1])
if mode == "bare":
    verifier = verifier.tsa_certificate(chain[0])
verifier.build().verify_message(reply, other if mode == "other" else data)
print("verified", reply.tst_info.gen_time.isoformat())
"""


class Asked(NamedTuple):
    """A time stamp as openssl asked for it, its files in a folder."""

    openssl: str
    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def verify(self, *arguments: str, chain: str = "chain.pem") -> Answer:
        command = [self.openssl, "ts", "-verify", "-in", self.path("reply.tsr"), *arguments]
        return ask(*command, "-CAfile", self.path(chain), "-untrusted", self.path("chain.pem"))


@pytest.fixture
def asked(case: Case, tmp_path: Path) -> Callable[..., Asked]:
    """Let openssl make a request, and fetch the reply and the chain of certificates."""
    openssl = on_this_machine("openssl")
    url = f"{case.world.settings.public_url}/v1/timestamp"

    def ask_for(*options: str, data: bytes = DATA) -> Asked:
        found = Asked(openssl, tmp_path)
        (tmp_path / "data").write_bytes(data)
        command = [openssl, "ts", "-query", "-data", found.path("data"), *options]
        ask(*command, "-out", found.path("query.tsq")).accepts("")
        query = (tmp_path / "query.tsq").read_bytes()
        header = {"Content-Type": "application/timestamp-query"}
        request = urllib.request.Request(url, query, header)  # noqa: S310 - our own registry
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            (tmp_path / "reply.tsr").write_bytes(answer.read())
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310
            (tmp_path / "chain.pem").write_bytes(answer.read())
        return found

    return ask_for


@pytest.mark.parametrize("digest", ["-sha256", "-sha384", "-sha512"])
@pytest.mark.parametrize("options", [(), ("-cert",), ("-no_nonce",), ("-tspolicy", "2.999.1")])
def test_openssl_takes_what_it_asked_for(
    asked: Callable[..., Asked], digest: str, options: tuple[str, ...]
) -> None:
    found = asked(digest, *options)
    found.verify("-queryfile", found.path("query.tsq")).accepts("Verification: OK")
    found.verify("-data", found.path("data")).accepts("Verification: OK")


def test_with_certreq_the_root_is_enough(asked: Callable[..., Asked]) -> None:
    found = asked("-sha256", "-cert")
    leaf, end, root = (
        (found.folder / "chain.pem").read_text().partition("-----END CERTIFICATE-----\n")
    )
    assert leaf + end
    (found.folder / "root.pem").write_text(root)
    command = [found.openssl, "ts", "-verify", "-in", found.path("reply.tsr")]
    command += ["-queryfile", found.path("query.tsq"), "-CAfile", found.path("root.pem")]
    ask(*command).accepts("Verification: OK")


def test_openssl_refuses_other_data_and_the_reply_to_another_request(
    asked: Callable[..., Asked],
) -> None:
    found = asked("-sha256")
    (found.folder / "other").write_bytes(OTHER)
    found.verify("-data", found.path("other")).refuses("message imprint mismatch")
    reply = (found.folder / "reply.tsr").read_bytes()
    again = asked("-sha256")  # the same data, another nonce
    (again.folder / "reply.tsr").write_bytes(reply)
    again.verify("-queryfile", again.path("query.tsq")).refuses("nonce mismatch")


def test_the_root_of_the_entries_does_not_vouch_for_it(
    asked: Callable[..., Asked], case: Case
) -> None:
    trusted = json.loads((case.folder / "trusted_root.json").read_bytes())
    chain = trusted["timestampAuthorities"][0]["certChain"]["certificates"]
    text = f"-----BEGIN CERTIFICATE-----\n{chain[-1]['rawBytes']}\n-----END CERTIFICATE-----\n"
    found = asked("-sha256", "-cert")
    (found.folder / "entries.pem").write_text(text)
    found.verify("-data", found.path("data"), chain="entries.pem").refuses(
        "certificate verify error"
    )


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("-sha1",), "unrecognized or unsupported algorithm identifier"),
        (("-sha256", "-tspolicy", "1.2.3.4"), "the requested TSA policy is not supported"),
    ],
)
def test_openssl_reads_why_a_request_is_refused(
    asked: Callable[..., Asked], options: tuple[str, ...], why: str
) -> None:
    found = asked(*options)
    said = ask(found.openssl, "ts", "-reply", "-in", found.path("reply.tsr"), "-text")
    assert "Status: Rejected." in said.text
    assert why in said.text
    found.verify("-data", found.path("data")).refuses("Verification: FAILED")


def rfc3161_client(case: Case, folder: Path, mode: str) -> Answer:
    python = installed(ROOT / ".venv-interop" / "bin" / "python")
    (folder / "data").write_bytes(DATA)
    url = case.world.settings.public_url
    return ask(python, "-c", CLIENT, url, mode, str(folder / "data"))


@pytest.mark.parametrize("mode", ["full", "bare"])
def test_rfc3161_client_takes_it(case: Case, tmp_path: Path, mode: str) -> None:
    rfc3161_client(case, tmp_path, mode).accepts("verified 20")


def test_rfc3161_client_refuses_other_data(case: Case, tmp_path: Path) -> None:
    rfc3161_client(case, tmp_path, "other").refuses("Mismatch between messages")
