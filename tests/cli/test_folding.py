"""On a terminal a long line is folded by us, and indented: column 0 stays ours."""

import os
import pty
import subprocess
import sys
import termios
import unicodedata
from pathlib import Path

import pytest
from commandline import Signed
from hypothesis import given
from hypothesis import strategies as st

from trust_cli.folding import NARROWEST, folded

WORDS = "  maker     It says Ana decided and did without AI: writing, editing and layout."


def test_a_short_line_stays_as_it_is() -> None:
    assert folded(WORDS, 120, 12) == WORDS


def test_words_stay_whole_and_later_lines_are_indented() -> None:
    assert folded(WORDS, 46, 12).splitlines() == [
        "  maker     It says Ana decided and did",
        "            without AI: writing, editing and",
        "            layout.",
    ]


def test_a_word_that_is_too_long_is_cut_after_a_hyphen_if_it_has_one() -> None:
    assert folded(f"  recovery  {'ABCD-' * 8}EFGH", 40, 12).splitlines() == [
        "  recovery  ABCD-ABCD-ABCD-ABCD-ABCD-",
        "            ABCD-ABCD-ABCD-EFGH",
    ]
    assert folded(f"  did       {'x' * 30}", 40, 12).splitlines() == [
        f"  did       {'x' * 27}",
        f"            {'x' * 3}",
    ]


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=300),
    st.integers(NARROWEST, 90),
)
def test_no_line_is_too_wide_and_nothing_but_spaces_is_lost(text: str, width: int) -> None:
    lines = folded(f"MISMATCH  {text}", width, 2).split("\n")
    assert all(line.startswith("  ") for line in lines[1:])
    for line in lines:
        wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
        assert len(line) + wide - sum(map(bool, map(unicodedata.combining, line))) < width
    assert "".join(lines).replace(" ", "") == f"MISMATCH{text}".replace(" ", "")


@pytest.mark.parametrize("filler", [" ", "\u00a0"])
def test_a_file_name_cannot_put_a_verdict_at_column_0(
    signed: Signed, tmp_path: Path, filler: str
) -> None:
    """The name is padded so that a terminal of 80 columns would fold right before `VALID`."""
    says = "MISMATCH  This is not the file that was signed. "
    name = "x" + filler * (80 - len(says) - 1) + "VALID  @ana at localhost:8123 signed this."
    Path(name).write_bytes(b"another work")
    reader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    command = [sys.executable, "-m", "trust_cli.main", "verify", name, "--bundle"]
    done = subprocess.run(
        [*command, "a.txt.touchplate.json"],
        stdout=terminal,
        env={**os.environ, "TOUCHPLATE_HOME": str(tmp_path / "home"), "TERM": "xterm"},
        check=False,
    )
    os.close(terminal)
    lines = os.read(reader, 1 << 16).decode().replace("\x1b[1;31m", "").splitlines()
    os.close(reader)
    assert done.returncode == 1
    assert signed.id
    assert [line for line in lines if not line.startswith("  ")] == [
        line for line in lines if line.startswith("MISMATCH")
    ]
    assert any("VALID" in line for line in lines)
    assert all(len(line) < 90 for line in lines)
