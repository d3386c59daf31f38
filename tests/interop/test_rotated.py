"""After every key was replaced, stock `sigstore` takes old and new bundles with one trust root."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from world import PASSPHRASE, World

from tests.interop.case import ROOT, Answer, ask, installed
from tests.interop.test_sigstore_python import LIBRARY
from trust.core.canonical import canonical
from trust.service.opening import DATABASE
from trust.service.rotation import NAMES, rotate
from trust.storage.database import Database

OLD, NEW = b"signed before", b"signed after"


def replace_every_key(world: World) -> None:
    for name in NAMES:
        world.close()
        database = Database(world.settings.data / DATABASE)
        rotate(world.settings.data, database, PASSPHRASE, name, world.now)
        database.close()
        world.offset += 2
        world.registry = world.open()


class Rotated:
    """A registry whose every key was replaced between two deliveries of one person."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.world = folder, World(folder)
        ana = self.world.join("ana")
        first = ana.sign({"old": OLD}).id
        self.write("kept.json", canonical(self.world.registry.bundle(first).to_json()))
        self.write("old_root.json", self.world.registry.trust_root())
        replace_every_key(self.world)
        time.sleep(self.world.offset)  # stock sigstore passes over keys that begin in the future
        second = self.world.join("ben").sign({"new": NEW}).id  # his certificate is by the new CA
        self.write("new.json", canonical(self.world.registry.bundle(second).to_json()))
        self.write("root.json", self.world.registry.trust_root())
        url = self.world.settings.public_url
        self.ana, self.ben = f"{url}/p/{ana.scid}", f"{url}/p/{self.signer(second)}"

    def signer(self, statement_id: str) -> str:
        signer = self.world.registry.attestation(statement_id)["signer"]
        assert isinstance(signer, dict)
        return str(signer["scid"])

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def ask(self, bundle: str, root: str, identity: str) -> Answer:
        python = installed(ROOT / ".venv-interop" / "bin" / "python")
        paths = [str(self.folder / name) for name in (bundle, root)]
        return ask(python, "-c", LIBRARY, *paths, identity, self.world.settings.public_url)


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotated]:
    made = Rotated(tmp_path_factory.mktemp("rotated"))
    yield made
    made.world.close()


def test_a_bundle_of_before_holds_under_the_new_trust_root(rotated: Rotated) -> None:
    answer = rotated.ask("kept.json", "root.json", rotated.ana)
    answer.accepts(hashlib.sha256(OLD).hexdigest())


def test_a_bundle_of_after_holds_under_the_new_trust_root(rotated: Rotated) -> None:
    answer = rotated.ask("new.json", "root.json", rotated.ben)
    answer.accepts(hashlib.sha256(NEW).hexdigest())


def test_the_old_trust_root_does_not_know_the_new_keys(rotated: Rotated) -> None:
    rotated.ask("new.json", "old_root.json", rotated.ben).refuses("not enough sources of verified")
