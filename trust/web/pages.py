"""The pages: no cookie and no login, readable on any phone.

Those that customers read hold no script. Those on which people join and sign need one, because keys
are made and used in the browser; it comes from here alone, and speaks with this registry alone.
"""

import hashlib
from importlib import resources
from typing import Final, NamedTuple

from fastapi import APIRouter, Request
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.responses import Response

from trust.core.encoding import parse_time
from trust.core.errors import Malformed, NotFound
from trust.core.people.did import check_scid
from trust.core.signing.identity import parse_id
from trust.core.wording import maker, page, recovery
from trust.core.wording.enterprise import enterprise_rows, enterprise_sentence
from trust.core.wording.untrusted import shown
from trust.service.registry import Registry
from trust.web.view import attestation_view, groups

router = APIRouter(include_in_schema=False)

HTML: Final = "text/html; charset=utf-8"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
LOOK_UP_POLICY: Final = POLICY.replace("form-action 'none'", "form-action 'self'")
MAKER_POLICY: Final = f"{POLICY}; script-src 'self'; connect-src 'self'"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "js": "text/javascript; charset=utf-8",
}


class StaticFile(NamedTuple):
    """A file of the pages, read once."""

    data: bytes
    media_type: str
    tag: str


class Pages(NamedTuple):
    """Templates and static files, loaded when the application is made."""

    environment: Environment
    static: dict[str, StaticFile]

    @classmethod
    def load(cls) -> "Pages":
        """Read them from the package. Every value is escaped; a missing one is an error."""
        environment = Environment(
            loader=PackageLoader("trust.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["groups"] = groups
        environment.globals["words"] = page
        environment.globals["maker"] = maker
        environment.globals["recovery"] = recovery
        folder = resources.files("trust.web") / "static"
        static = {item.name: _static(item.name, item.read_bytes()) for item in folder.iterdir()}
        return cls(environment, static)

    def template(self, name: str) -> Template:
        """Return a template by its file name."""
        return self.environment.get_template(name)


@router.get("/")
def home(request: Request) -> Response:
    """Say what this is, and take a code that was typed."""
    settings = _registry(request).settings
    template = _pages(request).template("home.html")
    rendered = template.render(host=settings.netloc, public_url=settings.public_url)
    return _html(request, rendered, policy=LOOK_UP_POLICY)


@router.get("/join")
@router.get("/sign")
def make(request: Request) -> Response:
    """Let somebody join, or sign files, with a key that their browser makes and keeps."""
    template = _pages(request).template(f"{request.url.path.removeprefix('/')}.html")
    settings = _registry(request).settings
    rendered = template.render(host=settings.netloc, public_url=settings.public_url)
    return _html(request, rendered, policy=MAKER_POLICY)


@router.get("/v")
def look_up(request: Request, code: str = "") -> Response:
    """Lead from a typed code to its page."""
    try:
        return Response(None, 303, {"Location": f"/v/{parse_id(code)}"})
    except Malformed:
        return _nothing(request, page.NOT_FOUND_HEADING, code)


@router.get("/v/{code}")
@router.get("/V/{code}")
def attestation(request: Request, code: str) -> Response:
    """Show one attestation. QR codes are upper case, so `/V/` is the same page."""
    registry, pages = _registry(request), _pages(request)
    try:
        canonical_id = parse_id(code)
        verdict, dossier = registry.verdict(canonical_id, int(request.app.state.clock()))
        withdrawn = verdict.says("withdrawn")
        reason = registry.withdrawal_reason(canonical_id) if withdrawn else None
    except (Malformed, NotFound):
        return _nothing(request, page.NOT_FOUND_HEADING, code)
    url = registry.settings.public_url
    down = registry.takedown(canonical_id)
    said = page.taken_down(registry.settings.netloc, *down) if down else None
    view = attestation_view(verdict, dossier, url, canonical_id, reason, said)
    answer = _html(request, pages.template("attestation.html").render(view=view))
    if view.private is not None:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@router.get("/p/{scid}")
@router.get("/@{handle}")
def person(request: Request, scid: str = "", handle: str = "") -> Response:
    """Show a person, by SCID or by handle."""
    registry, pages = _registry(request), _pages(request)
    host = registry.settings.netloc
    try:
        found = registry.person(f"@{handle}" if handle else check_scid(scid))
    except (Malformed, NotFound):
        return _nothing(request, page.NO_PERSON_HEADING, f"@{handle}" if handle else scid)
    erased = found["erased"]
    since = parse_time(str(erased["since"])) if isinstance(erased, dict) else None
    sentence = page.person_sentence(_text(found["handle"]), host, _text(found["name"]), since)
    rendered = pages.template("person.html").render(person=found, sentence=sentence, host=host)
    return _html(request, rendered)


@router.get("/e/{enterprise}")
def enterprise(request: Request, enterprise: str) -> Response:
    """Show an enterprise and its people."""
    registry, pages = _registry(request), _pages(request)
    try:
        found = registry.enterprise(parse_id(enterprise))
    except (Malformed, NotFound):
        return _nothing(request, page.NO_ENTERPRISE_HEADING, enterprise)
    host = registry.settings.netloc
    sentence = enterprise_sentence(found, host)
    rows = enterprise_rows(found)
    rendered = pages.template("enterprise.html").render(
        enterprise=found, sentence=sentence, rows=rows, host=host
    )
    return _html(request, rendered)


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Answer with one of the few files of the pages."""
    found = _pages(request).static.get(name)
    if found is None:
        raise NotFound(f"{name[:80]!r}")
    headers = {"ETag": found.tag, "Cache-Control": "public, max-age=3600"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(None, 304, headers)
    return Response(found.data, 200, headers, found.media_type)


def _nothing(request: Request, heading: str, asked: str) -> Response:
    host = _registry(request).settings.netloc
    # What somebody put into a link stays visible and in its place: no mark in it may reorder ours.
    text = page.not_found(f"\u201c{shown(asked[:80])}\u201d", host)
    template = _pages(request).template("not_found.html")
    return _html(request, template.render(heading=heading, text=text, host=host), 404)


def _html(request: Request, text: str, status: int = 200, policy: str = POLICY) -> Response:
    """Return a page. It is kept by no cache unasked: a withdrawal must show at once."""
    body = text.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
        "ETag": tag,
    }
    if status == 200 and request.headers.get("if-none-match") == tag:  # noqa: PLR2004
        return Response(None, 304, headers)
    return Response(body, status, headers, HTML)


def _static(name: str, data: bytes) -> StaticFile:
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return StaticFile(data, _TYPES[name.rsplit(".", 1)[-1]], tag)


def _registry(request: Request) -> Registry:
    registry = request.app.state.registry
    if not isinstance(registry, Registry):
        raise TypeError("the app was not made by create_app")
    return registry


def _pages(request: Request) -> Pages:
    pages = request.app.state.pages
    if not isinstance(pages, Pages):
        raise TypeError("the app was not made by create_app")
    return pages


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
