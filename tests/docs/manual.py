"""Writes the help of every verb into cli/README.md: `python -m tests.docs.manual`."""

import re
from pathlib import Path

from trust_cli.main import SERVER_VERBS, VERBS, overview, verb_parser

MANUAL = Path(__file__).resolve().parents[2] / "cli" / "README.md"
_BLOCK = re.compile(r"(<!-- help: ([a-z -]+) -->\n)```text\n.*?```\n", re.DOTALL)


def helps() -> dict[str, str]:
    """Return what `touchplate VERB --help` prints; `-` is `touchplate --help`."""
    return {
        "-": overview(),
        **{verb: verb_parser(verb).format_help() for verb in (*VERBS, *SERVER_VERBS)},
    }


def written(text: str) -> str:
    """Return the manual with every block of help as the program prints it now."""
    printed = helps()
    return _BLOCK.sub(lambda block: f"{block[1]}```text\n{printed[block[2]]}```\n", text)


def named(text: str) -> list[str]:
    """Return the verbs whose help the manual holds, in its order."""
    return [block[2] for block in _BLOCK.finditer(text)]


if __name__ == "__main__":
    MANUAL.write_text(written(MANUAL.read_text(encoding="utf-8")), encoding="utf-8")
