"""The only module that prints.

Rules:
- Results go to standard output, everything else (what happens, questions, progress) to standard
  error. With `--json` standard output holds one JSON object and nothing else, an error too.
- Every text is made safe on its way out (`trust.core.wording.untrusted.shown`): no name, title or
  answer of a server can move the cursor, start a line or imitate a verdict. Rows are indented; what
  stands at column 0 is ours, and the verdict is the last line.
- The words are the same on a pipe and on a terminal. Only colour (not with NO_COLOR), questions,
  the progress bar and folded lines need a terminal; the bar comes after 300 ms, so that quick work
  stays quiet. A folded line goes on indented; a command to copy is never folded.
- What a terminal's encoding cannot say is escaped, never dropped and never a crash.
"""

import json
import os
import sys
import time
from typing import TextIO

from trust.core.canonical import Encodable
from trust.core.verdict import Check, Code, Result, Verdict
from trust.core.wording.untrusted import shown
from trust_cli.folding import NARROWEST, folded

LABEL_WIDTH = 9  # characters
ANSWER_WIDTH = 4  # `yes` and `no` with a space
TEXT_COLUMN = 2 + LABEL_WIDTH + 1  # where the text of a row begins
VERDICT_HANG = 2  # columns; what stands at column 0 is ours
BAR_AFTER = 0.3  # seconds
BAR_EVERY = 0.1  # seconds
_RED, _GREEN, _YELLOW, _BOLD, _PLAIN = "31", "32", "33", "1", "0"
_COLOURS = {Code.VALID: _GREEN, Code.SUPERSEDED: _YELLOW, Code.COULD_NOT_CHECK: _YELLOW}
_LABELS = {"in_force": "in force"}


class Output:
    """Where a command prints. `json`: standard output gets one JSON object instead of text."""

    def __init__(self, *, json: bool = False) -> None:
        """Print to the standard streams as they are at the time of printing."""
        self.is_json = json

    def result(self, text: str) -> None:
        """Print a result that scripts use: a path, an id, an address. Not with `--json`."""
        if not self.is_json:
            _line(sys.stdout, shown(text))

    def document(self, text: str) -> None:
        """Print a whole document of ours as it is, safe because it is ASCII without controls."""
        _write(sys.stdout, text)

    def json(self, value: Encodable) -> None:
        """Print the one JSON object of `--json`, in ASCII. Nothing without `--json`."""
        if self.is_json:
            _line(sys.stdout, json.dumps(value, ensure_ascii=True))

    def row(self, label: str, text: str, answer: str = "", *, fold: bool = True) -> None:
        """Print an indented row of a result; a path of ours is not folded. Not with `--json`."""
        if not self.is_json:
            row = _row(label, text, answer)
            _line(sys.stdout, _fitted(sys.stdout, row, TEXT_COLUMN) if fold else row)

    def note(self, label: str, text: str) -> None:
        """Print an indented row about what happens, on standard error."""
        _line(sys.stderr, _fitted(sys.stderr, _row(label, text, ""), TEXT_COLUMN))

    def copyable(self, label: str, text: str) -> None:
        """Print a note that holds a command, an address or a path of ours, to copy in one piece."""
        _line(sys.stderr, _row(label, text, ""))

    def verdict(self, verdict: Verdict, said: tuple[str, ...] = ()) -> None:
        """Print rows, what the maker says, what is not said, and the verdict as the last line."""
        for check in verdict.rows:
            self.row(_LABELS.get(check.id, check.id), check.text, _answer(check))
        for sentence in said:
            self.row("maker", sentence)
        if verdict.rows:
            self.row("not said", ", ".join(verdict.not_said))
        self.verdict_line(verdict.code, verdict.sentence)

    def verdict_line(self, code: Code, sentence: str) -> None:
        """Print a verdict line at column 0: the code in capitals, then the sentence."""
        if self.is_json:
            return
        label = code.value.upper().replace("_", " ")
        colour = _COLOURS.get(code, _RED)
        _verdict(sys.stdout, label, sentence, colour)

    def holds(self, message: str) -> None:
        """Print at column 0 that what was looked at holds. Not with `--json`."""
        if not self.is_json:
            _verdict(sys.stdout, "HOLDS", message, _GREEN)

    def alarm(self, message: str) -> None:
        """Print at column 0 that something does not hold. Not with `--json`."""
        if not self.is_json:
            _verdict(sys.stdout, "ALARM", message, _RED)

    def failure(self, label: str, message: str, status: int) -> None:
        """Print why a command failed, as the last line of standard error; JSON with `--json`."""
        self.json({"error": label.lower().replace(" ", "_"), "message": message, "exit": status})
        _verdict(sys.stderr, label, message, _RED)

    def ask(self, question: str) -> str | None:
        """Ask on a terminal and return the answer; None when nobody can answer."""
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return None
        _write(sys.stderr, f"{shown(question)} ")
        sys.stderr.flush()
        return sys.stdin.readline().strip()

    def terminal_picture(self, lines: str) -> None:
        """Print the half blocks of a QR code, which `trust.core.qr` made, on standard error."""
        _write(sys.stderr, lines)

    @property
    def has_colour(self) -> bool:
        """Whether standard error shows colours."""
        return _has_colour(sys.stderr)


