"""The trust root for stock clients, and the trust file around it for ours."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trust.api.access import IMMUTABLE, JSON, TheRegistry, cached
from trust.core.registry.trust_file import MEDIA_TYPE

router = APIRouter()


@router.get(
    "/v1/trust-root",
    responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}},
    summary="Sigstore's trusted_root.json",
)
def trust_root(request: Request, registry: TheRegistry) -> Response:
    """Answer with the trust root, nothing added."""
    return cached(request, registry.trust_root(), JSON)


@router.get(
    "/v1/trust",
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}},
    summary="The newest trust file",
)
def newest(request: Request, registry: TheRegistry) -> Response:
    """Answer with the newest version. Pin it only after comparing its root code elsewhere.

    A version holds for a year. Its successor is logged, as a `trust` statement, and served half a
    year before that ends.
    """
    return cached(request, registry.trust_file(None), MEDIA_TYPE)


@router.get(
    "/v1/trust/{version}",
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}},
    summary="One version of the trust file",
)
def one_version(
    request: Request, registry: TheRegistry, version: Annotated[int, Path(ge=1, le=2**31)]
) -> Response:
    """Answer with a version. Clients go up one by one: each is signed by the keys of the last."""
    return cached(request, registry.trust_file(version), MEDIA_TYPE, IMMUTABLE)
