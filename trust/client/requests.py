"""What to ask a registry and how to read its answers, without I/O.

A `Call` is a request and the reader of its answer. Whoever has a transport sends `call.request` and
hands the answer to `call.read`, which returns a value or raises what the registry's problem means:

    403 NotAllowed   404 NotFound   409 Conflict   429 TooMany   other 4xx Malformed
    503 and what is no answer of a registry at all: Unavailable

An answer is text from outside: limited in size, parsed strictly, and shown to nobody unescaped.
"""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from trust.core.canonical import Json, canonical, parse
from trust.core.encoding import b64decode
from trust.core.errors import (
    Conflict,
    HandleTaken,
    Malformed,
    NotAllowed,
    NotFound,
    TooMany,
    TouchplateError,
    Unavailable,
)
from trust.core.log.note import MAX_NOTE
from trust.core.log.tile import WIDTH
from trust.core.record import Record
from trust.core.registry.dossier import MAX_DOSSIER
from trust.core.registry.dossier import MEDIA_TYPE as DOSSIER_TYPE
from trust.core.registry.status import Status, parse_status
from trust.core.registry.trust_file import MAX_TRUST_FILE
from trust.core.registry.trust_file import MEDIA_TYPE as TRUST_TYPE
from trust.core.signing.bundle import MAX_CERTIFICATE, MAX_TOKEN, Bundle, parse_bundle
from trust.core.signing.envelope import STATEMENT_PAYLOAD, parse_envelope
from trust.core.signing.identity import parse_id
from trust.core.watching.published import UNLISTED, Unlisted
from trust.core.watching.published import Published as PublishedEntry
from trust.transport.answer import Answer

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
MAX_JSON = 4 * 1024 * 1024  # bytes of a JSON answer: three bundles, or a page of attestations
MAX_PAGE = 128 * 1024 * 1024  # bytes of a page of entries: 256 payloads, each at most 256 KiB
MAX_LISTED = 1000  # attestations in one list

Value = TypeVar("Value")


class Request(NamedTuple):
    """One request under a registry's public URL; `limit` in bytes of its answer."""

    method: str
    path: str
    accept: str
    body: bytes | None = None
    limit: int = MAX_JSON


class Call(NamedTuple, Generic[Value]):
    """A request and the reader of its answer."""

    request: Request
    read: Callable[[Answer], Value]


class Published(NamedTuple):
    """What a 201 says about one statement. `certificate` is DER, with an enrolment only."""

    id: str
    log_index: int
    bundle: Bundle
    status: Status
    certificate: bytes | None


class Listed(NamedTuple):
    """One attestation in a list: the registry's word, until its dossier is verified."""

    id: str
    scid: str
    handle: str | None


def trust_file(version: int | None = None) -> Call[bytes]:
    """Ask for the newest trust file, or for one version; the bytes are not checked here."""
    path = "/v1/trust" if version is None else f"/v1/trust/{version}"
    return Call(Request("GET", path, TRUST_TYPE, limit=MAX_TRUST_FILE), _body)


def checkpoint() -> Call[str]:
    """Ask for the newest published checkpoint; its signatures are not checked here."""
    return Call(Request("GET", "/api/v2/checkpoint", "text/plain", limit=MAX_NOTE), _text)


def dossier(statement_id: str) -> Call[bytes]:
    """Ask for the dossier of a statement; nothing in it is checked here."""
    path = f"/v1/attestations/{statement_id}"
    return Call(Request("GET", path, DOSSIER_TYPE, limit=MAX_DOSSIER), _body)


def attestations(digest: bytes) -> Call[tuple[Listed, ...]]:
    """Ask which attestations name this SHA-256; returns none when there is none."""
    path = f"/v1/attestations?digest=sha256:{digest.hex()}"
    return Call(Request("GET", path, JSON_TYPE), _answered(_read_list))


def person(who: str) -> Call[dict[str, Json]]:
    """Ask for a person by SCID or by `@handle`."""
    return Call(Request("GET", f"/v1/people/{who}", JSON_TYPE), _answered(_read_object))


def enterprise(enterprise_id: str) -> Call[dict[str, Json]]:
    """Ask for an enterprise by the id of its founding."""
    return Call(
        Request("GET", f"/v1/enterprises/{enterprise_id}", JSON_TYPE), _answered(_read_object)
    )


def status(names: Sequence[bytes]) -> Call[Status]:
    """Ask for the newest status with a proof for each name (`status_key`)."""
    query = "&".join(f"of={name.hex()}" for name in names)
    return Call(Request("GET", f"/v1/status?{query}", JSON_TYPE), _answered(_read_status))


def status_at(size: int) -> Call[Status]:
    """Ask for the snapshot of a published size, without proofs."""
    return Call(Request("GET", f"/v1/status?at={size}", JSON_TYPE), _answered(_read_status))


def did_log(scid: str) -> Call[bytes]:
    """Ask for a person's key history, `did.jsonl`; nothing in it is checked here."""
    return Call(Request("GET", f"/p/{scid}/did.jsonl", "text/jsonl"), _body)


