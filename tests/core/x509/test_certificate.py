"""Our certificates as strangers read them: `cryptography` and OpenSSL, which did not lay them."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, ObjectIdentifier
from pki import LEAF_TERM, NOW, PUBLIC_URL, ROOT_TERM, SAN_URI, SCT_TIME_MS, TSA_TERM, Pki, log_id

from trust.core.errors import NotInTrustFile, VerificationFailed
from trust.core.x509 import writer
from trust.core.x509.certificate import (
    Certificate,
    check_leaf,
    check_sct,
    check_tsa,
    parse_certificate,
)
from trust.core.x509.sct import sct_message
from trust.custody.signers import P256Signer, generate_p256

ISSUER_RAW = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_DER = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")


def as_stranger(certificate: Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.der)


def critical(certificate: Certificate) -> set[ObjectIdentifier]:
    return {item.oid for item in as_stranger(certificate).extensions if item.critical}


def test_a_stranger_reads_the_same_fields(pki: Pki) -> None:
    for ours in (pki.ca, pki.root, pki.tsa, pki.leaf):
        theirs = as_stranger(ours)
        assert theirs.version is x509.Version.v3
        assert theirs.serial_number == ours.serial
        assert theirs.tbs_certificate_bytes == ours.tbs
        assert theirs.signature == ours.signature
        assert theirs.issuer.public_bytes() == ours.issuer
        assert theirs.subject.public_bytes() == ours.subject
        assert theirs.not_valid_before_utc == datetime.fromtimestamp(ours.not_before, UTC)
        assert theirs.not_valid_after_utc == datetime.fromtimestamp(ours.not_after, UTC)
        assert isinstance(theirs.signature_hash_algorithm, hashes.SHA256)
        key = theirs.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key == ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), ours.point)
    assert (pki.ca.not_before, pki.ca.not_after) == ROOT_TERM
    assert (pki.tsa.not_before, pki.tsa.not_after) == TSA_TERM
    assert (pki.leaf.not_before, pki.leaf.not_after) == LEAF_TERM


def test_a_stranger_verifies_the_chains(pki: Pki) -> None:
    ca, root = as_stranger(pki.ca), as_stranger(pki.root)
    ca.verify_directly_issued_by(ca)
    root.verify_directly_issued_by(root)
    as_stranger(pki.leaf).verify_directly_issued_by(ca)
    as_stranger(pki.tsa).verify_directly_issued_by(root)


def test_extensions_of_a_leaf(pki: Pki) -> None:
    found = as_stranger(pki.leaf).extensions
    names = found.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [SAN_URI]
    assert list(found.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.CODE_SIGNING
    ]
    usage = found.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert not usage.crl_sign
    assert not usage.content_commitment
    raw = found.get_extension_for_oid(ISSUER_RAW).value
    encoded = found.get_extension_for_oid(ISSUER_DER).value
    assert isinstance(raw, x509.UnrecognizedExtension)
    assert isinstance(encoded, x509.UnrecognizedExtension)
    assert raw.value == PUBLIC_URL.encode()
    assert encoded.value == b"\x0c" + bytes([len(PUBLIC_URL)]) + PUBLIC_URL.encode()
    # RFC 5280, 4.2.1.6: critical, because the subject is empty; no name, handle or e-mail in it.
    assert critical(pki.leaf) == {ExtensionOID.SUBJECT_ALTERNATIVE_NAME, ExtensionOID.KEY_USAGE}
    assert not list(as_stranger(pki.leaf).subject)
    assert (pki.leaf.san_uri, pki.leaf.issuer_url) == (SAN_URI, PUBLIC_URL)


def test_extensions_of_roots_and_of_the_tsa(pki: Pki) -> None:
    for root in (pki.ca, pki.root):
        found = as_stranger(root).extensions
        constraints = found.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical
        assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)
        usage = found.get_extension_for_class(x509.KeyUsage).value
        assert usage.key_cert_sign
        assert not usage.digital_signature
    found = as_stranger(pki.tsa).extensions
    purposes = found.get_extension_for_class(x509.ExtendedKeyUsage)
    assert purposes.critical
    assert list(purposes.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    assert not found.get_extension_for_class(x509.BasicConstraints).value.ca


def test_key_identifiers_lead_from_leaf_to_issuer(pki: Pki) -> None:
    for leaf, issuer in ((pki.leaf, pki.ca), (pki.tsa, pki.root), (pki.ca, pki.ca)):
        own = as_stranger(leaf).extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
        upper = as_stranger(issuer).extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        assert own.value.key_identifier == upper.value.digest


def test_a_stranger_finds_the_precertificate_and_verifies_the_sct(pki: Pki) -> None:
    theirs = as_stranger(pki.leaf)
    assert theirs.tbs_precertificate_bytes == pki.leaf.precertificate_tbs == pki.tbs()
    listed = theirs.extensions.get_extension_for_class(
        x509.PrecertificateSignedCertificateTimestamps
    )
    (sct,) = listed.value
    assert theirs.extensions[len(theirs.extensions) - 1].oid == listed.oid  # the list goes in last
    assert sct.version is x509.certificate_transparency.Version.v1
    assert sct.log_id == log_id(pki.sct_key)
    assert sct.timestamp.replace(tzinfo=UTC) == datetime.fromtimestamp(SCT_TIME_MS / 1000, UTC)
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), pki.sct_key.public_key)
    signed = sct_message(pki.ca.point, theirs.tbs_precertificate_bytes, SCT_TIME_MS)
    key.verify(sct.signature, signed, ec.ECDSA(hashes.SHA256()))


def test_without_an_sct_the_precertificate_is_the_certificate(pki: Pki) -> None:
    bare = parse_certificate(writer.issue(pki.tbs(), pki.ca_key))
    assert bare.sct is None
    assert bare.precertificate_tbs == bare.tbs == pki.tbs()
    with pytest.raises(VerificationFailed) as refusal:
        check_sct(bare, pki.ca, {log_id(pki.sct_key): pki.sct_key.public_key})
    assert refusal.value.reason == "no_sct"


def test_our_own_checks_accept(pki: Pki) -> None:
    check_leaf(pki.leaf, pki.ca, NOW)
    check_sct(pki.leaf, pki.ca, {log_id(pki.sct_key): pki.sct_key.public_key})
    check_tsa(pki.tsa, pki.root, NOW)


def refusal_of_leaf(leaf: Certificate, ca: Certificate, at: int) -> str | None:
    try:
        check_leaf(leaf, ca, at)
    except VerificationFailed as error:
        return error.reason if error.step == 3 else f"step {error.step}"
    return None


START, END = LEAF_TERM


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (START - 1, "certificate_not_yet_valid"),
        (START, None),
        (END - 1, None),
        (END, "certificate_expired"),
    ],
)
def test_validity_of_a_leaf_is_half_open(pki: Pki, at: int, reason: str | None) -> None:
    assert refusal_of_leaf(pki.leaf, pki.ca, at) == reason


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (ROOT_TERM[0] - 1, "certificate_not_yet_valid"),
        (ROOT_TERM[0], None),
        (ROOT_TERM[1] - 1, None),
        (ROOT_TERM[1], "certificate_expired"),
    ],
)
def test_validity_of_the_ca_counts_too(pki: Pki, at: int, reason: str | None) -> None:
    term = (ROOT_TERM[0] - 10, ROOT_TERM[1] + 10)  # a leaf that outlives its CA
    leaf = parse_certificate(writer.issue(pki.tbs(validity=term), pki.ca_key))
    assert refusal_of_leaf(leaf, pki.ca, at) == reason


def test_another_ca_is_refused_by_name_and_by_key(pki: Pki) -> None:
    stranger = P256Signer(generate_p256())
    assert refusal_of_leaf(pki.leaf, pki.root, NOW) == "wrong_issuer"
    namesake = pki.root_of(stranger, "CA")
    assert namesake.subject == pki.ca.subject
    assert refusal_of_leaf(pki.leaf, namesake, NOW) == "bad_ca_signature"


def test_a_creator_cannot_issue_certificates(pki: Pki) -> None:
    # Ana's own leaf as the CA of a certificate that she makes for anyone she likes.
    tbs = writer.signer_tbs(
        pki.leaf, pki.sct_key.public_key, f"{PUBLIC_URL}/p/Ben", PUBLIC_URL, 5, LEAF_TERM
    )
    forged = parse_certificate(writer.issue(tbs, pki.ana))
    assert forged.issuer == pki.leaf.subject
    assert refusal_of_leaf(forged, pki.leaf, NOW) == "wrong_issuer"


def test_each_certificate_serves_its_own_purpose_only(pki: Pki) -> None:
    assert refusal_of_leaf(pki.ca, pki.ca, NOW) == "wrong_usage"
    assert refusal_of_leaf(pki.tsa, pki.root, NOW) == "wrong_usage"
    for leaf, issuer in ((pki.leaf, pki.ca), (pki.root, pki.root)):
        with pytest.raises(VerificationFailed) as refusal:
            check_tsa(leaf, issuer, NOW)
        assert refusal.value.reason == "wrong_usage"


def test_an_sct_of_an_unlisted_key_asks_for_a_newer_trust_file(pki: Pki) -> None:
    with pytest.raises(NotInTrustFile) as refusal:
        check_sct(pki.leaf, pki.ca, {bytes(32): pki.sct_key.public_key})
    assert refusal.value.step == 3


def test_scts_that_do_not_hold(pki: Pki) -> None:
    listed = {log_id(pki.sct_key): pki.sct_key.public_key}
    sct = pki.sct()
    later = sct[:33] + (SCT_TIME_MS + 1).to_bytes(8, "big") + sct[41:]
    cases = [
        (parse_certificate(pki.leaf_der(later)), pki.ca, listed),  # the time is signed
        (pki.leaf, pki.root, listed),  # so is the issuer
        (pki.leaf, pki.ca, {log_id(pki.sct_key): pki.ana.public_key}),
    ]
    other = pki.tbs(validity=(START, END - 1))
    cases.append((pki.leaf._replace(precertificate_tbs=other), pki.ca, listed))
    for leaf, ca, keys in cases:
        with pytest.raises(VerificationFailed) as refusal:
            check_sct(leaf, ca, keys)
        assert refusal.value.reason == "bad_sct"
        assert refusal.value.step == 3


def test_openssl_reads_every_certificate(pki: Pki, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine")
    wanted = {
        "ca": (pki.ca, ["CA:TRUE, pathlen:0", "Certificate Sign"]),
        "tsa": (pki.tsa, ["Time Stamping", "CA:FALSE"]),
        "leaf": (pki.leaf, ["Code Signing", f"URI:{SAN_URI}", "CT Precertificate SCTs"]),
    }
    for name, (certificate, phrases) in wanted.items():
        file = tmp_path / f"{name}.der"
        file.write_bytes(certificate.der)
        command = ["openssl", "x509", "-inform", "DER", "-noout", "-text", "-in", str(file)]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert [phrase for phrase in phrases if phrase not in text] == []
