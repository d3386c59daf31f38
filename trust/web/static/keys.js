// Keys that the browser makes and keeps. All but the recovery key are not extractable: this page,
// or whoever takes its place, can have them sign, and can never read them.

import { base58, concat, fromBase64Url } from "./encoding.js";

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export class NotHere extends Error {}

export function checkBrowser() {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) {
    throw new NotHere("Browsers let a page sign only over https, or on this machine itself.");
  }
}

export async function makeStatementKey() {
  return crypto.subtle.generateKey(P256, false, ["sign"]);
}

export async function makeUpdateKey(extractable = false) {
  try {
    return await crypto.subtle.generateKey("Ed25519", extractable, ["sign"]);
  } catch {
    throw new NotHere("This browser is too old: it cannot make Ed25519 keys. A newer one can, and so can the command line.");
  }
}

export const publicBytes = async (pair) =>
  new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));

export const publicInfo = async (pair) =>
  new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));

// The 32-byte seed of an extractable Ed25519 key.
export async function seed(pair) {
  return fromBase64Url((await crypto.subtle.exportKey("jwk", pair.privateKey)).d);
}

export async function signEd25519(pair, bytes) {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes));
}

// WebCrypto gives r and s side by side; a statement wants DER, and an s of at most half the order.
export async function signP256(pair, bytes) {
  const how = { name: "ECDSA", hash: "SHA-256" };
  const raw = new Uint8Array(await crypto.subtle.sign(how, pair.privateKey, bytes));
  const s = raw.slice(32).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const low = s > ORDER / 2n ? ORDER - s : s;
  const digits = low.toString(16).padStart(64, "0");
  const lowBytes = Uint8Array.from(digits.match(/../g), (pair_) => Number.parseInt(pair_, 16));
  const body = concat(integer(raw.slice(0, 32)), integer(lowBytes));
  return concat(Uint8Array.of(0x30, body.length), body);
}

function integer(bytes) {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const minimal = bytes.slice(start);
  const padded = minimal[0] & 0x80 ? concat(Uint8Array.of(0), minimal) : minimal;
  return concat(Uint8Array.of(0x02, padded.length), padded);
}

export const ed25519Multikey = (key) => `z${base58(concat(Uint8Array.of(0xed, 0x01), key))}`;

export function p256Multikey(point) {
  const parity = 2 + (point[64] & 1);
  return `z${base58(concat(Uint8Array.of(0x80, 0x24, parity), point.slice(1, 33)))}`;
}
