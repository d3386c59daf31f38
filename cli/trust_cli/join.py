"""`touchplate join`: become a person at a registry."""

import argparse
import time
from pathlib import Path

from trust.client import requests
from trust.client.http import Client
from trust.client.statements import Author, first_author, make_identity, make_join
from trust.core.assess import assess
from trust.core.canonical import Json, canonical
from trust.core.errors import (
    Conflict,
    HandleTaken,
    Malformed,
    NotAllowed,
    Unavailable,
    VerificationFailed,
)
from trust.core.keys.signer import Signer
from trust.core.people.handle import check_handle
from trust.core.people.keycode import key_code, recovery_text
from trust.core.policy import Expected, Policy
from trust.core.record import Record
from trust.core.verdict import Code
from trust.custody.keyfile import KeyFile
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256
from trust_cli import custody, passphrase
from trust_cli.custody import STATEMENT_KEY
from trust_cli.home import Home, Identity, Pinned, remove, write_file, write_json
from trust_cli.options import text_option
from trust_cli.output import Output
from trust_cli.pinning import pin_url
from trust_cli.session import (
    NEXT_KEY,
    UPDATE_KEY,
    new_chance,
    newest_checkpoint,
    published_certificate,
)

RESEND_WITHIN = 23 * 3600  # seconds; after 24 hours the registry starts again
STATEMENTS = 3  # enrolment, handle, profile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `join`."""
    parser.description = (
        "Make a key on this machine and join a registry with it. Prints the recovery key once: "
        "write it down, it is never stored. A repeated join goes on where the last one stopped."
    )
    parser.add_argument("--registry", required=True, metavar="URL", help="the registry to join")
    parser.add_argument(
        "--handle", required=True, metavar="H", help="the name that you are shown by"
    )
    parser.add_argument(
        "--name", metavar="N", help="your name, if you want it shown; it is erasable"
    )
    parser.add_argument("--key", metavar="CODE", help="the root key's code, from a second source")
    custody.add_arguments(parser)
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Join; return 0, also when this machine's person has joined already."""
    home, output = Home.find(), Output(json=args.json)
    handle = check_handle(args.handle.removeprefix("@"), "--handle")
    name = text_option(args.name, "--name")
    pinned = pin_url(home, args.registry, args.key, output)
    identity = pinned.folder.identity()
    if identity is not None and identity.handle != handle:
        raise Conflict(f"you are @{identity.handle} at {pinned.trust.host} already, not @{handle}")
    if identity is None:
        identity = _join(pinned, handle, name, args, output)
    _report(pinned, identity, output)
    return 0


def _join(
    pinned: Pinned, handle: str, name: str | None, args: argparse.Namespace, output: Output
) -> Identity:
    client = Client(pinned.trust.public_url)
    checkpoint = newest_checkpoint(client, pinned)
    begun = _resume(pinned, args, output)
    if begun is None:
        # A clock that is ahead of the registry's would make a DID that it cannot take yet.
        at = min(int(time.time()), checkpoint.time)
        begun = _begin(pinned, args, output, at)
    entry, signer = begun
    author = first_author(signer, entry, pinned.trust)
    joining = _statements(pinned, author, entry, checkpoint.note, {"handle": handle, "name": name})
    try:
        published = client.ask(requests.join(joining))
    except Unavailable as error:
        raise Unavailable(
            f"{error}; the same command again goes on where this one stopped"
        ) from error
    except (HandleTaken, NotAllowed) as error:
        raise type(error)(
            f"{error}; the same command, also with another --handle, goes on with these keys"
        ) from error
    if len(published) != STATEMENTS:
        raise VerificationFailed(3, "other_answer", f"{len(published)} statements, expected 3")
    _check_handle(client.ask(requests.dossier(published[1].id)), pinned, author, handle)
    return _finish(pinned, author, published, handle, entry)


