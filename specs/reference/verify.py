# /// script
# requires-python = ">=3.11"
# dependencies = ["cryptography"]
# ///
"""A second verifier, written from `specs/*.md` alone and read from top to bottom like them.

It shares no line with the implementation in `trust/`: where the two disagree, a specification is
unclear or one of them is wrong. It favours being followed over being fast. In brackets stands the
file and part of the specification that a function puts into code.

Without arguments it answers the questions of `specs/vectors/README.md`. With arguments it judges
files: `python verify.py --trust trust.json --dossier poem.txt.touchplate.json poem.txt`.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"


def words(line: str) -> list[str]:
    """Split a line into its words."""
    return line.split()


STEP_OF: Final = {
    reason: step
    for step, reasons in {
        0: "unreadable registry_not_pinned high_s no_known_signature trust_file_not_signed",
        1: "no_subject changed not_whole missing added",
        2: "bad_signature",
        3: "unlisted_log unlisted_ca wrong_issuer bad_ca_signature certificate_not_yet_valid "
        "certificate_expired wrong_usage other_registry no_sct unlisted_sct_key bad_sct "
        "wrong_signer_kind other_signer",
        4: "unlisted_tsa other_tsa other_imprint bad_token tsa_out_of_use token_from_the_future "
        "bad_not_before not_before_too_old times_contradict",
        5: "other_log other_leaf bad_log_proof bad_checkpoint closed_log checkpoint_too_old "
        "other_origin unsigned_checkpoint inconsistent",
        6: "bad_cosignature",
        7: "unlisted_registry_key signer_kind_not_checked no_key_history scid_not_derived "
        "hash_chain_broken other_scid not_an_update_key bad_proof time_not_increasing "
        "key_not_announced no_such_version other_key_history key_not_in_history other_identity "
        "key_history_not_logged no_delegation other_delegation delegation_later "
        "delegation_expired delegation_too_long over_budget out_of_scope scope_not_at_hand "
        "review_not_at_hand delegation_ended no_membership not_released not_a_member "
        "bad_presence passkey_not_at_hand",
        8: "unlisted_status_key bad_status_signature bad_status_proof withdrawn key_revoked "
        "key_disputed key_revoked_later signed_while_frozen frozen superseded no_status "
        "status_too_old",
        10: "signer_mismatch handle_not_at_hand trust_file_expired",
    }.items()
    for reason in reasons.split()
}
"""The step of each reason [verification.md, reasons and inner reasons]."""

COULD_NOT_CHECK: Final = frozenset(
    words(
        "registry_not_pinned signer_kind_not_checked no_key_history key_history_not_logged "
        "no_status status_too_old times_contradict handle_not_at_hand "
        "trust_file_expired no_delegation scope_not_at_hand review_not_at_hand "
        "no_membership not_released passkey_not_at_hand"
    )
)
EXITS: Final = {
    "valid": 0,
    "superseded": 0,
    "invalid": 1,
    "mismatch": 1,
    "unreadable": 2,
    "other_signer": 4,
    "revoked": 5,
    "disputed": 5,
    "frozen": 5,
    "could_not_check": 6,
    "valid_before_revocation": 0,
}
WORST_FIRST: Final = words(
    "invalid mismatch unreadable revoked disputed frozen other_signer could_not_check "
    "superseded valid_before_revocation"
)


class MalformedError(Exception):
    """The bytes are not in their format [verification.md, outcomes of a check]."""


class CheckError(Exception):
    """A check of a step does not hold; `unlisted_..` and mismatches too [the same]."""

    def __init__(self, reason: str, step: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.step = STEP_OF[reason] if step is None else step


class ConflictError(Exception):
    """A trust file is not the successor of the pinned one [trust.md, 5]."""


def require(condition: object, wanted: str) -> None:
    """Refuse as malformed unless `condition` holds."""
    if not condition:
        raise MalformedError(f"wanted: {wanted}")


def check(condition: object, reason: str) -> None:
    """Fail with `reason` unless `condition` holds."""
    if not condition:
        raise CheckError(reason)


def sha256(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


# Of encoding.md.

MAX_INTEGER: Final = 2**53 - 1
CROCKFORD: Final = "0123456789abcdefghjkmnpqrstvwxyz"
BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
MAX_BASE58: Final = 128
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def base64_bytes(text: str, size: int | None = None) -> bytes:
    """Read base64, of exactly `size` bytes if that is given."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MalformedError(f"not base64: {text[:80]!r}") from error
    require(base64_text(data) == text, "base64 in its one spelling")
    require(size is None or len(data) == size, f"base64 of {size} bytes")
    return data


def base64_text(data: bytes) -> str:
    """Write base64."""
    return base64.b64encode(data).decode()


def hex_text(text: str, size: int) -> str:
    """Read the hex of `size` bytes; return it as it is."""
    require(re.fullmatch(f"[0-9a-f]{{{2 * size}}}", text), f"hex of {size} bytes")
    return text


def decimal(text: str) -> int:
    """Read a decimal from 0 to 2^53-1."""
    require(re.fullmatch("0|[1-9][0-9]{0,15}", text), "a decimal")
    return in_range(int(text), 0, MAX_INTEGER)


def in_range(number: int, low: int, high: int) -> int:
    """Refuse a number that is not from `low` to `high`."""
    require(low <= number <= high, f"a number from {low} to {high}")
    return number


def seconds_of(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Turn a date and time in UTC that must exist into seconds since 1970."""
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise MalformedError("no such date or time") from error
    return (moment - EPOCH) // timedelta(seconds=1)


def time_seconds(text: str) -> int:
    """Read a time, from 1970 to 9999."""
    form = "([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z"
    match = re.fullmatch(form, text)
    if match is None:
        raise MalformedError(f"not a time: {text[:80]!r}")
    year, month, day, hour, minute, second = map(int, match.groups())
    seconds = seconds_of(year, month, day, hour, minute, second)
    require(seconds >= 0, "a time from 1970 on")
    return seconds


def time_text(seconds: int) -> str:
    """Write a time."""
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def crockford(data: bytes) -> str:
    """Write Crockford base32: five bits a digit, zero bits at the end."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return "".join(CROCKFORD[int(bits[i : i + 5], 2)] for i in range(0, len(bits), 5))


def typed_crockford(text: str) -> str:
    """Make the Crockford digits that a person typed canonical."""
    typed = text.replace("-", "").replace(" ", "")
    require(typed.isascii(), "ASCII")
    digits = typed.lower().replace("i", "1").replace("l", "1").replace("o", "0")
    require(all(digit in CROCKFORD for digit in digits), "Crockford digits")
    return digits


def for_eyes(digits: str) -> str:
    """Write upper case in groups of four."""
    return "-".join(digits[i : i + 4] for i in range(0, len(digits), 4)).upper()


def base58_bytes(text: str) -> bytes:
    """Read base58btc."""
    require(len(text) <= MAX_BASE58, f"at most {MAX_BASE58} base58 digits")
    require(all(digit in BASE58 for digit in text), "base58 digits")
    number = 0
    for digit in text:
        number = number * 58 + BASE58.index(digit)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base58_text(data: bytes) -> str:
    """Write base58btc."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = BASE58[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def multibase(text: str) -> bytes:
    """Read multibase: `z` and base58btc."""
    require(text.startswith("z"), "multibase with the prefix z")
    return base58_bytes(text[1:])


# Of json.md.

MAX_DEPTH: Final = 16
MAX_TEXT: Final = 4096
REFUSED: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
WHITE_SPACE: Final = (
    "\n \xa0\u1680" + "".join(map(chr, range(0x2002, 0x200B))) + ("\u2028\u2029\u202f\u205f\u3000")
)


def plain_json(data: bytes, limit: int) -> Json:
    """Read a plain document [profile, 1 to 7]."""
    require(len(data) <= limit, f"at most {limit} bytes")
    require(not data.startswith(b"\xef\xbb\xbf"), "no byte order mark")
    try:
        value = cast(
            "Json",
            json.loads(
                data.decode("utf-8"),
                object_pairs_hook=object_without_duplicates,
                parse_int=json_integer,
                parse_float=no_such_number,
                parse_constant=no_such_number,
            ),
        )
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"not JSON: {error}") from error
    check_profile(value, 0)
    return value


def object_without_duplicates(pairs: list[tuple[str, Json]]) -> JsonObject:
    """Make an object of its members [profile, 4]."""
    found = dict(pairs)
    require(len(found) == len(pairs), "no member twice")
    return found


def json_integer(text: str) -> int:
    """Read a whole number [profile, 5]."""
    require(text != "-0", "a number that is not -0")
    return -decimal(text[1:]) if text.startswith("-") else decimal(text)


def no_such_number(text: str) -> Json:
    """Refuse fractions, exponents, NaN and Infinity [profile, 3 and 5]."""
    raise MalformedError(f"not a whole number: {text[:80]}")


def check_profile(value: Json, depth: int) -> None:
    """Check nesting and texts [profile, 6 and 7]."""
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, list | dict):
        require(depth < MAX_DEPTH, f"at most {MAX_DEPTH} levels")
        for item in value:
            check_profile(item, depth + 1)
        if isinstance(value, dict):
            for item in value.values():
                check_profile(item, depth + 1)


def check_text(text: str) -> None:
    """Check the text rules."""
    require(REFUSED.search(text) is None, "a text without control, surrogate or reordering marks")
    require(unicodedata.is_normalized("NFC", text), "a text in NFC")


def canonical(value: Json) -> bytes:
    """Write the RFC 8785 form [profile, 8]."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        members = (canonical(name) + b":" + canonical(value[name]) for name in names)
        return b"{" + b",".join(members) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    return json.dumps(value, ensure_ascii=False).encode()


def canonical_json(data: bytes, limit: int) -> Json:
    """Read a canonical document [algorithm]."""
    value = plain_json(data, limit)
    require(canonical(value) == data, "the RFC 8785 form")
    return value


def an_object(value: Json) -> JsonObject:
    """Take an object whose further members are passed over [objects]."""
    if not isinstance(value, dict):
        raise MalformedError("wanted: an object")
    return value


def closed(value: Json, required: str, optional: str = "") -> JsonObject:
    """Take an object with these members and no others [objects]."""
    found, names = an_object(value), required.split()
    require(found.keys() >= set(names), f"an object with {required}")
    require(found.keys() <= {*names, *optional.split()}, f"no members but {required} {optional}")
    return found


def member(value: JsonObject, name: str) -> Json:
    """Take a required member of an object whose further members are passed over."""
    require(name in value, f"a member {name}")
    return value[name]


def a_list(value: Json, least: int, most: int) -> list[Json]:
    """Take a list of `least` to `most` items."""
    if not isinstance(value, list):
        raise MalformedError("wanted: a list")
    require(least <= len(value) <= most, f"a list of {least} to {most}")
    return value


def text(value: Json, most: int = MAX_TEXT) -> str:
    """Take a text of at most `most` code points."""
    if not isinstance(value, str):
        raise MalformedError("wanted: a text")
    require(len(value) <= most, f"a text of at most {most}")
    return value


def not_blank(value: Json, most: int = MAX_TEXT) -> str:
    """Take a text that holds more than white space."""
    found = text(value, most)
    require(found.strip(WHITE_SPACE), "a text that is not blank")
    return found


def texts(value: Json, least: int, most: int, longest: int = MAX_TEXT) -> list[str]:
    """Take a list of texts."""
    return [text(item, longest) for item in a_list(value, least, most)]


def number(value: Json, low: int, high: int = MAX_INTEGER) -> int:
    """Take a whole number from `low` to `high`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedError("wanted: a whole number")
    return in_range(value, low, high)


def a_boolean(value: Json) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise MalformedError("wanted: true or false")
    return value


def exactly(value: Json, wanted: Json) -> None:
    """Refuse everything but `wanted`; 0 and 1 are not false and true."""
    require(type(value) is type(wanted) and value == wanted, repr(wanted))


def base64_of(value: Json, most: int, size: int | None = None) -> bytes:
    """Take base64 of at most `most` characters."""
    return base64_bytes(text(value, most), size)


def distinct(items: Iterable[object]) -> None:
    """Refuse a list in which something stands twice."""
    listed = list(items)
    require(len(set(listed)) == len(listed), "nothing twice")


# Of keys.md.

SPKI_P256: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
SPKI_ED25519: Final = bytes.fromhex("302a300506032b6570032100")
ORDER_P256: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PRIME_ED25519: Final = 2**255 - 19
ORDER_ED25519: Final = 2**252 + 27742317777372353535851937790883648493
ORDER_8: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
LOW_ORDER: Final = (0, 1, PRIME_ED25519 - 1, ORDER_8, PRIME_ED25519 - ORDER_8)
MAX_DER: Final = 65536

SEQUENCE: Final = 0x30
SET: Final = 0x31
BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
UTF8_STRING: Final = 0x0C
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
START_OF_2050: Final = 2524608000


class Der:
    """Strict DER, taken from the left [DER]."""

    def __init__(self, data: bytes) -> None:
        require(len(data) <= MAX_DER, f"DER of at most {MAX_DER} bytes")
        self.rest = data

    def element(self, tag: int) -> tuple[bytes, bytes]:
        """Take an element: all of it, and its content."""
        require(self.rest[:1] == bytes([tag]), f"DER tag {tag:02x}")
        start, length = der_length(self.rest)
        whole, self.rest = self.rest[: start + length], self.rest[start + length :]
        require(len(whole) == start + length, "a DER element inside its parent")
        return whole, whole[start:]

    def whole(self, tag: int) -> bytes:
        """Take an element with its tag and length."""
        return self.element(tag)[0]

    def content(self, tag: int) -> bytes:
        """Take the content of an element."""
        return self.element(tag)[1]

    def enter(self, tag: int = SEQUENCE) -> "Der":
        """Take an element whose content is read in turn."""
        return Der(self.content(tag))

    def integer(self) -> int:
        """Take a non-negative INTEGER in its shortest form."""
        content = self.content(INTEGER)
        require(content, "an INTEGER with content")
        require(content[0] < 0x80, "an INTEGER that is not negative")
        require(content[0] or content[1:2] >= b"\x80" or len(content) == 1, "a short INTEGER")
        return int.from_bytes(content, "big")

    def generalized_time(self) -> int:
        """Take a GeneralizedTime, as seconds since 1970 [DER time, in a token]."""
        digits = self.content(GENERALIZED_TIME)
        require(re.fullmatch(rb"[1-9][0-9]{13}Z", digits), "a GeneralizedTime with seconds")
        fields = [int(digits[i : i + 2]) for i in range(4, 14, 2)]
        return seconds_of(int(digits[:4]), *fields)

    def time(self) -> int:
        """Take a UTCTime, or a GeneralizedTime from 2050 on [DER time, in a certificate]."""
        if self.rest[:1] != bytes([UTC_TIME]):
            seconds = self.generalized_time()
            require(seconds >= START_OF_2050, "a UTCTime before 2050")
            return seconds
        digits = self.content(UTC_TIME)
        century = b"19" if digits >= b"50" else b"20"
        require(re.fullmatch(rb"[0-9]{12}Z", digits), "a UTCTime with seconds")
        return Der(der(GENERALIZED_TIME, century, digits)).generalized_time()

    def end(self) -> None:
        """Refuse anything more: *nothing after*."""
        require(not self.rest, "nothing after the last DER element")


def der_length(data: bytes) -> tuple[int, int]:
    """Read where the content of the first element starts, and its length."""
    first = data[1:2]
    require(first, "a DER length")
    if first < b"\x80":
        return 2, first[0]
    size = first[0] - 0x80
    require(1 <= size <= 3, "a definite DER length of at most 3 bytes")
    digits = data[2 : 2 + size]
    length = int.from_bytes(digits, "big")
    require(len(digits) == size and digits[0] and length >= 0x80, "a shortest DER length")
    return 2 + size, length


def der(tag: int, *parts: bytes) -> bytes:
    """Write an element."""
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    digits = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 + len(digits)]) + digits + content


def der_integer(value: int) -> bytes:
    """Write a non-negative INTEGER."""
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def p256_point(spki: bytes) -> bytes:
    """Read the uncompressed point of a P-256 SPKI [P-256]."""
    point = spki[len(SPKI_P256) :]
    require(spki.startswith(SPKI_P256) and len(point) == 65, "a P-256 SPKI")
    require(point[0] == 4, "an uncompressed point")
    return point


def p256_numbers(signature: bytes) -> tuple[int, int]:
    """Read r and s of a DER signature [P-256]."""
    document = Der(signature)
    numbers = document.enter()
    document.end()
    r, s = numbers.integer(), numbers.integer()
    numbers.end()
    require(0 < r < ORDER_P256, "0 < r < n")
    require(0 < s < ORDER_P256, "0 < s < n")
    return r, s


def verify_p256(point: bytes, message: bytes, signature: bytes, *, low_s: bool = False) -> None:
    """Verify ECDSA with SHA-256 [P-256]."""
    _, s = p256_numbers(signature)
    if low_s:
        check(s <= ORDER_P256 // 2, "high_s")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except ValueError as error:
        raise MalformedError("wanted: a point of the curve") from error
    except InvalidSignature as error:
        raise CheckError("bad_signature", step=0) from error


def ed25519_key(spki: bytes) -> bytes:
    """Read the key of an Ed25519 SPKI [Ed25519]."""
    key = spki[len(SPKI_ED25519) :]
    require(spki.startswith(SPKI_ED25519) and len(key) == 32, "an Ed25519 SPKI")
    return key


def ed25519_key_id(key: bytes) -> str:
    """Name an Ed25519 key as DSSE envelopes do [key id of DSSE]."""
    return sha256(SPKI_ED25519 + key).hex()


def verify_ed25519(key: bytes, message: bytes, signature: bytes) -> None:
    """Verify strictly, as libsodium does [Ed25519, 1 to 4]."""
    require(len(key) == 32, "an Ed25519 key of 32 bytes")
    require(len(signature) == 64, "an Ed25519 signature of 64 bytes")
    for point in (key, signature[:32]):
        y = int.from_bytes(point, "little") % 2**255
        if y >= PRIME_ED25519 or y in LOW_ORDER:
            raise CheckError("bad_signature", step=0)
    if int.from_bytes(signature[32:], "little") >= ORDER_ED25519:
        raise CheckError("bad_signature", step=0)
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (ValueError, InvalidSignature) as error:
        raise CheckError("bad_signature", step=0) from error


def ed25519_multikey(key: str) -> bytes:
    """Read an Ed25519 Multikey [Multikey]."""
    data = multibase(key)
    require(data[:2] == b"\xed\x01" and len(data) == 34, "an Ed25519 Multikey")
    return data[2:]


def p256_multikey(key: str) -> bytes | None:
    """Read the uncompressed point of a P-256 Multikey; None for one of another kind [Multikey]."""
    data = multibase(key)
    if data[:2] != b"\x80\x24":
        return None
    require(len(data) == 35, "a P-256 Multikey of 33 bytes")
    require(data[2] in {2, 3}, "a compressed point")
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data[2:])
    except ValueError as error:
        raise MalformedError("wanted: a point of the curve") from error
    return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


# Of envelope.md.

STATEMENT_TYPE: Final = "application/vnd.in-toto+json"
TRUST_TYPE: Final = "application/vnd.touchplate.trust.v1+json"
STATUS_TYPE: Final = "application/vnd.touchplate.status.v1+json"
MAX_PAYLOAD: Final = 262144
MAX_SNAPSHOT: Final = 4096


class Envelope(NamedTuple):
    """A payload with its type and (key id, signature) pairs."""

    payload: bytes
    payload_type: str
    signatures: list[tuple[str, bytes]]


def read_envelope(value: Json, payload_type: str, most: int, limit: int) -> Envelope:
    """Read an envelope with 1 to `most` signatures and a payload of at most `limit` bytes."""
    found = closed(value, "payload payloadType signatures")
    exactly(found["payloadType"], payload_type)
    payload = base64_of(found["payload"], (limit + 2) // 3 * 4)
    require(len(payload) <= limit, f"a payload of at most {limit} bytes")
    signatures = []
    for item in a_list(found["signatures"], 1, most):
        signature = closed(item, "keyid sig")
        signatures.append((text(signature["keyid"], 64), base64_of(signature["sig"], 128)))
    distinct(key_id for key_id, _ in signatures)
    return Envelope(payload, payload_type, signatures)


def read_statement_envelope(value: Json) -> Envelope:
    """Read the envelope of a statement: one signature with an empty key id."""
    envelope = read_envelope(value, STATEMENT_TYPE, 1, MAX_PAYLOAD)
    exactly(envelope.signatures[0][0], "")
    return envelope


def pae(envelope: Envelope) -> bytes:
    """Write what is signed: the pre-authentication encoding."""
    kind = envelope.payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(envelope.payload), envelope.payload)


# Of statement.md.

SIGNED_BY_REGISTRY: Final = frozenset(
    {"identity", "issuance", "trust", "snapshot", "redaction", "recovery"}
)
ABOUT_ITS_PART: Final = frozenset({"handle", "profile", "founding"})
WITH_PRIVATE_PART: Final = ABOUT_ITS_PART | {"deliverable"}
KEY_DETAILS: Final = "PKIX_ECDSA_P256_SHA_256"
MAX_SUBJECTS: Final = 1000
MAX_CHECKPOINT: Final = 16384
DATA_SIZE: Final = 37


def host_name(value: Json) -> str:
    """Take the origin of a registry's log: a host name."""
    found = text(value, 253)
    require(re.fullmatch("[a-z0-9.-]+", found), "a host name of a-z, 0-9, - and .")
    return found


class Statement(NamedTuple):
    """Who says what, for which log, not before when."""

    type: str
    subjects: list[str]
    origin: str
    log_id: bytes
    signer_id: str
    signer_version: str | None
    salt: str
    not_before: str
    facts: JsonObject
    private: str | None


def read_statement(payload: bytes) -> Statement:
    """Read a payload [algorithm]."""
    found = closed(canonical_json(payload, MAX_PAYLOAD), "_type subject predicateType predicate")
    exactly(found["_type"], "https://in-toto.io/Statement/v1")
    predicate_type = text(found["predicateType"], 200)
    match = re.fullmatch("https://w3id.org/touchplate/([a-z]+)/v1", predicate_type)
    require(match and match[1] in FACTS, "a predicateType of version 1")
    predicate = closed(found["predicate"], "registry signer salt notBefore facts private")
    registry = closed(predicate["registry"], "origin logId")
    signer = closed(predicate["signer"], "id", "version")
    kind = match[1] if match else ""
    statement = Statement(
        type=kind,
        subjects=[read_subject(item) for item in a_list(found["subject"], 1, MAX_SUBJECTS)],
        origin=host_name(registry["origin"]),
        log_id=base64_of(registry["logId"], 64, 32),
        signer_id=text(signer["id"], 400),
        signer_version=text(signer["version"], 80) if "version" in signer else None,
        salt=hex_text(text(predicate["salt"]), 16),
        not_before=text(predicate["notBefore"], MAX_CHECKPOINT),
        facts=read_facts(kind, predicate["facts"]),
        private=read_private_digest(predicate["private"]),
    )
    check_type(statement)
    return statement


def read_subject(value: Json) -> str:
    """Read a subject: a digest without a name."""
    found = closed(value, "name digest")
    exactly(found["name"], "")
    return read_sha256(found["digest"])


def read_sha256(value: Json) -> str:
    """Read an object with one SHA-256 in hex."""
    return hex_text(text(closed(value, "sha256")["sha256"]), 32)


def read_private_digest(value: Json) -> str | None:
    """Read the digest of a private part, or null."""
    return None if value is None else read_sha256(value)


def check_type(statement: Statement) -> None:
    """Check the table of types."""
    by_registry = statement.type in SIGNED_BY_REGISTRY
    require(
        (statement.signer_version is None) == by_registry, "a version unless the registry signs"
    )
    if statement.type in WITH_PRIVATE_PART:
        require(statement.private is not None, "a private part")
    elif statement.type != "withdrawal":
        require(statement.private is None, "no private part")
    if statement.type != "deliverable" or statement.facts["form"] == "manifest":
        require(len(statement.subjects) == 1, "one subject")
    if statement.type in ABOUT_ITS_PART:
        exactly(statement.subjects[0], statement.private)
    if statement.type == "membership":
        named = status_name("statement", text(statement.facts["enterprise"]))
        exactly(statement.subjects[0], named)
    if statement.type == "delegation":
        point = p256_multikey(text(statement.facts["key"]))
        exactly(statement.subjects[0], sha256(SPKI_P256 + (point or b"")).hex())
    if statement.type == "revocation":
        is_compromise = statement.facts["reason"] == "compromised"
        require((statement.facts["since"] is not None) == is_compromise, "since of a compromise")


def nullable_id(value: Json) -> None:
    """Take null or a canonical id."""
    if value is not None:
        check_id(text(value))


def one_of(words: str) -> Callable[[Json], None]:
    """Take one of these words."""
    return lambda value: require(text(value) in words.split(), f"one of {words}")


FACTS: Final[dict[str, dict[str, Callable[[Json], object]]]] = {
    "deliverable": {
        "form": one_of("files manifest"),
        "offline": a_boolean,
        "unlisted": a_boolean,
    },
    "enrolment": {"keyDetails": one_of(KEY_DETAILS)},
    "handle": {},
    "profile": {},
    "withdrawal": {},
    "freeze": {},
    "unfreeze": {},
    "revocation": {
        "reason": one_of("retired lost compromised revoked"),
        "since": lambda value: None if value is None else time_seconds(text(value)),
    },
    "erasure": {},
    "identity": {
        "scid": lambda value: read_hash(text(value, 64)),
        "version": lambda value: text(value, 80),
    },
    "issuance": {"enrolment": nullable_id},
    "recovery": {
        "scid": lambda value: read_hash(text(value, 64)),
        "version": lambda value: text(value, 80),
        "kind": one_of("recovery drop"),
        "until": lambda value: time_seconds(text(value)),
    },
    "veto": {"version": lambda value: text(value, 80)},
    "trust": {"version": lambda value: number(value, 1)},
    "snapshot": {
        "result": one_of("status reputation"),
        "size": lambda value: number(value, 0),
        "time": lambda value: time_seconds(text(value)),
    },
    "founding": {"needed": lambda value: number(value, 1, 5)},
    "membership": {
        "enterprise": lambda value: check_id(text(value)),
        "step": one_of("offer accept leave"),
    },
    "release": {"enterprise": nullable_id},
    "delegation": {
        "agent": lambda value: number(value, 1, MAX_AGENT),
        "key": lambda value: require(p256_multikey(text(value, 100)), "a P-256 Multikey"),
        "keyDetails": lambda value: exactly(value, KEY_DETAILS),
        "scope": lambda value: check_scope_form(value),  # noqa: PLW0108
        "budget": lambda value: check_budget_form(value),  # noqa: PLW0108
        "expires": lambda value: time_seconds(text(value)),
        "humanReview": a_boolean,
    },
    "redaction": {"erasure": nullable_id},
    "passkey": {
        "key": lambda value: require(p256_multikey(text(value, 100)), "a P-256 Multikey"),
        "keyDetails": lambda value: exactly(value, KEY_DETAILS),
    },
}
"""The members of `facts` by type [facts]."""

OPTIONAL_FACTS: Final[dict[str, dict[str, Callable[[Json], object]]]] = {
    "deliverable": {
        "supersedes": lambda value: check_id(text(value)),
        "onBehalfOf": lambda value: check_id(text(value)),
        "presence": lambda value: check_presence_form(value),  # noqa: PLW0108
    },
}
"""Those that may be absent."""


def read_facts(kind: str, value: Json) -> JsonObject:
    """Read the facts of a type; a type without any has null."""
    if not FACTS[kind]:
        exactly(value, None)
        return {}
    by_agent = kind == "deliverable" and isinstance(value, dict) and "delegation" in value
    optional = dict(OPTIONAL_FACTS.get(kind, {}))
    required = " ".join(FACTS[kind]) + (" delegation number" if by_agent else "")
    if by_agent:
        optional.pop("supersedes")
    if kind == "membership":
        required += check_step(value)
    facts = closed(value, required, " ".join(optional))
    for name, read in {**FACTS[kind], **optional}.items():
        if name in facts:
            read(facts[name])
    if by_agent:
        check_id(text(facts["delegation"]))
        number(facts["number"], 1)
    return facts


def check_step(value: Json) -> str:
    """Check what a step of a membership has besides; give its name [enterprise.md]."""
    facts = an_object(value)
    step = text(member(facts, "step"))
    if step == "offer":
        read_hash(text(member(facts, "member"), 64))
        return " member"
    if step == "accept":
        check_id(text(member(facts, "offer")))
        return " offer"
    return ""


def statement_id(origin: str, who: str, salt: str) -> str:
    """Derive the id of a statement [id, 1 to 3]."""
    named = f"touchplate-id-v1\n{origin}\n{who}\n{salt}"
    return crockford(sha256(named.encode()))[:16]


def check_id(digits: str) -> str:
    """Refuse what is not 16 Crockford digits in lower case."""
    require(re.fullmatch(f"[{CROCKFORD}]{{16}}", digits), "an id of 16 digits")
    return digits


def typed_id(typed: str) -> str:
    """Read an id as a person typed it [id]."""
    return check_id(typed_crockford(typed))


# Of private.md.


def read_private_part(value: Json, kind: str) -> JsonObject:
    """Read the private part of a statement of type `kind`."""
    if kind == "deliverable":
        part = closed(value, "blind names", "title disclosure licence notClaimed")
        check_deliverable_part(part)
    elif kind == "handle":
        part = closed(value, "blind handle")
        read_handle(text(part["handle"], 64))
    elif kind == "profile":
        part = closed(value, "blind", "name links")
        if "name" in part:
            not_blank(part["name"], 200)
        if "links" in part:
            texts(part["links"], 1, 20, 400)
    elif kind == "founding":
        part = closed(value, "blind name")
        not_blank(part["name"], 100)
        require("\n" not in text(part["name"]), "one line")
    elif kind == "withdrawal":
        part = closed(value, "blind reason")
        not_blank(part["reason"], 500)
    else:
        raise MalformedError(f"a {kind} has no private part")
    hex_text(text(part["blind"]), 16)
    return part


def check_deliverable_part(part: JsonObject) -> None:
    """Check the members of a deliverable's private part."""
    names = texts(part["names"], 1, MAX_SUBJECTS, 1024)
    distinct(names)
    for name in names:
        check_name(name)
    for optional in {"title", "licence"} & part.keys():
        not_blank(part[optional], 200)
    if "disclosure" in part:
        check_disclosure(part["disclosure"])
    if "notClaimed" in part:
        texts(part["notClaimed"], 1, 20, 200)


def check_name(name: str) -> None:
    """Refuse what is not a relative path that stays where it is."""
    require("\n" not in name, "a name without line feed")
    require(not {"", ".", ".."} & set(name.split("/")), "a name that is a relative path")


# Of delegation.md.

MAX_AGENT: Final = 1000000
MAX_BUDGET: Final = 1000000
MAX_DELEGATION: Final = 7776000
MEDIA_TYPES: Final = {
    suffix: kind
    for kind, suffixes in (
        ("application/epub+zip", "epub"),
        ("application/json", "json"),
        ("application/pdf", "pdf"),
        ("application/vnd.oasis.opendocument.text", "odt"),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "docx",
        ),
        ("application/xml", "xml"),
        ("application/zip", "zip"),
        ("audio/flac", "flac"),
        ("audio/mpeg", "mp3"),
        ("audio/ogg", "ogg"),
        ("audio/opus", "opus"),
        ("audio/wav", "wav"),
        ("font/otf", "otf"),
        ("font/ttf", "ttf"),
        ("font/woff2", "woff2"),
        ("image/avif", "avif"),
        ("image/bmp", "bmp"),
        ("image/gif", "gif"),
        ("image/jpeg", "jpg jpeg"),
        ("image/png", "png"),
        ("image/svg+xml", "svg"),
        ("image/tiff", "tif tiff"),
        ("image/webp", "webp"),
        ("model/stl", "stl"),
        ("text/css", "css"),
        ("text/csv", "csv"),
        ("text/html", "htm html"),
        ("text/javascript", "js"),
        ("text/markdown", "md"),
        ("text/plain", "txt"),
        ("video/mp4", "mp4"),
        ("video/quicktime", "mov"),
        ("video/webm", "webm"),
    )
    for suffix in suffixes.split()
}


