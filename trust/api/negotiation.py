"""Which of the forms on offer a client asks for (RFC 9110 section 12.5.1)."""

from collections.abc import Sequence


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """Return the offered media type that `Accept` prefers; None when it takes none of them.

    The first offer is the answer to a missing header and wins ties. A type is judged by the most
    specific range that names it; parameters other than `q` are passed over.
    """
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda offer: _quality(offer, ranges))
    return best if _quality(best, ranges) > 0 else None


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (item.strip().lower() for item in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            quality = _number(value.strip())
    return media, quality


def _number(text: str) -> float:
    """Read a q-value of at most three decimals; anything else counts as 0."""
    digits = text.replace(".", "", 1)
    return min(float(text), 1.0) if digits.isascii() and digits.isdigit() else 0.0


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    for name in (offer, f"{offer.split('/', maxsplit=1)[0]}/*", "*/*"):
        found = [quality for media, quality in ranges if media == name]
        if found:
            return max(found)
    return 0.0
