"""`touchplate admin`: what whoever runs a registry does now and then, beside a running `serve`."""

import argparse
import sys
import time
from pathlib import Path
from typing import Final

from trust.commands.process import say
from trust.core.errors import NotFound
from trust.core.signing.identity import parse_id
from trust.service.backup import back_up, restore
from trust.service.opening import DATABASE
from trust.service.records import Records
from trust.service.takedowns import check_target, order
from trust.storage.reading import ReadDatabase

HELP: Final = "back up and restore a registry, take down words"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions and options of `admin`."""
    parser.description = "Look after a registry. A running `serve` goes on meanwhile."
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    backup = actions.add_parser("backup", help="copy a registry to a new folder or .tar file")
    backup.add_argument("target", type=Path, metavar="DIR|FILE.tar")
    _add_data(backup, "folder of the registry")
    back = actions.add_parser("restore", help="put a backup back where nothing is")
    back.add_argument("source", type=Path, metavar="DIR|FILE.tar")
    _add_data(back, "folder to make")
    down = actions.add_parser("takedown", help="stop showing the private part of a statement")
    down.add_argument("id", metavar="ID")
    down.add_argument("--reason", required=True, help="what page and API say; up to 500 characters")
    _add_data(down, "folder of the registry")


def run(args: argparse.Namespace) -> int:
    """Do one action; return 0.

    Raises:
        TouchplateError: nothing lies where something should, or something where nothing may; an
            action that is not allowed; a disk that refuses.
    """
    {"backup": _backup, "restore": _restore, "takedown": _takedown}[args.action](args)
    return 0


def _add_data(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("touchplate-data"),
        metavar="DIR",
        help=f"{what} (default: ./touchplate-data)",
    )


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
