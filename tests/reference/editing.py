"""Change one thing: an edit of JSON, of bytes, or of DER opened as lists, chosen by a seeded generator."""

import base64
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from specs.reference import verify

TEXTS = (
    "", " ", "\n", "0", "registry", "ruling", "withdrawn", "e\u0301", "\u212b", "\u202e", "\u0085",
    "\ufeff", "\ud800", "\U0001f600", "{SCID}", "a" * 5000, "..", "a/../b", "a//b", "null",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 12, 13, 63, 64, 2**31, 2**53 - 1, 2**53, 2**64, -(2**53))
VALUES: tuple[Any, ...] = (None, True, False, 0, 1, "", [], {}, [[]], {"": None}, "a")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every part of a document."""
    found = [path]
    if isinstance(value, dict):
        for name, item in value.items():
            found += places(item, (*path, name))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            found += places(item, (*path, i))
    return found


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = replaced(value[path[0]], path[1:], new)
    return copied


def edit(rng: Random, value: Any) -> Any:
    """Change something in a document; bytes are changed as bytes."""
    if isinstance(value, bytes):
        return edit_bytes(rng, value)
    path = rng.choice(places(value))
    old = at(value, path)
    if rng.random() < 0.08:
        new = rng.choice(VALUES)
    elif rng.random() < 0.12:
        new = at(value, rng.choice(places(value)))
    else:
        new = edit_one(rng, old)
    return replaced(value, path, new)


def edit_one(rng: Random, old: Any) -> Any:
    match old:
        case bool():
            return not old
        case int():
            return rng.choice((old + 1, old - 1, old * 2, -old, *NUMBERS))
        case str():
            return edit_text(rng, old)
        case list():
            return edit_list(rng, old)
        case dict():
            return edit_object(rng, old)
    return rng.choice(VALUES)


def edit_list(rng: Random, old: list[Any]) -> list[Any]:
    if not old:
        return [rng.choice(VALUES)]
    i, j = rng.randrange(len(old)), rng.randrange(len(old))
    new = old.copy()
    match rng.randrange(5):
        case 0:
            del new[i]
        case 1:
            new.insert(j, new[i])
        case 2:
            new[i], new[j] = new[j], new[i]
        case 3:
            new.reverse()
        case _:
            new.append(rng.choice(VALUES))
    return new


def edit_object(rng: Random, old: dict[str, Any]) -> dict[str, Any]:
    if not old:
        return {"added": rng.choice(VALUES)}
    one, two = rng.choice(list(old)), rng.choice(list(old))
    new = old.copy()
    match rng.randrange(5):
        case 0:
            del new[one]
        case 1:
            new[one], new[two] = new[two], new[one]
        case 2:
            new[edit_text(rng, one)] = new.pop(one)
        case 3:
            new[rng.choice(("added", "scid", "end", "start", "here", "created", "ttl"))] = new[one]
        case _:
            new[one] = None
    return new


def edit_text(rng: Random, old: str) -> str:
    """Change a text as what it is, or now and then as mere letters."""
    if rng.random() < 0.2:
        return edit_letters(rng, old)
    for form, change in FORMS.items():
        if re.fullmatch(form, old):
            return change(rng, old)
    return edit_lines(rng, old) if "\n" in old else edit_letters(rng, old)


def edit_decimal(rng: Random, old: str) -> str:
    return str(rng.choice((int(old) + 1, int(old) - 1, f"0{old}", *NUMBERS)))


def edit_hex(rng: Random, old: str) -> str:
    return edit_bytes(rng, bytes.fromhex(old)).hex()


def edit_lines(rng: Random, old: str) -> str:
    lines = old.split("\n")
    if rng.random() < 0.5:
        return "\n".join(edit_list(rng, lines))
    i = rng.randrange(len(lines))
    return "\n".join([*lines[:i], edit_text(rng, lines[i]), *lines[i + 1 :]])


def edit_letters(rng: Random, old: str) -> str:
    i = rng.randrange(len(old) + 1)
    return rng.choice((
        old[:i] + rng.choice(TEXTS) + old[i:],
        old[:i] + old[i + 1 :],
        old[:i],
        old[:i] + chr(rng.randrange(32, 127)) + old[i + 1 :],
        old.swapcase(),
        old * 2,
        rng.choice(TEXTS),
    ))  # fmt: skip


def edit_base64(rng: Random, old: str) -> str:
    data = base64.b64decode(old)
    i = rng.randrange(len(old))
    return rng.choice((
        base64.b64encode(edit_bytes(rng, data)).decode(),
        base64.b64encode(edit_bytes(rng, data)).decode(),
        old.rstrip("="),
        old + "=",
        old[:i] + "\n" + old[i:],
        old.replace("+", "-").replace("/", "_"),
        re.sub("[A-Za-z0-9+/](=+)$", r"B\1", old),
    ))  # fmt: skip


def shifted(rng: Random, old: str) -> str:
    try:
        seconds = verify.time_seconds(old)
        by = rng.choice((1, 60, 3600, 86400, 30 * 86400, 365 * 86400)) * rng.choice((1, -1))
        return verify.time_text(max(seconds + by, 0))
    except (verify.MalformedError, OverflowError):
        return old


def edit_bytes(rng: Random, old: bytes) -> bytes:
    if not old:
        return b"\0"
    i, j = sorted((rng.randrange(len(old)), rng.randrange(len(old))))
    return rng.choice((
        old[:i] + bytes([old[i] ^ 1 << rng.randrange(8)]) + old[i + 1 :],
        old[:i] + bytes([old[i] ^ 1 << rng.randrange(8)]) + old[i + 1 :],
        old[:i] + old[i + 1 :],
        old[:i] + bytes([rng.randrange(256)]) + old[i:],
        old[:i],
        old + bytes([rng.randrange(256)]),
        old[:i] + old[j:],
        old[:j] + old[i:j] + old[j:],
        bytes(len(old)),
        edit_spelling(rng, old),
    ))  # fmt: skip


def edit_spelling(rng: Random, old: bytes) -> bytes:
    """The same JSON, or nearly the same, spelled differently; other bytes become upper case."""
    try:
        value = json.loads(old)
    except ValueError:
        return old.upper()
    text = old.decode()
    spot = rng.choice([m.end() for m in re.finditer("[,:{[]", text)] or [0])
    return rng.choice((
        json.dumps(value).encode(),
        json.dumps(value, indent=1, ensure_ascii=False).encode(),
        old + b"\n",
        b"\xef\xbb\xbf" + old,
        (text[:spot] + " " + text[spot:]).encode(),
        re.sub("([0-9])([,}])", r"\1.0\2", text, count=1).encode(),
        re.sub("([:,])0([,}])", r"\1-0\2", text, count=1).encode(),
        text.replace("a", "\\u0061", 1).encode(),
        re.sub('("[A-Za-z]+":"[^"]*"),', r"\1,\1,", text, count=1).encode(),
        b"[" * 17 + old + b"]" * 17,
    ))  # fmt: skip


def crossed(rng: Random, value: Any, other: Any) -> Any:
    """A part of `other` in the same place, as far as there is one."""
    shared = [path for path in places(value) if path and has(other, path)]
    path = rng.choice(shared)
    return replaced(value, path, at(other, path))


def has(value: Any, path: tuple[Any, ...]) -> bool:
    try:
        at(value, path)
    except (LookupError, TypeError):
        return False
    return True


def other_signature(rng: Random, signature: bytes) -> bytes:
    """The other signature that holds for the same message, or one that is none."""
    r, s = verify.p256_numbers(signature)
    order = verify.ORDER_P256
    numbers = rng.choice(
        ((r, order - s), (r, order - s), (0, s), (r, 0), (order, s), (r, s + order))
    )
    return verify.der(0x30, *map(verify.der_integer, numbers))


FORMS: dict[str, Callable[[Random, str], str]] = {
    r"[0-9-]{10}T[0-9:]{8}Z": shifted,
    "[0-9]{1,16}": edit_decimal,
    "(?:[0-9a-f]{2})+": edit_hex,
    "(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?": edit_base64,
}
