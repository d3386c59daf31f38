"""Handles that were erased: known no more, and never given again.

What is kept of one is an HMAC-SHA-256 of its skeleton, under a key that follows from a private key
of the registry. Whoever has the database alone cannot try names against it; the registry can.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import cached_property

from trust.core.people.handle import HANDLES_LABEL
from trust.storage.ports import Reader, Transaction


class ErasedHandles:
    """Marks handles as erased, and says which are."""

    def __init__(self, sign: Callable[[bytes], bytes]) -> None:
        """Take the signer of the registry's key for handles; its signatures are deterministic."""
        self._sign = sign

    def mark(self, transaction: Transaction, skeleton: str) -> None:
        """Keep a handle from being given again, by its skeleton."""
        transaction.insert("erased_handles", [(self._mac(skeleton),)], ignore=True)

    def has(self, database: Reader, skeleton: str) -> bool:
        """Say whether a handle with this skeleton was erased."""
        row = database.row("select 1 from erased_handles where mac = ?", (self._mac(skeleton),))
        return row is not None

    def _mac(self, skeleton: str) -> bytes:
        return hmac.digest(self._key, skeleton.encode(), "sha256")

    @cached_property
    def _key(self) -> bytes:
        return hashlib.sha256(self._sign(HANDLES_LABEL)).digest()
