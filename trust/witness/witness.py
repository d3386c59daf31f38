"""The witness itself: opens key and records, and answers whoever asks for a cosignature."""

import hashlib
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, NamedTuple

from trust.core.errors import Malformed, NotAllowed, NotFound, Unavailable
from trust.core.keys.signer import Signer
from trust.core.log.cosigning import SIZE_TYPE, Request
from trust.core.log.note import VerifierKey
from trust.core.log.witnessing import Refusal, decide, witness_vkey
from trust.custody.keyfile import KeyFile
from trust.custody.signers import Ed25519Signer, generate_ed25519
from trust.witness.records import Records, Transaction
from trust.witness.settings import Settings, check_name

KEYS: Final = "keys.json"
RECORDS: Final = "witness.db"
KEY_NAME: Final = "witness"
TEXT: Final = "text/plain; charset=utf-8"
_LOST: Final = (
    "{} does not hold what this key has cosigned: a witness without its records would cosign a"
    " second history. Make a new witness in another folder, with a key of its own"
)
_TWO_HISTORIES: Final = (
    "%s has signed two roots of one size. Both notes are kept in the records of this witness: they"
    " prove that the log has two histories"
)
_log = logging.getLogger(__name__)


class Said(NamedTuple):
    """An HTTP answer."""

    status: int
    media_type: str
    body: bytes


class Witness(AbstractContextManager["Witness"]):
    """Made by `open`. Its methods may be called from several threads."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        vkey: VerifierKey,
        signer: Signer,
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._records, self._clock = settings, records, clock
        self._signer = signer
        self.vkey = vkey
        with records.transaction() as transaction:
            origins = {*settings.logs, *transaction.origins()}
            for item in transaction.contradictions():
                _log.error(_TWO_HISTORIES, item.origin)
        self._by_digest = {hashlib.sha256(item.encode()).hexdigest(): item for item in origins}

    @staticmethod
    def open(settings: Settings, passphrase: bytes, clock: Callable[[], float]) -> "Witness":
        """Open the witness of a data folder; make key and records at first start.

        Raises:
            NotAllowed: a wrong passphrase; another name than at first start; a key without its
                records.
            NotFound: records without their key.
            Malformed: a name that no policy could hold, or a damaged key file.
            Unavailable: the disk refuses.
        """
        keys, records_path = settings.data / KEYS, settings.data / RECORDS
        try:
            settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"cannot make {settings.data}: {error.strerror}") from error
        if keys.exists() and not records_path.exists():
            raise NotAllowed(_LOST.format(records_path))
        records = Records(records_path)
        try:
            with records.transaction() as transaction:
                recorded = transaction.vkey()
            if recorded is None and not keys.exists():
                recorded = _begin(settings, passphrase, records)
            signer, vkey = _identity(settings, passphrase, recorded)
            return Witness(settings, records, vkey, signer, clock)
        except BaseException:
            records.close()
            raise

    @property
    def policy_line(self) -> str:
        """The line by which a log's witness policy names this witness."""
        return f"witness {self.vkey.name} {self.vkey} {self._settings.public_url.geturl()}"

    @property
    def fault(self) -> str | None:
        """Why it cosigns nothing any more, once its disk has refused."""
        return self._records.fault

    def add_checkpoint(self, body: bytes) -> Said:
        """Answer a request; what is answered with 200 is recorded durably.

        Raises:
            Unavailable: the disk refuses; nothing was cosigned.
        """
        try:
            request = Request.parse(body)
        except Malformed as error:
            return said(400, str(error))
        keys = self._settings.logs.get(request.origin, ())
        with self._records.transaction() as transaction:
            seen = transaction.seen(request.origin)
            decision = decide(request, keys, seen, int(self._clock()))
            if isinstance(decision, Refusal):
                self._keep(transaction, request, decision)
                return _refused(decision)
            line = decision.sign(self.vkey.name, self._signer)
            if decision.seen != seen:  # else asked twice in one second: the same line again
                note = decision.note
                cosigned = note._replace(signatures=(*note.signatures, line)).encode()
                transaction.record(request.origin, decision.seen, cosigned)
        # A crash before this point gives nothing away; after it the record stands.
        return Said(200, TEXT, str(line).encode())

    def checkpoint(self, digest: str) -> str:
        """Return the newest cosigned note of a log by the hex SHA-256 of its origin.

        Raises:
            NotFound: nothing was cosigned under that name.
            Unavailable: the disk refuses.
        """
        origin = self._by_digest.get(digest)
        if origin is not None:
            with self._records.transaction() as transaction:
                note = transaction.note(origin)
            if note is not None:
                return note
        raise NotFound("no checkpoint of such a log was cosigned here")

    def close(self) -> None:
        """Close the records."""
        self._records.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the records."""
        self.close()

    def _keep(self, transaction: Transaction, request: Request, refusal: Refusal) -> None:
        """Keep the proof that a log has signed two histories, and say so loudly, once."""
        if refusal.contradiction is not None and transaction.keep(
            request.origin, refusal.contradiction
        ):
            _log.error(_TWO_HISTORIES, request.origin)


def _begin(settings: Settings, passphrase: bytes, records: Records) -> str:
    """Make the key, then write down whose records these are; return its verifier key.

    A crash between the two leaves a key without records, which nobody knows of yet: the next start
    refuses it, because it cannot tell that from records that were lost. Of two processes that start
    at once one makes the key file, the other fails.
    """
    name = check_name(settings.name or settings.public_url.netloc + settings.prefix)
    secret = generate_ed25519()
    vkey = str(witness_vkey(name, Ed25519Signer(secret).public_key))
    KeyFile.create(settings.data / KEYS, {KEY_NAME: ("ed25519", secret)}, passphrase)
    with records.transaction() as transaction:
        transaction.set_vkey(vkey)
    return vkey


def _identity(
    settings: Settings, passphrase: bytes, recorded: str | None
) -> tuple[Signer, VerifierKey]:
    """Return the key, and under which name it cosigns for ever."""
    path = settings.data / KEYS
    if recorded is None:
        raise NotAllowed(_LOST.format(settings.data / RECORDS))
    vkey = VerifierKey.parse(recorded)
    signer = KeyFile.open(path, passphrase).get(KEY_NAME)
    if signer is None or signer.public_key != vkey.key:
        raise NotAllowed(f"{path} holds another key than {settings.data / RECORDS} belongs to")
    if settings.name not in {None, vkey.name}:
        raise NotAllowed(
            f"this witness is called {vkey.name!r} since its first start, not {settings.name!r}: a"
            " key cosigns under one name"
        )
    return signer, vkey


def _refused(refusal: Refusal) -> Said:
    if refusal.size is not None:
        return Said(refusal.status, SIZE_TYPE, f"{refusal.size}\n".encode())
    return said(refusal.status, refusal.why)


def said(status: int, text: str) -> Said:
    """Return an answer of one line for eyes."""
    return Said(status, TEXT, f"{text}\n".encode())
