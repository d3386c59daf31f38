"""What people, and people with bad intent, do at a registry behind its proxy."""

import hashlib
import http.client
import json
import re
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import NamedTuple
from urllib.parse import urlsplit

from checks import NotHeld, Visitor

from tests.topology import network
from tests.topology.services import Service
from trust.api.access import JSON
from trust.api.batch import MAX_BATCH, NDJSON
from trust.api.limits import MAX_BODY
from trust.api.routes import timestamp
from trust.client.statements import Chance, first_author, make_identity, make_join
from trust.core.canonical import canonical
from trust.core.registry.trust_file import parse_trust_file
from trust.custody.signers import Ed25519Signer, P256Signer, generate_ed25519, generate_p256
from trust.service.settings import JOINS_PER_DAY

URL = "https://registry.example"
KEY = ("--passphrase-file", "passphrase")
VERIFY = ("verify", "mark.txt", "--signer", "@ana")
SLOW = 200  # connections
HEADER_SECONDS = 10  # client_header_timeout of nginx.conf

Row = tuple[str, str]


class Answer(NamedTuple):
    """What came back over HTTP."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


Ask = Callable[..., Answer]


def all_of_them(services: dict[str, Service], near: Visitor, far: Visitor) -> list[Row]:
    """Make every visit; return a row for each.

    Raises:
        NotHeld: the first thing that did not hold.
    """
    registries = [each for name, each in services.items() if name.startswith("registry")]
    for service in services.values():
        service.check_hardening()
    rows = [
        ("services", ", ".join(services)),
        ("each of them", "an unprivileged user, read-only, no-new-privileges"),
    ]
    rows += trusted_only_with_its_ca(near, registries[0])
    rows += used(near)
    rows += over_the_web(near)
    rows += counted_by_address(near, far)
    rows += greedy(near)
    rows += slow(near)
    if len(registries) > 1:
        rows += failed_over(near, registries)
    rows += restarted(near, registries)
    if not all(service.alive for service in services.values()):
        raise NotHeld("a service has ended")
    return rows


def log_host(host: str) -> str:
    """The name of a registry's first log, made in this year."""
    return f"log{time.gmtime().tm_year}-1.{host}"


def expect(what: str, found: object, expected: object) -> None:
    """Raise NotHeld unless the two are equal."""
    if found != expected:
        raise NotHeld(f"{what}: {found!r}, expected {expected!r}")


def trusted_only_with_its_ca(near: Visitor, registry: Service) -> list[Row]:
    """Pin the registry: refused under the machine's own CAs and another private one."""
    found = re.search(r"root key (\S+);", registry.said)
    if found is None:
        raise NotHeld(f"the registry did not say its root key:\n{registry.said}")
    add = ("trust", "add", URL, "--key", found[1])
    ca = near.variables["SSL_CERT_FILE"]
    for wrong in ("", ca.replace("ca.pem", "other-ca.pem")):
        stranger = near._replace(variables={"SSL_CERT_FILE": wrong} if wrong else {})
        said = stranger.touchplate(*add, expected=75).err
        if "TLS certificate that does not hold" not in said:
            raise NotHeld(f"another refusal than that of the certificate:\n{said}")
    near.touchplate(*add)
    return [("a private CA", "SSL_CERT_FILE is enough; without it, or with another, exit 75")]


def used(near: Visitor) -> list[Row]:
    """Join, sign and verify, from another machine and by name."""
    (near.folder / "passphrase").write_text("of Ana\n")
    (near.folder / "mark.txt").write_text("struck on the plate\n")
    near.touchplate("join", "--registry", URL, "--handle", "ana", *KEY)
    near.touchplate("sign", "mark.txt", *KEY)
    verdict = near.touchplate(*VERIFY).out.splitlines()[-1]
    near.touchplate(*VERIFY, "--online")
    return [("join, sign, verify", f"{verdict[:72]} ...")]


