"""Text from outside on its way to a terminal.

Names, titles and free text come from strangers. Printed as they are, they could move the cursor,
imitate a verdict, reorder the line or hide parts of it.
"""

import unicodedata

# Letters and marks that most fonts draw as nothing, although Unicode calls them printable.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
# Controls, format characters (bidi, zero width, tags), surrogates, private use, unassigned, line
# and paragraph separators.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str) -> str:
    r"""Return `text` as one line that a terminal shows and does not obey.

    Every character that is invisible, moves or reorders others becomes `\u{..}` with its code in
    hex; a line feed too, so that no content can start a line of its own. The backslash of a text
    that imitates such an escape is escaped itself, so that two texts never look the same.
    """
    text = text.replace("\\u{", "\\u{5c}u{")
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown_character, text))


def _shown_character(character: str) -> str:
    if unicodedata.category(character) in _ESCAPED or character in _INVISIBLE:
        return f"\\u{{{ord(character):x}}}"
    return character
