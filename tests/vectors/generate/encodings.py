"""JSON, its canonical form, and the text encodings."""

from collections.abc import Iterator

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import malformed, valid
from tests.vectors.inputs import to_json

DEPTH = 16

# name, description, document, its RFC 8785 form
GOOD_JSON: tuple[tuple[str, str, str, str], ...] = (
    ("white-space", "white space is free where the profile alone is asked", ' { "a" : [ 1 ] }\n', '{"a":[1]}'),
    ("order", "members are written in order of their UTF-16 code units", '{"\U0001f600":1,"\uff21":2,"a":3}', '{"a":3,"\U0001f600":1,"\uff21":2}'),
    ("escapes", "an escape is the character that it stands for", r'"\u00e9\/\u0041"', '"\u00e9/A"'),
    ("line-feed", "a line feed is the only control character of a text", r'"a\u000ab"', r'"a\nb"'),
    ("largest-integer", "2^53-1 is the largest whole number", "9007199254740991", "9007199254740991"),
    ("smallest-integer", "-(2^53-1) is the smallest whole number", "-9007199254740991", "-9007199254740991"),
    ("deepest", "16 levels are allowed", "[" * DEPTH + "]" * DEPTH, "[" * DEPTH + "]" * DEPTH),
    ("no-break-space", "the first character behind the control characters", r'"\u00a0"', '"\u00a0"'),
    ("bare-literal", "a document need not be an object", "null", "null"),
    ("surrogate-pair", "a pair of escapes is one character", r'"\ud83d\ude00"', '"\U0001f600"'),
    ("empty-name", "the empty text is a name like another", '{"":true}', '{"":true}'),
)  # fmt: skip

