"""The log's key signs only what continues the tree that it signed last, whoever asks."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apart import signing
from world import PASSPHRASE, World

from trust.core.encoding import b64encode
from trust.core.errors import NotAllowed, NotFound, Unavailable, VerificationFailed
from trust.core.keys.ed25519 import check
from trust.core.log.checkpoint import Checkpoint
from trust.core.log.merkle import consistency_proof, root_hash
from trust.custody.remote import RemoteKeys, RemoteLogSigner
from trust.service.keyring import Keyring
from trust.signer import head
from trust.signer.signer import Signer

ORIGIN = "log2026-1.registry.example"
LEAVES = [hashlib.sha256(bytes([place])).digest() for place in range(20)]
FORK = [hashlib.sha256(b"fork %d" % place).digest() for place in range(20)]


def text(leaves: list[bytes], origin: str = ORIGIN) -> bytes:
    return Checkpoint(origin, len(leaves), root_hash(leaves)).text().encode()


@pytest.fixture
def log(signer_socket: Path) -> Iterator[RemoteLogSigner]:
    """The log's key after a tree of ten entries."""
    keys = RemoteKeys(signer_socket)
    log = keys["log"]
    assert isinstance(log, RemoteLogSigner)
    extend(log, [])
    extend(log, LEAVES[:10])
    yield log
    keys.close()


def extend(log: RemoteLogSigner, leaves: list[bytes], *, origin: str = ORIGIN) -> bytes:
    return log.extend(text(leaves, origin), lambda old, _new: consistency_proof(old, leaves))


def force(log: RemoteLogSigner, old: int, message: bytes, proof: list[bytes]) -> bytes:
    """Ask as a thief does, who minds no rule of our client."""
    question: dict[str, Any] = {"ask": "extend", "message": b64encode(message), "old": old}
    return log._line.signature({**question, "proof": [b64encode(item) for item in proof]})


def test_what_continues_is_signed_and_may_be_asked_again(log: RemoteLogSigner) -> None:
    message = text(LEAVES[:13])
    for _ in range(2):
        check(log.public_key, message, extend(log, LEAVES[:13]), "log")
    assert log.size == 13


def test_a_fork_of_the_same_size_is_not_signed(log: RemoteLogSigner) -> None:
    with pytest.raises(NotAllowed, match="does not continue the tree of 10 entries"):
        force(log, 10, text(FORK[:10]), [])


def test_a_fork_that_goes_on_is_not_signed_with_any_proof(log: RemoteLogSigner) -> None:
    forked = [*LEAVES[:9], *FORK[:5]]
    for proof in (consistency_proof(10, forked), consistency_proof(10, LEAVES[:14]), []):
        with pytest.raises(
            NotAllowed, match="the signer refuses: the key 'log' does not sign this"
        ):
            force(log, 10, text(forked), proof)
    assert extend(log, LEAVES[:14])  # the true one still is


def test_a_proof_from_an_older_tree_opens_no_second_history(log: RemoteLogSigner) -> None:
    forked = [*LEAVES[:5], *FORK[:9]]
    with pytest.raises(NotAllowed, match="a proof from size 5, expected one from 10"):
        force(log, 5, text(forked), consistency_proof(5, forked))
    with pytest.raises(NotAllowed, match="a proof from size 0, expected one from 10"):
        force(log, 0, text(forked), [])


def test_a_smaller_tree_is_not_signed(log: RemoteLogSigner) -> None:
    for size in (0, 5, 9):
        with pytest.raises(NotAllowed, match=f"a tree of {size} entries after one of 10"):
            force(log, 0, text(LEAVES[:size]), [])


def test_another_origin_is_not_signed(log: RemoteLogSigner) -> None:
    with pytest.raises(NotAllowed, match=f"origin 'other.example', expected '{ORIGIN}'"):
        extend(log, LEAVES[:12], origin="other.example")


