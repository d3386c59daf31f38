"""The manual holds what `--help` prints, and the exits that the program has."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from trust.core.verdict import Code
from trust_cli import main


@pytest.fixture(scope="module")
def manual() -> ModuleType:
    path = Path(__file__).with_name("manual.py")
    specification = importlib.util.spec_from_file_location("manual", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_help_in_the_manual_is_the_programs(manual: ModuleType) -> None:
    text = manual.MANUAL.read_text(encoding="utf-8")
    assert manual.named(text) == ["-", *main.VERBS, *main.SERVER_VERBS]
    assert manual.written(text) == text, "run `python tests/docs/manual.py`"


def test_every_exit_stands_in_the_manual(manual: ModuleType) -> None:
    text = manual.MANUAL.read_text(encoding="utf-8")
    listed = {int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    failures = {status for _, _, status in main._EXITS}
    verdicts = {code.exit_status for code in Code}
    assert listed == failures | verdicts | {main.INTERNAL, main.INTERRUPTED}