# name, description, document, words of our message
BAD_JSON: tuple[tuple[str, str, bytes, str], ...] = (
    ("byte-order-mark", "starts with a byte order mark", b"\xef\xbb\xbf{}", "byte order mark"),
    ("not-utf-8", "a byte that UTF-8 never holds", b'"\xff"', "not UTF-8"),
    ("overlong-utf-8", "a slash in two bytes", b'"\xc0\xaf"', "not UTF-8"),
    ("utf-8-surrogate", "a surrogate written as three bytes", b'"\xed\xa0\x80"', "not UTF-8"),
    ("utf-16", "UTF-16 with its mark", b"\xff\xfe{\x00}\x00", "not UTF-8"),
    ("duplicate-member", "one member twice", b'{"a":1,"a":1}', "appears twice"),
    ("duplicate-member-escaped", "one member twice, once escaped", rb'{"a":1,"\u0061":2}', "appears twice"),
    ("duplicate-member-deep", "one member twice, four levels down", b'[[[{"a":1,"b":2,"a":3}]]]', "appears twice"),
    ("fraction", "a fraction", b"1.5", "is not a whole number"),
    ("fraction-zero", "a whole number written as a fraction", b"1.0", "is not a whole number"),
    ("exponent", "a whole number written with an exponent", b"1e3", "is not a whole number"),
    ("not-a-number", "NaN, which JSON does not know", b"NaN", "is not a whole number"),
    ("infinity", "Infinity, which JSON does not know", b"-Infinity", "is not a whole number"),
    ("minus-zero", "zero has one spelling", b"-0", "outside the whole numbers"),
    ("integer-too-large", "2^53: some readers cannot tell it from the next", b"9007199254740992", "outside the whole numbers"),
    ("integer-too-small", "-(2^53)", b"-9007199254740992", "outside the whole numbers"),
    ("integer-huge", "a number of 400 digits", b"9" * 400, "outside the whole numbers"),
    ("leading-zero", "a number with a zero in front", b"01", "line 1"),
    ("plus-sign", "a number with a plus sign", b"+1", "line 1"),
    ("hexadecimal", "a hexadecimal number", b"0x10", "line 1"),
    ("too-deep", "17 levels of lists", b"[" * (DEPTH + 1) + b"]" * (DEPTH + 1), "nested deeper than 16"),
    ("too-deep-objects", "17 levels of objects", b'{"a":' * (DEPTH + 1) + b"1" + b"}" * (DEPTH + 1), "nested deeper than 16"),
    ("nul", "an escaped NUL", rb'"\u0000"', "U+0000"),
    ("tab", "an escaped tab", rb'"\t"', "U+0009"),
    ("carriage-return", "an escaped carriage return", rb'"\r\n"', "U+000D"),
    ("delete", "the DELETE character", rb'"\u007f"', "U+007F"),
    ("c1-control", "a control character beyond ASCII", rb'"\u0085"', "U+0085"),
    ("first-c1-control", "the first control character beyond ASCII", rb'"\u0080"', "U+0080"),
    ("last-c1-control", "the last control character beyond ASCII", rb'"\u009f"', "U+009F"),
    ("last-surrogate", "the last surrogate, alone", rb'"\udfff"', "U+DFFF"),
    ("raw-control", "a line feed that is not escaped", b'"a\nb"', "line 1"),
    ("lone-surrogate", "half of a pair", rb'"\ud800"', "U+D800"),
    ("swapped-surrogates", "a pair in the wrong order", rb'"\ude00\ud83d"', "U+DE00"),
    ("bidi-override", "a mark that reorders text for the eye", rb'"abc\u202ecba"', "U+202E"),
    ("bidi-isolate", "a mark that isolates a direction", rb'"\u2066"', "U+2066"),
    ("bidi-implicit", "the Arabic letter mark", rb'"\u061c"', "U+061C"),
    ("not-nfc", "e and a combining accent instead of one letter", '"e\u0301"'.encode(), "NFC"),
    ("not-nfc-name", "the same in the name of a member", '{"e\u0301":1}'.encode(), "NFC"),
    ("not-nfc-singleton", "the Angstrom sign, which NFC writes as a letter", '"\u212b"'.encode(), "NFC"),
    ("bidi-name", "a mark that reorders text in the name of a member", rb'{"\u202d":1}', "U+202D"),
    ("comment", "a comment", b"[1] // one", "line 1"),
    ("trailing-comma", "a comma at the end of a list", b"[1,]", "line 1"),
    ("single-quotes", "text in single quotes", b"'a'", "line 1"),
    ("two-documents", "a second document after the first", b"{}{}", "line 1"),
    ("empty", "no bytes at all", b"", "line 1"),
    ("only-space", "white space and nothing else", b" \n", "line"),
    ("form-feed", "a form feed between tokens is no white space", b"[1,\x0c2]", "line 1"),
    ("no-break-space", "a no-break space between tokens", "[1,\u00a02]".encode(), "line 1"),
    ("truncated", "ends inside a text", b'{"a":"b', "line 1"),
    ("bad-escape", "an escape that JSON does not know", rb'"\x41"', "line 1"),
    ("bad-unicode-escape", "an escape with a letter that is no hex digit", rb'"\u00g1"', "line 1"),
)  # fmt: skip

NOT_CANONICAL: tuple[tuple[str, str, str], ...] = (
    ("member-order", "members in another order", '{"b":1,"a":2}'),
    ("member-order-code-points", "members in order of code points, not of UTF-16 code units", '{"a":3,"\uff21":2,"\U0001f600":1}'),
    ("space", "a space after the colon", '{"a": 1}'),
    ("final-line-feed", "a line feed at the end", '{"a":1}\n'),
    ("escaped-slash", "a slash that needs no escape", r'"a\/b"'),
    ("escaped-letter", "a letter that needs no escape", r'"\u0061"'),
    ("escaped-non-ascii", "a letter beyond ASCII that needs no escape", r'"\u00e9"'),
    ("long-escape", "a line feed as \\u000a instead of \\n", r'"\u000a"'),
)  # fmt: skip

