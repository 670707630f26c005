// Starts the page's program; the build fills in the names of its files.
import init from "{{script}}";

init({ module_or_path: "{{wasm}}" }).then(() => dispatchEvent(new Event("tepal-started")));
