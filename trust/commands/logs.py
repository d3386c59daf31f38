"""The log of a server: one JSON object a line, on standard error.

    {"level": "warning", "logger": "trust.service.upkeep", "message": "..", "time": "..Z"}

Whatever stands in a message, a line stays a line: JSON in ASCII escapes every line feed, escape
and bidirectional character. Nobody is in it: there is no access log, no address, no handle; of a
fault of ours the type and the places in the code are kept, not the message, which may quote a
request.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Final

MOST: Final = 2000  # characters of a message
_PLACES: Final = 12  # of a traceback, the innermost


class JsonLines(logging.Formatter):
    """Writes a record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, object] = {
            "time": f"{datetime.fromtimestamp(int(record.created), UTC):%Y-%m-%dT%H:%M:%SZ}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:MOST],
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            line["fault"] = type(error).__name__
            frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
            line["at"] = [f"{item.filename}:{item.lineno} {item.name}" for item in frames]
        return json.dumps(line, sort_keys=True)


def log_to_stderr() -> None:
    """Send every record of the process to standard error, ours from `info` on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("trust").setLevel(logging.INFO)
