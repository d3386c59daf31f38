"""One bundle against a trust file: steps 0 and 2 to 6 of the verification."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.vectors.corpus import Vector
from tests.vectors.generate.cases import invalid, malformed, valid
from tests.vectors.generate.drafts import Draft
from tests.vectors.generate.edit import edited, flipped
from tests.vectors.generate.keys import P256, ed25519
from tests.vectors.generate.people import digits
from tests.vectors.generate.registry import DAY, LONG, START, YEAR, Registry
from tests.vectors.generate.scene import Scene, digests, standard
from trust.core.canonical import canonical
from trust.core.encoding import format_time
from trust.core.keys import der
from trust.core.keys.p256 import ORDER, split_signature
from trust.core.log.checkpoint import sign_checkpoint
from trust.core.signing.bundle import Bundle
from trust.core.signing.facts import DeliverableFacts, TrustFacts
from trust.core.signing.statement import Statement, parse_statement, sign_statement
from trust.core.x509 import certificate as profile

STRANGER = P256("a stranger")
OTHER = Registry("other.example")


class Case(NamedTuple):
    """A bundle, and what it is judged with; by default the scene's own."""

    bundle: Bundle
    trust: bytes
    at: int

    @property
    def given(self) -> dict[str, Any]:
        """The input."""
        return {
            "bundle": canonical(self.bundle.to_json()).decode(),
            "trust": self.trust.decode(),
            "at": format_time(self.at),
        }


def vectors() -> Iterator[Vector]:
    """Return every case of this room."""
    yield from _good()
    yield from _malformed()
    for step, table in (
        (2, _signatures()),
        (3, _certificates()),
        (3, _signers()),
        (4, _tokens()),
        (4, _not_before()),
        (5, _log()),
    ):
        for fault, says, case, reason in table:
            yield invalid("attestation", fault, says, case.given, step, reason)


Faults = Iterator[tuple[str, str, Case, str]]


def base() -> Case:
    """Return Ana's report as it is."""
    scene = standard()
    registry = scene.registry
    return Case(registry.bundle(scene.work), scene.trust, registry.clock)


def statement(scene: Scene | None = None) -> Statement:
    """Return Ana's report, to be changed and signed again."""
    entry = (scene or standard()).registry.entries[standard().work]
    return parse_statement(entry.envelope.payload)


def logged(
    scene: Scene, changed: Statement, *, signer: Any = None, certificate: bytes = b"", at: int = 0
) -> Case:
    """Sign a statement and log it; by default Ana does, under her certificate, now."""
    ana, registry = scene.ana, scene.registry
    envelope = sign_statement(changed, signer or ana.signer)
    if at:
        registry.clock = at - 60
    index = registry.log(envelope, certificate or ana.certificate)
    return Case(registry.bundle(index), scene.trust, registry.clock)


def under(draft: Draft, *, promised: bool = True, at: int = 0) -> Case:
    """Log Ana's report under another certificate of hers."""
    scene = standard().fork()
    registry = scene.registry
    if promised:
        draft = draft.promise(registry.ca, registry.keys["sct"], START)
    certificate = draft.issue(registry.keys["ca"])
    changed = statement()
    if at:
        changed = changed._replace(not_before=registry.note(at=at - 60))
    return logged(scene, changed, certificate=certificate, at=at)


def _value(case: Case, who: str, signed_id: str, not_before: int) -> dict[str, Any]:
    """Return what is established; the token is of the time at which the entry was logged."""
    index = case.bundle.proof.index
    signed_at = START + 60 * (index + 1)
    return {
        "id": signed_id,
        "signer": f"https://registry.example{who}",
        "index": index,
        "notBefore": format_time(not_before),
        "signedAt": format_time(signed_at),
    }


def _good() -> Iterator[Vector]:
    scene = standard()
    ana = f"/p/{scene.ana.scid}"
    joined = START + 120  # all three were signed before the first of them was logged
    for name, says, index, early in (
        ("deliverable", "a signed file", scene.work, START + 60 * scene.work),
        ("three-files", "three signed files", scene.set, START + 60 * scene.set),
        ("offline", "signed without the registry, three days before the token", scene.offline, START - 3 * DAY),
        ("withdrawal", "a withdrawal", scene.withdrawal, START + 60 * scene.withdrawal),
        ("enrolment", "an enrolment", 4, joined),
        ("handle", "a handle", 5, joined),
    ):  # fmt: skip
        case = base()._replace(bundle=scene.registry.bundle(index))
        value = _value(case, ana, scene.ids[index], early)
        yield valid("attestation", name, says, case.given, value)
    yield from _good_registry(scene)
    yield from _good_edges()


