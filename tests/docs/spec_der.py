"""Prints DER as the specifications show it: one line an element, indented, names for the OIDs."""

from collections.abc import Iterator

OIDS = {
    "1.2.840.10045.2.1": "id-ecPublicKey",
    "1.2.840.10045.3.1.7": "P-256",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.113549.1.7.2": "signedData",
    "1.2.840.113549.1.9.3": "contentType",
    "1.2.840.113549.1.9.4": "messageDigest",
    "1.2.840.113549.1.9.5": "signingTime",
    "1.2.840.113549.1.9.16.1.4": "TSTInfo",
    "1.2.840.113549.1.9.16.2.47": "signingCertificateV2",
    "1.3.6.1.4.1.11129.2.4.2": "SCT list",
    "1.3.6.1.4.1.57264.1.1": "issuer, raw",
    "1.3.6.1.4.1.57264.1.8": "issuer, UTF8String",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "2.5.4.3": "commonName",
    "2.5.4.10": "organizationName",
    "2.5.29.14": "subjectKeyIdentifier",
    "2.5.29.15": "keyUsage",
    "2.5.29.17": "subjectAltName",
    "2.5.29.35": "authorityKeyIdentifier",
    "2.5.29.37": "extKeyUsage",
    "2.16.840.1.101.3.4.2.1": "SHA-256",
    "2.999.1": "example policy",
}
NAMES = {
    0x01: "BOOLEAN",
    0x02: "INTEGER",
    0x03: "BIT STRING",
    0x04: "OCTET STRING",
    0x05: "NULL",
    0x06: "OID",
    0x0C: "UTF8String",
    0x17: "UTCTime",
    0x18: "GeneralizedTime",
    0x30: "SEQUENCE",
    0x31: "SET",
    0x80: "[0]",
    0x86: "[6]",
    0xA0: "[0]",
    0xA3: "[3]",
}
_CONSTRUCTED = 0x20
_TEXTS = {0x0C, 0x17, 0x18, 0x86}


def dump(data: bytes, *, depth: int = 0) -> str:
    """Return the elements of `data`, one a line."""
    lines = []
    for tag, content in elements(data):
        indent = "  " * depth
        if tag & _CONSTRUCTED:
            lines.append(f"{indent}{NAMES[tag]}\n{dump(content, depth=depth + 1)}")
        else:
            lines.append(f"{indent}{NAMES[tag]} {_value(tag, content)}\n")
    return "".join(lines)


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of one element after the other."""
    at = 0
    while at < len(data):
        tag, size, start = data[at], data[at + 1], at + 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[at + 2 : start])
        yield tag, data[start : start + size]
        at = start + size


def _value(tag: int, content: bytes) -> str:
    if tag == 0x06:
        dotted = _oid(content)
        return f"{dotted} ({OIDS[dotted]})"
    if tag in _TEXTS:
        return content.decode()
    if tag == 0x02 and len(content) < 20:
        return str(int.from_bytes(content))
    return content.hex()


def _oid(content: bytes) -> str:
    arcs = [0]
    for byte in content:
        arcs[-1] = arcs[-1] << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(0)
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:-1])))
