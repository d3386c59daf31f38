"""The examples of the specifications, read from their files, hold under the core."""

import hashlib
from pathlib import Path

import pytest

from trust.core.assess import assess
from trust.core.encoding import parse_time
from trust.core.log.checkpoint import open_checkpoint
from trust.core.log.entry import LeafEntry
from trust.core.people.did import parse_log
from trust.core.policy import Expected, Policy
from trust.core.registry.dossier import parse_dossier
from trust.core.registry.status import check_status
from trust.core.registry.trust_file import TrustFile, parse_trust_file
from trust.core.signing.bundle import parse_bundle_bytes
from trust.core.signing.private import parse_private_bytes
from trust.core.signing.statement import PERSON_TYPES, REGISTRY_TYPES, parse_statement
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Code, Verdict
from trust.core.verify import verify
from trust.core.x509.certificate import parse_certificate
from trust.core.x509.timestamp import verify_timestamp
from trust.custody.keyfile import KeyFile

EXAMPLES = Path(__file__).resolve().parents[2] / "specs" / "examples"
NOW = parse_time("2026-11-03T16:00:00Z")


@pytest.fixture(scope="module")
def trust() -> TrustFile:
    return parse_trust_file(data("trust.json"))


def data(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


def files(*names: str, folder: str = "") -> dict[str, bytes]:
    return {name: hashlib.sha256(data(f"{folder}{name}")).digest() for name in names}


def judged(
    name: str, subjects: Subjects, trust: TrustFile, policy: Policy | None = None
) -> Verdict:
    return assess(data(name), subjects, trust, NOW, policy or Policy(), now=NOW)


def test_the_dossier_is_valid_for_its_file(trust: TrustFile) -> None:
    policy = Policy(expected=Expected("@ana", handle="ana"))
    verdict = judged("poem.txt.touchplate.json", Subjects(files("poem.txt")), trust, policy)
    assert (verdict.code, verdict.reasons) == (Code.VALID, ())


def test_it_is_a_mismatch_for_another_file(trust: TrustFile) -> None:
    subjects = Subjects({"poem.txt": hashlib.sha256(data("poem.txt") + b"!").digest()})
    assert judged("poem.txt.touchplate.json", subjects, trust).code is Code.MISMATCH


def test_the_directory_is_revoked(trust: TrustFile) -> None:
    found = files("back.svg", "front.svg", "notes/plan.txt", folder="plans/")
    verdict = judged("plans.touchplate.json", Subjects(found, whole=True), trust)
    assert verdict.code is Code.REVOKED


def test_the_bare_bundle_lacks_the_key_history(trust: TrustFile) -> None:
    verdict = judged("poem.txt.sigstore.json", Subjects(files("poem.txt")), trust)
    assert verdict.code is Code.COULD_NOT_CHECK
    assert [item.word for item in verdict.reasons] == ["no_key_history", "no_status"]


@pytest.mark.parametrize("kind", [*PERSON_TYPES, *REGISTRY_TYPES])
def test_a_statement_of_each_type_is_read(kind: str) -> None:
    assert parse_statement(data(f"statements/{kind}.json")).type == kind


@pytest.mark.parametrize("kind", ["deliverable", "handle", "profile", "withdrawal"])
def test_the_private_part_is_the_one_that_its_statement_names(kind: str) -> None:
    part = data(f"private/{kind}.json")
    parse_private_bytes(part, kind)
    named = parse_statement(data(f"statements/{kind}.json")).private
    assert named == hashlib.sha256(part).digest()


def test_every_leaf_is_one_and_the_token_covers_its_signature(trust: TrustFile) -> None:
    leaves = [
        LeafEntry.parse(path.read_bytes()) for path in sorted((EXAMPLES / "leaves").iterdir())
    ]
    assert len(leaves) == 14
    authority = trust.timestamp_authorities[0]
    seconds = verify_timestamp(
        data("token.der"), leaves[7].signature, authority.chain[0], authority.chain[-1]
    )
    assert seconds == parse_time("2026-11-03T14:02:07Z")
    assert leaves[7].certificate == data("certificate.der")


def test_checkpoint_certificate_did_log_and_status_hold(trust: TrustFile) -> None:
    log = trust.newest_log
    signed = open_checkpoint(data("checkpoint.txt").decode(), log.log_key, log.clock_key)
    verified = verify(parse_bundle_bytes(data("poem.txt.sigstore.json")), None, trust, NOW)
    assert verified.checkpoint == signed
    assert parse_certificate(data("certificate.der")).san_uri == f"{trust.public_url}/p/{scid()}"
    for name in ("poem.txt", "plans"):
        checked = check_status(parse_dossier(data(f"{name}.touchplate.json")).status, trust)
        assert checked.snapshot.size == signed.checkpoint.size


def scid() -> str:
    return parse_log(data("did.jsonl")).scid


def test_the_continued_did_log_holds() -> None:
    log = parse_log(data("did-continued.jsonl"))
    assert (log.scid, len(log.entries)) == (scid(), 2)


def test_the_key_file_opens() -> None:
    keys = KeyFile.open(EXAMPLES / "ana.keys.json", b"touchplate")
    assert {name: key.public_key for name, key in keys.items()} == {
        "ana": parse_certificate(data("certificate.der")).point
    }
