"""A function over 40 lines or a file over 300 says: look again."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FUNCTION = 40
MAX_FILE = 300

# Tables: long because the world is, not because the code is.
TABLES: tuple[str, ...] = ()

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    return sorted([*ROOT.glob("trust/**/*.py"), *ROOT.glob("cli/**/*.py")])


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring: a contract may be as long as it must."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None and first.end_lineno is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def long_functions(text: str) -> list[str]:
    return [
        f"{function.name}: {length(function)} lines"
        for function in functions(ast.parse(text))
        if length(function) > MAX_FUNCTION
    ]


def test_no_function_is_too_long() -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in sources()
        if (names := long_functions(path.read_text()))
    }
    assert found == {}


def test_no_file_is_too_long() -> None:
    found = {}
    for path in sources():
        lines = len(path.read_text().splitlines())
        if lines > MAX_FILE and str(path.relative_to(ROOT)) not in TABLES:
            found[str(path.relative_to(ROOT))] = lines
    assert found == {}


def test_every_exempt_table_is_still_there_and_still_long() -> None:
    needless = [
        name
        for name in TABLES
        if not (ROOT / name).is_file() or len((ROOT / name).read_text().splitlines()) <= MAX_FILE
    ]
    assert needless == []


@pytest.mark.parametrize(("lines", "refused"), [(MAX_FUNCTION, False), (MAX_FUNCTION + 1, True)])
def test_the_limit_itself(lines: int, refused: bool) -> None:  # noqa: FBT001
    body = ["def f() -> None:", '    """Contract."""', *["    pass"] * (lines - 1)]
    assert bool(long_functions("\n".join(body))) is refused
