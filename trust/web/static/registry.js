// What these pages ask of the registry that serves them.

import { base64, canonical, fromBase64, concat, sha256, utf8 } from "./encoding.js";

export class Refused extends Error {}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { cache: "no-store", redirect: "error", ...options });
  } catch {
    throw new Refused("The registry does not answer. Nothing is lost: try again.");
  }
  if (!answer.ok) throw new Refused(await reason(answer));
  return answer;
}

async function reason(answer) {
  try {
    const problem = await answer.json();
    return `${problem.title}: ${problem.detail}`;
  } catch {
    return `The registry answered with status ${answer.status}.`;
  }
}

// The newest log: {publicUrl, host, didHost, origin, logId, checkpoint}.
export async function newestLog() {
  const envelope = await (await ask("/v1/trust")).json();
  const trust = JSON.parse(new TextDecoder().decode(fromBase64(envelope.payload)));
  const log = trust.logs.find((item) => item.closed === null);
  const checkpoint = await (await ask("/api/v2/checkpoint")).text();
  return {
    publicUrl: trust.publicUrl,
    host: new URL(trust.publicUrl).host,
    didHost: didHost(new URL(trust.publicUrl), log.origin),
    origin: log.origin,
    logId: base64(await logId(log)),
    checkpoint,
  };
}

// name+id+base64 of type and key: the id of a log is SHA-256 of name, line feed, type and key.
async function logId(log) {
  const [name, , ...key] = log.logKey.split("+"); // base64 may hold a + of its own
  return sha256(concat(utf8(`${name}\n`), fromBase64(key.join("+"))));
}

// A DID wants a host with a dot that is no address; without one the origin of the log stands there.
function didHost(url, origin) {
  const named = url.hostname.includes(".") && !/^[\d.]+$|^\[/.test(url.hostname);
  return url.host.replace(url.hostname, named ? url.hostname : origin);
}

export async function publish(body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await ask("/v1/statements", { method: "POST", headers, body: canonical(body) });
  return answer.json();
}

export async function dossier(id) {
  const headers = { Accept: "application/vnd.touchplate.dossier.v1+json" };
  return (await ask(`/v1/attestations/${id}`, { headers })).blob();
}
