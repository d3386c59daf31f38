"""Which host a registry's DIDs carry."""

import ipaddress

from trust.core.registry.trust_file import TrustFile


def did_host(trust: TrustFile) -> str:
    """Return host and port as a DID of this registry carries them.

    The host of the public URL. The grammar of did:webvh wants a dot and no IP address, so that on
    localhost and behind an address it is the origin of the log instead.
    """
    host, colon, port = trust.host.rpartition(":")
    if not colon or host.startswith("[") != host.endswith("]"):
        host, port = trust.host, ""
    if "." not in host or _is_address(host):
        host = trust.newest_log.origin
    return f"{host}:{port}" if port else host


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
