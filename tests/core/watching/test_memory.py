"""What a monitor remembers is read back as it was written, and damage is refused."""

import pytest
from world import delegation_facts

from trust.core.canonical import canonical, parse_canonical
from trust.core.errors import Malformed
from trust.core.log.checkpoint import Checkpoint
from trust.core.registry.status_line import State
from trust.core.signing.statement import SignerRef
from trust.core.watching.delegations import Delegated
from trust.core.watching.memory import Memory
from trust.core.watching.replay import Event, Identity, Issuance
from trust.custody.signers import P256Signer, generate_p256


def memory() -> Memory:
    made = Memory.empty("log.example")
    made.replay.size, made.replay.time = 9, 1_793_714_527
    made.replay.identities["Qm1"] = {"1-Qm": Identity(2, bytes(32))}
    made.replay.issuances[bytes(range(32))] = Issuance(3, 7, "0123456789abcdef")
    made.replay.issuances[bytes(32)] = Issuance(0, 6, None)
    made.replay.enrolled["0123456789abcdef"] = "Qm1"
    made.replay.delegations["0123456789abcdef"] = Delegated(
        *(4, 9, "Qm1", SignerRef("did:webvh:Qm1", "1-Qm")),
        delegation_facts(P256Signer(generate_p256()), 9, paths=("a/*",)),
        used=[(9, 1), (10, 7)],
    )
    made.replay.enterprises.members["0123456789abcdeg"] = ["Qm1", "Qm2"]
    made.replay.enterprises.offers["0123456789abcdeh"] = ("0123456789abcdeg", "Qm2")
    made.replay.events.append(Event(8, bytes(32), State("withdrawn", 8, 8, "Qm1")))
    made.replay.revocations.keys[bytes(32)] = {"Qm1": "lost"}
    made.replay.waits.announced[bytes(32)] = 9
    made.replay.waits.vetoed[bytes(32)] = "Qm1"
    made.replay.revocations.frozen["Qm1"] = "ab" * 32
    tree = Checkpoint("log.example", 9, bytes(32))
    return made._replace(tree=tree, note="note\n", handles={"Qm1": "ana"})


def test_it_is_read_back_as_it_was_written() -> None:
    made = memory()
    written = canonical(made.to_json())
    read = Memory.parse(parse_canonical(written, 1 << 20), "state")
    assert canonical(read.to_json()) == written
    assert (read.tree, read.note, read.handles) == (*made[:2], made.handles)
    assert vars(read.replay) == vars(made.replay)


@pytest.mark.parametrize("member", ["tree", "note", "handles", "replay"])
def test_a_member_that_is_missing_or_more_is_refused(member: str) -> None:
    document = memory().to_json()
    with pytest.raises(Malformed):
        Memory.parse({name: value for name, value in document.items() if name != member}, "state")
    with pytest.raises(Malformed, match="unknown member"):
        Memory.parse({**document, "x": 1}, "state")
