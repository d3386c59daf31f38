"""Texts for eyes and hands: the key code of a person, and the recovery key on paper."""

import hashlib

from trust.core.encoding import crockford, crockford_decode, crockford_normal, grouped
from trust.core.errors import Malformed

KEY_CODE_DIGITS = 12  # 60 bits: a help for eyes, never the only thing compared
SEED_SIZE = 32  # bytes of the Ed25519 seed that is the recovery key
SEED_DIGITS = 52
CHECK_DIGITS = 4  # 20 bits: one wrong digit in a million slips through


def key_code(scid: str) -> str:
    """Return the key code of a person, such as `K3ZD-81QF-V7MA`: from SHA-256(SCID)."""
    return grouped(crockford(hashlib.sha256(scid.encode()).digest(), KEY_CODE_DIGITS))


def recovery_text(seed: bytes) -> str:
    """Return a 32-byte seed as 52 digits and 4 check digits of SHA-256(seed), in groups of four."""
    if len(seed) != SEED_SIZE:
        raise Malformed(f"{len(seed)} bytes, expected a seed of {SEED_SIZE}")
    return grouped(crockford(seed, SEED_DIGITS) + _check_digits(seed))


def parse_recovery(text: str) -> bytes:
    """Read a recovery key as a person typed it: any case, dashes and blanks free, I L O as 1 1 0.

    Raises:
        Malformed: another length, or check digits that do not fit. The message never quotes the
            key, because messages end up in terminals and logs.
    """
    try:
        digits = crockford_normal(text.strip())
    except Malformed:
        # The cause quotes what was typed: it must not stay attached to the error.
        raise Malformed("a character that no recovery key has", "recovery key") from None
    if len(digits) != SEED_DIGITS + CHECK_DIGITS:
        raise Malformed(
            f"{len(digits)} digits, expected {SEED_DIGITS + CHECK_DIGITS}", "recovery key"
        )
    try:
        seed = crockford_decode(digits[:SEED_DIGITS], SEED_SIZE)
    except Malformed as error:
        raise Malformed(str(error), "recovery key") from error
    if _check_digits(seed) != digits[SEED_DIGITS:]:
        raise Malformed("the check digits do not fit, some digit is wrong", "recovery key")
    return seed


def _check_digits(seed: bytes) -> str:
    return crockford(hashlib.sha256(seed).digest(), CHECK_DIGITS)
