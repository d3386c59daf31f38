"""Witnesses (C2SP tlog-policy, tlog-cosignature): who else saw this checkpoint, and is it enough?

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <member>...
    quorum <name>|none

A name is defined before it is used, is a member at most once, and no key stands twice: each witness
counts in one way only. What the quorum names is made of operators: the members of that group, or a
single witness. They are what is counted, so that ten witnesses of one operator count once.
"""

from collections.abc import Collection
from typing import NamedTuple

from trust.core.encoding import decimal
from trust.core.errors import Malformed
from trust.core.log.note import COSIGNATURE, ED25519, Note, VerifierKey

NONE = "none"
MAX_POLICY = 16 * 1024  # bytes
MAX_LINES = 64  # of each kind


class Witness(NamedTuple):
    """A cosigner. `key` has the type of cosignatures, whichever type its line had."""

    name: str
    key: VerifierKey
    url: str | None


class Group(NamedTuple):
    """Witnesses a checkpoint when at least `threshold` of its members do."""

    name: str
    threshold: int
    members: tuple[str, ...]


class Cosigned(NamedTuple):
    """Which operators witnessed a checkpoint, of how many, and whether the policy is content."""

    operators: tuple[str, ...]
    of: int
    enough: bool


class WitnessPolicy(NamedTuple):
    """A checked policy. Names are those of the policy file and mean nothing outside of it."""

    logs: tuple[VerifierKey, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @staticmethod
    def parse(text: str, where: str = "witness policy") -> "WitnessPolicy":
        """Read a policy; raise Malformed, naming the line, for anything that breaks a rule."""
        if len(text.encode(errors="replace")) > MAX_POLICY:
            raise Malformed(f"longer than {MAX_POLICY} bytes", where)
        if not text.endswith("\n"):
            raise Malformed("its last line has no line feed", where)
        reader = _Reader(where)
        for number, line in enumerate(text[:-1].split("\n"), start=1):
            reader.read(line, f"{where}, line {number}")
        return reader.policy()

    @property
    def operators(self) -> tuple[str, ...]:
        """The members of the quorum's group, or the one witness that the quorum names."""
        if self.quorum == NONE:
            return ()
        return next((item.members for item in self.groups if item.name == self.quorum), None) or (
            self.quorum,
        )

    def judge(self, note: Note) -> Cosigned:
        """Verify the cosignatures of a checkpoint note and count the operators.

        Raises:
            Malformed: the line of a listed witness is no cosignature.
            VerificationFailed: the line of a listed witness does not hold.
        """
        names = {item.key: item.name for item in self.witnesses}
        lines = {(item.name, item.key_id) for item in note.signatures}
        found = [key for key in names if (key.name, key.key_id) in lines]
        held = note.verify(found) if found else ()
        seen = self._satisfied({names[line.key] for line in held})
        operators = tuple(name for name in self.operators if name in seen)
        return Cosigned(operators, len(self.operators), self.quorum == NONE or self.quorum in seen)

    def _satisfied(self, cosigners: Collection[str]) -> set[str]:
        """Return every witness and group that witnessed; groups stand behind their members."""
        seen = set(cosigners)
        for group in self.groups:
            if sum(member in seen for member in group.members) >= group.threshold:
                seen.add(group.name)
        return seen


class _Reader:
    """What was read so far, line by line."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._logs: list[VerifierKey] = []
        self._witnesses: list[Witness] = []
        self._groups: list[Group] = []
        self._quorum: str | None = None
        self._free: set[str] = set()  # defined, and no member yet
        self._defined: set[str] = {NONE}

    def read(self, line: str, where: str) -> None:
        if any(character < " " and character != "\t" for character in line) or "\x7f" in line:
            raise Malformed("holds a control character", where)
        words = [word for word in line.replace("\t", " ").split(" ") if word]
        if not words or words[0].startswith("#"):
            return
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(vkey, where)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, vkey, url[0] if url else None, where)
            case ["group", name, threshold, *members] if members:
                self._group(name, threshold, tuple(members), where)
            case ["quorum", name]:
                self._set_quorum(name, where)
            case _:
                raise Malformed(f"{line[:60]!r} is no log, witness, group or quorum line", where)

    def policy(self) -> WitnessPolicy:
        if self._quorum is None:
            raise Malformed("no quorum line", self._where)
        return WitnessPolicy(
            tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum
        )

    def _log(self, text: str, where: str) -> None:
        key = VerifierKey.parse(text)
        if key.type != ED25519:
            raise Malformed(f"{key.name!r}: a log signs with a key of type 1", where)
        _once(key.key, [item.key for item in self._logs], "log key", where)
        _few(self._logs, where)
        self._logs.append(key)

    def _witness(self, name: str, text: str, url: str | None, where: str) -> None:
        key = VerifierKey.parse(text)._replace(type=COSIGNATURE)
        _once(key.key, [item.key.key for item in self._witnesses], "witness key", where)
        _few(self._witnesses, where)
        self._define(name, where)
        self._witnesses.append(Witness(name, key, url))

    def _group(self, name: str, threshold: str, members: tuple[str, ...], where: str) -> None:
        for member in members:
            if member not in self._free:
                raise Malformed(f"{member[:60]!r} is not defined above or a member already", where)
            self._free.discard(member)
        words = {"any": 1, "all": len(members)}
        needed = words[threshold] if threshold in words else decimal(threshold, where)
        if not 1 <= needed <= len(members):
            raise Malformed(f"{needed} of {len(members)} members", where)
        _few(self._groups, where)
        self._define(name, where)
        self._groups.append(Group(name, needed, members))

    def _set_quorum(self, name: str, where: str) -> None:
        if self._quorum is not None:
            raise Malformed("a second quorum line", where)
        if name not in self._defined:
            raise Malformed(f"{name[:60]!r} is not defined above", where)
        self._quorum = name

    def _define(self, name: str, where: str) -> None:
        if name in self._defined:
            raise Malformed(f"{name[:60]!r} is defined already", where)
        self._defined.add(name)
        self._free.add(name)


def _once(key: bytes, keys: list[bytes], what: str, where: str) -> None:
    if key in keys:
        raise Malformed(f"the same {what} twice", where)


def _few(items: Collection[object], where: str) -> None:
    if len(items) == MAX_LINES:
        raise Malformed(f"more than {MAX_LINES} of a kind", where)
