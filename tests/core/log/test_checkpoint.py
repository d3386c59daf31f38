"""Checkpoints: what a log and its clock sign together, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.encoding import MAX_INTEGER
from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.checkpoint import (
    EMPTY_ROOT,
    Checkpoint,
    clock_vkey,
    log_vkey,
    open_checkpoint,
    sign_checkpoint,
)
from trust.core.log.note import (
    COSIGNATURE,
    ED25519,
    Note,
    NoteSignature,
    VerifierKey,
    cosignature_line,
    cosignature_message,
    signature_line,
)
from trust.custody.signers import Ed25519Signer

ORIGIN = "log2026-1.registry.example"
LOG, CLOCK, OTHER = (Ed25519Signer(bytes([seed] * 32)) for seed in (1, 2, 3))
LOG_KEY, CLOCK_KEY = log_vkey(ORIGIN, LOG.public_key), clock_vkey(ORIGIN, CLOCK.public_key)
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 277, ROOT)
TIME = 1_793_700_000
NOTE = sign_checkpoint(CHECKPOINT, LOG, CLOCK, TIME)


def log_line(text: str = CHECKPOINT.text()) -> NoteSignature:
    return signature_line(LOG_KEY, LOG.sign(text.encode()))


def clock_line(text: str = CHECKPOINT.text(), seconds: int = TIME) -> NoteSignature:
    return cosignature_line(CLOCK_KEY, seconds, CLOCK.sign(cosignature_message(text, seconds)))


def note_of(*lines: NoteSignature, text: str = CHECKPOINT.text()) -> str:
    return Note(text, lines).encode()


def test_the_text_is_three_lines() -> None:
    assert CHECKPOINT.text() == f"{ORIGIN}\n277\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text()
    assert empty == f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


def test_a_signed_checkpoint_opens() -> None:
    signed = open_checkpoint(NOTE, LOG_KEY, CLOCK_KEY)
    assert (signed.checkpoint, signed.note, signed.time) == (CHECKPOINT, NOTE, TIME)


@given(
    st.integers(1, MAX_INTEGER), st.binary(min_size=32, max_size=32), st.integers(0, MAX_INTEGER)
)
def test_every_checkpoint_that_is_signed_opens(size: int, root: bytes, seconds: int) -> None:
    checkpoint = Checkpoint(ORIGIN, size, root)
    signed = open_checkpoint(sign_checkpoint(checkpoint, LOG, CLOCK, seconds), LOG_KEY, CLOCK_KEY)
    assert (signed.checkpoint, signed.time) == (checkpoint, seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        CHECKPOINT.text()[:-1],
        CHECKPOINT.text() + "extension\n",
        CHECKPOINT.text() + "extension",
        CHECKPOINT.text() + "\n",
        CHECKPOINT.text().replace(ORIGIN, ""),
        CHECKPOINT.text().replace("277", "0277"),
        CHECKPOINT.text().replace("277", "-277"),
        CHECKPOINT.text().replace("277", "+277"),
        CHECKPOINT.text().replace("277", "277 "),
        CHECKPOINT.text().replace("277", "2_77"),
        CHECKPOINT.text().replace("277", "\u0662\u0667\u0667"),
        CHECKPOINT.text().replace("277", "2.7"),
        CHECKPOINT.text().replace("277", str(2**53)),
        CHECKPOINT.text().replace("277", "9" * 5000),
        CHECKPOINT.text().replace("277", ""),
        CHECKPOINT.text().replace("277", "0"),  # size 0 has one root only
        CHECKPOINT.text().replace("h8=\n", "h9=\n"),  # padding bits
        CHECKPOINT.text().replace("Hh8=\n", "\n"),
        CHECKPOINT.text().replace("AAECAwQF", "AAECAwQFAAAA"),
        CHECKPOINT.text().replace("\n", "\r\n"),
    ],
)
def test_another_text_is_refused_even_when_signed(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)
    with pytest.raises(Malformed):
        open_checkpoint(note_of(log_line(text), clock_line(text), text=text), LOG_KEY, CLOCK_KEY)


def test_the_clock_alone_or_the_log_alone_is_not_enough() -> None:
    for lines in ((log_line(),), (clock_line(),)):
        with pytest.raises(VerificationFailed) as caught:
            open_checkpoint(note_of(*lines), LOG_KEY, CLOCK_KEY)
        assert (caught.value.step, caught.value.reason) == (5, "unsigned_checkpoint")


def test_two_lines_of_the_clock_leave_its_time_open() -> None:
    for second in (clock_line(), clock_line(seconds=TIME + 1)):
        with pytest.raises(VerificationFailed, match="one line of log and clock each"):
            open_checkpoint(note_of(log_line(), clock_line(), second), LOG_KEY, CLOCK_KEY)
    with pytest.raises(VerificationFailed, match="one line of log and clock each"):
        open_checkpoint(note_of(log_line(), log_line(), clock_line()), LOG_KEY, CLOCK_KEY)


def test_lines_of_witnesses_are_ignored_wherever_they_stand() -> None:
    witness = VerifierKey("witness.example/w1", COSIGNATURE, OTHER.public_key)
    line = cosignature_line(
        witness, TIME + 9, OTHER.sign(cosignature_message(CHECKPOINT.text(), TIME + 9))
    )
    for lines in ((line, log_line(), clock_line()), (log_line(), clock_line(), line)):
        assert open_checkpoint(note_of(*lines), LOG_KEY, CLOCK_KEY).time == TIME


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(VerificationFailed) as caught:
        open_checkpoint(
            NOTE,
            log_vkey("log2026-2.registry.example", LOG.public_key),
            clock_vkey("log2026-2.registry.example", CLOCK.public_key),
        )
    assert caught.value.reason == "other_origin"


def test_a_text_that_names_another_origin_than_its_signer_is_refused() -> None:
    text = Checkpoint("log2026-2.registry.example", 277, ROOT).text()
    note = note_of(log_line(text), clock_line(text), text=text)
    with pytest.raises(VerificationFailed, match="expected 'log2026-1"):
        open_checkpoint(note, LOG_KEY, CLOCK_KEY)


def test_a_line_taken_from_another_checkpoint_is_refused() -> None:
    text = Checkpoint(ORIGIN, 278, ROOT).text()
    for lines in ((log_line(text), clock_line()), (log_line(), clock_line(text))):
        with pytest.raises(VerificationFailed, match="does not hold"):
            open_checkpoint(note_of(*lines), LOG_KEY, CLOCK_KEY)


def test_keys_that_are_no_log_and_its_clock_are_refused() -> None:
    same = clock_vkey(ORIGIN, LOG.public_key)  # would let one key speak as both
    for log, clock in (
        (CLOCK_KEY, LOG_KEY),
        (LOG_KEY, VerifierKey(ORIGIN, ED25519, CLOCK.public_key)),  # a clock without a time
        (VerifierKey(ORIGIN, COSIGNATURE, LOG.public_key), CLOCK_KEY),
        (LOG_KEY, clock_vkey("clock.example", CLOCK.public_key)),
        (LOG_KEY, same),
    ):
        with pytest.raises(Malformed):
            open_checkpoint(NOTE, log, clock)


def test_a_time_beyond_every_json_reader_is_refused() -> None:
    note = note_of(log_line(), clock_line(seconds=MAX_INTEGER + 1))
    with pytest.raises(Malformed, match="not from 0 to"):
        open_checkpoint(note, LOG_KEY, CLOCK_KEY)


BAD_CHECKPOINTS = [
    Checkpoint(ORIGIN, -1, ROOT),
    Checkpoint(ORIGIN, True, ROOT),  # noqa: FBT003 - a truth value is no size
    Checkpoint(ORIGIN, MAX_INTEGER + 1, ROOT),
    Checkpoint(ORIGIN, 0, ROOT),
    Checkpoint(ORIGIN, 1, ROOT[:31]),
    Checkpoint("", 1, ROOT),
    Checkpoint(f"{ORIGIN}\n5", 1, ROOT),
]


@pytest.mark.parametrize("checkpoint", BAD_CHECKPOINTS, ids=range(len(BAD_CHECKPOINTS)))
def test_what_could_not_be_opened_is_not_signed(checkpoint: Checkpoint) -> None:
    with pytest.raises(Malformed):
        sign_checkpoint(checkpoint, LOG, CLOCK, TIME)


@pytest.mark.parametrize("seconds", [-1, True, 1.5, "1", None, MAX_INTEGER + 1])
def test_no_signature_without_a_whole_time(seconds: int) -> None:
    with pytest.raises(Malformed):
        sign_checkpoint(CHECKPOINT, LOG, CLOCK, seconds)


def test_one_key_does_not_sign_as_log_and_clock() -> None:
    with pytest.raises(Malformed, match="share a key"):
        sign_checkpoint(CHECKPOINT, LOG, LOG, TIME)


@given(st.data())
def test_no_single_changed_character_keeps_a_checkpoint(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(NOTE) - 1))
    character = data.draw(st.characters().filter(lambda item: item != NOTE[place]))
    with pytest.raises((Malformed, VerificationFailed)):
        open_checkpoint(NOTE[:place] + character + NOTE[place + 1 :], LOG_KEY, CLOCK_KEY)
