// The page /join: keys are made here, the recovery key is shown once, then the registry is asked.

import { crockford, grouped, sha256 } from "./encoding.js";
import { makeGenesis } from "./did.js";
import { checkBrowser, makeStatementKey, makeUpdateKey, seed } from "./keys.js";
import { busy, only, put, start } from "./page.js";
import { newestLog, publish } from "./registry.js";
import { makeEnrolment, makePrivate } from "./statement.js";
import { keep, load, persist } from "./store.js";

const RESEND_WITHIN = 23 * 3600; // seconds; after 24 hours the registry starts again
const now = () => Math.floor(Date.now() / 1000);

async function begin() {
  checkBrowser();
  const person = await load();
  if (person?.joined) {
    show(person);
  } else {
    only("ask");
  }
}

function show(person) {
  put("handle-shown", `@${person.handle}`);
  only("done");
}

async function ask(form) {
  const asked = {
    handle: form.handle.value.trim().replace(/^@/, "").toLowerCase(),
    name: form.name.value.trim().normalize("NFC"),
  };
  const person = await load();
  if (person) return send({ ...person, asked });
  const keys = {
    statement: await makeStatementKey(),
    update: await makeUpdateKey(),
    next: await makeUpdateKey(),
  };
  const recovery = await makeUpdateKey(true);
  const log = await newestLog();
  // A clock that is ahead of the registry's would date a DID that it cannot take yet.
  const made = await makeGenesis(log.didHost, Math.min(now(), signedAt(log)), { ...keys, recovery });
  await showRecovery(await seed(recovery));
  pending = { keys, ...made, asked };
  return undefined;
}

let pending; // until its owner has written the recovery key down

async function showRecovery(bytes) {
  const digits = crockford(bytes, 52) + crockford(await sha256(bytes), 4);
  put("recovery-key", grouped(digits));
  only("recovery");
}

async function confirm() {
  put("recovery-key", "");
  await keep(pending);
  await persist();
  await send(pending);
}

async function send(person) {
  const log = await newestLog();
  const author = { ...person, statement: person.keys.statement };
  const same = JSON.stringify(person.sent?.asked) === JSON.stringify(person.asked);
  if (!same || now() - person.sent.at > RESEND_WITHIN) {
    const profile = person.asked.name ? { name: person.asked.name } : {};
    const statements = [
      await makeEnrolment(author, log),
      await makePrivate(author, log, "handle", { handle: person.asked.handle }),
      await makePrivate(author, log, "profile", profile),
    ];
    const body = { didLog: [person.entry], statements: statements.map((item) => item.body) };
    person.sent = { asked: person.asked, at: now(), body };
    await keep(person);
  }
  await publish(person.sent.body);
  const { keys, did, scid, version, entry, asked } = person;
  const joined = { keys, did, scid, version, entry, handle: asked.handle, joined: true, certified: now() };
  await keep(joined);
  show(joined);
}

// The clock line of a note: 4 bytes of key id, 8 bytes of seconds, the signature.
function signedAt(log) {
  const lines = log.checkpoint.split("\n").filter((line) => line.startsWith("\u2014 "));
  const times = lines.map((line) => atob(line.split(" ")[2])).filter((blob) => blob.length === 76);
  const seconds = times.map((blob) =>
    [...blob.slice(4, 12)].reduce((sum, digit) => sum * 256 + digit.charCodeAt(0), 0),
  );
  return Math.min(...seconds);
}

document.getElementById("ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(event.submitter, () => ask(event.target.elements), "ask");
});
document.getElementById("written").addEventListener("change", (event) => {
  document.getElementById("go-on").disabled = !event.target.checked;
});
document.getElementById("go-on").addEventListener("click", (event) => {
  busy(event.target, confirm, "ask");
});
start(begin);
