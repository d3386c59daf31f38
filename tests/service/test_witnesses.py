"""Asking witnesses: ours over loopback, and beside them one that does whatever it likes."""

import contextlib
import datetime as dt
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hostile import Answering, answering, drip, endless, reply
from witnessed import NOW, HashLog, open_witness

from trust.commands.server import listen, serving
from trust.core.errors import Malformed, NotFound
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint
from trust.core.log.cosigning import SIZE_TYPE
from trust.core.log.note import (
    Note,
    NoteSignature,
    VerifierKey,
    cosignature_line,
    cosignature_message,
)
from trust.core.log.witness import Cosigned, WitnessPolicy
from trust.core.log.witnessing import witness_vkey
from trust.custody.signers import Ed25519Signer
from trust.service.witnesses import MAX_SKEW, Fault, Witnessed, Witnesses
from trust.witness.app import create_app
from trust.witness.witness import Witness

pytestmark = pytest.mark.loopback
SECONDS = 1.0
MALLORY = Ed25519Signer(b"m" * 32)
MALLORYS = witness_vkey("mallory.example/w", MALLORY.public_key)


class House(NamedTuple):
    """A log, and two honest witnesses of it that answer on this machine."""

    log: HashLog
    lines: str  # of a policy

    def asks(self, *more: str, k: int = 2, seconds: float = SECONDS) -> Witnesses:
        """Return a policy of the two honest witnesses and others, of which k are enough."""
        policy = WitnessPolicy.parse(self.policy(*more, k=k))
        return Witnesses(policy, seconds)

    def policy(self, *more: str, k: int = 2) -> str:
        """Return that policy as text."""
        names = ["north", "south", *(line.split()[1] for line in more)]
        lines = self.lines + "".join(f"{line}\n" for line in more)
        return f"{lines}group all {k} {' '.join(names)}\nquorum all\n"


@contextlib.contextmanager
def served(witness: Witness) -> Iterator[str]:
    """Serve a witness; yield its URL."""
    with listen("127.0.0.1", 0) as bound, serving(create_app(witness), bound):
        yield f"http://localhost:{bound.getsockname()[1]}"


