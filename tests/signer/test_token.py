"""Private keys in a PKCS#11 token, tried with SoftHSM: made there, used there, never read out."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest
import softhsm
from apart import WorldApart
from softhsm import PIN
from stranger import check_whole

from trust.commands import signer as command
from trust.core.errors import Malformed, NotAllowed, NotFound
from trust.core.keys.ed25519 import check as check_ed25519
from trust.core.keys.p256 import verify as check_p256
from trust.custody.token import Token
from trust.service.authorities import KEYS
from trust.signer.server import serving
from trust.signer.signer import Signer

MESSAGE = b"what is signed"


@pytest.fixture(scope="session")
def module() -> Path:
    """SoftHSM's library."""
    return softhsm.module()


@pytest.fixture
def alone(module: Path) -> Iterator[Token]:
    """A token by itself."""
    token = Token(module, "alone", PIN)
    yield token
    token.close()


def test_keys_made_in_a_token_sign_as_ours_do(alone: Token) -> None:
    made = alone.open() or alone.add({"log": "ed25519", "ca": "p256"})
    assert {name: key.public_key for name, key in alone.open().items()} == {
        name: key.public_key for name, key in made.items()
    }
    for _ in range(8):  # every other signature has a high S until it is made low
        check_p256(made["ca"].public_key, MESSAGE, made["ca"].sign(MESSAGE), low_s=True)
    check_ed25519(made["log"].public_key, MESSAGE, made["log"].sign(MESSAGE), "log")


def test_no_key_can_be_read_out(alone: Token) -> None:
    from pkcs11 import Attribute, exceptions  # noqa: PLC0415

    for signer in (alone.open() or alone.add({"log": "ed25519", "ca": "p256"})).values():
        with pytest.raises(exceptions.PKCS11Error):
            signer._key[Attribute.VALUE]


def test_a_registry_runs_on_a_token(module: Path, tmp_path: Path) -> None:
    folder = tmp_path / "signer"
    folder.mkdir()
    ana = None
    for turn in range(2):
        token = Token(module, "registry", PIN)
        with serving(Signer.open(folder, token), folder / "socket"):
            world = WorldApart(tmp_path, folder / "socket")
            ana = ana or world.join("ana")
            ana.world = world
            signed = ana.sign({"poem.txt": b"poem %d" % turn})
            assert world.assess(world.dossier(signed.id), None).code != "invalid"
            assert check_whole(world) == 8 + turn
            assert set(token.open()) == set(KEYS)
            world.close()
        token.close()
    assert not list(folder.glob("keys*"))


def test_a_key_that_can_be_read_out_is_not_used(module: Path) -> None:
    from pkcs11 import Attribute, KeyType  # noqa: PLC0415

    token = Token(module, "shown", PIN)
    kind = {Attribute.EC_PARAMS: bytes.fromhex("06082a8648ce3d030107")}
    curve = token._session.create_domain_parameters(KeyType.EC, kind, local=True)
    open_key = {Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False}
    curve.generate_keypair(store=True, label="ca", id=b"1", private_template=open_key)
    with pytest.raises(NotAllowed, match="key 'ca' of token 'shown' can be read out of it"):
        token.open()
    token.close()


def test_of_two_keys_of_one_name_none_is_taken(module: Path) -> None:
    token = Token(module, "twice", PIN)
    token.add({"ca": "p256"})
    token.add({"ca": "p256"})
    with pytest.raises(Malformed, match="key 'ca' is there twice"):
        token.open()
    token.close()


def test_what_does_not_open_is_named(module: Path) -> None:
    with pytest.raises(NotAllowed, match="the PIN does not open the token 'alone'"):
        Token(module, "alone", b"9999")
    with pytest.raises(NotFound, match="there is no token 'nobody'"):
        Token(module, "nobody", PIN)
    with pytest.raises(NotFound, match="no PKCS#11 library at"):
        Token(module.with_name("none.so"), "alone", PIN)


@pytest.mark.parametrize(
    "given", [["--token", "T"], ["--pkcs11", "M"], ["--pkcs11", "M", "--token", "T"]]
)
def test_half_a_token_is_none(tmp_path: Path, given: list[str]) -> None:
    """A PIN is never made up, as a passphrase is at a first start."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    places = ["--data", str(tmp_path), "--socket", str(tmp_path / "socket")]
    with pytest.raises(Malformed, match="a token wants --pkcs11, --token and --passphrase-file"):
        command.run(parser.parse_args(["serve", *places, *given]))
    assert list(tmp_path.iterdir()) == []
