"""Every error class of the core has its row, and no row says more than it should."""

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from trust.api import problems
from trust.core import errors
from trust.core.errors import (
    Conflict,
    HandleTaken,
    Malformed,
    NotAllowed,
    NotFound,
    NotInTrustFile,
    SubjectMismatch,
    TooMany,
    TouchplateError,
    Unavailable,
    VerificationFailed,
)

RAISED: list[tuple[TouchplateError, int, str]] = [
    (Malformed("1, expected 2", "body.envelope"), 422, "malformed"),
    (VerificationFailed(2, "bad_signature", "signature: no"), 422, "verification_failed"),
    (SubjectMismatch("changed", "a.txt"), 422, "verification_failed"),
    (NotInTrustFile(3, "ca", "the issuer"), 422, "not_listed"),
    (NotAllowed("renew first"), 403, "not_allowed"),
    (Conflict("taken"), 409, "conflict"),
    (HandleTaken("@ana"), 409, "handle_taken"),
    (TooMany("20 joins a day", 3600), 429, "too_many"),
    (NotFound("'7q2k'"), 404, "not_found"),
    (Unavailable("disk full"), 503, "unavailable"),
]


def client_that_raises(error: Exception) -> TestClient:
    app = FastAPI(openapi_url=None)
    problems.install(app)

    @app.get("/")
    def fail(number: int = 0) -> None:
        if number == 0:
            raise error

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(("error", "status", "code"), RAISED)
def test_an_error_class_has_its_status_and_code(
    error: TouchplateError, status: int, code: str
) -> None:
    answer = client_that_raises(error).get("/")
    assert answer.status_code == status
    assert answer.headers["content-type"] == problems.MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["code"], body["status"], body["detail"]) == (code, status, str(error))
    assert body["type"] == f"https://w3id.org/touchplate/problems/{code}"


def error_classes(root: type[TouchplateError]) -> Iterator[type[TouchplateError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from error_classes(kind)


def test_no_error_class_of_the_core_was_forgotten() -> None:
    in_core = {
        kind for kind in error_classes(TouchplateError) if kind.__module__ == errors.__name__
    }
    assert in_core == {type(error) for error, _, _ in RAISED}


def test_codes_are_distinct() -> None:
    rows = [row for row in vars(problems).values() if isinstance(row, problems.Problem)]
    codes = [row.code for row in (*rows, *problems.PROBLEMS.values())]
    assert len(codes) == len(set(codes))


def test_a_malformed_member_is_named() -> None:
    body = client_that_raises(Malformed("1, expected 2", "body.envelope")).get("/").json()
    assert body["param"] == "body.envelope"


def test_a_limit_says_when_to_come_back() -> None:
    assert client_that_raises(TooMany("x", 3600)).get("/").headers["retry-after"] == "3600"
    assert int(client_that_raises(Unavailable("x")).get("/").headers["retry-after"]) > 0


def test_a_fault_of_ours_tells_nothing_but_its_request(caplog: pytest.LogCaptureFixture) -> None:
    answer = client_that_raises(KeyError("/srv/secret/path")).get("/")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "secret" in caplog.text


def test_fastapis_own_errors_are_problems_too() -> None:
    client = client_that_raises(NotFound("x"))
    wrong = client.get("/", params={"number": "seven"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_parameter")
    assert wrong.json()["param"] == "number"
    assert wrong.json()["detail"].startswith("number: 'seven', input should be a valid integer")
    nowhere = client.get("/nowhere")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "no_such_route")
    method = client.delete("/")
    assert (method.status_code, method.json()["code"]) == (405, "method_not_allowed")
    assert method.headers["allow"] == "GET"
    for answer in (wrong, nowhere, method):
        assert answer.headers["content-type"] == problems.MEDIA_TYPE


def test_a_detail_that_is_no_unicode_is_still_json() -> None:
    answer = client_that_raises(Malformed("\udcff is not UTF-8")).get("/")
    assert "\\udcff" in json.loads(answer.content)["detail"]
