"""What else could have been signed, listed and asked: each variant changes an opened example in place."""

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any

from specs.reference import verify
from tests.reference import sealing

TIMES = (
    "2026-11-03T13:00:00Z", "2026-11-03T14:02:07Z", "2026-11-03T15:59:59Z", "2026-11-03T16:00:00Z",
    "2026-11-03T17:30:00Z", "2026-12-03T16:00:00Z", "2026-12-03T16:00:01Z", "2027-11-03T00:00:00Z",
    "2047-01-01T00:00:00Z",
)  # fmt: skip
DER_TIMES = (
    [23, b"261103140207Z".hex()], [23, b"261103140208Z".hex()], [23, b"991103140207Z".hex()],
    [23, b"2611031402Z".hex()], [24, b"20261103140207Z".hex()], [24, b"20500101000000Z".hex()],
    [24, b"99991231235959Z".hex()], [24, b"20500101000000.0Z".hex()], [23, b"260230000000Z".hex()],
)  # fmt: skip
SCID = "QmcabBvH4DxRFHX2NwXrsGgeMRKFuS4MpYQViK3328rKs1"
OTHER_SCID = "QmTSH7srsW4YB4zrTEdjGd82FWRV9VCjc6Rv9VzNPXc5hY"
FILE = "51db375249241d6804ec0c1e61f4d837c0063f8116ee889213c60699a83d67ac"

Variant = Callable[[Random, dict[str, Any]], None]


def other_lines(rng: Random, parts: dict[str, Any]) -> None:
    parts["lines"] = {**parts["lines"], **some_lines(rng)}


def some_lines(rng: Random) -> dict[str, Any]:
    names = rng.sample(("statement", "key", "person"), rng.randrange(3))
    return {name: [some_state(rng) for _ in range(rng.choice((1, 1, 2)))] for name in names}


def some_state(rng: Random) -> list[str]:
    state = rng.choice(("withdrawn", "withdrawn", "revoked", "lost", "superseded", "frozen"))
    by = rng.choice((SCID, "ruling", "", OTHER_SCID))
    return [state, rng.choice(TIMES), rng.choice(TIMES), by]


def no_lines(_rng: Random, parts: dict[str, Any]) -> None:
    parts["lines"] = {}


def newer_statuses(rng: Random, parts: dict[str, Any]) -> None:
    for _ in range(rng.choice((1, 2))):
        snapshot = {
            "time": rng.choice(TIMES),
            "size": rng.choice((3, 7, 8, 12, 20)),
            "origin": rng.choice((sealing.ORIGIN, sealing.ORIGIN, "other.example", "new.example")),
        }
        parts["newer"].append({"snapshot": snapshot, "lines": some_lines(rng)})


def older_status(rng: Random, parts: dict[str, Any]) -> None:
    parts["snapshot"] = {"time": rng.choice(TIMES)}


def asked_otherwise(rng: Random, parts: dict[str, Any]) -> None:
    question = parts["question"]
    question["at"] = rng.choice(TIMES)
    if rng.random() < 0.5:
        question["now"] = rng.choice(TIMES)
    question["newestTrust"] = rng.random() < 0.5
    question["policy"] = rng.choice((
        {}, {"scid": SCID}, {"scid": OTHER_SCID}, {"handle": "ana"}, {"handle": "ben"},
        {"maxStatusAge": 0}, {"acceptUnknownStatus": True, "maxStatusAge": 3600},
    ))  # fmt: skip


def other_files(rng: Random, parts: dict[str, Any]) -> None:
    question = parts["question"]
    question["whole"] = rng.random() < 0.5
    files: dict[str, str] | None = question["files"]
    if rng.random() < 0.2:
        question["files"] = None
        return
    files = dict(files or {})
    for _ in range(rng.randrange(3)):
        match rng.randrange(3):
            case 0:
                files.pop(rng.choice([*files, ""]), None)
            case 1:
                files[rng.choice(("added", "back.svg", "poem.txt"))] = rng.choice((FILE, "00" * 32))
            case _:
                files = {name.upper(): digest for name, digest in files.items()}
    question["files"] = files


def manifest(rng: Random, parts: dict[str, Any]) -> None:
    statement = parts["bundles"][0]["statement"]
    files = parts["question"]["files"]
    if (
        statement["predicate"]["facts"] is None
        or "form" not in statement["predicate"]["facts"]
        or not files
    ):
        return
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
    subject = rng.choice((verify.sha256(lines.encode()).hex(), next(iter(files.values()))))
    statement["predicate"]["facts"]["form"] = "manifest"
    statement["subject"] = [{"digest": {"sha256": subject}, "name": ""}]
    changed = {**parts["private"][0], "names": ["work"]}
    digest = verify.sha256(sealing.canonical(changed)).hex()
    statement["predicate"]["private"]["sha256"] = digest
    parts["private"][0] = changed


