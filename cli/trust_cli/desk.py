"""Signing for an AI: what one agent may sign in one folder, and how it is signed."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from typing import Any

from trust.core.encoding import format_time, quoted, short_digest
from trust.core.errors import Malformed
from trust.core.registry.dossier import SUFFIX
from trust_cli import agents


class Desk:
    """What the tools do: for one agent, and one folder."""

    def __init__(self, agent: agents.Agent, root: str, signing: list[str]) -> None:
        self._agent, self._root, self._signing = agent, root, signing

    @property
    def limits(self) -> dict[str, Any]:
        """What may be signed; the registry refuses everything else."""
        facts = self._agent.facts
        return {
            "folder": self._root,
            "agent": facts.agent,
            "mediaTypes": list(facts.scope.media_types),
            "pathPatterns": list(facts.scope.path_patterns),
            "perDay": facts.budget.per_day,
            "total": facts.budget.total,
            "expires": format_time(facts.expires),
        }

    def place(self, path: str) -> str:
        """Return the file that a path names; raise Malformed unless it lies in the folder.

        Symbolic links are followed first: what counts is where a file is, not what it is called.
        """
        found = os.path.realpath(os.path.join(self._root, path))
        if os.path.commonpath([self._root, found]) != self._root:
            raise Malformed(f"outside the folder {self._root}", path[:200])
        if not os.path.isfile(found):
            raise Malformed("no such file", path[:200])
        return found

    def sign(self, path: str, title: str | None, digest: bytes) -> dict[str, Any]:
        """Sign a file as it was when somebody looked at it, with the command that people use.

        What is signed is a copy: the file itself may be another one by now.

        Raises:
            Malformed: it is another one by now, or what the command says.
        """
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, os.path.basename(path))
            shutil.copyfile(path, copy)
            if file_digest(copy) != digest:
                raise Malformed("the file changed after you were asked: nothing was signed", path)
            return self._sign(copy, f"{path}{SUFFIX}", title)

    def _sign(self, copy: str, dossier: str, title: str | None) -> dict[str, Any]:
        command = [sys.executable, "-m", "trust_cli.main", "sign", *self._signing, "--json"]
        more = [] if title is None else ["--title", title]
        ran = subprocess.run(  # noqa: S603 - our own command, and no shell
            [*command, *more, "-o", dossier, "--", copy],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            answer = json.loads(ran.stdout)
        except json.JSONDecodeError:
            answer = {"message": ran.stderr[-500:]}
        if ran.returncode or not isinstance(answer, dict):
            raise Malformed(str(answer.get("message", "signing failed")))
        return {name: answer[name] for name in ("id", "page", "dossier")}


def file_digest(path: str) -> bytes:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def question(path: str, title: str | None, digest: bytes) -> str:
    """Return what the person is asked: enough to know which file it is."""
    called = f", called {quoted(title)}" if title else ""
    return (
        f"Sign {quoted(os.path.basename(path))}{called} in your name? SHA-256 "
        f"{short_digest(digest)}. Its name becomes public, and you answer for it."
    )
