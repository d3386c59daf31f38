"""People: who they are here, and their own key history."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trust.api import schemas
from trust.api.access import JSON, TheRegistry, cached, cached_json
from trust.core.canonical import canonical
from trust.core.people.did import check_scid
from trust.core.signing.identity import parse_id

router = APIRouter()

Scid = Annotated[str, Path(description="the SCID, which never changes")]
JSON_LINES = "text/jsonl"


@router.get(
    "/v1/people/{who}",
    responses={200: {"model": schemas.Person}},
    summary="A person by SCID or @handle",
)
def read(
    request: Request,
    registry: TheRegistry,
    who: Annotated[str, Path(description="a SCID, or a handle with its @")],
) -> Response:
    """Answer with what is public; `name` is the profile's own word, checked by nobody."""
    return cached_json(request, registry.person(who))


@router.get(
    "/v1/enterprises/{enterprise}",
    responses={200: {"model": schemas.Enterprise}},
    summary="An enterprise by the id of its founding",
)
def read_enterprise(
    request: Request,
    registry: TheRegistry,
    enterprise: Annotated[str, Path(description="the id of the founding, 16 digits")],
) -> Response:
    """Answer with its members, those who left included: they answer for what they signed."""
    return cached_json(request, registry.enterprise(parse_id(enterprise)))


@router.get(
    "/p/{scid}/did.jsonl",
    responses={200: {"content": {JSON_LINES: {"schema": {"type": "string"}}}}},
    summary="The key history: did:webvh, one entry a line",
)
def did_log(request: Request, registry: TheRegistry, scid: Scid) -> Response:
    """Answer with every entry, each on a line in RFC 8785 form."""
    entries = registry.did_log(check_scid(scid))
    return cached(request, b"".join(canonical(item) + b"\n" for item in entries), JSON_LINES)


@router.get(
    "/p/{scid}/did.json",
    responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}},
    summary="The newest DID document",
)
def did_document(request: Request, registry: TheRegistry, scid: Scid) -> Response:
    """Answer with the `state` of the newest entry."""
    newest = registry.did_log(check_scid(scid))[-1]
    return cached_json(request, newest["state"] if isinstance(newest, dict) else None)