def _good_registry(scene: Scene) -> Iterator[Vector]:
    for name, says, index in (
        ("first-entry", "the registry's own certificate: the only one without an SCT", 0),
        ("trust", "the trust file", 1),
        ("identity", "a DID entry", 2),
    ):
        case = base()._replace(bundle=scene.registry.bundle(index))
        made = hashlib.sha256(
            f"touchplate-id-v1\n{scene.registry.origin}\nregistry\n".encode()
            + parse_statement(case.bundle.envelope.payload).salt.hex().encode()
        ).digest()
        value = _value(case, "/registry", digits(made, 16), START + 60 * index)
        yield valid("attestation", name, says, case.given, value)


def _good_edges() -> Iterator[Vector]:
    scene = standard().fork()
    ana, registry = scene.ana, scene.registry
    at = START + 5 * DAY
    edge = statement()._replace(not_before=registry.note(at=at - DAY))
    case = logged(scene, edge, at=at)
    says = "notBefore is exactly 24 hours before the token"
    value = _value(case, f"/p/{ana.scid}", scene.ids[scene.work], at - DAY)
    value["signedAt"] = format_time(at)
    yield valid("attestation", "not-before-24-hours", says, case.given, value)
    agent = f"/p/{ana.scid}/a/1"
    scene = standard().fork()
    certificate = registry.issue(STRANGER.public_key, registry.public_url + agent)
    facts = DeliverableFacts(offline=False, delegation="40n7vn4e0tpqbpme", number=1)
    of_agent = statement()._replace(facts=facts)
    case = logged(scene, of_agent, signer=STRANGER, certificate=certificate)
    says = "an agent of Ana's; whether it may sign is judged later"
    value = _value(case, agent, scene.ids[scene.work], START + 60 * scene.work)
    yield valid("attestation", "agent", says, case.given, value)
    yield from _good_trust()


def _good_trust() -> Iterator[Vector]:
    one, scene = base(), standard()
    ana, registry = scene.ana, scene.registry
    closed = [registry.listed_log(registry.root())]
    case = one._replace(trust=registry.trust(logs=closed))
    value = _value(one, f"/p/{ana.scid}", scene.ids[scene.work], START + 60 * scene.work)
    says = "of a closed log, the proof led to its end"
    yield valid("attestation", "closed-log", says, case.given, value)
    signed_at = START + 60 * (scene.work + 1)
    tsas = ("timestampAuthorities", 0, "validFor", "start")
    begun = edited(registry.trusted_root(), tsas, format_time(signed_at))
    case = one._replace(trust=registry.trust(trustedRoot=begun))
    says = "an authority that begins in the token's second"
    yield valid("attestation", "tsa-begins-now", says, case.given, value)
    yield _same_second()
    renewed: Any = registry.trusted_root()
    cas = renewed["certificateAuthorities"]
    cas.insert(0, edited(cas[0], ("validFor", "end"), format_time(START)))
    case = one._replace(trust=registry.trust(trustedRoot=renewed))
    says = "a retired CA is listed before its successor of the same name"
    yield valid("attestation", "retired-ca-first", says, case.given, value)
    lagging = one._replace(at=signed_at - 60)
    says = "judged by a clock that lags a minute behind the token"
    yield valid("attestation", "clock-lags-a-minute", says, lagging.given, value)
    now = one._replace(at=signed_at)
    yield valid(
        "attestation", "at-the-token-time", "judged at the token's own second", now.given, value
    )


def _same_second() -> Vector:
    scene = standard().fork()
    registry = scene.registry
    note = registry.note(scene.work, at=registry.clock + 60)
    case = logged(scene, statement()._replace(not_before=note))
    who = f"/p/{scene.ana.scid}"
    value = _value(case, who, scene.ids[scene.work], registry.clock)
    says = "notBefore in the token's second"
    return valid("attestation", "not-before-this-second", says, case.given, value)