@contextlib.contextmanager
def honest(folder: Path, log: HashLog) -> Iterator[House]:
    with contextlib.ExitStack() as stack:
        lines = ""
        for name in ("north", "south"):
            witness = stack.enter_context(open_witness(folder / name, log))
            lines += f"witness {name} {witness.vkey} {stack.enter_context(served(witness))}\n"
        yield House(log, lines)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Witnesses that have cosigned ten entries. No test here goes beyond."""
    with honest(tmp_path_factory.mktemp("house"), HashLog()) as made:
        made.asks(seconds=10).cosign(made.log.sign(10), made.log.prove)
        yield made


def check(witnessed: Witnessed, house: House, signed: SignedCheckpoint, operators: str) -> None:
    """Require a note that holds, and the operators that have witnessed it."""
    opened = open_checkpoint(witnessed.note, house.log.vkey, house.log.clock_vkey)
    assert opened.checkpoint == signed.checkpoint
    assert witnessed.cosigned.operators == tuple(operators.split())
    lines = Note.parse(witnessed.note).signatures
    assert len(lines) == 2 + len(witnessed.cosigned.operators)


def mallory(url: str) -> str:
    """Return the policy line of the witness that does what it likes."""
    return f"witness mallory {MALLORYS} {url}"


def line(
    text: str, seconds: int = NOW, signer: Ed25519Signer = MALLORY, key: VerifierKey = MALLORYS
) -> NoteSignature:
    return cosignature_line(key, seconds, signer.sign(cosignature_message(text, seconds)))


# Honest witnesses.


def test_a_log_grows_and_every_checkpoint_is_cosigned(tmp_path: Path) -> None:
    log = HashLog(size=1100)
    with honest(tmp_path, log) as house:
        witnesses = house.asks(seconds=10)
        for size in (0, 10, 277, 512, 700, 700, 1100):
            signed = log.sign(size)
            witnessed = witnesses.cosign(signed, log.prove)
            check(witnessed, house, signed, "north south")
            assert witnessed[1:] == (Cosigned(("north", "south"), 2, enough=True), ())


def test_the_recorded_size_is_learned_after_a_restart(tmp_path: Path) -> None:
    log = HashLog()
    asked: list[tuple[int, int]] = []

    def prove(old: int, new: int) -> list[bytes]:
        asked.append((old, new))
        return log.prove(old, new)

    with honest(tmp_path, log) as house:
        house.asks(seconds=10).cosign(log.sign(10), log.prove)
        house.asks(k=1, seconds=10).cosign(log.sign(20), log.prove)
        witnesses = house.asks(seconds=10)
        for size in (200, 250):
            check(witnesses.cosign(log.sign(size), prove), house, log.sign(size), "north south")
    assert sorted(asked) == [(20, 200), (20, 200), (200, 250), (200, 250)]


def test_a_line_that_the_note_has_already_is_replaced(house: House) -> None:
    signed = house.log.sign(10)
    first = house.asks().cosign(signed, house.log.prove)
    again = house.asks().cosign(signed._replace(note=first.note), house.log.prove)
    check(again, house, signed, "north south")


def test_nobody_to_ask_is_content(house: House) -> None:
    signed = house.log.sign(10)
    witnessed = Witnesses(WitnessPolicy.parse("quorum none\n")).cosign(signed, house.log.prove)
    assert witnessed == (signed.note, Cosigned((), 0, enough=True), ())


def test_a_witness_without_url_is_not_asked(house: House) -> None:
    witnessed = house.asks(f"witness quiet {MALLORYS}").cosign(house.log.sign(10), house.log.prove)
    check(witnessed, house, house.log.sign(10), "north south")
    assert witnessed.faults == ()


def test_an_honest_witness_refuses_a_log_that_was_rewritten(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    forked = house.log.fork(5)
    for size in (10, 20):
        witnessed = house.asks().cosign(forked.sign(size), forked.prove)
        check(witnessed, house, forked.sign(size), "")
        assert [fault.why for fault in witnessed.faults] == [
            "says that this checkpoint does not continue what it has cosigned"
        ] * 2
        assert not witnessed.cosigned.enough
    assert "witness north says that this checkpoint does not continue" in caplog.text


def test_a_log_that_was_restored_from_a_backup_is_told_the_size(house: House) -> None:
    """The newest checkpoint is proof, if the log signed it; a claimed size is a claim."""
    witnesses = house.asks()
    witnessed = witnesses.cosign(house.log.sign(7), house.log.prove)
    check(witnessed, house, house.log.sign(7), "")
    assert witnessed.faults[0] == Fault(
        "north", "claims to have cosigned 10 entries, more than the 7 of this log", 10
    )
    assert witnesses.newest(house.log.vkey) == house.log.sign(10).checkpoint
    assert witnesses.newest(HashLog("other.example").vkey) is None
    assert witnesses.newest(HashLog().vkey) is None  # of that name, by another key


def test_a_log_that_nobody_knows(house: House) -> None:
    other = HashLog("other.example")
    witnessed = house.asks().cosign(other.sign(10), other.prove)
    assert [fault.why for fault in witnessed.faults] == ["does not know this log"] * 2


def test_a_proof_that_cannot_be_made_is_a_fault_and_no_crash(tmp_path: Path) -> None:
    log = HashLog()

    def prove(_old: int, _new: int) -> list[bytes]:
        raise NotFound("no tile/0/000")

    with honest(tmp_path, log) as house:
        witnesses = house.asks(seconds=10)
        witnesses.cosign(log.sign(10), prove)  # from nothing there is nothing to prove
        witnessed = witnesses.cosign(log.sign(20), prove)
    assert witnessed.faults == (Fault("north", "no tile/0/000"), Fault("south", "no tile/0/000"))
    assert witnessed.note == log.sign(20).note


# One that does what it likes, beside two that are honest.


def of_text(make: Callable[[str], list[NoteSignature]]) -> Answering:
    """Answer 200 with lines that are made for the text of the note that came."""

    def respond(request: bytes) -> Iterable[bytes]:
        note = request.partition(b"\r\n\r\n")[2].partition(b"\n\n")[2]
        return [reply("".join(map(str, make(Note.parse(note).text))).encode())]

    return respond


def fixed(answer: bytes) -> Answering:
    return lambda _: [answer]


def size(text: str) -> bytes:
    return reply(text.encode(), "409 Conflict", f"Content-Type: {SIZE_TYPE}\r\n")


GOOD = of_text(lambda text: [line(text)])
OTHER_TEXT = "log.example\n11\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
HOSTILE: dict[str, tuple[Answering, str]] = {
    "says nothing": (fixed(b""), "remote end closed connection without response"),
    "speaks something else": (fixed(b"SSH-2.0-OpenSSH_9.6\r\n"), "did not answer as HTTP"),
    "answers nothing": (fixed(reply(b"")), "expected text, one empty line and signature lines"),
    "answers garbage": (fixed(reply(b"\x00\xff" * 99)), "not UTF-8"),
    "answers a page": (fixed(reply(b"<html>\n")), "is no signature line"),
    "breaks off": (fixed(reply(b"\xe2\x80\x94 mall")[:-3]), "broke off in the middle"),
    "answers 10 GB": (lambda _: endless(b"x"), "answered more than 65536 bytes"),
    "answers 10 GB of lines": (lambda _: endless(b"\xe2\x80\x94 "), "answered more than 65536"),
    "10,000 headers": (fixed(reply(b"", headers="X: y\r\n" * 10_000)), "did not answer as HTTP"),
    "redirects": (
        fixed(reply(b"", "307 Temporary Redirect", "Location: http://127.0.0.1:1/\r\n")),
        "answered 307, a redirect, which is never followed",
    ),
    "lines of others": (
        of_text(lambda text: [line(text, key=MALLORYS._replace(name="south"))]),
        "no signature of a known key",
    ),
    "the log's own lines": (
        lambda request: [reply(request.rpartition(b"\n\n")[2])],
        "no signature of a known key",
    ),
    "cosigns another note": (
        of_text(lambda _: [line(OTHER_TEXT)]),
        "line of mallory.example/w: the signature does not hold",
    ),
    "lies once": (
        of_text(lambda text: [line(text), line(OTHER_TEXT)]),
        "line of mallory.example/w: the signature does not hold",
    ),
    "lives tomorrow": (
        of_text(lambda text: [line(text, NOW + MAX_SKEW + 1)]),
        f"gave the time {NOW + MAX_SKEW + 1}, a day or more away from {NOW}",
    ),
    "kept a line back": (
        of_text(lambda text: [line(text, NOW - MAX_SKEW - 1)]),
        f"gave the time {NOW - MAX_SKEW - 1}, a day or more away from {NOW}",
    ),
    "lives in the year 2^64": (of_text(lambda text: [line(text, 2**64 - 1)]), "gave the time"),
    "65 lines": (of_text(lambda text: [line(text)] * 65), "65 signatures, expected at most 64"),
    "claims a larger size": (
        fixed(size("9007199254740991\n")),
        "claims to have cosigned 9007199254740991 entries, more than the 10 of this log",
    ),
    "claims no size": (fixed(size("many\n")), "is not a decimal number"),
    "claims a size for ever": (fixed(size("3\n")), "says another size whatever it is asked with"),
    "409 and no size": (
        fixed(reply(b"", "409 Conflict")),
        "does not continue what it has cosigned",
    ),
    "422": (fixed(reply(b"", "422 Unprocessable Entity")), "does not continue what it has"),
    "403": (fixed(reply(b"", "403 Forbidden")), "does not know this log"),
    "404": (fixed(reply(b"", "404 Not Found")), "does not know this log"),
    "500": (fixed(reply(b"", "500 Internal Server Error")), "does not know this log"),
    "429": (fixed(reply(b"", "429 Too Many Requests")), "is busy"),
    "503": (fixed(reply(b"", "503 Service Unavailable")), "is busy"),
    "418": (fixed(reply(b"", "418 I'm a teapot")), "answered what no witness answers"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_harms_nobody_but_itself(
    house: House, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    respond, why = HOSTILE[name]
    signed = house.log.sign(10)
    with answering(respond) as url:
        witnessed = house.asks(mallory(url), seconds=10).cosign(signed, house.log.prove)
    check(witnessed, house, signed, "north south")
    (fault,) = witnessed.faults
    assert fault.name == "mallory"
    assert why in fault.why
    assert caplog.messages == [f"witness mallory {fault.why}"]
    assert all(character.isprintable() for character in fault.why)


def test_when_it_does_what_it_should_it_counts(house: House) -> None:
    signed = house.log.sign(10)
    with answering(GOOD) as url:
        witnessed = house.asks(mallory(url), k=3).cosign(signed, house.log.prove)
    check(witnessed, house, signed, "north south mallory")
    assert witnessed.cosigned.enough


def test_of_a_flood_of_good_lines_one_is_kept(house: House) -> None:
    signed = house.log.sign(10)
    with answering(of_text(lambda text: [line(text, NOW + n) for n in range(60)])) as url:
        witnessed = house.asks(mallory(url)).cosign(signed, house.log.prove)
    check(witnessed, house, signed, "north south mallory")
    assert str(line(signed.checkpoint.text(), NOW + 59)) in witnessed.note


def test_a_closed_port(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    signed = house.log.sign(10)
    witnessed = house.asks(mallory(f"http://127.0.0.1:{port}")).cosign(signed, house.log.prove)
    check(witnessed, house, signed, "north south")
    assert witnessed.faults[0].why.startswith("does not answer: ")


def test_one_that_speaks_no_tls_behind_https(house: House) -> None:
    with answering(fixed(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        asks = house.asks(mallory(url.replace("http://", "https://")), seconds=10)
        witnessed = asks.cosign(house.log.sign(10), house.log.prove)
    check(witnessed, house, house.log.sign(10), "north south")
    assert witnessed.faults[0].why.startswith("does not answer in TLS: ")


def test_a_certificate_must_be_vouched_for(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "certificate.pem"
    path.write_bytes(self_signed("localhost"))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    signed = house.log.sign(10)
    with answering(GOOD, tls) as url:
        asks = house.asks(mallory(url), seconds=10)
        refused = asks.cosign(signed, house.log.prove)
        check(refused, house, signed, "north south")
        assert refused.faults[0].why.startswith("has a TLS certificate that does not hold: ")
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        check(asks.cosign(signed, house.log.prove), house, signed, "north south mallory")


def self_signed(host: str) -> bytes:
    """Return a key and a certificate that nobody vouches for, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return key.private_bytes(pem, form, plain) + certificate.public_bytes(pem)