def check_scope_form(value: Json) -> None:
    """Read a scope [format]."""
    scope = closed(value, "mediaTypes pathPatterns enterprise")
    for name, read in (("mediaTypes", check_media_type), ("pathPatterns", check_pattern)):
        limits = texts(scope[name], 0, 16, 200)
        distinct(limits)
        for limit in limits:
            read(limit)
    nullable_id(scope["enterprise"])


def check_budget_form(value: Json) -> None:
    """Read a budget [format]."""
    budget = closed(value, "perDay total")
    number(budget["perDay"], 1, MAX_BUDGET)
    number(budget["total"], 1, MAX_BUDGET)


def check_media_type(limit: str) -> None:
    """Refuse what is neither type/subtype nor type/* [media types]."""
    require(re.fullmatch(r"[a-z0-9.+-]+/([a-z0-9.+-]+|\*)", limit), "type/subtype or type/*")


def check_pattern(pattern: str) -> None:
    """Refuse what is no pattern [patterns]."""
    parts = pattern.split("/")
    require(re.fullmatch("[A-Za-z0-9._*/-]{1,200}", pattern), "a pattern of a path")
    require(not {"", ".", ".."} & set(parts), "a pattern that stays where it is")
    require(all(part == "**" or "**" not in part for part in parts), "** as a part of its own")


def reaches(parts: list[str], names: list[str]) -> bool:
    """Tell whether a pattern reaches a name, part by part from the end [patterns]."""
    reached = [all(part == "**" for part in parts[at:]) for at in range(len(parts) + 1)]
    for name in reversed(names):
        before = [False] * (len(parts) + 1)
        for at in reversed(range(len(parts))):
            if parts[at] == "**":
                before[at] = reached[at] or before[at + 1]
            else:
                before[at] = reached[at + 1] and part_reaches(parts[at], name)
        reached = before
    return reached[0]


def part_reaches(part: str, name: str) -> bool:
    """Tell whether a part with `*` reaches a part of a name [patterns]."""
    pieces = part.split("*")
    if len(pieces) == 1:
        return part == name
    first, *middle, last = pieces
    if len(name) < len(first) + len(last) or not name.startswith(first):
        return False
    rest, found = name[len(first) :], 0
    for piece in middle:
        found = rest.find(piece, found)
        if found < 0:
            return False
        found += len(piece)
    return rest.endswith(last) and found <= len(rest) - len(last)


def is_of_media_type(name: str, limit: str) -> bool:
    """Tell whether a name is of a media type [media types]."""
    last = name.rsplit("/", maxsplit=1)[-1]
    found = MEDIA_TYPES.get(last.split(".")[-1].lower()) if "." in last else None
    if found is None:
        return False
    return limit in {found, found.split("/", maxsplit=1)[0] + "/*"}


def is_in_scope(scope: JsonObject, names: list[str], *, whole: bool) -> bool:
    """Tell whether names are within a scope [algorithm, 8]."""
    patterns = [str(item).split("/") for item in a_list(scope["pathPatterns"], 0, 16)]
    kinds = [str(item) for item in a_list(scope["mediaTypes"], 0, 16)]
    for name in names:
        if patterns and not any(reaches(parts, name.split("/")) for parts in patterns):
            return False
        if kinds and (whole or not any(is_of_media_type(name, kind) for kind in kinds)):
            return False
    return True


# Of disclosure.md.

DIGITAL_SOURCE_TYPES: Final = (
    "algorithmicMedia algorithmicallyEnhanced composite compositeCapture compositeSynthetic "
    "compositeWithTrainedAlgorithmicMedia computationalCapture dataDrivenMedia digitalCapture "
    "digitalCreation humanEdits negativeFilm positiveFilm print screenCapture "
    "trainedAlgorithmicMedia virtualRecording"
)
CREDITS: Final = (
    "conceptualization data-curation formal-analysis funding-acquisition investigation methodology "
    "project-administration resources software supervision validation visualization "
    "writing-original-draft writing-review-editing"
)
WORDS: Final = {
    "involvement": "human-only ai-assisted ai-generated-human-edited ai-generated automated",
    "extent": "none minor substantial full",
    "humanOversightLevel": "fully_autonomous prompt_guided human_validated",
    "digitalSourceType": DIGITAL_SOURCE_TYPES,
}


def check_disclosure(value: Json) -> None:
    """Read a disclosure [algorithm, 1 and 2]."""
    found = closed(value, "statement language contributors contributions", "complete")
    not_blank(found["statement"], 2000)
    language = text(found["language"], 35)
    require(re.fullmatch("[A-Za-z]{1,2}|[A-Za-z]{2}[A-Za-z0-9-]+", language), "a language tag")
    if "complete" in found:
        a_boolean(found["complete"])
    contributors = [read_contributor(item) for item in a_list(found["contributors"], 1, 50)]
    everyone = [text(contributor["id"], 64) for contributor in contributors]
    distinct(everyone)
    persons = {text(item["id"]) for item in contributors if item["type"] == "person"}
    require(any(item.get("accountable") for item in contributors), "somebody accountable")
    for contributor in contributors:
        if contributor["type"] == "software":
            require(text(contributor["operatedBy"], 64) in persons, "operatedBy a person")
    contributions = [read_contribution(item) for item in a_list(found["contributions"], 0, 100)]
    distinct(text(contribution["id"], 64) for contribution in contributions)
    performances = 0
    for contribution in contributions:
        require(text(contribution["decidedBy"], 64) in persons, "decidedBy a person")
        performers = texts(contribution["performedBy"], 1, 20, 64)
        distinct(performers)
        require(set(performers) <= set(everyone), "performedBy contributors")
        performances += len(performers)
    require(performances <= 200, "at most 200 ids in performedBy together")


def read_contributor(value: Json) -> JsonObject:
    """Read the members of a contributor."""
    if an_object(value).get("type") == "person":
        found = closed(value, "type id name accountable", "scid role")
        a_boolean(found["accountable"])
        if "scid" in found:
            read_hash(text(found["scid"]))
        texts(found.get("role", []), 0, 10, 100)
    else:
        found = closed(value, "type id name operatedBy", "provider modelType")
        exactly(found["type"], "software")
        one_line(found.get("provider", ""))
        text(found.get("modelType", ""), 100)
    not_blank(one_line(found["name"]))
    return found


def one_line(value: Json) -> str:
    """Take a text of at most 200 and of one line."""
    found = text(value, 200)
    require("\n" not in found, "a text of one line")
    return found


def read_contribution(value: Json) -> JsonObject:
    """Read the members of a contribution."""
    found = closed(
        value,
        "id task performedBy decidedBy involvement",
        "description extent humanOversightLevel credit digitalSourceType appliesTo c2paAction",
    )
    text(found["task"], 200)
    for optional, most in {"description": 1000, "appliesTo": 200, "c2paAction": 100}.items():
        text(found.get(optional, ""), most)
    for name in WORDS.keys() & found.keys():
        require(text(found[name]) in WORDS[name].split(), f"a word of {name}")
    credits_ = texts(found.get("credit", []), 0, 14, 64)
    require(set(credits_) <= set(CREDITS.split()), "words of credit")
    return found


