"""`touchplate trust`: pin a registry's trust file, list what is pinned."""

import argparse
import json
import time

from trust.core.canonical import Json
from trust.core.encoding import format_time
from trust.core.errors import Malformed
from trust.core.registry.trust_file import TrustFile
from trust.core.wording.dates import day
from trust_cli.home import Home, Pinned, the_only
from trust_cli.output import Output

_SINCE = "2024-01-01T00:00:00Z"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `add` and `list`."""
    parser.description = (
        "A trust file says which keys belong to a registry. `trust add` pins it, or brings the "
        "pinned one up to date; compare the code of its root key with a second source. `trust "
        "list` shows what is pinned."
    )
    parser.add_argument("action", choices=("add", "list"), metavar="add|list", help="what to do")
    parser.add_argument(
        "source", nargs="?", metavar="URL|FILE", help="with add: a registry, or its trust file"
    )
    parser.add_argument(
        "--key", metavar="CODE", help="with add: the root key's code, from a second source"
    )
    parser.add_argument(
        "--sigstore",
        action="store_true",
        help="with list: write the client trust configuration that the sigstore command wants",
    )
    parser.add_argument(
        "--registry", metavar="URL", help="with list --sigstore: which one, if several are pinned"
    )


def run(args: argparse.Namespace) -> int:
    """Add or list; return 0."""
    home, output = Home.find(), Output(json=args.json)
    if args.action == "add":
        if args.source is None or args.sigstore:
            raise Malformed("expected touchplate trust add URL|FILE [--key CODE]")
        return _add(home, args.source, args.key, output)
    if args.source is not None or args.key is not None:
        raise Malformed("expected touchplate trust list [--sigstore]")
    if args.sigstore:
        pinned = the_only(home.pinned(), args.registry)
        output.document(json.dumps(sigstore_config(pinned.trust), indent=1) + "\n")
        return 0
    return _list(home, output)


def sigstore_config(trust: TrustFile) -> dict[str, Json]:
    """Return the ClientTrustConfig of the `sigstore` command: our root, placeholder services.

    It wants one valid CA, OIDC and log address even when it only verifies. Ours sign nothing for
    it, so the addresses lead nowhere.
    """

    def service(path: str, version: int) -> dict[str, Json]:
        return {
            "url": f"{trust.public_url}/{path}",
            "majorApiVersion": version,
            "validFor": {"start": _SINCE},
            "operator": trust.host,
        }

    return {
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
        "trustedRoot": trust.trusted_root,
        "signingConfig": {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": [service("not-served/ca", 1)],
            "oidcUrls": [service("not-served/oidc", 1)],
            "rekorTlogUrls": [service("not-served/rekor", 2)],
            "tsaUrls": [service("not-served/tsa", 1)],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaConfig": {"selector": "ANY"},
        },
    }


def described(pinned: Pinned) -> dict[str, Json]:
    """Return what is known about a pinned registry, for `--json`."""
    trust = pinned.trust
    return {
        "registry": trust.public_url,
        "version": trust.version,
        "expires": format_time(trust.expires),
        "code": trust.code,
        "compared": pinned.compared,
    }


def in_words(pinned: Pinned, now: int) -> str:
    """Return a pinned registry in one line."""
    trust = pinned.trust
    expiry = "expired on" if now >= trust.expires else "good until"
    compared = "compared" if pinned.compared else "not compared"
    return (
        f"{trust.public_url}  version {trust.version}, {expiry} {day(trust.expires)}, "
        f"root key {trust.code}, {compared}"
    )


def _add(home: Home, source: str, key: str | None, output: Output) -> int:
    from trust_cli import pinning  # noqa: PLC0415 - the HTTP client, which `list` needs not

    if "://" in source:
        pinned = pinning.pin_url(home, source, key, output)
    else:
        pinned = pinning.pin_file(home, source, key, output)
    if time.time() >= pinned.trust.expires:
        output.note("warning", "this trust file has expired: verify with --at DATE only")
    output.result(in_words(pinned, int(time.time())))
    output.json(described(pinned))
    return 0


def _list(home: Home, output: Output) -> int:
    pinned = home.pinned()
    for item in pinned:
        output.result(in_words(item, int(time.time())))
    if not pinned:
        output.note("", "no registry is pinned here; touchplate trust add URL pins one")
    output.json({"registries": [described(item) for item in pinned]})
    return 0