def over_the_web(near: Visitor) -> list[Row]:
    """See the page, the log under its own name, and no other name."""
    digest = hashlib.sha256((near.folder / "mark.txt").read_bytes()).hexdigest()
    with being(near) as ask:
        listed = json.loads(ask(f"{URL}/v1/attestations?digest=sha256:{digest}").body)
        page = ask(f"{URL}/v/{listed['attestations'][0]['id']}")
        expect("page", (page.status, b"@ana" in page.body), (200, True))
        expect("HSTS", page.headers["Strict-Transport-Security"], "max-age=31536000")
        origin = log_host("registry.example")
        log = ask(f"https://{origin}/api/v2/checkpoint")
        expect("the log's own name", log.body.decode().splitlines()[0], origin)
        expect("plain http", ask("http://registry.example/v1/trust").status, 308)
        expect("another Host", ask(f"{URL}/v1/trust", {"Host": "other.example"}).status, 421)
        expect("the registry itself", reaches("10.250.250.3", 8080), expected=False)
    return [
        ("the page, the log", f"over TLS, as registry.example and {origin}"),
        ("other ways in", "plain http 308, another Host 421, the registry without the proxy: none"),
    ]


def counted_by_address(near: Visitor, far: Visitor) -> list[Row]:
    """Use up a quota while naming others: only the address that the proxy saw counts."""
    accepted, refused = [201], [429]
    with being(near) as ask:
        # one of today's joins was Ana's own
        found = [joins(ask, URL) for _ in range(JOINS_PER_DAY)]
    expect("joins of one network", found, accepted * (JOINS_PER_DAY - 1) + refused)
    with being(far) as ask:
        expect("a join of another network", joins(ask, URL), 201)
    with being(near._replace(folder=near.folder.with_name("neighbour"))) as ask:
        direct = "http://registry:8080"
        found = [joins(ask, direct) for _ in range(JOINS_PER_DAY + 1)]
    expect("joins past the proxy", found, accepted * JOINS_PER_DAY + refused)
    return [
        ("quotas", f"{JOINS_PER_DAY} joins of one network, then 429; another network still may"),
        ("forged addresses", "X-Forwarded-For changes nothing, through the proxy or past it"),
    ]


def joins(ask: Ask, url: str) -> int:
    """Join as a new person who says that she comes from elsewhere; return the status."""
    named = {"Host": "registry.example"}
    trust = parse_trust_file(ask(f"{url}/v1/trust", named).body)
    note = ask(f"{url}/api/v2/checkpoint", named).body.decode()
    signer = P256Signer(generate_p256())
    update, following, recovery = (Ed25519Signer(generate_ed25519()) for _ in range(3))
    announced = [following.public_key, recovery.public_key]
    entry = make_identity(signer, update, announced, trust, int(time.time()))
    chances = tuple(Chance(secrets.token_bytes(16), secrets.token_bytes(16)) for _ in range(3))
    author = first_author(signer, entry, trust)
    handle = f"h{secrets.token_hex(8)}"  # like no other
    join = make_join(author, entry, note, (chances[0], chances[1], chances[2]), handle=handle)
    elsewhere = f"203.0.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    forged = {"X-Forwarded-For": elsewhere, "X-Real-IP": elsewhere, "Forwarded": f"for={elsewhere}"}
    return ask(f"{url}/v1/statements", {**named, **forged}, canonical(join.to_json())).status


def greedy(near: Visitor) -> list[Row]:
    """Send one byte more than is taken; what is just taken reaches the registry."""
    most = (
        ("/v1/statements", JSON, MAX_BODY, 422),
        ("/v1/statements", NDJSON, MAX_BATCH, 200),  # of one line, which is answered for itself
        (timestamp.PATH, timestamp.QUERY, timestamp.MAX_BODY, 200),  # and refused in the protocol
    )
    with being(near) as ask:
        for path, media, limit, status in most:
            for size, expected in ((limit, status), (limit + 1, 413), (2 * limit, 413)):
                answer = ask(f"{URL}{path}", {"Content-Type": media}, b" " * size)
                expect(f"{size} bytes of {media}", answer.status, expected)
                if expected == 413:
                    said = json.loads(answer.body)["detail"]
                    expect("problem", said, f"over {limit} bytes")
        unknown = ask(f"{URL}/.batch", {}, b"{}")
        expect("the proxy's own name for it", json.loads(unknown.body)["status"], 404)
    limits = ", ".join(f"{limit + 1}" for _, _, limit, _ in most)
    return [("large bodies", f"413 from {limits} bytes on, by path and type")]


