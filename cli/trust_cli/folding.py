"""Folding a line into the width of a terminal, so that no text from outside reaches column 0.

Left to the terminal, a long line goes on at the very first column: a file name with enough spaces
in it could put a verdict of its own there.
"""

import re
import unicodedata

NARROWEST = 40  # columns; below that a terminal folds by itself, whatever comes
SHORTEST_PIECE = 8  # columns; a word that is cut anyway begins here if so many are left
_SPACES = r"( +)"
_BREAKABLE = "-/"  # after these a word may be cut that is longer than a line
_WIDE = frozenset("WF")  # of east_asian_width: two columns


def folded(text: str, width: int, hang: int) -> str:
    """Return `text` in lines of fewer than `width` columns, all but the first indented by `hang`.

    Words stay whole unless one alone is too long. Requires hang < NARROWEST <= width.
    """
    if _columns(text) < width:
        return text
    lines, line, room = [], "", width - 1
    for part in re.split(_SPACES, text):
        if _columns(line + part) <= room:
            line += part
            continue
        if part.isspace():
            continue
        too_long = hang + _columns(part) > room
        if not too_long or room - _columns(line) < SHORTEST_PIECE:
            lines.append(line.rstrip(" "))
            line = " " * hang
        *full, line = _cut(line, part, room, hang)
        lines += full
    return "\n".join([*lines, line.rstrip(" ")])


def _cut(line: str, word: str, room: int, hang: int) -> list[str]:
    """Append a word to a line, cut into as many lines as it needs."""
    lines = []
    while _columns(line + word) > room:
        length = _fitting(word, room - _columns(line))
        lines.append(line + word[:length])
        line, word = " " * hang, word[length:]
    return [*lines, line + word]


def _fitting(word: str, room: int) -> int:
    """Return how many characters to keep in `room` columns: up to a hyphen or slash, if any."""
    length = 0
    while length < len(word) and _columns(word[: length + 1]) <= room:
        length += 1
    good = max(word.rfind(character, 0, length) for character in _BREAKABLE) + 1
    return good or max(length, 1)


def _columns(text: str) -> int:
    """Return how many columns a terminal takes; combining marks take none."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(character) in _WIDE else 1
        for character in text
        if not unicodedata.combining(character)
    )
