"""What stands in docker/ agrees with itself and with the program that it runs."""

import argparse
import ipaddress
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import compose
import pytest

from trust.api import problems
from trust.api.app import BODIES
from trust.api.batch import MAX_BATCH, NDJSON
from trust.api.limits import MAX_BODY
from trust.api.routes import statements, timestamp
from trust.commands import serve
from trust.core.errors import TooMany, Unavailable
from trust.service.settings import Settings

FOLDER = compose.FILE.parent
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
NGINX = (FOLDER / "nginx.conf").read_text()
COMPOSED = compose.read({"TOUCHPLATE_HOST": "registry.example"})
CLUSTER = compose.read({"TOUCHPLATE_HOST": "registry.example"}, compose.POSTGRES)
REGISTRY, PROXY = COMPOSED.services["registry"], COMPOSED.services["proxy"]


def served() -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    serve.add_arguments(parser)
    verb, *arguments = REGISTRY["command"]
    assert verb == "serve"
    return parser.parse_args(arguments)


def test_the_registry_is_given_options_that_it_has() -> None:
    given = served()
    made = Settings(given.data, given.public_url, trusted_proxies=tuple(given.trusted_proxy))
    assert made.public_url == "https://registry.example"
    assert f"server registry:{given.port};" in NGINX
    assert f"http://127.0.0.1:{given.port}/readyz" in REGISTRY["healthcheck"]["test"][-1]


def test_it_believes_the_proxy_and_nobody_else() -> None:
    """The inner network holds the two of them and has no way out."""
    (subnet,) = COMPOSED.networks["inside"]["ipam"]["config"]
    network = ipaddress.ip_network(subnet["subnet"])
    addresses = [each["networks"]["inside"]["ipv4_address"] for each in (PROXY, REGISTRY)]
    assert served().trusted_proxy == addresses[:1]
    assert all(ipaddress.ip_address(address) in network for address in addresses)
    assert len(set(addresses)) == 2
    assert COMPOSED.networks["inside"]["internal"] is True
    assert list(REGISTRY["networks"]) == ["inside"]
    assert "ports" not in REGISTRY
    assert re.findall(r"X-Forwarded-For (\S+);", NGINX) == ["$remote_addr"]


@pytest.mark.parametrize(
    "service",
    [*COMPOSED.services.values(), *CLUSTER.services.values()],
    ids=[*COMPOSED.services, *(f"postgres, {name}" for name in CLUSTER.services)],
)
def test_every_service_is_hardened(service: dict[str, Any]) -> None:
    own = "999:999" if "postgres" in service["image"] else None  # that of the image
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert service["user"] == (own or users[-1])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_what_a_service_needs_is_declared_and_there() -> None:
    for service in COMPOSED.services.values():
        assert set(service.get("secrets", [])) <= set(COMPOSED.secrets)
        for config in service.get("configs", []):
            assert (FOLDER / COMPOSED.configs[config["source"]]["file"]).is_file()
    target = PROXY["configs"][0]["target"]
    assert PROXY["command"][:4] == ["-p", "/run/nginx", "-c", target]
    data = served().data
    assert REGISTRY["volumes"] == [f"data:{data}"]
    assert f"VOLUME {data}\n" in DOCKERFILE
    assert f"10001 -g 10001 -m 700 {data}\n" in DOCKERFILE
    for path in re.findall(r"/run/secrets/([\w.]+);", NGINX):
        assert path in PROXY["secrets"]


def test_the_processes_on_postgresql_are_as_the_one_on_sqlite() -> None:
    """The same options but for the database, one data folder, and no way out."""
    registries = {
        name: each for name, each in CLUSTER.services.items() if name.startswith("registry")
    }
    assert len(registries) == 3
    for each in registries.values():
        given = [word for word in each["command"] if word.startswith("--database=")]
        assert given == ["--database=postgresql://touchplate@database/touchplate"]
        assert [word for word in each["command"] if word not in given] == REGISTRY["command"]
        assert (each["volumes"], each["image"]) == (REGISTRY["volumes"], REGISTRY["image"])
        assert each["networks"]["inside"]["aliases"] == ["registry"]
        assert set(each["secrets"]) <= set(CLUSTER.secrets)
    assert CLUSTER.networks["inside"]["internal"] is True
    assert CLUSTER.services["proxy"]["networks"] == PROXY["networks"]
    database = CLUSTER.services["database"]
    assert list(database["networks"]) == ["inside"]
    assert "ports" not in database
    (subnet,) = CLUSTER.networks["inside"]["ipam"]["config"]
    addresses = [each["networks"]["inside"]["ipv4_address"] for each in CLUSTER.services.values()]
    assert len(set(addresses)) == 5
    network = ipaddress.ip_network(subnet["subnet"])
    assert all(ipaddress.ip_address(address) in network for address in addresses)


