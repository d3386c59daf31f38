"""The specifications show what the code makes, and say the numbers and words that it carries."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import spec_examples
from tests.docs.spec_world import SpecWorld
from trust.core import errors
from trust.core.canonical import Json, canonical, check_text, parse
from trust.core.errors import Malformed
from trust.core.people import handle
from trust.core.registry.status_line import STATES
from trust.core.signing import disclosure, facts, statement
from trust.core.verdict import _WORST_FIRST, Code

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs"
NO_FORMATS = {"README", "operations", "performance", "threat-model"}
FORMATS = sorted(path for path in SPECS.glob("*.md") if path.stem not in NO_FORMATS)
LIMIT = re.compile(r"^\| [^|]+ \| (\d+)[^|]* \| `(trust[\w.]+)` \|$", re.MULTILINE)
HEADINGS = ("Purpose", "Limits", "Algorithm", "Security")
# Where a heading would be empty: the whole of it is an algorithm, or there is no limit.
NEEDLESS = {
    "verification": {"Algorithm"},
    "verdict": {"Limits", "Algorithm"},
    "keys": {"Algorithm"},
}
WHITE_SPACE = {0x0A, 0x20, 0xA0, 0x1680, *range(0x2002, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F}


@pytest.fixture(scope="module")
def world() -> SpecWorld:
    return SpecWorld()


@pytest.fixture(scope="module")
def made(world: SpecWorld) -> dict[str, str]:
    return spec_examples.examples(world)


def text_of(name: str) -> str:
    return (SPECS / f"{name}.md").read_text(encoding="utf-8")


def table(text: str, marker: str) -> list[list[str]]:
    """Return the rows of the table after a marker, without its head; code marks are taken off."""
    lines = text.split(f"<!-- {marker} -->\n\n", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


# What they show.


@pytest.mark.parametrize("path", FORMATS, ids=[path.stem for path in FORMATS])
def test_its_examples_are_what_the_code_makes(path: Path, made: dict[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    assert spec_examples.written(text, made) == text, "run `make docs`"


def test_every_example_is_shown_once(made: dict[str, str]) -> None:
    shown = [name for path in FORMATS for name in spec_examples.named(path.read_text())]
    assert sorted(shown) == sorted(made)


def test_the_files_beside_them_are_what_the_code_makes(world: SpecWorld) -> None:
    folder = SPECS / "examples"
    there = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert there == spec_examples.files(world), "run `make docs`"


@pytest.mark.parametrize(
    ("spec", "block", "file"),
    [
        ("statement", "statement", "statements/deliverable.json"),
        ("bundle", "bundle", "poem.txt.sigstore.json"),
        ("entry", "leaf", "leaves/07.json"),
        ("checkpoint", "checkpoint", "checkpoint.txt"),
    ],
)
def test_a_shown_example_is_the_file(spec: str, block: str, file: str) -> None:
    data, shown = (
        (SPECS / "examples" / file).read_bytes(),
        spec_examples.shown(text_of(spec), block),
    )
    assert data == (shown.encode() if file.endswith(".txt") else canonical(loaded(shown)))


def loaded(text: str) -> Json:
    return parse(text.encode(), 1 << 20)


@pytest.mark.parametrize("path", FORMATS, ids=[path.stem for path in FORMATS])
def test_it_opens_with_an_example_and_has_its_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    opening = text.split("\n## ", 1)[0]
    assert "```" in opening or "examples/" in opening
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    wanted = set(HEADINGS) - NEEDLESS.get(path.stem, set())
    assert wanted <= set(headings)
    assert headings[0] == "Purpose"
    assert headings[-1] == "Security"


# Numbers and words.


@pytest.mark.parametrize("path", FORMATS, ids=[path.stem for path in FORMATS])
def test_its_limits_are_the_codes(path: Path) -> None:
    limits = LIMIT.findall(path.read_text(encoding="utf-8"))
    assert limits or path.stem in {"verdict", "qr"}
    for value, name in limits:
        module, _, constant = name.rpartition(".")
        assert getattr(importlib.import_module(module), constant) == int(value), name


def test_every_limit_of_the_core_is_specified() -> None:
    """A limit that no specification names is one that a stranger cannot keep."""
    listed = {name for path in FORMATS for _, name in LIMIT.findall(path.read_text())}
    missing = {
        f"{module}.{name}": value
        for module, name, value in limits_in_code()
        if f"{module}.{name}" not in listed
    }
    assert missing == {}


def limits_in_code() -> Iterator[tuple[str, str, int]]:
    """Yield module, name and value of every public limit in the core."""
    for path in sorted((ROOT / "trust" / "core").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]) if name.startswith("MAX_"):
                    yield module, name, getattr(importlib.import_module(module), name)


def test_the_types_of_statements_are_the_codes() -> None:
    rows = {row[0]: row[1] for row in table(text_of("statement"), "types")}
    assert rows == {
        **dict.fromkeys(statement.PERSON_TYPES, "person"),
        **dict.fromkeys(statement.REGISTRY_TYPES, "registry"),
    }
    rows = dict(table(text_of("statement"), "facts"))
    assert set(rows) | {"deliverable"} == set(facts._PARSERS)


def test_the_states_are_the_codes() -> None:
    row = next(line for line in text_of("status").splitlines() if line.startswith("| `state` |"))
    assert tuple(re.findall(r"`([a-z]+)`", row)[1:]) == STATES


def test_codes_and_exits_are_the_codes() -> None:
    rows = table(text_of("verification"), "codes")
    assert {row[0]: int(row[1]) for row in rows} == {code: code.exit_status for code in Code}
    order = ", ".join(map(str, _WORST_FIRST))
    assert f"the first in the order {order}." in text_of("verification")


def test_every_reason_of_the_code_is_specified_and_no_other() -> None:
    text = text_of("verification")
    listed = [row[0] for row in table(text, "reasons") + table(text, "inner reasons")]
    assert len(set(listed)) == len(listed)
    assert set(listed) == set(reasons_in_code())


def test_the_code_of_every_reason_is_specified() -> None:
    rows = table(text_of("verification"), "reasons")
    assert {row[2] for row in rows} <= set(Code)
    assert {row[0] for row in rows if row[0].startswith("unlisted_")} == {
        row[0] for row in rows if row[2] == "could_not_check" and row[0].startswith("unlisted_")
    }


def reasons_in_code() -> Iterator[str]:
    """Yield the reasons that the core's sources give, by the calls that give them."""
    for path in sorted((ROOT / "trust" / "core").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from reasons_of_call(node.func.id, node.args)
            if path.stem == "subjects" and isinstance(node, ast.Tuple):
                yield from word_of_row(node.elts)


def word_of_row(row: list[ast.expr]) -> Iterator[str]:
    """Yield the word of a row of (reason, names): the table that subjects are compared by."""
    match row:
        case [ast.Constant(value=str(word)), ast.Name()]:
            yield word


def reasons_of_call(function: str, arguments: list[ast.expr]) -> Iterator[str]:
    place = {
        "VerificationFailed": 1,
        "NotInTrustFile": 1,
        "Reason": 1,
        "SubjectMismatch": 0,
        "_broken": 0,
        "_refused": 0,
        "_cannot": 0,
    }.get(function)
    if place is None or len(arguments) <= place:
        return
    word = arguments[place]
    if isinstance(word, ast.Constant) and isinstance(word.value, str):
        yield f"unlisted_{word.value}" if function == "NotInTrustFile" else word.value


def test_the_words_of_the_disclosure_are_the_codes() -> None:
    rows = {
        row[0]: row[1].replace("`", "").split() for row in table(text_of("disclosure"), "words")
    }
    assert rows == {
        "involvement": list(disclosure.INVOLVEMENTS),
        "extent": list(disclosure.EXTENTS),
        "humanOversightLevel": list(disclosure.OVERSIGHT_LEVELS),
        "digitalSourceType": list(disclosure.SOURCE_TYPES),
        "credit": list(disclosure.CREDIT_ROLES),
    }


def test_the_table_of_look_alikes_is_the_codes() -> None:
    rows = dict(table(text_of("handle"), "skeleton"))
    letters = map(chr, range(ord("a"), ord("z") + 1))
    characters = [*letters, *map(str, range(10)), "-"]
    changed = {
        item: handle.skeleton(item)
        for item in characters
        if handle.skeleton(item) != item and item != "-"
    }
    assert rows == changed
    assert (handle.skeleton("-"), handle.skeleton("clci")) == ("", "dd")


def test_the_reserved_names_are_the_codes() -> None:
    block = text_of("handle").split("<!-- reserved -->\n\n```text\n", 1)[1].split("```", 1)[0]
    assert block.split() == sorted(handle.RESERVED)


def test_the_text_rules_are_the_codes() -> None:
    assert "U+1680, U+2002 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000" in text_of("json")
    blank, refused = set(), set()
    for number in range(0x3100):  # every control, bidi mark and white space lies below
        try:
            check_text(chr(number), "text")
        except Malformed as error:
            if "NFC" not in str(error):
                refused.add(number)
            continue
        if not chr(number).strip():
            blank.add(number)
    assert blank == WHITE_SPACE | {0x3000}
    marks = {0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    assert refused == {*range(0x20), *range(0x7F, 0xA0), *marks} - {0x0A}


def test_the_error_tree_has_no_reason_of_its_own() -> None:
    assert errors.NotInTrustFile(3, "ca", "").reason == "unlisted_ca"