def _malformed() -> Iterator[Vector]:
    scene = standard().fork()
    one = base()
    bundle, registry = one.bundle, scene.registry
    foreign = statement()._replace(signer=statement().signer._replace(id="did:web:ana.example"))
    elsewhere = Draft.of(scene.ana.certificate).put(
        profile.SAN,
        der.sequence(
            der.tlv(profile.URI_TAG, f"https://other.example/p/{scene.ana.scid}".encode())
        ),
    )
    loose = bundle.envelope._replace(payload=bundle.envelope.payload + b"\n")
    for fault, says, case, words in (
        ("payload-not-canonical", "a payload with a line feed at its end", one._replace(bundle=bundle._replace(envelope=loose)), "not in RFC 8785 form"),
        ("payload-no-statement", "a payload that is no statement", one._replace(bundle=bundle._replace(envelope=bundle.envelope._replace(payload=b"{}"))), "'_type' is missing"),
        ("certificate-no-certificate", "a certificate that is none", one._replace(bundle=bundle._replace(certificate=b"ABC")), "expected tag 0x30"),
        ("token-no-token", "a token that is none", one._replace(bundle=bundle._replace(token=b"ABC")), "expected tag 0x30"),
        ("signer-did-web", "a signer of another DID method", logged(scene, foreign), "is not a DID like"),
        ("san-of-other-registry", "a SAN under another registry", under(elsewhere), "does not start with"),
        ("san-no-signer", "a SAN that names no signer", under(_san(f"{registry.public_url}/about")), "names no signer"),
    ):  # fmt: skip
        yield malformed("attestation", fault, says, case.given, words)


def _san(uri: str) -> Draft:
    names = der.sequence(der.tlv(profile.URI_TAG, uri.encode()))
    return Draft.of(standard().ana.certificate).put(profile.SAN, names)


def _signatures() -> Faults:
    one = base()
    scene, bundle = standard(), one.bundle
    other = scene.registry.bundle(scene.set)
    envelope = bundle.envelope
    r, s = split_signature(envelope.signature)
    changed = statement()._replace(subjects=tuple(digests({"x": b"x"}).values())).encode()

    def signed(value: bytes) -> Case:
        signature = envelope.signatures[0]._replace(value=value)
        return one._replace(
            bundle=bundle._replace(envelope=envelope._replace(signatures=(signature,)))
        )

    def carrying(payload: bytes) -> Case:
        return one._replace(bundle=bundle._replace(envelope=envelope._replace(payload=payload)))

    high = der.sequence(der.integer(r), der.integer(ORDER - s))
    stranger = logged(scene.fork(), statement(), signer=STRANGER)
    for fault, says, case in (
        ("signature-of-another", "the signature of another work of hers", signed(other.envelope.signature)),
        ("signature-changed", "one bit of the signature", signed(flipped(envelope.signature))),
        ("signature-high-s", "the second signature that follows from the first", signed(high)),
        ("signature-raw", "r and s as 64 bytes", signed(r.to_bytes(32) + s.to_bytes(32))),
        ("signature-trailing-byte", "a byte behind the signature", signed(envelope.signature + b"\0")),
        ("subject-changed", "another file under the old signature", carrying(changed)),
        ("payload-of-another", "the payload of another work of hers", carrying(other.envelope.payload)),
        ("certificate-of-ben", "Ben's certificate", one._replace(bundle=bundle._replace(certificate=scene.ben.certificate))),
        ("signed-by-a-stranger", "signed by a key that the certificate does not name", stranger),
    ):  # fmt: skip
        yield fault, says, case, "bad_signature"