# Of subjects.md.


class Files(NamedTuple):
    """Files in hand: SHA-256 in hex by name; *whole* or *each*."""

    digests: dict[str, str]
    whole: bool


def compare_subjects(statement: Statement, files: Files, names: list[str] | None) -> None:
    """Compare the files in hand with what was signed [algorithm, 1 to 5]."""
    in_hand = {unicodedata.normalize("NFC", name): digest for name, digest in files.digests.items()}
    check(in_hand, "no_subject")
    if statement.facts.get("form") == "manifest":
        compare_manifest(statement.subjects[0], in_hand, whole=files.whole)
    elif not files.whole:
        check(set(in_hand.values()) <= set(statement.subjects), "changed")
    elif names is None:
        check(Counter(in_hand.values()) == Counter(statement.subjects), "changed")
    else:
        signed = dict(zip(names, statement.subjects, strict=True))
        both = in_hand.keys() & signed.keys()
        check(all(in_hand[name] == signed[name] for name in both), "changed")
        check(signed.keys() <= in_hand.keys(), "missing")
        check(in_hand.keys() <= signed.keys(), "added")


def compare_manifest(subject: str, in_hand: dict[str, str], *, whole: bool) -> None:
    """Compare the files in hand with a manifest [algorithm, 2]."""
    if not whole:
        check(set(in_hand.values()) == {subject}, "not_whole")
        return
    lines = sorted((name.encode(), digest.encode()) for name, digest in in_hand.items())
    manifest = b"".join(b"%b  %b\n" % (digest, name) for name, digest in lines)
    check(sha256(manifest).hex() == subject, "changed")


# Of certificate.md.

ECDSA_WITH_SHA256: Final = bytes.fromhex("300a06082a8648ce3d040302")
KEY_CERT_SIGN: Final = 0x04
DIGITAL_SIGNATURE: Final = 0x80
CODE_SIGNING: Final = bytes.fromhex("2b06010505070303")
TIME_STAMPING: Final = bytes.fromhex("2b06010505070308")
SUBJECT_KEY_ID: Final = bytes.fromhex("551d0e")
AUTHORITY_KEY_ID: Final = bytes.fromhex("551d23")
KEY_USAGE: Final = bytes.fromhex("551d0f")
BASIC_CONSTRAINTS: Final = bytes.fromhex("551d13")
EXT_KEY_USAGE: Final = bytes.fromhex("551d25")
SUBJECT_ALT_NAME: Final = bytes.fromhex("551d11")
ISSUER_RAW: Final = bytes.fromhex("2b0601040183bf300101")
ISSUER: Final = bytes.fromhex("2b0601040183bf300108")
SCT_LIST: Final = bytes.fromhex("2b06010401d679020402")
KNOWN_EXTENSIONS: Final = frozenset({
    SUBJECT_KEY_ID, AUTHORITY_KEY_ID, KEY_USAGE, BASIC_CONSTRAINTS, EXT_KEY_USAGE,
    SUBJECT_ALT_NAME, ISSUER_RAW, ISSUER, SCT_LIST,
})  # fmt: skip


class Extension(NamedTuple):
    """An extension: its value, and all of it."""

    critical: bool
    value: bytes
    der: bytes


class Certificate(NamedTuple):
    """A certificate that keeps the profile."""

    der: bytes
    tbs: bytes
    signature: bytes
    fields: bytes  # of the TBS, all but the extensions
    serial: int
    issuer: bytes
    subject: bytes
    not_before: int
    not_after: int
    spki: bytes
    extensions: dict[bytes, Extension]
    is_ca: bool
    key_usage: int
    usages: list[bytes]
    uri: str | None
    issuer_url: str | None
    sct: bytes | None


def read_certificate(data: bytes) -> Certificate:
    """Read a certificate [profile]."""
    document = Der(data)
    certificate = document.enter()
    document.end()
    tbs = certificate.whole(SEQUENCE)
    require(certificate.whole(SEQUENCE) == ECDSA_WITH_SHA256, "ecdsa-with-SHA256")
    bits = certificate.content(BIT_STRING)
    certificate.end()
    require(bits[:1] == b"\0", "a signature of whole bytes")
    inside = Der(tbs).enter()
    content = inside.rest
    require(inside.whole(0xA0) == bytes.fromhex("a003020102"), "version 3")
    serial = inside.integer()
    require(1 <= serial.bit_length() <= 159, "a serial of 1 to 159 bits")
    require(inside.whole(SEQUENCE) == ECDSA_WITH_SHA256, "ecdsa-with-SHA256")
    issuer = inside.whole(SEQUENCE)
    validity = inside.enter()
    not_before, not_after = validity.time(), validity.time()
    validity.end()
    subject = inside.whole(SEQUENCE)
    spki = inside.whole(SEQUENCE)
    p256_point(spki)
    fields = content[: len(content) - len(inside.rest)]
    extensions = read_extensions(inside.enter(0xA3))
    inside.end()
    san = extensions.get(SUBJECT_ALT_NAME)
    require(subject != b"\x30\x00" or (san and san.critical), "a subject or a critical SAN")
    return Certificate(
        data, tbs, bits[1:], fields, serial, issuer, subject, not_before, not_after, spki,
        extensions, *read_extension_values(extensions),
    )  # fmt: skip


def read_extensions(outer: Der) -> dict[bytes, Extension]:
    """Read the list of extensions by OID [profile]."""
    listed = outer.enter()
    outer.end()
    found: dict[bytes, Extension] = {}
    while listed.rest:
        whole = listed.whole(SEQUENCE)
        extension = Der(whole).enter()
        oid = extension.content(OID)
        critical = extension.rest[:1] == bytes([BOOLEAN])
        if critical:
            require(extension.content(BOOLEAN) == b"\xff", "a BOOLEAN that is ff")
        value = extension.content(OCTET_STRING)
        extension.end()
        require(oid not in found, "no extension twice")
        require(oid in KNOWN_EXTENSIONS or not critical, "no unknown critical extension")
        found[oid] = Extension(critical, value, whole)
    return found


ExtensionValues: TypeAlias = "tuple[bool, int, list[bytes], str | None, str | None, bytes | None]"


def read_extension_values(extensions: dict[bytes, Extension]) -> ExtensionValues:
    """Read the extensions of the table; an absent one is no usage, no CA, or None."""
    values = {oid: extension.value for oid, extension in extensions.items()}
    return (
        BASIC_CONSTRAINTS in values and read_basic_constraints(values[BASIC_CONSTRAINTS]),
        read_key_usage(values[KEY_USAGE]) if KEY_USAGE in values else 0,
        read_usages(values[EXT_KEY_USAGE]) if EXT_KEY_USAGE in values else [],
        read_uri(values[SUBJECT_ALT_NAME]) if SUBJECT_ALT_NAME in values else None,
        read_issuer_url(values.get(ISSUER_RAW), values.get(ISSUER)),
        read_sct_list(values[SCT_LIST]) if SCT_LIST in values else None,
    )


def read_basic_constraints(value: bytes) -> bool:
    """Read whether it is a CA."""
    document = Der(value)
    constraints = document.enter()
    document.end()
    if not constraints.rest:
        return False
    require(constraints.content(BOOLEAN) == b"\xff", "a BOOLEAN that is ff")
    if constraints.rest:
        constraints.integer()
    constraints.end()
    return True


def read_key_usage(value: bytes) -> int:
    """Read the one byte of key usages."""
    require(len(value) == 4 and value[:2] == b"\x03\x02" and value[3], "a keyUsage byte")
    bits = value[3]
    require(value[2] == (bits & -bits).bit_length() - 1, "the number of unused bits")
    return bits


def read_usages(value: bytes) -> list[bytes]:
    """Read the OIDs of extKeyUsage."""
    document = Der(value)
    listed = document.enter()
    document.end()
    found = []
    while listed.rest:
        found.append(listed.content(OID))
    return found


def read_uri(value: bytes) -> str:
    """Read the one URI of a subjectAltName."""
    document = Der(value)
    names = document.enter()
    document.end()
    uri = names.content(0x86)
    names.end()
    require(1 <= len(uri) <= 1024, "a URI of 1 to 1024 bytes")
    require(re.fullmatch(rb"[\x21-\x7e]+", uri), "a URI of visible ASCII")
    return uri.decode()


def read_issuer_url(raw: bytes | None, issuer: bytes | None) -> str | None:
    """Read the registry's URL from its two extensions."""
    if raw is None and issuer is None:
        return None
    require(raw is not None and issuer == der(UTF8_STRING, raw), "both issuer extensions, equal")
    url = raw or b""
    require(re.fullmatch(rb"https?://[a-z0-9.\-:\[\]]+", url), "a URL of scheme, host and port")
    return url.decode()


def read_sct_list(value: bytes) -> bytes:
    """Take the one SCT of the list."""
    document = Der(value)
    listed = document.content(OCTET_STRING)
    document.end()
    sct = listed[4:]
    require(sct, "an SCT that is not empty")
    lengths = (len(sct) + 2).to_bytes(2, "big") + len(sct).to_bytes(2, "big")
    require(listed[:4] == lengths, "a list of one SCT")
    return sct


class Sct(NamedTuple):
    """A signed certificate timestamp."""

    log_id: bytes
    time: bytes
    signature: bytes


def read_sct(data: bytes) -> Sct:
    """Read an SCT [SCT]."""
    log_id, moment, signature = data[1:33], data[33:41], data[47:]
    shape = b"\0" + log_id + moment + bytes.fromhex("00000403") + len(signature).to_bytes(2, "big")
    require(data[:47] == shape, "an SCT of version 1")
    return Sct(log_id, moment, signature)


def sct_signed(certificate: Certificate, sct: Sct, ca: Certificate) -> bytes:
    """Write what the SCT signs [SCT]."""
    tbs = precertificate(certificate)
    issuer = sha256(ca.spki)
    return b"\0\0%b\0\1%b%b%b\0\0" % (sct.time, issuer, len(tbs).to_bytes(3, "big"), tbs)


def precertificate(certificate: Certificate) -> bytes:
    """Write the TBS without the SCT list [SCT]."""
    others = [item.der for oid, item in certificate.extensions.items() if oid != SCT_LIST]
    extensions = der(0xA3, der(SEQUENCE, *others))
    return der(SEQUENCE, certificate.fields, extensions)


def verify_issued(certificate: Certificate, ca: Certificate, reason: str) -> None:
    """Verify a certificate's signature with the key of its issuer."""
    try:
        verify_p256(p256_point(ca.spki), certificate.tbs, certificate.signature)
    except (CheckError, MalformedError) as error:
        raise CheckError(reason) from error


def check_chain(certificate: Certificate, ca: Certificate, moment: int) -> None:
    """Check a certificate under its CA at a moment [algorithm, 2 to 5]."""
    check(ca.is_ca and ca.key_usage & KEY_CERT_SIGN, "wrong_issuer")
    verify_issued(certificate, ca, "bad_ca_signature")
    for item in (certificate, ca):
        check(item.not_before <= moment, "certificate_not_yet_valid")
        check(moment < item.not_after, "certificate_expired")
    check(not certificate.is_ca, "wrong_usage")
    check(certificate.usages == [CODE_SIGNING], "wrong_usage")
    check(certificate.key_usage == DIGITAL_SIGNATURE, "wrong_usage")


def check_sct(
    certificate: Certificate, ca: Certificate, keys: Mapping[bytes, bytes], sct: bytes
) -> None:
    """Check the SCT with the points of the keys that are valid, by log id [algorithm, 8]."""
    found = read_sct(sct)
    check(found.log_id in keys, "unlisted_sct_key")
    try:
        verify_p256(keys[found.log_id], sct_signed(certificate, found, ca), found.signature)
    except (CheckError, MalformedError) as error:
        raise CheckError("bad_sct") from error


class Principal(NamedTuple):
    """The signer that a SAN names; a registry has no SCID, and only an agent a number above 0."""

    kind: str
    scid: str
    number: int = 0


def read_signer_uri(uri: str, public_url: str) -> Principal:
    """Read a SAN URI [algorithm, 7]."""
    prefix = public_url + "/"
    require(uri.startswith(prefix), "a SAN under the registry's URL")
    parts = uri[len(prefix) :].split("/")
    match parts:
        case ["registry"]:
            return Principal("registry", "")
        case ["p", scid]:
            return Principal("person", read_hash(scid))
        case ["o", scid]:
            return Principal("organisation", read_hash(scid))
        case ["p", scid, "a", count]:
            return Principal("agent", read_hash(scid), in_range(decimal(count), 1, MAX_INTEGER))
    raise MalformedError("wanted: a SAN of registry, p/, o/ or p/../a/..")


# Of timestamp.md.

SHA256_ALGORITHM: Final = bytes.fromhex("300b0609608648016503040201")
SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
TST_INFO: Final = bytes.fromhex("060b2a864886f70d0109100104")
CONTENT_TYPE: Final = bytes.fromhex("06092a864886f70d010903")
SIGNING_TIME: Final = bytes.fromhex("06092a864886f70d010905")
MESSAGE_DIGEST: Final = bytes.fromhex("06092a864886f70d010904")
SIGNING_CERTIFICATE_V2: Final = bytes.fromhex("060b2a864886f70d010910022f")
POLICY: Final = bytes.fromhex("0603883701")


class Token(NamedTuple):
    """What is read from a token."""

    der: bytes
    signer_id: bytes
    signature: bytes
    imprint: bytes
    serial: int
    time: int
    nonce: int


def read_token(data: bytes) -> Token:
    """Read a token [algorithm, 1 to 6]."""
    document = Der(data)
    response = document.enter()
    document.end()
    response.whole(SEQUENCE)
    content = response.enter()
    content.whole(OID)
    signed_data = content.enter(0xA0).enter()
    signed_data.integer()
    signed_data.whole(SET)
    encap, signers = signed_data.enter(), signed_data.enter(SET)
    encap.whole(OID)
    info = Der(encap.enter(0xA0).content(OCTET_STRING)).enter()
    signer = signers.enter()
    signer.integer()
    signer_id = signer.whole(SEQUENCE)
    signer.whole(SEQUENCE)
    signer.whole(0xA0)
    signer.whole(SEQUENCE)
    signature = signer.content(OCTET_STRING)
    info.integer()
    info.whole(OID)
    imprint = info.enter()
    imprint.whole(SEQUENCE)
    digest = imprint.content(OCTET_STRING)
    serial, moment = info.integer(), info.generalized_time()
    info.whole(SEQUENCE)
    return Token(data, signer_id, signature, digest, serial, moment, info.integer())


def der_time(seconds: int, tag: int) -> bytes:
    """Write a UTCTime or GeneralizedTime."""
    digits = re.sub("[^0-9Z]", "", time_text(seconds))
    return der(tag, (digits[2:] if tag == UTC_TIME else digits).encode())


def token_info(token: Token) -> bytes:
    """Write the TSTInfo of a token [format]."""
    return der(
        SEQUENCE,
        der_integer(1),
        POLICY,
        der(SEQUENCE, SHA256_ALGORITHM, der(OCTET_STRING, token.imprint)),
        der_integer(token.serial),
        der_time(token.time, GENERALIZED_TIME),
        der(SEQUENCE, der_integer(1)),
        der_integer(token.nonce),
    )


def token_attributes(token: Token, tsa: Certificate) -> list[bytes]:
    """Write the attributes that the TSA signs, in DER order [format]."""
    tag = UTC_TIME if token.time < START_OF_2050 else GENERALIZED_TIME
    certificate_hash = der(OCTET_STRING, sha256(tsa.der))
    values = {
        CONTENT_TYPE: TST_INFO,
        SIGNING_TIME: der_time(token.time, tag),
        MESSAGE_DIGEST: der(OCTET_STRING, sha256(token_info(token))),
        SIGNING_CERTIFICATE_V2: der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, certificate_hash))),
    }
    return sorted(der(SEQUENCE, oid, der(SET, value)) for oid, value in values.items())


def lay_token(token: Token, tsa: Certificate) -> bytes:
    """Write the token again [format]."""
    signer = der(
        SEQUENCE,
        der_integer(1),
        token.signer_id,
        SHA256_ALGORITHM,
        der(0xA0, *token_attributes(token, tsa)),
        ECDSA_WITH_SHA256,
        der(OCTET_STRING, token.signature),
    )
    encap = der(SEQUENCE, TST_INFO, der(0xA0, der(OCTET_STRING, token_info(token))))
    signed_data = der(SEQUENCE, der_integer(3), der(SET, SHA256_ALGORITHM), encap, der(SET, signer))
    content = der(SEQUENCE, SIGNED_DATA, der(0xA0, signed_data))
    return der(SEQUENCE, der(SEQUENCE, der_integer(0)), content)


def is_signed_by(token: Token, tsa: Certificate) -> bool:
    """Tell whether a token names this TSA [algorithm, 7]."""
    return token.signer_id == der(SEQUENCE, tsa.issuer, der_integer(tsa.serial))


def check_token(token: Token, signature: bytes, tsa: Certificate, root: Certificate) -> None:
    """Check a token over `signature` by a TSA under its root [algorithm, 8 to 11]."""
    check(token.imprint == sha256(signature), "other_imprint")
    check(lay_token(token, tsa) == token.der, "bad_token")
    attributes = der(SET, *token_attributes(token, tsa))
    try:
        verify_p256(p256_point(tsa.spki), attributes, token.signature)
    except (CheckError, MalformedError) as error:
        raise CheckError("bad_token") from error
    check(tsa.issuer == root.subject, "bad_token")
    check(root.is_ca and root.key_usage & KEY_CERT_SIGN, "bad_token")
    verify_issued(tsa, root, "bad_token")
    for item in (tsa, root):
        check(item.not_before <= token.time < item.not_after, "bad_token")
    check(not tsa.is_ca and tsa.usages == [TIME_STAMPING], "bad_token")
    check(tsa.extensions[EXT_KEY_USAGE].critical, "bad_token")


# Of merkle.md.


def node(left: bytes, right: bytes) -> bytes:
    """Hash a node."""
    return sha256(b"\1" + left + right)


def leaf_hash(leaf: bytes) -> bytes:
    """Hash a leaf."""
    return sha256(b"\0" + leaf)


def merkle_root(hashes_: Sequence[bytes]) -> bytes:
    """Hash leaf hashes to their root."""
    if len(hashes_) <= 1:
        return hashes_[0] if hashes_ else sha256(b"")
    split = 1 << ((len(hashes_) - 1).bit_length() - 1)
    return node(merkle_root(hashes_[:split]), merkle_root(hashes_[split:]))


