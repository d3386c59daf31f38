"""Pinning a registry's trust file, and going up its versions one by one.

What is pinned is believed from then on, so the code of its root key is compared with a second
source: by `--key CODE`, or by the person at the terminal. Where nobody can, it is pinned as not
compared, and every verdict says so. A trust file never comes from a dossier or a QR code.
"""

from trust.client import requests
from trust.client.address import public_url
from trust.client.http import Client
from trust.core.encoding import crockford_normal, grouped
from trust.core.errors import Conflict, Malformed, NotAllowed
from trust.core.registry.succession import advance
from trust.core.registry.trust_file import (
    MAX_TRUST_FILE,
    ROOT_CODE_DIGITS,
    TrustFile,
    parse_trust_file,
)
from trust_cli.home import Home, Pinned, read_file
from trust_cli.output import Output

MAX_STEPS = 1000  # versions in one go: 64 listed logs and a year each leave room


def pin_url(home: Home, url: str, key: str | None, output: Output) -> Pinned:
    """Pin the newest trust file of a registry, or bring the pinned one up to date.

    Raises:
        NotAllowed: `key` or the person says that the root code is another one.
        Conflict: the registry offers an older version than the pinned one, or a second file of the
            same version.
        Unavailable: it does not answer.
    """
    client = Client(url)
    known = home.pinned_at(client.url)
    if known is not None:
        return _settle(refresh(client, known), key, output)
    trust = parse_trust_file(client.ask(requests.trust_file()))
    if trust.public_url != client.url:
        raise Conflict(f"{client.url} offers the trust file of {trust.public_url}")
    return _first(home, trust, key, output)


def pin_file(home: Home, path: str, key: str | None, output: Output) -> Pinned:
    """Pin a trust file from a file, such as an archived one, or the next version of a pinned one.

    Raises:
        Malformed: not a trust file.
        Conflict: older than the pinned one, or more than one version newer.
    """
    data = read_file(path, MAX_TRUST_FILE)
    if data is None:
        raise Malformed("no such file; the address of a registry begins with https://", path)
    trust = parse_trust_file(data, path)
    if public_url(trust.public_url) != trust.public_url:
        raise Malformed(f"{trust.public_url!r} is not a plain public URL", path)
    known = home.pinned_at(trust.public_url)
    if known is None:
        return _first(home, trust, key, output)
    return _settle(_take(known, trust, data), key, output)


def refresh(client: Client, known: Pinned) -> Pinned:
    """Bring a pinned trust file up to date, each version signed by the keys of the one before."""
    data = client.ask(requests.trust_file())
    newest = parse_trust_file(data)
    if newest.public_url != known.trust.public_url:
        raise Conflict(f"{client.url} offers the trust file of {newest.public_url}")
    missing = range(known.trust.version + 1, newest.version)
    if len(missing) > MAX_STEPS:
        raise Conflict(
            f"{client.url} offers version {newest.version} of its trust file, pinned is "
            f"{known.trust.version}: expected at most {MAX_STEPS} versions between them"
        )
    for version in missing:
        step = client.ask(requests.trust_file(version))
        known = _take(known, parse_trust_file(step), step)
    return _take(known, newest, data)


def spelled_code(text: str) -> str:
    """Return a typed root code as it is printed; raise Malformed for another length."""
    digits = crockford_normal(text)
    if len(digits) != ROOT_CODE_DIGITS:
        raise Malformed(f"{text[:60]!r} has {len(digits)} digits, a root code has 24", "--key")
    return grouped(digits)


def _take(known: Pinned, trust: TrustFile, data: bytes) -> Pinned:
    """Replace a pinned version by the next one; the same one again changes nothing."""
    if data == known.trust.encoded:
        return known
    if trust.version < known.trust.version:
        raise Conflict(
            f"version {trust.version} of {trust.public_url}, pinned is {known.trust.version}: an "
            "older version is never taken"
        )
    if trust.version == known.trust.version:
        raise Conflict(
            f"another trust file of {trust.public_url} is pinned as version {trust.version}; only "
            f"if you know why it was replaced, remove {known.folder.path} and pin it again"
        )
    if trust.version > known.trust.version + 1:
        raise Conflict(
            f"version {trust.version}, pinned is {known.trust.version}: the versions between are "
            f"missing; touchplate trust add {trust.public_url} brings them"
        )
    return known.folder.pin(advance(known.trust, data), compared=known.compared)


def _first(home: Home, trust: TrustFile, key: str | None, output: Output) -> Pinned:
    """Pin a registry for the first time, after its code was compared if anyone can.

    Raises:
        Conflict: another registry of the same host, by http or https, is pinned in its place.
    """
    other = home.folder(trust.host).pinned()
    if other is not None:
        raise Conflict(
            f"{other.trust.public_url} is pinned here in the place of {trust.public_url}; only if "
            f"you know why that changed, remove {other.folder.path}"
        )
    compared = _compare(trust, key, output)
    return home.folder(trust.host).pin(trust, compared=compared)


def _settle(known: Pinned, key: str | None, output: Output) -> Pinned:
    """Compare the code of a pinned trust file, unless that was done before and is not asked for."""
    if known.compared and key is None:
        return known
    compared = _compare(known.trust, key, output)
    return known.folder.pin(known.trust, compared=compared)


def _compare(trust: TrustFile, key: str | None, output: Output) -> bool:
    """Compare the root code with `key`, or ask; say whether it was compared.

    Raises:
        NotAllowed: it is another code. Nothing was pinned.
    """
    if key is not None:
        if spelled_code(key) != trust.code:
            raise NotAllowed(
                f"the root key of {trust.host} has the code {trust.code}, you expected "
                f"{spelled_code(key)}: nothing was pinned"
            )
        return True
    output.note("registry", f"{trust.host}, root key {trust.code}")
    output.note(
        "", "compare it with a second source: a letterhead, a guild's page, a friend's trust list"
    )
    answer = output.ask("  Is it the same? [y = yes, n = no, Enter = not compared]")
    if answer is not None and answer.lower() in {"n", "no"}:
        raise NotAllowed(f"another root key than {trust.code} was expected: nothing was pinned")
    compared = answer is not None and answer.lower() in {"y", "yes"}
    if not compared:
        output.copyable("later", f"touchplate trust add {trust.public_url} --key CODE")
    return compared
