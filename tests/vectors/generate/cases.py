"""Making vectors: one call a case, the expected outcome written beside the fault."""

from typing import Any

from tests.vectors.corpus import Vector


def valid(
    name: str, fault: str, description: str, given: dict[str, Any], value: Any = None
) -> Vector:
    """Return a case that must be accepted, with the value that it must give."""
    expected: dict[str, Any] = {"result": "valid"}
    if value is not None:
        expected["value"] = value
    return Vector("valid", name, fault, description, given, expected)


def malformed(name: str, fault: str, description: str, given: dict[str, Any], says: str) -> Vector:
    """Return a case that is not in its format. `says`: words of our own message."""
    return Vector("invalid", name, fault, description, given, {"result": "malformed"}, says)


def invalid(
    name: str, fault: str, description: str, given: dict[str, Any], step: int, reason: str
) -> Vector:
    """Return a well-formed case that a check refuses."""
    expected = {"result": "invalid", "step": step, "reason": reason}
    return Vector("invalid", name, fault, description, given, expected)


def conflict(name: str, fault: str, description: str, given: dict[str, Any], says: str) -> Vector:
    """Return a case in which another thing stands where this one wants to be."""
    return Vector("invalid", name, fault, description, given, {"result": "conflict"}, says)
