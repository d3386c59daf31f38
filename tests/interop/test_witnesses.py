"""Stock witnesses cosign our log, ours cosigns it for a stock client, and each refuses."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from world import PASSPHRASE

from tests.interop.case import BUILT, Answer, ServedWorld, ask, installed
from tests.interop.witness_servers import SERVERS, Listed, Place, Starting, ours
from trust.core.log.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    open_checkpoint,
    sign_checkpoint,
)
from trust.core.log.cosigning import PATH, SIZE_TYPE, Kind, Request, read_answer
from trust.core.log.merkle import prove_consistency
from trust.core.log.note import MAX_NOTE, Note, VerifierKey, signature_line
from trust.core.log.tile import hash_reader
from trust.core.log.witness import Cosigned, WitnessPolicy
from trust.custody.keyfile import KeyFile
from trust.custody.signers import Ed25519Signer, generate_ed25519
from trust.service.witnesses import Fault, Witnesses
from trust.transport.http import Server, exchange
from trust.transport.url import url_prefix

pytestmark = pytest.mark.loopback
SIZES = (10, 277, 512, 700, 1100)


class Growing(NamedTuple):
    """Our log at several sizes, and its keys, with which a test can make it lie."""

    world: ServedWorld
    steps: tuple[SignedCheckpoint, ...]
    log: Ed25519Signer
    clock: Ed25519Signer

    @property
    def vkey(self) -> VerifierKey:
        """The key of the log, whose name is its origin."""
        return self.world.registry.trust.newest_log.log_key

    @property
    def newest(self) -> Checkpoint:
        """The last of the checkpoints."""
        return self.steps[-1].checkpoint

    def prove(self, old: int, new: int) -> list[bytes]:
        """Make a proof from the tiles that the registry has published."""
        read = hash_reader(new, lambda path: self.world.registry.tile(str(path)))
        return prove_consistency(old, new, read)

    def sign(self, checkpoint: Checkpoint, seconds: int | None = None) -> SignedCheckpoint:
        """Sign whatever checkpoint, by default at the time of the last."""
        time = seconds or self.steps[-1].time
        note = sign_checkpoint(checkpoint, self.log, self.clock, time)
        return SignedCheckpoint(checkpoint, note, time)


def asking(witness: Listed, seconds: float = 30) -> Witnesses:
    """Return what asks this witness alone."""
    policy = WitnessPolicy.parse(f"{witness.line}quorum {witness.name}\n")
    return Witnesses(policy, seconds)


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Growing]:
    """Our own registry, with more than a thousand real entries in the end."""
    world = ServedWorld(tmp_path_factory.mktemp("growing"))
    keys = KeyFile.open(world.settings.data / "keys.json", PASSPHRASE)
    log, clock = keys["log"], keys["clock"]
    assert isinstance(log, Ed25519Signer)
    assert isinstance(clock, Ed25519Signer)
    ana, registry = world.join("ana"), world.registry
    listed = registry.trust.newest_log
    steps: list[SignedCheckpoint] = []
    for size in SIZES:
        count = size - checkpoint_size(registry.checkpoint())
        waiting = [ana.prepare({"n": b"%d" % n}).to_json() for n in range(size - count, size)]
        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(lambda body: registry.submit(body, ""), waiting))
        steps.append(open_checkpoint(registry.checkpoint(), listed.log_key, listed.clock_key))
    made = Growing(world, tuple(steps), log, clock)
    again = made.sign(steps[3].checkpoint, steps[3].time + 1)  # an idle registry signs again
    yield made._replace(steps=(*steps[:4], again, *steps[4:]))
    world.close()


def checkpoint_size(note: str) -> int:
    return Checkpoint.parse(Note.parse(note).text).size


class Grown(NamedTuple):
    """A witness that has cosigned every step, and what it gave."""

    kind: str
    listed: Listed
    growing: Growing
    cosigned: tuple[Cosigned, ...]


@pytest.fixture(scope="module", params=SERVERS)
def grown(
    request: pytest.FixtureRequest, growing: Growing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Grown]:
    kind: str = request.param
    place = Place.of(tmp_path_factory.mktemp("witness") / "data", growing.vkey)
    with SERVERS[kind](place) as listed:
        witnesses = asking(listed)
        found = [witnesses.cosign(step, growing.prove) for step in growing.steps]
        assert [item.faults for item in found] == [()] * len(found)
        yield Grown(kind, listed, growing, tuple(item.cosigned for item in found))


def test_it_cosigns_a_log_of_over_a_thousand_entries(grown: Grown) -> None:
    assert grown.growing.newest.size >= 1100
    expected = Cosigned((grown.listed.name,), 1, enough=True)
    assert grown.cosigned == (expected,) * (len(SIZES) + 1)


# What each must refuse, and with which status it does.


def of_note(growing: Growing, old: int, checkpoint: Checkpoint, *proof: bytes) -> bytes:
    return Request(old, proof, Note.parse(growing.sign(checkpoint).note)).encode()


def stale(growing: Growing) -> bytes:
    old = growing.steps[0].checkpoint.size
    proof = growing.prove(old, growing.newest.size)
    return of_note(growing, old, growing.newest, *proof)


def from_nothing(growing: Growing) -> bytes:
    return of_note(growing, 0, growing.newest)


def above(growing: Growing) -> bytes:
    return of_note(growing, growing.newest.size + 1, growing.newest)


def wrong_proof(growing: Growing) -> bytes:
    size = growing.newest.size
    more = growing.newest._replace(size=size + 1, root=bytes(32))
    length = len(growing.prove(size - 1, size))
    return of_note(growing, size, more, *[bytes(32)] * length)


def other_root(growing: Growing) -> bytes:
    return of_note(growing, growing.newest.size, growing.newest._replace(root=bytes(32)))


def stranger(growing: Growing) -> bytes:
    other = growing._replace(log=Ed25519Signer(generate_ed25519()))
    return of_note(other, growing.newest.size, growing.newest)


def unknown_origin(growing: Growing) -> bytes:
    return of_note(growing, 0, growing.newest._replace(origin="unknown.example"))


def extension(growing: Growing) -> bytes:
    text = f"{growing.newest.text()}extension\n"
    line = signature_line(growing.vkey, growing.log.sign(text.encode()))
    return Request(growing.newest.size, (), Note(text, (line,))).encode()


ANSWERS: dict[str, tuple[Callable[[Growing], bytes], tuple[int, int, int], Kind]] = {
    "a stale old size": (stale, (409, 409, 409), Kind.OTHER_SIZE),
    "old 0 for a known log": (from_nothing, (409, 409, 409), Kind.OTHER_SIZE),
    "an old size above the new": (above, (400, 400, 400), Kind.FAULTY),
    "a wrong proof": (wrong_proof, (422, 422, 422), Kind.CONTRADICTED),
    "another root of the same size": (other_root, (422, 422, 422), Kind.CONTRADICTED),
    "a note that a stranger signed": (stranger, (403, 500, 403), Kind.UNKNOWN_LOG),
    "an unknown origin": (unknown_origin, (403, 500, 404), Kind.UNKNOWN_LOG),
}


def post(listed: Listed, body: bytes) -> tuple[int, str, bytes]:
    """Send a body as it is."""
    parts = url_prefix(listed.url, "test")
    server = Server.of(parts.scheme, parts.netloc)
    answer = exchange(server, "POST", f"{parts.path}/{PATH}", [], body, limit=MAX_NOTE, seconds=30)
    return answer[:3]


@pytest.mark.parametrize("name", ANSWERS)
def test_what_it_refuses_and_what_we_take_that_for(grown: Grown, name: str) -> None:
    make, statuses, kind = ANSWERS[name]
    status, media_type, body = post(grown.listed, make(grown.growing))
    assert status == statuses[list(SERVERS).index(grown.kind)]
    found = read_answer(status, media_type, body, grown.growing.newest.text())
    assert found.kind is kind
    if status == 409:
        assert (media_type, found.size) == (SIZE_TYPE, grown.growing.newest.size)


def test_a_line_more_in_the_checkpoint(grown: Grown) -> None:
    """Stock witnesses take it; ours does not, as no reader of ours does."""
    status, _, _ = post(grown.listed, extension(grown.growing))
    assert status == (400 if grown.kind == "ours" else 200)


def test_our_client_says_what_the_refusals_mean(grown: Grown) -> None:
    growing = grown.growing

    def why(checkpoint: Checkpoint) -> Fault:
        witnessed = asking(grown.listed).cosign(growing.sign(checkpoint), growing.prove)
        assert not witnessed.cosigned.enough
        (fault,) = witnessed.faults
        return fault

    size = growing.newest.size
    assert why(growing.newest._replace(origin="unknown.example")).why == "does not know this log"
    forked = why(growing.newest._replace(root=bytes(32)))
    assert forked.why == "says that this checkpoint does not continue what it has cosigned"
    assert why(growing.steps[0].checkpoint).size == size


@pytest.mark.parametrize("kind", SERVERS)
def test_it_remembers_over_a_restart(kind: str, growing: Growing, tmp_path: Path) -> None:
    start: Starting = SERVERS[kind]
    place = Place.of(tmp_path / "data", growing.vkey)
    with start(place) as listed:
        first = asking(listed).cosign(growing.steps[1], growing.prove)
    with start(place) as again:
        assert again.vkey == listed.vkey
        forked = growing.sign(growing.steps[1].checkpoint._replace(root=bytes(32)))
        refused = asking(again).cosign(forked, growing.prove)
        second = asking(again).cosign(growing.steps[2], growing.prove)
    assert [item.cosigned.enough for item in (first, refused, second)] == [True, False, True]


def test_three_operators_are_counted(growing: Growing, tmp_path: Path) -> None:
    with ExitStack() as stack:
        listed = [
            stack.enter_context(start(Place.of(tmp_path / f"{number}", growing.vkey)))
            for number, start in enumerate(SERVERS.values())
        ]
        names = [item.name for item in listed]
        lines = "".join(item.line for item in listed)
        policy = f"{lines}group all {len(names)} {' '.join(names)}\nquorum all\n"
        witnesses = Witnesses(WitnessPolicy.parse(policy), 30)
        for step in growing.steps:
            witnessed = witnesses.cosign(step, growing.prove)
            assert witnessed[1:] == (Cosigned(tuple(names), 3, enough=True), ())
            assert WitnessPolicy.parse(policy).judge(Note.parse(witnessed.note)).enough


# A stock client, and our witness.


@pytest.fixture(scope="module")
def program() -> str:
    return installed(BUILT / "ask-witness")


def ask_ours(program: str, growing: Growing, listed: Listed, **other: str) -> Answer:
    """Let the stock client read our log from its tiles and ask for a cosignature."""
    given = {
        "log_url": f"{growing.world.settings.public_url}/api/v2",
        "log": str(growing.vkey),
        "witness_url": listed.url,
        "witness": listed.vkey,
    }
    return ask(program, *(given | other).values())


def test_the_version_of_the_client_is_pinned(program: str) -> None:
    pinned = "github.com/transparency-dev/witness v0.0.0-20260720115447-2e1c6971d19e"
    assert ask(program, "version") == (0, f'"{pinned}"\n')


def test_our_witness_cosigns_for_a_stock_client(
    program: str, growing: Growing, tmp_path: Path
) -> None:
    with ours(Place.of(tmp_path / "data", growing.vkey)) as listed:
        sizes = []
        for before in (None, growing.steps[1]):
            if before is not None:
                assert asking(listed).cosign(before, growing.prove)
            answer = ask_ours(program, growing, listed)
            answer.accepts("")
            sizes.append(json.loads(answer.text))
    newest = growing.newest.size
    assert [(item["old"], item["size"]) for item in sizes] == [(0, newest), (newest, newest)]
    assert all(item["time"] >= growing.steps[0].time for item in sizes)


def test_a_stock_client_proves_the_growth_to_our_witness(
    program: str, growing: Growing, tmp_path: Path
) -> None:
    with ours(Place.of(tmp_path / "data", growing.vkey)) as listed:
        asking(listed).cosign(growing.steps[1], growing.prove)
        answer = ask_ours(program, growing, listed)
    answer.accepts("")
    found = json.loads(answer.text)
    assert (found["old"], found["size"]) == (growing.steps[1].checkpoint.size, growing.newest.size)


def test_a_stock_client_understands_the_refusals_of_our_witness(
    program: str, growing: Growing, tmp_path: Path
) -> None:
    with ours(Place.of(tmp_path / "other", growing.vkey._replace(name="other.example"))) as listed:
        ask_ours(program, growing, listed).refuses("unknown log")
    with ours(Place.of(tmp_path / "data", growing.vkey)) as listed:
        forked = growing.newest._replace(root=bytes(32))
        asking(listed).cosign(growing.sign(forked), growing.prove)
        ask_ours(program, growing, listed).refuses("consistency proof invalid")
        other = str(growing.vkey._replace(key=growing.clock.public_key))
        ask_ours(program, growing, listed, log=other).refuses("note has no verifiable signatures")
    stranger = growing.vkey._replace(key=growing.clock.public_key)
    with ours(Place.of(tmp_path / "stranger", stranger)) as listed:
        ask_ours(program, growing, listed).refuses("no valid signatures")


def test_a_stock_client_refuses_the_line_of_another_witness(
    program: str, growing: Growing, tmp_path: Path
) -> None:
    with ours(Place.of(tmp_path / "data", growing.vkey)) as listed:
        key = VerifierKey.parse(listed.vkey)._replace(key=growing.clock.public_key)
        answer = ask_ours(program, growing, listed, witness=str(key))
    answer.refuses("note has no verifiable signatures")
