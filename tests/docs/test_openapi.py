"""The published description of the API is what the routes say."""

import json
from pathlib import Path
from typing import Any

import pytest

from trust.api.openapi import document

METHODS = {"get", "post"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document())
    return found


def test_the_committed_document_is_up_to_date(root: Path) -> None:
    committed = (root / "specs" / "openapi.json").read_text(encoding="utf-8")
    assert committed == document(), "run `make docs`"


def test_every_operation_answers_errors_as_problems_and_never_as_fastapi_would(
    described: dict[str, Any],
) -> None:
    assert "ValidationError" not in document()
    for path, operations in described["paths"].items():
        assert set(operations) <= METHODS, path
        for operation in operations.values():
            answers = operation["responses"]
            assert "422" not in answers, path
            assert list(answers["default"]["content"]) == ["application/problem+json"], path


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    prefix = "#/components/schemas/"
    references = {part.split('"', 1)[0] for part in document().split(f'"$ref": "{prefix}')[1:]}
    assert references <= set(described["components"]["schemas"])


def test_the_only_write_is_a_statement_and_a_time_stamp_writes_nothing(
    described: dict[str, Any],
) -> None:
    writes = [path for path, operations in described["paths"].items() if "post" in operations]
    assert writes == ["/v1/statements", "/v1/timestamp"]
