"""An authority that openssl runs, with RSA keys and a chain of its own, dates a signature of ours."""

from pathlib import Path

import pytest

from tests.interop.case import Case, ask, on_this_machine
from trust.client.dating import check, dated, roots_in
from trust.core.assess import assess
from trust.core.policy import Policy
from trust.core.registry.dossier import parse_dossier
from trust.core.signing.subjects import Subjects
from trust.core.verdict import Code

pytestmark = pytest.mark.loopback
CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
"""
EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"


def openssl_authority(openssl: str, folder: Path) -> None:
    """Make a root and a time-stamping certificate, both RSA."""
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "ext.cnf").write_text(EXTENSIONS)
    (folder / "serial").write_text("1000\n")
    at = {
        name: str(folder / name)
        for name in ("root.key", "root.pem", "tsa.key", "tsa.csr", "tsa.pem")
    }
    new = ("req", "-newkey", "rsa:3072", "-nodes", "-sha256")
    ask(openssl, *new, "-x509", "-days", "30", "-subj", "/O=Elsewhere/CN=Elsewhere root",
        "-keyout", at["root.key"], "-out", at["root.pem"]).accepts("")  # fmt: skip
    ask(openssl, *new, "-subj", "/O=Elsewhere/CN=Elsewhere TSA", "-keyout", at["tsa.key"],
        "-out", at["tsa.csr"]).accepts("")  # fmt: skip
    ask(openssl, "x509", "-req", "-in", at["tsa.csr"], "-CA", at["root.pem"], "-CAkey",
        at["root.key"], "-CAcreateserial", "-days", "30", "-sha256", "-extfile",
        str(folder / "ext.cnf"), "-out", at["tsa.pem"]).accepts("")  # fmt: skip


def test_what_openssl_dates_is_believed_by_whoever_names_its_root(
    case: Case, tmp_path: Path
) -> None:
    openssl = on_this_machine("openssl")
    openssl_authority(openssl, tmp_path)
    registry = case.world.registry
    found = parse_dossier(registry.dossier(case.verified.id))
    signature = found.bundle.envelope.signature
    (tmp_path / "signature").write_bytes(signature)
    query, reply = str(tmp_path / "query.tsq"), tmp_path / "reply.tsr"
    ask(openssl, "ts", "-query", "-data", str(tmp_path / "signature"), "-sha512", "-cert",
        "-out", query).accepts("")  # fmt: skip
    ask(openssl, "ts", "-reply", "-queryfile", query, "-config", str(tmp_path / "tsa.cnf"),
        "-signer", str(tmp_path / "tsa.pem"), "-inkey", str(tmp_path / "tsa.key"),
        "-out", str(reply)).accepts("")  # fmt: skip
    token = check(reply.read_bytes(), signature, "reply")
    carried = parse_dossier(found._replace(timestamps=(token,)).encode())
    (root,) = roots_in((tmp_path / "root.pem").read_bytes(), "root")
    seen = dated(carried.timestamps, signature, [root])
    assert [item.authority for item in seen] == ["Elsewhere root"]
    now = case.world.now + 1
    subjects = Subjects(dict.fromkeys(["artifact.bin"], case.verified.statement.subjects[0]))
    verdict = assess(carried, subjects, registry.trust, now, Policy(), now=now, dated=seen)
    assert verdict.code is Code.VALID
    assert "seen by “Elsewhere root”, whom you named, on " in verdict.sentence


def test_a_root_that_signed_nothing_vouches_for_nothing(case: Case, tmp_path: Path) -> None:
    openssl = on_this_machine("openssl")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        openssl_authority(openssl, tmp_path / name)
    signature = case.verified.certificate.point
    (tmp_path / "data").write_bytes(signature)
    query, reply, one = str(tmp_path / "q"), tmp_path / "reply", tmp_path / "one"
    ask(openssl, "ts", "-query", "-data", str(tmp_path / "data"), "-sha256", "-cert",
        "-out", query).accepts("")  # fmt: skip
    ask(openssl, "ts", "-reply", "-queryfile", query, "-config", str(one / "tsa.cnf"), "-signer",
        str(one / "tsa.pem"), "-inkey", str(one / "tsa.key"), "-out", str(reply)).accepts("")  # fmt: skip
    token = reply.read_bytes()
    roots = {
        name: roots_in((tmp_path / name / "root.pem").read_bytes(), name)
        for name in ("one", "other")
    }
    assert len(dated([token], signature, roots["one"])) == 1
    assert dated([token], signature, roots["other"]) == ()
    assert dated([token], signature + b"x", roots["one"]) == ()
