"""Signs what a program made, with an agent of yours and without asking anybody.

touchplate agent new poet --path '*.md' --media-type 'text/*'     once, by you
python sign_outbox.py poet outbox                                 by the program
"""

import json
import subprocess
import sys
from pathlib import Path

SUFFIX = ".touchplate.json"
NOT_ALLOWED = 7  # out of scope, ended, or expired: trying again does not help


def sign(path: Path, agent: str) -> dict[str, str]:
    """Sign one file; return its id, page and dossier. Raises PermissionError if it may not."""
    command = ["touchplate", "sign", str(path), "--agent", agent, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    answer = json.loads(ran.stdout)
    if ran.returncode == NOT_ALLOWED:
        raise PermissionError(answer["message"])
    if ran.returncode:
        raise RuntimeError(answer["message"])
    return {name: answer[name] for name in ("id", "page", "dossier")}


def main(agent: str, outbox: str) -> int:
    """Sign each file that has no dossier; return 1 if one was refused."""
    refused = 0
    for path in sorted(Path(outbox).iterdir()):
        if path.name.endswith(SUFFIX) or Path(f"{path}{SUFFIX}").exists():
            continue
        try:
            print(path.name, sign(path, agent)["page"])
        except PermissionError as error:
            print(f"{path.name} was refused: {error}", file=sys.stderr)
            refused = 1
    return refused


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
