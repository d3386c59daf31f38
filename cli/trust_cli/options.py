"""Values of options that more than one verb takes."""

import unicodedata

from trust.core.canonical import check_text
from trust.core.errors import Malformed


def text_option(text: str | None, option: str) -> str | None:
    """Return a free text in NFC, as it is signed; raise Malformed before anything is made."""
    if text is None:
        return None
    text = unicodedata.normalize("NFC", text)
    if not text.strip():
        raise Malformed("empty, expected a text or no such option", option)
    return check_text(text, option)
