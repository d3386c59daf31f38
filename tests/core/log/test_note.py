"""Signed notes and verifier keys: published examples, strictness, and who has signed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.note import (
    COSIGNATURE,
    ED25519,
    MAX_NOTE,
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    VerifiedLine,
    VerifierKey,
    cosignature_line,
    cosignature_message,
    signature_line,
)
from trust.custody.signers import Ed25519Signer

# Verifier keys of golang.org/x/mod's tests and of the C2SP specification.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
# The note of x/mod's test, signed by PeterNeumann's key.
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

ANA, BEN = Ed25519Signer(bytes([1] * 32)), Ed25519Signer(bytes([2] * 32))
ANA_KEY = VerifierKey("ana.example", ED25519, ANA.public_key)
BEN_KEY = VerifierKey("ben.example", COSIGNATURE, BEN.public_key)
TEXT = "first line\nsecond line\n"
TIME = 1_793_700_000


def by_ana(text: str = TEXT) -> NoteSignature:
    return signature_line(ANA_KEY, ANA.sign(text.encode()))


def by_ben(text: str = TEXT, seconds: int = TIME) -> NoteSignature:
    return cosignature_line(BEN_KEY, seconds, BEN.sign(cosignature_message(text, seconds)))


NOTE = Note(TEXT, (by_ana(), by_ben())).encode()


@pytest.mark.parametrize("text", [NEUMANN, FOO])
def test_published_verifier_keys_parse(text: str) -> None:
    key = VerifierKey.parse(text)
    assert (str(key), key.type) == (text, ED25519)
    assert key.key_id.hex() == text.split("+")[1]
    assert key.full_id[:4] == key.key_id
    assert len(key.full_id) == 32


def test_the_published_note_holds() -> None:
    key = VerifierKey.parse(NEUMANN)
    note = Note.parse(NEUMANN_NOTE)
    assert note.verify([key]) == (VerifiedLine(key, None),)
    with pytest.raises(VerificationFailed):
        Note.parse(NEUMANN_NOTE.replace("problem is", "problem was")).verify([key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        NEUMANN[:-1],
        NEUMANN + "=",
        NEUMANN + "\n",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("c74f20a3", "C74F20A3"),
        NEUMANN.replace("c74f20a3", "c74f20a"),
        NEUMANN.replace("PeterNeumann", "Peter Neumann"),
        NEUMANN.replace("PeterNeumann", "Peter\u00a0Neumann"),
        NEUMANN.replace("PeterNeumann", "PeterNeuman"),
        NEUMANN.replace("PeterNeumann", ""),
        NEUMANN.replace("PeterNeumann", "\ud800"),
        NEUMANN.replace("+ARpc", "+AhpC"),  # type 0x02, ECDSA
        NEUMANN.replace("+ARpc", "+"),
        FOO.replace("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "AQ=="),
    ],
)
def test_another_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(text)


@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.sampled_from([ED25519, COSIGNATURE]),
    st.binary(min_size=32, max_size=32),
)
def test_a_key_of_any_name_comes_back_or_is_refused(name: str, kind: int, data: bytes) -> None:
    key = VerifierKey(name, kind, data)
    if "+" in name or any(item.isspace() for item in name):
        with pytest.raises(Malformed):
            VerifierKey.parse(str(key))
    else:
        assert VerifierKey.parse(str(key)) == key


def test_both_kinds_of_line_hold() -> None:
    note = Note.parse(NOTE)
    assert note.text == TEXT
    assert note.encode() == NOTE
    assert note.verify([ANA_KEY, BEN_KEY]) == (
        VerifiedLine(ANA_KEY, None),
        VerifiedLine(BEN_KEY, TIME),
    )
    assert Note.parse(NOTE.encode()) == note


def test_unknown_lines_are_ignored_but_one_must_be_known() -> None:
    note = Note.parse(NOTE)
    assert note.verify([BEN_KEY]) == (VerifiedLine(BEN_KEY, TIME),)
    other = VerifierKey("ana.example", ED25519, BEN.public_key)  # the name alone is not enough
    with pytest.raises(VerificationFailed, match="no signature of a known key"):
        note.verify([other])
    with pytest.raises(VerificationFailed, match="no signature of a known key"):
        note.verify([])


def test_a_known_line_that_fails_spoils_the_note() -> None:
    spoilt = Note(TEXT, (by_ana(), by_ben("another text\n")))
    assert spoilt.verify([ANA_KEY]) == (VerifiedLine(ANA_KEY, None),)
    with pytest.raises(VerificationFailed) as caught:
        spoilt.verify([ANA_KEY, BEN_KEY])
    assert (caught.value.step, caught.value.reason) == (0, "bad_signature")


def test_a_second_line_of_a_known_key_must_hold_too() -> None:
    good, bad = by_ana(), by_ana("another text\n")
    for lines in ((good, bad), (bad, good)):
        with pytest.raises(VerificationFailed):
            Note(TEXT, lines).verify([ANA_KEY])
    assert len(Note(TEXT, (good, good)).verify([ANA_KEY])) == 2  # two lines of one key, said so


def test_the_time_of_a_cosignature_is_signed() -> None:
    line = by_ben()
    later = (TIME + 1).to_bytes(8, "big") + line.blob[8:]
    with pytest.raises(VerificationFailed):
        Note(TEXT, (NoteSignature(line.name, line.key_id, later),)).verify([BEN_KEY])


def test_a_plain_signature_is_no_cosignature_and_the_other_way_round() -> None:
    plain = VerifierKey("ben.example", ED25519, BEN.public_key)
    cosigned = NoteSignature(plain.name, plain.key_id, by_ben().blob)
    with pytest.raises(Malformed):
        Note(TEXT, (cosigned,)).verify([plain])
    signed = NoteSignature(BEN_KEY.name, BEN_KEY.key_id, BEN.sign(TEXT.encode()))
    with pytest.raises(Malformed):
        Note(TEXT, (signed,)).verify([BEN_KEY])


def test_two_known_keys_of_one_name_and_id_are_refused() -> None:
    # 4 bytes of key id can be made to collide; here they collide because the note has room for few.
    class Collision(VerifierKey):
        key_id = ANA_KEY.key_id

    twin = Collision("ana.example", ED25519, BEN.public_key)
    with pytest.raises(Malformed, match="two keys"):
        Note.parse(NOTE).verify([ANA_KEY, twin])
    assert Note.parse(NOTE).verify([ANA_KEY, ANA_KEY]) == (VerifiedLine(ANA_KEY, None),)


LINE = str(by_ana())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n",
        TEXT,
        TEXT + "\n",
        TEXT + LINE,
        "\n" + LINE,
        "\n\n" + LINE,
        "\n" + NOTE,  # a blank line first
        TEXT + "\n\n" + LINE,
        "one\n\ntwo\n\n" + LINE,  # two blank lines: stock clients refuse
        NOTE[:-1],
        NOTE + "\n",
        NOTE + " ",
        NOTE + "more\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("first", "first\t"),
        NOTE.replace("first", "first\0"),
        NOTE.replace("first", "first\ud800"),
        "\ufeff" + TEXT + "\n" + LINE.replace("\u2014", "-"),
        TEXT + "\n" + LINE.replace("\u2014", "\u2013"),
        TEXT + "\n" + LINE.replace(" ", "  ", 1),
        TEXT + "\n" + LINE.replace("\n", " \n"),
        TEXT + "\n" + LINE.replace("ana.example", "ana+example"),
        TEXT + "\n" + LINE.replace("ana.example", "ana\u2003example"),
        TEXT + "\n" + LINE.replace("ana.example ", ""),
        TEXT + "\n" + LINE.replace("ana.example", ""),
        TEXT + "\n\u2014 ana.example AAAAAA==\n",  # a key id and no signature
        TEXT + "\n\u2014 ana.example AAAAAAB=\n",  # padding bits
        TEXT + "\n\u2014 ana.example AAAAAAA\n",
        TEXT + "\n\u2014 ana.example \n",
        TEXT + "\n\u2014\n",
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Note.parse(text)


def test_bytes_that_are_not_utf8_are_refused() -> None:
    for data in (NOTE.encode() + b"\xff", NOTE.encode("utf-16"), b"\xc0\x80" + NOTE.encode()):
        with pytest.raises(Malformed):
            Note.parse(data)


def test_the_limits_themselves() -> None:
    lines = tuple(NoteSignature("w", bytes(4), bytes([place])) for place in range(MAX_SIGNATURES))
    assert Note.parse(Note(TEXT, lines).encode()).signatures == lines
    with pytest.raises(Malformed, match="65 signatures"):
        Note.parse(Note(TEXT, (*lines, lines[0])).encode())
    room = MAX_NOTE - len(Note("\n", (by_ana(),)).encode().encode())
    for filler, width in (("a", 1), ("\u00e9", 2), ("\U0001f58b", 4)):
        full = filler * (room // width) + "a" * (room % width)
        note = Note(f"{full}\n", (by_ana(),)).encode()
        assert Note.parse(note).encode() == note
        for more in (f"a{note}", f"a{note}".encode()):
            with pytest.raises(Malformed, match="longer than"):
                Note.parse(more)


@given(st.data())
def test_no_single_changed_character_keeps_a_note(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(NOTE) - 1))
    character = data.draw(st.characters().filter(lambda item: item != NOTE[place]))
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    try:
        lines = Note.parse(changed).verify([ANA_KEY, BEN_KEY])
    except (Malformed, VerificationFailed):
        return
    # The name or id of one line changed, so that it is unknown; the text and the other are whole.
    assert len(lines) == 1
    assert Note.parse(changed).text == TEXT


@given(st.text() | st.binary())
def test_anything_is_a_note_or_malformed(data: str | bytes) -> None:
    try:
        note = Note.parse(data)
    except Malformed:
        return
    assert note.encode() in {data, data.decode() if isinstance(data, bytes) else data}
