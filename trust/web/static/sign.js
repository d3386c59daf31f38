// The page /sign: files are hashed here and never sent; a statement about them is signed and sent.

import { hex, sha256 } from "./encoding.js";
import { checkBrowser } from "./keys.js";
import { busy, only, put, start } from "./page.js";
import { dossier, newestLog, publish } from "./registry.js";
import { makePasskey, supported, unlock } from "./passkey.js";
import { makeDeliverable, makeEnrolment, makePasskeyStatement } from "./statement.js";
import { keep, load } from "./store.js";

const MAX_FILE = 512 * 2 ** 20; // bytes: a browser hashes a file in one piece
const RENEW_AFTER = 335 * 24 * 3600; // seconds; a certificate lasts a year
const now = () => Math.floor(Date.now() / 1000);

async function begin() {
  checkBrowser();
  const person = await load();
  if (!person?.joined) {
    only("nobody");
    return;
  }
  put("handle-shown", `@${person.handle}`);
  only("ask");
  show(person);
}

function show(person) {
  document.getElementById("present-part").hidden = !person.passkey;
  document.getElementById("passkey-part").hidden = Boolean(person.passkey) || !supported();
}

async function addPasskey() {
  const person = await load();
  const made = await makePasskey(person.handle);
  const author = { ...person, statement: person.keys.statement };
  const signed = await makePasskeyStatement(author, await newestLog(), made.info);
  await publish(signed.body);
  person.passkey = { id: signed.id, credential: made.credential };
  await keep(person);
  show(person);
}

async function hashed(file) {
  if (file.size > MAX_FILE) {
    throw new Error(`${file.name} is larger than 512 MiB: sign it with the command line.`);
  }
  const digest = await sha256(await file.arrayBuffer());
  return { name: file.name.normalize("NFC"), digest: hex(digest) };
}

// What was signed and sent, and not answered: sent again it is the same statement, never a second.
let unanswered;

async function sign(form) {
  const person = await load();
  const author = { ...person, statement: person.keys.statement };
  const log = await newestLog();
  if (now() - person.certified > RENEW_AFTER) {
    await publish((await makeEnrolment(author, log)).body);
    await keep({ ...person, certified: now() });
  }
  const files = [];
  for (const [place, file] of [...form.files.files].entries()) {
    put("progress", `${place + 1} / ${form.files.files.length}: ${file.name}`);
    files.push(await hashed(file));
  }
  put("progress", "");
  const title = form.title.value.trim().normalize("NFC");
  const present = form.present.checked && Boolean(person.passkey);
  const what = JSON.stringify([files, title, present]);
  if (unanswered?.what !== what) {
    const prove = present ? (challenge) => unlock(person.passkey, challenge) : null;
    unanswered = { what, signed: await makeDeliverable(author, log, files, title, prove) };
  }
  const { signed } = unanswered;
  await publish(signed.body);
  unanswered = undefined;
  await report(person, log, files, signed.id);
}

async function report(person, log, files, id) {
  const page = document.getElementById("page-link");
  page.href = `/v/${id}`;
  page.textContent = `${log.publicUrl}/v/${id}`;
  const link = document.getElementById("dossier-link");
  link.href = URL.createObjectURL(await dossier(id));
  link.download = `${files.length === 1 ? files[0].name : id}.touchplate.json`;
  link.textContent = link.download;
  put("check", `touchplate verify ${quoted(files, link.download)} --signer @${person.handle}`);
  only("done");
}

const quoted = (files, whole) => {
  const name = files.length === 1 ? files[0].name : whole;
  return /^[\w.,@/+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
};

document.getElementById("ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(event.submitter, () => sign(event.target.elements), "ask");
});
document.getElementById("add-passkey").addEventListener("click", (event) => {
  busy(event.target, addPasskey, "ask");
});
document.getElementById("again").addEventListener("click", () => {
  document.getElementById("ask-form").reset();
  only("ask");
});
start(begin);
