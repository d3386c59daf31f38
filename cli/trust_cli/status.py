"""`touchplate status`: who I am here, what ends when, what waits, which registries are pinned."""

import argparse
import time

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.people.keycode import key_code
from trust.core.wording.dates import day
from trust.core.x509.certificate import parse_certificate
from trust_cli import custody
from trust_cli.home import Home, Pinned, read_file
from trust_cli.output import Output
from trust_cli.trust import described, in_words

_RENEWED_BEFORE = 30 * 24 * 3600  # seconds; `sign` renews then


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: `status` has no options of its own."""
    parser.description = (
        "Show who you are on this machine, where your key lies, when your certificate ends, what "
        "waits for `push`, and which registries are pinned. Opens no socket."
    )


def run(args: argparse.Namespace) -> int:
    """Show; return 0."""
    home, output = Home.find(), Output(json=args.json)
    output.row("home", home.root, fold=False)
    registries: list[Json] = []
    pinned = home.pinned()
    for item in pinned:
        output.row("registry", in_words(item, int(time.time())))
        registries.append({**described(item), **_person(item, output)})
    if not pinned:
        output.row("registry", "none is pinned here; touchplate trust add URL pins one")
    output.json({"home": home.root, "registries": registries})
    return 0


def _person(pinned: Pinned, output: Output) -> dict[str, Json]:
    """Show the person of this machine at a registry, if there is one."""
    folder = pinned.folder
    identity = folder.identity()
    if identity is None:
        if read_file(folder.place("keys.json")) is not None:
            output.row("joining", "was interrupted; the same `touchplate join` goes on with it")
        return {"handle": None}
    code = key_code(identity.scid)
    output.row("you", f"@{identity.handle} at {pinned.trust.host}, key code {code}")
    elsewhere = custody.kept(folder)
    if elsewhere is not None:
        output.row("key", f"in {elsewhere.place}")
    output.row("keys" if elsewhere else "key", folder.place("keys.json"), fold=False)
    ends = _certificate(pinned, output)
    waiting = folder.pending()
    for statement_id in waiting:
        output.row("waits", f"{statement_id} for touchplate push")
    return {
        "handle": identity.handle,
        "did": identity.did,
        "scid": identity.scid,
        "keyCode": code,
        "certificateEnds": None if ends is None else format_time(ends),
        "waiting": list(waiting),
    }


def _certificate(pinned: Pinned, output: Output) -> int | None:
    data = read_file(pinned.folder.place("certificate.der"))
    if data is None:
        output.row("cert", "missing; the next `touchplate sign` asks for one")
        return None
    ends = parse_certificate(data).not_after
    soon = "; the next `touchplate sign` renews it" if ends - time.time() <= _RENEWED_BEFORE else ""
    output.row("cert", f"good until {day(ends)}{soon}")
    return ends
