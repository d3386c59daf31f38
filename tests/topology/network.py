"""Networks of this machine's own: a namespace for each party, joined by bridges, as Docker does.

Everything here happens in namespaces of the process's own and is gone with it.
"""

import ctypes
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from checks import run

NAMESPACES: Final = Path("/run/netns")
_CLONE_NEWNET: Final = 0x40000000
_numbers = itertools.count(1)


def bridge(name: str) -> None:
    """Make a network that parties can be attached to."""
    run(["ip", "link", "add", f"br-{name}", "type", "bridge"])
    run(["ip", "link", "set", f"br-{name}", "up"])


def party(name: str) -> None:
    """Make a namespace with nothing but its own loopback."""
    run(["ip", "netns", "add", name])
    run(["ip", "-n", name, "link", "set", "lo", "up"])


def attach(name: str, network: str, address: str) -> None:
    """Attach a party to a bridge, under an address with its prefix length."""
    inner, outer = f"e{next(_numbers)}", f"v{next(_numbers)}"
    run(["ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name])
    run(["ip", "link", "set", outer, "master", f"br-{network}", "up"])
    run(["ip", "-n", name, "address", "add", address, "dev", inner])
    run(["ip", "-n", name, "link", "set", inner, "up"])


def entering(name: str) -> tuple[str, ...]:
    """The words before a command that is to run as a party."""
    return ("ip", "netns", "exec", name)


@contextmanager
def being(name: str) -> Iterator[None]:
    """Let this thread's new sockets be those of a party, until the block ends."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    other = os.open(NAMESPACES / name, os.O_RDONLY)
    try:
        _set_namespace(other)
        yield
    finally:
        _set_namespace(own)
        os.close(own)
        os.close(other)


def _set_namespace(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
