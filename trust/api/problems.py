"""Errors on the wire: RFC 9457 problems, all from one table.

    {"type": "https://w3id.org/touchplate/problems/<code>", "title", "status", "code",
     "detail", "param" (which member or parameter, where known), "request_id"}

`code` is stable and for machines; `detail` quotes the offending value, which is text from outside.
"""

import logging
from http import HTTPStatus
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from trust.core.canonical import Json, canonical
from trust.core.errors import (
    Conflict,
    HandleTaken,
    Malformed,
    NotAllowed,
    NotFound,
    NotInTrustFile,
    TooMany,
    TouchplateError,
    Unavailable,
    VerificationFailed,
)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "https://w3id.org/touchplate/problems/"
REQUEST_ID = "touchplate.request_id"  # where a request's id stands in its ASGI scope
RETRY_SECONDS = 5  # after an Unavailable: a restart takes about as long

_log = logging.getLogger(__name__)


class Problem(NamedTuple):
    """One row of the table."""

    status: int
    code: str
    title: str


# The first class of an error's ancestry that stands here decides.
PROBLEMS: dict[type[TouchplateError], Problem] = {
    Malformed: Problem(422, "malformed", "Not in the expected format"),
    NotInTrustFile: Problem(422, "not_listed", "Signed by something that is not listed"),
    VerificationFailed: Problem(422, "verification_failed", "A check did not hold"),
    NotAllowed: Problem(403, "not_allowed", "The signer may not do this"),
    Conflict: Problem(409, "conflict", "Another value already stands there"),
    HandleTaken: Problem(409, "handle_taken", "The handle is taken or looks like a taken one"),
    TooMany: Problem(429, "too_many", "Too many requests, try later"),
    NotFound: Problem(404, "not_found", "Nothing is recorded under that name"),
    Unavailable: Problem(503, "unavailable", "Not available now, try later"),
}
BAD_PARAMETER = Problem(422, "bad_parameter", "A parameter was not understood")
NO_SUCH_ROUTE = Problem(404, "no_such_route", "There is nothing at this address")
WRONG_METHOD = Problem(405, "method_not_allowed", "This address does not take that method")
NOT_ACCEPTABLE = Problem(406, "not_acceptable", "None of the accepted media types is offered")
BODY_TIMEOUT = Problem(408, "body_timeout", "The body did not arrive in time")
TOO_LARGE = Problem(413, "too_large", "The body is too large")
UNSUPPORTED_TYPE = Problem(415, "unsupported_type", "The body is of another type")
OTHER_HOST = Problem(421, "other_host", "This address is not served here")
INTERNAL = Problem(500, "internal_error", "An error of ours")
NOT_READY = Problem(503, "not_ready", "The registry cannot do its work now")
_HTTP = {problem.status: problem for problem in (NO_SUCH_ROUTE, WRONG_METHOD, NOT_ACCEPTABLE)}


def problem_of(error: TouchplateError) -> Problem:
    """Return the row for an error; requires one of the classes above."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


def response(
    problem: Problem,
    detail: str,
    request_id: str,
    param: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the response for a row of the table. Problems are never cached."""
    body: dict[str, Json] = {
        "type": TYPE_PREFIX + problem.code,
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "detail": detail.encode("utf-8", "backslashreplace").decode(),
        "request_id": request_id,
    }
    if param:
        body["param"] = param
    return Response(
        canonical(body),
        problem.status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )


def request_id(request: Request) -> str:
    """Return the id that the outermost middleware gave to this request."""
    return str(request.scope.get(REQUEST_ID, ""))


def install(app: FastAPI) -> None:
    """Replace every error body of FastAPI and Starlette by a problem."""
    app.add_exception_handler(TouchplateError, _on_our_error)
    app.add_exception_handler(RequestValidationError, _on_bad_parameter)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unexpected)


def of(error: TouchplateError, request_id: str) -> Response:
    """Return the response for one of our errors."""
    headers = {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_SECONDS)
    param = error.where if isinstance(error, Malformed) else None
    return response(problem_of(error), str(error), request_id, param, headers)


def _on_our_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, TouchplateError):  # the signature is Starlette's
        raise TypeError from error
    return of(error, request_id(request))


def _on_bad_parameter(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError from error
    first = error.errors()[0]
    param = str(first["loc"][-1])
    why = str(first["msg"]).lower()
    found = "" if first["type"] == "missing" else f"{str(first['input'])[:80]!r}, "
    return response(BAD_PARAMETER, f"{param}: {found}{why}", request_id(request), param)


def _on_http_error(request: Request, error: Exception) -> Response:
    """Render what the routing raises: no route, wrong method."""
    if not isinstance(error, HTTPException):
        raise TypeError from error
    phrase = HTTPStatus(error.status_code).phrase
    fallback = Problem(error.status_code, phrase.lower().replace(" ", "_"), phrase)
    problem = _HTTP.get(error.status_code, fallback)
    detail = f"{request.method} {request.url.path[:200]}"
    return response(problem, detail, request_id(request), None, dict(error.headers or {}))


def _on_unexpected(request: Request, error: Exception) -> Response:
    """Say nothing about a fault of ours but its request id; the log has the rest."""
    _log.error("request %s failed", request_id(request), exc_info=error)
    return response(INTERNAL, "please report the request id", request_id(request))