def inner_and_border(index: int, size: int) -> tuple[int, int]:
    """Tell how many hashes lie inside the tree and at its right border [inclusion, 2]."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def root_of_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Find the root to which a proof of inclusion leads [inclusion, 1 to 6]."""
    require(0 <= index < size <= MAX_INTEGER, "an index below the size")
    inner, border = inner_and_border(index, size)
    require(len(proof) == inner + border, f"{inner + border} hashes")
    root = leaf
    for i, sibling in enumerate(proof):
        is_left = i < inner and not index >> i & 1
        root = node(root, sibling) if is_left else node(sibling, root)
    return root


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check a proof of consistency [consistency, 1 to 7]."""
    require(0 <= old <= new <= MAX_INTEGER, "an old size not above the new one")
    if old in {0, new}:
        require(not proof, "no hashes")
        check(old or old_root == sha256(b""), "inconsistent")
        check(new or new_root == sha256(b""), "inconsistent")
        check(old != new or old_root == new_root, "inconsistent")
        return
    shift = (old & -old).bit_length() - 1
    inner, border = inner_and_border(old - 1, new)
    inner -= shift
    is_power = old == 1 << shift
    require(len(proof) == inner + border + (not is_power), "the right number of hashes")
    seed, path = (old_root, proof) if is_power else (proof[0], proof[1:])
    index, left, right = (old - 1) >> shift, seed, seed
    for i, sibling in enumerate(path):
        if i >= inner or index >> i & 1:
            left, right = node(sibling, left), node(sibling, right)
        else:
            right = node(right, sibling)
    check(left == old_root and right == new_root, "inconsistent")


# Of entry.md.

MAX_LEAF: Final = 16384


def lay_leaf(envelope: Envelope, certificate: bytes) -> bytes:
    """Write the leaf of an envelope and its certificate [algorithm, 1]."""
    key = {
        "keyDetails": KEY_DETAILS,
        "x509Certificate": {"rawBytes": base64_text(certificate)},
    }
    record = {
        "data": {"algorithm": "SHA2_256", "digest": base64_text(sha256(pae(envelope)))},
        "signature": {"content": base64_text(envelope.signatures[0][1]), "verifier": key},
    }
    leaf = {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": record}}
    return canonical(cast("Json", leaf))


def check_leaf(leaf: bytes) -> None:
    """Read a leaf as a monitor does [format]."""
    found = closed(canonical_json(leaf, MAX_LEAF), "apiVersion kind spec")
    exactly(found["apiVersion"], "0.0.2")
    exactly(found["kind"], "hashedrekord")
    record = closed(closed(found["spec"], "hashedRekordV002")["hashedRekordV002"], "data signature")
    data = closed(record["data"], "algorithm digest")
    exactly(data["algorithm"], "SHA2_256")
    base64_of(data["digest"], MAX_LEAF, 32)
    signature = closed(record["signature"], "content verifier")
    require(base64_of(signature["content"], MAX_LEAF), "a signature")
    key = closed(signature["verifier"], "keyDetails x509Certificate")
    exactly(key["keyDetails"], KEY_DETAILS)
    certificate = closed(key["x509Certificate"], "rawBytes")["rawBytes"]
    require(base64_of(certificate, MAX_LEAF), "a certificate")


# Of checkpoint.md.

MAX_NOTE: Final = 65536
ED25519_TYPE: Final = 1
COSIGNATURE_TYPE: Final = 4


class VerifierKey(NamedTuple):
    """A verifier key of a note, with its full id."""

    text: str
    name: str
    type: int
    key: bytes
    id: bytes


def check_key_name(name: str) -> str:
    """Refuse what may not be the name of a key [verifier key]."""
    require(name and "+" not in name, "a name without +")
    for character in name:
        require(not character.isspace(), "a name without white space")
        require(unicodedata.category(character) != "Cs", "a name without surrogates")
    return name


def read_verifier_key(key: str) -> VerifierKey:
    """Read a verifier key of type 1 or 4 [verifier key]."""
    parts = key.split("+", 2)
    require(len(parts) == 3, "a name, a key id and a key")
    name, key_id, encoded = parts
    check_key_name(name)
    data = base64_bytes(encoded, 33)
    require(data[0] in {ED25519_TYPE, COSIGNATURE_TYPE}, "a key of type 1 or 4")
    full_id = sha256(name.encode() + b"\n" + data)
    require(key_id == full_id[:4].hex(), "the key's own id")
    return VerifierKey(key, name, data[0], data[1:], full_id)


class Note(NamedTuple):
    """A text and its (name, key id, signature) lines."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]


def read_note(note: str) -> Note:
    """Read a signed note [note]."""
    require(all(c == "\n" or c >= " " for c in note), "no control character but line feed")
    try:
        require(len(note.encode()) <= MAX_NOTE, f"at most {MAX_NOTE} bytes")
    except UnicodeEncodeError as error:
        raise MalformedError("wanted: a note in UTF-8") from error
    body, blank, rest = note.partition("\n\n")
    require(body and not body.startswith("\n") and blank, "a text and an empty line")
    require(rest.endswith("\n"), "a line feed at the end")
    lines = rest[:-1].split("\n")
    require(1 <= len(lines) <= 64, "1 to 64 signature lines")
    return Note(body + "\n", [read_note_line(line) for line in lines])


def read_note_line(line: str) -> tuple[str, bytes, bytes]:
    """Read a signature line: name, key id, signature [note]."""
    parts = line.split(" ")
    require(len(parts) == 3 and parts[0] == "\u2014", "a signature line")
    data = base64_bytes(parts[2])
    require(len(data) >= 5, "a signature after the key id")
    return check_key_name(parts[1]), data[:4], data[4:]


def verify_note(note: Note, keys: list[VerifierKey]) -> list[tuple[VerifierKey, int | None]]:
    """Verify the lines of known keys; give each with its time [algorithm, b to d]."""
    known = {(key.name, key.id[:4]): key for key in keys}
    held: list[tuple[VerifierKey, int | None]] = []
    for name, key_id, signature in note.signatures:
        key = known.get((name, key_id))
        if key is not None:
            held.append((key, verify_note_line(note, key, signature)))
    check(held, "no_known_signature")
    return held


def verify_note_line(note: Note, key: VerifierKey, signature: bytes) -> int | None:
    """Verify a known line; give the time of a cosignature [note; algorithm, c]."""
    if key.type == ED25519_TYPE:
        require(len(signature) == 64, "a signature of 64 bytes")
        verify_ed25519(key.key, note.text.encode(), signature)
        return None
    require(len(signature) == 72, "a cosignature of 72 bytes")
    seconds = int.from_bytes(signature[:8], "big")
    message = f"cosignature/v1\ntime {seconds}\n{note.text}"
    verify_ed25519(key.key, message.encode(), signature[8:])
    return seconds


class Checkpoint(NamedTuple):
    """Size and root of a log at a time, in seconds."""

    origin: str
    size: int
    root: bytes
    time: int


def read_checkpoint(note: Note) -> tuple[str, int, bytes]:
    """Read origin, size and root [checkpoint]."""
    lines = note.text[:-1].split("\n")
    require(len(lines) == 3, "three lines")
    return lines[0], decimal(lines[1]), base64_bytes(lines[2], 32)


def check_log_keys(log_key: VerifierKey, clock_key: VerifierKey) -> None:
    """Check the keys of a log and its clock [algorithm, 1]."""
    require(log_key.type == ED25519_TYPE, "a log key of type 1")
    require(clock_key.type == COSIGNATURE_TYPE, "a clock key of type 4")
    require(log_key.name == clock_key.name, "one name")
    require(log_key.key != clock_key.key, "two keys")


def open_checkpoint(text_: str, log_key: VerifierKey, clock_key: VerifierKey) -> Checkpoint:
    """Open a checkpoint [algorithm, 1 to 7]."""
    check_log_keys(log_key, clock_key)
    note = read_note(text_)
    origin, size, root = read_checkpoint(note)
    require(size or root == sha256(b""), "the root of no leaves")
    check(origin == log_key.name, "other_origin")
    held = verify_note(note, [log_key, clock_key])
    by_log = [key for key, _ in held if key == log_key]
    times = [seconds for key, seconds in held if key == clock_key and seconds is not None]
    check(len(by_log) == 1, "unsigned_checkpoint")
    check(len(times) == 1, "unsigned_checkpoint")
    return Checkpoint(origin, size, root, in_range(times[0], 0, MAX_INTEGER))


# Of bundle.md.

BUNDLE_TYPE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
MAX_BUNDLE: Final = 524288


class Bundle(NamedTuple):
    """One logged envelope with what verifies it."""

    certificate: bytes
    token: bytes
    log_index: int
    log_id: bytes
    root_hash: bytes
    tree_size: int
    hashes: list[bytes]
    checkpoint: str
    leaf: bytes
    envelope: Envelope


def read_bundle(value: Json) -> Bundle:
    """Read a bundle [format]."""
    found = closed(value, "mediaType verificationMaterial dsseEnvelope")
    exactly(found["mediaType"], BUNDLE_TYPE)
    material = closed(
        found["verificationMaterial"], "certificate tlogEntries timestampVerificationData"
    )
    certificate = closed(material["certificate"], "rawBytes")
    stamps = closed(material["timestampVerificationData"], "rfc3161Timestamps")
    token = closed(a_list(stamps["rfc3161Timestamps"], 1, 1)[0], "signedTimestamp")
    entry = closed(
        a_list(material["tlogEntries"], 1, 1)[0],
        "logIndex logId kindVersion inclusionProof canonicalizedBody",
    )
    exactly(entry["kindVersion"], {"kind": "hashedrekord", "version": "0.0.2"})
    proof = closed(entry["inclusionProof"], "logIndex rootHash treeSize hashes checkpoint")
    exactly(proof["logIndex"], entry["logIndex"])
    checkpoint = closed(proof["checkpoint"], "envelope")
    return Bundle(
        certificate=base64_of(certificate["rawBytes"], 8192),
        token=base64_of(token["signedTimestamp"], 16384),
        log_index=decimal(text(entry["logIndex"])),
        log_id=base64_of(closed(entry["logId"], "keyId")["keyId"], 64, 32),
        root_hash=base64_of(proof["rootHash"], 64, 32),
        tree_size=decimal(text(proof["treeSize"])),
        hashes=[base64_of(item, 64, 32) for item in a_list(proof["hashes"], 0, 63)],
        checkpoint=text(checkpoint["envelope"], MAX_CHECKPOINT),
        leaf=base64_of(entry["canonicalizedBody"], MAX_LEAF),
        envelope=read_statement_envelope(found["dsseEnvelope"]),
    )


# Of did.md.

METHOD: Final = "did:webvh:1.0"
MAX_ENTRY: Final = 16384
MAX_ENTRIES: Final = 1000
PLACEHOLDER: Final = "{SCID}"


def hash_of(data: bytes) -> str:
    """Write the hash of bytes [names]."""
    return base58_text(b"\x12\x20" + sha256(data))


def read_hash(text_: str) -> str:
    """Read a hash or SCID [names]."""
    require(len(text_) == 46, "a hash of 46 digits")
    data = base58_bytes(text_)
    require(len(data) == 34 and data[:2] == b"\x12\x20", "a SHA-256 multihash")
    return text_


def read_version_id(text_: str) -> str:
    """Read a versionId [names]."""
    count, hyphen, digest = text_.partition("-")
    require(hyphen, "a versionId")
    decimal(count)
    read_hash(digest)
    return text_


def read_did(text_: str) -> str:
    """Read a DID; give its SCID [names]."""
    require(len(text_) <= 512, "a DID of at most 512")
    match = re.fullmatch("did:webvh:([^:]+):([^:]+):p:([^:]+)", text_)
    if match is None:
        raise MalformedError("wanted: a DID of did:webvh")
    scid, place, again = match.groups()
    read_hash(scid)
    require(scid == again, "one SCID twice")
    host, colon, port = place.partition("%3A")
    if colon:
        in_range(decimal(port), 1, 65535)
    labels = host.split(".")
    require(len(host) <= 253 and len(labels) >= 2, "a host of at least two labels")
    for label in labels:
        require(re.fullmatch("(?!-)[a-z0-9-]{1,63}(?<!-)", label), "a label of a host")
    require(re.fullmatch("[0-9]+", labels[-1]) is None, "a host that is no address")
    return scid


class Entry(NamedTuple):
    """An entry of a DID log, with what its rules look at."""

    value: JsonObject
    version_id: str
    time: int
    update_keys: list[str]
    next_key_hashes: list[str]
    did: str
    scid: str
    signing_keys: list[bytes]  # uncompressed points
    proof: JsonObject
    proof_key: str


def read_entry(value: Json, *, is_first: bool) -> Entry:
    """Read an entry [format]."""
    found = closed(value, "versionId versionTime parameters state proof")
    written = canonical(found)
    require(len(written) <= MAX_ENTRY, f"an entry of at most {MAX_ENTRY} bytes")
    require(PLACEHOLDER.encode() not in written, "an entry without {SCID}")
    update_keys, next_key_hashes = read_parameters(found["parameters"], is_first=is_first)
    state = an_object(found["state"])
    did = text(member(state, "id"), 512)
    proof = closed(
        a_list(found["proof"], 1, 1)[0],
        "type cryptosuite proofPurpose verificationMethod proofValue",
        "created",
    )
    return Entry(
        value=found,
        version_id=read_version_id(text(found["versionId"], 80)),
        time=time_seconds(text(found["versionTime"])),
        update_keys=update_keys,
        next_key_hashes=next_key_hashes,
        did=did,
        scid=read_did(did),
        signing_keys=read_signing_keys(state, did),
        proof=proof,
        proof_key=read_proof_key(proof),
    )


def read_parameters(value: Json, *, is_first: bool) -> tuple[list[str], list[str]]:
    """Read `parameters`: update keys and hashes of the next ones [format]."""
    rarely = "witness watchers deactivated ttl"
    if is_first:
        found = closed(value, "method scid portable updateKeys nextKeyHashes", rarely)
        read_hash(text(found["scid"], 64))
    else:
        found = closed(value, "updateKeys nextKeyHashes", f"method portable {rarely}")
    fixed: JsonObject = {
        "method": METHOD, "portable": True, "witness": {}, "watchers": [], "deactivated": False
    }  # fmt: skip
    for name in fixed.keys() & found.keys():
        exactly(found[name], fixed[name])
    number(found.get("ttl", 0), 0)
    keys = texts(found["updateKeys"], 1, 64, 64)
    distinct(ed25519_multikey(key) for key in keys)
    next_hashes = texts(found["nextKeyHashes"], 1, 64, 64)
    distinct(read_hash(item) for item in next_hashes)
    return keys, next_hashes


def read_signing_keys(state: JsonObject, did: str) -> list[bytes]:
    """Read the keys that may sign statements [format]."""
    methods = dict(
        read_method(item, did) for item in checked_methods(member(state, "verificationMethod"))
    )
    named = texts(member(state, "assertionMethod"), 0, 64, 512)
    require(set(named) <= methods.keys(), "assertionMethod names methods of the document")
    keys = [key for name in named if (key := methods[name]) is not None]
    distinct(keys)
    return keys


def checked_methods(value: Json) -> list[Json]:
    """Take the list of methods, no two of one id."""
    methods = a_list(value, 0, 64)
    distinct(text(member(an_object(item), "id"), 512) for item in methods)
    return methods


def read_method(value: Json, did: str) -> tuple[str, bytes | None]:
    """Read a method: its id, and its P-256 point if it has one [format]."""
    method = an_object(value)
    name = text(member(method, "id"), 512)
    require(name.startswith(did + "#"), "a method of this DID")
    exactly(member(method, "controller"), did)
    if text(member(method, "type"), 100) != "Multikey":
        return name, None
    return name, p256_multikey(text(member(method, "publicKeyMultibase"), 200))


def read_proof_key(proof: JsonObject) -> str:
    """Read a proof; give the Multikey of its key [format]."""
    exactly(proof["type"], "DataIntegrityProof")
    exactly(proof["cryptosuite"], "eddsa-jcs-2022")
    exactly(proof["proofPurpose"], "assertionMethod")
    if "created" in proof:
        time_seconds(text(proof["created"]))
    require(len(multibase(text(proof["proofValue"], 100))) == 64, "a proofValue of 64 bytes")
    method = text(proof["verificationMethod"], 200)
    key = method.removeprefix("did:key:").partition("#")[0]
    exactly(method, f"did:key:{key}#{key}")
    ed25519_multikey(key)
    return key


def unsigned(entry: Entry, version_id: str | None = None) -> bytes:
    """Write an entry without its proof, with another versionId if one is given."""
    value = {name: item for name, item in entry.value.items() if name != "proof"}
    if version_id is not None:
        value["versionId"] = version_id
    return canonical(value)


def read_did_log(values: Sequence[Json]) -> list[Entry]:
    """Read and verify a DID log [algorithm, 1 to 3]."""
    entries = [read_entry(value, is_first=i == 0) for i, value in enumerate(values)]
    scid = text(an_object(entries[0].value["parameters"])["scid"])
    genesis = unsigned(entries[0], PLACEHOLDER).replace(scid.encode(), PLACEHOLDER.encode())
    check(hash_of(genesis) == scid, "scid_not_derived")
    predecessor = scid
    for count, entry in enumerate(entries, start=1):
        own_hash = hash_of(unsigned(entry, predecessor))
        check(entry.version_id == f"{count}-{own_hash}", "hash_chain_broken")
        check(entry.scid == scid, "other_scid")
        check(entry.proof_key in entry.update_keys, "not_an_update_key")
        verify_proof(entry)
        predecessor = entry.version_id
    for earlier, later in pairwise(entries):
        check(earlier.time < later.time, "time_not_increasing")
        for key in later.update_keys:
            check(hash_of(key.encode()) in earlier.next_key_hashes, "key_not_announced")
    return entries


def verify_proof(entry: Entry) -> None:
    """Verify the proof of an entry [algorithm, 2.4]."""
    options = {name: item for name, item in entry.proof.items() if name != "proofValue"}
    signature = multibase(text(entry.proof["proofValue"]))
    message = sha256(canonical(options)) + sha256(unsigned(entry))
    try:
        verify_ed25519(ed25519_multikey(entry.proof_key), message, signature)
    except CheckError as error:
        raise CheckError("bad_proof") from error


def entry_digest(entry: Entry) -> str:
    """Hash a whole entry: the subject of its `identity` [algorithm]."""
    return sha256(canonical(entry.value)).hex()


def read_did_jsonl(data: bytes) -> list[Entry]:
    """Read and verify `did.jsonl` [format]."""
    lines = data.removesuffix(b"\n").split(b"\n")
    require(len(lines) <= MAX_ENTRIES, f"at most {MAX_ENTRIES} entries")
    return read_did_log([plain_json(line, MAX_ENTRY) for line in lines])


# Of witness.md.

MAX_POLICY: Final = 16384
MAX_PROOF: Final = 63


class Group(NamedTuple):
    """Members of a group, and how many of them must have witnessed."""

    needed: int
    members: list[str]


class WitnessPolicy(NamedTuple):
    """Witnesses by name, groups in their order, and the name of the quorum."""

    witnesses: dict[str, VerifierKey]
    groups: dict[str, Group]
    quorum: str


def policy_lines(policy: str) -> list[list[str]]:
    """Split a policy into the words of its lines, without comments [policy]."""
    require(len(policy.encode()) <= MAX_POLICY, f"at most {MAX_POLICY} bytes")
    require(re.search("[\x00-\x08\x0b-\x1f\x7f]", policy) is None, "no control character but tab")
    require(policy.endswith("\n"), "a line feed at the end")
    split = [re.findall("[^ \t]+", line) for line in policy[:-1].split("\n")]
    lines = [line for line in split if line and not line[0].startswith("#")]
    for kind in ("log", "witness", "group"):
        require(sum(line[0] == kind for line in lines) <= 64, f"at most 64 {kind} lines")
    return lines


def read_witness_policy(text_: str) -> WitnessPolicy:
    """Read a witness policy [policy]."""
    policy, quorum = WitnessPolicy({}, {}, ""), ""
    free: set[str] = set()
    log_keys: list[VerifierKey] = []
    for line in policy_lines(text_):
        match line:
            case ["log", key] | ["log", key, _]:
                log_keys.append(read_verifier_key(key))
                require(log_keys[-1].type == ED25519_TYPE, "a log key of type 1")
            case ["witness", name, key] | ["witness", name, key, _]:
                require(name not in {"none", *policy.witnesses, *policy.groups}, "a new name")
                policy.witnesses[name] = as_cosigner(read_verifier_key(key))
                free.add(name)
            case ["group", name, count, *members] if members:
                require(name not in {"none", *policy.witnesses, *policy.groups}, "a new name")
                require(set(members) <= free, "members that are defined and free")
                distinct(members)
                policy.groups[name] = Group(needed_of(count, len(members)), members)
                free = free - set(members) | {name}
            case ["quorum", name]:
                require(not quorum, "one quorum")
                require(
                    name in {"none", *policy.witnesses, *policy.groups}, "a quorum defined above"
                )
                quorum = name
            case _:
                raise MalformedError("wanted: a log, witness, group or quorum line")
    require(quorum, "a quorum line")
    distinct(key.key for key in log_keys)
    distinct(key.key for key in policy.witnesses.values())
    return policy._replace(quorum=quorum)


