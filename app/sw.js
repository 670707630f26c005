// Keeps the page for when there is no network, each version of it in a cache of its own. The build fills in the
// version, its files and the paths of the page (ADR 0013).
//
// A page that is open stays what it is: the name of a file of the program says what is in it, so that whichever cache
// has it is the right one. A page that is loaded anew is the newest version that is wholly here, also while the worker
// of that version waits: no worker takes the place of one that is at work.
const VERSION = "{{version}}";
/** What a page needs to start; then whatever it may ask for later. */
const CORE = {{core}};
const REST = {{rest}};
const PAGES = {{pages}};

const FAMILY = "tepal-";
const NAME = FAMILY + VERSION;
const FILES = [...CORE, ...REST];

const kept = (path, cacheName) => caches.match(path, { cacheName, ignoreVary: true });
const isHashed = (path) => path.startsWith("/app-");

addEventListener("install", (event) => event.waitUntil(keep()));

/** Keeps this version, or nothing of it. */
async function keep() {
  // One that was here before an older one came back stands at the wrong place among the others.
  await caches.delete(NAME);
  try {
    const cache = await caches.open(NAME);
    // Who saves data keeps what a page starts with, and then what was used.
    const files = navigator.connection?.saveData ? CORE : FILES;
    const request = (path) =>
      new Request(path, { cache: isHashed(path) ? "default" : "no-cache", priority: "low" });
    await cache.addAll(["/", ...files].map(request));
    // The site may have been updated in between: then the next look brings all of the next version.
    const page = await (await kept("/", NAME)).text();
    if (!page.includes(VERSION)) throw new Error("the page is of another version");
  } catch (error) {
    await caches.delete(NAME);
    throw error;
  }
}

// The first page is served from here on too, with no reload in between. Whoever was served by an older worker is gone:
// this one waited for that.
addEventListener("activate", (event) => event.waitUntil(Promise.all([clients.claim(), tidy()])));

async function tidy() {
  const names = await caches.keys();
  // Behind this one is one that is on its way.
  const older = names.slice(0, Math.max(0, names.indexOf(NAME))).filter((name) => name.startsWith(FAMILY));
  await Promise.all(older.map((name) => caches.delete(name)));
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    // Any other path is the site's to answer, also that it is none.
    if (PAGES.includes(pathname.replace(/(.)\/$/, "$1"))) event.respondWith(page(request));
  } else if (isHashed(pathname) || FILES.includes(pathname)) {
    event.respondWith(file(request, pathname));
  }
});

async function page(request) {
  return (registration.waiting && (await newest())) || (await kept("/", NAME)) || fetch(request);
}

async function newest() {
  const names = (await caches.keys()).filter((name) => name.startsWith(FAMILY));
  return kept("/", names.at(-1));
}

async function file(request, path) {
  const answer = (await kept(path, NAME)) ?? (isHashed(path) ? await kept(path) : undefined);
  if (answer) return answer;
  const fetched = await fetch(request);
  if (FILES.includes(path)) {
    const cache = await caches.open(NAME);
    if (fetched.ok) await cache.put(path, fetched.clone());
    // Neither here nor there any more: a reload has to bring the version that the site has now.
    else if (fetched.status === 404) await cache.delete("/", { ignoreVary: true });
  }
  return fetched;
}
