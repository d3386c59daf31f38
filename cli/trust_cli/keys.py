"""A person's keys at a registry: what `key list|add|rotate|lost|revoke` and `freeze` share.

A change of keys is written down before it is sent, new keys first:

    keys.next.json  the key file as it will be
    change.json     {"body": what is sent, "version": of the new entry}

Whatever breaks in between, the next `key` command sends the same again, and the registry answers
it with the same result.
"""

import argparse
import os
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from trust.client import requests
from trust.client.statements import Author, Signed
from trust.client.versions import next_version
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound, VerificationFailed
from trust.core.keys.p256 import spki
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import SignedCheckpoint
from trust.core.people.device_code import is_named, key_name
from trust.core.people.did import DidEntry, DidLog, next_key_hash, parse_log
from trust.core.people.key_rules import Device
from trust.core.record import Record
from trust.core.registry.status import check_status
from trust.core.registry.status_line import BY_RULING, State
from trust.core.signing.identity import status_key
from trust.core.verify import verify
from trust.custody.keyfile import KeyFile
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519
from trust_cli import custody, passphrase, session
from trust_cli.custody import STATEMENT_KEY
from trust_cli.home import Home, Identity, Pinned, read_file, remove, write_file, write_json
from trust_cli.output import Output
from trust_cli.session import NEXT_KEY, UPDATE_KEY, Session

HISTORY, CHANGE, NEXT_FILE = "did.jsonl", "change.json", "keys.next.json"


class Keys(NamedTuple):
    """An opened key file, the key history as it is now, and the checkpoint that dates."""

    opened: Session
    secret: bytes
    following: Ed25519Signer
    history: DidLog
    checkpoint: SignedCheckpoint

    @property
    def newest(self) -> DidEntry:
        """The newest version of the key history."""
        return self.history.entries[-1]

    @property
    def point(self) -> bytes:
        """This device's statement key."""
        return self.opened.signer.public_key


class Plan(NamedTuple):
    """A change to make: the devices after it, and the statements that go with the new version.

    `statement`: the secret of this device's new statement key, None if it keeps the one it has.
    `say` makes the statements, by the author that the new version makes.
    """

    devices: Sequence[Device]
    following: bytes  # the secret of this device's next update key
    statement: bytes | None
    say: Callable[[Author, str], Sequence[Signed]]


def unlock(args: argparse.Namespace, output: Output) -> Keys:
    """Open this device's keys, finish a change that was cut off, and fetch the key history."""
    home = Home.find()
    pinned, identity = session.who(home, args.registry)
    secret = passphrase.read(args.passphrase_file)
    signer, following = _open(pinned, args, secret)
    opened, checkpoint = session.fresh(Session(pinned, identity, signer))
    if pinned.folder.load(CHANGE) is not None:
        output.note("going on", "with a change of keys that was cut off")
        finish(opened)
        _, identity = session.who(home, args.registry)
        signer, following = _open(pinned, args, secret)
        opened = Session(opened.pinned, identity, signer)
    history = fetch_history(opened.pinned, identity)
    return Keys(opened, secret, following, history, checkpoint)


def fetch_history(pinned: Pinned, identity: Identity) -> DidLog:
    """Fetch this person's key history, check that it continues the one here, and keep it.

    Raises:
        VerificationFailed: it does not hold, or is another one than was seen here.
    """
    from trust.client.http import Client  # noqa: PLC0415 - `key list` without a network has none

    known = known_history(pinned)
    seen = known.entries
    answer = Client(pinned.trust.public_url).ask(requests.did_log(identity.scid))
    log = parse_log(answer, known=known)
    if log.scid != identity.scid or log.entries[: len(seen)] != seen:
        raise VerificationFailed(
            7,
            "history_went_back",
            f"{pinned.trust.host} shows another key history of yours than was seen here: nothing "
            "was changed",
        )
    keep_history(pinned, log)
    return log


def known_history(pinned: Pinned) -> DidLog:
    """Return the key history that was seen last; raise NotFound without one."""
    data = read_file(pinned.folder.place(HISTORY))
    if data is None:
        raise NotFound(f"no key history in {pinned.folder.path}")
    return parse_log(data)


def keep_history(pinned: Pinned, log: DidLog) -> None:
    """Keep a key history."""
    write_file(pinned.folder.place(HISTORY), log.encode())


def find_key(log: DidLog, typed: str) -> bytes:
    """Return the key of any version that a typed name is of.

    Raises:
        NotFound: there is none.
        Malformed: not a name, or the beginning of several.
    """
    points = dict.fromkeys(point for entry in log.entries for point in entry.signing_keys)
    found = [point for point in points if is_named(point, typed)]
    if not found:
        raise NotFound(f"you have no key {typed}; touchplate key list names them")
    if len(found) > 1:
        names = ", ".join(map(key_name, found))
        raise Malformed(f"{typed!r} is the beginning of several keys: {names}")
    return found[0]


