"""Requests and answers without a socket: what is sent, and what each answer means."""

import pytest

from trust.client import requests
from trust.client.address import public_url
from trust.core.canonical import Json, canonical
from trust.core.errors import (
    Conflict,
    Malformed,
    NotAllowed,
    NotFound,
    TooMany,
    TouchplateError,
    Unavailable,
)
from trust.transport.answer import Answer


def problem(status: int, detail: Json = "why", retry_after: int = 0) -> Answer:
    body = canonical({"status": status, "detail": detail})
    return Answer(status, requests.PROBLEM_TYPE, body, retry_after)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("https://registry.example", "https://registry.example"),
        ("HTTPS://Registry.Example/", "https://registry.example"),
        ("https://registry.example:8443", "https://registry.example:8443"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://0a1b2c3d.localhost", "http://0a1b2c3d.localhost"),
        ("http://192.168.1.7:8080", "http://192.168.1.7:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_public_url_is_scheme_host_and_port(typed: str, read: str) -> None:
    assert public_url(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "registry.example",
        "ftp://registry.example",
        "https://",
        "https://registry.example/path",
        "https://registry.example?x=1",
        "https://user@registry.example",
        "https://registry.example:0",
        "https://registry.example:99999",
        "https://registry.example:8x",
        "https://..",
        "https://-a.example",
        "https://[::1",
        "https://[zz]",
        "https://[::1]x80",
        "https://a\nb",
    ],
)
def test_anything_else_is_no_public_url(typed: str) -> None:
    with pytest.raises(Malformed):
        public_url(typed)


@pytest.mark.parametrize("host", ["registry.example", "8.8.8.8", "localhost.example"])
def test_plain_http_to_the_open_internet_is_refused(host: str) -> None:
    with pytest.raises(Malformed, match="plain http"):
        public_url(f"http://{host}")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Malformed),
        (403, NotAllowed),
        (404, NotFound),
        (409, Conflict),
        (413, Malformed),
        (422, Malformed),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_problem_becomes_the_error_that_it_means(
    status: int, kind: type[TouchplateError]
) -> None:
    with pytest.raises(kind, match="why"):
        requests.dossier("0123456789abcdef").read(problem(status))


def test_a_rate_limit_carries_its_seconds() -> None:
    with pytest.raises(TooMany) as caught:
        requests.trust_file().read(problem(429, retry_after=30))
    assert caught.value.retry_after == 30


def test_a_problem_that_cannot_be_read_still_has_a_status() -> None:
    with pytest.raises(NotAllowed, match="answered 403"):
        requests.trust_file().read(Answer(403, requests.PROBLEM_TYPE, b"{"))
    with pytest.raises(Conflict, match="answered 409"):
        requests.trust_file().read(problem(409, detail=7))


@pytest.mark.parametrize("status", [204, 403, 404, 502])
def test_what_is_no_registry_is_unavailable_not_a_refusal(status: int) -> None:
    """A captive portal's 403 must not make `push` give up a signed statement."""
    with pytest.raises(Unavailable, match=str(status)):
        requests.dossier("0123456789abcdef").read(Answer(status, "text/html", b"<h1>Log in</h1>"))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"attestations":[{"id":"../../x"}]}', b"{1.5:2}"])
def test_a_list_that_is_none_is_no_answer_of_a_registry(body: bytes) -> None:
    with pytest.raises(Unavailable, match="what no registry answers"):
        requests.attestations(bytes(32)).read(Answer(200, "application/json", body))


@pytest.mark.parametrize("body", [b"", b"<h1>Welcome</h1>", b"{}", b"[]", b'{"id":"x"}'])
def test_a_201_that_is_none_is_no_refusal_of_what_was_sent(body: bytes) -> None:
    """Whoever takes it for one forgets a signed statement that may be published."""
    with pytest.raises(Unavailable, match="what no registry answers"):
        requests.publish({}).read(Answer(201, "application/json", body))


def test_what_is_sent() -> None:
    assert requests.trust_file(3).request.path == "/v1/trust/3"
    assert requests.attestations(bytes(32)).request.path.endswith(f"sha256:{'00' * 32}")
    assert requests.status([b"\1" * 32, b"\2" * 32]).request.path == (
        f"/v1/status?of={'01' * 32}&of={'02' * 32}"
    )
    sent = requests.publish({"b": 1, "a": 2}).request
    assert (sent.method, sent.body) == ("POST", b'{"a":2,"b":1}')
