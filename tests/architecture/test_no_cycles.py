"""No module imports itself by any way round; imports for typing and inside functions count too."""

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

Graph = dict[str, set[str]]


def module_name(path: Path, base: Path) -> str:
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> dict[str, str]:
    roots = [(ROOT, "trust/**/*.py"), (ROOT / "cli", "trust_cli/**/*.py")]
    return {
        module_name(path, base): path.read_text()
        for base, pattern in roots
        for path in base.glob(pattern)
    }


def imports(text: str, known: set[str]) -> set[str]:
    """The modules of ours that one source imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            # `from package import module` needs the module, and not what the package exports
            found |= members & known or {node.module}
    return found & known


def cycle(modules: dict[str, str]) -> list[str]:
    graph: Graph = {name: imports(text, set(modules)) for name, text in modules.items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_there_is_no_cycle() -> None:
    modules = sources()
    assert "trust.core.errors" in modules
    assert cycle(modules) == []


def test_imports_are_absolute() -> None:
    relative = [
        name
        for name, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


@pytest.mark.parametrize(
    "back",
    [
        "import trust.a",
        "from trust import a",
        "from trust.a import name",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from trust.a import name",
        "def late() -> None:\n    from trust.a import name",
    ],
)
def test_a_planted_cycle_is_found(back: str) -> None:
    planted = {"trust": "", "trust.a": "from trust.b import name", "trust.b": back}
    assert set(cycle(planted)) == {"trust.a", "trust.b"}
