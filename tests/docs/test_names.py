"""What documents and docstrings name of the code is there: a file that moves takes its name along."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for room in ("trust", "cli", "tests") for path in ROOT.glob(f"{room}/**/*.py"))
PROSE = sorted([*ROOT.glob("*.md"), *ROOT.glob("cli/*.md"), *ROOT.glob("specs/**/*.md")])
PATH = re.compile(r"(?<![\w/.-])(?:trust/(?!v\d)|cli/|tests/|specs/decisions/)[\w./-]*[\w-]")
MODULE = re.compile(
    r"\b(?:trust\.(?:core|api|web|service|storage|custody|client|commands)|trust_cli)(?:\.\w+)+"
)
SHORT = re.compile(r"`([a-z]+)\.([a-z_]+)`")  # as `judging.standing` for a file of the core
ROOMS = {path.name for path in (ROOT / "trust/core").iterdir() if path.is_dir()}


def texts(path: Path) -> Iterator[str]:
    """Yield the prose of a file: a document whole, of code its docstrings and comments."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield text
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    yield from re.findall(r"(?m)(?:^|\s)#\s(.*)$", text)


def is_there(name: str) -> bool:
    """Say whether a dotted name is a module, or something in one."""
    module, _, attribute = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return hasattr(importlib.import_module(module), attribute)
    return True


@pytest.mark.parametrize("path", [*CODE, *PROSE], ids=lambda path: str(path.relative_to(ROOT)))
def test_what_it_names_is_there(path: Path) -> None:
    prose = "\n".join(texts(path))
    named = [name for name in PATH.findall(prose) if not list(ROOT.glob(f"{name}*"))]
    dotted = [name for name in MODULE.findall(prose) if not is_there(name)]
    short = [
        f"{room}.{name}"
        for room, name in SHORT.findall(prose)
        if path in CODE
        and room in ROOMS
        and not (ROOT / "trust/core" / room / f"{name}.py").is_file()
    ]
    assert [*named, *dotted, *short] == []
