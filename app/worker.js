// Starts the page's program in a worker; its name says what it does there. The build fills in the names of the files.
import init from "{{script}}";

await init({ module_or_path: "{{wasm}}" });
