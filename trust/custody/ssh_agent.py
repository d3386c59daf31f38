"""Statement keys that an ssh-agent holds (draft-ietf-sshm-ssh-agent): it signs, and shows no key.

Only P-256, because statements are signed by nothing else. An agent signs whatever it is given, and
what it is given here begins with `DSSEv1 `, which is neither a login nor a signature of SSHSIG: a
statement can be taken for neither, nor they for a statement. A key on a security key (`sk-`) signs
more than the message, so it cannot sign statements.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from trust.core.errors import Conflict, Malformed, NotFound, Unavailable
from trust.core.keys import der
from trust.core.keys.p256 import ORDER, POINT_SIZE

MAX_MESSAGE: Final = 256 * 1024  # bytes of one message that OpenSSH's agent takes
MAX_KEYS: Final = 1024
SECONDS: Final = 60.0  # some agents ask their owner before they sign

_IDENTITIES, _ANSWER, _SIGN, _SIGNED = 11, 12, 13, 14
_KIND: Final = b"ecdsa-sha2-nistp256"
_CURVE: Final = b"nistp256"
_LENGTH: Final = 4  # bytes


class AgentKey(NamedTuple):
    """A P-256 key of an agent: its 65-byte point, and the comment by which people know it."""

    point: bytes
    comment: str


class SshAgentSigner:
    """A key in an agent. What it signs has the form that `custody/signers.py` gives."""

    def __init__(self, path: str, point: bytes) -> None:
        """Take the agent's socket and the key's point; nothing is asked yet."""
        self._path, self._point = path, point

    @property
    def public_key(self) -> bytes:
        """The 65-byte point."""
        return self._point

    def sign(self, message: bytes) -> bytes:
        """Have the agent sign a message; return DER with a low S.

        Raises:
            Malformed: a message that is longer than an agent takes.
            Unavailable: no agent answers, or this one does not hold the key any more, or refuses.
        """
        request = _string(_key_blob(self._point)) + _string(message) + bytes(_LENGTH)
        if 1 + len(request) > MAX_MESSAGE:
            raise Malformed(
                f"{len(message)} bytes to sign, and an ssh-agent takes at most {MAX_MESSAGE}; "
                "sign a directory instead of its files"
            )
        with _talking(self._path) as agent:
            kind, answer = _ask(agent, _SIGN, request)
        if kind != _SIGNED:
            raise Unavailable(
                "the ssh-agent did not sign: it does not hold the key any more (ssh-add -l), or "
                "its owner refused"
            )
        return _der(answer)


def list_keys(path: str) -> list[AgentKey]:
    """Return the P-256 keys of the agent at a socket; keys of other kinds are passed over.

    Raises:
        Unavailable: no agent answers, or what answers is none.
    """
    with _talking(path) as agent:
        kind, answer = _ask(agent, _IDENTITIES)
    if kind != _ANSWER:
        raise Unavailable(f"the ssh-agent at {path} does not list its keys")
    reader = _Reader(answer)
    count = reader.number()
    if count > MAX_KEYS:
        raise Unavailable(
            f"the ssh-agent at {path} lists {count} keys, expected at most {MAX_KEYS}"
        )
    pairs = [(reader.string(), reader.string()) for _ in range(count)]
    reader.done()
    points = [(_point(blob), comment.decode("utf-8", "replace")) for blob, comment in pairs]
    return [AgentKey(point, comment) for point, comment in points if point is not None]


def find_key(path: str, comment: str) -> AgentKey:
    """Return the one P-256 key that has this comment.

    Raises:
        NotFound: none has; the message lists those that there are.
        Conflict: two have, so that nobody would know which of them signs.
        Unavailable: as `list_keys`.
    """
    keys = list_keys(path)
    found = [key for key in keys if key.comment == comment]
    if len(found) > 1:
        raise Conflict(f"{len(found)} P-256 keys in the ssh-agent have the comment {comment!r}")
    if not found:
        there = ", ".join(repr(key.comment) for key in keys) or "none"
        raise NotFound(
            f"the ssh-agent holds no P-256 key with the comment {comment!r}; those it holds: "
            f"{there}; ssh-keygen -t ecdsa -b 256 makes one, ssh-add adds it"
        )
    return found[0]


class _Reader:
    """Reads numbers and strings of the agent's messages, each counted by four bytes."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self) -> int:
        return int.from_bytes(self._take(_LENGTH))

    def string(self) -> bytes:
        return self._take(self.number())

    def done(self) -> None:
        if self._at != len(self._data):
            raise _not_an_agent()

    def _take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise _not_an_agent()
        self._at += size
        return part


@contextmanager
def _talking(path: str) -> Iterator[socket.socket]:
    try:
        with socket.socket(socket.AF_UNIX) as agent:
            agent.settimeout(SECONDS)
            agent.connect(path)
            yield agent
    except OSError as error:
        why = error.strerror or str(error)
        raise Unavailable(f"no ssh-agent answers at {path}: {why.lower()}") from error


def _ask(agent: socket.socket, kind: int, content: bytes = b"") -> tuple[int, bytes]:
    """Send one message; return the kind of the answer and what it holds."""
    agent.sendall(_string(bytes([kind]) + content))
    size = int.from_bytes(_receive(agent, _LENGTH))
    if not 1 <= size <= MAX_MESSAGE:
        raise _not_an_agent()
    answer = _receive(agent, size)
    return answer[0], answer[1:]


def _receive(agent: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = agent.recv(size - len(data))
        if not part:
            raise _not_an_agent()
        data += part
    return data


def _point(blob: bytes) -> bytes | None:
    """Return the point of a public key blob (RFC 5656 section 3.1); None for another kind."""
    reader = _Reader(blob)
    if reader.string() != _KIND:
        return None
    curve, point = reader.string(), reader.string()
    reader.done()
    return point if curve == _CURVE and len(point) == POINT_SIZE and point[0] == 4 else None  # noqa: PLR2004 - the uncompressed form


def _der(answer: bytes) -> bytes:
    """Turn a signature (RFC 5656 section 3.1.2) into DER; its S may be high, ours is low."""
    outer = _Reader(answer)
    signature = _Reader(outer.string())
    outer.done()
    if signature.string() != _KIND:
        raise _not_an_agent()
    numbers = _Reader(signature.string())
    signature.done()
    r, s = int.from_bytes(numbers.string()), int.from_bytes(numbers.string())
    numbers.done()
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise _not_an_agent()
    return der.sequence(der.integer(r), der.integer(min(s, ORDER - s)))


def _key_blob(point: bytes) -> bytes:
    return _string(_KIND) + _string(_CURVE) + _string(point)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(_LENGTH, "big") + data


def _not_an_agent() -> Unavailable:
    return Unavailable("what answers as the ssh-agent does not speak its protocol")
