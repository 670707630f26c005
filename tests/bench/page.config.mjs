// Times of the page instead of tests, with the Worker and the browser of `playwright.config.mjs`; `cargo xtask bench
// page` takes them.
import { join } from "node:path";
import { defineConfig } from "@playwright/test";
import tests from "../../playwright.config.mjs";

const root = join(import.meta.dirname, "../..");

export default defineConfig(tests, {
  testDir: import.meta.dirname,
  testMatch: "page.mjs",
  outputDir: join(root, "target", "bench", "page-results"),
  timeout: 600_000,
});
