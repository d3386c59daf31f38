"""Handles: the name that a person chose at a registry, shown as `@ana`.

A handle is 3 to 32 of a-z, 0-9 and the hyphen; no hyphen at either end and no two in a row (the
`xn--` of domain names would pass for one of ours); at least one letter, so that nobody takes a
number for a name. It is a help for eyes. Two handles with one skeleton look alike, and a registry
gives only one of them away.
"""

import re

from trust.core.errors import Malformed, NotAllowed

SHORTEST = 3  # shorter ones would be gone in a day
LONGEST = 32  # fits a badge and a line of a terminal

_GRAMMAR = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")

# The published table of look-alikes. A wide letter becomes the two narrow ones that pass for it, so
# that any reading of a run such as `vvv` ends in the same text. Applied in this order:
#   1. digits and i as the letter they imitate; wide letters split; the hyphen dropped
#   2. `cl` as d. So `ci` is d too and lucia keeps luda from joining: if a handle looks like a
#      second and that like a third, all three must be one, else luc1a passes beside lucia.
_LETTERS = str.maketrans(
    {
        "-": "",
        "0": "o",
        "1": "l",
        "2": "z",
        "5": "s",
        "6": "b",
        "8": "b",
        "9": "g",
        "i": "l",
        "q": "g",
        "m": "rn",
        "w": "vv",
    }
)
_D = ("cl", "d")

# Names that would speak for the registry, the product, its roles or its pages.
RESERVED = frozenset(
    """
    about abuse account admin administrator agent api arbiter badge billing checkpoint contact
    demo everyone examiner guild help info legal log login mail me moderator news nobody notary
    null oembed official owner payment police postmaster press privacy registry root security
    settings signin signup staff status support system team terms tile touchplate trust undefined
    verified verify webmaster witness www
    """.split()  # noqa: SIM905 - a table to be read, and one word a line is none
)


# All that a registry's key for handles signs; from that follows the key of its HMACs of handles.
HANDLES_LABEL = b"touchplate-erased-handles-v1"


def check_handle(text: str, where: str = "handle") -> str:
    """Return `text` if it has the form of a handle.

    Raises:
        Malformed: too short or long, another character, hyphens in the wrong place, only digits.
    """
    if not SHORTEST <= len(text) <= LONGEST:
        raise Malformed(
            f"{text[: LONGEST + 1]!r} has {len(text)} characters, expected {SHORTEST} to {LONGEST}",
            where,
        )
    if not _GRAMMAR.fullmatch(text):
        raise Malformed(
            f"{text!r}, expected a-z, 0-9 and single hyphens inside, with at least one letter",
            where,
        )
    return text


def skeleton(handle: str) -> str:
    """Return what a handle looks like: equal for two handles that an eye may confuse."""
    return handle.translate(_LETTERS).replace(*_D)


def check_assignable(handle: str) -> str:
    """Return a handle that a registry may still give away to someone.

    Kept apart from `check_handle`: the list of reserved names may grow, and a handle that somebody
    holds already stays readable.

    Raises:
        Malformed: not a handle.
        NotAllowed: reserved, or looks like a reserved name.
    """
    if skeleton(check_handle(handle)) in _RESERVED_SKELETONS:
        raise NotAllowed(f"{handle!r} is reserved or looks like a reserved name")
    return handle


_RESERVED_SKELETONS = frozenset(map(skeleton, RESERVED))