def offline(_rng: Random, parts: dict[str, Any]) -> None:
    facts = parts["bundles"][0]["statement"]["predicate"]["facts"]
    if facts and "offline" in facts:
        facts["offline"] = True


def another_first(rng: Random, parts: dict[str, Any]) -> None:
    """One of the supporting bundles is judged itself; the deliverable supports it, or nothing does."""
    bundles = parts["bundles"]
    i = rng.randrange(1, len(bundles))
    if rng.random() < 0.5:
        bundles[0], bundles[i] = bundles[i], bundles[0]
    else:
        first = bundles.pop(i)
        bundles[0] = first
        parts["private"] = parts["private"][1:]


def fewer_supporting(rng: Random, parts: dict[str, Any]) -> None:
    del parts["bundles"][rng.randrange(1, len(parts["bundles"]))]
    named = {
        b["statement"]["predicate"]["private"]["sha256"]
        for b in parts["bundles"]
        if b["statement"]["predicate"]["private"]
    }
    parts["private"] = [
        part for part in parts["private"] if verify.sha256(sealing.canonical(part)).hex() in named
    ]


def fewer_private(rng: Random, parts: dict[str, Any]) -> None:
    parts["private"] = rng.sample(parts["private"], rng.randrange(len(parts["private"]) + 1))


def other_signer(rng: Random, parts: dict[str, Any]) -> None:
    """The certificate names an agent, an organisation, another person, the registry, or nonsense."""
    part = rng.choice(parts["bundles"])
    path = rng.choice((
        f"p/{SCID}/a/1", f"p/{SCID}/a/0", f"p/{SCID}/a/01", f"o/{SCID}", f"p/{OTHER_SCID}", "registry",
        f"p/{SCID}/", "p/nobody", f"P/{SCID}",
    ))  # fmt: skip
    tree = tree_of(part["certificate"])
    name = [0x86, f"https://registry.example/{path}".encode().hex()]
    set_extension(tree, verify.SUBJECT_ALT_NAME, [[0x30, [name]]])
    part["certificate"] = sealing.lay_der(tree).hex()


def tree_of(certificate: str) -> Any:
    return sealing.open_der(bytes.fromhex(certificate))


def extension_of(tree: Any, oid: bytes) -> Any:
    for extension in tree[0][1][0][1][-1][1][0][1]:
        if extension[1][0] == [6, oid.hex()]:
            return extension[1]
    raise LookupError


def set_extension(tree: Any, oid: bytes, content: Any) -> None:
    extension_of(tree, oid)[-1][1] = content


def other_time(rng: Random, tree: Any) -> None:
    tree[0][1][0][1][4][1][rng.randrange(2)] = rng.choice(DER_TIMES)


def other_key_usage(rng: Random, tree: Any) -> None:
    usage = rng.choice(("0780", "0106", "0204", "0640", "0081", "0000", "0780ff"))
    set_extension(tree, verify.KEY_USAGE, [[3, usage]])


def other_extended_usage(rng: Random, tree: Any) -> None:
    usages = [[6, oid.hex()] for oid in (verify.CODE_SIGNING, verify.TIME_STAMPING)]
    listed = rng.choice((usages, usages[1:], [], usages[:1] * 2))
    set_extension(tree, verify.EXT_KEY_USAGE, [[0x30, listed]])


def other_constraints(rng: Random, tree: Any) -> None:
    constraints = rng.choice(([], [[1, "ff"]], [[1, "ff"], [2, "00"]], [[1, "00"]], [[2, "00"]]))
    extension = [0x30, [[6, verify.BASIC_CONSTRAINTS.hex()], [4, [[0x30, constraints]]]]]
    tree[0][1][0][1][-1][1][0][1].append(extension)


def other_serial(rng: Random, tree: Any) -> None:
    tree[0][1][0][1][1][1] = rng.choice(("00", "7f" * 20, "40" + "00" * 19, "ff", "0001", ""))


def other_point(rng: Random, tree: Any) -> None:
    point = sealing.p256_spki(rng.choice(("registry", "ana", "sct", "log")))[26:]
    tree[0][1][0][1][6][1][1][1] = (b"\0" + rng.choice((point, point[:-1] + b"\0"))).hex()


def other_issuer_url(rng: Random, tree: Any) -> None:
    urls = ("https://registry.example", "https://b", "http://" + "a" * 1100, "ftp://a", "https://A")
    url = rng.choice(urls).encode().hex()
    set_extension(tree, verify.ISSUER_RAW, url)
    set_extension(tree, verify.ISSUER, [[12, url]])


