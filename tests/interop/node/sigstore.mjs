// Asks @sigstore/verify whether a bundle holds. It never looks at the file: its digest is printed.
//
//   node sigstore.mjs TRUSTED_ROOT BUNDLE IDENTITY ISSUER
import fs from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const [root, path, identity, issuer] = process.argv.slice(2);
const read = (name) => JSON.parse(fs.readFileSync(name, "utf8"));
try {
  const bundle = bundleFromJSON(read(path));
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(read(root))));
  verifier.verify(toSignedEntity(bundle), {
    subjectAlternativeName: identity,
    extensions: { issuer },
  });
  const statement = JSON.parse(bundle.content.dsseEnvelope.payload.toString("utf8"));
  for (const subject of statement.subject) console.log(subject.digest.sha256);
} catch (error) {
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
