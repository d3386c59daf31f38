"""`touchplate log monitor`: follow a log from outside, and report what does not hold."""

import argparse
import time
from typing import NamedTuple, Protocol

from trust.client.address import public_url
from trust.client.http import Client
from trust.client.logs import LogReader
from trust.client.monitor import Look, RegistryMonitor, look_at_log
from trust.core.encoding import decimal
from trust.core.errors import Malformed, TouchplateError, Unavailable
from trust.core.log.note import VerifierKey
from trust.core.people.did import check_scid
from trust.core.people.handle import check_handle
from trust.core.watching.finding import Finding
from trust.core.watching.memory import Memory
from trust_cli.home import Home, Pinned, the_only
from trust_cli.monitoring import MonitorFolder, default_folder
from trust_cli.output import Output
from trust_cli.pinning import refresh

EVERY_SECONDS = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `log monitor`."""
    parser.description = (
        "Follow a log from outside: that it only grows, every new tile and entry, every statement, "
        "the order of time-stamps, the status that follows from the withdrawals, and each "
        "certificate that no key history stands behind. What was seen is kept, so that a log that "
        "goes back or shows a second history is found, and both checkpoints are kept as the "
        "proof. URL is a pinned registry, or with --key any log of tlog-tiles."
    )
    parser.add_argument("url", metavar="URL", help="a registry, or where a log's checkpoint lies")
    parser.add_argument(
        "--key", metavar="VKEY", help="of a log that is no registry's: the key that signs it"
    )
    parser.add_argument(
        "--state", metavar="DIR", help="where to keep what was seen (default: in the home folder)"
    )
    parser.add_argument(
        "--once", action="store_true", help="look once; exit 1 if anything is wrong"
    )
    parser.add_argument(
        "--every",
        metavar="SECONDS",
        default=str(EVERY_SECONDS),
        help=f"between two looks (default: {EVERY_SECONDS})",
    )
    parser.add_argument(
        "--watch",
        metavar="SCID|@H",
        action="append",
        default=[],
        help="report every use of this person's keys from now on; may be repeated",
    )


class Looker(Protocol):
    """Looks at one log."""

    def __call__(self, memory: Memory, now: int) -> Look:
        """Look once; raise Unavailable when nobody answers."""


class Followed(NamedTuple):
    """A log that is followed: its name, who looks at it, and where what was seen is kept."""

    origin: str
    look: Looker
    folder: MonitorFolder


def run(args: argparse.Namespace) -> int:
    """Follow until Ctrl-C, or look once: 0 when everything holds, 1 when something does not.

    Raises:
        NotFound: the registry is not pinned.
        Unavailable: with `--once`, it does not answer.
        Malformed: what was kept is damaged.
    """
    home, output = Home.find(), Output(json=args.json)
    every = decimal(args.every, "--every")
    followed = _plain(args, home) if args.key is not None else _registry(args, home)
    memory = followed.folder.load(followed.origin)
    told: set[Finding] = set()
    while True:
        try:
            look = followed.look(memory, int(time.time()))
        except TouchplateError as error:  # no answer now, or too many questions of ours
            if args.once:
                raise
            output.note("later", str(error))
        else:
            followed.folder.keep(memory, look, int(time.time()))
            _tell(followed, memory, look, told, args.watch, output, once=args.once)
            memory = look.memory
            if args.once:
                return 1 if look.findings else 0
        time.sleep(every)


def _plain(args: argparse.Namespace, home: Home) -> Followed:
    """Follow the tree of a log whose entries nobody here can read."""
    if args.watch:
        raise Malformed("needs a registry: a log with --key names no persons", "--watch")
    key, reader = VerifierKey.parse(args.key), LogReader(args.url)
    folder = MonitorFolder(args.state or default_folder(home, key.name))
    return Followed(key.name, lambda memory, _: look_at_log(reader, key, memory), folder)


def _registry(args: argparse.Namespace, home: Home) -> Followed:
    client, watched = Client(public_url(args.url)), _checked_names(args.watch)
    pinned = the_only(home.pinned(), client.url)
    origin = pinned.trust.newest_log.origin
    folder = MonitorFolder(args.state or default_folder(home, origin))
    return Followed(origin, RegistryLooker(client, pinned, watched), folder)


class RegistryLooker:
    """Looks at the log of a registry, with its trust file brought up to date each time."""

    def __init__(self, client: Client, pinned: Pinned, watched: frozenset[str]) -> None:
        self._client, self._pinned, self._watched = client, pinned, watched
        self._reader = LogReader(f"{client.url}/api/v2")

    def __call__(self, memory: Memory, now: int) -> Look:
        """Look once; a trust file that may not follow the pinned one is a finding."""
        refused: tuple[Finding, ...] = ()
        try:
            self._pinned = refresh(self._client, self._pinned)
        except Unavailable:
            raise
        except TouchplateError as error:
            refused = (Finding("other_trust_file", "trust file", str(error)),)
        trust, origin = self._pinned.trust, memory.tree.origin
        monitor = RegistryMonitor(self._client, self._reader, trust, origin)
        found = monitor.look(memory, self._watched, now)
        return found._replace(findings=(*refused, *found.findings))


def _checked_names(names: list[str]) -> frozenset[str]:
    """Return the SCIDs and handles that are watched; raise Malformed for what is neither."""
    for name in names:
        if name.startswith("@"):
            check_handle(name[1:])
        else:
            check_scid(name, "--watch")
    return frozenset(names)


def _tell(
    followed: Followed,
    before: Memory,
    look: Look,
    told: set[Finding],
    watched: list[str],
    output: Output,
    *,
    once: bool,
) -> None:
    """Print what is new: with `--once` everything, and always JSON, one object a look."""
    news = [finding for finding in look.findings if once or finding not in told]
    told.update(look.findings)
    size = look.memory.tree.size
    added = size - before.tree.size
    output.json(
        {
            "log": followed.origin,
            "size": size,
            "added": added,
            "findings": [finding._asdict() for finding in look.findings],
            "uses": [use._asdict() for use in look.uses],
            "state": followed.folder.path,
        }
    )
    holders = set(look.memory.handles.values())
    for name in [item for item in watched if item.startswith("@") and item[1:] not in holders]:
        output.note("watch", f"nobody in this log has the handle {name}")
    for use in look.uses:
        output.row("use", f"{use.scid} at {use.where}: {use.message}")
    for finding in news:
        output.row("alarm", str(finding))
    _conclude(followed, look, news, added, output, once=once)


def _conclude(
    followed: Followed, look: Look, news: list[Finding], added: int, output: Output, *, once: bool
) -> None:
    """Print the verdict of a look, if there is anything to say."""
    origin = followed.origin
    if news:
        output.copyable("kept", followed.folder.path)
        output.alarm(f"{len(news)} of {origin} do not hold; {news[0]}")
    elif added and look.findings:
        output.alarm(f"{len(look.findings)} of {origin} still do not hold, as told before")
    elif once or added:
        earlier = followed.folder.alarms()
        if earlier:
            what = "1 alarm" if earlier == 1 else f"{earlier} alarms"
            output.copyable("earlier", f"{what} of earlier looks in {followed.folder.path}")
        output.holds(f"{origin} at {look.memory.tree.size} entries, {added} of them new")
