// What this browser keeps: one person for each registry, with keys that cannot be read out.

const NAME = "touchplate";
const WHO = "who";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(WHO);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(WHO, mode, { durability: "strict" });
      const request = work(transaction.objectStore(WHO));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const load = () => run("readonly", (store) => store.get("person"));

export const keep = (person) => run("readwrite", (store) => store.put(person, "person"));

// Asks the browser not to throw the keys away when the disk fills up; it may say no.
export const persist = async () => Boolean(await navigator.storage?.persist?.());
