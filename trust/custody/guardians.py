"""The recovery key, split among guardians: any `needed` of them together have it (SLIP-39).

A share is 33 words that a person can write down and read out, with a checksum of its own. Fewer
shares than needed say nothing about the key. One group, no passphrase: what a guardian keeps has to
be enough in twenty years, without anything that somebody else would have to remember.

The library is the reference implementation of the standard; it takes no care of side channels, so a
key is split and put together only on a machine that its owner trusts. It is an extra,
`touchplate[guardians]`, and imported only here.
"""

from collections.abc import Sequence
from typing import Final

from trust.core.errors import Malformed, NotAllowed, NotFound
from trust.core.people.keycode import SEED_SIZE

MAX_GUARDIANS: Final = 16  # of a group, in the standard
FEWEST_NEEDED: Final = 2  # with one, every guardian would hold the whole key
_WHERE: Final = "recovery key"


def split_seed(seed: bytes, needed: int, guardians: int) -> list[str]:
    """Return one share for each guardian; any `needed` of them give the seed back.

    Raises:
        Malformed: another size of seed, or numbers of which none of the two is possible.
        NotFound: the extra is not installed.
    """
    if len(seed) != SEED_SIZE:
        raise Malformed(f"{len(seed)} bytes, expected a seed of {SEED_SIZE}", _WHERE)
    if not FEWEST_NEEDED <= needed <= guardians <= MAX_GUARDIANS:
        raise Malformed(
            f"{needed} of {guardians} guardians, expected at least {FEWEST_NEEDED} of at most "
            f"{MAX_GUARDIANS}"
        )
    _check_installed()
    from shamir_mnemonic import generate_mnemonics  # noqa: PLC0415

    (made,) = generate_mnemonics(1, [(needed, guardians)], seed)
    shares = [str(share) for share in made]
    if combine_shares(shares[:needed]) != seed:
        raise Malformed("the shares would not give the key back; nothing was shown", _WHERE)
    return shares


def combine_shares(shares: Sequence[str]) -> bytes:
    """Return the seed that enough shares give; a share that is there twice counts once.

    Raises:
        Malformed: a share that is none, or of another split; the message never quotes it, because
            messages end up in terminals and logs.
        NotAllowed: fewer than are needed.
        NotFound: the extra is not installed.
    """
    _check_installed()
    from shamir_mnemonic import MnemonicError, combine_mnemonics  # noqa: PLC0415
    from shamir_mnemonic.share import Share  # noqa: PLC0415

    read: dict[int, tuple[str, Share]] = {}
    for place, text in enumerate(shares, 1):
        words = " ".join(text.lower().split())
        try:
            share = Share.from_mnemonic(words)
        except MnemonicError:
            raise Malformed(
                f"share {place} of those given has a wrong or missing word", _WHERE
            ) from None
        read[share.index] = words, share
    parameters = {share.common_parameters() for _, share in read.values()}
    if len(parameters) != 1:
        raise Malformed("shares of one split are wanted, and these are of several", _WHERE)
    needed = next(share.member_threshold for _, share in read.values())
    if len(read) < needed:
        raise NotAllowed(f"{len(read)} of {needed} guardians: {needed - len(read)} more must agree")
    try:
        seed = combine_mnemonics([words for words, _ in list(read.values())[:needed]])
    except MnemonicError:
        raise Malformed("the shares do not fit together: one of them is false", _WHERE) from None
    if len(seed) != SEED_SIZE:
        raise Malformed(f"the shares give {len(seed)} bytes, expected {SEED_SIZE}", _WHERE)
    return bytes(seed)


def _check_installed() -> None:
    from importlib.util import find_spec  # noqa: PLC0415

    if find_spec("shamir_mnemonic") is None:
        raise NotFound("guardians want the extra: pip install 'touchplate[guardians]'")
