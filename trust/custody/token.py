"""Private keys in a PKCS#11 token: an HSM, a smart card, or SoftHSM.

A key is made in the token, sensitive and not extractable, and is found again by its label. Of two
keys of one label none is taken: nobody would know which of them signs.

The library is an extra, `touchplate[pkcs11]`, and imported only here and only when a token is used.
"""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from trust.core.errors import Malformed, NotAllowed, NotFound, Unavailable
from trust.core.keys import der
from trust.custody.signers import P256_ORDER, SECRET_SIZE

if TYPE_CHECKING:
    import pkcs11

_CURVES: Final = {"p256": der.oid("1.2.840.10045.3.1.7"), "ed25519": der.oid("1.3.101.112")}
_SIZES: Final = {"p256": 65, "ed25519": 32}  # bytes of a public key


class TokenSigner:
    """A key in a token. What it signs has the form that `custody/signers.py` gives."""

    def __init__(self, token: "Token", kind: str, key: "pkcs11.SignMixin", public: bytes) -> None:
        self._token, self._kind, self._key, self._public_key = token, kind, key, public

    @property
    def public_key(self) -> bytes:
        """The 65-byte point, or the 32 bytes of Ed25519."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Have the token sign a message; raise Unavailable if it refuses."""
        from pkcs11 import Mechanism  # noqa: PLC0415

        with self._token.talking():
            if self._kind == "ed25519":
                return bytes(self._key.sign(message, mechanism=Mechanism.EDDSA))
            # SoftHSM, like most, has only the mechanism over a digest.
            digest = hashlib.sha256(message).digest()
            raw = bytes(self._key.sign(digest, mechanism=Mechanism.ECDSA))
        r, s = int.from_bytes(raw[:SECRET_SIZE]), int.from_bytes(raw[SECRET_SIZE:])
        return der.sequence(der.integer(r), der.integer(min(s, P256_ORDER - s)))


class Token:
    """A token that is open, with one session for all threads."""

    def __init__(self, module: Path, label: str, pin: bytes) -> None:
        """Open a token by its label, through the library `module` of its maker.

        Raises:
            NotFound: the extra is not installed, or there is no such library or token.
            NotAllowed: a wrong PIN.
            Unavailable: the token does not work.
        """
        try:
            import pkcs11  # noqa: PLC0415
        except ImportError as error:
            raise NotFound("a token wants the extra: pip install touchplate[pkcs11]") from error
        self._label, self._lock = label, threading.Lock()
        if not module.exists():
            raise NotFound(f"no PKCS#11 library at {module}")
        try:
            with self.talking():
                token = pkcs11.lib(str(module)).get_token(token_label=label)
                self._session = token.open(user_pin=pin.decode(), rw=True)
        except UnicodeDecodeError as error:
            raise NotAllowed(f"the PIN does not open the token {label!r}") from error

    def open(self) -> dict[str, TokenSigner]:
        """Return the keys of the token by label.

        Raises:
            Malformed: two keys of one label, or one of another kind.
            Unavailable: the token refuses.
        """
        from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415

        found: dict[str, TokenSigner] = {}
        with self.talking():
            private = list(self._session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
            public = list(self._session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}))
            points = {bytes(key[Attribute.ID]): key for key in public}
            for key in private:
                name, half = str(key[Attribute.LABEL]), points.get(bytes(key[Attribute.ID]))
                if name in found or half is None:
                    why = "twice" if name in found else "without its public half"
                    raise Malformed(f"key {name[:40]!r} is there {why}", f"token {self._label!r}")
                found[name] = self._signer(key, half)
        return found

    def add(self, kinds: Mapping[str, str]) -> dict[str, TokenSigner]:
        """Make keys in the token, label to kind; return them."""
        from pkcs11 import Attribute, KeyType, Mechanism  # noqa: PLC0415

        made = {}
        for name, kind in kinds.items():
            edwards = kind == "ed25519"
            key_type = KeyType.EC_EDWARDS if edwards else KeyType.EC
            how = Mechanism.EC_EDWARDS_KEY_PAIR_GEN if edwards else Mechanism.EC_KEY_PAIR_GEN
            with self.talking():
                domain = self._session.create_domain_parameters(
                    key_type, {Attribute.EC_PARAMS: _CURVES[kind]}, local=True
                )
                public, private = domain.generate_keypair(
                    mechanism=how, store=True, label=name, id=hashlib.sha256(name.encode()).digest()
                )
                made[name] = self._signer(private, public)
        return made

    def close(self) -> None:
        """End the session."""
        with self.talking():
            self._session.close()

    @contextmanager
    def talking(self) -> Iterator[None]:
        """Use the session alone; what the library raises comes out as ours.

        Raises:
            NotAllowed: a wrong or locked PIN.
            NotFound: no such token.
            Unavailable: everything else.
        """
        from pkcs11 import exceptions  # noqa: PLC0415

        with self._lock:
            try:
                yield
            except (exceptions.PinIncorrect, exceptions.PinLocked, exceptions.PinLenRange) as error:
                raise NotAllowed(f"the PIN does not open the token {self._label!r}") from error
            except exceptions.NoSuchToken as error:
                raise NotFound(f"there is no token {self._label!r}") from error
            except (exceptions.PKCS11Error, RuntimeError) as error:
                what = f"{type(error).__name__} {error}".strip()
                raise Unavailable(f"the token {self._label!r} refuses: {what}") from error

    def _signer(self, private: "pkcs11.Object", public: "pkcs11.Object") -> TokenSigner:
        from pkcs11 import Attribute  # noqa: PLC0415

        where = f"key {str(private[Attribute.LABEL])!r} of token {self._label!r}"
        if private[Attribute.EXTRACTABLE] or not private[Attribute.SENSITIVE]:
            raise NotAllowed(f"{where} can be read out of it; it was not made here")
        curve = bytes(public[Attribute.EC_PARAMS])
        kind = next((kind for kind, oid in _CURVES.items() if oid == curve), None)
        point = der.Reader(bytes(public[Attribute.EC_POINT]), where)
        key = point.take(der.OCTET_STRING)
        point.done()
        if kind is None or len(key) != _SIZES[kind]:
            raise Malformed("neither P-256 nor Ed25519", where)
        return TokenSigner(self, kind, cast("pkcs11.SignMixin", private), key)
