"""The core is handed time and bytes; it fetches nothing.

import-linter forbids the modules by which that could happen. This test forbids what needs no
import (`open`), what hides in a module that is otherwise welcome (`datetime.now`), and the imports
that are pure but too slow for a command that must start at once (specs/decisions/0001 and 0002).
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = sorted(ROOT.glob("trust/core/**/*.py"))

FORBIDDEN_CALLS = frozenset(
    {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"},
)
FORBIDDEN_MEMBERS = frozenset(
    {
        ("date", "today"),
        ("datetime", "now"),
        ("datetime", "today"),
        ("datetime", "utcnow"),
        ("os", "environ"),
        ("os", "getenv"),
        ("os", "urandom"),
        ("time", "monotonic"),
        ("time", "time"),
        ("time", "time_ns"),
    },
)
SLOW_IMPORTS = (
    "cryptography.x509",
    "cryptography.hazmat.primitives.serialization",
    "dataclasses",
    "inspect",
)


def last_name(node: ast.expr) -> str:
    """The word before the dot: `datetime` in both `datetime.now` and `datetime.datetime.now`."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def imported(node: ast.AST) -> list[str]:
    """Every module that an import statement may load."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module is not None:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def fault(node: ast.AST) -> str | None:
    """What is wrong with one node, or None."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id if node.func.id in FORBIDDEN_CALLS else None
    if isinstance(node, ast.Attribute):
        member = (last_name(node.value), node.attr)
        return ".".join(member) if member in FORBIDDEN_MEMBERS else None
    slow = [name for name in imported(node) if name in SLOW_IMPORTS]
    return f"import {slow[0]}" if slow else None


def faults(text: str) -> list[str]:
    return [found for node in ast.walk(ast.parse(text)) if (found := fault(node))]


def test_there_is_a_core() -> None:
    assert CORE


@pytest.mark.parametrize("path", CORE, ids=[str(path.relative_to(ROOT)) for path in CORE])
def test_a_core_module_is_pure_and_starts_fast(path: Path) -> None:
    assert faults(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import datetime\nnow = datetime.datetime.now(datetime.UTC)",
        "from datetime import datetime\nnow = datetime.now()",
        "import time\nat = time.time()",
        "import os\nhome = os.environ['HOME']",
        "with open('key') as stream: pass",
        "from cryptography import x509",
        "import cryptography.x509",
        "from cryptography.x509 import Name",
        "from dataclasses import dataclass",
        "from cryptography.hazmat.primitives import serialization",
    ],
)
def test_a_planted_fault_is_found(planted: str) -> None:
    assert len(faults(planted)) >= 1