def needed_of(count: str, members: int) -> int:
    """Read how many members a group needs [policy]."""
    named = {"any": 1, "all": members}
    return named[count] if count in named else in_range(decimal(count), 1, members)


def as_cosigner(key: VerifierKey) -> VerifierKey:
    """Take a key of either type as one of type 4 [policy]."""
    data = bytes([COSIGNATURE_TYPE]) + key.key
    full_id = sha256(key.name.encode() + b"\n" + data)
    return VerifierKey(key.text, key.name, COSIGNATURE_TYPE, key.key, full_id)


class Witnessed(NamedTuple):
    """The operators that have witnessed, of how many, and whether that is enough."""

    operators: list[str]
    of: int
    enough: bool


def operators_of(policy: WitnessPolicy) -> list[str]:
    """Give the operators that a policy counts [judge, 4]."""
    if policy.quorum == "none":
        return []
    group = policy.groups.get(policy.quorum)
    return [policy.quorum] if group is None else group.members


def judge_cosignatures(note: Note, policy: WitnessPolicy) -> Witnessed:
    """Judge the cosignatures of a checkpoint [judge, 1 to 4]."""
    lines = {(name, key_id) for name, key_id, _ in note.signatures}
    present = {
        name: key for name, key in policy.witnesses.items() if (key.name, key.id[:4]) in lines
    }
    if present:
        verify_note(note, list(present.values()))
    witnessed = set(present)
    for name, group in policy.groups.items():
        if len(witnessed & set(group.members)) >= group.needed:
            witnessed.add(name)
    operators = operators_of(policy)
    return Witnessed(
        [name for name in operators if name in witnessed],
        len(operators),
        policy.quorum == "none" or policy.quorum in witnessed,
    )


def read_add_checkpoint(body: str) -> tuple[int, int]:
    """Read a request to a witness: the old size, and how many hashes [request]."""
    require(len(body.encode()) <= MAX_NOTE, f"at most {MAX_NOTE} bytes")
    head, blank, note = body.partition("\n\n")
    old, *proof = head.split("\n")
    require(blank and old.startswith("old "), "an old size and an empty line")
    require(len(proof) <= MAX_PROOF, f"at most {MAX_PROOF} hashes")
    for item in proof:
        base64_bytes(item, 32)
    old_size = decimal(old.removeprefix("old "))
    _, size, _ = read_checkpoint(read_note(note))
    require(old_size not in {0, size} or not proof, "no hashes from 0 or between equal sizes")
    return old_size, len(proof)


# Of trust.md.


class Validity(NamedTuple):
    """A half-open interval in seconds."""

    start: int
    end: int | None

    def holds(self, moment: int) -> bool:
        """Tell whether a moment is inside."""
        return self.start <= moment and (self.end is None or moment < self.end)


class Key(NamedTuple):
    """A listed key: its SPKI, and when it is valid."""

    spki: bytes
    validity: Validity


class Authority(NamedTuple):
    """A CA, or a TSA and its root."""

    certificates: list[Certificate]
    validity: Validity


class Log(NamedTuple):
    """A log; `closed` is size and root at its end, or None."""

    origin: str
    log_key: VerifierKey
    clock_key: VerifierKey
    closed: tuple[int, bytes] | None


class Root(NamedTuple):
    """The keys that sign trust files, by key id, and how many must."""

    keys: dict[str, bytes]
    threshold: int
    code: str


class Trust(NamedTuple):
    """What a relying party pins."""

    version: int
    expires: int
    public_url: str
    cas: list[Authority]
    tsas: list[Authority]
    sct_keys: dict[bytes, Key]  # by log id
    logs: list[Log]
    registry_keys: list[Key]
    status_keys: list[Key]
    root: Root
    witness_policy: WitnessPolicy
    envelope: Envelope


def read_trust(data: bytes) -> Trust:
    """Read a trust file that its own root keys sign [algorithm, 1 to 3]."""
    envelope = read_envelope(canonical_json(data, MAX_PAYLOAD), TRUST_TYPE, 16, MAX_PAYLOAD)
    found = closed(
        canonical_json(envelope.payload, MAX_PAYLOAD),
        "version expires publicUrl trustedRoot logs registryKeys statusKeys root witnessPolicy",
    )
    trusted = closed(
        found["trustedRoot"],
        "mediaType tlogs certificateAuthorities timestampAuthorities ctlogs",
    )
    exactly(trusted["mediaType"], "application/vnd.dev.sigstore.trustedroot+json;version=0.1")
    trust = Trust(
        version=number(found["version"], 1),
        expires=time_seconds(text(found["expires"])),
        public_url=read_public_url(text(found["publicUrl"], 300)),
        cas=[read_authority(i) for i in a_list(trusted["certificateAuthorities"], 1, 64)],
        tsas=[read_authority(i) for i in a_list(trusted["timestampAuthorities"], 1, 64)],
        sct_keys=dict(map(read_sct_key, a_list(trusted["ctlogs"], 1, 64))),
        logs=[read_log(item) for item in a_list(found["logs"], 1, 64)],
        registry_keys=[read_key(i, p256_point) for i in a_list(found["registryKeys"], 1, 64)],
        status_keys=[read_key(item, ed25519_key) for item in a_list(found["statusKeys"], 1, 64)],
        root=read_root(found["root"]),
        witness_policy=read_witness_policy(text(found["witnessPolicy"], 16384)),
        envelope=envelope,
    )
    distinct(log.origin for log in trust.logs)
    own = {key.key for log in trust.logs for key in (log.log_key, log.clock_key)}
    own.update(trust.root.keys.values(), (ed25519_key(key.spki) for key in trust.status_keys))
    witnesses = trust.witness_policy.witnesses.values()
    require(own.isdisjoint(key.key for key in witnesses), "witnesses with keys of others")
    check_root_signatures(envelope, trust.root)
    return trust


def read_public_url(url: str) -> str:
    """Read the URL of a registry [format]."""
    require(url == url.lower(), "a URL without upper case")
    require(re.fullmatch("https?://[^/]+", url), "http or https, host and port")
    return url


def read_validity(value: Json) -> Validity:
    """Read `validFor` [format]."""
    found = an_object(value)
    end = time_seconds(text(found["end"])) if "end" in found else None
    return Validity(time_seconds(text(member(found, "start"))), end)


def read_authority(value: Json) -> Authority:
    """Read a CA or a TSA [format]."""
    found = an_object(value)
    chain = a_list(member(an_object(member(found, "certChain")), "certificates"), 1, 3)
    raw = [base64_of(member(an_object(item), "rawBytes"), 16384) for item in chain]
    return Authority(list(map(read_certificate, raw)), read_validity(member(found, "validFor")))


def read_sct_key(value: Json) -> tuple[bytes, Key]:
    """Read an SCT key and its log id [format]."""
    found = an_object(member(an_object(value), "publicKey"))
    spki = base64_of(member(found, "rawBytes"), 512)
    p256_point(spki)
    return sha256(spki), Key(spki, read_validity(member(found, "validFor")))


def read_log(value: Json) -> Log:
    """Read a log [format]."""
    found = closed(value, "origin logKey clockKey closed")
    origin = host_name(found["origin"])
    log_key = read_verifier_key(text(found["logKey"], 500))
    clock_key = read_verifier_key(text(found["clockKey"], 500))
    require(log_key.name == origin, "a log key of this origin")
    check_log_keys(log_key, clock_key)
    if found["closed"] is None:
        return Log(origin, log_key, clock_key, None)
    end = closed(found["closed"], "size root")
    return Log(origin, log_key, clock_key, (number(end["size"], 0), base64_of(end["root"], 64, 32)))


def read_key(value: Json, read_spki: Callable[[bytes], bytes]) -> Key:
    """Read a registry or status key [format]."""
    found = closed(value, "key start end")
    spki = base64_of(found["key"], 512)
    read_spki(spki)
    end = None if found["end"] is None else time_seconds(text(found["end"]))
    return Key(spki, Validity(time_seconds(text(found["start"])), end))


def read_root(value: Json) -> Root:
    """Read the root keys [format]."""
    found = closed(value, "keys threshold")
    keys = [ed25519_key(base64_of(item, 512)) for item in a_list(found["keys"], 1, 16)]
    distinct(keys)
    code = for_eyes(crockford(sha256(canonical(value)))[:24])
    by_id = {ed25519_key_id(key): key for key in keys}
    return Root(by_id, number(found["threshold"], 1, len(keys)), code)


def check_root_signatures(envelope: Envelope, root: Root) -> None:
    """Check that enough root keys sign [algorithm, 2 and 3]."""
    held = 0
    for key_id, signature in envelope.signatures:
        if key_id in root.keys:
            verify_ed25519(root.keys[key_id], pae(envelope), signature)
            held += 1
    check(held >= root.threshold, "trust_file_not_signed")


def succeed(pinned: Trust, data: bytes) -> Trust:
    """Go from a pinned trust file to its successor [algorithm, 4 to 8]."""
    trust = read_trust(data)
    if trust.public_url != pinned.public_url or trust.version != pinned.version + 1:
        raise ConflictError
    check_root_signatures(trust.envelope, pinned.root)
    for before, after in zip(pinned.logs, trust.logs, strict=False):
        if before[:3] != after[:3] or (before.closed is not None and after.closed != before.closed):
            raise ConflictError
    for older, newer in zip(listed(pinned), listed(trust), strict=True):
        if len(newer) < len(older) or not all(map(still_listed, older, newer)):
            raise ConflictError
    if len(trust.logs) < len(pinned.logs):
        raise ConflictError
    return trust


def listed(trust: Trust) -> list[list[Authority | Key]]:
    """Give the lists of what has a start and an end."""
    sct_keys = trust.sct_keys.values()
    authorities: list[list[Authority | Key]] = [[*trust.cas], [*trust.tsas], [*sct_keys]]
    return [*authorities, [*trust.registry_keys], [*trust.status_keys]]


def still_listed(before: Authority | Key, after: Authority | Key) -> bool:
    """Tell whether an item is still what it was, or ends earlier."""
    if before[0] != after[0] or before.validity.start != after.validity.start:
        return False
    end = before.validity.end
    return end is None or (after.validity.end is not None and after.validity.end <= end)


# Of status.md.

STATES: Final = frozenset(
    words("withdrawn superseded retired lost compromised revoked frozen unfrozen")
)
REVOCATIONS: Final = frozenset(words("retired lost compromised revoked"))
BACKDATING: Final = 2592000
MAY_BE_SIGNED_WHILE_FROZEN: Final = frozenset(words("enrolment freeze revocation unfreeze"))


class State(NamedTuple):
    """What is said of a name, since when, logged when, by whom."""

    state: str
    since: int
    logged: int
    by: str


class Line(NamedTuple):
    """A line of the list, with its way to the root."""

    k: str
    states: list[State]
    leaf: bytes
    place: int
    hashes: list[bytes]


class Proof(NamedTuple):
    """A proof for a name: presence, or absence between neighbours."""

    k: str
    here: Line | None
    left: Line | None
    right: Line | None


class Status(NamedTuple):
    """A snapshot and proofs against it."""

    envelope: Envelope
    origin: str
    size: int
    root: bytes
    time: int
    lines: int
    status_root: bytes
    proofs: list[Proof]


ProvenStates: TypeAlias = "dict[str, list[State]]"
"""The states of each k that is proven; none for a proven absence."""


def status_name(kind: str, name: str) -> str:
    """Write k of a name [format]."""
    return sha256(f"{kind}\n{name}".encode()).hex()


def read_status(value: Json) -> Status:
    """Read a status [format]."""
    found = closed(value, "snapshot proofs")
    envelope = read_envelope(found["snapshot"], STATUS_TYPE, 1, MAX_SNAPSHOT)
    snapshot = closed(
        canonical_json(envelope.payload, MAX_SNAPSHOT), "origin size root time count statusRoot"
    )
    proofs = [read_status_proof(item) for item in a_list(found["proofs"], 0, 64)]
    distinct(proof.k for proof in proofs)
    lines, status_root = (
        number(snapshot["count"], 0),
        base64_of(snapshot["statusRoot"], MAX_TEXT, 32),
    )
    require((lines == 0) == (status_root == sha256(b"")), "the root of nothing for no lines")
    return Status(
        envelope=envelope,
        origin=host_name(snapshot["origin"]),
        size=number(snapshot["size"], 0),
        root=base64_of(snapshot["root"], MAX_TEXT, 32),
        time=time_seconds(text(snapshot["time"])),
        lines=lines,
        status_root=status_root,
        proofs=proofs,
    )


def read_status_proof(value: Json) -> Proof:
    """Read a proof of presence or absence [format]."""
    if "here" in an_object(value):
        found = closed(value, "k here")
        return Proof(hex_text(text(found["k"]), 32), read_line(found["here"]), None, None)
    found = closed(value, "k left right")
    left = None if found["left"] is None else read_line(found["left"])
    right = None if found["right"] is None else read_line(found["right"])
    return Proof(hex_text(text(found["k"]), 32), None, left, right)


def read_line(value: Json) -> Line:
    """Read a line with its inclusion proof [format]."""
    found = closed(value, "line index hashes")
    k, states = a_list(found["line"], 2, 2)
    return Line(
        k=hex_text(text(k), 32),
        states=[read_state(item) for item in a_list(states, 1, 64)],
        leaf=canonical(found["line"]),
        place=number(found["index"], 0),
        hashes=[base64_of(item, MAX_TEXT, 32) for item in a_list(found["hashes"], 0, 63)],
    )


def read_state(value: Json) -> State:
    """Read a state [format]."""
    state, since, logged, by = texts(value, 4, 4)
    require(state in STATES, "a state")
    return State(state, time_seconds(since), time_seconds(logged), text(by, 64))


def check_status(status: Status, trust: Trust) -> ProvenStates:
    """Check a status; give the states of each k that it proves [algorithm, 1 to 6]."""
    if all(log.origin != status.origin for log in trust.logs):
        raise CheckError("unlisted_log", step=8)
    key_id, signature = status.envelope.signatures[0]
    keys = {
        ed25519_key_id(ed25519_key(key.spki)): ed25519_key(key.spki)
        for key in trust.status_keys
        if key.validity.holds(status.time)
    }
    check(key_id in keys, "unlisted_status_key")
    try:
        verify_ed25519(keys[key_id], pae(status.envelope), signature)
    except CheckError as error:
        raise CheckError("bad_status_signature") from error
    return {proof.k: check_status_proof(proof, status) for proof in status.proofs}


def check_status_proof(proof: Proof, status: Status) -> list[State]:
    """Check a proof against its snapshot; give the states of its k [algorithm, 4 to 6]."""
    for line in (proof.here, proof.left, proof.right):
        if line is not None:
            check_line(line, status)
    if proof.here is not None:
        check(proof.here.k == proof.k, "bad_status_proof")
        return proof.here.states
    left, right = proof.left, proof.right
    check(left is None or left.k < proof.k, "bad_status_proof")
    check(right is None or right.k > proof.k, "bad_status_proof")
    left_index = -1 if left is None else left.place
    right_index = status.lines if right is None else right.place
    check(right_index == left_index + 1, "bad_status_proof")
    return []


def check_line(line: Line, status: Status) -> None:
    """Check that a line stands in the list [algorithm, 4]."""
    try:
        root = root_of_inclusion(line.place, status.lines, leaf_hash(line.leaf), line.hashes)
    except MalformedError as error:
        raise CheckError("bad_status_proof") from error
    check(root == status.status_root, "bad_status_proof")


# Of dossier.md.

DOSSIER_TYPE: Final = "application/vnd.touchplate.dossier.v1+json"
MAX_DOSSIER: Final = 1048576


class Material(NamedTuple):
    """A dossier, or a bare bundle with nothing else, as it was read."""

    bundle: Bundle
    statement: Statement
    supporting: list[tuple[Bundle, Statement]]
    private: dict[str, Json]  # by SHA-256 in hex
    did_logs: list[list[Json]]
    status: Status | None
    is_dossier: bool


def read_dossier(data: bytes) -> Material:
    """Read a dossier [algorithm, 1 to 6]."""
    found = closed(
        canonical_json(data, MAX_DOSSIER),
        "mediaType bundle private didLogs supporting status",
        "timestamps",
    )
    exactly(found["mediaType"], DOSSIER_TYPE)
    bundle = read_bundle(found["bundle"])
    parts = [an_object(item) for item in a_list(found["private"], 0, 64)]
    did_logs = [a_list(item, 1, MAX_ENTRIES) for item in a_list(found["didLogs"], 0, 64)]
    supporting = [read_bundle(item) for item in a_list(found["supporting"], 0, 64)]
    status = read_status(found["status"])
    if "timestamps" in found:
        stamps = texts(found["timestamps"], 1, 8, 24 * 1024)
        distinct(base64_bytes(item) for item in stamps)
    check_ends([bundle, *supporting], status)
    statement = read_statement(bundle.envelope.payload)
    supported = [(item, read_statement(item.envelope.payload)) for item in supporting]
    private = {sha256(canonical(part)).hex(): cast("Json", part) for part in parts}
    require(len(private) == len(parts), "no private part twice")
    named = {statement.private, *(item.private for _, item in supported)}
    require(private.keys() <= named, "private parts that a statement names")
    material = Material(bundle, statement, supported, private, did_logs, status, is_dossier=True)
    names = signed_names(material)
    require(names is None or len(names) == len(statement.subjects), "a name for each subject")
    return material


def check_ends(bundles: list[Bundle], status: Status) -> None:
    """Check that all proofs of a log end in one checkpoint [algorithm, 2 and 3]."""
    ends: dict[bytes, tuple[int, bytes]] = {}
    for bundle in bundles:
        end = (bundle.tree_size, bundle.root_hash)
        require(ends.setdefault(bundle.log_id, end) == end, "one end for a log")
        if bundle.checkpoint.startswith(status.origin + "\n"):
            require(end == (status.size, status.root), "the end of the snapshot")


def signed_names(material: Material) -> list[str] | None:
    """Give the names of a deliverable, if its private part is at hand [algorithm, 6]."""
    statement = material.statement
    if statement.private is None or statement.private not in material.private:
        return None
    part = read_private_part(material.private[statement.private], statement.type)
    return texts(part["names"], 1, MAX_SUBJECTS) if statement.type == "deliverable" else None


def read_material(data: bytes) -> Material:
    """Read a dossier or a bare bundle, whichever it is."""
    if not is_bundle(data):
        return read_dossier(data)
    bundle = read_bundle(plain_json(data, MAX_BUNDLE))
    statement = read_statement(bundle.envelope.payload)
    return Material(bundle, statement, [], {}, [], None, is_dossier=False)


def is_bundle(data: bytes) -> bool:
    """Tell a bundle from a dossier."""
    try:
        return an_object(plain_json(data, MAX_DOSSIER)).get("mediaType") == BUNDLE_TYPE
    except MalformedError:
        return False


# Of verification.md, verify.

ONLINE_WINDOW: Final = 86400
CLOCK_SKEW: Final = 60


class Attestation(NamedTuple):
    """What *verify* established."""

    statement: Statement
    id: str
    principal: Principal
    certificate: Certificate
    log_index: int
    log: Log
    checkpoint: Checkpoint
    witnessed: Witnessed
    not_before: int
    signed_at: int
    payload: bytes


