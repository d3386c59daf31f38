"""What is printed, and where."""

import pytest

from trust.core.verdict import Check, Code, Result, Verdict
from trust_cli.output import Output, Progress, size


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (48_200_000, "48.2 MB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("result", "row"),
    [
        (Result.YES, "  in force  yes  the text\n"),
        (Result.NO, "  in force  no   the text\n"),
        (Result.COULD_NOT_CHECK, "  in force  could not check: the text\n"),
        (Result.NOT_CHECKED, "  in force  the text\n"),
    ],
)
def test_an_answer_never_runs_into_its_text(
    result: Result, row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check = Check("in_force", result, "the text")
    Output().verdict(Verdict(Code.VALID, "Said.", (), (check,), (), (), ()))
    assert capsys.readouterr().out.startswith(row)


def test_untrusted_text_stays_on_its_indented_line(capsys: pytest.CaptureFixture[str]) -> None:
    Output().row("name", "x\nVALID  me\x1b[0m\u202e")
    Output().note("x\ny", "\rz")
    captured = capsys.readouterr()
    assert captured.out == "  name      x\\u{a}VALID  me\\u{1b}[0m\\u{202e}\n"
    assert captured.err == "  x\\u{a}y   \\u{d}z\n"


def test_json_is_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(json=True)
    output.row("a", "b")
    output.result("c")
    output.json({"name": "\u202e\x1b"})
    assert capsys.readouterr().out == '{"name": "\\u202e\\u001b"}\n'


def test_nobody_is_asked_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert Output().ask("Really?") is None
    assert capsys.readouterr().err == ""


def test_a_bar_is_for_terminals(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("hashing", 10)
    progress._next = 0  # as if 300 ms had passed
    progress.add(5)
    assert capsys.readouterr().err == ""
    progress._draws = True
    progress.add(1)
    progress.end()
    drawn = capsys.readouterr().err
    assert "hashing  [############........]  6 bytes of 10 bytes" in drawn
    assert drawn.endswith("\r\x1b[K")
