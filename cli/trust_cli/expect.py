"""Whom a relying party expects: `--signer` as a URL, `@H` or `@H@HOST`.

`@H` is enough while one registry is pinned. A handle is a registry's word, so the SCID that an
earlier `verify --signer @H` with exit 0 found is kept as a contact, and from then on it is what
`@H` means here: another person under that handle is another signer.
"""

from typing import NamedTuple

from trust.core.errors import Malformed
from trust.core.people.did import check_scid
from trust.core.people.handle import check_handle
from trust.core.policy import Expected
from trust_cli.home import Pinned


class Wanted(NamedTuple):
    """What was typed, taken apart. `registry`: its public URL, or None for the only one pinned."""

    text: str
    registry: str | None
    handle: str | None
    scid: str | None


def parse_wanted(text: str, pinned: list[Pinned]) -> Wanted:
    """Take `--signer` apart.

    Raises:
        Malformed: none of the three forms, a host that is not pinned, or `@H` while several
            registries are pinned.
    """
    if not text.startswith("@"):
        return _from_url(text, pinned)
    handle, at, host = text[1:].partition("@")
    check_handle(handle, "--signer")
    if at:
        url = next((item.trust.public_url for item in pinned if item.trust.host == host), None)
        if url is None:
            raise Malformed(
                f"{host[:100]!r} is not pinned here; first: touchplate trust add https://{host}",
                "--signer",
            )
        return Wanted(text, url, handle, None)
    if len(pinned) > 1:
        hosts = " or ".join(f"{text}@{item.trust.host}" for item in pinned)
        raise Malformed(f"several registries are pinned, expected {hosts}", "--signer")
    return Wanted(text, None, handle, None)


def expected(wanted: Wanted | None, at: Pinned) -> Expected | None:
    """Return whom a dossier of this registry must be signed by."""
    if wanted is None:
        return None
    if wanted.registry not in {None, at.trust.public_url}:
        return Expected(wanted.text, scid="")  # nobody here: people of two registries differ
    if wanted.scid is not None:
        return Expected(wanted.text, scid=wanted.scid)
    contact = at.folder.contacts().get(wanted.handle or "")
    return Expected(wanted.text, scid=contact, handle=wanted.handle)


def keep_contact(wanted: Wanted | None, at: Pinned, scid: str) -> None:
    """After exit 0: remember whom this handle stands for."""
    if wanted is not None and wanted.handle is not None:
        at.folder.keep_contact(wanted.handle, scid)


def _from_url(text: str, pinned: list[Pinned]) -> Wanted:
    for item in pinned:
        prefix = f"{item.trust.public_url}/"
        if text.startswith(f"{prefix}p/"):
            scid = text.removeprefix(f"{prefix}p/").removesuffix("/")
            return Wanted(text, item.trust.public_url, None, check_scid(scid, "--signer"))
        if text.startswith(f"{prefix}@"):
            handle = text.removeprefix(f"{prefix}@").removesuffix("/")
            return Wanted(text, item.trust.public_url, check_handle(handle, "--signer"), None)
    raise Malformed(
        f"{text[:200]!r}, expected @handle, @handle@host, or the address of a person at a registry "
        "that is pinned here",
        "--signer",
    )