def change(keys: Keys, plan: Plan, output: Output) -> None:
    """Make a change of keys: write it down, send it, and take the new key file into use.

    Raises:
        Conflict: another device changed the key history meanwhile, or statements wait for `push`.
        NotAllowed: the registry refuses; nothing was changed.
    """
    pinned = keys.opened.pinned
    waiting = pinned.folder.pending()
    if plan.statement is not None and custody.kept(pinned.folder) is not None:
        raise Malformed(
            "the signing key lies in an ssh-agent or a token: replacing it is not possible in this "
            "version; add a device with a new key, and revoke this one from there",
            "key rotate",
        )
    if waiting and plan.statement is not None:
        raise Conflict(
            f"{len(waiting)} signed with the present key wait to be delivered: first "
            "`touchplate push`"
        )
    at = min(int(time.time()), keys.checkpoint.time)
    raw, entry = next_version(keys.history, plan.devices, keys.following, at)
    signer = keys.opened.signer if plan.statement is None else P256Signer(plan.statement)
    author = Author(signer, entry.did, entry.version_id, pinned.trust)
    said = plan.say(author, keys.checkpoint.note)
    _write_next(keys, plan)
    body = {
        "didLog": [*(item.raw for item in keys.history.entries), raw],
        "statements": [item.to_json() for item in said],
    }
    write_json(pinned.folder.place(CHANGE), {"body": body, "version": entry.version_id})
    finish(keys.opened)
    output.note("keys", f"your key history is at version {entry.number} now")


def finish(opened: Session) -> None:
    """Send the change that is written down, and take its key file into use.

    Raises:
        Conflict, NotAllowed, Malformed: it is refused for good, and forgotten.
        Unavailable: the registry does not answer; the change stays written down.
    """
    pinned, folder = opened.pinned, opened.pinned.folder
    record = Record(folder.load(CHANGE), folder.place(CHANGE))
    body, version = record.raw("body"), record.text("version")
    if not isinstance(body, dict):
        raise Malformed("expected an object", folder.place(CHANGE))
    try:
        published = opened.client.ask(requests.change_keys(body))
    except (Conflict, NotAllowed, Malformed):
        remove(folder.place(CHANGE))
        remove(folder.place(NEXT_FILE))
        raise
    now = int(time.time())
    for item in published:
        verified = verify(item.bundle, None, pinned.trust, now)
        if item.certificate is not None:
            write_file(folder.place("certificate.der"), verified.certificate.der)
    _take_into_use(opened, version)


def say(opened: Session, signed: Signed) -> tuple[State, ...]:
    """Send a statement about a key or person; return what the status now says of it.

    Raises:
        VerificationFailed: the registry took it, and its status does not say so.
    """
    published = opened.client.ask(requests.publish(signed.to_json()))
    verified = verify(published.bundle, None, opened.pinned.trust, int(time.time()))
    states = check_status(published.status, opened.pinned.trust).states
    said = states.get(verified.statement.subjects[0], ())
    if verified.id != signed.id or not said:
        raise VerificationFailed(
            8, "not_said", f"{opened.pinned.trust.host} took it, but its status does not say so"
        )
    return said


def states_of(opened_at: Pinned, scid: str, names: Sequence[bytes]) -> dict[bytes, list[State]]:
    """Ask the registry what its newest status says of names, by those who may."""
    from trust.client.http import Client  # noqa: PLC0415

    client = Client(opened_at.trust.public_url)
    checked = check_status(client.ask(requests.status(list(names))), opened_at.trust)
    return {
        k: [state for state in states if state.by in {scid, BY_RULING}]
        for k, states in checked.states.items()
    }


def key_line(point: bytes) -> bytes:
    """Return the name of the status line of a key."""
    import hashlib  # noqa: PLC0415

    return status_key("key", hashlib.sha256(spki(point)).hexdigest())


def new_salt() -> bytes:
    """Return a fresh salt."""
    return secrets.token_bytes(16)


def new_following() -> tuple[bytes, str]:
    """Return the secret of a new update key, and the hash that announces it."""
    secret = generate_ed25519()
    return secret, next_key_hash(Ed25519Signer(secret).public_key)


def _open(pinned: Pinned, args: argparse.Namespace, secret: bytes) -> tuple[Signer, Ed25519Signer]:
    """Return the statement key, wherever it lies, and the update key, which lies in the file."""
    path = pinned.folder.place("keys.json")
    keys = KeyFile.open(Path(path), secret)
    following, statement = keys.get(NEXT_KEY), keys.get(STATEMENT_KEY)
    if not isinstance(following, Ed25519Signer):
        raise Malformed(f"no key named {NEXT_KEY!r}", path)
    if custody.kept(pinned.folder) is not None:
        return custody.open_statement_key(pinned.folder, args), following
    if not isinstance(statement, P256Signer):
        raise Malformed(f"no key named {STATEMENT_KEY!r}", path)
    return statement, following


def _write_next(keys: Keys, plan: Plan) -> None:
    """Write the key file as it will be: nothing is sent before new keys are on the disk."""
    folder = keys.opened.pinned.folder
    remove(folder.place(NEXT_FILE))  # of a change that was never written down
    kept, new = {UPDATE_KEY: NEXT_KEY}, {NEXT_KEY: ("ed25519", plan.following)}
    if plan.statement is None:
        kept[STATEMENT_KEY] = STATEMENT_KEY  # if it lies here at all
    else:
        new[STATEMENT_KEY] = ("p256", plan.statement)
    source, target = Path(folder.place("keys.json")), Path(folder.place(NEXT_FILE))
    KeyFile.succeed(source, target, kept, new, keys.secret)


def _take_into_use(opened: Session, version: str) -> None:
    """Put the new key file in the place of the old one; what is done already is left."""
    folder, identity = opened.pinned.folder, opened.identity
    if os.path.exists(folder.place(NEXT_FILE)):
        os.replace(folder.place(NEXT_FILE), folder.place("keys.json"))
    log = fetch_history(opened.pinned, identity)
    entry = log.at(version)
    write_json(
        folder.place("identity.json"),
        dict(identity._replace(did=entry.did, version=version)._asdict()),
    )
    remove(folder.place(CHANGE))