def other_extension(rng: Random, tree: Any) -> None:
    listed = tree[0][1][0][1][-1][1][0][1]
    listed.remove(rng.choice(listed))
    if rng.random() < 0.5:
        critical = [[1, "ff"]] if rng.random() < 0.3 else []
        listed.append([0x30, [[6, "2a0304"], *critical, [4, "00"]]])


CERTIFICATE_CHANGES = (
    other_time, other_key_usage, other_extended_usage, other_constraints, other_serial,
    other_point, other_issuer_url, other_extension,
)  # fmt: skip


def changed_certificate(rng: Random, certificate: str) -> str:
    """Other times, usages, names, keys: what no authority would issue."""
    tree = tree_of(certificate)
    rng.choice(CERTIFICATE_CHANGES)(rng, tree)
    return sealing.lay_der(tree).hex()


def other_certificate(rng: Random, parts: dict[str, Any]) -> None:
    part = rng.choice(parts["bundles"])
    part["certificate"] = changed_certificate(rng, part["certificate"])


def other_authority(rng: Random, parts: dict[str, Any]) -> None:
    """Another certificate of the CA or a TSA, signed as it must be or not at all."""
    root = parts["trust"]["trustedRoot"]
    name = rng.choice(("certificateAuthorities", "timestampAuthorities"))
    chain = root[name][0]["certChain"]["certificates"]
    one = rng.choice(chain)
    certificate = changed_certificate(rng, base64.b64decode(one["rawBytes"]).hex())
    tree = tree_of(certificate)
    key = "ca" if name == "certificateAuthorities" else "tsa root"
    if rng.random() < 0.9:
        signature = sealing.sign_p256(key, sealing.lay_der(tree[0][1][:1]))
        tree[0][1][2][1] = (b"\0" + signature).hex()
    one["rawBytes"] = base64.b64encode(sealing.lay_der(tree)).decode()
    if rng.random() < 0.1:
        chain.append(chain[0])
    if rng.random() < 0.1:
        root[name].insert(rng.randrange(2), root[name][0])


def other_key(rng: Random, parts: dict[str, Any]) -> None:
    """A key that is listed nowhere, off the curve, or of another kind."""
    trust = parts["trust"]
    spki = sealing.p256_spki("ana")
    key = rng.choice((spki, spki[:-1] + b"\0", verify.SPKI_ED25519 + bytes(32), spki[:60]))
    place = rng.choice((
        trust["registryKeys"][0], trust["statusKeys"][0], trust["trustedRoot"]["ctlogs"][0]["publicKey"],
    ))  # fmt: skip
    place["key" if "key" in place else "rawBytes"] = base64.b64encode(key).decode()


def broken_history(rng: Random, parts: dict[str, Any]) -> None:
    """A DID log that does not continue itself, or a person's other log."""
    lines = sealing.example("did-continued.jsonl").decode().splitlines()
    entries = [json.loads(line) for line in lines]
    parts["didLogs"] = [entries]
    one, two = entries[0]["parameters"], entries[1]["parameters"]
    match rng.randrange(7):
        case 0:
            entries[1]["versionTime"] = rng.choice(TIMES)
        case 1:
            one["nextKeyHashes"] = rng.sample(one["nextKeyHashes"], 1)
        case 2:
            two["updateKeys"] = [*two["updateKeys"], *one["updateKeys"]]
        case 3:
            two["updateKeys"] = one["updateKeys"]
        case 4:
            entries[1]["state"] = json.loads(
                json.dumps(entries[1]["state"]).replace(SCID, OTHER_SCID)
            )
        case 5:
            state = entries[rng.randrange(2)]["state"]
            state["assertionMethod"] = rng.choice(([], state["assertionMethod"] * 2))
        case _:
            parts["didLogs"] = rng.choice(([], [entries, entries], [entries[:1], entries[:1]]))


def moved_identity(rng: Random, parts: dict[str, Any]) -> None:
    """What the registry says about versions of the key history is of another one."""
    for part in parts["bundles"]:
        facts = part["statement"]["predicate"]["facts"]
        if facts and "scid" in facts:
            match rng.randrange(3):
                case 0:
                    facts["version"] = rng.choice(
                        (facts["version"][:-1], "2-" + facts["version"][2:])
                    )
                case 1:
                    facts["scid"] = OTHER_SCID
                case _:
                    part["statement"]["subject"][0]["digest"]["sha256"] = FILE


