"""A registry that answers without sockets, and may lie: what stands between a client and it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient
from world import World

from trust.api.app import create_app
from trust.transport.answer import Answer

Lie = Callable[[Answer], Answer]


class Wire:
    """Answers as the registry of a world does, but for the lies, by the beginning of the path."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.lies = world, dict[str, Lie]()
        self._client = TestClient(create_app(world.registry, world.clock), base_url=self.url)
        for place in ("trust.client.http.exchange", "trust.client.logs.exchange"):
            monkeypatch.setattr(place, self._exchange)

    @property
    def url(self) -> str:
        """The public URL."""
        return self.world.settings.public_url

    def restarted(self) -> None:
        """Speak with the registry that the world has open now."""
        app = create_app(self.world.registry, self.world.clock)
        self._client = TestClient(app, base_url=self.url)

    def _exchange(
        self,
        _server: object,
        method: str,
        path: str,
        headers: Sequence[tuple[str, str]],
        body: bytes | None,
        **_: Any,
    ) -> Answer:
        got = self._client.request(method, path, headers=dict(headers), content=body)
        media_type = got.headers.get("content-type", "").partition(";")[0]
        answer = Answer(got.status_code, media_type, got.content)
        for beginning, lie in self.lies.items():
            if path.startswith(beginning):
                answer = lie(answer)
        return answer


def instead(body: bytes) -> Lie:
    """Return a lie that answers with these bytes."""
    return lambda answer: answer._replace(status=200, body=body)


def changed(place: int) -> Lie:
    """Return a lie that flips a bit of the answer."""

    def lie(answer: Answer) -> Answer:
        body = bytearray(answer.body)
        body[place] ^= 1
        return answer._replace(body=bytes(body))

    return lie
