"""The code of a device: what a new device hands to one that its person has already.

    touchplate1.<P-256 Multikey>.<hash of its next update key>.<4 check digits>

One word to copy. It holds public keys only, so it may be read by anyone; whoever swaps it on its
way would have a device of their own added, so both screens show the name of the key.
"""

import hashlib

from trust.core.encoding import crockford, crockford_normal, grouped
from trust.core.errors import Malformed
from trust.core.keys.p256 import spki
from trust.core.people.did_entry import check_scid
from trust.core.people.key_rules import Device
from trust.core.people.multikey import p256_multikey, parse_p256

PREFIX = "touchplate1"
NAME_DIGITS = 12  # 60 bits, as many as a key code
LEAST_DIGITS = 4  # of a name that is typed
_CHECK_DIGITS = 4
_PARTS = 4


def key_name(point: bytes) -> str:
    """Return the name of a P-256 key for eyes, such as `K3ZD-81QF-V7MA`: of its SPKI."""
    return grouped(crockford(hashlib.sha256(spki(point)).digest(), NAME_DIGITS))


def is_named(point: bytes, typed: str) -> bool:
    """Say whether a name that a person typed, or its first four digits or more, is of this key.

    Raises:
        Malformed: fewer than four digits, or no digits at all.
    """
    digits = crockford_normal(typed)
    if not LEAST_DIGITS <= len(digits) <= NAME_DIGITS:
        raise Malformed(
            f"{typed[:40]!r}, expected {LEAST_DIGITS} to {NAME_DIGITS} digits of a key's name"
        )
    return crockford_normal(key_name(point)).startswith(digits)


def device_code(device: Device) -> str:
    """Return the code of a device."""
    body = f"{p256_multikey(device.point)}.{device.next_hash}"
    return f"{PREFIX}.{body}.{_check(body)}"


def parse_device_code(text: str) -> Device:
    """Read the code of a device.

    Raises:
        Malformed: not one, or a character is wrong.
    """
    parts = text.strip().split(".")
    if len(parts) != _PARTS or parts[0] != PREFIX:
        raise Malformed(f"{text[:40]!r} is no code of a device, expected {PREFIX}.z..", "CODE")
    _, multikey, next_hash, check = parts
    if check != _check(f"{multikey}.{next_hash}"):
        raise Malformed("a character of the code is wrong or missing: copy the whole line", "CODE")
    point = parse_p256(multikey, "CODE")
    if point is None:
        raise Malformed("the code is of another kind of key, expected P-256", "CODE")
    return Device(point, check_scid(next_hash, "CODE"))


def _check(body: str) -> str:
    return crockford(hashlib.sha256(body.encode()).digest(), _CHECK_DIGITS)
