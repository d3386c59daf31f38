"""One change in a JSON document, or in a row of bytes."""

import json
from typing import Any

from trust.core.canonical import canonical

ABSENT = object()
Path = tuple[str | int, ...]


def edited(document: Any, path: Path, to: Any) -> Any:
    """Return a copy with the member at `path` replaced, added, or left out (ABSENT)."""
    twin = json.loads(json.dumps(document))  # a deep copy would keep parts that are shared
    holder = twin
    for name in path[:-1]:
        holder = holder[name]
    if to is ABSENT:
        del holder[path[-1]]
    elif isinstance(holder, list) and path[-1] == len(holder):
        holder.append(to)
    else:
        holder[path[-1]] = to
    return twin


def edited_bytes(data: bytes, path: Path, to: Any) -> bytes:
    """Return the RFC 8785 bytes of a document after one change."""
    return canonical(edited(json.loads(data), path, to))


def text(data: bytes, path: Path, to: Any) -> str:
    """Return the same as text."""
    return edited_bytes(data, path, to).decode()


def flipped(data: bytes, place: int = -1, bit: int = 1) -> bytes:
    """Return bytes with one bit of one byte changed."""
    changed = bytearray(data)
    changed[place] ^= bit
    return bytes(changed)