def verify(bundle: Bundle, statement: Statement, trust: Trust, at: int) -> Attestation:
    """Verify a bundle that was read [verify, 3 to 21]."""
    certificate = read_certificate(bundle.certificate)
    log = find_log(bundle, statement, trust)
    verify_signature(bundle.envelope, certificate)
    signed_at = verify_token(bundle, trust, at)
    principal = verify_certificate(bundle, statement, certificate, trust, signed_at)
    verify_signer(statement, principal, certificate)
    not_before = verify_not_before(bundle, statement, log, signed_at)
    checkpoint = verify_inclusion(bundle, log)
    check(checkpoint.time >= signed_at, "checkpoint_too_old")
    witnessed = verify_witnesses(bundle, trust)
    who = principal.scid or "registry"
    return Attestation(
        statement,
        statement_id(statement.origin, who, statement.salt),
        principal,
        certificate,
        bundle.log_index,
        log,
        checkpoint,
        witnessed,
        not_before,
        signed_at,
        bundle.envelope.payload,
    )


def find_log(bundle: Bundle, statement: Statement, trust: Trust) -> Log:
    """Find the log of a statement [4 to 6]."""
    logs = [log for log in trust.logs if log.origin == statement.origin]
    check(logs, "unlisted_log")
    check(statement.log_id == logs[0].log_key.id, "unlisted_log")
    check(bundle.log_id == logs[0].log_key.id, "other_log")
    return logs[0]


def verify_signature(envelope: Envelope, certificate: Certificate) -> None:
    """Verify the signature over the payload as received [7]."""
    signature = envelope.signatures[0][1]
    try:
        verify_p256(p256_point(certificate.spki), pae(envelope), signature, low_s=True)
    except (CheckError, MalformedError) as error:
        raise CheckError("bad_signature") from error


def verify_token(bundle: Bundle, trust: Trust, at: int) -> int:
    """Verify the time-stamp token; give its time [8; timestamp.md, 1 to 13]."""
    token = read_token(bundle.token)
    fitting = [tsa for tsa in trust.tsas if is_signed_by(token, tsa.certificates[0])]
    check(fitting, "unlisted_tsa")
    certificates = fitting[0].certificates
    check_token(token, bundle.envelope.signatures[0][1], certificates[0], certificates[-1])
    check(fitting[0].validity.holds(token.time), "tsa_out_of_use")
    check(token.time <= at + CLOCK_SKEW, "token_from_the_future")
    return token.time


def verify_certificate(
    bundle: Bundle, statement: Statement, certificate: Certificate, trust: Trust, signed_at: int
) -> Principal:
    """Verify the certificate at the token time; give its signer [9; certificate.md, 1 to 8]."""
    fitting = [
        ca
        for ca in trust.cas
        if ca.certificates[0].subject == certificate.issuer and ca.validity.holds(signed_at)
    ]
    check(fitting, "unlisted_ca")
    ca = fitting[0].certificates[0]
    check_chain(certificate, ca, signed_at)
    check(certificate.issuer_url == trust.public_url, "other_registry")
    if certificate.uri is None:
        raise CheckError("other_registry")
    principal = read_signer_uri(certificate.uri, trust.public_url)
    if certificate.sct is not None:
        valid = {
            log_id: p256_point(key.spki)
            for log_id, key in trust.sct_keys.items()
            if key.validity.holds(signed_at)
        }
        check_sct(certificate, ca, valid, certificate.sct)
    else:
        is_first = bundle.log_index == 0 and statement.type == "issuance"
        check(is_first and principal.kind == "registry", "no_sct")
    return principal


def verify_signer(statement: Statement, principal: Principal, certificate: Certificate) -> None:
    """Check that the statement's signer is the certificate's [10 and 11]."""
    by_registry = statement.type in SIGNED_BY_REGISTRY
    check((principal.kind == "registry") == by_registry, "wrong_signer_kind")
    by_agent = statement.type == "deliverable" and "delegation" in statement.facts
    check((principal.kind == "agent") == by_agent, "wrong_signer_kind")
    if by_registry:
        check(statement.signer_id == certificate.uri, "other_signer")
    else:
        check(read_did(statement.signer_id) == principal.scid, "other_signer")


def verify_not_before(bundle: Bundle, statement: Statement, log: Log, signed_at: int) -> int:
    """Open `notBefore`; give its time [12 to 14]."""
    try:
        checkpoint = open_checkpoint(statement.not_before, log.log_key, log.clock_key)
    except (CheckError, MalformedError) as error:
        raise CheckError("bad_not_before") from error
    check(checkpoint.size <= bundle.log_index, "bad_not_before")
    check(checkpoint.time <= signed_at, "bad_not_before")
    is_offline = statement.facts.get("offline") is True
    check(is_offline or signed_at - checkpoint.time <= ONLINE_WINDOW, "not_before_too_old")
    return checkpoint.time


def verify_inclusion(bundle: Bundle, log: Log) -> Checkpoint:
    """Verify that the log holds the leaf; give the checkpoint [15 to 19]."""
    leaf = lay_leaf(bundle.envelope, bundle.certificate)
    check(leaf == bundle.leaf, "other_leaf")
    try:
        root = root_of_inclusion(bundle.log_index, bundle.tree_size, leaf_hash(leaf), bundle.hashes)
        checkpoint = open_checkpoint(bundle.checkpoint, log.log_key, log.clock_key)
    except MalformedError as error:
        raise CheckError("bad_log_proof") from error
    except CheckError as error:
        raise CheckError("bad_checkpoint") from error
    check(root == bundle.root_hash, "bad_log_proof")
    check((checkpoint.size, checkpoint.root) == (bundle.tree_size, root), "bad_log_proof")
    check(log.closed in {None, (checkpoint.size, checkpoint.root)}, "closed_log")
    return checkpoint


def verify_witnesses(bundle: Bundle, trust: Trust) -> Witnessed:
    """Count who cosigned the checkpoint [verify, 21]."""
    try:
        return judge_cosignatures(read_note(bundle.checkpoint), trust.witness_policy)
    except (CheckError, MalformedError) as error:
        raise CheckError("bad_cosignature") from error


# Of verification.md, judge.


class Policy(NamedTuple):
    """What a relying party expects."""

    scid: str | None = None
    handle: str | None = None
    max_status_age: int = 2592000
    accept_unknown_status: bool = False


class Question(NamedTuple):
    """The input of verification [input]."""

    material: bytes
    files: Files | None
    trust: Trust | None
    at: int
    now: int
    policy: Policy = Policy()
    newer: Sequence[Status] = ()
    newest: bool = False
    dated: Sequence[int] = ()


class Present(NamedTuple):
    """What an assertion shows, and when its passkey was registered [presence.md]."""

    level: str
    registered: int


class Erased(NamedTuple):
    """Since when the private part is gone, and who wanted that [erased]."""

    since: int
    by: str


class Verdict(NamedTuple):
    """The answer [verdict.md]; what verify established is None where it did not hold."""

    code: str
    reasons: list[str]
    steps: dict[str, str]
    attestation: Attestation | None = None
    handle: str | None = None
    name: str | None = None
    as_of: int | None = None
    superseded_by: str | None = None
    erased: Erased | None = None
    presence: Present | None = None


class Reason(NamedTuple):
    """A reason, and the step of *judge* under which it stands [verdict.md, when it held]."""

    step: int
    word: str


class Link(NamedTuple):
    """A membership that was needed: from when on it was in force, and at which moment."""

    scid: str
    since: int
    at: int


class Firm(NamedTuple):
    """On whose behalf somebody signed, and what that rests on."""

    enterprise: str
    links: list[Link]
    others: list[Attestation]


class Names(NamedTuple):
    """What the signer says to be called; the delegation, if an agent signed."""

    handle: str | None
    name: str | None
    delegation: Attestation | None = None
    firm: Firm | None = None
    present: Present | None = None


def code_of(reason: str, *, newest: bool) -> str:
    """Give the code of a reason [reasons; outcomes]."""
    if reason.startswith("unlisted_"):
        return "invalid" if newest else "could_not_check"
    if reason in COULD_NOT_CHECK:
        return "could_not_check"
    named = {
        "unreadable": "unreadable",
        "withdrawn": "revoked",
        "superseded": "superseded",
        "key_revoked": "revoked",
        "key_disputed": "disputed",
        "key_revoked_later": "valid_before_revocation",
        "signed_while_frozen": "frozen",
        "frozen": "frozen",
        "signer_mismatch": "other_signer",
    }
    return named.get(reason, "mismatch" if STEP_OF[reason] == 1 else "invalid")


def verdict_code(reasons: Sequence[str], *, newest: bool) -> str:
    """Give the code of all reasons together [judge, 11]."""
    codes = {code_of(reason, newest=newest) for reason in reasons}
    return next((code for code in WORST_FIRST if code in codes), "valid")


def answer(question: Question) -> Verdict:
    """Verify and judge."""
    try:
        material = read_material(question.material)
        if question.trust is None:
            certificate = read_certificate(material.bundle.certificate)
            require(certificate.issuer_url is not None, "a certificate with an issuer URL")
            raise CheckError("registry_not_pinned")  # noqa: TRY301
        attestation = verify(material.bundle, material.statement, question.trust, question.at)
        return judge(question, material, question.trust, attestation)
    except CheckError as error:
        return Verdict(code_of(error.reason, newest=question.newest), [error.reason], {})
    except MalformedError:
        return Verdict("unreadable", ["unreadable"], {})


def judge(
    question: Question, material: Material, trust: Trust, attestation: Attestation
) -> Verdict:
    """Judge an attestation that holds [judge, 1 to 11]."""
    reasons: list[Reason] = []
    if question.files is not None:
        try:
            compare_subjects(material.statement, question.files, signed_names(material))
        except CheckError as error:
            reasons.append(Reason(1, error.reason))
    seen = [moment for moment in question.dated if moment <= question.at + CLOCK_SKEW]
    if any(moment + CLOCK_SKEW < attestation.not_before for moment in seen):
        reasons.append(Reason(4, "times_contradict"))
    names: Names | None = None
    try:
        names = authority(material, trust, attestation, question.now, reasons)
    except CheckError as error:
        reasons.append(Reason(7, error.reason))
    except MalformedError:
        reasons.append(Reason(7, "unreadable"))
    as_of, replaced = judge_status(question, material, trust, (attestation, names), reasons)
    judge_policy(question.policy, attestation.principal, names, reasons)
    if question.at >= trust.expires:
        reasons.append(Reason(10, "trust_file_expired"))
    return Verdict(
        verdict_code([reason.word for reason in reasons], newest=question.newest),
        [reason.word for reason in reasons],
        steps_of(question, attestation.witnessed, reasons, as_of),
        attestation,
        names.handle if names else None,
        names.name if names else None,
        as_of,
        superseded_by(material, trust, attestation, question, replaced) if names else None,
        erased(material, trust, attestation, question) if names else None,
        names.present if names else None,
    )


def authority(
    material: Material, trust: Trust, attestation: Attestation, now: int, reasons: list[Reason]
) -> Names:
    """Establish that the signer speaks for itself [judge, 7]."""
    supporting = []
    for bundle, statement in material.supporting:  # a
        supporting.append(verify(bundle, statement, trust, now))
        check_registry_key(supporting[-1], trust)
    if attestation.principal.kind == "registry":  # b
        check_registry_key(attestation, trust)
        return Names(None, None)
    check(attestation.principal.kind != "organisation", "signer_kind_not_checked")  # c
    of_persons = [item for item in supporting if item.principal.kind == "person"]
    histories = key_histories(material, attestation, of_persons)  # d
    if attestation.principal.kind == "person":  # e
        check_key_in_history(attestation, histories[attestation.principal.scid])
    for item in of_persons:  # f
        check(item.principal.scid in histories, "other_key_history")
        check_key_in_history(item, histories[item.principal.scid])
    delegation = None
    if attestation.principal.kind == "agent":  # f
        delegation = find_delegation(attestation, of_persons)
        check_delegation(attestation, delegation)
        judge_use(material, attestation, delegation, reasons)
        is_reviewed = any(is_review(item, attestation) for item in of_persons)
        if delegation.statement.facts["humanReview"] and not is_reviewed:
            reasons.append(Reason(7, "review_not_at_hand"))
    firm = judge_membership(attestation, of_persons, reasons)  # f
    used = [attestation, *(item for item in of_persons if item.statement.type in OF_ENTERPRISES)]
    identities = [item.statement for item in supporting if item.statement.type == "identity"]
    logged = [is_logged(item, identities, histories) for item in used]  # g
    if not all(logged):
        reasons.append(Reason(7, "key_history_not_logged"))
    own = [item for item in of_persons if item.principal.scid == attestation.principal.scid]
    names = signer_names(material, [*own, attestation])  # h
    return names._replace(
        delegation=delegation,
        firm=firm and firm._replace(others=used[1:]),
        present=judge_presence(attestation, of_persons, trust, reasons),  # i
    )


OF_ENTERPRISES: Final = frozenset({"founding", "membership", "release"})


def is_review(item: Attestation, attestation: Attestation) -> bool:
    """Tell whether a release is the person's word on what their agent signed [enterprise.md]."""
    return (
        item.statement.type == "release"
        and item.principal.scid == attestation.principal.scid
        and item.statement.subjects[0] == status_name("statement", attestation.id)
    )


def judge_membership(
    attestation: Attestation, of_persons: list[Attestation], reasons: list[Reason]
) -> Firm | None:
    """Lead the signer's membership back to the founding [enterprise.md, 1 to 4]."""
    enterprise = attestation.statement.facts.get("onBehalfOf")
    if enterprise is None:
        return None
    founding = next((i for i in of_persons if i.id == enterprise), None)
    links = None
    if founding is not None and founding.statement.type == "founding":
        links = lead_back(attestation.principal.scid, attestation.signed_at, founding, of_persons)
    if founding is None or links is None:
        reasons.append(Reason(7, "no_membership"))
        return None
    approved = {attestation.principal.scid}
    k = status_name("statement", attestation.id)
    for item in of_persons:
        facts, is_release = item.statement.facts, item.statement.type == "release"
        if is_release and facts["enterprise"] == enterprise and item.statement.subjects[0] == k:
            more = lead_back(item.principal.scid, item.signed_at, founding, of_persons)
            if more is not None and item.principal.scid not in approved:
                approved.add(item.principal.scid)
                links += more
    if len(approved) < number(founding.statement.facts["needed"], 1):
        reasons.append(Reason(7, "not_released"))
    return Firm(text(enterprise), links, [])


def lead_back(
    scid: str,
    at: int,
    founding: Attestation,
    of_persons: list[Attestation],
    seen: frozenset[str] = frozenset(),
) -> list[Link] | None:
    """Give the memberships by which a person was a member at a time [enterprise.md, 2]."""
    steps = [
        item
        for item in of_persons
        if item.statement.type == "membership" and item.statement.facts["enterprise"] == founding.id
    ]
    offers = {item.id: item for item in steps if item.statement.facts["step"] == "offer"}
    accepts = [
        item
        for item in sorted(steps, key=lambda item: -item.signed_at)
        if item.statement.facts["step"] == "accept" and item.principal.scid == scid
    ]
    for accept in accepts:
        offer = offers.get(text(accept.statement.facts["offer"]))
        if accept.signed_at > at or accept.id in seen or offer is None:
            continue
        if offer.statement.facts["member"] != scid or offer.signed_at > accept.signed_at:
            continue
        by, then = offer.principal.scid, offer.signed_at
        before = lead_back(by, then, founding, of_persons, seen | {accept.id})
        if before is not None:
            return [*before, Link(scid, accept.signed_at, at)]
    if founding.principal.scid == scid and founding.signed_at <= at:
        return [Link(scid, founding.signed_at, at)]
    return None


def judge_presence(
    attestation: Attestation,
    of_persons: list[Attestation],
    trust: Trust,
    reasons: list[Reason],
) -> Present | None:
    """Judge the assertion in a statement [presence.md, 1 to 8]."""
    if "presence" not in attestation.statement.facts:
        return None
    presence = an_object(attestation.statement.facts["presence"])
    named = [item for item in of_persons if item.id == presence["passkey"]]
    if not named:  # 1
        reasons.append(Reason(7, "passkey_not_at_hand"))
        return None
    passkey = named[0]
    check(passkey.statement.type == "passkey", "bad_presence")  # 2
    check(passkey.principal == attestation.principal, "bad_presence")
    check(passkey.signed_at <= attestation.signed_at, "bad_presence")
    if passkey.log.origin == attestation.log.origin:
        check(passkey.log_index < attestation.log_index, "bad_presence")
    data = base64_of(presence["authenticatorData"], 64)
    host = re.sub(r":[0-9]+$", "", trust.public_url.split("://")[1])
    check(data[:32] == sha256(host.encode()), "bad_presence")  # 3
    flags = data[32]
    check(not flags & 0xE2, "bad_presence")  # 4
    check(flags & 0x08 or not flags & 0x10, "bad_presence")
    check(flags & 0x05 == 0x05, "bad_presence")  # 5
    client = base64_of(presence["clientDataJSON"], 2048)
    check_client_data(client, challenge_of(attestation), trust.public_url)  # 6
    key = p256_multikey(text(passkey.statement.facts["key"]))
    try:  # 7
        verify_p256(key or b"", data + sha256(client), base64_of(presence["signature"], 144))
    except (MalformedError, CheckError) as error:
        raise CheckError("bad_presence") from error
    return Present("human-verified" if flags & 0x08 else "subject-present", passkey.signed_at)


def challenge_of(attestation: Attestation) -> str:
    """Give the challenge over a statement, in base64url [presence.md, challenge]."""
    payload = an_object(canonical_json(attestation.payload, MAX_PAYLOAD))
    predicate = an_object(payload["predicate"])
    facts = an_object(predicate["facts"])
    rest = {name: value for name, value in facts.items() if name != "presence"}
    without = {**payload, "predicate": {**predicate, "facts": rest}}
    digest = base64_text(sha256(canonical(without)))
    return digest.rstrip("=").replace("+", "-").replace("/", "_")


def check_client_data(data: bytes, challenge: str, origin: str) -> None:
    """Check what the browser says that it was asked [presence.md, 6]."""
    try:
        client = an_object(plain_json(data, 1024))
    except MalformedError as error:
        raise CheckError("bad_presence") from error
    check(client.get("type") == "webauthn.get", "bad_presence")
    check(client.get("challenge") == challenge, "bad_presence")
    check(client.get("origin") == origin, "bad_presence")
    check(client.get("crossOrigin", False) is False, "bad_presence")
    check("topOrigin" not in client, "bad_presence")


def check_presence_form(value: Json) -> None:
    """Read the form of an assertion [presence.md, format]."""
    found = closed(value, "passkey authenticatorData clientDataJSON signature")
    check_id(text(found["passkey"]))
    require(len(base64_of(found["authenticatorData"], 64)) == DATA_SIZE, "37 bytes")
    require(len(base64_of(found["clientDataJSON"], 2048)) <= 1024, "at most 1024 bytes")
    base64_of(found["signature"], 144)


def find_delegation(attestation: Attestation, of_persons: list[Attestation]) -> Attestation:
    """Find the delegation that an agent's statement names [delegation.md, 1]."""
    named = [item for item in of_persons if item.id == attestation.statement.facts["delegation"]]
    check(named, "no_delegation")
    check(named[0].statement.type == "delegation", "other_delegation")
    return named[0]


def check_delegation(attestation: Attestation, delegation: Attestation) -> None:
    """Check that a delegation is to this agent, and in time [delegation.md, 2 to 4]."""
    statement, behind = attestation.statement, delegation.statement
    by_same = (statement.signer_id, statement.signer_version) == (
        behind.signer_id,
        behind.signer_version,
    )
    check(by_same, "other_delegation")
    check(behind.facts["agent"] == attestation.principal.number, "other_delegation")
    check(behind.subjects == [sha256(attestation.certificate.spki).hex()], "other_delegation")
    check(delegation.signed_at <= attestation.signed_at, "delegation_later")
    if delegation.log.origin == attestation.log.origin:
        check(delegation.log_index < attestation.log_index, "delegation_later")
    expires = time_seconds(text(behind.facts["expires"]))
    check(expires > delegation.signed_at, "delegation_expired")
    check(expires - delegation.signed_at <= MAX_DELEGATION, "delegation_too_long")


