"""`make topology`: run the services of each compose file as plain processes, and use them.

Needs root on Linux (namespaces), nginx, util-linux and iproute2. Two machines on two networks reach
the proxy by name, over TLS with a private CA; the registry is behind it, as in compose. Prints a
table. Leaves nothing: every process, network and mount is in namespaces that end with this one.
"""

import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import compose
from checks import NotHeld, Visitor, require, run, table

from tests.topology import certificates, network, visits
from tests.topology.services import HEALTHY_SECONDS, Service

HOST = "registry.example"
OUTSIDE = "198.18.0.2"  # of the proxy; RFC 2544 keeps this range for tests
# Machines and their networks: quotas count a /24.
NEAR, FAR, NEIGHBOUR = "near", "far", "neighbour"
TOOLS = ("nginx", "unshare", "ip", "mount", "setpriv")
INSIDE = "--in-its-own-namespaces"
FILES_MODE = 0o400
DATABASE_USER = 999  # of the image of PostgreSQL


class Topology(NamedTuple):
    """What runs: its services in the order of their starts, and the machines of its users."""

    services: dict[str, Service]
    near: Visitor
    far: Visitor


def main(arguments: list[str]) -> int:
    """Enter namespaces of its own; run, use and stop everything; return 0 if all held."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    try:
        require(*TOOLS)
        if INSIDE not in arguments:
            return max(again_inside(file) for file in (compose.FILE, compose.POSTGRES))
        with topology(Path(arguments[-1])) as running:
            rows = visits.all_of_them(running.services, running.near, running.far)
    except NotHeld as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(table(rows))
    return 0


def again_inside(file: Path) -> int:
    """Run the services of a file, by becoming the first process of new namespaces: what it starts ends with it."""
    if os.geteuid() != 0:
        raise NotHeld("make topology makes networks of its own, which needs root")
    spaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command = ["unshare", *spaces, sys.executable, "-m", "tests.topology.main", INSIDE]
    print(f"{file.name}:", flush=True)
    return subprocess.run([*command, str(file)], check=False).returncode


@contextmanager
def topology(file: Path) -> Iterator[Topology]:
    """Start everything and stop it at the end.

    Raises:
        NotHeld: a service does not start, or does not stop with 0.
    """
    composed = compose.read({"TOUCHPLATE_HOST": HOST}, file)
    with tempfile.TemporaryDirectory(prefix="touchplate-topology-") as name:
        folder = Path(name)
        write_secrets(folder)
        services = {each: Service(each, composed, folder) for each in order(composed)}
        lay_networks(composed, services)
        write_hosts(folder, services)
        trusting = {"SSL_CERT_FILE": str(folder / "ca.pem")}
        try:
            for service in services.values():
                service.start()
                wait_for_ports(service)
            yield Topology(
                services,
                Visitor(made(folder / NEAR), network.entering(NEAR), trusting),
                Visitor(made(folder / FAR), network.entering(FAR), trusting),
            )
            for service in reversed(services.values()):
                service.stop()
        finally:
            for service in services.values():
                service.kill()


def wait_for_ports(service: Service) -> None:
    """Wait until what compose publishes of a service is open.

    Raises:
        NotHeld: it ended, or is not open in time.
    """
    ports = [int(each.partition(":")[2]) for each in service.spec.get("ports", [])]
    deadline = time.monotonic() + HEALTHY_SECONDS
    with network.being(NEAR):
        while not all(visits.reaches(OUTSIDE, port) for port in ports):
            if not service.alive or time.monotonic() > deadline:
                raise NotHeld(f"{service.name} does not listen:\n{service.said}")
            time.sleep(0.1)


def order(composed: compose.Composed) -> list[str]:
    """The services, each after those that it depends on."""
    done: list[str] = []

    def add(name: str) -> None:
        for earlier in composed.services[name].get("depends_on", {}):
            add(earlier)
        if name not in done:
            done.append(name)

    for name in composed.services:
        add(name)
    return done


def lay_networks(composed: compose.Composed, services: dict[str, Service]) -> None:
    """Make the networks of compose, and three machines: two outside and one inside."""
    run(["mount", "-t", "tmpfs", "tmpfs", "/run"])
    run(["ip", "link", "set", "lo", "up"])
    for name in composed.networks:
        network.bridge(name)
    (subnet,) = composed.networks["inside"]["ipam"]["config"]
    prefix = subnet["subnet"].partition("/")[2]
    neighbour = list(ipaddress.ip_network(subnet["subnet"]).hosts())[-1]
    for name, service in services.items():
        network.party(name)
        for each, address in service.addresses.items():
            network.attach(name, each, f"{address}/{prefix}")
    network.attach("proxy", "outside", f"{OUTSIDE}/15")
    for name, bridge, address in (
        (NEAR, "outside", "198.18.1.10/15"),
        (FAR, "outside", "198.18.2.10/15"),
        (NEIGHBOUR, "inside", f"{neighbour}/{prefix}"),
    ):
        network.party(name)
        network.attach(name, bridge, address)


def write_hosts(folder: Path, services: dict[str, Service]) -> None:
    """Let everyone in these namespaces resolve the services, and the names of the registry."""
    lines = ["127.0.0.1 localhost", f"{OUTSIDE} {HOST} {visits.log_host(HOST)} other.example"]
    for service in services.values():
        lines += [f"{service.addresses['inside']} {' '.join(service.names)}"]
    hosts = folder / "hosts"
    hosts.write_text("\n".join(lines) + "\n")
    run(["mount", "--bind", hosts, "/etc/hosts"])
    users = folder / "passwd"  # initdb asks for a name
    line = f"database:x:{DATABASE_USER}:{DATABASE_USER}::/nonexistent:/usr/sbin/nologin\n"
    users.write_text(Path("/etc/passwd").read_text() + line)
    run(["mount", "--bind", users, "/etc/passwd"])


def write_secrets(folder: Path) -> None:
    """Write what docker/README.md tells an operator to put into docker/secrets/."""
    ca, certificate, key = certificates.make([HOST, visits.log_host(HOST)])
    (folder / "ca.pem").write_bytes(ca)
    (folder / "other-ca.pem").write_bytes(certificates.make([HOST])[0])
    secrets = made(folder / "secrets")
    for name, content in (
        ("tls.crt", certificate),
        ("tls.key", key),
        ("passphrase", b"of the registry\n"),
        ("database-password", b"of-the-database\n"),
        ("pgpass", b"database:5432:touchplate:touchplate:of-the-database\n"),
    ):
        path = secrets / name
        path.write_bytes(content)
        path.chmod(FILES_MODE)
        owner = DATABASE_USER if name == "database-password" else 10001
        shutil.chown(path, owner, owner)


def made(folder: Path) -> Path:
    """Make a folder and return it."""
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
