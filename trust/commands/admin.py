"""`touchplate admin`: what whoever runs a registry does now and then."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from trust.commands.process import add_registry_folder, held, passphrase_of, say
from trust.core.encoding import parse_time
from trust.core.errors import NotFound
from trust.core.signing.identity import parse_id
from trust.service.backup import back_up, restore
from trust.service.opening import DATABASE
from trust.service.records import Records
from trust.service.rotation import NAMES, rotate
from trust.service.takedowns import check_target, order
from trust.storage.database import Database
from trust.storage.reading import ReadDatabase

HELP: Final = "back up and restore a registry, take down words, rotate keys"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions and options of `admin`."""
    parser.description = "Look after a registry. Only `rotate` wants `serve` stopped."
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    backup = actions.add_parser("backup", help="copy a registry to a new folder or .tar file")
    backup.add_argument("target", type=Path, metavar="DIR|FILE.tar")
    add_registry_folder(backup, "folder of the registry")
    back = actions.add_parser("restore", help="put a backup back where nothing is")
    back.add_argument("source", type=Path, metavar="DIR|FILE.tar")
    add_registry_folder(back, "folder to make")
    down = actions.add_parser("takedown", help="stop showing the private part of a statement")
    down.add_argument("id", metavar="ID")
    down.add_argument("--reason", required=True, help="what page and API say; up to 500 characters")
    add_registry_folder(down, "folder of the registry")
    _add_rotate(actions.add_parser("rotate", help="make a new key, and end the old one"))


def run(args: argparse.Namespace) -> int:
    """Do one action; return 0.

    Raises:
        TouchplateError: nothing lies where something should, or something where nothing may; an
            action that is not allowed; a disk that refuses.
    """
    _ACTIONS[args.action](args)
    return 0


def _add_rotate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", choices=NAMES, help="which key")
    parser.add_argument(
        "--compromised-since",
        metavar="DATE",
        help="2026-11-03T14:02:07Z: the old key counts for nothing from then on",
    )
    parser.add_argument(
        "--passphrase-file", type=Path, metavar="F", help="file that holds the passphrase"
    )
    add_registry_folder(parser, "folder of the registry")


def _backup(args: argparse.Namespace) -> None:
    made = back_up(args.data, args.target, int(time.time()))
    sys.stdout.write(f"{args.target}\n")
    say(f"backed up {made.origin}: {made.size} entries, {made.files} files")
    say("the keys are in it, encrypted; their passphrase is not: keep it elsewhere")


def _restore(args: argparse.Namespace) -> None:
    found = restore(args.source, args.data)
    sys.stdout.write(f"{args.data}\n")
    say(f"restored {found.origin} as of {found.made}: {found.size} entries")
    say("what was logged after the backup is not here. `serve` will ask the witnesses of this log")
    say("whether it had gone further, and refuses to sign if so; take-downs made since the backup")
    say("have to be made again")


def _takedown(args: argparse.Namespace) -> None:
    path = args.data / DATABASE
    if not path.is_file():
        raise NotFound(f"no registry at {args.data}")
    with ReadDatabase(path) as database:
        (size,) = database.row("select coalesce(max(size), 0) from checkpoints")
        check_target(Records(database).named(parse_id(args.id), size))
    order(args.data, args.id, args.reason)
    sys.stdout.write(f"{parse_id(args.id)}\n")
    say("ordered: a running `serve` takes it down within a minute, one that starts at once")


def _rotate(args: argparse.Namespace) -> None:
    if not (args.data / DATABASE).is_file():
        raise NotFound(f"no registry at {args.data}")
    since = args.compromised_since and parse_time(args.compromised_since, "--compromised-since")
    with held(args.data, alone=True):
        passphrase = passphrase_of(args.data, args.passphrase_file)
        database = Database(args.data / DATABASE)
        try:
            made = rotate(args.data, database, passphrase, args.key, int(time.time()), since)
        finally:
            database.close()
    sys.stdout.write(f"{made.version}\n")
    say(f"version {made.version} of the trust file is made; the next `serve` logs it and goes over")
    if args.key == "root":
        say(f"its root key is {made.code}: publish that where people can compare it")


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], None]]] = {
    "backup": _backup,
    "restore": _restore,
    "takedown": _takedown,
    "rotate": _rotate,
}
