"""The manual holds what `--help` prints, and the exits that the program has."""

import re

from tests.docs import manual
from trust.core.verdict import Code
from trust_cli import main


def test_the_help_in_the_manual_is_the_programs() -> None:
    text = manual.MANUAL.read_text(encoding="utf-8")
    assert manual.named(text) == ["-", *main.VERBS, *main.SERVER_VERBS]
    assert manual.written(text) == text, "run `make docs`"


def test_every_exit_stands_in_the_manual() -> None:
    text = manual.MANUAL.read_text(encoding="utf-8")
    listed = {int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    failures = {status for _, _, status in main._EXITS}
    verdicts = {code.exit_status for code in Code}
    assert listed == failures | verdicts | {main.INTERNAL, main.INTERRUPTED}
