"""What whoever watches a log has to report: one fact, and the place where it was found."""

from typing import NamedTuple


class Finding(NamedTuple):
    """Something that does not hold. `kind` is a stable word, `where` names file, row or entry."""

    kind: str
    where: str
    message: str

    def __str__(self) -> str:
        """Return the finding in one line."""
        return f"{self.where}: {self.message}"


def first_difference(found: bytes, expected: bytes) -> int | None:
    """Return the offset of the first byte that differs, None when the bytes are the same."""
    if found == expected:
        return None
    pairs = enumerate(zip(found, expected, strict=False))
    return next((at for at, pair in pairs if pair[0] != pair[1]), min(len(found), len(expected)))
