"""A certificate taken apart, so that one field or extension of it can be another one."""

import hashlib
from typing import NamedTuple

from trust.core.keys import der
from trust.core.keys.p256 import spki
from trust.core.keys.signer import Signer
from trust.core.x509 import certificate as profile
from trust.core.x509.certificate import Certificate
from trust.core.x509.sct import encode_sct, sct_message

FIELDS = ("version", "serial", "algorithm", "issuer", "validity", "subject", "key")


class Extension(NamedTuple):
    """One extension; `flag` is the DER of `critical`, empty when it is absent."""

    oid: bytes
    flag: bytes
    value: bytes

    @property
    def encoded(self) -> bytes:
        """The DER of it."""
        return der.sequence(self.oid, self.flag, der.octets(self.value))


class Draft(NamedTuple):
    """Fields by name, each as DER; `more` stands between the key and the extensions."""

    fields: dict[str, bytes]
    extensions: tuple[Extension, ...]
    more: bytes = b""

    @staticmethod
    def of(certificate: bytes) -> "Draft":
        """Take a certificate apart."""
        tbs = der.Reader(certificate, "draft").enter().enter()
        fields = {}
        for name in FIELDS:
            tag = tbs.peek()
            if tag is None:
                raise ValueError(name)
            fields[name] = tbs.element(tag)
        items = tbs.enter(0xA3).enter()
        found = []
        while items.peek() is not None:
            item = items.enter()
            oid = item.element(der.OID)
            flag = item.element(der.BOOLEAN) if item.peek() == der.BOOLEAN else b""
            found.append(Extension(oid, flag, item.take(der.OCTET_STRING)))
        return Draft(fields, tuple(found))

    def field(self, name: str, value: bytes) -> "Draft":
        """Return the draft with another field."""
        return self._replace(fields={**self.fields, name: value})

    def put(self, oid: bytes, value: bytes, *, flag: bytes | None = None) -> "Draft":
        """Return the draft with another value of an extension, or with a new one at the end."""
        known = {item.oid: item for item in self.extensions}
        old = known.get(oid, Extension(oid, b"", b""))
        new = Extension(oid, old.flag if flag is None else flag, value)
        if oid not in known:
            return self._replace(extensions=(*self.extensions, new))
        return self._replace(
            extensions=tuple(new if item.oid == oid else item for item in self.extensions)
        )

    def without(self, oid: bytes) -> "Draft":
        """Return the draft without an extension."""
        kept = tuple(item for item in self.extensions if item.oid != oid)
        return self._replace(extensions=kept)

    @property
    def tbs(self) -> bytes:
        """The TBS."""
        listed = der.sequence(*(item.encoded for item in self.extensions))
        fields = (self.fields[name] for name in FIELDS)
        return der.sequence(*fields, self.more, der.context(3, listed))

    def issue(self, ca_key: Signer, algorithm: bytes = profile.ECDSA_SHA256) -> bytes:
        """Sign it as it is."""
        return der.sequence(self.tbs, algorithm, der.bits(ca_key.sign(self.tbs)))

    def promise(self, ca: Certificate, sct_key: Signer, seconds: int) -> "Draft":
        """Return the draft with a new SCT over all the rest of it."""
        bare = self.without(profile.SCT_LIST)
        signature = sct_key.sign(sct_message(ca.point, bare.tbs, seconds * 1000))
        log_id = hashlib.sha256(spki(sct_key.public_key)).digest()
        return bare.put_scts(encode_sct(log_id, seconds * 1000, signature))

    def put_scts(self, *scts: bytes) -> "Draft":
        """Return the draft with these SCTs in its list."""
        listed = b"".join(len(sct).to_bytes(2) + sct for sct in scts)
        return self.put(profile.SCT_LIST, der.octets(len(listed).to_bytes(2) + listed))