def entries(origin: str, page: int) -> Call[dict[int, PublishedEntry | Unlisted]]:
    """Ask for the published entries 256 * page and following, by index; nothing is checked here."""
    request = Request("GET", f"/v1/entries/{origin}/{page}", JSON_TYPE, limit=MAX_PAGE)
    return Call(request, _answered(_read_entries, MAX_PAGE))


def publish(statement: dict[str, Json]) -> Call[Published]:
    """Send one statement, {envelope, private}; the answer comes when a checkpoint covers it."""
    return Call(_post(statement), _answered(_read_published))


def join(body: dict[str, Json]) -> Call[tuple[Published, ...]]:
    """Send {didLog, statements}: enrolment, handle and profile of a new person."""
    return Call(_post(body), _answered(_read_joined))


def change_keys(body: dict[str, Json]) -> Call[tuple[Published, ...]]:
    """Send {didLog, statements}: a new version of a key history, and what goes with it."""
    return Call(_post(body), _answered(_read_joined))


def _post(body: dict[str, Json]) -> Request:
    return Request("POST", "/v1/statements", JSON_TYPE, canonical(body))


def _body(answer: Answer) -> bytes:
    _check(answer)
    return answer.body


def _text(answer: Answer) -> str:
    try:
        return _body(answer).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}", "checkpoint") from error


def _answered(read: Callable[[Json], Value], limit: int = MAX_JSON) -> Callable[[Answer], Value]:
    """Read a JSON answer; a bad one is Unavailable: Malformed would say that ours was refused."""

    def reader(answer: Answer) -> Value:
        body = _body(answer)
        try:
            return read(parse(body, limit, "answer"))
        except Malformed as error:
            raise Unavailable(f"answered what no registry answers: {error}") from error

    return reader


def _read_object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Malformed("expected an object", "answer")
    return value


def _read_list(value: Json) -> tuple[Listed, ...]:
    found = Record(value, "answer").records("attestations", 0, MAX_LISTED)
    return tuple(_listed(item) for item in found)


def _listed(item: Record) -> Listed:
    signer = item.record("signer")
    handle = signer.optional("handle", lambda name: signer.nullable(name, signer.text))
    return Listed(parse_id(item.text("id", 40)), signer.text("scid", 64), handle)


def _read_status(value: Json) -> Status:
    return parse_status(value, "status")


def _read_entries(value: Json) -> dict[int, PublishedEntry | Unlisted]:
    record = Record(value, "answer")
    found = {item.integer("index"): _entry(item) for item in record.records("entries", 0, WIDTH)}
    for name in ("origin", "page", "size"):
        record.raw(name)
    record.done()
    return found


def _entry(item: Record) -> PublishedEntry | Unlisted:
    if not item.has("envelope"):
        item.constant("private", UNLISTED)
        item.done()
        return Unlisted()
    private = item.raw("private")
    entry = PublishedEntry(
        envelope=parse_envelope(item.raw("envelope"), STATEMENT_PAYLOAD, f"{item.where}.envelope"),
        certificate=item.base64("certificate", MAX_CERTIFICATE),
        token=item.base64("token", MAX_TOKEN),
        handle=private.get("handle") if isinstance(private, dict) else None,
    )
    item.done()
    return entry


def _read_published(value: Json) -> Published:
    return _published(value, "answer")


def _read_joined(value: Json) -> tuple[Published, ...]:
    if not isinstance(value, list):
        raise Malformed("expected a list", "answer")
    return tuple(_published(item, f"answer[{place}]") for place, item in enumerate(value))


def _published(value: Json, where: str) -> Published:
    record = Record(value, where)
    published = Published(
        id=parse_id(record.text("id", 40)),
        log_index=record.integer("index"),
        bundle=parse_bundle(record.raw("bundle"), f"{where}.bundle"),
        status=parse_status(record.raw("status"), f"{where}.status"),
        certificate=record.optional(
            "certificate", lambda name: b64decode(record.text(name, 16384), f"{where}.{name}")
        ),
    )
    record.done()
    return published


def _check(answer: Answer) -> None:
    """Raise what an answer other than 200 and 201 means."""
    if answer.status in {200, 201}:
        return
    if answer.media_type != PROBLEM_TYPE:
        raise Unavailable(f"answered {answer.status} and not as a registry does")
    raise _problem(answer)


def _problem(answer: Answer) -> TouchplateError:
    """Read an RFC 9457 problem; one that cannot be read says no more than its status."""
    code = None
    try:
        problem = Record(parse(answer.body, MAX_JSON, "problem"), "problem")
        detail = problem.text("detail", 4096)
        code = problem.optional("code", problem.text)
    except Malformed:
        detail = f"answered {answer.status}"
    match answer.status:
        case 403:
            return NotAllowed(detail)
        case 404:
            return NotFound(detail)
        case 409:
            return HandleTaken(detail) if code == "handle_taken" else Conflict(detail)
        case 429:
            return TooMany(detail, answer.retry_after)
        case status if 400 <= status < 500:  # noqa: PLR2004 - the range of RFC 9110, 15.5
            return Malformed(detail)
    return Unavailable(detail)