# One that is slow: nobody waits for it, and its thread is its own.


@pytest.mark.parametrize("name", ["hangs", "drips"])
def test_one_that_is_slow_harms_nobody(house: House, name: str) -> None:
    release = threading.Event()

    def respond(_: bytes) -> Iterator[bytes]:
        if name == "hangs":
            release.wait(30)
        yield from drip(reply(b"x" * 1000), 0.05)

    signed = house.log.sign(10)
    with answering(respond) as url:
        witnesses = house.asks(mallory(url), seconds=0.5)
        for _ in range(3):
            witnessed = witnesses.cosign(signed, house.log.prove)
            check(witnessed, house, signed, "north south")
            assert [fault.name for fault in witnessed.faults] == ["mallory"]
        release.set()


def test_a_late_one_is_asked_and_not_waited_for_until_its_pause_is_over(house: House) -> None:
    release = threading.Event()

    def respond(request: bytes) -> Iterable[bytes]:
        release.wait(30)
        return GOOD(request)

    signed = house.log.sign(10)
    with answering(respond) as url:
        policy = WitnessPolicy.parse(f"{mallory(url)}\nquorum mallory\n")
        hasty, patient = Witnesses(policy, 60, pause=3600), Witnesses(policy, 60, pause=0)
        for witnesses in (hasty, patient):
            witnesses._peers[0].late_at = time.monotonic()
        assert not hasty.cosign(signed, house.log.prove).cosigned.enough
        release.set()
        assert patient.cosign(signed, house.log.prove).cosigned.enough


