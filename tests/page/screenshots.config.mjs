// Pictures instead of tests, with the Worker and the browser of `playwright.config.mjs`; `cargo xtask screenshots`
// takes them.
import { join } from "node:path";
import { defineConfig } from "@playwright/test";
import tests from "../../playwright.config.mjs";

const root = join(import.meta.dirname, "../..");

export default defineConfig(tests, {
  testDir: import.meta.dirname,
  testMatch: "screenshots.mjs",
  outputDir: join(root, "target", "screenshot-results"),
  // A state that cannot be reached is told, and the others are pictured all the same.
  timeout: 90_000,
});
