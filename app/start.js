// Starts the page's program; the build fills in the names of its files.
import init from "{{script}}";

const preload = (href, fetchPriority) => {
  const link = { rel: "preload", as: "fetch", crossOrigin: "", fetchPriority, href };
  document.head.append(Object.assign(document.createElement("link"), link));
};
// The page waits for the texts of its language, if that is not English.
const words = document.querySelector(`meta[name=words-${document.documentElement.lang}]`);
if (words) preload(words.content, "high");

// A page that is opened directly needs its part as soon as the program is there: it is on its way by then.
const parts = {{parts}};
for (const href of parts[location.pathname.split("/")[1]] ?? []) preload(href, "low");

// None in development, where an edit has to show at once.
const offline = "{{offline}}";
init({ module_or_path: "{{wasm}}" }).then(() => {
  dispatchEvent(new Event("tepal-started"));
  if (offline) import(offline);
});
