// Starts the training worker; the page names this file.
import init from "./trainer.js";

await init();
