// Takes the place of `sw.js` in what is built for development, so that an edit shows at once: no document that an earlier
// build kept on this port is given out any more. A page that came from there still finds its parts, is told of a new
// version, and its reload asks the server.
addEventListener("install", (event) => event.waitUntil(clear()));

async function clear() {
  for (const name of await caches.keys()) {
    if (name.startsWith("tepal-")) await (await caches.open(name)).delete("/", { ignoreVary: true });
  }
  await caches.open("tepal-development");
  // It happens once this is over, and so must not be waited for.
  registration.unregister();
}
