"""The agents whose keys lie on this machine, each in a folder `agents/<name>` of its registry.

    keys.json    the agent's key file          passphrase   what opens it, unless the maker has it
    agent.json   the delegation as signed      numbers/     one empty file, named by the last number

An agent signs unattended, so its passphrase lies beside its key unless it was made with another: it
is as safe as this folder, and worth what its delegation allows.
"""

import argparse
import os
import re
import secrets
import time
from pathlib import Path
from typing import NamedTuple

from trust.client.statements import Agency, Signed
from trust.core.canonical import Json
from trust.core.errors import Malformed, NotAllowed, NotFound, VerificationFailed
from trust.core.people.delegation import DelegationFacts, Use, check_use
from trust.core.people.did import scid_of
from trust.core.record import Record
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.identity import statement_id
from trust.core.signing.statement import Statement, parse_statement
from trust.custody.keyfile import KeyFile
from trust.custody.signers import P256Signer, generate_p256
from trust_cli import passphrase
from trust_cli.home import Identity, Pinned, RegistryFolder, reason, remove, write_file, write_json
from trust_cli.session import Session, open_session

AGENT_KEY = "agent"  # its name in the key file
FOLDER = "agents"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


class Agent(NamedTuple):
    """An agent of this machine: a name that only this machine knows, and what it may."""

    name: str
    delegation: str
    statement: Statement
    facts: DelegationFacts
    logged: bool
    signed: dict[str, Json]


def check_name(name: str) -> str:
    """Return the name of an agent; raise Malformed for one that could not be a folder's."""
    if not _NAME.fullmatch(name):
        raise Malformed(
            f"{name[:60]!r}, expected 1 to 32 of a-z, 0-9 and hyphens inside", "the agent's name"
        )
    return name


def known(folder: RegistryFolder) -> list[Agent]:
    """Return the agents of this machine at a registry, by name."""
    try:
        names = sorted(os.listdir(folder.place(FOLDER)))
    except FileNotFoundError:
        return []
    found = [load(folder, name) for name in names if _NAME.fullmatch(name)]
    return [item for item in found if item is not None]


def load(folder: RegistryFolder, name: str) -> Agent | None:
    """Return an agent, None if there is none; raise Malformed if its file was damaged."""
    value = folder.load(FOLDER, name, "agent.json")
    if value is None:
        return None
    record = Record(value, folder.place(FOLDER, name, "agent.json"))
    signed, logged = record.raw("signed"), record.boolean("logged")
    record.done()
    if not isinstance(signed, dict):
        raise Malformed("expected a signed statement", record.where)
    envelope = parse_envelope(signed.get("envelope"), STATEMENT_PAYLOAD, record.where)
    statement = parse_statement(envelope.payload)
    if not isinstance(statement.facts, DelegationFacts):
        raise Malformed("expected a delegation", record.where)
    who = scid_of(statement.signer.id)
    own_id = statement_id(statement.registry.origin, who, statement.salt)
    return Agent(name, own_id, statement, statement.facts, logged, signed)


def required(folder: RegistryFolder, name: str) -> Agent:
    """Return an agent of this machine whose delegation is logged; raise NotFound without it."""
    agent = load(folder, check_name(name))
    if agent is None or not agent.logged:
        names = ", ".join(item.name for item in known(folder) if item.logged)
        there = f"there is {names}" if names else f"first: touchplate agent new {name}"
        raise NotFound(f"no agent {name!r} here; {there}")
    return agent


def make_key(folder: RegistryFolder, name: str, passphrase_file: str | None) -> P256Signer:
    """Make the key file of a new agent, and its passphrase unless there is a file with one."""
    secret = generate_p256()
    if passphrase_file is None:
        phrase = secrets.token_urlsafe(32).encode()
        write_file(folder.place(FOLDER, name, "passphrase"), phrase + b"\n")
    else:
        phrase = passphrase.read(passphrase_file)
    path = folder.place(FOLDER, name, "keys.json")
    remove(path)  # of an attempt before, whose delegation was never signed
    KeyFile.create(Path(path), {AGENT_KEY: ("p256", secret)}, phrase)
    return P256Signer(secret)


