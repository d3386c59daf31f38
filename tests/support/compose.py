"""docker/compose.yaml as `docker compose` reads it: merged, and with its variables put in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FILE = Path(__file__).resolve().parents[2] / "docker" / "compose.yaml"
_VARIABLE = re.compile(r"\$\{(\w+):\?[^}]*\}")


class Composed(NamedTuple):
    """The file: services, networks, volumes, configs and secrets by their names."""

    services: dict[str, dict[str, Any]]
    networks: dict[str, dict[str, Any]]
    volumes: dict[str, dict[str, Any]]
    configs: dict[str, dict[str, Any]]
    secrets: dict[str, dict[str, Any]]


def read(variables: Mapping[str, str], text: str | None = None) -> Composed:
    """Read the file; raises KeyError for a variable without a value, as compose refuses it."""
    source = FILE.read_text(encoding="utf-8") if text is None else text
    document = yaml.safe_load(_VARIABLE.sub(lambda match: variables[match[1]], source))
    return Composed(*(document[name] for name in Composed._fields))


def command(service: Mapping[str, Any], entrypoint: list[str]) -> list[str]:
    """The command line of a service; `entrypoint` is its image's, unless it has one of its own."""
    return [*service.get("entrypoint", entrypoint), *service["command"]]
