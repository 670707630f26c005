// Starts the reading worker; the page names this file.
import init from "./lab.js";

await init();
