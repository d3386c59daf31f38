"""Who signs here: identity, key, certificate, and the checkpoint that dates a signature."""

import argparse
import secrets
import time
from typing import NamedTuple

from trust.client import requests
from trust.client.address import public_url
from trust.client.http import Client
from trust.client.statements import Author, Chance, make_enrolment
from trust.core.errors import Malformed, NotAllowed, NotFound, Unavailable, VerificationFailed
from trust.core.keys.signer import Signer
from trust.core.log.checkpoint import SignedCheckpoint, open_checkpoint
from trust.core.registry.trust_file import TrustFile
from trust.core.signing.identity import Principal
from trust.core.verify import verify
from trust.core.wording.dates import day
from trust.core.x509.certificate import Certificate, parse_certificate
from trust_cli.custody import open_statement_key
from trust_cli.home import Home, Identity, Pinned, read_file, write_file
from trust_cli.output import Output
from trust_cli.pinning import refresh

RENEW_BEFORE = 30 * 24 * 3600  # seconds before the end of a certificate
UPDATE_KEY, NEXT_KEY = "update", "next"  # names in the key file


class Session(NamedTuple):
    """A person at a registry. `author` signs for the trust file at hand."""

    pinned: Pinned
    identity: Identity
    signer: Signer

    @property
    def author(self) -> Author:
        """The author of statements, for the newest log that is known."""
        return Author(self.signer, self.identity.did, self.identity.version, self.pinned.trust)

    @property
    def client(self) -> Client:
        """The registry."""
        return Client(self.pinned.trust.public_url)


def who(home: Home, url: str | None) -> tuple[Pinned, Identity]:
    """Return the person of this machine, at a registry or at the only one that they joined.

    Raises:
        NotFound: nobody joined from here.
        Malformed: joined at several registries and none was named.
    """
    wanted = None if url is None else public_url(url)
    joined = [
        (item, identity)
        for item in home.pinned()
        if (identity := item.folder.identity()) is not None
        and wanted in {None, item.trust.public_url}
    ]
    if not joined:
        raise NotFound(
            f"nobody joined {wanted or 'a registry'} from here; first: touchplate join --registry "
            f"{wanted or 'URL'} --handle H"
        )
    if len(joined) > 1:
        urls = ", ".join(item.trust.public_url for item, _ in joined)
        raise Malformed(f"you joined several registries, name one with --registry: {urls}")
    return joined[0]


def open_session(pinned: Pinned, identity: Identity, args: argparse.Namespace) -> Session:
    """Unlock the statement key, wherever it lies; see `custody.open_statement_key`."""
    return Session(pinned, identity, open_statement_key(pinned.folder, args))


def fresh(session: Session) -> tuple[Session, SignedCheckpoint]:
    """Bring trust file and checkpoint up to date.

    Raises:
        Unavailable: the registry does not answer.
        VerificationFailed: its checkpoint does not hold.
    """
    pinned = refresh(session.client, session.pinned)
    checkpoint = newest_checkpoint(session.client, pinned)
    return session._replace(pinned=pinned), checkpoint


def newest_checkpoint(client: Client, pinned: Pinned) -> SignedCheckpoint:
    """Fetch the newest checkpoint, check it, and keep it for signing offline.

    Raises:
        VerificationFailed: it does not hold, or goes back behind one that was seen here.
    """
    note = client.ask(requests.checkpoint())
    log = pinned.trust.newest_log
    checkpoint = open_checkpoint(note, log.log_key, log.clock_key)
    _check_growth(checkpoint, pinned)
    write_file(pinned.folder.place("checkpoint"), note.encode())
    return checkpoint


def known_checkpoint(pinned: Pinned) -> SignedCheckpoint:
    """Return the newest checkpoint that was seen, for signing without the registry.

    Raises:
        Unavailable: none was ever seen, or it is of another log than the newest.
    """
    note = pinned.folder.checkpoint()
    log = pinned.trust.newest_log
    try:
        return open_checkpoint(note or "", log.log_key, log.clock_key)
    except (Malformed, VerificationFailed) as error:
        raise Unavailable(
            f"no checkpoint of {pinned.trust.host} is at hand, so nothing can be signed offline; "
            "signing once while it answers keeps one"
        ) from error


def _check_growth(checkpoint: SignedCheckpoint, pinned: Pinned) -> None:
    """A log only grows: fewer entries, or as many with another root, are another history."""
    try:
        seen = known_checkpoint(pinned).checkpoint
    except Unavailable:
        return
    size, root = checkpoint.checkpoint.size, checkpoint.checkpoint.root
    if size < seen.size or (size == seen.size and root != seen.root):
        raise VerificationFailed(
            5,
            "log_went_back",
            f"the log of {pinned.trust.host} has {size} entries and {seen.size} entries were seen "
            "here, or others: it was set back or forked, nothing was signed",
        )


def renew_if_needed(session: Session, checkpoint: SignedCheckpoint, output: Output) -> None:
    """Renew the certificate of the same key if it ends within 30 days, and say so.

    A registry that refuses, because it has renewed already and its answer was lost, is not in the
    way of a signature: which certificate counts is its to say, and `deliver` keeps that one.
    """
    if not ends_soon(session.pinned):
        return
    ended = _end(session.pinned)
    signed = make_enrolment(session.author, checkpoint.note, secrets.token_bytes(16))
    try:
        published = session.client.ask(requests.publish(signed.to_json()))
    except NotAllowed:
        return
    certificate = published_certificate(published, session.pinned.trust, session.author)
    write_file(session.pinned.folder.place("certificate.der"), certificate.der)
    output.note("renewed", f"your certificate{_which(ended)}")


def ends_soon(pinned: Pinned) -> bool:
    """Say whether the certificate ends within 30 days, or is missing."""
    ended = _end(pinned)
    return ended is None or ended - time.time() <= RENEW_BEFORE


def published_certificate(
    published: requests.Published, trust: TrustFile, author: Author
) -> Certificate:
    """Return the certificate of an enrolment's answer, once its own bundle has been verified.

    Raises:
        VerificationFailed: it is of another key or person than the one who asked.
    """
    certificate = verify(published.bundle, None, trust, int(time.time())).certificate
    uri = Principal("person", author.scid).uri(trust.public_url)
    if (
        certificate.point != author.signer.public_key
        or certificate.san_uri != uri
        or certificate.der != published.certificate
    ):
        raise VerificationFailed(
            3, "other_signer", "the certificate is not for this key and person"
        )
    return certificate


def new_chance() -> Chance:
    """Return a fresh salt and blind."""
    return Chance(secrets.token_bytes(16), secrets.token_bytes(16))


def _end(pinned: Pinned) -> int | None:
    data = read_file(pinned.folder.place("certificate.der"))
    return None if data is None else parse_certificate(data).not_after


def _which(ended: int | None) -> str:
    if ended is None:
        return ", which was missing here"
    return f", which {'ended' if ended <= time.time() else 'would have ended'} on {day(ended)}"
