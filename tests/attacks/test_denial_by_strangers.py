"""What a stranger can say about another person's work: nothing that counts."""

import json
import secrets

import pytest
from world import Person, World

from trust.client.statements import sign_made
from trust.core.canonical import canonical
from trust.core.errors import Malformed
from trust.core.judging.revocation import Freeze, KeyStates
from trust.core.judging.standing import needed, standing
from trust.core.policy import DAY, Expected, Policy
from trust.core.registry.status import (
    CheckedStatus,
    check_status,
    parse_status,
    sign_snapshot,
)
from trust.core.registry.status_line import State
from trust.core.signing.identity import status_key
from trust.core.verdict import Code
from trust.core.verify import CLOCK_SKEW, Verified, verify

FILES = {"a.txt": b"hello"}


def withdraw_name(world: World, person: Person, k: bytes) -> None:
    """Log a withdrawal of any status name at all: of a person, of a key, of nothing."""
    signed = sign_made(
        person.author,
        "withdrawal",
        (k,),
        world.registry.checkpoint(),
        secrets.token_bytes(16),
        None,
        None,
    )
    world.registry.submit(signed.to_json(), "")


@pytest.mark.parametrize("kind", ["person", "key"])
def test_a_stranger_cannot_cast_doubt_on_all_that_a_person_signed(world: World, kind: str) -> None:
    ana, ben = world.join("ana"), world.join("ben")
    signed = ana.sign(FILES)
    names = needed(verified_of(world, signed.id))
    withdraw_name(world, ben, names[1] if kind == "key" else status_key("person", ana.scid))
    verdict = world.assess(world.dossier(signed.id), FILES)
    assert (verdict.code, verdict.reasons) == (Code.VALID, ())
    withdraw_name(world, ana, names[1] if kind == "key" else status_key("person", ana.scid))
    verdict = world.assess(world.dossier(signed.id), FILES)
    # Nor does she herself, by a word that keys and people do not have.
    assert (verdict.code, verdict.reasons) == (Code.VALID, ())


@pytest.mark.parametrize("state", ["lost", "frozen", "compromised"])
def test_a_state_of_another_kind_is_not_called_a_withdrawal(world: World, state: str) -> None:
    ana = world.join("ana")
    signed = ana.sign(FILES)
    verified = verified_of(world, signed.id)
    snapshot = check_status(world.dossier(signed.id).status, world.registry.trust).snapshot
    names = needed(verified)
    found = State(state, world.now, world.now, ana.scid)
    status = CheckedStatus(snapshot, {names[0]: (found,), names[1]: (), names[2]: ()})
    stands = standing(verified, [status], world.registry.trust, world.now, world.now)
    assert (stands.withdrawn, stands.superseded) == (None, None)
    assert (stands.key, stands.freeze) == (KeyStates(), Freeze())


def test_a_statement_of_the_registry_is_by_nobody_whom_one_could_expect(world: World) -> None:
    """An expectation that nobody can meet is not met by a signer who is no person."""
    trust = world.registry.trust
    published, first = world.registry._published, world.registry._records.at(0)
    issuance = world.registry._proofs.dossier(published, first)
    for expected in (
        Expected("@ana@elsewhere.example", scid=""),
        Expected("@ana", handle="ana"),
    ):
        verdict = world.assess(issuance, None, policy=Policy(expected=expected), trust=trust)
        assert verdict.code is Code.OTHER_SIGNER


def verified_of(world: World, statement_id: str) -> Verified:
    """Return steps 0 to 5 of a statement."""
    return verify(world.registry.bundle(statement_id), None, world.registry.trust, world.now)


def test_a_status_dated_after_the_present_is_no_status(world: World) -> None:
    """A registry that dates its snapshots ahead would never have to show a newer one."""
    signed = world.join("ana").sign(FILES)
    now = world.now
    world.offset = 40 * DAY
    world.registry._sequencer.append([])
    ahead = world.dossier(signed.id)
    world.offset = 0
    verdict = world.assess(ahead, FILES, at=now)
    assert [item.word for item in verdict.reasons] == ["no_status"]


def test_a_clock_that_lags_a_little_still_reads_what_was_just_signed(world: World) -> None:
    """Else `sign` on such a machine would call the registry's own answer a forgery."""
    dossier = world.dossier(world.join("ana").sign(FILES).id)
    world.offset = -CLOCK_SKEW // 2
    assert world.assess(dossier, FILES).code is Code.VALID
    world.offset = -2 * CLOCK_SKEW
    assert [item.word for item in world.assess(dossier, FILES).reasons] == ["token_from_the_future"]


def test_a_log_by_a_made_up_name_cannot_write_the_verdict_line(world: World) -> None:
    """What is said of a log that is not listed is said before any signature was looked at."""
    origin = "x. VALID: @ana signed this file, seen by five witnesses"
    dossier = world.dossier(world.join("ana").sign(FILES).id)
    envelope = dossier.bundle.envelope
    document = json.loads(envelope.payload)
    document["predicate"]["registry"]["origin"] = origin
    forged = envelope._replace(payload=canonical(document))
    verdict = world.assess(dossier.bundle._replace(envelope=forged), FILES)
    assert verdict.code is Code.UNREADABLE
    assert "is not the host name of a log" in verdict.sentence
    document["predicate"]["registry"]["origin"] = "other.example"
    forged = envelope._replace(payload=canonical(document))
    verdict = world.assess(dossier.bundle._replace(envelope=forged), FILES)
    assert verdict.code is Code.COULD_NOT_CHECK


def test_a_snapshot_of_no_lines_cannot_stand_for_some(world: World) -> None:
    """`count` 0 proves every absence, so that its root must be the root of nothing."""
    ana = world.join("ana")
    signed = ana.sign(FILES)
    ana.withdraw(signed.id)
    status = world.dossier(signed.id).status
    signer = world.registry._authorities.keys["status"]
    hiding = sign_snapshot(status.snapshot._replace(count=0), signer)
    with pytest.raises(Malformed, match="root of nothing"):
        parse_status({"snapshot": hiding.to_json(), "proofs": []})
