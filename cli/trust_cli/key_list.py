"""`touchplate key list`: every key that you ever signed with, and what became of it."""

import argparse

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.errors import Unavailable
from trust.core.judging.revocation import FROZEN, UNFROZEN
from trust.core.people.device_code import key_name
from trust.core.people.did import DidLog
from trust.core.people.revocation import REASONS
from trust.core.registry.status_line import State
from trust.core.signing.identity import status_key
from trust.core.wording.dates import moment
from trust_cli import keys, session
from trust_cli.home import Home, Identity, Pinned
from trust_cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `key list`."""
    parser.description = (
        "Show every key that you ever signed with: its name, on which version of your key history "
        "it came, whether it may sign now, and what was said of it. Asks the registry."
    )
    parser.add_argument("--registry", metavar="URL", help="which one, if you joined several")


def run(args: argparse.Namespace) -> int:
    """List; return 0."""
    home, output = Home.find(), Output(json=args.json)
    pinned, identity = session.who(home, args.registry)
    log, said, asked = _ask(pinned, identity)
    own = _own_point(pinned)
    person = status_key("person", identity.scid)
    freezes = [item for item in said.get(person, ()) if item.state in {FROZEN, UNFROZEN}]
    frozen = freezes[-1] if freezes and freezes[-1].state == FROZEN else None
    listed: list[Json] = []
    for point, number in _points(log).items():
        states = [item for item in said.get(keys.key_line(point), ()) if item.state in REASONS]
        in_use = point in log.entries[-1].signing_keys and not states
        what = _in_words(states, in_use=in_use, asked=asked)
        mark = ", this device" if point == own else ""
        output.row(key_name(point), f"{what}{mark}, since version {number}")
        listed.append(
            {
                "key": key_name(point),
                "thisDevice": point == own,
                "inUse": in_use,
                "sinceVersion": number,
                "states": [_json(item) for item in states],
            }
        )
    if frozen is not None:
        output.row("frozen", f"since {moment(frozen.logged)}; touchplate unfreeze lifts it")
    if not asked:
        output.note("", f"{pinned.trust.host} did not answer: what was said of them is not known")
    output.json(
        {"keys": listed, "frozen": None if frozen is None else _json(frozen), "asked": asked}
    )
    return 0


def _ask(pinned: Pinned, identity: Identity) -> tuple[DidLog, dict[bytes, list[State]], bool]:
    """Return history and states, and whether the registry answered."""
    try:
        log = keys.fetch_history(pinned, identity)
        names = [keys.key_line(point) for point in _points(log)][-60:]
        person = status_key("person", identity.scid)
        return log, keys.states_of(pinned, identity.scid, [*names, person]), True
    except Unavailable:
        return keys.known_history(pinned), {}, False


def _points(log: DidLog) -> dict[bytes, int]:
    """Return every key, with the number of the version that brought it."""
    found: dict[bytes, int] = {}
    for entry in log.entries:
        for point in entry.signing_keys:
            found.setdefault(point, entry.number)
    return found


def _own_point(pinned: Pinned) -> bytes | None:
    """This device's key, without its passphrase: the one that its certificate is of."""
    from trust.core.x509.certificate import parse_certificate  # noqa: PLC0415
    from trust_cli.home import read_file  # noqa: PLC0415

    data = read_file(pinned.folder.place("certificate.der"))
    return None if data is None else parse_certificate(data).point


def _in_words(states: list[State], *, in_use: bool, asked: bool) -> str:
    if states:
        item = states[-1]
        since = f" since {moment(item.since)}" if item.since != item.logged else ""
        return f"{item.state}{since}, reported on {moment(item.logged)}"
    if in_use:
        return "may sign" if asked else "may sign, as far as is known here"
    return "not in your newest version any more"


def _json(state: State) -> dict[str, Json]:
    return {
        "state": state.state,
        "since": format_time(state.since),
        "logged": format_time(state.logged),
        "by": state.by,
    }