def _certificates() -> Faults:
    one, scene = base(), standard()
    registry, draft = scene.registry, Draft.of(scene.ana.certificate)
    uri = scene.ana.uri
    late, signing = START + YEAR, der.sequence(profile.CODE_SIGNING)
    stamping = der.sequence(profile.TIME_STAMPING)
    issued = OTHER.issue(scene.ana.signer.public_key, uri, issuer_url=registry.public_url)
    forged = registry.issue(scene.ana.signer.public_key, uri, ca_key=STRANGER)
    stranger_sct = registry.issue(scene.ana.signer.public_key, uri, sct_key=STRANGER)
    before = der.sequence(der.time(START + 30 * DAY), der.time(late))
    root = registry.trusted_root()
    ca_later = edited(
        root, ("certificateAuthorities", 0, "validFor", "start"), format_time(START + DAY)
    )
    ca_ended = edited(root, ("certificateAuthorities", 0, "validFor", "end"), format_time(START))
    sct_ended = edited(root, ("ctlogs", 0, "publicKey", "validFor", "end"), format_time(START))
    elsewhere = draft.put(profile.ISSUER_RAW, b"https://other.example").put(
        profile.ISSUER_DER, der.text("https://other.example")
    )
    ben_sct = Draft.of(scene.ben.certificate)
    swapped = draft.put(
        profile.SCT_LIST,
        next(item.value for item in ben_sct.extensions if item.oid == profile.SCT_LIST),
    )
    yield from (
        ("issued-by-other-registry", "issued by another registry's CA", _under_der(issued), "unlisted_ca"),
        ("ca-not-begun", "a CA before its start in the trust file", one._replace(trust=registry.trust(trustedRoot=ca_later)), "unlisted_ca"),
        ("ca-ended", "a CA after its end in the trust file", one._replace(trust=registry.trust(trustedRoot=ca_ended)), "unlisted_ca"),
        ("ca-forged", "signed by another key in the CA's name", _under_der(forged), "bad_ca_signature"),
        ("certificate-not-yet-valid", "a certificate that begins after the token", under(draft.field("validity", before)), "certificate_not_yet_valid"),
        ("certificate-expired", "a certificate that ends with the token's second", under(draft, at=late), "certificate_expired"),
        ("certificate-for-time-stamps", "a certificate for time stamps", under(draft.put(profile.EKU, stamping)), "wrong_usage"),
        ("certificate-of-a-ca", "a certificate that may issue others", under(draft.put(profile.EKU, signing).put(profile.KEY_USAGE, der.bits(b"\x84", 2))), "wrong_usage"),
        ("no-sct", "a certificate without an SCT", under(draft.without(profile.SCT_LIST), promised=False), "no_sct"),
        ("sct-by-a-stranger", "an SCT by a key that is not listed", _under_der(stranger_sct), "unlisted_sct_key"),
        ("sct-key-ended", "an SCT by a key after its end", one._replace(trust=registry.trust(trustedRoot=sct_ended)), "unlisted_sct_key"),
        ("sct-of-ben", "the SCT of Ben's certificate", under(swapped, promised=False), "bad_sct"),
        ("issuer-of-other-registry", "a certificate that names another registry as its issuer", under(elsewhere), "other_registry"),
    )  # fmt: skip


def _under_der(certificate: bytes) -> Case:
    return logged(standard().fork(), statement(), certificate=certificate)


def _signers() -> Faults:
    one, scene = base(), standard()
    ben, registry = scene.ben, scene.registry
    mine = statement()
    bens = mine._replace(signer=mine.signer._replace(id=ben.author.did, version=ben.author.version))
    yield (
        "statement-of-ben",
        "Ana signs a statement that names Ben",
        logged(scene.fork(), bens),
        "other_signer",
    )
    as_trust = registry.own("trust", bytes(32), TrustFacts(2))
    certificate = registry.certificate_der
    yield (
        "person-as-registry",
        "Ana signs what only the registry signs",
        logged(scene.fork(), as_trust),
        "wrong_signer_kind",
    )
    key = registry.keys["registry"]
    yield (
        "registry-as-person",
        "the registry signs what only a person signs",
        logged(scene.fork(), mine, signer=key, certificate=certificate),
        "wrong_signer_kind",
    )
    elsewhere = as_trust._replace(
        signer=as_trust.signer._replace(id="https://other.example/registry")
    )
    yield (
        "registry-of-other-name",
        "the registry signs in the name of another",
        logged(scene.fork(), elsewhere, signer=key, certificate=certificate),
        "other_signer",
    )
    late_first = registry.own(
        "issuance", bytes(32), parse_statement(registry.entries[0].envelope.payload).facts
    )
    bare = registry.entries[0].certificate
    yield (
        "registry-without-sct-later",
        "a certificate without an SCT that is not in the first entry",
        logged(scene.fork(), late_first, signer=key, certificate=bare),
        "no_sct",
    )
    origin = mine._replace(registry=mine.registry._replace(origin="log2099-9.registry.example"))
    yield (
        "log-not-listed",
        "meant for a log that is not listed",
        logged(scene.fork(), origin),
        "unlisted_log",
    )
    log_id = mine._replace(registry=mine.registry._replace(log_id=bytes(32)))
    yield from (
        ("log-of-another-key", "meant for another key of the log", logged(scene.fork(), log_id), "unlisted_log"),
        ("trust-of-other-registry", "the trust file of another registry", one._replace(trust=OTHER.trust()), "unlisted_log"),
    )  # fmt: skip


