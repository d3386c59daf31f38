"""A log that can be opened, broken and opened again in a few milliseconds.

Deriving the key of a key file, and everything about people, is done once: what is opened is the
append path with its sequencer and writer, over real files.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from world import PASSPHRASE, Person, World

from tests.torture.crowd import leaf_of
from tests.torture.ledger import Ledger, checkpoint_in, folder_reader
from trust.core.canonical import canonical
from trust.core.log.witness import WitnessPolicy
from trust.core.registry.trust_file import Log, parse_trust_file
from trust.core.signing.statement import parse_statement
from trust.service.append_path import AppendPath, Submission
from trust.service.authorities import Authorities
from trust.service.clock import Clock
from trust.service.log_writer import LogWriter
from trust.service.opening import open_authorities
from trust.service.sequencer import Sequencer
from trust.service.trust_files import TrustFiles
from trust.service.witnesses import Witnesses
from trust.storage.database import Database
from trust.storage.ports import Tables, Tiles
from trust.storage.tiles import TileFolder

# Faults that are only acted need no disk: where there is one in memory, it is quicker.
MEMORY = next((name for name in ("/dev/shm",) if os.access(name, os.W_OK)), None)  # noqa: S108
DATABASE = "registry.db"
NOBODY = WitnessPolicy.parse("quorum none\n")
NEVER = 10**6  # seconds until an idle log is signed again

Batch = list[Submission]


class Life:
    """One run of a writer over a data folder, from start to stop or fault."""

    def __init__(self, scene: "Scene", database: Tables, tiles: Tiles) -> None:
        self._database, self._sequencer = database, None
        authorities, clock = scene.authorities, Clock(scene.clock)
        path = AppendPath(database, tiles, authorities, clock, Witnesses(NOBODY))
        self._sequencer = Sequencer(path, NEVER)
        trust = TrustFiles(database, authorities, clock.now())
        self._writer = LogWriter(database, self._sequencer, authorities, trust, clock)

    def append(self, batch: Batch) -> None:
        """Append as the registry does: each statement once; return when all are acknowledged."""
        self._writer.append(batch)

    def close(self) -> None:
        """Stop the writer."""
        if self._sequencer is not None:
            self._sequencer.close()


@dataclass
class Scene:
    """A small log and who may write to it. Its data folder is copied for each run."""

    template: Path
    authorities: Authorities
    log: Log
    person: Person
    certificate: bytes
    time: int

    @staticmethod
    def make(folder: Path) -> "Scene":
        """Make the log, with one person in it."""
        world = World(folder)
        person = world.join("ana")
        now = world.registry._published.size
        signer = world.registry._intake._signers.current(person.scid, now)
        certificate = signer.certificates[person.signer.public_key].der
        trust = parse_trust_file(world.registry.trust_file(None))
        data = world.settings.data
        world.close()
        database = Database(data / DATABASE)
        authorities = open_authorities(world.settings, database, PASSPHRASE, world.now)
        database.close()
        return Scene(data, authorities, trust.newest_log, person, certificate, world.now)

    def clock(self) -> float:
        """A clock that goes on by a second whenever it is read."""
        self.time += 1
        return self.time

    def public(self, data: Path) -> Path:
        """The public files in a data folder."""
        return data / "public" / self.log.origin

    def copy(self, target: Path) -> Path:
        """Copy the data folder as the template has it."""
        shutil.copytree(self.template, target)
        return target

    def storage(self, data: Path) -> tuple[Tables, Tiles]:
        """Open what the product opens."""
        return Database(data / DATABASE), TileFolder(self.public(data))

    def batch(self, name: str, count: int) -> Batch:
        """Sign for as many files."""
        note = checkpoint_in(self.public(self.template))
        signed = [
            self.person.prepare(
                {"a.txt": sha256(f"{name} {place}".encode()).digest()}, not_before=note
            )
            for place in range(count)
        ]
        return [
            Submission(
                item.id,
                self.person.scid,
                item.envelope,
                parse_statement(item.envelope.payload),
                self.certificate,
                canonical(item.private),
            )
            for item in signed
        ]

    def ledger(self) -> Ledger:
        """An empty ledger of this log."""
        return Ledger(self.log.log_key, self.log.clock_key)

    def promise(self, ledger: Ledger, places: Mapping[str, int], batch: Batch) -> None:
        """Note that a batch was acknowledged; `places` are the indexes by id."""
        for item in batch:
            if item.id not in places:
                ledger.lose(item.id)
            else:
                leaf = leaf_of(item.envelope, item.certificate)
                ledger.promise(item.id, places[item.id], leaf)

    def judge(self, ledger: Ledger, data: Path, *, whole: bool = False) -> None:
        """Hold the public files against a ledger."""
        folder = self.public(data)
        ledger.judge(checkpoint_in(folder), folder_reader(folder), whole=whole)
