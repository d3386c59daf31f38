"""Status: withdrawals count, silence does not pass for a good status."""

import pytest
from world import World

from trust.core.policy import DAY, Expected, Policy
from trust.core.registry.status import Status, sign_snapshot
from trust.core.verdict import Code, Result, Verdict

FILES = {"a.txt": b"hello"}


def test_a_withdrawn_work_is_revoked(world: World) -> None:
    ana = world.join("ana")
    signed = ana.sign(FILES)
    before = world.dossier(signed.id)
    ana.withdraw(signed.id, "wrong fonts")
    assert world.assess(world.dossier(signed.id), FILES).code is Code.REVOKED
    assert world.assess(before, FILES).code is Code.VALID  # as of its date, as it says
    newer = world.dossier(signed.id).status
    assert world.assess(before, FILES, newer=[newer]).code is Code.REVOKED


def test_a_stranger_cannot_withdraw_it(world: World) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    signed = ana.sign(FILES)
    ben.withdraw(signed.id)
    assert world.assess(world.dossier(signed.id), FILES).code is Code.VALID


def test_a_withdrawal_may_not_be_cut_out_of_the_proofs(world: World) -> None:
    ana = world.join("ana")
    signed = ana.sign(FILES)
    ana.withdraw(signed.id)
    dossier = world.dossier(signed.id)
    without = Status(dossier.status.envelope, dossier.status.snapshot, dossier.status.proofs[1:])
    verdict = world.assess(dossier._replace(status=without), FILES)
    assert verdict.code is Code.COULD_NOT_CHECK
    assert [item.word for item in verdict.reasons] == ["no_status"]


def test_an_absence_may_not_be_claimed_for_a_present_line(world: World) -> None:
    ana = world.join("ana")
    other, signed = ana.sign(FILES), ana.sign({"b.txt": b"other"})
    ana.withdraw(signed.id)
    status = world.dossier(signed.id).status
    present = next(proof for proof in status.proofs if proof.here is not None)
    forged = present._replace(here=None, left=None, right=None)
    proofs = tuple(forged if proof is present else proof for proof in status.proofs)
    dossier = world.dossier(signed.id)._replace(status=status._replace(proofs=proofs))
    assert world.assess(dossier, {"b.txt": b"other"}).code is Code.INVALID
    assert world.assess(world.dossier(other.id), FILES).code is Code.VALID


def test_another_registrys_status_is_not_taken(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = World(tmp_path_factory.mktemp("elsewhere"), "http://localhost:9999")
    ana, eva = world.join("ana"), elsewhere.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    foreign = elsewhere.dossier(eva.sign(FILES).id).status
    elsewhere.close()
    verdict = world.assess(dossier._replace(status=foreign), FILES)
    assert verdict.code is Code.COULD_NOT_CHECK


def test_a_forged_status_is_a_fault_of_the_status_and_of_nothing_else(world: World) -> None:
    ana = world.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    envelope = dossier.status.envelope
    signature = envelope.signatures[0]
    changed = signature._replace(value=bytes([signature.value[0] ^ 1]) + signature.value[1:])
    unlisted = signature._replace(key_id="00" * 32)
    for forged, word, code, result in (
        (changed, "bad_status_signature", Code.INVALID, Result.NO),
        (unlisted, "unlisted_status_key", Code.COULD_NOT_CHECK, Result.COULD_NOT_CHECK),
    ):
        status = dossier.status._replace(envelope=envelope._replace(signatures=(forged,)))
        verdict = world.assess(dossier._replace(status=status), FILES)
        assert (verdict.code, verdict.reasons[0].word) == (code, word)
        assert results(verdict)["7"] is Result.YES
        assert results(verdict)["8"] is result


def test_a_status_from_the_future_would_never_grow_old(world: World) -> None:
    ana = world.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    snapshot = dossier.status.snapshot._replace(time=world.now + 3650 * DAY)
    envelope = sign_snapshot(snapshot, world.registry._authorities.keys["status"])
    dated = dossier.status._replace(envelope=envelope, snapshot=snapshot)
    verdict = world.assess(dossier._replace(status=dated), FILES)
    assert [item.word for item in verdict.reasons] == ["no_status"]
    # It does not hide a good one either.
    assert world.assess(dossier, FILES, newer=[dated]).as_of == dossier.status.snapshot.time


def results(verdict: Verdict) -> dict[str, Result]:
    return {item.id: item.result for item in verdict.steps}


def test_an_old_status_is_not_enough(world: World) -> None:
    ana = world.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    world.offset = 31 * DAY
    assert world.assess(dossier, FILES).code is Code.COULD_NOT_CHECK
    lenient = Policy(accept_unknown_status=True)
    assert world.assess(dossier, FILES, policy=lenient).code is Code.VALID


def test_an_expired_trust_file_is_no_verdict_on_the_work(world: World) -> None:
    ana = world.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    signed = world.now
    world.offset = 366 * DAY
    assert world.assess(dossier, FILES).code is Code.COULD_NOT_CHECK
    assert world.assess(dossier, FILES, at=signed + 1).code is Code.VALID  # --at


def test_another_signer_than_expected(world: World) -> None:
    ana = world.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    wrong = Policy(expected=Expected("@ben", handle="ben"))
    right = Policy(expected=Expected("@ana", handle="ana"))
    assert world.assess(dossier, FILES, policy=wrong).code is Code.OTHER_SIGNER
    assert world.assess(dossier, FILES, policy=right).code is Code.VALID


def test_a_registry_that_is_not_pinned(world: World) -> None:
    ana = world.join("ana")
    verdict = world.assess(world.dossier(ana.sign(FILES).id), FILES, trust=None)
    assert verdict.code is Code.COULD_NOT_CHECK
    assert "nobody has checked that" in verdict.sentence


def test_a_foreign_trust_file_verifies_nothing(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = World(tmp_path_factory.mktemp("elsewhere"), "http://localhost:9999")
    ana = world.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    foreign = elsewhere.registry.trust
    elsewhere.close()
    assert world.assess(dossier, FILES, trust=foreign).code is Code.COULD_NOT_CHECK
