"""A small log of hashes that signs checkpoints and proves them, and witnesses of a test's own."""

from pathlib import Path

from trust.core.log.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    clock_vkey,
    log_vkey,
    sign_checkpoint,
)
from trust.core.log.cosigning import Request
from trust.core.log.merkle import consistency_proof, leaf_hash, root_hash
from trust.core.log.note import Note
from trust.custody.signers import Ed25519Signer, generate_ed25519
from trust.transport.url import url_prefix
from trust.witness.settings import Settings
from trust.witness.witness import Witness

NOW = 1_793_714_527  # 2026-11-03T14:02:07Z
PASSPHRASE = b"correct horse battery staple"


class HashLog:
    """A log whose entries are numbers; after `fork` they are others from there on."""

    def __init__(self, origin: str = "log.example", size: int = 300) -> None:
        self.origin = origin
        self.log, self.clock = (Ed25519Signer(generate_ed25519()) for _ in range(2))
        self.vkey = log_vkey(origin, self.log.public_key)
        self.clock_vkey = clock_vkey(origin, self.clock.public_key)
        self.leaves = [leaf_hash(b"%d" % number) for number in range(size)]

    def fork(self, start: int) -> "HashLog":
        """Return the same log with another history from `start` on."""
        other = HashLog(self.origin)
        other.log, other.clock = self.log, self.clock
        other.vkey, other.clock_vkey = self.vkey, self.clock_vkey
        changed = (leaf_hash(b"other %d" % number) for number in range(start, len(self.leaves)))
        other.leaves = [*self.leaves[:start], *changed]
        return other

    def sign(self, size: int, seconds: int = NOW) -> SignedCheckpoint:
        """Sign the checkpoint of the first `size` entries."""
        made = Checkpoint(self.origin, size, root_hash(self.leaves[:size]))
        return SignedCheckpoint(made, sign_checkpoint(made, self.log, self.clock, seconds), seconds)

    def prove(self, old: int, new: int) -> list[bytes]:
        """Prove that one tree continues the other."""
        return consistency_proof(old, self.leaves[:new])

    def request(self, old: int, size: int) -> bytes:
        """Return the body that asks to cosign `size` entries after `old`."""
        note = Note.parse(self.sign(size).note)
        return Request(old, tuple(self.prove(old, size)), note).encode()


class Clock:
    """A clock that stands where a test puts it."""

    def __init__(self, seconds: float = NOW) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


def witness_settings(folder: Path, *logs: HashLog, name: str | None = None) -> Settings:
    """Return the settings of a witness that knows these logs."""
    keys = {item.origin: (item.vkey,) for item in logs}
    return Settings(folder, url_prefix("http://localhost:7380", "test"), keys, name)


def open_witness(folder: Path, *logs: HashLog, clock: Clock | None = None) -> Witness:
    """Open a witness, or open it again."""
    return Witness.open(witness_settings(folder, *logs), PASSPHRASE, clock or Clock())