def test_no_secret_can_be_committed_or_enter_the_image(root: Path) -> None:
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert all(rule.startswith(("!", "**/__pycache__")) for rule in rules[1:])
    assert [rule for rule in rules if "docker" in rule or "secret" in rule] == []
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        pytest.skip("not a git checkout")
    for name, secret in {**COMPOSED.secrets, **CLUSTER.secrets}.items():
        path = str((FOLDER / secret["file"]).relative_to(root))
        command = [git, "-c", f"safe.directory={root}", "check-ignore", "-q", path]
        assert subprocess.run(command, cwd=root, check=False).returncode == 0, name


def test_nothing_unpinned_is_installed() -> None:
    joined = DOCKERFILE.replace("\\\n", " ")
    installs = re.findall(r"pip (?:--python \S+ )?install ([^&\n]+)", joined)
    assert len(installs) == 3
    for arguments in installs:
        assert "--require-hashes" in arguments or arguments.split()[-2:] == [
            "--no-deps",
            "/wheel/*.whl",
        ]


BATCH = "/.batch"  # where the proxy sends a batch of statements on its way


def test_the_proxy_takes_as_much_as_the_registry() -> None:
    """More would reach the registry, which refuses without reading: to a proxy it looks gone."""
    ours = {"default": MAX_BODY, BATCH: MAX_BATCH, timestamp.PATH: timestamp.MAX_BODY}
    kept = re.search(r"^    client_max_body_size (\w+);", NGINX, re.MULTILINE)
    apart = re.findall(r"location = (\S+) \{[^}]*client_max_body_size (\w+);", NGINX)
    assert kept is not None
    assert {"default": in_bytes(kept[1]), **{path: in_bytes(size) for path, size in apart}} == ours
    told = re.search(r"map \$uri \$most \{([^}]*)\}", NGINX)
    assert told is not None
    assert {path: int(size) for path, size in re.findall(r"(\S+) (\d+);", told[1])} == ours
    assert "over $most bytes" in NGINX


def test_every_body_that_is_like_no_other_has_a_location() -> None:
    limits = {(path, body): body.limit for path, bodies in BODIES.items() for body in bodies}
    assert {path for path, _ in limits} == {statements.PATH, timestamp.PATH}
    assert {body.limit for path, body in limits if path == statements.PATH} == {MAX_BODY, MAX_BATCH}
    assert f"rewrite ^{statements.PATH}$ {BATCH} last;" in NGINX
    assert f'if ($http_content_type ~ "^{NDJSON}$")' in NGINX
    assert f"proxy_pass http://registry{statements.PATH};" in NGINX


def in_bytes(size: str) -> int:
    return int(size[:-1]) * {"k": 1024, "m": 1024 * 1024}[size[-1]]


def said_by_the_proxy() -> list[dict[str, Any]]:
    return [json.loads(body) for body in re.findall(r"return \d{3} '(\{.*\})';", NGINX)]


def test_the_proxy_says_what_the_registry_would_have_said() -> None:
    table = {
        problem.status: problem
        for problem in (
            problems.NO_SUCH_ROUTE,
            problems.TOO_LARGE,
            problems.PROBLEMS[TooMany],
            problems.PROBLEMS[Unavailable],
        )
    }
    bodies = said_by_the_proxy()
    assert sorted(body["status"] for body in bodies) == sorted(table)
    for body in bodies:
        problem = table[body["status"]]
        assert (body["code"], body["title"]) == (problem.code, problem.title)
        assert body["type"] == problems.TYPE_PREFIX + problem.code
        assert sorted(body) == ["code", "detail", "request_id", "status", "title", "type"]


def test_a_variable_without_a_value_is_refused() -> None:
    with pytest.raises(KeyError):
        compose.read({})
