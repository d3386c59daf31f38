// Reads and writes DID logs with didwebvh-ts. It brings no cryptography: node:crypto is ours to add.
//
//   node didwebvh.mjs read LOG [VERSION_NUMBER]      resolve a did.jsonl on disk
//   node didwebvh.mjs resolve DID SERVER             resolve a DID; its https host is at SERVER here
//   node didwebvh.mjs write HOST MULTIKEY [NEW_HOST]  print a log of three entries, two rotations;
//                                                    the document holds MULTIKEY, the last moves it
import crypto from "node:crypto";
import fs from "node:fs";
import {
  AbstractCrypto,
  MultibaseEncoding,
  createDID,
  deriveNextKeyHash,
  multibaseEncode,
  prepareDataForSigning,
  resolveDID,
  resolveDIDFromLog,
  updateDID,
} from "didwebvh-ts";

const SPKI = Buffer.from("302a300506032b6570032100", "hex"); // of an Ed25519 key, which follows
const ED25519 = Buffer.from([0xed, 0x01]);
const HOUR = 3600_000;

class Keys extends AbstractCrypto {
  static generate() {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ed25519");
    const raw = publicKey.export({ format: "der", type: "spki" }).subarray(SPKI.length);
    const multikey = multibaseEncode(Buffer.concat([ED25519, raw]), MultibaseEncoding.BASE58_BTC);
    const keys = new Keys({ verificationMethod: { type: "Multikey", publicKeyMultibase: multikey } });
    return Object.assign(keys, { privateKey, multikey });
  }

  async sign({ document, proof }) {
    const signature = crypto.sign(null, await prepareDataForSigning(document, proof), this.privateKey);
    return { proofValue: multibaseEncode(signature, MultibaseEncoding.BASE58_BTC) };
  }

  async verify(signature, message, publicKey) {
    const key = { key: Buffer.concat([SPKI, publicKey]), format: "der", type: "spki" };
    return crypto.verify(null, message, crypto.createPublicKey(key), signature);
  }
}

const verifier = new Keys({});

async function read(path, number) {
  const lines = fs.readFileSync(path, "utf8").trim().split("\n");
  const versionNumber = number && Number(number);
  return resolveDIDFromLog(lines.map(JSON.parse), { verifier, versionNumber });
}

async function resolve(did, server) {
  const fetchHere = globalThis.fetch;
  globalThis.fetch = (url) => fetchHere(server + new URL(url).pathname);
  const resolved = await resolveDID(did, { verifier });
  if (resolved.meta.error) {
    throw new Error(`${resolved.meta.error}: ${resolved.meta.problemDetails.detail}`);
  }
  return resolved;
}

async function write(host, multikey, newHost) {
  const keys = Array.from({ length: 4 }, () => Keys.generate());
  const rotation = async (place) => ({
    signer: keys[place],
    updateKeys: [keys[place].multikey],
    nextKeyHashes: [await deriveNextKeyHash(keys[place + 1].multikey)],
    verifier,
  });
  const at = (hours) => new Date(Date.now() - hours * HOUR).toISOString().replace(/\.\d+/, "");
  const methods = [{ type: "Multikey", publicKeyMultibase: multikey, purpose: "assertionMethod" }];
  let { log } = await createDID({
    ...(await rotation(0)),
    address: `did:webvh:{SCID}:${host}:p:{SCID}`,
    portable: true,
    verificationMethods: methods,
    created: at(3),
  });
  ({ log } = await updateDID({ ...(await rotation(1)), log, updated: at(2) }));
  const moved = newHost && { address: `did:webvh:${log[0].parameters.scid}:${newHost}`, verificationMethods: methods };
  ({ log } = await updateDID({ ...(await rotation(2)), ...moved, log, updated: at(1) }));
  return log;
}

try {
  const [verb, ...rest] = process.argv.slice(2);
  const result = await { read, resolve, write }[verb](...rest);
  console.log(JSON.stringify(result));
} catch (error) {
  console.error(`refused: ${error.message}`);
  process.exitCode = 1;
}