def _begin(
    pinned: Pinned, args: argparse.Namespace, output: Output, at: int
) -> tuple[dict[str, Json], Signer]:
    """Make keys and the first DID entry; everything is stored before anything is sent."""
    secret = passphrase.choose(args.passphrase_file)
    chosen = custody.choose(args, pinned.folder, pinned.trust.host)
    recovery = generate_ed25519()
    new = {name: ("ed25519", generate_ed25519()) for name in (UPDATE_KEY, NEXT_KEY)}
    if chosen is None:
        new[STATEMENT_KEY] = ("p256", generate_p256())
        signer: Signer = P256Signer(new[STATEMENT_KEY][1])
    else:
        signer = chosen[1]
        custody.keep(pinned.folder, chosen[0])
    update, following = (Ed25519Signer(new[name][1]) for name in (UPDATE_KEY, NEXT_KEY))
    announced = [following.public_key, Ed25519Signer(recovery).public_key]
    entry = make_identity(signer, update, announced, pinned.trust, at)
    output.note(
        "recovery", "write this key down: it is shown once, never stored, and your way back"
    )
    output.copyable(recovery_text(recovery), "")
    write_json(pinned.folder.place("join.json"), {"didEntry": entry, "sent": None})
    KeyFile.create(Path(pinned.folder.place("keys.json")), new, secret)
    if chosen is None:
        output.note("key", "made a P-256 key for this machine, encrypted with your passphrase")
    else:
        output.note("key", f"signs from {chosen[0].place}")
        output.note("", "the keys that change who you are stay in a file, under your passphrase")
    return entry, signer


def _resume(
    pinned: Pinned, args: argparse.Namespace, output: Output
) -> tuple[dict[str, Json], Signer] | None:
    """Return the entry and key of a join that was interrupted, if there was one."""
    if not Path(pinned.folder.place("keys.json")).exists():
        return None
    entry = _pending(pinned).raw("didEntry")
    if not isinstance(entry, dict):
        raise Malformed("expected an object", pinned.folder.place("join.json"))
    output.note("going on", "with the key and the recovery key of the join before")
    return entry, custody.open_statement_key(pinned.folder, args)


def _pending(pinned: Pinned) -> Record:
    return Record(pinned.folder.load("join.json"), pinned.folder.place("join.json"))


def _statements(
    pinned: Pinned, author: Author, entry: dict[str, Json], note: str, asked: dict[str, str | None]
) -> dict[str, Json]:
    """Return the body to send: the one sent before if it asked for the same, else a new one."""
    now = int(time.time())
    sent = _pending(pinned).raw("sent")
    if isinstance(sent, dict) and sent.get("asked") == asked:
        at, body = sent.get("at"), sent.get("body")
        if isinstance(at, int) and isinstance(body, dict) and 0 <= now - at < RESEND_WITHIN:
            return body
    chances = (new_chance(), new_chance(), new_chance())
    handle, name = asked["handle"] or "", asked["name"]
    body = make_join(author, entry, note, chances, handle=handle, name=name).to_json()
    write_json(
        pinned.folder.place("join.json"),
        {"didEntry": entry, "sent": {"asked": dict(asked), "at": now, "body": body}},
    )
    return body


def _check_handle(data: bytes, pinned: Pinned, author: Author, asked: str) -> None:
    """Require that the handle asked for was logged: an earlier request may have come before.

    Raises:
        Conflict: another one was, by a request of this person whose answer was lost.
        VerificationFailed: the answer does not hold.
    """
    now, policy = int(time.time()), Policy(Expected(author.scid, author.scid))
    verdict = assess(data, None, pinned.trust, now, policy, now=now, newest_trust=True)
    handle = verdict.signer.handle if verdict.signer is not None else None
    if verdict.code is not Code.VALID or handle is None:
        raise VerificationFailed(11, "bad_dossier", f"the handle's record: {verdict.sentence}")
    if handle != asked:
        url = pinned.trust.public_url
        raise Conflict(
            f"you joined as @{handle} by an earlier request, not as @{asked}; go on with: "
            f"touchplate join --registry {url} --handle {handle}"
        )


def _finish(
    pinned: Pinned,
    author: Author,
    published: tuple[requests.Published, ...],
    handle: str,
    entry: dict[str, Json],
) -> Identity:
    """Check what came back, and store it; the identity last, which makes the join complete."""
    certificate = published_certificate(published[0], pinned.trust, author)
    identity = Identity(handle, author.did, author.scid, author.version)
    folder = pinned.folder
    write_file(folder.place("certificate.der"), certificate.der)
    write_file(folder.place("did.jsonl"), canonical(entry) + b"\n")
    write_json(folder.place("identity.json"), dict(identity._asdict()))
    remove(folder.place("join.json"))
    return identity


def _report(pinned: Pinned, identity: Identity, output: Output) -> None:
    code = key_code(identity.scid)
    output.note("handle", f"@{identity.handle} at {pinned.trust.host}, key code {code}")
    output.note("level", "key-only: nobody has checked who you are")
    output.copyable("next", "touchplate sign FILE")
    output.result(identity.did)
    output.json(
        {
            "registry": pinned.trust.public_url,
            "handle": identity.handle,
            "did": identity.did,
            "scid": identity.scid,
            "keyCode": code,
        }
    )
