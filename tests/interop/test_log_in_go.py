"""golang.org/x/mod, the code behind Go's checksum database, reads our notes, proofs and tiles."""

import json
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.interop.case import BUILT, Answer, Case, Json, ask, copied, installed
from tests.interop.forgeries import forged
from trust.core.canonical import canonical
from trust.core.encoding import b64encode
from trust.core.log.merkle import leaf_hash, prove_consistency, prove_inclusion
from trust.core.log.note import VerifierKey
from trust.core.log.proof import TlogProof
from trust.core.log.tile import WIDTH, hash_reader
from trust.core.registry.trust_file import parse_trust_file
from trust.core.signing.bundle import LogProof, parse_bundle

pytestmark = pytest.mark.loopback
FAMILIES = ("c2sp", "go")
REFUSED = {
    "drop_the_log_entry": "no log entry",
    "alter_the_proof": "invalid transparency proof",
    "alter_the_index": "invalid transparency proof",
    "alter_the_checkpoint": "invalid signature for key",
}


class Grown(NamedTuple):
    """The log once it has a full tile, and the proof in a bundle as of then."""

    case: Case
    proof: LogProof
    url: str
    folder: Path  # where the tiles lie on disk
    log_key: VerifierKey
    clock_key: VerifierKey


@pytest.fixture(scope="module")
def program() -> str:
    return installed(BUILT / "read-log")


@pytest.fixture(scope="module")
def grown(case: Case) -> Grown:
    """Fill the first tile and begin a second one."""
    world, registry = case.world, case.world.registry
    cleo = world.join("cleo")
    waiting = [cleo.prepare({"n": b"%d" % n}).to_json() for n in range(WIDTH + 10)]
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda body: registry.submit(body, ""), waiting))
    proof = registry.bundle(case.verified.id).proof
    log = registry.trust.newest_log
    url = f"{world.settings.public_url}/api/v2"
    folder = world.settings.data / "public" / log.origin
    return Grown(case, proof, url, folder, log.log_key, log.clock_key)


def prove(program: str, key: VerifierKey, base: str, paths: str, places: Iterable[str]) -> Answer:
    """Let x/mod make proofs from the tiles under a URL or in a folder."""
    return ask(program, "prove", str(key), base, paths, *places)


def our_proofs(grown: Grown, indexes: Iterable[int], sizes: Iterable[int]) -> dict[str, list[str]]:
    """Make the same proofs ourselves."""
    size = grown.proof.size
    read = hash_reader(size, lambda path: grown.case.world.registry.tile(str(path)))
    proofs = {f"{index}@{size}": prove_inclusion(index, size, read) for index in indexes}
    proofs |= {f"{old}..{size}": prove_consistency(old, size, read) for old in sizes}
    return {place: [b64encode(item) for item in proof] for place, proof in proofs.items()}


def test_the_version_is_pinned(program: str) -> None:
    assert ask(program, "version") == (0, '"golang.org/x/mod v0.43.0"\n')


def test_it_accepts_the_proof_in_a_bundle(program: str, case: Case) -> None:
    log = case.world.registry.trust.newest_log
    proof = parse_bundle(case.bundle).proof
    answer = ask(program, "check", str(log.log_key), case.path("bundle.json"))
    answer.accepts("")
    assert json.loads(answer.text) == {
        "origin": log.origin,
        "size": proof.size,
        "root": b64encode(proof.root),
        "unknown": 1,  # the line of the clock
    }


@pytest.mark.parametrize("paths", FAMILIES)
def test_it_makes_the_proofs_that_our_bundles_carry(program: str, grown: Grown, paths: str) -> None:
    then, now = parse_bundle(grown.case.bundle).proof, grown.proof
    assert then.index == now.index
    assert then.size < WIDTH < now.size
    expected = {
        f"{proof.index}@{proof.size}": [b64encode(item) for item in proof.hashes]
        for proof in (then, now)
    }
    answer = prove(program, grown.log_key, grown.url, paths, expected)
    answer.accepts("")
    found = json.loads(answer.text)
    assert found["proofs"] == expected
    assert (found["size"], found["root"]) == (now.size, b64encode(now.root))


