"""The core behind the protocol of specs/vectors/README.md: questions on stdin, answers on stdout."""

import json
import sys
from typing import Any

from tests.vectors.objects import OBJECTS
from trust.core.errors import Conflict, Malformed, VerificationFailed

Answer = dict[str, Any]


def answer(question: Answer) -> Answer:
    """Return the answer to one question."""
    handler = OBJECTS.get(question["object"])
    if handler is None:
        return {"result": "unsupported"}
    try:
        value = handler(question["input"])
    except Malformed as error:
        return {"result": "malformed", "detail": str(error)}
    except VerificationFailed as error:
        return {
            "result": "invalid",
            "step": error.step,
            "reason": error.reason,
            "detail": str(error),
        }
    except Conflict as error:
        return {"result": "conflict", "detail": str(error)}
    if question["object"] == "verification":
        return {"result": "verdict", **value}
    return {"result": "valid"} if value is None else {"result": "valid", "value": value}


def main() -> None:
    """Answer line by line."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
