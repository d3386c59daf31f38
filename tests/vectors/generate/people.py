"""Handles, key codes, recovery keys, DIDs and Multikeys."""

import hashlib
from collections.abc import Iterator

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import malformed, valid
from tests.vectors.generate.keys import secret
from tests.vectors.generate.scene import standard

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

# handle, what it looks like, whether that is reserved, description
HANDLES: tuple[tuple[str, str, bool, str], ...] = (
    ("ana", "ana", False, "a plain handle"),
    ("a-na", "ana", False, "looks like ana: a hyphen is easily overlooked"),
    ("marta", "rnarta", False, "m is what r and n together look like"),
    ("rnarta", "rnarta", False, "looks like marta"),
    ("will", "vvlll", False, "w is what two v look like"),
    ("vvi11", "vvlll", False, "looks like will"),
    ("b0b", "bob", False, "looks like bob"),
    ("dara", "dara", False, "a plain handle with d"),
    ("clara", "dara", False, "looks like dara: c and l together"),
    ("luc1a", "luda", False, "looks like lucia"),
    ("lucia", "luda", False, "c and i count as d, as c and l do"),
    ("99a", "gga", False, "digits, with one letter among them"),
    ("q5z", "gsz", False, "q as g, 5 as s"),
    ("z2s6b8", "zzsbbb", False, "2 as z, 6 and 8 as b"),
    ("a" * 32, "a" * 32, False, "32 characters, the longest"),
    ("admin", "adrnln", True, "reserved"),
    ("adrnin", "adrnln", True, "looks like admin"),
    ("r00t", "root", True, "looks like root"),
    ("verif1ed", "verlfled", True, "looks like verified"),
    ("sup-port", "support", True, "looks like support"),
    ("touchp1ate", "touchplate", True, "looks like touchplate"),
)

BAD_HANDLES: tuple[tuple[str, str, str, str], ...] = (
    ("short", "two characters", "an", "expected 3 to 32"),
    ("long", "33 characters", "a" * 33, "expected 3 to 32"),
    ("empty", "nothing", "", "expected 3 to 32"),
    ("upper-case", "an upper-case letter", "Ana", "single hyphens inside"),
    ("underscore", "an underscore", "ana_l", "single hyphens inside"),
    ("dot", "a dot", "ana.l", "single hyphens inside"),
    ("hyphen-first", "a hyphen in front", "-ana", "single hyphens inside"),
    ("hyphen-last", "a hyphen at the end", "ana-", "single hyphens inside"),
    ("two-hyphens", "two hyphens in a row, as in the xn-- of domain names", "xn--ana", "single hyphens inside"),
    ("only-digits", "digits without a letter", "12345", "with at least one letter"),
    ("digits-and-hyphen", "digits and a hyphen without a letter", "1-2-3", "with at least one letter"),
    ("cyrillic-a", "a Cyrillic letter that looks like a", "an\u0430", "single hyphens inside"),
    ("full-width", "full-width letters", "\uff41na", "single hyphens inside"),
    ("arabic-digit", "a digit that is not ASCII", "ana\u0663", "single hyphens inside"),
    ("accent", "an accented letter", "an\u00e1", "single hyphens inside"),
    ("kelvin-sign", "the Kelvin sign, whose lower case is k", "an\u212a", "single hyphens inside"),
    ("dotless-i", "the dotless i", "an\u0131", "single hyphens inside"),
    ("zero-width", "a character without width", "an\u200ba", "single hyphens inside"),
    ("at-sign", "the at sign that is shown before it", "@ana", "single hyphens inside"),
    ("space", "a blank inside", "an a", "single hyphens inside"),
    ("line-feed", "a line feed at the end", "ana\n", "single hyphens inside"),
    ("soft-hyphen", "a soft hyphen", "an\u00ada", "single hyphens inside"),
)  # fmt: skip

