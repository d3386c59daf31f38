"""`touchplate key add`: a second device for the same person, in three steps.

new device    touchplate key add --registry URL --handle H     prints a code
first device  touchplate key add CODE                          adds it
new device    the same command again                           fetches its certificate
"""

import argparse
from pathlib import Path

from trust.client import requests
from trust.client.http import Client
from trust.client.statements import Author, Signed, make_enrolment
from trust.client.versions import own_device, replaced
from trust.core.canonical import Json
from trust.core.errors import Conflict, Malformed, NotAllowed, NotFound
from trust.core.people.device_code import device_code, key_name, parse_device_code
from trust.core.people.did import DidLog, next_key_hash, parse_log
from trust.core.people.handle import check_handle
from trust.core.people.key_rules import MAX_DEVICES, Device, devices
from trust.core.people.keycode import key_code
from trust.core.record import Record
from trust.custody.keyfile import KeyFile
from trust.custody.signers import (
    Ed25519Signer,
    P256Signer,
    generate_ed25519,
    generate_p256,
)
from trust_cli import keys, passphrase, session
from trust_cli.custody import STATEMENT_KEY
from trust_cli.home import Home, Identity, Pinned, read_file, remove, write_file, write_json
from trust_cli.output import Output
from trust_cli.pinning import pin_url
from trust_cli.session import NEXT_KEY

WAITING = "device.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `key add`."""
    parser.description = (
        "Add a second device. On the new one: --registry URL --handle H makes keys and prints a "
        "code. On the one that you have: `key add CODE`. Then the first command again on the new "
        "one. No secret leaves either device."
    )
    parser.add_argument(
        "code", metavar="CODE", nargs="?", help="the code that the new device prints"
    )
    parser.add_argument("--registry", metavar="URL", help="where you are known")
    parser.add_argument("--handle", metavar="H", help="on a new device: your handle there")
    parser.add_argument("--key", metavar="CODE", help="the root key's code, from a second source")
    passphrase.add_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Add a device, or become one; return 0, also while a new one still waits."""
    output = Output(json=args.json)
    if args.code is not None:
        if args.handle is not None or args.key is not None:
            raise Malformed("--handle and --key are for the new device, which has no CODE", "CODE")
        return _add(args, output)
    if args.registry is None or args.handle is None:
        raise Malformed("expected CODE, or on a new device --registry URL and --handle H", "CODE")
    return _become(args, output)


def _add(args: argparse.Namespace, output: Output) -> int:
    """On a device of the person: announce another one."""
    device = parse_device_code(args.code)
    held = keys.unlock(args, output)
    own_device(held.newest, held.point)
    if any(device.point in entry.signing_keys for entry in held.history.entries):
        raise Conflict(f"the key {key_name(device.point)} is, or was, in your key history already")
    if len(devices(held.newest)) >= MAX_DEVICES:
        raise Conflict(f"you have {MAX_DEVICES} devices already; first: touchplate key lost KEY")
    following, next_hash = keys.new_following()
    own = Device(held.point, next_hash)

    def say(_author: Author, _note: str) -> list[Signed]:
        return []

    wanted = [*replaced(held.newest, held.point, own), device]
    keys.change(held, keys.Plan(wanted, following, None, say), output)
    output.note("added", f"key {key_name(device.point)}: the new device shows the same name")
    output.note("next", "the same command again on the new device")
    output.result(key_name(device.point))
    output.json({"key": key_name(device.point), "devices": len(wanted)})
    return 0


def _become(args: argparse.Namespace, output: Output) -> int:
    """On a new device: make keys and print the code, or fetch the certificate."""
    handle = check_handle(args.handle.removeprefix("@"), "--handle")
    pinned = pin_url(Home.find(), args.registry, args.key, output)
    if pinned.folder.identity() is not None:
        raise Conflict(f"this device is one of yours at {pinned.trust.host} already")
    if pinned.folder.load("join.json") is not None:
        raise Conflict("a join is under way on this device: finish that, or use another home")
    if pinned.folder.load(WAITING) is None:
        secret = passphrase.choose(args.passphrase_file)
        _begin(pinned, handle, secret)
    else:
        secret = passphrase.read(args.passphrase_file)
    device = _device(pinned)
    found = _added(pinned, handle, device)
    if found is None:
        return _ask_for_it(device, output)
    return _enrol(pinned, handle, found, secret, output)


def _begin(pinned: Pinned, handle: str, secret: bytes) -> None:
    """Make keys; they are stored before their code is shown."""
    statement, following = generate_p256(), generate_ed25519()
    path = Path(pinned.folder.place("keys.json"))
    KeyFile.create(
        path, {STATEMENT_KEY: ("p256", statement), NEXT_KEY: ("ed25519", following)}, secret
    )
    announced = next_key_hash(Ed25519Signer(following).public_key)
    code = device_code(Device(P256Signer(statement).public_key, announced))
    write_json(pinned.folder.place(WAITING), {"code": code, "handle": handle})


def _device(pinned: Pinned) -> Device:
    record = Record(pinned.folder.load(WAITING), pinned.folder.place(WAITING))
    return parse_device_code(record.text("code"))


def _added(pinned: Pinned, handle: str, device: Device) -> DidLog | None:
    """Return the person's key history once it holds this device, None before."""
    client = Client(pinned.trust.public_url)
    try:
        scid = str(client.ask(requests.person(f"@{handle}")).get("scid"))
    except NotFound as error:
        raise NotFound(f"nobody is @{handle} at {pinned.trust.host}") from error
    log = parse_log(client.ask(requests.did_log(scid)))
    if log.scid != scid:
        raise Malformed(f"the key history is of {log.scid}", scid)
    return log if device in devices(log.entries[-1]) else None