def keep(folder: RegistryFolder, name: str, signed: Signed, *, logged: bool) -> None:
    """Keep a delegation: before it is sent, and when it is logged."""
    document: dict[str, Json] = {"signed": signed.to_json(), "logged": logged}
    write_json(folder.place(FOLDER, name, "agent.json"), document)


def mark_logged(folder: RegistryFolder, agent: Agent) -> None:
    """Note that the registry has logged the delegation."""
    document: dict[str, Json] = {"signed": agent.signed, "logged": True}
    write_json(folder.place(FOLDER, agent.name, "agent.json"), document)


def forget(folder: RegistryFolder, name: str) -> None:
    """Remove the key of an agent that has ended, or whose delegation the registry refused."""
    for file in ("agent.json", "keys.json", "passphrase"):
        remove(folder.place(FOLDER, name, file))
    numbers = folder.place(FOLDER, name, "numbers")
    if os.path.isdir(numbers):
        for number in _numbers(numbers):
            remove(os.path.join(numbers, str(number)))


def open_signer(
    pinned: Pinned,
    identity: Identity,
    args: argparse.Namespace,
    names: tuple[str, ...],
    *,
    whole: bool,
) -> tuple[Session, Agency | None]:
    """Unlock the person's key, or with `--agent` that of their agent, if it may sign these names.

    Raises:
        NotFound: there is no such agent here.
        NotAllowed: out of scope, or a wrong passphrase.
    """
    if args.agent is None:
        return open_session(pinned, identity, args), None
    agent = required(pinned.folder, args.agent)
    check_scope(agent, names, whole=whole, enterprise=args.on_behalf_of)
    return open_agent(pinned, identity, agent, args.passphrase_file)


def check_scope(
    agent: Agent, names: tuple[str, ...], *, whole: bool, enterprise: str | None = None
) -> None:
    """Refuse what the registry would refuse, before a number of the budget is used for it.

    Raises:
        NotAllowed: out of scope, or the delegation has ended.
    """
    try:
        check_use(agent.facts, Use(1, int(time.time()), names, whole, enterprise))
    except VerificationFailed as error:
        raise NotAllowed(f"agent {agent.facts.agent}: {error}") from error


def open_agent(
    pinned: Pinned, identity: Identity, agent: Agent, passphrase_file: str | None
) -> tuple[Session, Agency]:
    """Unlock an agent's key; return who signs, and under what, with a number never used before.

    Raises:
        NotAllowed: a wrong passphrase.
    """
    name = agent.name
    place = pinned.folder.place(FOLDER, name, "passphrase")
    keys = KeyFile.open(
        Path(pinned.folder.place(FOLDER, name, "keys.json")),
        passphrase.read(passphrase_file or place),
    )
    signer = keys.get(AGENT_KEY)
    if not isinstance(signer, P256Signer):
        raise Malformed(f"no key named {AGENT_KEY!r}", pinned.folder.place(FOLDER, name))
    named = agent.statement.signer
    speaking = identity._replace(did=named.id, version=named.version or "")
    number = _next_number(pinned.folder.place(FOLDER, name, "numbers"))
    return Session(pinned, speaking, signer), Agency(agent.delegation, number)


def _next_number(folder: str) -> int:
    """Take the number after the last one, also when several processes do so at a time.

    A number is a file that was not there. It is removed only when a higher one is, so whoever makes
    one again that was removed sees the higher one, and goes on.
    """
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        while True:
            number = max(_numbers(folder), default=0) + 1
            try:
                handle = os.open(
                    os.path.join(folder, str(number)), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600
                )
            except FileExistsError:
                continue
            os.close(handle)
            found = _numbers(folder)
            for lower in found:
                if lower < number:
                    remove(os.path.join(folder, str(lower)))
            if max(found) == number:
                return number
            remove(os.path.join(folder, str(number)))
    except OSError as error:
        raise Malformed(f"cannot be written: {reason(error)}", folder) from error


def _numbers(folder: str) -> list[int]:
    return [int(name) for name in os.listdir(folder) if name.isascii() and name.isdigit()]
