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
const painted = document.querySelector(`.first-paint-${document.documentElement.dataset.page}`);
// Nothing is painted while the program starts, and what it replaces before the browser has said that it was painted
// counts as never painted. A tab that nobody sees paints nothing, and some browsers are kept from telling.
await new Promise((resolve) => {
  setTimeout(resolve, 150);
  globalThis.PerformanceObserver && new PerformanceObserver(resolve).observe({ type: "paint", buffered: true });
});
init({ module_or_path: "{{wasm}}" }).then(() => {
  dispatchEvent(new Event("tepal-started"));
  if (offline) import(offline);
  // It stands for the page until the page's part is here.
  if (painted) document.querySelector(".lazy > h1")?.before(painted);
});
