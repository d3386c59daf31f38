"""What there is to verify: for each path the proof, and the files that it is about.

PATH with PATH.touchplate.json beside it   that dossier, for this file or directory
PATH that is a dossier itself              its files beside it, as a whole set
--bundle FILE                              that dossier or bare bundle, for each path
PATH alone                                 no proof at hand; `--online` asks the registry
-                                          standard input; its dossier comes by --bundle
"""

# pathlib would cost a tenth of what `verify` may take to start.

import os
from typing import NamedTuple

from trust.core.assess import read_material
from trust.core.errors import Malformed, TouchplateError
from trust.core.registry.dossier import BARE_SUFFIX, MAX_DOSSIER, SUFFIX, Dossier
from trust.core.signing.bundle import Bundle
from trust.core.signing.private import DeliverablePart, PrivatePart, parse_private
from trust.core.signing.statement import parse_statement
from trust_cli.hashing import STDIN, Hashed, found_file, hash_named, hash_path, hash_stdin, is_proof
from trust_cli.home import required_file


class Item(NamedTuple):
    """One path of `verify`. `proof`: the bytes of a dossier or bundle, None without one."""

    path: str
    hashed: Hashed
    proof: bytes | None


def gather(path: str, bundle: str | None) -> Item:
    """Find the proof for a path, and hash the files that it is about.

    Raises:
        Malformed: a file that is missing or unreadable; nothing is said about it then.
    """
    if path == STDIN:
        proof = None if bundle is None else required_file(bundle, MAX_DOSSIER, cut=True)
        return Item(path, hash_stdin("standard input"), proof)
    if bundle is not None:
        return Item(path, hash_path(path), required_file(bundle, MAX_DOSSIER, cut=True))
    beside = beside_of(path)
    if os.path.lexists(beside):
        found_file(beside)  # a pipe in its place would be waited for
        return Item(path, hash_path(path), required_file(beside, MAX_DOSSIER, cut=True))
    if path.endswith((SUFFIX, BARE_SUFFIX)) or (os.path.isfile(path) and is_proof(path)):
        return _from_proof(path)
    return Item(path, hash_path(path), None)


def beside_of(path: str) -> str:
    """Return where the dossier of a file or directory lies."""
    plain = os.path.abspath(path) if not path.strip("./") else path.rstrip("/")
    return f"{plain}{SUFFIX}"


def deliverable_part(material: Dossier | Bundle) -> PrivatePart | None:
    """Return the private part of a dossier's own statement, if it carries it; verify nothing."""
    bundle = material.bundle if isinstance(material, Dossier) else material
    statement = parse_statement(bundle.envelope.payload)
    if not isinstance(material, Dossier) or statement.private not in material.private:
        return None
    return parse_private(material.private[statement.private], statement.type)


def _from_proof(path: str) -> Item:
    """Take a dossier by itself: its work lies beside it, or the files that it names do."""
    found_file(path)
    data = required_file(path, MAX_DOSSIER, cut=True)
    for suffix in (SUFFIX, BARE_SUFFIX):
        work = path.removesuffix(suffix)
        if work != path and os.path.exists(work):
            return Item(path, hash_path(work), data)
    return Item(path, _named_files(path, data), data)


def _named_files(path: str, data: bytes) -> Hashed:
    """Hash the files beside a dossier under the names that it gives; all must be there.

    A single name may be that of a directory, which is compared by its manifest.
    """
    try:
        part = deliverable_part(read_material(data))
    except TouchplateError:
        return Hashed({}, whole=True, size=0)  # `assess` says what is wrong with it
    if not isinstance(part, DeliverablePart):
        raise Malformed(f"names no files, expected touchplate verify FILE --bundle {path}", path)
    folder = os.path.dirname(path)
    places = {name: os.path.join(folder, *name.split("/")) for name in part.names}
    there = {name: place for name, place in places.items() if os.path.lexists(place)}
    if not there:
        raise Malformed(
            f"no such file beside {path}; if it lies elsewhere: touchplate verify FILE --bundle "
            f"{path}",
            part.names[0],
        )
    if list(there) == list(part.names) and len(there) == 1:
        return hash_path(there[part.names[0]])
    for place in there.values():
        found_file(place)
    return hash_named(there)
