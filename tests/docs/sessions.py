"""Runs the sessions that documents show, and writes what differs: `python -m tests.docs.sessions`.

A session is a block of Markdown such as

    <!-- session: ana -->
    ```console
    $ touchplate status
      home      ~/.config/touchplate
    ```

The word after `session` names the terminal, each with a home of its own, which it keeps through all
documents in their order. `serving` after it means that the command is left running. A `page` block
shows an address and what a browser without pictures would read there. What stands behind `after` is
done before, unseen: what a reader has from elsewhere.

Walk-throughs (specs/walkthroughs/) tell what takes days. `<!-- later: 72 hours -->` moves the clock of
every program in them; what was left running is started again then.

Ports, dates, keys and ids differ from run to run. A document holds those of the run that wrote it;
both sides are compared after every such value became a number of its own, so that the same id must
come back as the same id. A command that names a value of the document gets that of the new run.
"""

import html
import re
import sys
import tempfile
import textwrap
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.docs.terminal import COLUMNS, Terminal

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
# What is told together has its terminals, ids and keys in common.
STORIES = (
    (ROOT / "README.md",),
    tuple(ROOT / f"examples/{name}.md" for name in ("creator", "customer", "marketplace")),
)
WALKS = tuple(
    sorted(path for path in (ROOT / "specs/walkthroughs").iterdir() if path.stem != "README")
)
SERVING = "pin it with"
WRITTEN_HOST = "localhost:8080"
# What a document says, and what runs here in its place.
STAND_INS = {
    "make demo": "mkdir -p touchplate && cd touchplate && touchplate demo --once",
    "make test": f"cd '{ROOT}' && python -m pytest -n 2 -o testpaths=tests/client",
    "touchplate serve": "touchplate serve --port 0",
}
WHOLE = {"make test": f"cd '{ROOT}' && make -s test"}  # only when the document is written
_BLOCK = re.compile(
    r"<!-- (?P<kind>session|page): (?P<who>[a-z]+)(?P<serving> serving)?(?:, after (?P<before>[^\n]+?))? -->\n"
    r"```console\n(?P<body>.*?)```\n",
    re.DOTALL,
)
_LATER = re.compile(r"<!-- later: (?P<hours>\d+) hours -->\n")
_DATE = r"\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
_CLOCK = r"\d\d:\d\d"
_TIMES = re.compile(
    rf"\d{{4}}-\d\d-\d\dT{_CLOCK}:\d\dZ"
    rf"|on {_DATE} (?:at {_CLOCK}|between {_CLOCK} and {_CLOCK}) UTC"
    rf"|between {_DATE}, {_CLOCK} UTC and {_DATE}, {_CLOCK} UTC"
    rf"|{_DATE}, {_CLOCK} UTC|{_DATE}"
    r"|(?:less than a minute|\d+ (?:minute|hour)s?) old|in \d+ s:"
)
_DIGIT = "[0-9a-hjkmnp-tv-z]"
_VALUES = re.compile(
    r"(?P<device>touchplate1\.[\w.]+)"
    rf"|(?P<scid>Qm[1-9A-HJ-NP-Za-km-z]{{44}})"
    rf"|(?P<code>\b(?:{_DIGIT.upper()}{{4}}-){{2,13}}{_DIGIT.upper()}{{4}}\b)"
    r"|(?P<request>\breq_[0-9a-f]{16}\b)"
    r"|(?P<index>(?<=\"index\": )\d+)"
    rf"|(?P<id>\b{_DIGIT}{{16}}\b)"
    r"|(?P<origin>\b[0-9a-f]{8}(?=\.localhost))"
    r"|(?P<port>(?<=localhost:)\d+|(?<=localhost_)\d+|(?<=localhost%3A)\d+|(?<=--port )\d+)"
)
_PYTEST = (
    (re.compile(r"platform linux -- Python \S+"), "platform linux"),
    (re.compile(r"plugins: .*?(?=\d+ workers \[)", re.DOTALL), ""),
    (re.compile(r"randomly-seed=\d+"), "randomly-seed=1"),
    (re.compile(r"testpaths: \S+"), "testpaths: tests"),
    (re.compile(r"\[\d+ items\]"), "[items]"),
    (re.compile(r"(?:[.s]+ +\[ *\d+%\] ?)+"), "... "),
    (re.compile(r"=+ short test summary info =+ .*?(?==+ \d+ passed)"), ""),
    (re.compile(r"=+ \d+ passed(, \d+ skipped)? in \S+( \(\S+\))? =+"), "passed"),
)
_QR = re.compile(r"(?m)^[█▀▄ ]*[█▀▄][█▀▄ ]*\n(?:[█▀▄ ]+\n)*")


