"""`log proof`: verified before it is written, and what it cannot show it does not write."""

import json
from pathlib import Path

import pytest
from commandline import Run, Signed

from trust.core.canonical import canonical, parse
from trust.core.errors import VerificationFailed
from trust.core.log.merkle import leaf_hash
from trust.core.log.proof import TlogProof
from trust.core.registry.dossier import parse_dossier

DOSSIER = "a.txt.touchplate.json"
WRITTEN = Path("a.txt.tlog-proof")


def test_the_proof_of_a_dossier_lies_beside_it_and_holds(run: Run, signed: Signed) -> None:
    ran = run("log", "proof", DOSSIER)
    assert (ran.exit, ran.out) == (0, f"{WRITTEN}\n"), ran.err
    log = signed.world.registry.trust.newest_log
    logged = parse_dossier(signed.dossier).bundle.proof
    proof = TlogProof.parse(WRITTEN.read_bytes())
    found = proof.check(leaf_hash(logged.leaf), log.log_key, log.clock_key)
    assert (proof.index, found.checkpoint.size) == (logged.index, logged.size)
    assert leaf_hash(logged.leaf).hex() in ran.err


@pytest.mark.usefixtures("signed")
def test_json_and_a_name_of_ones_own(run: Run) -> None:
    found = json.loads(run("log", "proof", DOSSIER, "-o", "p", "--json").out)
    proof = TlogProof.parse(Path("p").read_bytes())
    assert (found["file"], found["index"]) == ("p", proof.index)
    assert proof.checkpoint.startswith(f"{found['origin']}\n{found['size']}\n")


def test_a_changed_proof_is_refused_and_nothing_is_written(run: Run, signed: Signed) -> None:
    document = parse(signed.dossier, 1 << 20)
    assert isinstance(document, dict)
    entry = document["bundle"]["verificationMaterial"]["tlogEntries"][0]  # type: ignore[index,call-overload]
    entry["inclusionProof"]["hashes"][0] = "A" * 43 + "="  # type: ignore[index,call-overload]
    Path(DOSSIER).write_bytes(canonical(document))
    ran = run("log", "proof", DOSSIER)
    assert ran.exit == 1
    assert ran.last.startswith("INVALID")
    assert not WRITTEN.exists()


def test_of_a_registry_that_is_not_pinned_nothing_is_written(
    run: Run, signed: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signed.id
    monkeypatch.setenv("TOUCHPLATE_HOME", str(tmp_path / "elsewhere"))
    ran = run("log", "proof", DOSSIER)
    assert ran.exit == 6
    assert not WRITTEN.exists()


def test_a_proof_that_would_not_be_read_back_is_not_written(
    run: Run, signed: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signed.id

    def refuse(*_: object) -> None:
        raise VerificationFailed(5, "bad_log_proof", "a fault of the writer")

    monkeypatch.setattr(TlogProof, "check", refuse)
    ran = run("log", "proof", DOSSIER)
    assert (ran.exit, ran.why) == (1, "INVALID  a fault of the writer")
    assert not WRITTEN.exists()


def test_the_verbs_of_the_log_are_named(run: Run) -> None:
    assert run("log").why.startswith(
        "USAGE  'log' is no verb, expected one of log monitor, log proof"
    )
    assert run("log", "prove").exit == 2