TIMES: tuple[tuple[str, str, str], ...] = (
    ("offset", "an offset instead of Z", "2026-11-03T14:02:07+00:00"),
    ("lower-case", "lower-case letters", "2026-11-03t14:02:07z"),
    ("space", "a space instead of T", "2026-11-03 14:02:07Z"),
    ("fraction", "a fraction of a second", "2026-11-03T14:02:07.0Z"),
    ("leap-second", "second 60", "2026-12-31T23:59:60Z"),
    ("hour-24", "hour 24", "2026-11-03T24:00:00Z"),
    ("no-such-day", "the 29th of February in a year that has none", "2027-02-29T00:00:00Z"),
    ("month-13", "month 13", "2026-13-01T00:00:00Z"),
    ("day-zero", "day 0", "2026-11-00T00:00:00Z"),
    ("short-year", "a year of two digits", "26-11-03T14:02:07Z"),
    ("five-digit-year", "a year of five digits", "12026-11-03T14:02:07Z"),
    ("before-1970", "before 1970", "1969-12-31T23:59:59Z"),
    ("no-seconds", "no seconds", "2026-11-03T14:02Z"),
    ("single-digit", "a month of one digit", "2026-1-03T14:02:07Z"),
    ("signed-field", "a sign where a digit belongs", "2026-11-03T14:02:+7Z"),
    ("other-digits", "digits that are not ASCII", "2026-11-03T14:02:0\u0667Z"),
    ("basic-format", "no hyphens and colons", "20261103T140207Z"),
    ("white-space", "a line feed at the end", "2026-11-03T14:02:07Z\n"),
    ("empty", "nothing", ""),
)  # fmt: skip

DECIMALS: tuple[tuple[str, str, str], ...] = (
    ("leading-zero", "a zero in front", "007"),
    ("plus-sign", "a plus sign", "+5"),
    ("negative", "a negative number", "-1"),
    ("minus-zero", "zero with a sign", "-0"),
    ("white-space", "a blank in front", " 5"),
    ("underscore", "an underscore between digits, as Python writes them", "1_000"),
    ("other-digits", "digits that are not ASCII", "\u0663"),
    ("superscript", "a superscript, which some libraries call a digit", "\u00b2"),
    ("too-large", "2^53", "9007199254740992"),
    ("2-to-64", "2^64, which wraps to zero in 64 bits", "18446744073709551616"),
    ("hexadecimal", "hexadecimal", "0x10"),
    ("fraction", "a fraction", "1.0"),
    ("exponent", "an exponent", "1e3"),
    ("empty", "nothing", ""),
)  # fmt: skip

BASE64S: tuple[tuple[str, str, str, str], ...] = (
    ("no-padding", "padding is missing", "QQ", "is not standard base64"),
    ("padding-bits", "bits behind the last byte that are not zero", "QUK=", "not canonical base64"),
    ("padding-bits-two", "the same before two padding characters", "QR==", "not canonical base64"),
    ("too-much-padding", "one padding character too many", "QUI==", "is not"),
    ("padding-inside", "padding before the end", "QQ==QQ==", "is not"),
    ("line-feed", "a line feed at the end", "QUJD\n", "is not standard base64"),
    ("space", "a blank between digits", "QU JD", "is not standard base64"),
    ("url-alphabet", "the URL alphabet", "-_-_", "is not standard base64"),
    ("one-digit", "one digit too many", "QUJDQ", "is not standard base64"),
    ("other-letter", "a full-width letter", "QUJ\uff24", "is not standard base64"),
    ("only-padding", "padding and nothing else", "====", "is not"),
)  # fmt: skip

DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
HEXES: tuple[tuple[str, str, str], ...] = (
    ("upper-case", "upper-case digits", DIGEST.upper()),
    ("one-upper-case", "one upper-case digit", DIGEST.replace("f86", "F86")),
    ("short", "a byte too few", DIGEST[2:]),
    ("long", "a byte too many", f"{DIGEST}00"),
    ("odd", "half a byte too few", DIGEST[1:]),
    ("prefix", "the prefix 0x", f"0x{DIGEST[2:]}"),
    ("space", "a blank between two bytes", f"{DIGEST[:2]} {DIGEST[3:]}"),
    ("colons", "colons between bytes", ":".join(DIGEST[at : at + 2] for at in range(0, 64, 2))),
    ("other-digits", "digits that are not ASCII", DIGEST[:-1] + "\u0668"),
    ("empty", "nothing", ""),
)  # fmt: skip


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _json()
    yield from _texts()
    yield from _base58()


