"""Where the statement key of this machine's person lies: key file, ssh-agent, or token.

The keys that change a DID always lie in the encrypted key file: an agent that signs whatever it is
asked to would let whoever reaches it take over the person.
"""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from trust.core.canonical import Encodable
from trust.core.encoding import b64encode
from trust.core.errors import Conflict, Malformed, NotFound, Unavailable
from trust.core.keys.signer import Signer
from trust.core.record import Record
from trust.custody.keyfile import KeyFile
from trust.custody.signers import P256Signer
from trust_cli import passphrase
from trust_cli.home import RegistryFolder, write_json

if TYPE_CHECKING:
    from trust.custody.token import Token

STATEMENT_KEY = "statement"  # its name in the key file
SSH_AGENT, PKCS11 = "ssh-agent", "pkcs11"
_RECORD = "custody.json"


class Elsewhere(NamedTuple):
    """A statement key outside the key file; `point` is its public half, 65 bytes.

    `name`: the key's comment in the ssh-agent, or its label in the token. `module` and `token`: the
    library of the token's maker, and the token's label.
    """

    kind: str
    name: str
    point: bytes
    module: str = ""
    token: str = ""

    @property
    def place(self) -> str:
        """In words, where the key is."""
        if self.kind == SSH_AGENT:
            return f"your ssh-agent, as {self.name!r}"
        return f"the token {self.token!r}, as {self.name!r}"

    def to_json(self) -> dict[str, Encodable]:
        """Return what is kept of it."""
        return {**self._asdict(), "point": b64encode(self.point)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `join` that say where the statement key is to lie."""
    parser.add_argument(
        "--ssh-agent",
        metavar="COMMENT",
        help="sign with the P-256 key that your ssh-agent holds under this comment",
    )
    parser.add_argument(
        "--token",
        metavar="LABEL",
        help="make the key in the PKCS#11 token of this label, from which it cannot be read",
    )
    parser.add_argument("--module", metavar="PATH", help="the PKCS#11 library of the token's maker")


def choose(
    args: argparse.Namespace, folder: RegistryFolder, host: str
) -> tuple[Elsewhere, Signer] | None:
    """Find or make the key that the options of `join` ask for; None for the key file.

    Raises:
        Malformed: options that do not fit together.
        NotFound, Conflict: no such key or token, or two.
        Unavailable: agent or token does not answer.
    """
    if args.ssh_agent is not None and args.token is not None:
        raise Malformed("a key lies in one place, expected --ssh-agent or --token", "--token")
    if (args.token is None) != (args.module is None):
        raise Malformed("--token and --module go together, expected both", "--token")
    if args.ssh_agent is not None:
        from trust.custody.ssh_agent import SshAgentSigner, find_key  # noqa: PLC0415

        found = find_key(_socket(), args.ssh_agent)
        return (
            Elsewhere(SSH_AGENT, found.comment, found.point),
            SshAgentSigner(_socket(), found.point),
        )
    if args.token is None:
        return None
    token = _open_token(args.module, args.token, args.pin_file)
    name, before = f"touchplate {host}", kept(folder)
    signer = token.open().get(name)
    if signer is None:
        signer = token.add({name: "p256"})[name]
    elif before is None or before.point != signer.public_key:
        raise Conflict(
            f"the token {args.token!r} holds a key {name!r} already, of somebody else's: remove it "
            "or take another token"
        )
    module = os.path.abspath(args.module)
    return Elsewhere(PKCS11, name, signer.public_key, module, args.token), signer


def keep(folder: RegistryFolder, elsewhere: Elsewhere) -> None:
    """Remember where the key of this folder's person lies."""
    write_json(folder.place(_RECORD), elsewhere.to_json())


def kept(folder: RegistryFolder) -> Elsewhere | None:
    """Return where the statement key lies; None in the key file."""
    value = folder.load(_RECORD)
    if value is None:
        return None
    record = Record(value, folder.place(_RECORD))
    found = Elsewhere(
        kind=record.one_of("kind", (SSH_AGENT, PKCS11)),
        name=record.text("name"),
        point=record.base64("point"),
        module=record.text("module"),
        token=record.text("token"),
    )
    record.done()
    return found


def open_statement_key(folder: RegistryFolder, args: argparse.Namespace) -> Signer:
    """Return the statement key, asking for what unlocks it.

    Raises:
        NotAllowed: a wrong passphrase or PIN.
        NotFound, Unavailable: the key is not where it was.
    """
    elsewhere = kept(folder)
    if elsewhere is not None:
        return _open(elsewhere, args)
    path = folder.place("keys.json")
    signer = KeyFile.open(Path(path), passphrase.read(args.passphrase_file)).get(STATEMENT_KEY)
    if not isinstance(signer, P256Signer):
        raise Malformed(f"no key named {STATEMENT_KEY!r}", path)
    return signer


def _open(elsewhere: Elsewhere, args: argparse.Namespace) -> Signer:
    if elsewhere.kind == SSH_AGENT:
        from trust.custody.ssh_agent import SshAgentSigner  # noqa: PLC0415

        return SshAgentSigner(_socket(), elsewhere.point)
    token = _open_token(elsewhere.module, elsewhere.token, args.pin_file)
    signer = token.open().get(elsewhere.name)
    if signer is None or signer.public_key != elsewhere.point:
        raise NotFound(f"your key is not in {elsewhere.place} any more")
    return signer


def _open_token(module: str, label: str, pin_file: str | None) -> "Token":
    from trust.custody.token import Token  # noqa: PLC0415

    return Token(Path(module), label, passphrase.read_pin(pin_file, label))


def _socket() -> str:
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        raise Unavailable("no ssh-agent is running here: SSH_AUTH_SOCK is not set")
    return path
