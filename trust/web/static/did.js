// The first entry of a person's key history (did:webvh 1.0); the rules are in specs/did.md.

import { base58, canonicalBytes, concat, sha256, time, utf8 } from "./encoding.js";
import { ed25519Multikey, p256Multikey, publicBytes, signEd25519 } from "./keys.js";

const PLACEHOLDER = "{SCID}";

const hash = async (bytes) => base58(concat(Uint8Array.of(0x12, 0x20), await sha256(bytes)));

// `update`, `next` and `recovery` are Ed25519 pairs, `statement` is the P-256 pair of this browser.
export async function makeGenesis(host, seconds, { statement, update, next, recovery }) {
  const updateKey = ed25519Multikey(await publicBytes(update));
  const announced = [];
  for (const pair of [next, recovery]) {
    announced.push(await hash(utf8(ed25519Multikey(await publicBytes(pair)))));
  }
  const signing = p256Multikey(await publicBytes(statement));
  const body = (scid) => ({
    versionId: scid,
    versionTime: time(seconds),
    parameters: {
      method: "did:webvh:1.0",
      scid,
      portable: true,
      updateKeys: [updateKey],
      nextKeyHashes: announced,
    },
    state: didDocument(`did:webvh:${scid}:${host.replace(":", "%3A")}:p:${scid}`, signing),
  });
  const scid = await hash(canonicalBytes(body(PLACEHOLDER)));
  const entry = body(scid);
  entry.versionId = `1-${await hash(canonicalBytes(entry))}`;
  entry.proof = [await makeProof(entry, update, updateKey, seconds)];
  return { did: entry.state.id, scid, version: entry.versionId, entry };
}

function didDocument(did, multikey) {
  const name = `${did}#${multikey}`;
  return {
    "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
    id: did,
    verificationMethod: [
      { id: name, type: "Multikey", controller: did, publicKeyMultibase: multikey },
    ],
    assertionMethod: [name],
  };
}

async function makeProof(document, pair, multikey, seconds) {
  const options = {
    type: "DataIntegrityProof",
    cryptosuite: "eddsa-jcs-2022",
    created: time(seconds),
    verificationMethod: `did:key:${multikey}#${multikey}`,
    proofPurpose: "assertionMethod",
  };
  const signed = concat(
    await sha256(canonicalBytes(options)),
    await sha256(canonicalBytes(document)),
  );
  return { ...options, proofValue: `z${base58(await signEd25519(pair, signed))}` };
}