def _tokens() -> Faults:
    one, scene = base(), standard()
    registry, bundle = scene.registry, one.bundle
    signature, at = bundle.envelope.signature, START + 60 * (scene.work + 1)
    tsas = ("timestampAuthorities", 0, "validFor")
    ended = edited(registry.trusted_root(), (*tsas, "end"), format_time(at))
    begun = edited(registry.trusted_root(), (*tsas, "start"), format_time(at + 1))

    def stamped(token: bytes) -> Case:
        return one._replace(bundle=bundle._replace(token=token))

    other = scene.registry.entries[scene.set].token
    yield from (
        ("token-of-another", "the token of another work of hers", stamped(other), "other_imprint"),
        ("token-by-other-registry", "a token by another registry's authority", stamped(OTHER.token(signature, at)), "unlisted_tsa"),
        ("token-changed", "one bit of the token's signature", stamped(flipped(bundle.token)), "bad_token"),
        ("token-too-late", "a token after the authority's certificate", stamped(registry.token(signature, LONG[1])), "bad_token"),
        ("tsa-ended", "a token at the end of its authority in the trust file", one._replace(trust=registry.trust(trustedRoot=ended)), "tsa_out_of_use"),
        ("tsa-not-begun", "a token before its authority in the trust file", one._replace(trust=registry.trust(trustedRoot=begun)), "tsa_out_of_use"),
        ("token-from-the-future", "a token over a minute later than now", one._replace(at=at - 61), "token_from_the_future"),
    )  # fmt: skip


def _not_before() -> Faults:
    scene, mine = standard(), statement()
    registry = scene.registry
    log, clock = registry.keys["log"], registry.keys["clock"]
    stranger = ed25519("a stranger")
    here = registry.checkpoint(scene.work)
    elsewhere = here._replace(origin="log2099-9.registry.example")
    start = START + 60 * scene.work

    def noted(note: str, *, offline: bool = False) -> Case:
        facts = DeliverableFacts(offline=offline)
        return logged(scene.fork(), mine._replace(not_before=note, facts=facts))

    too_old = registry.note(scene.work, at=registry.clock + 60 - DAY - 1)
    large = registry.fork()
    large.log(registry.entries[0].envelope, b"x", b"x")
    for fault, says, case, reason in (
        ("not-before-no-note", "notBefore is no note", noted("yesterday"), "bad_not_before"),
        ("not-before-unsigned", "notBefore without signatures", noted(here.text()), "bad_not_before"),
        ("not-before-of-another-log", "notBefore of another log", noted(sign_checkpoint(elsewhere, log, clock, start)), "bad_not_before"),
        ("not-before-by-a-stranger", "notBefore signed by another key", noted(sign_checkpoint(here, stranger, clock, start)), "bad_not_before"),
        ("not-before-clock-by-a-stranger", "notBefore dated by another clock", noted(sign_checkpoint(here, log, stranger, start)), "bad_not_before"),
        ("not-before-without-clock", "notBefore without a time", noted(_without_clock(registry.note(scene.work))), "bad_not_before"),
        ("not-before-holds-the-entry", "notBefore of a log that holds the entry already", noted(large.note()), "bad_not_before"),
        ("not-before-after-the-token", "notBefore a second later than the token", noted(registry.note(scene.work, at=registry.clock + 61)), "bad_not_before"),
        ("not-before-too-old", "notBefore a second over 24 hours before the token", noted(too_old), "not_before_too_old"),
    ):  # fmt: skip
        yield fault, says, case, reason
    old = mine._replace(type="withdrawal", facts=None, private=None, not_before=too_old)
    says = "a withdrawal, which is never said to be offline, with a notBefore over 24 hours old"
    yield "not-before-too-old-withdrawal", says, logged(scene.fork(), old), "not_before_too_old"


