"""What is committed works on every machine: no package registry's address, no machine's paths."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Put together here, so that this file does not hold what it looks for.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("golang", "org/dl"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
)
FOLDERS = ("work", "root", "tmp")
FORBIDDEN = re.compile(
    "|".join(re.escape(host) for host in HOSTS)
    # at the start of a path: a route or relative path that contains the word is something else
    + r"|(?<![\w.)}\]*~-])/(?:"
    + "|".join(FOLDERS)
    + r")(?![\w-])",
    re.ASCII,
)
SKIPPED = {".git", ".hypothesis", "__pycache__", "build", "dist", "node_modules"}


def committed() -> list[Path]:
    """Files that are, or would be, committed; without git (an unpacked archive), all of them."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return [
            path
            for path in ROOT.rglob("*")
            if path.is_file()
            and not any(
                part in SKIPPED or part.startswith(".venv") or part.endswith("_cache")
                for part in path.relative_to(ROOT).parts
            )
        ]
    listed = subprocess.run(
        [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = (ROOT / name.decode() for name in listed.split(b"\0") if name)
    return [path for path in paths if path.is_file()]


def found(text: str) -> list[str]:
    return [match.group() for match in FORBIDDEN.finditer(text)]


def test_no_registry_host_and_no_machine_path() -> None:
    files = committed()
    assert ROOT / "pyproject.toml" in files
    faults = {
        str(path.relative_to(ROOT)): hits
        for path in files
        if (hits := found(path.read_text(encoding="utf-8", errors="replace")))
    }
    assert faults == {}


@pytest.mark.parametrize(
    "planted",
    [f"--index-url https://{HOSTS[0]}/simple", *(f"cd /{name}/main" for name in FOLDERS)],
)
def test_a_planted_address_is_found(planted: str) -> None:
    assert found(planted)


@pytest.mark.parametrize("innocent", ["/v1/trust-root", "docs/root/a.md", "{home}/tmp", "/rooted"])
def test_an_innocent_path_is_not(innocent: str) -> None:
    assert found(innocent) == []
