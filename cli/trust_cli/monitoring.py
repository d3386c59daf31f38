"""What `log monitor` keeps of a log, and the proofs of what it found.

    state.json              the newest tree that held, its note, and what its entries say
    alarms.jsonl            every finding with the time at which it was first made, one a line
    evidence/<time>-<kind>  seen.txt and shown.txt: both checkpoints, whole and signed

The evidence is written first, then the alarms, then the state, so that a crash repeats a look and
loses nothing.
"""

import os

from trust.client.monitor import Look
from trust.core.canonical import canonical, parse_canonical
from trust.core.encoding import format_time
from trust.core.errors import Conflict
from trust.core.watching.finding import Finding
from trust.core.watching.memory import Memory
from trust_cli.home import Home, read_file, write_file, write_json

MAX_MEMORY = 1 << 30  # bytes of state.json: a few hundred for each person and withdrawal
ALARMS = "alarms.jsonl"
ABOUT_CHECKPOINTS = frozenset(
    {"fork", "rollback", "older_checkpoint", "bad_checkpoint", "tile_damaged"}
)


def default_folder(home: Home, log: str) -> str:
    """Return where what was seen of a log is kept unless somebody says otherwise."""
    plain = "".join(item if item.isalnum() or item in ".-" else "_" for item in log)
    return os.path.join(home.root, "monitors", plain.lstrip(".") or "_")


class MonitorFolder:
    """The folder of one log."""

    def __init__(self, path: str) -> None:
        """Take the folder, which may not exist yet."""
        self.path = path

    def load(self, origin: str) -> Memory:
        """Return what was seen of a log.

        Raises:
            Malformed: the file is damaged. Nothing is begun anew in its place, because then a log
                that was set back would pass.
            Conflict: the folder is of another log.
        """
        place = os.path.join(self.path, "state.json")
        data = read_file(place, MAX_MEMORY)
        if data is None:
            return Memory.empty(origin)
        memory = Memory.parse(parse_canonical(data, MAX_MEMORY, place), place)
        if memory.tree.origin != origin:
            raise Conflict(f"{self.path} is of the log {memory.tree.origin}, not of {origin}")
        return memory

    def keep(self, before: Memory, look: Look, now: int) -> None:
        """Keep new findings with their proof, then what was seen, if it changed.

        A log that goes on lying is looked at for ever, and is to fill no disk.
        """
        known = self._alarms()
        news = [item for item in look.findings if _line(item) not in known]
        for kind in {item.kind for item in news} & ABOUT_CHECKPOINTS:
            name = f"{format_time(now).replace(':', '')}-{kind}"
            folder = os.path.join(self.path, "evidence", name)
            write_file(os.path.join(folder, "seen.txt"), before.note.encode())
            write_file(os.path.join(folder, "shown.txt"), look.note.encode())
        if news:
            at = b'{"at":"' + format_time(now).encode() + b'",'
            lines = dict.fromkeys(at + _line(item) for item in news)
            write_file(os.path.join(self.path, ALARMS), known + b"".join(lines))
        if look.memory is not before:
            write_json(os.path.join(self.path, "state.json"), look.memory.to_json())

    def alarms(self) -> int:
        """Return how many different findings were made of this log so far."""
        return self._alarms().count(b"\n")

    def _alarms(self) -> bytes:
        return read_file(os.path.join(self.path, ALARMS), MAX_MEMORY) or b""


def _line(finding: Finding) -> bytes:
    """Return what a line says of a finding, after its time."""
    return canonical({**finding._asdict()})[1:] + b"\n"
