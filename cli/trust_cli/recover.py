"""`touchplate recover`: come back with the recovery key, in two steps three days apart.

The first one announces new keys, which wait 72 hours so that whoever still holds a device can
refuse them. The same command after that puts them into use, and revokes the old ones.

    keys.json      the new keys                recovery.json   {"handle", "entry", "sent"}
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

from trust.client import requests
from trust.client.http import Client
from trust.client.statements import Author, make_enrolment, make_revocation
from trust.core.canonical import Json
from trust.core.encoding import format_time, parse_time
from trust.core.errors import Conflict, Malformed, NotAllowed, VerificationFailed
from trust.core.people.did import (
    DidLog,
    did_document,
    key_parameters,
    make_entry,
    next_key_hash,
    parse_log,
)
from trust.core.people.handle import check_handle
from trust.core.people.keycode import key_code, recovery_text
from trust.core.people.recovery import recovery_hash
from trust.core.people.revocation import COMPROMISED, LOST, RevocationFacts
from trust.core.record import Record
from trust.core.verify import verify
from trust.core.wording.dates import moment
from trust.core.wording.recovery import recovery_sentence
from trust.custody.keyfile import KeyFile
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256
from trust_cli import keys, passphrase, recovery_key, session
from trust_cli.custody import STATEMENT_KEY
from trust_cli.home import Home, Identity, Pinned, remove, write_file, write_json
from trust_cli.options import since_option
from trust_cli.output import Output
from trust_cli.pinning import pin_url
from trust_cli.session import NEXT_KEY

STATE = "recovery.json"
RESEND_WITHIN = 23 * 3600  # seconds; statements are too old for the log after 24 hours


class Person(NamedTuple):
    """Who comes back, as the registry has them."""

    handle: str
    log: DidLog
    waiting: dict[str, Json] | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `recover`."""
    parser.description = (
        "Come back as the person you are, on a machine that has no key of yours. New keys are "
        "announced, and wait 72 hours in which a device of yours can refuse them; the same "
        "command after that puts them into use and revokes all old ones. What you signed before "
        "stays valid."
    )
    parser.add_argument("--registry", required=True, metavar="URL", help="where you are known")
    parser.add_argument("--handle", required=True, metavar="H", help="your handle there")
    parser.add_argument("--key", metavar="CODE", help="the root key's code, from a second source")
    parser.add_argument(
        "--reason",
        choices=(LOST, COMPROMISED),
        default=LOST,
        help=f"what became of the old keys (default: {LOST})",
    )
    parser.add_argument(
        "--since", metavar="T", help="of a compromise: since when others may have had the keys"
    )
    recovery_key.add_argument(parser)
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Announce, or go on; return 0, also while it waits."""
    home, output = Home.find(), Output(json=args.json)
    facts = RevocationFacts(args.reason, since_option(args.reason, args.since))
    handle = check_handle(args.handle.removeprefix("@"), "--handle")
    pinned = pin_url(home, args.registry, args.key, output)
    identity = pinned.folder.identity()
    if identity is not None:
        raise Conflict(f"@{identity.handle} has keys on this machine: `touchplate key rotate`")
    person = _look_up(pinned, handle)
    if pinned.folder.load(STATE) is None:
        _announce(pinned, person, args, output)
        person = _look_up(pinned, handle)
    state = Record(pinned.folder.load(STATE), pinned.folder.place(STATE))
    if state.text("handle") != handle:
        raise Conflict(f"@{state.text('handle')} is coming back on this machine, not @{handle}")
    if _waits(pinned, person, output):
        return 0
    return _finish(pinned, person, facts, args, output)


def _look_up(pinned: Pinned, handle: str) -> Person:
    client = Client(pinned.trust.public_url)
    found = client.ask(requests.person(f"@{handle}"))
    log = parse_log(client.ask(requests.did_log(str(found["scid"]))))
    if log.scid != found["scid"]:
        raise VerificationFailed(7, "other_scid", "the registry gave another key history")
    waiting = found.get("recovery")
    return Person(handle, log, waiting if isinstance(waiting, dict) else None)


def _announce(pinned: Pinned, person: Person, args: argparse.Namespace, output: Output) -> None:
    """Make new keys and the entry that puts them in the place of all others, and send it."""
    newest = person.log.entries[-1]
    output.note("you", f"@{person.handle}, key code {key_code(person.log.scid)}")
    signer = Ed25519Signer(recovery_key.read(args.recovery_file))
    if next_key_hash(signer.public_key) != recovery_hash(newest):
        raise NotAllowed(f"that is not the recovery key of @{person.handle}")
    secret = passphrase.choose(args.passphrase_file)
    statement, following, renewed = generate_p256(), generate_ed25519(), generate_ed25519()
    announced = [Ed25519Signer(item).public_key for item in (following, renewed)]
    entry = make_entry(
        newest,
        key_parameters([signer.public_key], announced),
        did_document(newest.did, [P256Signer(statement).public_key]),
        signer,
        max(int(time.time()), newest.version_time + 1),
    )
    parse_log([*(item.raw for item in person.log.entries), entry], known=person.log)
    output.note("recovery", "your new recovery key: write it down, the old one is used up")
    output.copyable(recovery_text(renewed), "")
    new = {STATEMENT_KEY: ("p256", statement), NEXT_KEY: ("ed25519", following)}
    path = Path(pinned.folder.place("keys.json"))
    if path.exists():
        raise Conflict(f"{path} is there already: take another home, with TOUCHPLATE_HOME")
    KeyFile.create(path, new, secret)
    write_json(pinned.folder.place(STATE), {"handle": person.handle, "entry": entry, "sent": None})
    _send(pinned, _body(person, entry))


def _body(person: Person, entry: dict[str, Json]) -> dict[str, Json]:
    return {"didLog": [*(item.raw for item in person.log.entries), entry], "statements": []}


def _send(pinned: Pinned, body: dict[str, Json]) -> tuple[requests.Published, ...]:
    published = Client(pinned.trust.public_url).ask(requests.change_keys(body))
    for item in published:
        verify(item.bundle, None, pinned.trust, int(time.time()))
    return published


def _waits(pinned: Pinned, person: Person, output: Output) -> bool:
    """Say what the wait has come to; False once the new keys can be put into use.

    Raises:
        NotAllowed: it was vetoed.
    """
    entry = _entry(pinned)
    if person.log.entries[-1].version_id == entry["versionId"]:
        return False
    waiting = person.waiting
    if waiting is None or waiting["version"] != entry["versionId"]:
        _send(pinned, _body(person, entry))  # it never came there, or another took its place
        waiting = _look_up(pinned, person.handle).waiting
        if waiting is None:
            raise VerificationFailed(7, "not_announced", "the registry took it and shows nothing")
    if waiting["vetoed"] is not None:
        raise NotAllowed(recovery_sentence(waiting))
    until = parse_time(str(waiting["until"]))
    if time.time() >= until:
        return False
    output.note("waits", f"until {moment(until)}; your devices can refuse it until then")
    output.copyable("then", "the same command again")
    output.result(format_time(until))
    output.json({"handle": person.handle, "waitsUntil": format_time(until)})
    return True


def _finish(
    pinned: Pinned,
    person: Person,
    facts: RevocationFacts,
    args: argparse.Namespace,
    output: Output,
) -> int:
    """Put the new keys into use."""
    entry = _entry(pinned)
    path = Path(pinned.folder.place("keys.json"))
    signer = KeyFile.open(path, passphrase.read(args.passphrase_file)).get(STATEMENT_KEY)
    if not isinstance(signer, P256Signer):
        raise Malformed(f"no key named {STATEMENT_KEY!r}", str(path))
    stands = person.log.entries[-1].version_id == entry["versionId"]
    before = DidLog(person.log.did, person.log.scid, person.log.entries[: -1 if stands else None])
    log = parse_log([*(item.raw for item in before.entries), entry], known=before)
    author = Author(signer, log.did, log.entries[-1].version_id, pinned.trust)
    published = _send(pinned, _statements(pinned, person._replace(log=before), author, facts))
    for item in published:
        if item.certificate is not None:
            write_file(pinned.folder.place("certificate.der"), item.certificate)
    identity = Identity(person.handle, log.did, log.scid, author.version)
    keys.keep_history(pinned, log)
    write_json(pinned.folder.place("identity.json"), dict(identity._asdict()))
    remove(pinned.folder.place(STATE))
    output.note("back", f"you are @{person.handle} again, key code {key_code(log.scid)}")
    output.note("old keys", f"are {facts.reason}; what they signed before stands")
    output.copyable("next", "touchplate sign FILE")
    output.result(log.did)
    output.json({"handle": person.handle, "did": log.did, "version": author.version})
    return 0


def _statements(
    pinned: Pinned, person: Person, author: Author, facts: RevocationFacts
) -> dict[str, Json]:
    """Return what is sent in the end: what was sent before if it is young enough, else new."""
    state = Record(pinned.folder.load(STATE), pinned.folder.place(STATE))
    entry, sent, now = _entry(pinned), state.raw("sent"), int(time.time())
    if isinstance(sent, dict):
        at, body = sent.get("at"), sent.get("body")
        if isinstance(at, int) and isinstance(body, dict) and 0 <= now - at < RESEND_WITHIN:
            return body
    note = session.newest_checkpoint(Client(pinned.trust.public_url), pinned).note
    old = person.log.entries[-1].signing_keys
    said = keys.states_of(pinned, person.log.scid, [keys.key_line(point) for point in old])
    left = [point for point in old if not said.get(keys.key_line(point))]
    statements = [
        make_enrolment(author, note, keys.new_salt()),
        *(make_revocation(author, point, facts, note, keys.new_salt()) for point in left),
    ]
    body = {**_body(person, entry), "statements": [item.to_json() for item in statements]}
    write_json(
        pinned.folder.place(STATE),
        {"handle": person.handle, "entry": entry, "sent": {"at": now, "body": body}},
    )
    return body


def _entry(pinned: Pinned) -> dict[str, Json]:
    state = Record(pinned.folder.load(STATE), pinned.folder.place(STATE))
    entry = state.raw("entry")
    if not isinstance(entry, dict):
        raise Malformed("expected an object", pinned.folder.place(STATE))
    return entry
