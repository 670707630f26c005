// Has the page kept for when there is no network, and finds out about a new version of it (ADR 0013). What it knows
// stands on the document: `data-kept` if this version is here, `data-update` if another one is. "tepal-kept" tells of
// a change.
//
// Each version is in a cache of its name, the newest is the last (see sw.js).
const FAMILY = "tepal-";
const NAME = FAMILY + document.querySelector("meta[name=version]").content;
const WAIT_MILLIS = 3000;
const UPDATE_MILLIS = 3600000;
const { serviceWorker } = navigator;

const wait = () =>
  new Promise((resolve) => setTimeout(() => (self.requestIdleCallback ?? setTimeout)(resolve), WAIT_MILLIS));

function say(name) {
  document.documentElement.dataset[name] = "";
  dispatchEvent(new Event("tepal-kept"));
}

async function begin() {
  // What the first page loads comes first.
  if (!serviceWorker.controller) await wait();
  await serviceWorker.register("/sw.js");
  const registration = await serviceWorker.ready;
  let looked = Date.now();
  const update = () => {
    looked = Date.now();
    // There will be another occasion.
    return registration.update().catch(() => {});
  };
  // A version that is on its way is told once it is here, or failed: then nothing is left of it.
  const look = async () => {
    if (registration.installing) return;
    const names = (await caches.keys()).filter((name) => name.startsWith(FAMILY));
    // Of what waits, or, where the site was updated while this page was loaded, of what is at work.
    if (names.length && (registration.waiting ? names.at(-1) !== NAME : !names.includes(NAME))) say("update");
    // Who saves data has only what was used.
    if (serviceWorker.controller && names.includes(NAME) && !navigator.connection?.saveData) say("kept");
  };
  const follow = () => registration.installing?.addEventListener("statechange", look);
  serviceWorker.addEventListener("controllerchange", look);
  registration.addEventListener("updatefound", follow);
  follow();
  if (serviceWorker.controller) await update();
  look();
  // A tab that stays open would not look by itself.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - looked > UPDATE_MILLIS) update();
  });
  addEventListener("tepal-outdated", update);
}

// A browser that keeps nothing goes on without.
if (serviceWorker) begin().catch(() => {});