BAD_DIDS: tuple[tuple[str, str, str], ...] = (
    ("other-method", "another method", "did:web:{}:registry.example:p:{}"),
    ("no-dot", "a host without a dot", "did:webvh:{}:localhost:p:{}"),
    ("ip-address", "an IP address", "did:webvh:{}:192.0.2.1:p:{}"),
    ("numeric-top-level", "a host whose last label is a number", "did:webvh:{}:registry.123:p:{}"),
    ("upper-case-host", "an upper-case host", "did:webvh:{}:Registry.example:p:{}"),
    ("non-ascii-host", "a host beyond ASCII", "did:webvh:{}:registr\u00e9.example:p:{}"),
    ("underscore-host", "a host with an underscore", "did:webvh:{}:my_registry.example:p:{}"),
    ("hyphen-at-label-end", "a label that ends in a hyphen", "did:webvh:{}:registry-.example:p:{}"),
    ("empty-label", "an empty label", "did:webvh:{}:registry..example:p:{}"),
    ("final-dot", "a dot behind the host", "did:webvh:{}:registry.example.:p:{}"),
    ("long-label", "a label of 64 characters", "did:webvh:{}:" + "a" * 64 + ".example:p:{}"),
    ("port-zero", "port 0", "did:webvh:{}:registry.example%3A0:p:{}"),
    ("port-too-large", "port 65536", "did:webvh:{}:registry.example%3A65536:p:{}"),
    ("port-leading-zero", "a port with a zero in front", "did:webvh:{}:registry.example%3A080:p:{}"),
    ("port-lower-case-escape", "the escape of the colon in lower case", "did:webvh:{}:registry.example%3a80:p:{}"),
    ("port-bare-colon", "a port behind a bare colon", "did:webvh:{}:registry.example:80:p:{}"),
    ("no-path", "no path", "did:webvh:{}:registry.example"),
    ("other-path", "another folder", "did:webvh:{}:registry.example:people:{}"),
    ("fragment", "a fragment", "did:webvh:{}:registry.example:p:{}#key"),
    ("query", "a query", "did:webvh:{}:registry.example:p:{}?versionId=1"),
    ("line-feed", "a line feed at the end", "did:webvh:{}:registry.example:p:{}\n"),
    ("host-too-long", "a host of over 253 characters", "did:webvh:{}:" + "a.b." * 63 + "example:p:{}"),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _handles()
    yield from _key_codes()
    yield from _recovery_keys()
    yield from _dids()
    yield from _multikeys()


def digits(data: bytes, count: int) -> str:
    """Return Crockford digits, spelled out bit by bit."""
    bits = f"{int.from_bytes(data):0{len(data) * 8}b}".ljust(count * 5, "0")
    return "".join(ALPHABET[int(bits[at : at + 5], 2)] for at in range(0, count * 5, 5))


def grouped(text: str) -> str:
    """Return digits in upper case and groups of four."""
    return "-".join(text.upper()[at : at + 4] for at in range(0, len(text), 4))


def _handles() -> Iterator[Vector]:
    for handle, alike, reserved, says in HANDLES:
        value = {"skeleton": alike, "reserved": reserved}
        name = handle if len(handle) < 32 else "longest"
        yield valid("handle", name, says, {"text": handle}, value)
    for name, says, handle, words in BAD_HANDLES:
        yield malformed("handle", name, says, {"text": handle}, words)


def _key_codes() -> Iterator[Vector]:
    for person in (standard().ana, standard().ben):
        code = grouped(digits(hashlib.sha256(person.scid.encode()).digest(), 12))
        says = f"the key code of {person.handle}"
        yield valid("key-code", person.handle, says, {"scid": person.scid}, code)


def _recovery_keys() -> Iterator[Vector]:
    seed = secret("a seed on paper")
    plain = digits(seed, 52) + digits(hashlib.sha256(seed).digest(), 4)
    printed = grouped(plain)
    spoken = printed.lower().replace("-", " ").replace("1", "I").replace("0", "o")
    for name, says, typed in (
        ("printed", "as printed", printed),
        ("typed", "lower case, blanks, I for 1 and o for 0", spoken),
        ("ungrouped", "without groups, with white space around", f"  {plain}\n"),
    ):
        yield valid("recovery-key", name, says, {"text": typed}, seed.hex())
    wrong = "1" if plain[7] != "1" else "2"
    swapped = plain[:20] + plain[21] + plain[20] + plain[22:]
    spare = plain[:51] + ALPHABET[ALPHABET.index(plain[51]) | 1] + plain[52:]
    for name, says, typed, words in (
        ("wrong-digit", "one digit is wrong", plain[:7] + wrong + plain[8:], "check digits do not fit"),
        ("swapped-digits", "two neighbours are swapped", swapped, "check digits do not fit"),
        ("wrong-check-digit", "a check digit is wrong", plain[:-1] + ("0" if plain[-1] != "0" else "1"), "check digits do not fit"),
        ("spare-bits", "the last digit of the seed has bits that no seed has", spare, "spare bits"),
        ("short", "a digit too few", plain[:-1], "55 digits, expected 56"),
        ("long", "a digit too many", plain + "0", "57 digits, expected 56"),
        ("no-check-digits", "the check digits are missing", plain[:52], "52 digits, expected 56"),
        ("letter-u", "the letter U, which the alphabet leaves out", "u" + plain[1:], "a character that no recovery key has"),
        ("kelvin-sign", "the Kelvin sign, whose lower case is k", "\u212a" + plain[1:], "a character that no recovery key has"),
        ("empty", "nothing", "", "0 digits, expected 56"),
    ):  # fmt: skip
        yield malformed("recovery-key", name, says, {"text": typed}, words)


def _dids() -> Iterator[Vector]:
    scid = standard().ana.scid
    for name, says, host in (
        ("plain", "a host of two labels", "registry.example"),
        ("port", "a port", "registry.example%3A8443"),
        ("sub-domain", "a host of four labels", "a.b-c.registry.example"),
        ("punycode", "an international name in its ASCII form", "xn--caf-dma.example"),
        ("largest-port", "port 65535", "registry.example%3A65535"),
        ("longest-host", "a host of 253 characters", "a.b." * 61 + "c.example"),
        ("local", "a local origin", "0a1b2c3d.localhost%3A8080"),
    ):
        did = f"did:webvh:{scid}:{host}:p:{scid}"
        yield valid("did", name, says, {"text": did}, scid)
    for name, says, pattern in BAD_DIDS:
        did = pattern.format(scid, scid)
        yield malformed("did", name, says, {"text": did}, "is not a DID like")
    other = standard().ben.scid
    did = f"did:webvh:{scid}:registry.example:p:{other}"
    yield malformed(
        "did", "other-scid-in-path", "another SCID in the path", {"text": did}, "is not a DID like"
    )
    for name, says, bad in (
        ("scid-short", "a SCID with a digit too few", scid[:-1]),
        ("scid-other-hash", "a multihash of another kind than SHA-256", "Zz" + scid[2:]),
        ("scid-bad-digit", "a digit that base58 leaves out", scid[:-1] + "0"),
    ):
        did = f"did:webvh:{bad}:registry.example:p:{bad}"
        yield malformed("did", name, says, {"text": did}, "is not")


def _multikeys() -> Iterator[Vector]:
    ana = standard().ana
    ed25519, point = ana.update.public_key, ana.signer.public_key
    compressed = bytes([2 + point[-1] % 2]) + point[1:33]
    ed_text, p_text = multibase(b"\xed\x01" + ed25519), multibase(b"\x80\x24" + compressed)
    yield valid("ed25519-multikey", "plain", "an update key", {"text": ed_text}, ed25519.hex())
    yield valid("p256-multikey", "plain", "a statement key", {"text": p_text}, point.hex())
    yield valid("p256-multikey", "other-kind", "an Ed25519 key is none", {"text": ed_text})
    for name, says, text, words in (
        ("p256", "a P-256 key", p_text, "is not an Ed25519 Multikey"),
        ("short", "a byte too few", multibase(b"\xed\x01" + ed25519[1:]), "is not an Ed25519 Multikey"),
        ("long", "a byte too many", multibase(b"\xed\x01" + ed25519 + b"\0"), "is not an Ed25519 Multikey"),
        ("no-prefix", "the bare key", multibase(ed25519), "is not an Ed25519 Multikey"),
        ("base64url", "another base", "u7QE", "is not base58btc with the prefix z"),
        ("no-base", "no letter for the base", ed_text[1:], "is not base58btc with the prefix z"),
        ("bad-digit", "a digit that base58 leaves out", ed_text[:-1] + "0", "is not base58btc"),
    ):  # fmt: skip
        yield malformed("ed25519-multikey", name, says, {"text": text}, words)
    off_curve = bytes([2]) + bytes(31) + b"\x01"
    for name, says, data, words in (
        ("uncompressed", "the uncompressed point", point, "is not a compressed P-256 point"),
        ("hybrid", "the hybrid form", bytes([6 + point[-1] % 2]) + point[1:], "is not a compressed P-256 point"),
        ("short", "a byte too few", compressed[:-1], "is not a compressed P-256 point"),
        ("off-the-curve", "an x without a point", off_curve, "is not a point of P-256"),
        ("bad-parity", "a first byte that says nothing of the parity", b"\x05" + compressed[1:], "is not a point of P-256"),
        ("x-too-large", "an x beyond the field", b"\x02" + b"\xff" * 32, "is not a point of P-256"),
        ("infinity", "the point at infinity", b"\0", "is not a compressed P-256 point"),
    ):  # fmt: skip
        given = {"text": multibase(b"\x80\x24" + data)}
        yield malformed("p256-multikey", name, says, given, words)


def multibase(data: bytes) -> str:
    """Return z and base58btc."""
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        text = alphabet[rest] + text
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + text
