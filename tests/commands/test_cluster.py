"""Three real processes on one PostgreSQL database, whose leader is killed, or stopped and woken up.

Whatever happens to them: who was answered is in the log, once, and the public checkpoint never goes
back. Each client asks the next process when one does not answer, as behind a proxy.
"""

import http.client
import itertools
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from stranger import check_whole
from world import PASSPHRASE, World

from trust.client.statements import Signed
from trust.core.canonical import canonical
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint

pytestmark = pytest.mark.loopback
PROCESSES, CLIENTS, STATEMENTS = 3, 4, 400
SECONDS = 90  # for what happens by itself
SERVE = "import sys; from trust_cli.main import main; sys.exit(main())"


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)


class Cluster:
    """Processes that serve the registry of a world, which is closed meanwhile."""

    def __init__(self, world: World, url: str, root: Path) -> None:
        self._world, self._url, self._root = world, url, root
        self._passphrase = world.settings.data / "of-the-test"
        self._passphrase.write_bytes(PASSPHRASE)
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        for _ in range(PROCESSES):
            self.start()

    def start(self) -> None:
        """Start one more, and wait until it is ready."""
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            port = free.getsockname()[1]
        settings = self._world.settings
        options = {
            "--data": str(settings.data), "--database": self._url, "--port": str(port),
            "--public-url": settings.public_url, "--passphrase-file": str(self._passphrase),
        }  # fmt: skip
        command = [sys.executable, "-c", SERVE, "serve", *itertools.chain(*options.items())]
        paths = f"{self._root}:{self._root / 'cli'}"
        with (settings.data / f"{port}.log").open("wb") as log:
            process = subprocess.Popen(
                command, stderr=log, stdout=log, env={**os.environ, "PYTHONPATH": paths}
            )
        self.processes[port] = process

        def ready() -> bool:
            assert process.poll() is None, (settings.data / f"{port}.log").read_text()
            return ask(port, "GET", "/readyz")[0] == 200

        until(ready)

    def leader(self) -> tuple[int, int]:
        """Return the port of the process that holds the lease, and its epoch."""
        with psycopg.connect(self._url) as connection:
            row = connection.execute("select holder, epoch from leases").fetchone()
        assert row is not None
        pids = {process.pid: port for port, process in self.processes.items()}
        return pids.get(int(row[0].split()[1]), 0), row[1]

    def kill(self, port: int) -> None:
        """Kill one."""
        process = self.processes.pop(port)
        process.kill()
        process.wait()

    def close(self) -> None:
        """Stop all of them; each ends with 0."""
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        assert [process.wait(SECONDS) for process in self.processes.values()] == [0] * len(
            self.processes
        )


def ask(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
    """Return status and answer; 0 where there is none."""
    headers = {"Host": "localhost:8123", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=8)) as connection:
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, None


class Load:
    """Clients that sign one statement after the other, until each of them is answered."""

    def __init__(self, cluster: Cluster, prepared: list[Signed]) -> None:
        self._cluster = cluster
        self._left: queue.SimpleQueue[Signed] = queue.SimpleQueue()
        for signed in prepared:
            self._left.put(signed)
        self.acknowledged: dict[str, int] = {}
        self.refused: list[Any] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def wait_for(self, more: int) -> None:
        """Return when that many more are acknowledged."""
        enough = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= enough)

    def stop(self) -> None:
        """Let each client finish what it has begun."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(queue.Empty):
                self._send(self._left.get_nowait())
            time.sleep(0.03)  # a load that lasts as long as the test does

    def _send(self, signed: Signed) -> None:
        body = canonical(signed.to_json())
        for place in range(60):
            ports = list(self._cluster.processes)
            status, answer = ask(ports[place % len(ports)], "POST", "/v1/statements", body)
            if status == 201:
                self.acknowledged[signed.id] = answer["index"]
                return
            if status not in {0, 503}:
                self.refused.append(answer)
            time.sleep(0.1)
        self.refused.append(signed.id)


class Watcher:
    """A stranger who reads the public checkpoint all the time."""

    def __init__(self, world: World) -> None:
        self._log = world.registry.trust.newest_log
        self._path = world.settings.data / "public" / self._log.origin / "checkpoint"
        self.seen: list[SignedCheckpoint] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.002):
            note = self._path.read_text()
            if not self.seen or note != self.seen[-1].note:
                self.seen.append(open_checkpoint(note, self._log.log_key, self._log.clock_key))


@contextmanager
def under_load(tmp_path: Path, url: str, root: Path) -> Iterator[tuple[Cluster, Load]]:
    """Serve and use a registry for the length of a block; then hold everything against its log."""
    world = World(tmp_path, database=url)
    ana = world.join("ana")
    prepared = [ana.prepare({"a.txt": b"%d" % number}) for number in range(STATEMENTS)]
    watcher = Watcher(world)
    world.close()
    cluster = Cluster(world, url, root)
    try:
        load = Load(cluster, prepared)
        try:
            load.wait_for(10)
            yield cluster, load
        finally:
            load.stop()
    finally:
        cluster.close()
        watcher.stop()
    world.registry = world.open()
    try:
        check(world, load, watcher)
    finally:
        world.close()


def check(world: World, load: Load, watcher: Watcher) -> None:
    assert load.refused == []
    rows = dict(
        world.registry._database.rows("select id, idx from entries where type = 'deliverable'")
    )
    assert {name: rows[name] for name in load.acknowledged} == load.acknowledged
    assert sorted(rows.values()) == list(range(7, 7 + len(rows)))  # no gap, nothing twice
    assert check_whole(world) == 7 + len(rows)
    order = [(signed.checkpoint.size, signed.time) for signed in watcher.seen]
    assert order == sorted(order)
    roots: dict[int, set[bytes]] = {}
    for signed in watcher.seen:
        roots.setdefault(signed.checkpoint.size, set()).add(signed.checkpoint.root)
    assert {len(each) for each in roots.values()} == {1}
    committed = world.registry._database.rows("select note from checkpoints")
    assert {signed.note for signed in watcher.seen} <= {note for (note,) in committed}


def test_the_leader_is_killed_and_another_leads(
    tmp_path: Path, postgres_url: str, root: Path
) -> None:
    with under_load(tmp_path, postgres_url, root) as (cluster, load):
        for _ in range(2):
            port, epoch = cluster.leader()
            cluster.kill(port)
            until(lambda epoch=epoch: cluster.leader()[1] > epoch)  # type: ignore[misc]
            load.wait_for(10)
            cluster.start()


def test_a_leader_that_is_stopped_and_woken_up_does_no_harm(
    tmp_path: Path, postgres_url: str, root: Path
) -> None:
    with under_load(tmp_path, postgres_url, root) as (cluster, load):
        for _ in range(2):
            port, epoch = cluster.leader()
            os.kill(cluster.processes[port].pid, signal.SIGSTOP)
            until(lambda epoch=epoch: cluster.leader()[1] > epoch)  # type: ignore[misc]
            load.wait_for(10)
            os.kill(cluster.processes[port].pid, signal.SIGCONT)
            load.wait_for(20)
            until(lambda port=port: ask(port, "GET", "/readyz")[0] == 200)  # type: ignore[misc]