def judge_use(
    material: Material, attestation: Attestation, delegation: Attestation, reasons: list[Reason]
) -> None:
    """Check that a statement is within its delegation [delegation.md, 5 to 9]."""
    statement, facts = attestation.statement, delegation.statement.facts
    budget, scope = an_object(facts["budget"]), an_object(facts["scope"])
    check(attestation.signed_at < time_seconds(text(facts["expires"])), "delegation_expired")
    check(number(statement.facts["number"], 1) <= number(budget["total"], 1), "over_budget")
    check(scope["enterprise"] == statement.facts.get("onBehalfOf"), "out_of_scope")
    if statement.private in material.private:
        part = read_private_part(material.private[statement.private or ""], "deliverable")
        names = texts(part["names"], 1, MAX_SUBJECTS, 1024)
        whole = statement.facts["form"] == "manifest"
        check(is_in_scope(scope, names, whole=whole), "out_of_scope")
    elif scope["mediaTypes"] or scope["pathPatterns"]:
        reasons.append(Reason(7, "scope_not_at_hand"))


def check_registry_key(attestation: Attestation, trust: Trust) -> None:
    """Check that the registry's own key is listed [judge, 7a and 7b]."""
    if attestation.principal.kind == "registry":
        listed = any(
            key.spki == attestation.certificate.spki and key.validity.holds(attestation.signed_at)
            for key in trust.registry_keys
        )
        check(listed, "unlisted_registry_key")


def key_histories(
    material: Material, attestation: Attestation, of_persons: list[Attestation]
) -> dict[str, list[Entry]]:
    """Read and verify the DID logs, by SCID [judge, 7d]."""
    check(material.did_logs or material.is_dossier, "no_key_history")
    people = {item.principal.scid for item in (attestation, *of_persons)}
    histories: dict[str, list[Entry]] = {}
    for values in material.did_logs:
        entries = read_did_log(values)
        require(entries[0].scid in people - histories.keys(), "one DID log of each signer")
        histories[entries[0].scid] = entries
    require(attestation.principal.scid in histories, "the signer's own DID log")
    return histories


def check_key_in_history(attestation: Attestation, entries: list[Entry]) -> None:
    """Check that the signer's DID entry holds the certificate's key [judge, 7e]."""
    statement = attestation.statement
    named = [entry for entry in entries if entry.version_id == statement.signer_version]
    check(named, "no_such_version")
    check(named[0].did == statement.signer_id, "other_key_history")
    point = p256_point(attestation.certificate.spki)
    check(point in named[0].signing_keys, "key_not_in_history")


def is_logged(
    attestation: Attestation, identities: list[Statement], histories: dict[str, list[Entry]]
) -> bool:
    """Tell whether an `identity` confirms the DID version of a statement [judge, 7g]."""
    scid, version = attestation.principal.scid, attestation.statement.signer_version
    digests = {entry.version_id: entry_digest(entry) for entry in histories[scid]}
    own = [item for item in identities if item.facts["scid"] == scid]
    for identity in own:
        logged = text(identity.facts["version"])
        check(logged in digests, "no_such_version")
        check(identity.subjects == [digests[logged]], "other_identity")
    return any(identity.facts["version"] == version for identity in own)


def signer_names(material: Material, attestations: list[Attestation]) -> Names:
    """Find the signer's handle and name [judge, 7h]."""
    handle, name = None, None
    for attestation in sorted(attestations, key=lambda item: item.log_index):
        statement = attestation.statement
        if statement.private is None or statement.private not in material.private:
            continue
        part = read_private_part(material.private[statement.private], statement.type)
        if statement.type == "handle":
            handle = text(part["handle"])
        elif statement.type == "profile":
            name = text(part["name"]) if "name" in part else None
    return Names(handle, name)


def judge_status(
    question: Question,
    material: Material,
    trust: Trust,
    chain: tuple[Attestation, Names | None],
    reasons: list[Reason],
) -> tuple[int | None, int | None]:
    """Judge what is withdrawn or replaced; give *as of*, and when it was replaced [judge, 8]."""
    attestation, names = chain
    delegation = names.delegation if names else None
    statuses = [*([material.status] if material.status else []), *question.newer]
    covering = covering_statuses(statuses, trust, attestation, reasons)  # a and b
    statement_k, key_k, *person_ks = deciding_names(attestation)  # c
    as_of = newest_time(covering, {statement_k, key_k, *person_ks}, question.now)  # d
    judges = {attestation.principal.scid, "ruling"}  # e
    of_statement, of_key = (
        [state for _, states in covering for state in states.get(k, []) if state.by in judges]
        for k in (statement_k, key_k)
    )
    behind: Behind | None = None
    if delegation is not None:  # before e
        behind = judge_behind(question, material, trust, (attestation, delegation), reasons)
    others = names.firm.others if names and names.firm else []
    if names is not None and names.firm is not None:
        as_of = earlier(as_of, judge_leaving(names.firm, covering, question.now, reasons))
    more = [judge_behind(question, material, trust, (attestation, i), []) for i in others]
    for other in more:
        as_of = earlier(as_of, other.as_of)
    if any(s.state == "withdrawn" and s.logged <= question.at for s in of_statement):
        reasons.append(Reason(8, "withdrawn"))
    chained = [(behind, delegation), *zip(more, others, strict=True)]
    of_keys = [(of_key, attestation), *((b.of_key, item) for b, item in chained if b)]
    judge_keys(of_keys, question.at, reasons)  # f
    judge_freeze(newest_states(covering, person_ks, judges), attestation, question.at, reasons)  # g
    replacements = [  # h
        state
        for state in of_statement
        if state.state == "superseded" and state.by == attestation.principal.scid
    ]
    replaced = max(
        (item.logged for item in replacements if item.logged <= question.at), default=None
    )
    if replaced is not None:
        reasons.append(Reason(8, "superseded"))
    if behind is not None:
        as_of = earlier(as_of, behind.as_of)
    judge_age(as_of, question, reasons)  # i
    return as_of, replaced


def judge_leaving(
    firm: Firm, covering: list[tuple[Status, ProvenStates]], now: int, reasons: list[Reason]
) -> int | None:
    """Judge whether a membership had ended before it was needed [judge, 8, for an enterprise]."""
    left = any(
        state.state == "retired"
        and state.by in {link.scid, "ruling"}
        and link.since <= state.logged < link.at
        for link in firm.links
        for _, states in covering
        for state in states.get(status_name("member", f"{firm.enterprise}/{link.scid}"), [])
    )
    if left:
        reasons.append(Reason(7, "not_a_member"))
    ks = {status_name("member", f"{firm.enterprise}/{link.scid}") for link in firm.links}
    return newest_time(covering, ks, now)


def superseded_by(
    material: Material,
    trust: Trust,
    attestation: Attestation,
    question: Question,
    replaced: int | None,
) -> str | None:
    """Find the statement that replaced this one then [judge, 8f]."""
    for bundle, statement in material.supporting:
        if replaced is None or statement.facts.get("supersedes") != attestation.id:
            continue
        newer = verify(bundle, statement, trust, question.now)
        same = newer.principal.scid == attestation.principal.scid
        if same and newer.signed_at == replaced and not statement.facts["unlisted"]:
            return newer.id
    return None


def earlier(one: int | None, other: int | None) -> int | None:
    """Give the earlier of two times, unknown if one of them is."""
    return None if one is None or other is None else min(one, other)


def judge_age(as_of: int | None, question: Question, reasons: list[Reason]) -> None:
    """Judge how old the status is [judge, 8i]."""
    if question.policy.accept_unknown_status:
        return
    if as_of is None:
        reasons.append(Reason(8, "no_status"))
    elif question.at - as_of > question.policy.max_status_age:
        reasons.append(Reason(8, "status_too_old"))


def newest_states(
    covering: list[tuple[Status, ProvenStates]], names: list[str], judges: set[str]
) -> list[State]:
    """Give the states of the person that count, of the newest status with a proof [judge, 8g]."""
    lists = [(status.time, states[k]) for k in names for status, states in covering if k in states]
    _, newest = max(lists, key=lambda item: item[0], default=(0, []))
    return [state for state in newest if state.by in judges]


def judge_keys(
    keys: list[tuple[list[State], Attestation | None]], at: int, reasons: list[Reason]
) -> None:
    """Judge the signing key, and that of the delegation behind it [judge, 8f]."""
    own, *others = [judge_key(states, item.signed_at, at) for states, item in keys if item]
    found = [own, *(word for word in others if word != "key_revoked_later")]
    reasons += [Reason(8, word) for word in KEY_WORDS if word in found][:1]


KEY_WORDS: Final = words("key_revoked key_disputed key_revoked_later")


def judge_key(states: list[State], signed_at: int, at: int) -> str | None:
    """Judge what was said of the signing key [judge, 8f]."""
    said = [state for state in states if state.state in REVOCATIONS and state.logged <= at]
    if any(state.logged <= signed_at for state in said):
        return "key_revoked"
    if any(
        state.state == "compromised"
        and min(max(state.since, state.logged - BACKDATING), state.logged) <= signed_at
        for state in said
    ):
        return "key_disputed"
    return "key_revoked_later" if said else None


def judge_freeze(
    states: list[State], attestation: Attestation, at: int, reasons: list[Reason]
) -> None:
    """Judge whether the person is frozen, or was at the token time [judge, 8g]."""
    said = [
        state for state in states if state.state in {"frozen", "unfrozen"} and state.logged <= at
    ]
    ends = [*(state.logged for state in said[1:]), sys.maxsize]
    was_frozen = any(
        state.state == "frozen" and state.logged <= attestation.signed_at < end
        for state, end in zip(said, ends, strict=False)
    )
    if was_frozen and attestation.statement.type not in MAY_BE_SIGNED_WHILE_FROZEN:
        reasons.append(Reason(8, "signed_while_frozen"))
    elif said and said[-1].state == "frozen":
        reasons.append(Reason(8, "frozen"))


class Behind(NamedTuple):
    """What the statuses say of the delegation behind an agent's statement."""

    as_of: int | None
    of_key: list[State]


def judge_behind(
    question: Question,
    material: Material,
    trust: Trust,
    chain: tuple[Attestation, Attestation],
    reasons: list[Reason],
) -> Behind:
    """Judge whether the delegation had ended [judge, 8, of an agent]."""
    attestation, delegation = chain
    statuses = [*([material.status] if material.status else []), *question.newer]
    covering = covering_statuses(statuses, trust, delegation, [])
    names = deciding_names(delegation)
    judges = {delegation.principal.scid, "ruling"}
    of_statement, of_key = (
        [state for _, states in covering for state in states.get(k, []) if state.by in judges]
        for k in names[:2]
    )
    ends = [state.logged for state in of_statement if state.state == "withdrawn"]
    ends += [state.logged for state in of_key if state.state in REVOCATIONS - {"retired"}]
    if any(logged < attestation.signed_at for logged in ends):
        reasons.append(Reason(7, "delegation_ended"))
    return Behind(newest_time(covering, set(names), question.now), of_key)


def erased(
    material: Material, trust: Trust, attestation: Attestation, question: Question
) -> Erased | None:
    """Find the redaction that covers the private part [judge, erased]."""
    if attestation.statement.private is None:
        return None
    statement_k, _, *person_k = deciding_names(attestation)
    found = [
        verify(bundle, statement, trust, question.now)
        for bundle, statement in material.supporting
        if statement.type == "redaction" and statement.subjects[0] in {statement_k, *person_k}
    ]
    later = [item for item in found if item.log_index > attestation.log_index]
    if not later:
        return None
    first = min(later, key=lambda item: item.log_index)
    asked = first.statement.facts["erasure"] is not None
    return Erased(first.signed_at, "signer" if asked else "registry")


def covering_statuses(
    statuses: list[Status], trust: Trust, attestation: Attestation, reasons: list[Reason]
) -> list[tuple[Status, ProvenStates]]:
    """Check each status; give those that cover the entry with what they prove [judge, 8a, 8b]."""
    covering = []
    for status in statuses:
        try:
            states = check_status(status, trust)
            if covers(status, trust, attestation):
                covering.append((status, states))
        except CheckError as error:
            reasons.append(Reason(8, error.reason))
        except MalformedError:
            reasons.append(Reason(8, "unreadable"))
    return covering


def newest_time(
    covering: list[tuple[Status, ProvenStates]], names: set[str], now: int
) -> int | None:
    """Give the time as of which all names are proven [judge, 8d]."""
    roots = {status.status_root for status, states in covering if names <= states.keys()}
    times = [status.time for status, _ in covering if status.status_root in roots]
    return max((time for time in times if time <= now + CLOCK_SKEW), default=None)


def covers(status: Status, trust: Trust, attestation: Attestation) -> bool:
    """Tell whether a status can know the entry [judge, 8b]."""
    if status.origin == attestation.log.origin:
        return status.size > attestation.log_index
    origins = [log.origin for log in trust.logs]
    return origins.index(status.origin) > origins.index(attestation.log.origin)


def deciding_names(attestation: Attestation) -> list[str]:
    """Give k of the names that decide, the statement's first [judge, 8c]."""
    names = [
        status_name("statement", attestation.id),
        status_name("key", sha256(attestation.certificate.spki).hex()),
    ]
    if attestation.principal.kind != "registry":
        names.append(status_name("person", attestation.principal.scid))
    return names


def judge_policy(
    policy: Policy, principal: Principal, names: Names | None, reasons: list[Reason]
) -> None:
    """Compare the signer with the expected one [judge, 10]."""
    expected_nobody = policy.scid is None and policy.handle is None
    if principal.kind == "registry" and not expected_nobody:
        reasons.append(Reason(10, "signer_mismatch"))
        return
    if policy.scid is not None and policy.scid != principal.scid:
        reasons.append(Reason(10, "signer_mismatch"))
    if policy.handle is not None:
        if names is None or names.handle is None:
            reasons.append(Reason(10, "handle_not_at_hand"))
        elif names.handle != policy.handle:
            reasons.append(Reason(10, "signer_mismatch"))


def steps_of(
    question: Question, witnessed: Witnessed, reasons: list[Reason], as_of: int | None
) -> dict[str, str]:
    """Give the result of each step [verdict.md, when it held]."""
    steps = {str(step): "yes" for step in range(12)}
    steps["9"] = "not checked by this version"
    steps["6"] = witness_result(witnessed)
    if question.files is None:
        steps["1"] = "could not check"
    if question.policy.scid is None and question.policy.handle is None:
        steps["10"] = "could not check"
    is_old = as_of is None or question.at - as_of > question.policy.max_status_age
    if is_old:
        steps["8"] = "could not check"
    for reason in reasons:
        step, code = str(reason.step), code_of(reason.word, newest=question.newest)
        if code in {"superseded", "valid_before_revocation"}:
            continue
        if code != "could_not_check":
            steps[step] = "no"
        elif steps[step] != "no":
            steps[step] = "could not check"
    return steps


def witness_result(witnessed: Witnessed) -> str:
    """Give the result of step 6 [verdict.md, when it held]."""
    if not witnessed.of:
        return "could not check"
    return "yes" if witnessed.enough else "no"


# Of tiles.md.


class Tile(NamedTuple):
    """A tile of hashes; level -1 is one of entries."""

    level: int
    number: int
    width: int


def read_tile_path(path: str) -> Tile:
    """Read a path of either family [path]."""
    form = (
        r"tile/(?:8/)?(?P<level>entries|data|[0-7])"
        r"/(?P<number>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
    )
    match = re.fullmatch(form, path)
    if match is None:
        raise MalformedError(f"not the path of a tile: {path[:80]!r}")
    level, digits, width = match["level"], match["number"], match["width"]
    require(level != ("entries" if path.startswith("tile/8/") else "data"), "one family")
    require(not re.match("x000/", digits), "no needless group")
    count = int(digits.replace("x", "").replace("/", ""))
    number_of_level = -1 if level in {"entries", "data"} else int(level)
    return Tile(number_of_level, count, in_range(int(width), 1, 255) if width else 256)


def root_of_tiles(size: int, tiles: Mapping[Tile, bytes]) -> bytes:
    """Find the root of a log from its tiles [algorithm]."""
    in_range(size, 0, MAX_INTEGER)
    roots, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            roots.append(subtree(level, start >> level, size, tiles))
            start += 1 << level
    if not roots:
        return sha256(b"")
    root = roots.pop()
    while roots:
        root = node(roots.pop(), root)
    return root


def subtree(level: int, place: int, size: int, tiles: Mapping[Tile, bytes]) -> bytes:
    """Read the hash of a complete subtree [algorithm, 1 to 3]."""
    tile_level, rest = divmod(level, 8)
    first = place << rest
    count = first // 256
    width = min(256, (size >> 8 * tile_level) - 256 * count)
    tile = tiles.get(Tile(tile_level, count, width))
    if tile is None or len(tile) != 32 * width:
        raise MalformedError(f"wanted: tile {tile_level}/{count} of width {width}")
    inside = first - 256 * count
    hashes_ = [tile[32 * i : 32 * (i + 1)] for i in range(inside, inside + (1 << rest))]
    return merkle_root(hashes_)


def read_entry_tile(data: bytes) -> list[bytes]:
    """Read the entries of a tile [entry tile]."""
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        require(len(data) >= 2 + length, "a whole entry")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    require(len(entries) <= 256, "at most 256 entries")
    return entries


# Of tlog-proof.md.

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_TLOG_PROOF: Final = 131072
MAX_EXTRA: Final = 16384


class TlogProof(NamedTuple):
    """Where an entry stands, the audit path and the text of the checkpoint's note."""

    log_index: int
    hashes: list[bytes]
    note: str
    extra: bytes | None


def read_tlog_proof(document: str) -> TlogProof:
    """Read the proof of an entry [format]."""
    require(len(document.encode()) <= MAX_TLOG_PROOF, f"at most {MAX_TLOG_PROOF} bytes")
    head, blank, note = document.partition("\n\n")
    header, *lines = head.split("\n")
    require(blank and header == PROOF_HEADER, f"{PROOF_HEADER} and an empty line")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = base64_bytes(lines.pop(0).removeprefix("extra "))
        require(len(extra) <= MAX_EXTRA, f"at most {MAX_EXTRA} bytes of extra data")
    require(lines and lines[0].startswith("index "), "an index")
    place = decimal(lines.pop(0).removeprefix("index "))
    require(len(lines) <= MAX_PROOF, f"at most {MAX_PROOF} hashes")
    read_note(note)
    return TlogProof(place, [base64_bytes(line, 32) for line in lines], note, extra)


def check_tlog_proof(
    proof: TlogProof, leaf: bytes, log_key: VerifierKey, clock_key: VerifierKey
) -> Checkpoint:
    """Lead a leaf hash to the checkpoint [algorithm, 1 to 3]."""
    found = open_checkpoint(proof.note, log_key, clock_key)
    root = root_of_inclusion(proof.log_index, found.size, leaf, proof.hashes)
    check(root == found.root, "bad_log_proof")
    return found


# Of handle.md and keycode.md.

LOOKS_LIKE: Final = str.maketrans({
    "-": "", "0": "o", "1": "l", "2": "z", "5": "s", "6": "b", "8": "b", "9": "g", "i": "l",
    "q": "g", "m": "rn", "w": "vv",
})  # fmt: skip
RESERVED: Final = words(
    "about abuse account admin administrator agent api arbiter badge billing checkpoint contact "
    "demo everyone examiner guild help info legal log login mail me moderator news nobody notary "
    "null oembed official owner payment police postmaster press privacy registry root security "
    "settings signin signup staff status support system team terms tile touchplate trust undefined "
    "verified verify webmaster witness www"
)


