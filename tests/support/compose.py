"""The compose files as `docker compose` reads them: merged, and with their variables put in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FILE = Path(__file__).resolve().parents[2] / "docker" / "compose.yaml"
POSTGRES = FILE.with_name("compose.postgres.yaml")
_VARIABLE = re.compile(r"\$\{(\w+):\?[^}]*\}")


class Composed(NamedTuple):
    """The file: services, networks, volumes, configs and secrets by their names."""

    services: dict[str, dict[str, Any]]
    networks: dict[str, dict[str, Any]]
    volumes: dict[str, dict[str, Any]]
    configs: dict[str, dict[str, Any]]
    secrets: dict[str, dict[str, Any]]


def read(variables: Mapping[str, str], file: Path = FILE) -> Composed:
    """Read a file; raises KeyError for a variable without a value, as compose refuses it."""
    source = file.read_text(encoding="utf-8")
    document = yaml.safe_load(_VARIABLE.sub(lambda match: variables[match[1]], source))
    return Composed(*(document[name] for name in Composed._fields))


def command(service: Mapping[str, Any], entrypoint: list[str]) -> list[str]:
    """The command line of a service; `entrypoint` is its image's, unless it has one of its own."""
    return [*service.get("entrypoint", entrypoint), *service["command"]]