def slow(near: Visitor) -> list[Row]:
    """Open connections that never end their headers: others are served, and they are closed."""
    context = ssl.create_default_context(cafile=near.variables["SSL_CERT_FILE"])
    with being(near) as ask, ExitStack() as held:
        lines = []
        for _ in range(SLOW):
            plain = held.enter_context(socket.create_connection(("registry.example", 443), 10))
            line = held.enter_context(context.wrap_socket(plain, server_hostname=URL[8:]))
            line.sendall(b"GET /v1/trust HTTP/1.1\r\nHost: registry.example\r\nX-Slow: ")
            lines.append(line)
        expect("an honest reader", ask(f"{URL}/readyz").status, 200)
        expect("a reader of what is not for readers", ask(f"{URL}/metrics").status, 404)
        for line in lines:
            line.settimeout(2 * HEADER_SECONDS)
            expect("a slow connection", ended(line), expected=True)
    return [("slow clients", f"{SLOW} half requests are closed; meanwhile others are served")]


def ended(line: ssl.SSLSocket) -> bool:
    """Whether the other side closes without an answer, in the time that the socket has."""
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def failed_over(near: Visitor, registries: list[Service]) -> list[Row]:
    """Kill one process after the other, the leader among them: whoever signs notices nothing."""
    for place, registry in enumerate(registries):
        registry.kill()
        name = f"over-{place}.txt"
        (near.folder / name).write_text(f"struck over {place}\n")
        near.touchplate("sign", name, *KEY)
        near.touchplate("verify", name, "--signer", "@ana", "--online")
        registry.start()
    return [("a process that dies", "each of three, the leader too: sign and verify go on")]


def restarted(near: Visitor, registries: list[Service]) -> list[Row]:
    """Stop the registry under its proxy: clients are told to wait, and nothing is lost."""
    with being(near) as ask:
        size = int(ask(f"{URL}/api/v2/checkpoint").body.split(b"\n")[1])
        tile = f"{URL}/api/v2/tile/0/000.p/{size}"
        before = ask(tile)
    for registry in registries:
        registry.stop()
    with being(near) as ask:
        kept = ask(tile)
        expect("a kept tile", (kept.status, kept.body), (200, before.body))
        other = ask(f"{URL}/api/v2/tile/0/000.p/{size - 1}")
        expect("a tile that nobody asked for", other.status, 503)
        answer = ask(f"{URL}/v1/trust")
        expect("while it is down", (answer.status, answer.headers["Retry-After"]), (503, "5"))
        expect("problem", json.loads(answer.body)["code"], "unavailable")
    (near.folder / "second.txt").write_text("struck again\n")
    said = near.touchplate("sign", "second.txt", *KEY, expected=75).err
    expect("a kept signature", "push" in said, expected=True)
    near.touchplate(*VERIFY)
    for registry in registries:
        registry.start()
    near.touchplate("push", *KEY)
    near.touchplate("verify", "second.txt", "--signer", "@ana", "--online")
    near.touchplate(*VERIFY, "--online")
    return [
        ("a restart", "503 with Retry-After; sign exits 75 and keeps it; push delivers it"),
        ("tiles", "the proxy keeps those that were read, also while the registry is down"),
    ]


@contextmanager
def being(visitor: Visitor) -> Iterator[Ask]:
    """Give a way to ask from a visitor's machine."""
    context = ssl.create_default_context(cafile=visitor.variables["SSL_CERT_FILE"])

    def ask(
        url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """GET, or POST a JSON body; no redirect is followed."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(parts.netloc, timeout=60, context=context)
        typed = {"Content-Type": "application/json"} if body is not None else {}
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        with closing(connection):
            method = "GET" if body is None else "POST"
            try:
                connection.request(method, target, body, {**typed, **(headers or {})})
                answer = connection.getresponse()
                return Answer(answer.status, answer.headers, answer.read())
            except (OSError, http.client.HTTPException) as error:
                raise NotHeld(f"{method} {url} was not answered: {error!r}") from error

    with network.being(visitor.folder.name):
        yield ask


def reaches(address: str, port: int) -> bool:
    """Whether a connection can be made."""
    try:
        socket.create_connection((address, port), 2).close()
    except OSError:
        return False
    return True
