// Statements of a person, signed in this browser; the format is in specs/statement.md.

import {
  base64,
  canonicalBytes,
  concat,
  crockford,
  hex,
  random,
  sha256,
  utf8,
} from "./encoding.js";
import { p256Multikey, publicInfo, signP256 } from "./keys.js";

const PAYLOAD = "application/vnd.in-toto+json";
const ID_DIGITS = 16;

// `author` is {statement: the key pair, did, scid, version}, `log` what `registry.js` reads. `prove`
// returns the fact `presence` for a challenge, if somebody is to show that they are there.
async function sign(author, log, kind, digests, facts, hidden, prove = null) {
  const salt = hex(random(16));
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: digests.map((digest) => ({ name: "", digest: { sha256: digest } })),
    predicateType: `https://w3id.org/touchplate/${kind}/v1`,
    predicate: {
      registry: { origin: log.origin, logId: log.logId },
      signer: { id: author.did, version: author.version },
      salt,
      notBefore: log.checkpoint,
      facts,
      private: hidden === null ? null : { sha256: hex(await sha256(canonicalBytes(hidden))) },
    },
  };
  if (prove !== null) {
    const presence = await prove(await sha256(canonicalBytes(statement)));
    statement.predicate.facts = { ...facts, presence };
  }
  const payload = canonicalBytes(statement);
  const pae = concat(utf8(`DSSEv1 ${PAYLOAD.length} ${PAYLOAD} ${payload.length} `), payload);
  const signature = base64(await signP256(author.statement, pae));
  const name = `touchplate-id-v1\n${log.origin}\n${author.scid}\n${salt}`;
  return {
    id: crockford(await sha256(utf8(name)), ID_DIGITS),
    body: {
      envelope: {
        payload: base64(payload),
        payloadType: PAYLOAD,
        signatures: [{ keyid: "", sig: signature }],
      },
      private: hidden,
    },
  };
}

const blinded = (members) => ({ blind: hex(random(16)), ...members });

export async function makeEnrolment(author, log) {
  const digest = hex(await sha256(await publicInfo(author.statement)));
  const facts = { keyDetails: "PKIX_ECDSA_P256_SHA_256" };
  return sign(author, log, "enrolment", [digest], facts, null);
}

// `info` is the SPKI of the passkey's key, whose last 65 bytes are its point.
export async function makePasskeyStatement(author, log, info) {
  const facts = { key: p256Multikey(info.slice(-65)), keyDetails: "PKIX_ECDSA_P256_SHA_256" };
  return sign(author, log, "passkey", [hex(await sha256(info))], facts, null);
}

// A handle and a profile are about their own private part.
export async function makePrivate(author, log, kind, members) {
  const hidden = blinded(members);
  return sign(author, log, kind, [hex(await sha256(canonicalBytes(hidden)))], null, hidden);
}

// `files` is a list of {name, digest}; names in NFC, digests in hex.
export async function makeDeliverable(author, log, files, title, prove = null) {
  const hidden = blinded({ names: files.map((file) => file.name), ...(title ? { title } : {}) });
  const facts = { form: "files", offline: false, unlisted: false };
  const digests = files.map((file) => file.digest);
  return sign(author, log, "deliverable", digests, facts, hidden, prove);
}
