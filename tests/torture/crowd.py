"""People who sign at a registry over HTTP, all at once, until it answers no more."""

import hashlib
import http.client
import json
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any, NamedTuple

from trust.client.statements import (
    Author,
    Chance,
    first_author,
    make_deliverable,
    make_identity,
    make_join,
)
from trust.core.canonical import canonical
from trust.core.encoding import b64decode
from trust.core.log.entry import leaf_entry
from trust.core.registry.trust_file import TrustFile, parse_trust_file
from trust.core.signing.envelope import Envelope
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256

ADDRESS = "127.0.0.1"
SECONDS = 20.0
JSON_HEADERS = {"Content-Type": "application/json"}


class Door:
    """One kept connection to a registry on this machine."""

    def __init__(self, port: int, named: int | None = None) -> None:
        """Go to a port; `named` is that of the public URL, if it is another one."""
        self._connection = http.client.HTTPConnection(ADDRESS, port, timeout=SECONDS)
        self._host = {"Host": f"localhost:{named or port}"}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, path: str) -> bytes:
        """Return a body; raise OSError unless the answer is 200."""
        self._connection.request("GET", path, headers=self._host)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise OSError(f"{path}: {answer.status} {body[:200]!r}")
        return body

    def post(self, body: bytes) -> tuple[int, Any]:
        """Send a statement; return status and what the answer says."""
        headers = {**self._host, **JSON_HEADERS}
        self._connection.request("POST", "/v1/statements", body, headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


class Work(NamedTuple):
    """A statement that is ready to be sent, and the leaf that it must become."""

    id: str
    body: bytes
    leaf: bytes


class Acknowledged(NamedTuple):
    """A statement and the index that the registry promised for it."""

    work: Work
    place: int


class Writer:
    """Someone who has joined."""

    def __init__(self, author: Author, certificate: bytes) -> None:
        self._author, self._certificate = author, certificate

    def prepare(self, note: str, count: int) -> list[Work]:
        """Sign for as many files, over a checkpoint."""
        return [self._work(note) for _ in range(count)]

    def _work(self, note: str) -> Work:
        digest = hashlib.sha256(secrets.token_bytes(32)).digest()
        signed = make_deliverable(self._author, {"a.bin": digest}, note, _chance())
        leaf = leaf_of(signed.envelope, self._certificate)
        return Work(signed.id, canonical(signed.to_json()), leaf)


def leaf_of(envelope: Envelope, certificate: bytes) -> bytes:
    """Return the leaf that a statement must become."""
    return leaf_entry(hashlib.sha256(envelope.pae).digest(), envelope.signature, certificate)


def join(port: int, handle: str, named: int | None = None) -> Writer:
    """Let a person join a registry; see `Door`."""
    with closing(Door(port, named)) as door:
        trust = parse_trust_file(door.get("/v1/trust"))
        note = door.get("/api/v2/checkpoint").decode()
        body, author = _newcomer(trust, note, handle)
        status, answer = door.post(body)
    if status != 201:
        raise OSError(f"joining: {status} {answer}")
    return Writer(author, b64decode(answer[0]["certificate"]))


def _newcomer(trust: TrustFile, note: str, handle: str) -> tuple[bytes, Author]:
    signer = P256Signer(generate_p256())
    update, following, recovery = (Ed25519Signer(generate_ed25519()) for _ in range(3))
    next_keys = [following.public_key, recovery.public_key]
    entry = make_identity(signer, update, next_keys, trust, int(time.time()))
    author = first_author(signer, entry, trust)
    chances = (_chance(), _chance(), _chance())
    return canonical(make_join(author, entry, note, chances, handle=handle).to_json()), author


def _chance() -> Chance:
    return Chance(secrets.token_bytes(16), secrets.token_bytes(16))


_BREATH = 0.02  # seconds after a refusal


class Crowd:
    """Threads that send what is prepared, each over a connection of its own."""

    def __init__(self, port: int, shares: Sequence[Sequence[Work]]) -> None:
        self._port = port
        self.acknowledged: list[Acknowledged] = []
        self.unanswered: list[Work] = []
        self.refused: list[tuple[Work, int]] = []
        self._threads = [threading.Thread(target=self._send, args=(share,)) for share in shares]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until all is sent, or the registry answers no more."""
        for thread in self._threads:
            thread.join()

    def _send(self, share: Sequence[Work]) -> None:
        with closing(Door(self._port)) as door:
            for work in share:
                try:
                    status, answer = door.post(work.body)
                except (OSError, http.client.HTTPException, ValueError):
                    self.unanswered.append(work)  # whether it is logged, nobody knows
                    return
                if status == 201:
                    self.acknowledged.append(Acknowledged(work, answer["index"]))
                else:
                    self.refused.append((work, status))
                    time.sleep(_BREATH)
