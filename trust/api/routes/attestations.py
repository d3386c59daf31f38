"""Attestations: what was signed, by id or by the digest of a file in hand."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from trust.api import schemas
from trust.api.access import JSON, TheRegistry, cached, cached_json
from trust.api.negotiation import preferred
from trust.core.canonical import canonical
from trust.core.encoding import hex_decode
from trust.core.errors import Malformed
from trust.core.registry.dossier import MEDIA_TYPE as DOSSIER_TYPE
from trust.core.signing.bundle import MEDIA_TYPE as BUNDLE_TYPE
from trust.core.signing.identity import parse_id

router = APIRouter()

HTML = "text/html"
OFFERED = (JSON, DOSSIER_TYPE, BUNDLE_TYPE, HTML)
_PREFIX = "sha256:"


@router.get(
    "/v1/attestations",
    responses={200: {"model": schemas.AttestationList}},
    summary="Find attestations by the digest of a file",
)
def find(
    request: Request,
    registry: TheRegistry,
    digest: Annotated[str, Query(description="sha256: and 64 lower-case hex digits")],
) -> Response:
    """Answer with a list, an empty one when nothing is recorded: that does not mean it is bad."""
    if not digest.startswith(_PREFIX):
        raise Malformed(f"{digest[:80]!r}, expected sha256: and 64 hex digits", "digest")
    found = registry.attestations(hex_decode(digest.removeprefix(_PREFIX), "digest"))
    return cached_json(request, {"attestations": found})


@router.get(
    "/v1/attestations/{statement_id}",
    responses={
        200: {
            "model": schemas.Attestation,
            "content": {
                DOSSIER_TYPE: {"schema": {"type": "object"}},
                BUNDLE_TYPE: {"schema": {"type": "object"}},
            },
        },
        303: {"description": "`text/html` is asked for: the page"},
    },
    summary="One attestation as JSON, dossier or bundle",
)
def read(
    request: Request,
    registry: TheRegistry,
    statement_id: Annotated[str, Path(description="16 Crockford digits, in any case")],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Answer in the form that `Accept` prefers; JSON when it does not say."""
    canonical_id = parse_id(statement_id)
    form = preferred(accept, OFFERED)
    if form is None:
        raise HTTPException(406)
    if form == HTML:
        answer: Response = RedirectResponse(f"/v/{canonical_id}", 303)
    elif form == DOSSIER_TYPE:
        answer = cached(request, registry.dossier(canonical_id), form)
    elif form == BUNDLE_TYPE:
        answer = cached(request, canonical(registry.bundle(canonical_id).to_json()), form)
    else:
        answer = cached_json(request, registry.attestation(canonical_id))
    answer.headers["Vary"] = "Accept"
    return answer
