"""What counts at once in a key history, what waits, and how a thief would try to get around it."""

from typing import Any

import pytest

from trust.core.errors import Malformed
from trust.core.people.did import (
    did_document,
    genesis,
    key_parameters,
    make_entry,
    parse_log,
)
from trust.core.people.recovery import (
    RecoveryFacts,
    VetoFacts,
    kind_of,
    parse_recovery_facts,
    parse_veto_facts,
)
from trust.core.record import Record
from trust.custody.signers import Ed25519Signer, P256Signer

T = 1_793_714_527


def ed25519(number: int) -> Ed25519Signer:
    return Ed25519Signer(bytes([number] * 32))


DEVICE, NEXT, AFTER, RECOVERY, RENEWED, THIEF = (ed25519(number) for number in range(1, 7))
PHONE, LAPTOP = (P256Signer(bytes([number] * 32)).public_key for number in (11, 12))
FIRST = genesis("registry.example", T, DEVICE, [NEXT.public_key, RECOVERY.public_key], PHONE)


def kind(signer: Ed25519Signer, *announced: Ed25519Signer, revealed: Any = None) -> str:
    """Return the kind of an entry that follows the first one; it holds in every case."""
    newest = parse_log([FIRST]).entries[0]
    revealed = revealed or [signer]
    parameters = key_parameters(
        [key.public_key for key in revealed], [key.public_key for key in announced]
    )
    document = did_document(newest.did, [LAPTOP])
    entry = make_entry(newest, parameters, document, signer, T + 100)
    return kind_of(*parse_log([FIRST, entry]).entries)


def test_what_a_device_signs_counts_at_once_while_the_recovery_key_stays() -> None:
    assert kind(NEXT, AFTER, RECOVERY) == "device"
    assert kind(NEXT, RECOVERY) == "device"


def test_the_recovery_key_brings_its_owner_back_and_may_announce_a_new_one() -> None:
    assert kind(RECOVERY, AFTER, RENEWED) == "recovery"
    assert kind(RECOVERY, AFTER, RENEWED, revealed=[RECOVERY, NEXT]) == "recovery"


@pytest.mark.parametrize(
    "announced",
    [
        pytest.param([AFTER], id="drops the recovery hash"),
        pytest.param([AFTER, THIEF], id="puts a key of their own in its place"),
        pytest.param([RECOVERY, AFTER], id="moves it, so that theirs counts as the recovery key"),
    ],
)
def test_a_thief_of_a_laptop_cannot_drop_the_recovery_key_at_once(
    announced: list[Ed25519Signer],
) -> None:
    assert kind(NEXT, *announced) == "drop"


def test_the_facts_are_read_as_they_are_written() -> None:
    facts = RecoveryFacts("Qm" + "a" * 44, "2-Qm" + "b" * 44, "drop", "2026-11-28T14:00:00Z")
    facts = facts._replace(scid=parse_log([FIRST]).scid)
    assert parse_recovery_facts(Record(facts.to_json(), "facts")) == facts
    veto = VetoFacts(facts.version)
    assert parse_veto_facts(Record(veto.to_json(), "facts")) == veto


@pytest.mark.parametrize(
    ("member", "value"),
    [("kind", "device"), ("until", "soon"), ("scid", "Qm"), ("version", 2), ("kind", None)],
)
def test_other_facts_are_refused(member: str, value: Any) -> None:
    facts = RecoveryFacts(parse_log([FIRST]).scid, "2-Qm", "drop", "2026-11-28T14:00:00Z")
    with pytest.raises(Malformed, match=member):
        parse_recovery_facts(Record({**facts.to_json(), member: value}, "facts"))
