"""Values of options that more than one verb takes."""

import unicodedata

from trust.core.canonical import check_text
from trust.core.encoding import format_time, parse_time
from trust.core.errors import Malformed
from trust.core.people.revocation import COMPROMISED

_DAY_LENGTH = len("2026-11-03")


def text_option(text: str | None, option: str) -> str | None:
    """Return a free text in NFC, as it is signed; raise Malformed before anything is made."""
    if text is None:
        return None
    text = unicodedata.normalize("NFC", text)
    if not text.strip():
        raise Malformed("empty, expected a text or no such option", option)
    return check_text(text, option)


def since_option(reason: str, text: str | None) -> str | None:
    """Return since when a key may have been in other hands, as a time: only of a compromise.

    A day counts from its first second.

    Raises:
        Malformed: no day or time, none where one is needed, or one where none belongs.
    """
    if (text is not None) != (reason == COMPROMISED):
        expected = "expected since when" if text is None else f"not for {reason!r}"
        raise Malformed(f"{expected}: only a compromised key has such a moment", "--since")
    if text is None:
        return None
    try:
        return format_time(parse_time(f"{text}T00:00:00Z" if len(text) == _DAY_LENGTH else text))
    except Malformed as error:
        raise Malformed(
            f"{text[:40]!r}, expected a day like 2026-11-03 or a time like 2026-11-03T14:02:07Z",
            "--since",
        ) from error
