"""Directories of over 1,000 files, and work that comes by standard input."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Run

from trust.core.registry.dossier import SUFFIX, parse_dossier
from trust.core.signing.private import parse_private
from trust.core.signing.statement import is_manifest, parse_statement

pytestmark = pytest.mark.loopback

FILES = 1001


def tree(name: str, count: int = FILES) -> Path:
    """Make a directory of small files, a hundred in each folder."""
    folder = Path(name)
    for number in range(count):
        inner = folder / f"{number // 100:04}"
        inner.mkdir(parents=True, exist_ok=True)
        (inner / f"{number}.txt").write_text(str(number))
    return folder


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put bytes on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_large_directory_is_signed_by_its_manifest(ana: Run) -> None:
    folder = tree("site")
    (folder / "café .txt").write_text("spaces and accents")
    signed = ana("sign", "site", "--title", "The site")
    assert signed.exit == 0, signed.err
    assert "list of its 1002 files, whose names stay here" in signed.err
    dossier = parse_dossier(Path("site" + SUFFIX).read_bytes())
    statement = parse_statement(dossier.bundle.envelope.payload)
    assert is_manifest(statement)
    assert statement.private is not None
    part = parse_private(dossier.private[statement.private], "deliverable")
    assert part.names == ("site",)  # type: ignore[union-attr]
    assert b"0.txt" not in Path("site" + SUFFIX).read_bytes()
    verified = ana("verify", "site", "--signer", "@ana")
    assert verified.exit == 0, verified.out
    assert "signed “site”, a directory of 1002 files," in verified.out


def test_what_was_done_to_a_large_directory_is_found(ana: Run) -> None:
    tree("site")
    assert ana("sign", "site").exit == 0

    def refused() -> str:
        ran = ana("verify", "site")
        assert ran.exit == 1, ran.out
        return ran.out

    page = Path("site/0003/300.txt")
    page.write_text("changed")
    assert "was changed, added, removed or renamed" in refused()
    page.rename("site/0003/renamed.txt")
    page.with_name("renamed.txt").write_text("300")
    assert "MISMATCH" in refused()
    page.with_name("renamed.txt").rename(page)
    assert ana("verify", "site").exit == 0
    Path("site/.hidden").write_text("added")
    assert "one of the 1002 files here" in refused()
    shutil.rmtree("site/0003")
    assert "MISMATCH" in refused()
    single = ana("verify", "site/0001/100.txt", "--bundle", "site" + SUFFIX)
    assert (single.exit, "a whole directory was signed" in single.out) == (1, True)


def test_a_stranger_builds_the_manifest_with_stock_tools(ana: Run) -> None:
    shell = shutil.which("sh")
    if shell is None or shutil.which("sha256sum") is None:
        pytest.skip("no shell with sha256sum on this machine")
    tree("site")
    assert ana("sign", "site").exit == 0
    script = "find . -type f | sed 's,^\\./,,' | LC_ALL=C sort | xargs -d '\\n' sha256sum"
    listed = subprocess.run(
        [shell, "-c", script], cwd="site", check=True, capture_output=True
    ).stdout
    Path("manifest").write_bytes(listed)
    assert ana("verify", "manifest", "--bundle", "site" + SUFFIX).exit == 0


def test_a_hundred_thousand_files(ana: Run) -> None:
    folder = tree("archive", 1000)
    for number in range(10, 1000):  # links are files to whoever reads them, and soon made
        shutil.copytree(
            folder / f"{number % 10:04}", folder / f"{number:04}", copy_function=os.link
        )
    assert ana("sign", "archive").exit == 0
    assert Path("archive" + SUFFIX).stat().st_size < 64 * 1024
    verified = ana("verify", "archive", "--signer", "@ana")
    assert (verified.exit, "a directory of 100000 files" in verified.out) == (0, True)
    Path("archive/0999/999.txt").unlink()
    assert ana("verify", "archive").exit == 1


def test_a_large_directory_waits_for_push(ana: Run) -> None:
    tree("site")
    assert ana("sign", "site", "--offline").exit == 0
    assert ana("push").exit == 0
    assert ana("verify", "site").exit == 0


def test_a_large_directory_is_found_online(ana: Run) -> None:
    tree("site")
    assert ana("sign", "site", "-o", "elsewhere.json").exit == 0
    assert ana("verify", "site", "--online", "--signer", "@ana").exit == 0


def test_standard_input_is_signed_and_verified(ana: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    work = b"a film" * 100_000
    pipe(monkeypatch, work)
    signed = ana("sign", "-", "-o", "film.tar" + SUFFIX)
    assert signed.exit == 0, signed.err
    assert "touchplate verify - --bundle" in signed.err
    Path("film.tar").write_bytes(work)
    assert ana("verify", "film.tar", "--signer", "@ana").exit == 0
    pipe(monkeypatch, work)
    assert ana("verify", "-", "--bundle", "film.tar" + SUFFIX).exit == 0
    pipe(monkeypatch, work + b".")
    assert ana("verify", "-", "--bundle", "film.tar" + SUFFIX).exit == 1


def test_standard_input_needs_a_name(ana: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, words in (
        (("-",), f"standard input needs -o NAME{SUFFIX}"),
        (("-", "-o", "x.json"), f"standard input needs -o NAME{SUFFIX}"),
        (("-", "-o", SUFFIX), f"standard input needs -o NAME{SUFFIX}"),
        (("-", "a.txt", "-o", "x" + SUFFIX), "expected it alone"),
    ):
        pipe(monkeypatch, b"never read")
        ran = ana("sign", *arguments)
        assert (ran.exit, words in ran.why) == (2, True), ran.err
    assert list(Path().iterdir()) == []
