"""`touchplate log fsck`: verify everything that a registry has, from its entries up."""

import argparse
import json
import sys
import time
from typing import Final

from trust.commands.process import add_registry_folder, say
from trust.core.wording.untrusted import shown
from trust.service.fsck.check import fsck
from trust.service.fsck.report import Report

HELP: Final = "verify everything that a registry has, from its entries up"
MOST_NAMED: Final = 20  # faults that are printed one by one
_EVERY: Final = 10.0  # seconds between two lines of progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `log fsck`."""
    parser.description = (
        "Verify everything that a registry has, from its entries up: every tile, checkpoint,"
        " signature, time-stamp, private part, key history, status and projection. No stored hash"
        " is believed. It names the first bad byte of each fault by file and offset, or by table,"
        " row and column. It only reads, needs no passphrase, and may run while the registry"
        " does. Exit 0: no fault; 1: a fault."
    )
    add_registry_folder(parser, "folder of the registry")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object on standard output"
    )


def run(args: argparse.Namespace) -> int:
    """Check; return 0 without a fault, else 1.

    Raises:
        NotFound: there is no registry in the folder.
        Unavailable: its database cannot be read at all.
    """
    report = fsck(args.data, _Progress())
    if args.json:
        sys.stdout.write(json.dumps(_document(report)) + "\n")
    else:
        _print(report)
    return 1 if report.findings else 0


class _Progress:
    """A line on standard error every few seconds, so that long work is seen to go on."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _EVERY

    def __call__(self, what: str, done: int, total: int) -> None:
        if time.monotonic() >= self._next:
            say(f"  {what}: {done} of {total}")
            self._next = time.monotonic() + _EVERY


def _document(report: Report) -> dict[str, object]:
    return {
        "sound": not report.findings,
        "findings": [finding._asdict() for finding in report.findings],
        "checked": report.checked,
        "notChecked": list(report.unchecked),
    }


def _print(report: Report) -> None:
    """Print rows, and the verdict as the last line, at column 0."""
    for finding in report.findings[:MOST_NAMED]:
        _line(f"  fault      {finding}")
    if len(report.findings) > MOST_NAMED:
        _line(f"  fault      and {len(report.findings) - MOST_NAMED} more; --json lists them all")
    _line(
        f"  checked    {', '.join(f'{number} {what}' for what, number in report.checked.items())}"
    )
    for sentence in report.unchecked:
        _line(f"  unchecked  {sentence}")
    if report.findings:
        number = len(report.findings)
        _line(f"DAMAGED  {number} {'fault' if number == 1 else 'faults'}; {report.findings[0]}")
    else:
        _line(f"SOUND  all {report.checked.get('entries', 0)} entries and what follows from them")


def _line(text: str) -> None:
    sys.stdout.write(f"{shown(text)}\n")
