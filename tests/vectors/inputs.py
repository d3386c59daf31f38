"""How bytes stand in a vector's input: as text where they are text, else {"base64": ..}."""

import base64
from typing import Any


def to_json(data: bytes) -> Any:
    """Return bytes as they stand in an input."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def to_bytes(value: Any) -> bytes:
    """Return the bytes of an input."""
    return value.encode() if isinstance(value, str) else base64.b64decode(value["base64"])


def binary(text: str) -> bytes:
    """Return the bytes of an input that is always base64: DER, hashes, signatures."""
    return base64.b64decode(text, validate=True)