class Progress:
    """A bar on standard error for work that takes longer than 300 ms; silent elsewhere."""

    def __init__(self, what: str, total: int) -> None:
        """Begin `what`, a work of `total` bytes; 0 when nobody knows how many."""
        self._what = what
        self._total = total
        self._done = 0
        self._started = time.monotonic()
        self._next = self._started + BAR_AFTER
        self._drawn = False
        self._draws = sys.stderr.isatty()

    def add(self, count: int) -> None:
        """Say that `count` more bytes are done."""
        self._done += count
        if self._draws and time.monotonic() >= self._next:
            self._draw()

    def end(self) -> None:
        """Clear the bar."""
        if self._drawn:
            _write(sys.stderr, "\r\x1b[K")
            sys.stderr.flush()

    def _draw(self) -> None:
        now = time.monotonic()
        rate = self._done / max(now - self._started, 0.001)
        text = f"{size(self._done)}, {size(int(rate))}/s"
        if self._total:
            left = max(self._total - self._done, 0) / max(rate, 1)
            share = min(self._done * 20 // self._total, 20)
            bar = "#" * share + "." * (20 - share)
            whole = size(self._total)
            text = f"[{bar}]  {size(self._done)} of {whole}, {size(int(rate))}/s, {left:.0f} s left"
        _write(sys.stderr, f"\r\x1b[K  {self._what}  {text}")
        sys.stderr.flush()
        self._drawn = True
        self._next = now + BAR_EVERY


def prepare_streams() -> None:
    """Make the standard streams escape what their encoding cannot say."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def abandon_stdout() -> None:
    """Point standard output at nothing, after its reader has gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def size(count: int) -> str:
    """Return a number of bytes as `812 bytes` or `48.2 MB` (powers of ten)."""
    for unit, power in (("TB", 12), ("GB", 9), ("MB", 6), ("kB", 3)):
        if count >= 10**power:
            return f"{count / 10**power:.1f} {unit}"
    return f"{count} bytes"


def _row(label: str, text: str, answer: str) -> str:
    middle = ""
    if answer:  # yes and no stand in a column, a longer answer begins the sentence
        middle = f"{answer:<{ANSWER_WIDTH}} " if len(answer) <= ANSWER_WIDTH else f"{answer}: "
    return f"  {shown(label):<{LABEL_WIDTH}} {middle}{shown(text)}".rstrip()


def _answer(check: Check) -> str:
    return "" if check.result is Result.NOT_CHECKED else check.result.value


def _verdict(stream: TextIO, label: str, text: str, colour: str) -> None:
    """Print a line that begins at column 0 with a word of ours."""
    line = _fitted(stream, f"{label}  {shown(text)}", VERDICT_HANG)
    if _has_colour(stream):
        line = f"\x1b[{_BOLD};{colour}m{label}\x1b[{_PLAIN}m{line.removeprefix(label)}"
    _line(stream, line)


def _fitted(stream: TextIO, text: str, hang: int) -> str:
    """Fold a line into a terminal; elsewhere leave it as it is."""
    width = _width(stream)
    return folded(text, width, hang) if width >= NARROWEST else text


def _width(stream: TextIO) -> int:
    """Return the columns of the terminal behind a stream, 0 when there is none."""
    if not stream.isatty():
        return 0
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


def _has_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _line(stream: TextIO, text: str) -> None:
    _write(stream, f"{text}\n")


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