class Step(NamedTuple):
    """A command as the document shows it, its following lines with `> `, and its output."""

    shown: str
    output: str

    @property
    def command(self) -> str:
        """The command to run."""
        return re.sub(r"(?m)^> ?", "", self.shown.removeprefix("$ ")).removesuffix("\n")


class Values:
    """Which value of a document stands for which value of this run."""

    def __init__(self) -> None:
        self.fresh: dict[str, str] = {}

    def learn(self, written: str, fresh: str) -> None:
        """Pair the values of two outputs, in the order in which they come."""
        pairs = zip(_VALUES.finditer(written), _VALUES.finditer(fresh), strict=False)
        for old, new in pairs:
            if old.lastgroup == new.lastgroup:
                self.fresh.setdefault(old[0], new[0])

    def translated(self, text: str) -> str:
        """Return a text of the document with the values of this run."""
        return _VALUES.sub(lambda found: self.fresh.get(found[0], found[0]), text)


class Stage:
    """The terminals of all documents, in a folder of their own."""

    def __init__(self, folder: Path, stand_ins: Mapping[str, str], clock: Path | None) -> None:
        """Play in a folder; `clock` is the file that moves the time, if it can be moved."""
        self._folder, self._clock = folder.resolve(), clock
        self._stand_ins = stand_ins
        self._terminals: dict[str, Terminal] = {}
        self._left_running: list[tuple[Terminal, str]] = []
        self._values = Values()
        self._host = WRITTEN_HOST

    def play(self, text: str) -> str:
        """Return a document with what its sessions show now."""
        played, start = "", 0
        for later in _LATER.finditer(text):
            played += _BLOCK.sub(self._block, text[start : later.start()]) + later[0]
            self._move(int(later["hours"]))
            start = later.end()
        return played + _BLOCK.sub(self._block, text[start:])

    def close(self) -> None:
        """Stop everything."""
        for terminal in self._terminals.values():
            terminal.close()

    def _move(self, hours: int) -> None:
        """Let time pass, and start again what was left running."""
        if self._clock is None:
            raise ValueError("only in a walk-through does time pass")
        self._clock.write_text(str(int(self._clock.read_text()) + hours * 3600))
        port = self._host.rpartition(":")[2]
        for terminal, command in self._left_running:
            terminal.close()
            terminal.leave_running(command.replace("--port 0", f"--port {port}"), SERVING)

    def _block(self, block: re.Match[str]) -> str:
        lead, body = block[0].split("```console\n")[0], []
        if block["before"]:
            self._terminal(block["who"]).run(block["before"])
        for step in steps(block["body"], marked=block["kind"] == "session"):
            command = self._values.translated(step.command).replace(WRITTEN_HOST, self._host)
            page = block["kind"] == "page"
            shown = self._rehosted(_page(command) if page else self._session(block, command))
            self._values.learn(step.output, shown)
            body.append(f"{self._values.translated(step.shown)}{shown}")
        return f"{lead}```console\n{''.join(body)}```\n"

    def _rehosted(self, shown: str) -> str:
        """Say the host as the documents write it; the port of a registry here is a free one."""
        for colon in (":", "_", "%3A"):
            here, written = (name.replace(":", colon) for name in (self._host, WRITTEN_HOST))
            shown = shown.replace(here, written)
        return shown

    def _session(self, block: re.Match[str], command: str) -> str:
        terminal = self._terminal(block["who"])
        command = self._stand_ins.get(command, command)
        if block["serving"]:
            shown = terminal.leave_running(command, SERVING)
            self._left_running.append((terminal, command))
            self._host = shown.split("serving http://")[1].split()[0]
        else:
            shown = terminal.run(command)
        shown = shown.replace(str(PROGRAMS), "~/touchplate/.venv/bin")
        shown = shown.replace(str(terminal.home), "~").replace(str(ROOT), "~/touchplate")
        lines = [line.rstrip() for line in shown.splitlines()]
        return "".join(f"{line}\n" for line in lines)

    def _terminal(self, who: str) -> Terminal:
        if who not in self._terminals:
            terminal = Terminal(self._folder / who, PROGRAMS, self._clock)
            self._terminals[who] = terminal
            (terminal.home / "touchplate").mkdir()
            (terminal.home / "touchplate" / ".venv").symlink_to(PROGRAMS.parent)
            (terminal.home / "touchplate" / "examples").symlink_to(ROOT / "examples")
        return self._terminals[who]


