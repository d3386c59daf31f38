// A passkey shows that somebody was there who could unlock it, for exactly one statement; the rules
// are in specs/presence.md.

import { base64, concat, random } from "./encoding.js";

export const supported = () => Boolean(globalThis.PublicKeyCredential);

// Makes a passkey for this site; returns {credential, info}: its name, and its public key as SPKI.
export async function makePasskey(handle) {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: random(32),
      rp: { id: location.hostname, name: location.host },
      user: { id: random(16), name: `@${handle}`, displayName: `@${handle}` },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { userVerification: "required" },
      attestation: "none",
    },
  });
  const credential = new Uint8Array(made.rawId);
  return { credential, info: new Uint8Array(made.response.getPublicKey()) };
}

// Has a passkey unlocked for a challenge; returns the fact `presence`.
export async function unlock(passkey, challenge) {
  const found = await navigator.credentials.get({
    publicKey: {
      challenge,
      rpId: location.hostname,
      allowCredentials: [{ type: "public-key", id: passkey.credential }],
      userVerification: "required",
    },
  });
  const bytes = (name) => base64(concat(new Uint8Array(found.response[name])));
  return {
    passkey: passkey.id,
    authenticatorData: bytes("authenticatorData"),
    clientDataJSON: bytes("clientDataJSON"),
    signature: bytes("signature"),
  };
}