def test_a_witness_is_asked_about_one_checkpoint_at_a_time(house: House) -> None:
    release = threading.Event()

    def prove(_old: int, _new: int) -> list[bytes]:
        release.wait(30)
        raise NotFound("no tile/0/000")

    with answering(fixed(size("3\n"))) as url:
        policy = WitnessPolicy.parse(f"{mallory(url)}\nquorum mallory\n")
        witnesses = Witnesses(policy, 1.0, pause=3600)
        first, second = (witnesses.cosign(house.log.sign(10), prove) for _ in range(2))
        release.set()
    assert [each.faults[0].why for each in (first, second)] == [
        "did not answer in time",
        "is still asked about the checkpoint before",
    ]


def test_one_that_is_in_time_again_is_waited_for_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    calls = 0
    release = threading.Event()

    def respond(request: bytes) -> Iterable[bytes]:
        nonlocal calls
        calls += 1
        if calls == 1:
            release.wait(30)
        return GOOD(request)

    signed = house.log.sign(10)
    with answering(respond) as url:
        witnesses = house.asks(mallory(url), k=3)
        check(witnesses.cosign(signed, house.log.prove), house, signed, "north south")
        release.set()
        for _ in range(100):
            if witnesses.cosign(signed, house.log.prove).cosigned.enough:
                break
            time.sleep(0.05)
        check(witnesses.cosign(signed, house.log.prove), house, signed, "north south mallory")
    assert "witness mallory did not answer in time" in caplog.messages[0]
    assert caplog.messages[-1] == "witness mallory cosigns again"


