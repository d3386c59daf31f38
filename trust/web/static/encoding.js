// Bytes as text, the ways that the formats want: the counterpart of trust/core/encoding.py.

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export const utf8 = (text) => new TextEncoder().encode(text);

export const random = (size) => crypto.getRandomValues(new Uint8Array(size));

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0));

export const fromBase64Url = (text) => fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));

const number = (bytes) => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

export function base58(bytes) {
  let left = number(bytes);
  let digits = "";
  for (; left > 0n; left /= 58n) digits = BASE58[Number(left % 58n)] + digits;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return "1".repeat(zeros < 0 ? bytes.length : zeros) + digits;
}

export function crockford(bytes, digits) {
  const spare = Math.max(0, digits * 5 - bytes.length * 8);
  const width = BigInt(bytes.length * 8 + spare);
  const bits = number(bytes) << BigInt(spare);
  let text = "";
  for (let place = 1n; place <= BigInt(digits); place += 1n) {
    text += CROCKFORD[Number((bits >> (width - 5n * place)) & 31n)];
  }
  return text;
}

export const grouped = (digits) => digits.toUpperCase().match(/.{1,4}/g).join("-");

// RFC 8785 for what we sign: objects, lists, text, whole numbers, true, false and null. JavaScript
// sorts names as the RFC wants, by UTF-16, and writes text as it says.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.keys(value).sort();
    return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error("not a whole number");
  return JSON.stringify(value);
}

export const canonicalBytes = (value) => utf8(canonical(value));

export const time = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