def _ask_for_it(device: Device, output: Output) -> int:
    code = device_code(device)
    output.note("key", f"this device's key is {key_name(device.point)}")
    output.copyable("type", "on a device that you have:")
    output.copyable("", f"touchplate key add {code}")
    output.note("then", "this command again, here")
    output.result(code)
    output.json({"code": code, "key": key_name(device.point), "added": False})
    return 0


def _sent(opened: session.Session, note: str) -> requests.Published:
    """Send the enrolment. One that is refused, such as an old one, is made anew the next time."""
    statement, place = _enrolment(opened, note), opened.pinned.folder.place(WAITING)
    try:
        return opened.client.ask(requests.publish(statement))
    except NotAllowed:
        record = Record(opened.pinned.folder.load(WAITING), place)
        write_json(place, {"code": record.raw("code"), "handle": record.raw("handle")})
        raise


def _enrolment(opened: session.Session, note: str) -> dict[str, Json]:
    """Return the statement to send: the one sent before, so that a lost answer comes again."""
    place = opened.pinned.folder.place(WAITING)
    record = Record(opened.pinned.folder.load(WAITING), place)
    sent = record.raw("sent") if record.has("sent") else None
    if isinstance(sent, dict):
        return sent
    made = make_enrolment(opened.author, note, keys.new_salt()).to_json()
    waiting = {"code": record.raw("code"), "handle": record.raw("handle"), "sent": made}
    write_json(place, waiting)
    return made


def _enrol(pinned: Pinned, handle: str, log: DidLog, secret: bytes, output: Output) -> int:
    """Ask for a certificate, and become a device of this person."""
    entry = log.entries[-1]
    identity = Identity(handle, entry.did, log.scid, entry.version_id)
    signer = KeyFile.open(Path(pinned.folder.place("keys.json")), secret).get(STATEMENT_KEY)
    if not isinstance(signer, P256Signer):
        raise Malformed(f"no key named {STATEMENT_KEY!r}", pinned.folder.place("keys.json"))
    opened = session.Session(pinned, identity, signer)
    opened, checkpoint = session.fresh(opened)
    if read_file(pinned.folder.place("certificate.der")) is None:
        published = _sent(opened, checkpoint.note)
        certificate = session.published_certificate(published, opened.pinned.trust, opened.author)
        write_file(pinned.folder.place("certificate.der"), certificate.der)
    keys.keep_history(pinned, log)
    write_json(pinned.folder.place("identity.json"), dict(identity._asdict()))
    remove(pinned.folder.place(WAITING))
    point = opened.signer.public_key
    output.note("you", f"@{handle} at {pinned.trust.host}, key code {key_code(log.scid)}")
    output.note("compare", "the other device shows the same key code: touchplate status")
    output.note("key", f"{key_name(point)} signs on this device")
    output.copyable("next", "touchplate sign FILE")
    output.result(identity.did)
    answer: dict[str, Json] = {"did": identity.did, "key": key_name(point), "added": True}
    output.json(answer)
    return 0
