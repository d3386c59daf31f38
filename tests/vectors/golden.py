"""The golden corpus: what a released version wrote, which every later version must judge the same.

`PYTHONPATH=tests/support python -m tests.vectors.golden VERSION` lets a registry and two people of this
version make it, once, before that version is released. From then on it is only read.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from world import Person, World, chance

from tests.vectors.corpus import FOLDER
from trust.client.statements import make_deliverable
from trust.core.canonical import canonical
from trust.core.encoding import format_time
from trust.core.signing.disclosure import parse_disclosure
from trust.core.signing.manifest import manifest_digest

GOLDEN = FOLDER / "golden"
DAY = 24 * 3600
ONE = {"report.txt": b"A report.\n"}
SET = {"back.svg": b"<svg/>\n", "front.svg": b"<svg></svg>\n", "notes/plan.txt": b"One window.\n"}
DISCLOSURE: dict[str, Any] = {
    "statement": "I wrote it. A program drew the chart.",
    "language": "en",
    "contributors": [
        {"id": "#ana", "type": "person", "name": "Ana L\u00f3pez", "accountable": True},
        {"id": "#tool", "type": "software", "name": "DrawTool 2", "operatedBy": "#ana"},
    ],
    "contributions": [
        {
            "id": "#chart",
            "task": "drew the chart",
            "performedBy": ["#tool"],
            "decidedBy": "#ana",
            "involvement": "ai-generated-human-edited",
        }
    ],
}


class Case(NamedTuple):
    """One thing to verify, as `expected.json` lists it. Paths are relative to the version's folder."""

    material: str
    files: dict[str, str] | None  # name as signed -> path
    at: str
    verdict: str
    exit: int
    reasons: list[str]
    whole: bool = False
    policy: dict[str, Any] | None = None


class Maker:
    """Writes a version's folder."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world = folder, world
        self.cases: list[Case] = []

    def keep(
        self,
        name: str,
        material: bytes,
        files: dict[str, bytes] | None,
        *reasons: str,
        verdict: str = "valid",
        code: int = 0,
        **options: Any,
    ) -> None:
        """Write material and files, and remember what must come out."""
        self.write(name, material)
        kept = None
        if files is not None:
            folder = f"files/{name.split('.', maxsplit=1)[0]}"
            kept = {item: f"{folder}/{item}" for item in files}
            for item, path in kept.items():
                self.write(path, files[item])
        at = format_time(self.world.now)
        self.cases.append(Case(name, kept, at, verdict, code, list(reasons), **options))

    def write(self, path: str, data: bytes) -> None:
        """Write one file."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def finish(self) -> None:
        """Write the trust file, the expectations, and the digests of everything."""
        self.write("trust.json", self.world.registry.trust.encoded)
        listed = [case._asdict() for case in self.cases]
        self.write("expected.json", (json.dumps(listed, indent=1) + "\n").encode())
        self.write("SHA256SUMS", sums(self.folder))


def sums(folder: Path) -> bytes:
    """Return what `sha256sum` prints for every file but itself, sorted by path."""
    paths = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    digests = {
        path: hashlib.sha256((folder / path).read_bytes()).hexdigest()
        for path in paths
        if path != "SHA256SUMS"
    }
    return "".join(f"{digest}  {path}\n" for path, digest in digests.items()).encode()


def make(folder: Path, data: Path) -> None:
    """Let two people sign what this version can sign, and keep it."""
    world = World(data, "https://registry.example")
    maker = Maker(folder, world)
    ana, ben = world.join("ana", "Ana L\u00f3pez"), world.join("ben")
    early = world.registry.checkpoint()
    world.offset += 3 * DAY
    world.restart()  # a registry signs its newest checkpoint again when it starts
    _signed(maker, ana, ben)
    _large(maker, ana)
    _withdrawn(maker, ana)
    offline = ana.sign({"letter.txt": b"A letter.\n"}, not_before=early, offline=True)
    dossier = world.registry.dossier(offline.id)
    maker.keep("letter.touchplate.json", dossier, {"letter.txt": b"A letter.\n"})
    maker.finish()
    world.close()


def _signed(maker: Maker, ana: Person, ben: Person) -> None:
    registry = maker.world.registry
    report = ana.sign(ONE)
    maker.keep("report.touchplate.json", registry.dossier(report.id), ONE)
    bare = canonical(registry.bundle(report.id).to_json())
    maker.keep(
        "report.sigstore.json",
        bare,
        ONE,
        *("no_key_history", "no_status"),
        verdict="could_not_check",
        code=6,
    )
    expected = {"handle": "ben"}
    maker.keep(
        "not-bens.touchplate.json",
        registry.dossier(report.id),
        ONE,
        "signer_mismatch",
        verdict="other_signer",
        code=4,
        policy=expected,
    )
    changed = {"report.txt": b"A report!\n"}
    maker.keep(
        "changed.touchplate.json",
        registry.dossier(report.id),
        changed,
        "changed",
        verdict="mismatch",
        code=1,
    )
    plans = ana.sign(SET, title="Plans")
    maker.keep("plans.touchplate.json", registry.dossier(plans.id), SET, whole=True)
    chart = ana.sign({"chart.svg": b"<svg/>\n"}, disclosure=parse_disclosure(DISCLOSURE))
    maker.keep(
        "chart.touchplate.json",
        registry.dossier(chart.id),
        {"chart.svg": b"<svg/>\n"},
        policy={"handle": "ana"},
    )
    song = ben.sign({"song.txt": b"A song.\n"})
    maker.keep(
        "song.touchplate.json",
        registry.dossier(song.id),
        {"song.txt": b"A song.\n"},
        policy={"scid": ben.scid},
    )


def _large(maker: Maker, ana: Person) -> None:
    """Sign a directory by the list of its files."""
    found = {name: hashlib.sha256(data).digest() for name, data in SET.items()}
    world = maker.world
    subject = {"plans": manifest_digest(found)}
    note = world.registry.checkpoint()
    signed = make_deliverable(ana.author, subject, note, chance(), form="manifest")
    world.registry.submit(signed.to_json(), "")
    maker.keep("folder.touchplate.json", world.registry.dossier(signed.id), SET, whole=True)


def _withdrawn(maker: Maker, ana: Person) -> None:
    draft = {"draft.txt": b"A draft.\n"}
    signed = ana.sign(draft)
    registry = maker.world.registry
    maker.keep("draft-before.touchplate.json", registry.dossier(signed.id), draft)
    maker.world.offset += DAY // 2
    ana.withdraw(signed.id, "Wrong fonts.")
    maker.keep(
        "draft-after.touchplate.json",
        registry.dossier(signed.id),
        draft,
        "withdrawn",
        verdict="revoked",
        code=5,
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        make(GOLDEN / sys.argv[1], Path(work))