@pytest.mark.parametrize(
    "message",
    [
        text(LEAVES[:12]) + b"extension\n",
        text(LEAVES[:12]).replace(b"\n12\n", b"\n012\n"),
    ],
)
def test_free_bytes_are_not_signed(log: RemoteLogSigner, message: bytes) -> None:
    for sent in (message, b"pay the bearer", b"", b"\xff\xfe"):
        with pytest.raises(NotAllowed, match="the key 'log' does not sign this"):
            log._line.ask({"ask": "extend", "message": b64encode(sent), "old": 10, "proof": []})


def test_the_first_tree_of_a_new_key_is_an_empty_one(signer_socket: Path) -> None:
    keys = RemoteKeys(signer_socket)
    log = keys["log"]
    assert isinstance(log, RemoteLogSigner)
    with pytest.raises(NotAllowed, match="a first tree of 10 entries, expected an empty one"):
        extend(log, LEAVES[:10])
    keys.close()


def test_what_was_signed_is_known_after_a_start(tmp_path: Path) -> None:
    for leaves in ([], LEAVES[:10], LEAVES[:11]):
        with signing(tmp_path / "signer") as socket:
            keys = RemoteKeys(socket)
            log = keys["log"]
            assert isinstance(log, RemoteLogSigner)
            assert extend(log, list(leaves))
            if leaves:
                with pytest.raises(NotAllowed, match="does not continue"):
                    force(log, len(leaves), text(FORK[: len(leaves)]), [])
            keys.close()


def test_it_is_written_down_before_it_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that refuses gets nothing signed, then or later: nobody knows what it holds."""
    signer = Signer.open(tmp_path, Keyring(tmp_path, PASSPHRASE))
    first = b64encode(text([]))

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(head, "replace", full)
        with pytest.raises(Unavailable, match="the disk of the signer refused a write: No space"):
            signer.answer({"ask": "extend", "message": first, "old": 0, "proof": []})
    with pytest.raises(Unavailable, match="the disk of the signer refused"):
        signer.answer({"ask": "extend", "message": first, "old": 0, "proof": []})
    assert (tmp_path / head.NAME).read_bytes() == b""


def test_keys_without_their_record_sign_nothing(tmp_path: Path) -> None:
    Signer.open(tmp_path, Keyring(tmp_path, PASSPHRASE))
    (tmp_path / head.NAME).unlink()
    with pytest.raises(NotAllowed, match=r"log-head is gone, .* a second history"):
        Signer.open(tmp_path, Keyring(tmp_path, PASSPHRASE))


def test_a_record_without_its_keys_is_missed(tmp_path: Path) -> None:
    signer = Signer.open(tmp_path, Keyring(tmp_path, PASSPHRASE))
    signer.answer({"ask": "extend", "message": b64encode(text([])), "old": 0, "proof": []})
    (tmp_path / "keys.json").unlink()
    with pytest.raises(NotFound, match="the keys are gone that signed what"):
        Signer.open(tmp_path, Keyring(tmp_path, PASSPHRASE))


def test_a_crash_before_the_keys_were_made_is_a_first_start(tmp_path: Path) -> None:
    head.Head.create(tmp_path / head.NAME)
    assert Signer.open(tmp_path, Keyring(tmp_path, PASSPHRASE)).size == 0


def test_keys_move_from_a_registry_with_its_newest_checkpoint(world: World, tmp_path: Path) -> None:
    world.join("ana")
    note = world.registry.checkpoint()
    folder = tmp_path / "signer"
    folder.mkdir()
    (world.settings.data / "keys.json").rename(folder / "keys.json")
    with pytest.raises(NotAllowed, match="--adopt"):
        Signer.open(folder, Keyring(folder, PASSPHRASE))
    with pytest.raises(VerificationFailed):
        Signer.open(folder, Keyring(folder, PASSPHRASE), note.replace("\n7\n", "\n6\n"))
    assert Signer.open(folder, Keyring(folder, PASSPHRASE), note).size == 7
    with pytest.raises(NotAllowed, match="says already what these keys have signed"):
        Signer.open(folder, Keyring(folder, PASSPHRASE), note)
