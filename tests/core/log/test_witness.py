"""Witness policies and the counting of operators."""

import pytest

from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.checkpoint import Checkpoint, clock_vkey, log_vkey, sign_checkpoint
from trust.core.log.note import (
    COSIGNATURE,
    ED25519,
    Note,
    VerifierKey,
    cosignature_line,
    cosignature_message,
)
from trust.core.log.witness import Cosigned, WitnessPolicy
from trust.custody.signers import Ed25519Signer

LOG, CLOCK = Ed25519Signer(b"l" * 32), Ed25519Signer(b"c" * 32)
NAMES = ("x1", "x2", "x3", "y1", "y2")
KEYS = {name: Ed25519Signer(name.encode() * 16) for name in NAMES}
ORIGIN = "log.example"
NOTE = Note.parse(sign_checkpoint(Checkpoint(ORIGIN, 7, b"r" * 32), LOG, CLOCK, 1000))


def vkey(name: str, kind: int = COSIGNATURE) -> VerifierKey:
    return VerifierKey(f"{name}.example/w", kind, KEYS[name].public_key)


LINES = "".join(f"witness {name} {vkey(name)}\n" for name in NAMES)
POLICY = (
    f"# two operators\n\nlog {log_vkey(ORIGIN, LOG.public_key)} https://log.example\n{LINES}"
    "group  X 2 x1 x2\tx3\n group Y any y1 y2 \ngroup both all X Y\nquorum both\n"
)


def cosign(*names: str, note: Note = NOTE, seconds: int = 1001) -> Note:
    """Add the lines of witnesses to a note."""
    message = cosignature_message(note.text, seconds)
    lines = [cosignature_line(vkey(name), seconds, KEYS[name].sign(message)) for name in names]
    return note._replace(signatures=(*note.signatures, *lines))


@pytest.mark.parametrize(
    ("names", "operators"),
    [
        ((), ()),
        (("x1",), ()),
        (("x1", "x3"), ("X",)),
        (("y2",), ("Y",)),
        (("x1", "x2", "x3"), ("X",)),
        (("x1", "x2", "y1", "y2"), ("X", "Y")),
    ],
)
def test_operators_are_counted_and_not_their_witnesses(
    names: tuple[str, ...], operators: tuple[str, ...]
) -> None:
    policy = WitnessPolicy.parse(POLICY)
    assert policy.judge(cosign(*names)) == Cosigned(operators, 2, len(operators) == 2)


def test_one_witness_may_be_the_quorum() -> None:
    policy = WitnessPolicy.parse(f"{LINES}quorum y1\n")
    assert policy.judge(cosign("x1", "x2", "x3", "y2")) == Cosigned((), 1, enough=False)
    assert policy.judge(cosign("y1")) == Cosigned(("y1",), 1, enough=True)


def test_none_asks_for_nobody() -> None:
    assert WitnessPolicy.parse("quorum none\n").judge(cosign("x1")) == Cosigned((), 0, enough=True)


def test_a_witness_that_signs_twice_counts_once() -> None:
    policy = WitnessPolicy.parse(f"{LINES}group X 2 x1 x2\nquorum X\n")
    twice = cosign("x1", note=cosign("x1"), seconds=2000)
    assert policy.judge(twice) == Cosigned(("x1",), 2, enough=False)


def test_a_key_of_the_plain_type_makes_cosignatures_too() -> None:
    # Some witnesses make their key with a plain note tool; their lines are of the other type.
    policy = WitnessPolicy.parse(f"witness w {vkey('x1', ED25519)}\nquorum w\n")
    assert policy.judge(cosign("x1")).enough


def test_the_log_and_its_clock_are_no_witnesses_of_themselves() -> None:
    policy = WitnessPolicy.parse(POLICY)
    assert policy.judge(NOTE) == Cosigned((), 2, enough=False)
    own = clock_vkey(ORIGIN, CLOCK.public_key)
    assert str(own) not in POLICY


def test_a_forged_cosignature_of_a_listed_witness_is_refused() -> None:
    policy = WitnessPolicy.parse(POLICY)
    *lines, last = cosign("x1").signatures
    forged = NOTE._replace(signatures=(*lines, last._replace(blob=last.blob[:-1] + b"\0")))
    with pytest.raises(VerificationFailed):
        policy.judge(forged)
    other = Note(Checkpoint(ORIGIN, 8, b"r" * 32).text(), cosign("x1").signatures)
    with pytest.raises(VerificationFailed):
        policy.judge(other)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("# nothing\n", "no quorum line"),
        ("quorum none", "no line feed"),
        ("quorum none\nquorum none\n", "line 2: a second quorum"),
        ("quorum x1\n" + LINES, "line 1: 'x1' is not defined above"),
        (LINES + "quorum x9\n", "'x9' is not defined above"),
        (LINES + "group X any x9\nquorum X\n", "'x9' is not defined above"),
        (LINES + "group X any\nquorum X\n", "is no log, witness, group or quorum line"),
        (LINES + "group X 0 x1\nquorum X\n", "0 of 1 members"),
        (LINES + "group X 2 x1\nquorum X\n", "2 of 1 members"),
        (LINES + "group X -1 x1\nquorum X\n", "line 6"),
        (LINES + "group X 01 x1\nquorum X\n", "line 6"),
        (LINES + "group X true x1\nquorum X\n", "line 6"),
        (LINES + "group X any x1 x1\nquorum X\n", "a member already"),
        (LINES + "group X any x1\ngroup Y any x1\nquorum X\n", "a member already"),
        (LINES + "group X any X\nquorum X\n", "'X' is not defined above"),
        (LINES + "group X any none\nquorum X\n", "'none' is not defined above"),
        (LINES + "group x1 any x2\nquorum x1\n", "'x1' is defined already"),
        (f"witness none {vkey('x1')}\nquorum none\n", "'none' is defined already"),
        (LINES + f"witness again {vkey('x1')}\nquorum x1\n", "the same witness key twice"),
        (LINES + f"witness again {vkey('x1', ED25519)}\nquorum x1\n", "the same witness key twice"),
        (LINES + "witness w1 nonsense\nquorum x1\n", "verifier key"),
        (LINES + f"log {vkey('x1')}\nquorum x1\n", "a key of type 1"),
        ("quorum\u00a0none\n", "is no log, witness"),
        ("quorum none\r\n", "control character"),
        ("quorum none\n" + "#" * 20_000 + "\n", "longer than 16384 bytes"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_line(lines: str, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        WitnessPolicy.parse(lines)


def test_the_same_operator_key_under_two_names_is_refused() -> None:
    twin = VerifierKey("other.example/w", COSIGNATURE, KEYS["x1"].public_key)
    with pytest.raises(Malformed, match="the same witness key twice"):
        WitnessPolicy.parse(f"{LINES}witness other {twin}\ngroup g 2 x1 other\nquorum g\n")
