"""What goes to a witness and what comes back: exact forms, and every deviation of stock servers."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trust.core.encoding import MAX_INTEGER, b64encode
from trust.core.errors import Malformed, VerificationFailed
from trust.core.log.checkpoint import Checkpoint, log_vkey, sign_checkpoint
from trust.core.log.cosigning import (
    MAX_PROOF,
    MAX_REQUEST,
    SIZE_TYPE,
    Answer,
    Kind,
    Request,
    cosignature,
    read_answer,
)
from trust.core.log.note import (
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    cosignature_line,
    cosignature_message,
    signature_line,
)
from trust.core.log.witnessing import witness_vkey
from trust.custody.signers import Ed25519Signer

LOG, CLOCK, NORTH, SOUTH = (Ed25519Signer(bytes([number]) * 32) for number in range(1, 5))
ORIGIN = "log.example"
NOTE = Note.parse(sign_checkpoint(Checkpoint(ORIGIN, 7, b"r" * 32), LOG, CLOCK, 1000))
PROOF = tuple(bytes([number]) * 32 for number in range(3))
BODY = Request(4, PROOF, NOTE).encode()
KEY = witness_vkey("witness.example/north", NORTH.public_key)


def line(seconds: int, signer: Ed25519Signer = NORTH, text: str = NOTE.text) -> NoteSignature:
    signature = signer.sign(cosignature_message(text, seconds))
    return cosignature_line(witness_vkey(KEY.name, signer.public_key), seconds, signature)


def answered(*lines: NoteSignature) -> Answer:
    return read_answer(200, "text/plain", "".join(map(str, lines)).encode(), NOTE.text)


def test_a_body_is_what_the_protocol_says() -> None:
    hashes = "".join(f"{b64encode(item)}\n" for item in PROOF)
    assert f"old 4\n{hashes}\n{NOTE.encode()}".encode() == BODY
    request = Request.parse(BODY)
    assert request == Request(4, PROOF, NOTE)
    assert request.origin == ORIGIN


@given(
    st.integers(0, MAX_INTEGER),
    st.lists(st.binary(min_size=32, max_size=32), max_size=MAX_PROOF),
)
def test_every_request_comes_back(old: int, proof: list[bytes]) -> None:
    request = Request(old, tuple(proof), NOTE)
    assert Request.parse(request.encode()) == request


HASH = b64encode(b"h" * 32)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "old",
        "old ",
        "old 04",
        "old +4",
        "old -1",
        "old 4 ",
        " old 4",
        "Old 4",
        "old  4",
        "old four",
        "old \u0664",  # an Arabic four
        f"old {MAX_INTEGER + 1}",
        "new 4",
        "old 4\r",
        "old 4\nold 4",
        f"old 4\n{HASH}\r",
        f"old 4\n{HASH} ",
        f"old 4\n{HASH[:-1]}",
        f"old 4\n{HASH}\n ",
        f"old 4\n{b64encode(b'h' * 31)}",
        f"old 4\n{b64encode(b'h' * 33)}",
        f"old 4\n{HASH[:-2]}i=",  # padding bits
        "old 4\n" + "\n".join([HASH] * (MAX_PROOF + 1)),
    ],
)
def test_a_body_with_another_head_is_refused(head: str) -> None:
    with pytest.raises(Malformed):
        Request.parse(f"{head}\n\n{NOTE.encode()}".encode())


def test_the_longest_proof_is_read() -> None:
    request = Request(4, (b"h" * 32,) * MAX_PROOF, NOTE)
    assert Request.parse(request.encode()) == request


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        b"old 4\n",
        b"old 4\n\n",
        b"old 4\n" + NOTE.encode().encode(),  # no empty line before the note
        BODY[:-1],
        BODY + b"\n",
        BODY + BODY,
        BODY.replace(b"\n", b"\r\n"),
        b"\n" + BODY,
        b"\xff" + BODY,
        BODY.replace(b"\n\n", b"\n\n\n", 1),
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        Request.parse(body)


def test_a_body_of_many_bytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(Malformed, match=f"longer than {MAX_REQUEST} bytes"):
        Request.parse(b"old 4\n" * MAX_REQUEST)


@given(st.binary(max_size=300))
def test_bytes_at_random_are_no_request(data: bytes) -> None:
    with pytest.raises(Malformed):
        Request.parse(data)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, Kind.UNKNOWN_LOG),  # litewitness 0.6.1 for an origin that it does not know
        (404, Kind.UNKNOWN_LOG),
        (500, Kind.UNKNOWN_LOG),  # omniwitness for that, and for a note that a stranger signed
        (409, Kind.CONTRADICTED),  # another root of the same size, by older servers
        (422, Kind.CONTRADICTED),
        (429, Kind.BUSY),
        (503, Kind.BUSY),
        (400, Kind.FAULTY),
        (201, Kind.FAULTY),
        (204, Kind.FAULTY),
        (301, Kind.FAULTY),
        (405, Kind.FAULTY),
        (502, Kind.FAULTY),
    ],
)
def test_a_refusal_has_a_meaning(status: int, kind: Kind) -> None:
    for body in (b"", b"12\n", b"<html>", b"\xff"):
        assert read_answer(status, "text/plain", body, NOTE.text) == Answer(kind)


def test_another_size_is_learned() -> None:
    for body in (b"12\n", b"12"):
        assert read_answer(409, SIZE_TYPE, body, NOTE.text) == Answer(Kind.OTHER_SIZE, size=12)


@pytest.mark.parametrize(
    "body", [b"", b"\n", b"-1\n", b"012\n", b"12\n\n", b"12\r\n", b" 12\n", b"\xff\n", b"9" * 99]
)
def test_a_size_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_answer(409, SIZE_TYPE, body, NOTE.text)


def test_the_line_of_the_witness_is_found_and_holds() -> None:
    assert cosignature(answered(line(1001)), NOTE.text, KEY) == (line(1001), 1001)
    mixed = answered(line(1001, SOUTH), *NOTE.signatures, line(1001))
    assert cosignature(mixed, NOTE.text, KEY) == (line(1001), 1001)


def test_of_several_lines_the_newest_is_taken() -> None:
    found = cosignature(answered(line(1002), line(1009), line(1001)), NOTE.text, KEY)
    assert found == (line(1009), 1009)


def test_only_lines_of_others_are_no_cosignature() -> None:
    with pytest.raises(VerificationFailed, match="no signature of a known key"):
        cosignature(answered(line(1001, SOUTH)), NOTE.text, KEY)


def test_a_cosignature_of_another_checkpoint_is_refused() -> None:
    other = Checkpoint(ORIGIN, 8, b"r" * 32).text()
    with pytest.raises(VerificationFailed, match="does not hold"):
        cosignature(answered(line(1001, text=other)), NOTE.text, KEY)


def test_one_bad_line_spoils_the_good_ones() -> None:
    bad = line(1001)._replace(blob=line(1001).blob[:-1] + b"\0")
    for lines in ((bad, line(1002)), (line(1002), bad)):
        with pytest.raises(VerificationFailed, match="does not hold"):
            cosignature(answered(*lines), NOTE.text, KEY)


def test_a_plain_signature_is_no_cosignature() -> None:
    plain = signature_line(KEY, NORTH.sign(NOTE.text.encode()))
    with pytest.raises(Malformed, match="expected a time and a signature"):
        cosignature(answered(plain), NOTE.text, KEY)


def test_the_log_does_not_cosign_for_the_witness() -> None:
    own = log_vkey(ORIGIN, LOG.public_key)
    with pytest.raises(VerificationFailed):
        cosignature(Answer(Kind.COSIGNED, NOTE.signatures), NOTE.text, KEY)
    assert own.name == NOTE.signatures[0].name


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"OK\n",
        b"<html></html>\n",
        b"\xff\xfe\n",
        str(line(1001)).encode()[:-1],
        str(line(1001)).encode() + b"\n",
        str(line(1001)).encode() * (MAX_SIGNATURES + 1),
        str(line(1001)).encode().replace(b"\n", b"\r\n"),
        NOTE.encode().encode(),  # the note instead of the line alone
    ],
)
def test_a_200_without_lines_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_answer(200, "text/plain", body, NOTE.text)


@given(st.sampled_from([200, 403, 409, 422, 500]), st.booleans(), st.binary(max_size=200))
def test_an_answer_at_random_is_read_or_malformed(status: int, sized: bool, body: bytes) -> None:  # noqa: FBT001
    media_type = SIZE_TYPE if sized else "text/plain"
    if status == 200 or (status == 409 and sized and not body.removesuffix(b"\n").isdigit()):
        with pytest.raises(Malformed):
            read_answer(status, media_type, body, NOTE.text)
    else:
        with contextlib.suppress(Malformed):  # digits, and no number of ours
            assert read_answer(status, media_type, body, NOTE.text).lines == ()


@given(st.data())
def test_a_body_with_one_other_byte_is_refused_or_says_something_else(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(BODY) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda item: item != BODY[place]))
    changed = BODY[:place] + bytes([byte]) + BODY[place + 1 :]
    try:
        request = Request.parse(changed)
    except Malformed:
        return
    assert request.encode() == changed
    assert request != Request.parse(BODY)