def read_handle(handle: str) -> str:
    """Read a handle [format]."""
    require(re.fullmatch("[a-z0-9-]{3,32}", handle), "a handle of 3 to 32 of a-z, 0-9 and -")
    require(re.search("[a-z]", handle), "a handle with a letter")
    require(re.search("^-|--|-$", handle) is None, "a handle with single hyphens inside")
    return handle


def skeleton(handle: str) -> str:
    """Write what a handle looks like [algorithm]."""
    return handle.translate(LOOKS_LIKE).replace("cl", "d")


def key_code(scid: str) -> str:
    """Write the key code of a person [key code]."""
    return for_eyes(crockford(sha256(scid.encode()))[:12])


def read_recovery_key(typed: str) -> bytes:
    """Read the seed of a recovery key [algorithm, 1 to 3]."""
    digits = typed_crockford(typed.strip())
    require(len(digits) == 56, "a recovery key of 56 digits")
    bits = "".join(f"{CROCKFORD.index(digit):05b}" for digit in digits[:52])
    require(bits.endswith("0000"), "spare bits that are zero")
    seed = int(bits[:256], 2).to_bytes(32, "big")
    require(crockford(sha256(seed))[:4] == digits[52:], "digits that fit their check")
    return seed


# Of vectors/README.md.

Given: TypeAlias = "dict[str, Json]"


def bytes_of(value: Json) -> bytes:
    """Take a document: text, or an object with base64."""
    if isinstance(value, dict):
        return base64_bytes(text(value["base64"], sys.maxsize))
    return text(value, sys.maxsize).encode("utf-8", "surrogatepass")


def given_text(given: Given, name: str) -> str:
    """Take a text of the input, however long."""
    return text(given[name], sys.maxsize)


def given_bytes(given: Given, name: str) -> bytes:
    """Take base64 of the input."""
    return base64_bytes(given_text(given, name))


def given_list(given: Given, name: str) -> list[bytes]:
    """Take a list of base64 of the input."""
    return [base64_bytes(item) for item in texts(given[name], 0, sys.maxsize, sys.maxsize)]


def given_digests(value: Json) -> dict[str, str]:
    """Take digests by name."""
    return {name: hex_text(text(digest), 32) for name, digest in an_object(value).items()}


def ask_json(given: Given) -> Json:
    """`json`."""
    limit = number(given.get("limit", 2**20), 0)
    return canonical(plain_json(bytes_of(given["data"]), limit)).decode()


def ask_canonical_json(given: Given) -> None:
    """`canonical-json`."""
    canonical_json(bytes_of(given["data"]), 2**20)


def ask_p256_signature(given: Given) -> None:
    """`p256-signature`."""
    point = p256_point(given_bytes(given, "key"))
    message, signature = given_bytes(given, "message"), given_bytes(given, "signature")
    verify_p256(point, message, signature, low_s=a_boolean(given["lowS"]))


def ask_ed25519_signature(given: Given) -> None:
    """`ed25519-signature`."""
    message, signature = given_bytes(given, "message"), given_bytes(given, "signature")
    verify_ed25519(given_bytes(given, "key"), message, signature)


def ask_handle(given: Given) -> Json:
    """`handle`."""
    looks = skeleton(read_handle(given_text(given, "text")))
    return {"skeleton": looks, "reserved": looks in set(map(skeleton, RESERVED))}


def ask_p256_multikey(given: Given) -> Json:
    """`p256-multikey`."""
    point = p256_multikey(given_text(given, "text"))
    return None if point is None else point.hex()


def ask_did_log(given: Given) -> Json:
    """`did-log`."""
    entries = read_did_jsonl(bytes_of(given["data"]))
    return {"did": entries[-1].did, "versions": [entry.version_id for entry in entries]}


def ask_statement(given: Given) -> Json:
    """`statement`."""
    statement = read_statement(bytes_of(given["data"]))
    return {"type": statement.type, "subjects": len(statement.subjects)}


def ask_statement_id(given: Given) -> Json:
    """`statement-id`."""
    origin, who, salt = (given_text(given, name) for name in ("origin", "who", "salt"))
    return statement_id(origin, who, hex_text(salt, 16))


def ask_path_pattern(given: Given) -> Json:
    """`path-pattern`: whether the pattern reaches the name."""
    check_pattern(given_text(given, "pattern"))
    pattern, name = given_text(given, "pattern"), given_text(given, "name")
    return reaches(pattern.split("/"), name.split("/"))


def ask_media_type(given: Given) -> Json:
    """`media-type`: whether the name is of the media type."""
    check_media_type(given_text(given, "limit"))
    return is_of_media_type(given_text(given, "name"), given_text(given, "limit"))


def ask_signer_uri(given: Given) -> Json:
    """`signer-uri`."""
    return read_signer_uri(given_text(given, "uri"), given_text(given, "publicUrl"))._asdict()


def ask_private_part(given: Given) -> None:
    """`private-part`."""
    read_private_part(canonical_json(bytes_of(given["data"]), 262144), given_text(given, "type"))


def ask_disclosure(given: Given) -> None:
    """`disclosure`."""
    check_disclosure(plain_json(bytes_of(given["data"]), 262144))


def ask_envelope(given: Given) -> Json:
    """`envelope`."""
    return pae(read_statement_envelope(plain_json(bytes_of(given["data"]), MAX_BUNDLE))).hex()


def ask_subjects(given: Given) -> None:
    """`subjects`."""
    statement = read_statement(bytes_of(given["statement"]))
    names = None if given["names"] is None else texts(given["names"], 0, sys.maxsize)
    files = Files(given_digests(given["files"]), a_boolean(given["whole"]))
    compare_subjects(statement, files, names)


def ask_certificate(given: Given) -> Json:
    """`certificate`."""
    certificate = read_certificate(given_bytes(given, "certificate"))
    return {
        "uri": certificate.uri,
        "issuerUrl": certificate.issuer_url,
        "notBefore": time_text(certificate.not_before),
        "notAfter": time_text(certificate.not_after),
        "sct": certificate.sct is not None,
    }


def ask_certificate_chain(given: Given) -> None:
    """`certificate-chain`."""
    certificate = read_certificate(given_bytes(given, "certificate"))
    ca = read_certificate(given_bytes(given, "ca"))
    check(certificate.issuer == ca.subject, "wrong_issuer")
    check_chain(certificate, ca, time_seconds(given_text(given, "at")))
    if certificate.sct is None:
        raise CheckError("no_sct")
    keys = {sha256(spki): p256_point(spki) for spki in given_list(given, "sctKeys")}
    check_sct(certificate, ca, keys, certificate.sct)


def ask_timestamp(given: Given) -> Json:
    """`timestamp`."""
    token = read_token(given_bytes(given, "token"))
    tsa, root = (read_certificate(given_bytes(given, name)) for name in ("tsa", "root"))
    check(is_signed_by(token, tsa), "other_tsa")
    check_token(token, given_bytes(given, "signed"), tsa, root)
    return time_text(token.time)


def ask_leaf(given: Given) -> Json:
    """`leaf`."""
    leaf = bytes_of(given["data"])
    check_leaf(leaf)
    return leaf_hash(leaf).hex()


def ask_inclusion(given: Given) -> None:
    """`inclusion`."""
    index, size = (number(given[name], -MAX_INTEGER) for name in ("index", "size"))
    proof = given_list(given, "hashes")
    leaf, root = (base64_bytes(given_text(given, name), 32) for name in ("leaf", "root"))
    require(all(len(item) == 32 for item in proof), "hashes of 32 bytes")
    check(root_of_inclusion(index, size, leaf, proof) == root, "bad_log_proof")


def ask_consistency(given: Given) -> None:
    """`consistency`."""
    old, new = (number(given[name], -MAX_INTEGER) for name in ("oldSize", "newSize"))
    proof = given_list(given, "hashes")
    old_root, new_root = (given_bytes(given, name) for name in ("oldRoot", "newRoot"))
    require(all(len(item) == 32 for item in (old_root, new_root, *proof)), "hashes of 32 bytes")
    check_consistency(old, new, old_root, new_root, proof)


def ask_verifier_key(given: Given) -> Json:
    """`verifier-key`."""
    key = read_verifier_key(given_text(given, "text"))
    return {"name": key.name, "id": key.id.hex()}


def ask_note(given: Given) -> Json:
    """`note`."""
    keys = [read_verifier_key(key) for key in texts(given["keys"], 0, sys.maxsize)]
    held = verify_note(read_note(document_text(given["note"])), keys)
    return [[key.text, seconds] for key, seconds in held]


def ask_checkpoint(given: Given) -> Json:
    """`checkpoint`."""
    log_key, clock_key = (
        read_verifier_key(given_text(given, name)) for name in ("logKey", "clockKey")
    )
    found = open_checkpoint(document_text(given["note"]), log_key, clock_key)
    return {"size": found.size, "root": found.root.hex(), "time": found.time}


def ask_tlog_proof(given: Given) -> Json:
    """`tlog-proof`."""
    log_key, clock_key = (
        read_verifier_key(given_text(given, name)) for name in ("logKey", "clockKey")
    )
    proof = read_tlog_proof(document_text(given["data"]))
    leaf = base64_bytes(given_text(given, "leaf"), 32)
    size = check_tlog_proof(proof, leaf, log_key, clock_key).size
    extra = None if proof.extra is None else proof.extra.hex()
    return {"index": proof.log_index, "size": size, "extra": extra}


def ask_witness_policy(given: Given) -> Json:
    """`witness-policy`."""
    return cast("Json", operators_of(read_witness_policy(given_text(given, "text"))))


def ask_cosignatures(given: Given) -> Json:
    """`cosignatures`."""
    policy = read_witness_policy(given_text(given, "policy"))
    return judge_cosignatures(read_note(document_text(given["note"])), policy)._asdict()


def ask_add_checkpoint(given: Given) -> Json:
    """`add-checkpoint`."""
    old, hashes_ = read_add_checkpoint(document_text(given["data"]))
    return {"old": old, "hashes": hashes_}


def document_text(value: Json) -> str:
    """Take a document that must be UTF-8."""
    try:
        return bytes_of(value).decode()
    except UnicodeDecodeError as error:
        raise MalformedError("not UTF-8") from error


def ask_tiles(given: Given) -> Json:
    """`tiles`."""
    tiles = {
        read_tile_path(path): base64_bytes(text(data, sys.maxsize))
        for path, data in an_object(given["tiles"]).items()
    }
    return root_of_tiles(number(given["size"], 0), tiles).hex()


def ask_entry_bundle(given: Given) -> Json:
    """`entry-bundle`."""
    return [entry.hex() for entry in read_entry_tile(given_bytes(given, "data"))]


def ask_bundle(given: Given) -> None:
    """`bundle`."""
    read_bundle(plain_json(bytes_of(given["data"]), MAX_BUNDLE))


def ask_dossier(given: Given) -> None:
    """`dossier`."""
    read_dossier(bytes_of(given["data"]))


def ask_attestation(given: Given) -> Json:
    """`attestation`."""
    bundle = read_bundle(plain_json(bytes_of(given["bundle"]), MAX_BUNDLE))
    statement = read_statement(bundle.envelope.payload)
    at = time_seconds(given_text(given, "at"))
    found = verify(bundle, statement, read_trust(bytes_of(given["trust"])), at)
    return {
        "id": found.id,
        "signer": found.certificate.uri,
        "index": found.log_index,
        "notBefore": time_text(found.not_before),
        "signedAt": time_text(found.signed_at),
    }


def ask_trust_file(given: Given) -> Json:
    """`trust-file`."""
    trust = read_trust(bytes_of(given["data"]))
    return {"version": trust.version, "code": trust.root.code}


def ask_trust_chain(given: Given) -> Json:
    """`trust-chain`."""
    first, *later = a_list(given["files"], 1, sys.maxsize)
    trust = read_trust(bytes_of(first))
    for file in later:
        trust = succeed(trust, bytes_of(file))
    return trust.version


def ask_status(given: Given) -> Json:
    """`status`: the names of the states by k."""
    status = read_status(plain_json(bytes_of(given["data"]), MAX_DOSSIER))
    states = check_status(status, read_trust(bytes_of(given["trust"])))
    return {k: [state.state for state in found] for k, found in states.items()}


def ask_verification(given: Given) -> JsonObject:
    """`verification`: the whole answer, not a value."""
    at = time_seconds(given_text(given, "at"))
    files = None
    if given["files"] is not None:
        whole = a_boolean(given.get("whole", False))
        files = Files(given_digests(given["files"]), whole)
    policy = an_object(given.get("policy", {}))
    question = Question(
        material=bytes_of(given["material"]),
        files=files,
        trust=None if given["trust"] is None else read_trust(bytes_of(given["trust"])),
        at=at,
        now=time_seconds(text(given["now"])) if "now" in given else at,
        policy=Policy(
            scid=cast("str | None", policy.get("scid")),
            handle=cast("str | None", policy.get("handle")),
            max_status_age=number(policy.get("maxStatusAge", 2592000), 0),
            accept_unknown_status=a_boolean(policy.get("acceptUnknownStatus", False)),
        ),
        newer=[
            read_status(plain_json(bytes_of(item), MAX_DOSSIER))
            for item in a_list(given.get("statuses", []), 0, sys.maxsize)
        ],
        newest=a_boolean(given.get("newestTrust", False)),
        dated=[time_seconds(text(i)) for i in a_list(given.get("dated", []), 0, sys.maxsize)],
    )
    return verdict_json(answer(question))


def presence_json(found: Present) -> JsonObject:
    """Write the level, and when the passkey was registered."""
    return {"level": found.level, "registered": time_text(found.registered)}


def erased_json(found: Erased) -> JsonObject:
    """Write since when, and at whose wish."""
    return {"since": time_text(found.since), "by": found.by}


def verdict_json(verdict: Verdict) -> JsonObject:
    """Write a verdict as the answer to `verification`."""
    return {
        "result": "verdict",
        "verdict": verdict.code,
        "exit": EXITS[verdict.code],
        "reasons": cast("Json", verdict.reasons),
        "steps": cast("Json", verdict.steps),
        **({"supersededBy": verdict.superseded_by} if verdict.superseded_by else {}),
        **({"erased": erased_json(verdict.erased)} if verdict.erased else {}),
        **({"presence": presence_json(verdict.presence)} if verdict.presence else {}),
    }


OBJECTS: Final[dict[str, Callable[[Given], Json]]] = {
    "json": ask_json,
    "canonical-json": ask_canonical_json,
    "base64": lambda given: base64_bytes(given_text(given, "text")).hex(),
    "base58": lambda given: base58_bytes(given_text(given, "text")).hex(),
    "hex": lambda given: base64_text(bytes.fromhex(hex_text(given_text(given, "text"), 32))),
    "decimal": lambda given: decimal(given_text(given, "text")),
    "time": lambda given: time_seconds(given_text(given, "text")),
    "ed25519-signature": ask_ed25519_signature,
    "p256-signature": ask_p256_signature,
    "key-code": lambda given: key_code(read_hash(given_text(given, "scid"))),
    "recovery-key": lambda given: read_recovery_key(given_text(given, "text")).hex(),
    "handle": ask_handle,
    "did": lambda given: read_did(given_text(given, "text")),
    "ed25519-multikey": lambda given: ed25519_multikey(given_text(given, "text")).hex(),
    "p256-multikey": ask_p256_multikey,
    "did-log": ask_did_log,
    "statement": ask_statement,
    "statement-id": ask_statement_id,
    "path-pattern": ask_path_pattern,
    "media-type": ask_media_type,
    "typed-id": lambda given: typed_id(given_text(given, "text")),
    "status-name": lambda given: status_name(given_text(given, "kind"), given_text(given, "name")),
    "signer-uri": ask_signer_uri,
    "private-part": ask_private_part,
    "disclosure": ask_disclosure,
    "envelope": ask_envelope,
    "subjects": ask_subjects,
    "certificate": ask_certificate,
    "certificate-chain": ask_certificate_chain,
    "timestamp": ask_timestamp,
    "leaf": ask_leaf,
    "inclusion": ask_inclusion,
    "consistency": ask_consistency,
    "verifier-key": ask_verifier_key,
    "note": ask_note,
    "checkpoint": ask_checkpoint,
    "tlog-proof": ask_tlog_proof,
    "witness-policy": ask_witness_policy,
    "cosignatures": ask_cosignatures,
    "add-checkpoint": ask_add_checkpoint,
    "tile-path": lambda given: read_tile_path(given_text(given, "path"))._asdict(),
    "tiles": ask_tiles,
    "entry-bundle": ask_entry_bundle,
    "bundle": ask_bundle,
    "dossier": ask_dossier,
    "attestation": ask_attestation,
    "trust-file": ask_trust_file,
    "trust-chain": ask_trust_chain,
    "status": ask_status,
    "verification": ask_verification,
}


def respond(question: JsonObject) -> JsonObject:
    """Answer one line of the runner protocol."""
    name = question["object"]
    if name not in OBJECTS:
        return {"result": "unsupported"}
    try:
        value = OBJECTS[str(name)](an_object(question["input"]))
    except MalformedError as error:
        return {"result": "malformed", "detail": str(error)}
    except ConflictError:
        return {"result": "conflict"}
    except CheckError as error:
        return {"result": "invalid", "step": error.step, "reason": error.reason}
    if name == "verification":
        return an_object(value)
    return {"result": "valid"} if value is None else {"result": "valid", "value": value}


def run_protocol() -> None:
    """Answer questions until the input ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(respond(json.loads(line))) + "\n")
        sys.stdout.flush()


# Of The command line; subjects.md.


def files_at(paths: list[Path]) -> Files | None:
    """Digest the files in hand: one file is *each*, several or a directory *whole*."""
    if not paths:
        return None
    found: dict[str, str] = {}
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            data = file.read_bytes() if file.is_file() else None
            is_top = path.is_dir() and file.parent == path
            if data is not None and not (is_top and is_attestation(data)):
                name = str(file.relative_to(path)) if path.is_dir() else path.name
                require(name not in found, "files of different names")
                found[name] = sha256(data).hex()
    return Files(found, whole=len(paths) > 1 or paths[0].is_dir())


def is_attestation(data: bytes) -> bool:
    """Tell a dossier or bare bundle from a file of the work."""
    try:
        read_material(data)
    except MalformedError:
        return False
    return True


def main(arguments: list[str]) -> int:
    """Judge files, or answer the runner protocol without arguments."""
    if not arguments:
        run_protocol()
        return 0
    parser = argparse.ArgumentParser(description="Judge files by a dossier and a trust file.")
    parser.add_argument("--trust", type=Path, required=True)
    parser.add_argument("--dossier", type=Path, required=True)
    parser.add_argument("--at", type=time_seconds, help="the moment that is judged, in UTC")
    parser.add_argument("--signer", help="the SCID that is expected")
    parser.add_argument("files", type=Path, nargs="*")
    options = parser.parse_args(arguments)
    now = int(time.time())
    verdict = answer(
        Question(
            material=options.dossier.read_bytes(),
            files=files_at(options.files),
            trust=read_trust(options.trust.read_bytes()),
            at=now if options.at is None else options.at,
            now=now,
            policy=Policy(scid=options.signer),
        )
    )
    shown = verdict_json(verdict)
    if verdict.attestation is not None:
        shown["attestation"] = verdict.attestation.id
        shown["signer"] = verdict.attestation.principal.scid
        shown["notAfter"] = time_text(verdict.attestation.signed_at)
    sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    return EXITS[verdict.code]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