def _without_clock(note: str) -> str:
    return note[: note.rstrip("\n").rindex("\n") + 1]


def _log() -> Faults:
    one, scene = base(), standard()
    registry, bundle = scene.registry, one.bundle
    proof = bundle.proof
    later = Registry(origin="log2027-1.registry.example")
    both = [registry.listed_log(), later.listed_log()]
    stranger = ed25519("a stranger")
    log, clock = registry.keys["log"], registry.keys["clock"]
    older = registry.checkpoint(scene.set)
    renamed = registry.checkpoint()._replace(origin=later.origin)

    def proved(**changes: Any) -> Case:
        return one._replace(bundle=bundle._replace(proof=proof._replace(**changes)))

    def noted(note: str) -> Case:
        return proved(checkpoint=note)

    neighbour = registry.bundle(scene.set).proof
    hashes = proof.hashes
    token_time = START + 60 * (scene.work + 1)
    note = proof.checkpoint
    yield from (
        ("other-log", "logged in another log than the signer named", proved(log_id=later.log_key.full_id)._replace(trust=registry.trust(logs=both)), "other_log"),
        ("log-id-unknown", "logged in a log that nobody knows", proved(log_id=bytes(32)), "other_log"),
        ("leaf-of-another", "the leaf of another work of hers, with its proof", one._replace(bundle=bundle._replace(proof=neighbour)), "other_leaf"),
        ("leaf-changed", "a leaf that is not that of the envelope", proved(leaf=proof.leaf.replace(b"0.0.2", b"0.0.3")), "other_leaf"),
        ("leaf-white-space", "a leaf with white space", proved(leaf=proof.leaf + b"\n"), "other_leaf"),
        ("index-of-another", "the index of the neighbour", proved(index=proof.index + 1), "bad_log_proof"),
        ("index-beyond", "an index beyond the log", proved(index=99), "bad_log_proof"),
        ("hash-changed", "one bit of a hash", proved(hashes=(flipped(hashes[0]), *hashes[1:])), "bad_log_proof"),
        ("hash-missing", "a hash too few", proved(hashes=hashes[:-1]), "bad_log_proof"),
        ("hash-too-many", "a hash too many", proved(hashes=(*hashes, bytes(32))), "bad_log_proof"),
        ("root-changed", "a root that the proof does not lead to", proved(root=flipped(proof.root)), "bad_log_proof"),
        ("size-changed", "another size", proved(size=proof.size + 1), "bad_log_proof"),
        ("checkpoint-of-other-size", "a true checkpoint of an earlier size", noted(registry.note(scene.set)), "bad_log_proof"),
        ("checkpoint-no-note", "a checkpoint that is no note", noted("nothing\n"), "bad_log_proof"),
        ("checkpoint-of-another-log", "the checkpoint of another log", noted(sign_checkpoint(renamed, log, clock, registry.clock)), "bad_checkpoint"),
        ("checkpoint-by-a-stranger", "a checkpoint signed by another key", noted(sign_checkpoint(registry.checkpoint(), stranger, clock, registry.clock)), "bad_checkpoint"),
        ("checkpoint-without-clock", "a checkpoint without a time", noted(_without_clock(note)), "bad_checkpoint"),
        ("checkpoint-changed", "the size in the checkpoint was changed", noted(note.replace("\n18\n", "\n19\n")), "bad_checkpoint"),
        ("checkpoint-too-old", "a checkpoint a second older than the token", noted(registry.note(at=token_time - 1)), "checkpoint_too_old"),
        ("log-closed-before", "the log was closed before this proof's end", one._replace(trust=registry.trust(logs=[registry.listed_log((older.size, older.root))])), "closed_log"),
        ("log-closed-at-other-root", "the log was closed at this size with another root", one._replace(trust=registry.trust(logs=[registry.listed_log((proof.size, bytes(32)))])), "closed_log"),
    )  # fmt: skip
