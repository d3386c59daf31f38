"""Writes the description of the API: `python -m trust.api.openapi specs/openapi.json`."""

import json
import sys
from pathlib import Path

from trust.api.app import openapi


def document() -> str:
    """Return the text of specs/openapi.json."""
    return json.dumps(openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
