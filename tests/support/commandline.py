"""What tests of the command line share: the result of a command, and what it was run on."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from world import Person, World

Run = Callable[..., "Ran"]


class Ran(NamedTuple):
    """What a command left behind."""

    exit: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of standard output: of `verify`, the verdict."""
        return self.out.splitlines()[-1]

    @property
    def why(self) -> str:
        """The last line of standard error: of a failure, the reason."""
        return self.err.splitlines()[-1]


class Served(NamedTuple):
    """A registry on loopback, and the home of Ana, who has joined it."""

    url: str
    code: str
    home: Path
    passphrase: Path
    joined: Ran


class Signed(NamedTuple):
    """Files in the working folder that Ana signed, without any socket."""

    world: World
    person: Person
    id: str
    dossier: bytes
