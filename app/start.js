// Starts the page's program; the build fills in the names of its files.
import init from "{{script}}";

// A page that is opened directly needs its part as soon as the program is there: it is on its way by then.
const parts = {{parts}};
for (const href of parts[location.pathname.split("/")[1]] ?? []) {
  const link = { rel: "preload", as: "fetch", crossOrigin: "", fetchPriority: "low", href };
  document.head.append(Object.assign(document.createElement("link"), link));
}

init({ module_or_path: "{{wasm}}" }).then(() => dispatchEvent(new Event("tepal-started")));
