"""Every part of a bundle, replaced by the valid part of another bundle: none may pass.

A newer proof of the same entry is legitimate, so the other bundles are of other entries, made under
other checkpoints.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import permutations
from pathlib import Path

import pytest
from world import World

from trust.core.errors import TouchplateError
from trust.core.signing.bundle import Bundle
from trust.core.signing.subjects import Subjects
from trust.core.verify import verify

PARTS: dict[str, Callable[[Bundle, Bundle], Bundle]] = {
    "payload": lambda a, b: a._replace(envelope=a.envelope._replace(payload=b.envelope.payload)),
    "signature": lambda a, b: a._replace(
        envelope=a.envelope._replace(signatures=b.envelope.signatures)
    ),
    "envelope": lambda a, b: a._replace(envelope=b.envelope),
    "certificate": lambda a, b: a._replace(certificate=b.certificate),
    "token": lambda a, b: a._replace(token=b.token),
    "entry": lambda a, b: a._replace(proof=b.proof),
    "index": lambda a, b: a._replace(proof=a.proof._replace(index=b.proof.index)),
    "leaf": lambda a, b: a._replace(proof=a.proof._replace(leaf=b.proof.leaf)),
    "hashes": lambda a, b: a._replace(proof=a.proof._replace(hashes=b.proof.hashes)),
    "root": lambda a, b: a._replace(proof=a.proof._replace(root=b.proof.root)),
    "size": lambda a, b: a._replace(proof=a.proof._replace(size=b.proof.size)),
    "checkpoint": lambda a, b: a._replace(proof=a.proof._replace(checkpoint=b.proof.checkpoint)),
}


class Swaps:
    """Bundles of two people, each taken when it was the newest entry."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.bundles: list[tuple[Bundle, bytes]] = []
        for handle in ("ana", "ben"):
            person = self.world.join(handle)
            for number in range(2):
                content = f"{handle} {number}".encode()
                signed = person.sign({"work.txt": content})
                self.bundles.append((self.world.registry.bundle(signed.id), content))

    def verify(self, bundle: Bundle, content: bytes) -> None:
        """Verify against the file."""
        subjects = Subjects({"work.txt": sha256(content).digest()})
        verify(bundle, subjects, self.world.registry.trust, self.world.now)


@pytest.fixture(scope="module")
def swaps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swaps]:
    made = Swaps(tmp_path_factory.mktemp("swaps"))
    yield made
    made.world.close()


def test_each_bundle_verifies_as_it_is(swaps: Swaps) -> None:
    for bundle, content in swaps.bundles:
        swaps.verify(bundle, content)


@pytest.mark.parametrize("part", PARTS)
def test_no_part_of_another_bundle_is_taken(swaps: Swaps, part: str) -> None:
    tried = 0
    for (mine, content), (other, _) in permutations(swaps.bundles, 2):
        swapped = PARTS[part](mine, other)
        if swapped == mine:
            continue  # two works of one person share the certificate
        tried += 1
        with pytest.raises(TouchplateError):
            swaps.verify(swapped, content)
    assert tried >= 8


def test_a_newer_proof_of_the_same_entry_is_legitimate(swaps: Swaps) -> None:
    old, content = swaps.bundles[0]
    statement_id = verify(old, None, swaps.world.registry.trust, swaps.world.now).id
    newer = swaps.world.registry.bundle(statement_id)
    assert newer.proof.size > old.proof.size
    swaps.verify(old._replace(proof=newer.proof), content)
