"""`make bench-log`: what the log takes, what it gives, and what that costs, on this machine.

A registry (`touchplate serve`) runs in a process of its own, the load comes from the same machine.
Prints a table and writes build/bench-log.json: figure name -> {"value", "unit"}. Every load is
repeated and the best round counts, because whatever else the machine does only takes away; CPU of
the server stands beside it, which is much less disturbed. Nothing is asserted.
"""

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from postgres_server import PostgresServer

from tests.bench.load import Measurable, Measured, Server, get, measure, post, served, writers
from tests.bench.proxy import NGINX, proxied
from tests.torture.crowd import Door, Work
from trust.core.log.edge import Edge
from trust.core.log.merkle import check_inclusion, leaf_hash, prove_inclusion
from trust.core.log.tile import ENTRIES
from trust.service.subtrees import Subtrees
from trust.storage.tiles import TileFolder

BUILD = Path(__file__).resolve().parents[2] / "build"
ROUNDS = 3
CLIENTS = 64
WRITERS = 8
STATEMENTS = 1920  # in a round
LINES = 240  # of a batch
BATCHERS = 4  # clients that send batches
READS = 6400
PROOFS = 300
SYNCS = 200
PIECE = 2**16  # leaves at a time

Figure = tuple[str, float, str]


def main() -> None:
    """Measure everything, print the table, write the file."""
    figures = list(everything())
    for name, value, unit in figures:
        print(f"{name:28} {value:12.3f}  {unit}")
    BUILD.mkdir(exist_ok=True)
    document = {name: {"value": value, "unit": unit} for name, value, unit in figures}
    text = json.dumps(document, indent=1) + "\n"
    (BUILD / "bench-log.json").write_text(text, encoding="utf-8")