def _json() -> Iterator[Vector]:
    for name, says, document, written in GOOD_JSON:
        yield valid("json", name, says, {"data": document}, written)
    for name, says, data, words in BAD_JSON:
        yield malformed("json", name, says, {"data": to_json(data)}, words)
    given = {"data": '"twelve bytes"'[:12] + '"', "limit": 13}
    yield valid("json", "at-the-limit", "as long as the limit", given, '"twelve byte"')
    given = {"data": '"twelve bytes"', "limit": 13}
    yield malformed(
        "json", "over-the-limit", "a byte longer than the limit", given, "expected at most 13"
    )
    for name, says, document, written in GOOD_JSON:
        if document == written:
            yield valid("canonical-json", name, says, {"data": document})
    for name, says, document in NOT_CANONICAL:
        yield malformed("canonical-json", name, says, {"data": document}, "not in RFC 8785 form")


def _texts() -> Iterator[Vector]:
    time = "2026-11-03T14:02:07Z"
    yield valid("time", "plain", "whole seconds, UTC", {"text": time}, 1793714527)
    yield valid("time", "first", "the first second", {"text": "1970-01-01T00:00:00Z"}, 0)
    yield valid("time", "leap-day", "a leap day", {"text": "2028-02-29T23:59:59Z"}, 1835481599)
    last = {"text": "9999-12-31T23:59:59Z"}
    yield valid("time", "last", "the last second of a four-digit year", last, 253402300799)
    for name, says, text in TIMES:
        yield malformed("time", name, says, {"text": text}, "is not a time like")
    yield valid("decimal", "zero", "zero", {"text": "0"}, 0)
    yield valid("decimal", "largest", "2^53-1", {"text": "9007199254740991"}, 2**53 - 1)
    for name, says, text in DECIMALS:
        yield malformed("decimal", name, says, {"text": text}, "is not a decimal number")
    yield valid("base64", "empty", "no bytes", {"text": ""}, "")
    yield valid("base64", "both-special-digits", "plus and slash", {"text": "++//"}, "fbefff")
    yield valid("base64", "padded", "two padding characters", {"text": "QQ=="}, "41")
    for name, says, text, words in BASE64S:
        yield malformed("base64", name, says, {"text": text}, words)
    given = {"text": DIGEST}
    yield valid("hex", "digest", "32 bytes", given, "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=")
    for name, says, text in HEXES:
        yield malformed("hex", name, says, {"text": text}, "hex")


def _base58() -> Iterator[Vector]:
    yield valid("base58", "zeros", "leading zero bytes are ones", {"text": "112"}, "000001")
    yield valid(
        "base58", "text", "a short text", {"text": "StV1DL6CwTryKyV"}, "68656c6c6f20776f726c64"
    )
    yield valid("base58", "empty", "no bytes", {"text": ""}, "")
    for name, says, text in (
        ("zero-digit", "0, which the alphabet leaves out", "StV1DL60wTryKyV"),
        ("capital-o", "O, which the alphabet leaves out", "OtV1DL6CwTryKyV"),
        ("capital-i", "I, which the alphabet leaves out", "ItV1DL6CwTryKyV"),
        ("small-l", "l, which the alphabet leaves out", "ltV1DL6CwTryKyV"),
        ("white-space", "a blank at the end", "StV1DL6CwTryKyV "),
    ):
        yield malformed("base58", name, says, {"text": text}, "is not base58btc")
    longest = bytes(127) + b"\x01"
    says = "128 digits, the longest that are read"
    yield valid("base58", "longest", says, {"text": "1" * 127 + "2"}, longest.hex())
    given = {"text": "2" * 129}
    yield malformed("base58", "too-long", "129 digits, 128 are read", given, "expected at most 128")