def steps(body: str, *, marked: bool) -> Iterator[Step]:
    """Yield the commands of a block with their outputs; without marks the first line is one."""
    if not marked:
        first, _, rest = body.partition("\n")
        yield Step(f"{first}\n", rest)
        return
    for part in re.split(r"(?m)^(?=\$ )", body):
        if part:
            lines = part.splitlines(keepends=True)
            end = next(
                (at for at, line in enumerate(lines) if not line.startswith(("$ ", ">"))),
                len(lines),
            )
            yield Step("".join(lines[:end]), "".join(lines[end:]))


def normal(text: str) -> str:
    """Return a document in which what differs from run to run is the same."""
    seen: dict[str, str] = {}

    def numbered(found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        same = [value for value in seen.values() if value.startswith(kind)]
        return seen.setdefault(f"{kind}{found[0]}", f"{kind}{len(same) + 1}")

    def block(found: re.Match[str]) -> str:
        body = _QR.sub("QR\n", found["body"])
        body = " ".join(body.split())
        for pattern, word in _PYTEST:
            body = pattern.sub(word, body)
        return (
            f"{found['kind']} {found['who']}\n{_VALUES.sub(numbered, _TIMES.sub('TIME', body))}\n"
        )

    return _BLOCK.sub(block, text)


def _page(address: str) -> str:
    """Return the text of a page, a line for each paragraph, without its style."""
    if not address.startswith("http://localhost:"):
        raise ValueError(f"{address!r}, expected a page of the registry of these documents")
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - checked above
        text = answer.read().decode()
    text = re.sub(r"(?s)<head>.*?</head>|<svg.*?</svg>|<span[^>]*aria-hidden.*?</span>", "", text)
    text = re.sub(r"</(?:p|h1|h2|li|dt|dd|div|figcaption)>|<span class=\"how\">", "\n", text)
    lines = html.unescape(re.sub(r"<[^>]+>", "", text.replace("\n\n", "\n"))).splitlines()
    words = [" ".join(line.split()) for line in lines]
    return "".join(
        f"{textwrap.fill(line, COLUMNS, break_long_words=False)}\n" for line in words if line
    )


def play(documents: Sequence[Path], folder: Path, stand_ins: Mapping[str, str]) -> list[str]:
    """Return documents, in their order, as their sessions show them now."""
    clock = folder / "later" if documents[0] in WALKS else None
    if clock is not None:
        clock.write_text("0")
    stage = Stage(folder, stand_ins, clock)
    try:
        return [stage.play(path.read_text(encoding="utf-8")) for path in documents]
    finally:
        stage.close()


def main() -> int:
    """Write the documents of a story if one of them shows something else than its sessions do."""
    for documents in (*STORIES, *((walk,) for walk in WALKS)):
        written = [path.read_text(encoding="utf-8") for path in documents]
        with tempfile.TemporaryDirectory() as folder:
            fresh = play(documents, Path(folder), STAND_INS)
        if list(map(normal, fresh)) == list(map(normal, written)):
            continue
        _write(documents, fresh)  # first, for the whole suite reads the documents too
        with tempfile.TemporaryDirectory() as folder:
            fresh = play(documents, Path(folder), {**STAND_INS, **WHOLE})
        _write(documents, fresh)
        if any(re.search(r"=+ \d+ failed", text) for text in fresh):
            return 1
    return 0


def _write(documents: Sequence[Path], texts: Sequence[str]) -> None:
    for path, text in zip(documents, texts, strict=True):
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
