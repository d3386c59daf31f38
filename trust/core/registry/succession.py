"""From one trust file to the next: who must have signed it, and what it may not take away.

The root keys may list what is new and end what is old. They may not rewrite what earlier versions
said, for a proof that verified under one of them would then verify no more, or another way.
"""

from collections.abc import Iterable, Iterator

from trust.core.errors import Conflict
from trust.core.registry.trust_file import (
    Authority,
    ListedKey,
    Log,
    TrustFile,
    Validity,
    check_root_signatures,
    parse_trust_file,
)


def advance(pinned: TrustFile, data: bytes) -> TrustFile:
    """Take the next version of a pinned trust file: signed by the root keys of both.

    Each list begins with what the pinned one lists, in its order (DESIGN.md section 3.12). An end
    may be set, or moved back, and never forward; a closed log stays as it is.

    Raises:
        Malformed: not a trust file.
        Conflict: not the next version, another registry's, or something listed is gone or changed.
        VerificationFailed: the root keys of the pinned file, or its own, did not sign it.
    """
    successor = parse_trust_file(data)
    if successor.public_url != pinned.public_url:
        raise Conflict(f"a trust file of {successor.public_url}, expected {pinned.public_url}")
    if successor.version != pinned.version + 1:
        raise Conflict(f"version {successor.version}, expected {pinned.version + 1}")
    check_root_signatures(successor, pinned)
    rewritten = next(_rewritten(pinned, successor), None)
    if rewritten is not None:
        raise Conflict(
            f"version {successor.version} of {pinned.public_url} may add to what version "
            f"{pinned.version} lists, and end it, not rewrite it: {rewritten}"
        )
    return successor


_Item = tuple[tuple[bytes, ...], Validity]  # what is listed, by its bytes, and for when


def _authorities(authorities: Iterable[Authority]) -> list[_Item]:
    return [(tuple(part.der for part in item.chain), item.validity) for item in authorities]


def _keys(keys: Iterable[ListedKey]) -> list[_Item]:
    return [((key.spki,), key.validity) for key in keys]


def _rewritten(before: TrustFile, after: TrustFile) -> Iterator[str]:
    yield from _logs(before.logs, after.logs)
    old, new = before.authorities, after.authorities
    yield from _listed("CA", _authorities(old), _authorities(new))
    old, new = before.timestamp_authorities, after.timestamp_authorities
    yield from _listed("time-stamping authority", _authorities(old), _authorities(new))
    yield from _listed("SCT key", _keys(before.sct_keys.values()), _keys(after.sct_keys.values()))
    yield from _listed("registry key", _keys(before.registry_keys), _keys(after.registry_keys))
    yield from _listed("status key", _keys(before.status_keys), _keys(after.status_keys))


def _listed(what: str, before: list[_Item], after: list[_Item]) -> Iterator[str]:
    if len(after) < len(before):
        yield f"{what} {len(after) + 1} is no longer listed"
    for number, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        name = f"{what} {number}"
        if new[0] != old[0]:
            yield f"{name} is another one"
        if new[1].start != old[1].start:
            yield f"{name} begins at another time"
        if old[1].end is not None and (new[1].end is None or new[1].end > old[1].end):
            yield f"{name} had an end, which is gone or later"


def _logs(before: tuple[Log, ...], after: tuple[Log, ...]) -> Iterator[str]:
    for number, old in enumerate(before):
        new = after[number] if number < len(after) else None
        if new is None or new.origin != old.origin:
            yield f"log {number + 1} is {new.origin if new else 'no more'}, not {old.origin}"
        elif (new.log_key, new.clock_key) != (old.log_key, old.clock_key):
            yield f"{old.origin} has other keys"
        elif old.closed is not None and new.closed != old.closed:
            yield f"{old.origin} was closed, and is open or ends elsewhere"
