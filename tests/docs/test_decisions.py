"""Decision records: numbered without a gap, and honest about what they cost."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDS = sorted((ROOT / "specs" / "decisions").glob("*.md"))
HEADINGS = ["## Context", "## Decision", "## Consequences"]


def test_numbers_have_no_gap() -> None:
    assert len(RECORDS) > 1
    assert [int(path.name[:4]) for path in RECORDS] == list(range(len(RECORDS)))


@pytest.mark.parametrize("path", RECORDS, ids=[path.stem for path in RECORDS])
def test_a_record_has_its_parts(path: Path) -> None:
    text = path.read_text()
    number = "NNNN" if path.stem == "0000-template" else path.name[:4]
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", path.stem)
    assert text.startswith(f"# {number} ")
    assert re.search(r"^Date: .+\. Status: .+\.$", text, re.MULTILINE)
    assert re.findall(r"^## .+$", text, re.MULTILINE) == HEADINGS
    assert "- Good: " in text
    assert "- Bad: " in text
