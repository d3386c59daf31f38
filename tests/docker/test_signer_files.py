"""docker/compose.signer.yaml: the keys apart, and of the registry nothing else changed."""

import argparse
from typing import Any

import compose
import pytest
import yaml

from trust.commands import serve, signer


class _Merging(yaml.SafeLoader):
    """Reads compose's own tag for a list that replaces the one below it."""


_Merging.add_constructor("!reset", lambda _loader, _node: [])

TEXT = (compose.FILE.parent / "compose.signer.yaml").read_text()
MERGED: dict[str, Any] = yaml.load(TEXT, _Merging)  # noqa: S506 - a safe loader with one more tag
SIGNER, REGISTRY = MERGED["services"]["signer"], MERGED["services"]["registry"]
BASE = yaml.safe_load(compose.FILE.read_text())


def options(module: Any, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    module.add_arguments(parser)
    return parser.parse_args(arguments)


def test_the_signer_is_given_options_that_it_has_and_no_network() -> None:
    assert SIGNER["command"][0] == "signer"
    given = options(signer, SIGNER["command"][1:])
    mounted = dict(volume.split(":") for volume in SIGNER["volumes"])
    assert mounted == {"keys": str(given.data), "signer": str(given.socket.parent)}
    assert set(mounted) == set(MERGED["volumes"])
    assert SIGNER["network_mode"] == "none"
    assert not {"ports", "networks", "expose"} & set(SIGNER)
    assert str(given.socket) in SIGNER["healthcheck"]["test"][-1]


def test_the_registry_has_neither_keys_nor_passphrase_and_is_else_the_same() -> None:
    base = BASE["services"]["registry"]
    given = options(serve, REGISTRY["command"][1:])
    assert given.signer == options(signer, SIGNER["command"][1:]).socket
    assert given.passphrase_file is None
    assert REGISTRY["secrets"] == []
    assert REGISTRY["volumes"] == [f"signer:{given.signer.parent}"]
    ours, theirs = set(REGISTRY["command"]), set(base["command"])
    assert theirs - ours == {"--passphrase-file=/run/secrets/passphrase"}
    assert ours - theirs == {f"--signer={given.signer}"}


@pytest.mark.parametrize("name", ["user", "read_only", "cap_drop", "security_opt", "restart"])
def test_the_signer_is_hardened_as_everything_else(name: str) -> None:
    assert SIGNER[name] == BASE["x-hardened"][name]


def test_both_folders_are_the_users_in_the_image() -> None:
    dockerfile = (compose.FILE.parent / "Dockerfile").read_text()
    for volume in SIGNER["volumes"]:
        assert f"install -d -o 10001 -g 10001 -m 700 {volume.split(':')[1]}" in dockerfile