def other_did(rng: Random, parts: dict[str, Any]) -> None:
    """The statement names another DID, or another version of its history."""
    signer = rng.choice(parts["bundles"])["statement"]["predicate"]["signer"]
    match rng.randrange(4):
        case 0:
            signer["id"] = signer["id"].replace("registry.example", "moved.example")
        case 1:
            signer["id"] = signer["id"].replace(SCID, OTHER_SCID)
        case 2:
            signer["id"] = rng.choice(
                ("https://registry.example/registry", "did:web:a.example", SCID)
            )
        case _:
            signer["version"] = f"1-{OTHER_SCID}"


def other_clock(rng: Random, parts: dict[str, Any]) -> None:
    """Tokens and checkpoints of other times."""
    if rng.random() < 0.5:
        rng.choice(parts["bundles"])["token"]["time"] = verify.time_seconds(rng.choice(TIMES))
    else:
        parts["checkpoint"]["time"] = verify.time_seconds(rng.choice(TIMES))


def other_person(_rng: Random, parts: dict[str, Any]) -> None:
    """A supporting bundle is by somebody else."""
    part = parts["bundles"][-1]
    dumped = json.dumps(part).replace(SCID, OTHER_SCID)
    parts["bundles"][-1] = json.loads(
        dumped.replace(SCID.encode().hex(), OTHER_SCID.encode().hex())
    )


def continued_history(rng: Random, parts: dict[str, Any]) -> None:
    lines = sealing.example("did-continued.jsonl").decode().splitlines()
    parts["didLogs"] = [[json.loads(line) for line in lines]]
    if rng.random() < 0.5:
        version = parts["didLogs"][0][1]["versionId"]
        parts["bundles"][0]["statement"]["predicate"]["signer"]["version"] = version


def first_issuance(rng: Random, parts: dict[str, Any]) -> None:
    """Entry 0 of a log, or one that pretends to be, without an SCT."""
    leaf = json.loads(sealing.example("leaves/00.json"))
    verifier = leaf["spec"]["hashedRekordV002"]["signature"]["verifier"]
    part = parts["bundles"][0]
    part["certificate"] = base64.b64decode(verifier["x509Certificate"]["rawBytes"]).hex()
    part["key"] = "registry"
    part["index"] = rng.choice((0, 0, 1))
    part["statement"] = json.loads(sealing.example("statements/issuance.json"))
    root = base64.b64encode(verify.sha256(b"")).decode()
    note = f"{sealing.ORIGIN}\n0\n{root}\n"
    sealed = sealing.Sealer(lambda _, kept: kept)
    part["statement"]["predicate"]["notBefore"] = sealed.note(
        "notBefore", note, part["token"]["time"]
    )
    parts["private"] = parts["private"][1:]


def other_trust(rng: Random, parts: dict[str, Any]) -> None:
    trust = parts["trust"]
    match rng.randrange(6):
        case 0:
            name = rng.choice(("registryKeys", "statusKeys"))
            trust[name][0]["end"] = rng.choice(TIMES)
        case 1:
            name = rng.choice(("certificateAuthorities", "timestampAuthorities"))
            trust["trustedRoot"][name][0]["validFor"]["end"] = rng.choice(TIMES)
        case 2:
            trust["trustedRoot"]["ctlogs"][0]["publicKey"]["validFor"]["end"] = rng.choice(TIMES)
        case 3:
            trust["expires"] = rng.choice(TIMES)
        case 4:
            trust["logs"].insert(rng.randrange(2), NEW_LOG)
        case _:
            root = rng.choice(("ISG6JtPpKepzM/cwszUjlxTahg8MfsVDYOjidwyBw8U=", "AAAA"))
            trust["logs"][0]["closed"] = {"size": rng.choice((12, 13)), "root": root}


def log_of(origin: str) -> dict[str, Any]:
    keys = {}
    for name, kind in (("logKey", 1), ("clockKey", 4)):
        data = bytes([kind]) + verify.sha256(name.encode())
        key_id = verify.sha256(origin.encode() + b"\n" + data)[:4].hex()
        keys[name] = f"{origin}+{key_id}+{base64.b64encode(data).decode()}"
    return {"origin": origin, **keys, "closed": None}


NEW_LOG = log_of("new.example")
VARIANTS: tuple[Variant, ...] = (
    other_lines, other_lines, no_lines, newer_statuses, newer_statuses, older_status,
    asked_otherwise, asked_otherwise, other_files, other_files, manifest, offline, another_first,
    fewer_supporting, fewer_private, other_signer, other_certificate, other_certificate,
    other_authority, other_authority, other_key, continued_history, broken_history, broken_history,
    moved_identity, other_did, other_clock, other_clock, other_person, first_issuance, other_trust,
    other_trust,
)  # fmt: skip