def everything() -> Iterator[Figure]:
    """Yield all figures: name, value, unit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from syncs(folder)
        with served(folder, "--disk-floor", "0") as server:
            people = writers(server, WRITERS)
            with closing(Door(server.port)) as door:
                note = door.get("/api/v2/checkpoint").decode()

            def works() -> list[Work]:
                share = STATEMENTS // WRITERS
                return [work for person in people for work in person.prepare(note, share)]

            yield from one_by_one("sqlite", server, [works() for _ in range(ROUNDS)])
            yield from in_batches(server, [works() for _ in range(ROUNDS)])
            yield from tiles(server, folder)
            yield from room(server)
        yield from on_postgres(folder / "postgres")
        yield from proofs(folder / "proofs")


def on_postgres(folder: Path) -> Iterator[Figure]:
    """One process that leads on PostgreSQL, which runs on the same machine."""
    folder.mkdir()
    with (
        PostgresServer.running() as postgres,
        postgres.database() as url,
        served(folder, "--disk-floor", "0", "--database", url) as server,
    ):
        people = writers(server, WRITERS)
        with closing(Door(server.port)) as door:
            note = door.get("/api/v2/checkpoint").decode()
        share = STATEMENTS // WRITERS
        rounds = [
            [work for person in people for work in person.prepare(note, share)]
            for _ in range(ROUNDS)
        ]
        yield from one_by_one("postgres", server, rounds)


def syncs(folder: Path) -> Iterator[Figure]:
    """How fast the disk makes a small write durable."""
    seconds = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(4096))
            start = time.perf_counter()
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - start)
    yield "fsync_per_s", 1 / statistics.mean(seconds), "syncs/s of 4 KiB, one after the other"
    yield "fsync_p50_ms", statistics.median(seconds) * 1000, "ms"
    yield "fsync_p99_ms", statistics.quantiles(seconds, n=100)[-1] * 1000, "ms"


def best(rounds: list[Measured]) -> Measured:
    """Return the round that the machine disturbed least."""
    return max(rounds, key=lambda measured: measured.per_second)


def one_by_one(name: str, server: Server, rounds: list[list[Work]]) -> Iterator[Figure]:
    """Clients that send one statement after the other."""
    measured = []
    for works in rounds:
        requests = [post(server.port, work.body) for work in works]
        shares = [requests[place::CLIENTS] for place in range(CLIENTS)]
        measured.append(measure(server, shares, expected=201))
    found = best(measured)
    yield f"{name}_acknowledged_per_s", found.per_second, f"statements/s, {CLIENTS} clients"
    yield f"{name}_p50_s", found.p50, "s"
    yield f"{name}_p99_s", found.p99, "s"
    yield f"{name}_cpu_ms", min(item.cpu_ms for item in measured), "ms CPU a statement"


def in_batches(server: Server, rounds: list[list[Work]]) -> Iterator[Figure]:
    """Clients that send one NDJSON batch after the other."""
    measured = []
    for works in rounds:
        bodies = [work.body for work in works]
        parts = [bodies[start : start + LINES] for start in range(0, len(bodies), LINES)]
        requests = [post(server.port, b"\n".join(part), "application/x-ndjson") for part in parts]
        shares = [requests[place::BATCHERS] for place in range(BATCHERS)]
        measured.append(measure(server, shares, expected=200))
    found = best(measured)
    yield "batch_per_s", found.per_second * LINES, f"statements/s, batches of {LINES}"
    yield "batch_cpu_ms", min(item.cpu_ms for item in measured) / LINES, "ms CPU a statement"


def tiles(server: Server, folder: Path) -> Iterator[Figure]:
    """Clients that read full tiles, through the proxy that we ship and from the registry itself."""
    alone = read_tiles(server)
    if NGINX is None:
        where = "the registry alone: no nginx here"
        yield "tile_reads_per_s", best(alone).per_second, f"tiles/s, {where}"
    else:
        with proxied(folder / "proxy", server) as proxy:
            found = best(read_tiles(proxy))
        where = "docker/nginx.conf without TLS"
        yield "tile_reads_per_s", found.per_second, f"tiles/s, {CLIENTS} clients, {where}"
    yield "tile_reads_alone_per_s", best(alone).per_second, "tiles/s, the registry alone"
    yield "tile_read_cpu_ms", min(item.cpu_ms for item in alone), "ms CPU of the registry a read"


def read_tiles(server: Measurable) -> list[Measured]:
    """Read as often as is measured."""
    request = get(server.port, "/api/v2/tile/0/000")
    shares = [[request] * (READS // CLIENTS)] * CLIENTS
    return [measure(server, shares, expected=200) for _ in range(ROUNDS)]


def room(server: Server) -> Iterator[Figure]:
    """What the log takes of the disk."""
    with closing(Door(server.port)) as door:
        size = int(door.get("/api/v2/checkpoint").split(b"\n")[1])
    whole = sum(path.stat().st_blocks * 512 for path in server.data.rglob("*") if path.is_file())
    public = sum(path.stat().st_blocks * 512 for path in server.data.rglob("public/**/*"))
    yield "bytes_per_entry", whole / size, "bytes on disk"
    yield "bytes_per_entry_public", public / size, "of them in tiles"


def proofs(folder: Path) -> Iterator[Figure]:
    """What a proof costs that begins with nothing in memory, in a short log and in a long one."""
    for name, size in (("proof_ms_1k", 1_000), ("proof_ms_1m", 1_000_000)):
        store, edge = TileFolder(folder / name), Edge()
        for start in range(0, size, PIECE):
            leaves = [b"%d" % place for place in range(start, min(start + PIECE, size))]
            _lay(folder / name, edge, leaves)
        root, chance, seconds = edge.root(), random.Random(1), []
        for _ in range(PROOFS):
            index = chance.randrange(size)
            start_time = time.thread_time()
            path = prove_inclusion(index, size, Subtrees(store).reader(size))
            check_inclusion(index, size, leaf_hash(b"%d" % index), path, root)
            seconds.append(time.thread_time() - start_time)
        yield name, statistics.median(seconds) * 1000, f"ms CPU, {size} entries, nothing kept"


def _lay(folder: Path, edge: Edge, leaves: list[bytes]) -> None:
    """Write tiles of hashes without syncing them."""
    for path, data in edge.append(leaves).items():
        if path.level != ENTRIES:
            target = folder / str(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


if __name__ == "__main__":
    main()