@pytest.mark.parametrize("paths", FAMILIES)
def test_it_makes_the_proofs_that_we_make(program: str, grown: Grown, paths: str) -> None:
    size = grown.proof.size
    indexes = (0, 1, WIDTH - 1, WIDTH, size - 1)
    sizes = (1, 2, WIDTH - 1, WIDTH, WIDTH + 1, size - 1)
    expected = our_proofs(grown, indexes, sizes)
    answer = prove(program, grown.log_key, grown.url, paths, expected)
    answer.accepts("")
    assert json.loads(answer.text)["proofs"] == expected


def written(case: Case, **changes: int | tuple[bytes, ...]) -> tuple[LogProof, str]:
    """Write the proof of the bundle's entry as a .tlog-proof, with changes."""
    logged = parse_bundle(case.bundle).proof
    proof = TlogProof(logged.index, logged.hashes, logged.checkpoint)
    path = case.folder / "entry.tlog-proof"
    path.write_bytes(proof._replace(**changes).encode())  # type: ignore[arg-type]
    return logged, str(path)


def test_the_stock_reader_takes_our_tlog_proof(program: str, case: Case) -> None:
    logged, path = written(case)
    key = case.world.registry.trust.newest_log.log_key
    answer = ask(program, "proof", str(key), path, leaf_hash(logged.leaf).hex())
    answer.accepts("")
    found = json.loads(answer.text)
    assert (found["index"], found["size"]) == (logged.index, logged.size)
    assert (found["root"], found["canonical"]) == (b64encode(logged.root), True)


def test_the_stock_reader_refuses_a_tlog_proof_that_leads_elsewhere(
    program: str, case: Case
) -> None:
    logged, _ = written(case)
    key, leaf = case.world.registry.trust.newest_log.log_key, leaf_hash(logged.leaf).hex()
    for changes in (
        {"index": logged.index - 1},
        {"hashes": (bytes(32), *logged.hashes[1:])},
        {"hashes": logged.hashes[:-1]},
    ):
        _, path = written(case, **changes)
        ask(program, "proof", str(key), path, leaf).refuses("invalid transparency proof")
    _, path = written(case)
    other = leaf_hash(logged.leaf + b" ").hex()
    ask(program, "proof", str(key), path, other).refuses("invalid transparency proof")


@pytest.mark.parametrize("name", REFUSED)
def test_a_forged_proof_is_refused_for_its_reason(program: str, case: Case, name: str) -> None:
    key = case.world.registry.trust.newest_log.log_key
    ask(program, "check", str(key), forged(name, case).path).refuses(REFUSED[name])


def test_the_leaf_of_another_person(program: str, case: Case) -> None:
    swapped: Json = copied(case.bundle)
    entries = (item["verificationMaterial"]["tlogEntries"][0] for item in (swapped, case.strange))
    mine, strange = entries
    mine["canonicalizedBody"] = strange["canonicalizedBody"]
    (case.folder / "leaf.json").write_bytes(canonical(swapped))
    key = case.world.registry.trust.newest_log.log_key
    ask(program, "check", str(key), case.path("leaf.json")).refuses("invalid transparency proof")


def test_another_registry_of_the_same_name(program: str, case: Case) -> None:
    other = parse_trust_file((case.folder / "other_trust.json").read_bytes()).newest_log.log_key
    named = other._replace(name=case.world.registry.trust.newest_log.origin)
    for key in (other, named):
        ask(program, "check", str(key), case.path("bundle.json")).refuses(
            "note has no verifiable signatures"
        )


def test_the_clock_alone_is_no_log(program: str, grown: Grown) -> None:
    prove(program, grown.clock_key, grown.url, "go", ["0@1"]).refuses("unknown verifier algorithm")


@pytest.mark.parametrize(
    ("tile", "reason"),
    [
        ("tile/0/000", "downloaded inconsistent tile"),
        ("tile/entries/000", "invalid transparency proof"),
    ],
)
def test_an_altered_tile(
    program: str, grown: Grown, tmp_path: Path, tile: str, reason: str
) -> None:
    copy = tmp_path / "log"
    shutil.copytree(grown.folder, copy)
    place = [f"{WIDTH - 1}@{grown.proof.size}"]
    prove(program, grown.log_key, str(copy), "c2sp", place).accepts(place[0])
    data = bytearray((copy / tile).read_bytes())
    data[-1] ^= 1
    (copy / tile).write_bytes(data)
    prove(program, grown.log_key, str(copy), "c2sp", place).refuses(reason)