def test_a_fault_is_logged_once_for_as_long_as_it_lasts(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(fixed(reply(b"", "503 Service Unavailable"))) as url:
        witnesses = house.asks(mallory(url))
        for _ in range(3):
            witnesses.cosign(house.log.sign(10), house.log.prove)
    assert caplog.messages == ["witness mallory is busy"]
    assert caplog.records[0].levelno == logging.WARNING


def test_a_claimed_size_is_forgotten(house: House) -> None:
    """Else one lie would keep an honest witness out for ever."""
    answers = [[size("999\n")]]

    def respond(request: bytes) -> Iterable[bytes]:
        if answers:
            return answers.pop()
        asked_anew = b"\r\n\r\nold 0\n" in request
        return GOOD(request) if asked_anew else [reply(b"", "400 Bad Request")]

    signed = house.log.sign(10)
    with answering(respond) as url:
        witnesses = house.asks(mallory(url))
        assert witnesses.cosign(signed, house.log.prove).faults[0].size == 999
        check(witnesses.cosign(signed, house.log.prove), house, signed, "north south mallory")


# The policy.


@pytest.mark.parametrize(
    "url", ["ftp://w.example", "w.example", "http://", "http://w.example/?a", "http://a@w.example"]
)
def test_a_url_that_is_none_is_refused_by_name(url: str) -> None:
    with pytest.raises(Malformed, match="witness 'mallory'"):
        Witnesses(WitnessPolicy.parse(f"{mallory(url)}\nquorum none\n"))


def crowd(count: int, name: str = "w") -> WitnessPolicy:
    keys = [witness_vkey(f"{name}{n}", bytes([n]) * 32) for n in range(count)]
    lines = [f"witness w{n} {key}\n" for n, key in enumerate(keys)]
    return WitnessPolicy.parse("".join([*lines, "quorum none\n"]))


def test_more_witnesses_than_a_note_has_room_for_are_refused() -> None:
    Witnesses(crowd(62))
    with pytest.raises(Malformed, match="63 witnesses make a checkpoint of 65 lines"):
        Witnesses(crowd(63))
    Witnesses(crowd(40, "w" * 200))
    with pytest.raises(Malformed, match="witnesses make a checkpoint of .* characters"):
        Witnesses(crowd(60, "w" * 180))
