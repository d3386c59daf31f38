// What the two pages share: one part is shown at a time, and what went wrong is said in words.

const parts = () => document.querySelectorAll("[data-part]");

export function only(name) {
  for (const part of parts()) part.hidden = part.dataset.part !== name;
  document.getElementById("fault").hidden = true;
}

export function put(id, text) {
  document.getElementById(id).textContent = text;
}

export function fail(error, stay) {
  if (stay) only(stay);
  put("fault-text", error?.message ?? String(error));
  document.getElementById("fault").hidden = false;
}

// Runs work for a button, which cannot be pressed twice meanwhile.
export async function busy(button, work, stay) {
  button.disabled = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    fail(error, stay);
  } finally {
    button.disabled = false;
    document.body.removeAttribute("aria-busy");
  }
}

export async function start(work) {
  try {
    await work();
  } catch (error) {
    only("");
    fail(error);
  }
}
