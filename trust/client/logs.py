"""Reading a log over HTTP as its static files lie there (C2SP tlog-tiles): ours or anyone's."""

from typing import Final

from trust.client.address import is_near
from trust.core.encoding import DIGEST_SIZE
from trust.core.errors import Malformed, NotFound, Unavailable
from trust.core.log.note import MAX_NOTE
from trust.core.log.tile import ENTRIES, MAX_ENTRY, WIDTH, TilePath, narrow
from trust.transport.http import Server, exchange
from trust.transport.url import url_prefix

ANSWER_SECONDS: Final = 60.0
MOST_KEPT: Final = 4096  # tiles of hashes, 32 MB
_MAX_BUNDLE: Final = WIDTH * (2 + MAX_ENTRY)
_NOT_FOUND, _OK = 404, 200


class LogReader:
    """The checkpoint and the tiles below a URL. Tiles of hashes are kept: they never change."""

    def __init__(self, url: str, seconds: float = ANSWER_SECONDS) -> None:
        """Take the URL below which `checkpoint` and `tile/` lie.

        Raises:
            Malformed: no such URL, or plain http to a public address.
        """
        parts = url_prefix(url, "log")
        if parts.scheme == "http" and not is_near(parts.hostname or ""):
            raise Malformed(
                f"{url[:200]!r}: plain http is for localhost and private addresses, expected https",
                "log",
            )
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self._prefix, self._seconds = parts.path, seconds
        self._server = Server.of(parts.scheme, parts.netloc)
        self._kept: dict[TilePath, bytes] = {}

    def checkpoint(self) -> str:
        """Return the newest checkpoint; its signatures are not checked here."""
        try:
            return self._get("checkpoint", MAX_NOTE).decode()
        except UnicodeDecodeError as error:
            raise Malformed(f"not UTF-8 at byte {error.start}", "checkpoint") from error

    def tile(self, path: TilePath) -> bytes:
        """Return a tile; where a partial one is gone, the beginning of the full one.

        Raises:
            NotFound: it is not there.
            Unavailable: no answer, or none that is one.
            Malformed: the full tile in its place is none.
        """
        if path in self._kept:
            return self._kept[path]
        limit = _MAX_BUNDLE if path.level == ENTRIES else WIDTH * DIGEST_SIZE
        try:
            data = self._get(str(path), limit)
        except NotFound:
            if path.width == WIDTH:
                raise
            data = narrow(path, self._get(str(path._replace(width=WIDTH)), limit))
        if path.level != ENTRIES and len(self._kept) < MOST_KEPT:
            self._kept[path] = data
        return data

    def forget(self) -> None:
        """Forget the tiles that were read: the next look reads them again."""
        self._kept.clear()

    def _get(self, name: str, limit: int) -> bytes:
        path = f"{self._prefix}/{name}"
        try:
            answer = exchange(
                self._server, "GET", path, [], None, limit=limit, seconds=self._seconds
            )
        except Unavailable as error:
            raise Unavailable(f"{self.url} {error}") from error
        if answer.status == _NOT_FOUND:
            raise NotFound(f"{self.url} has no {name}")
        if answer.status != _OK:
            raise Unavailable(f"{self.url} answered {answer.status} for {name}")
        return answer.body
