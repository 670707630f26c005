// The page's tests: the built page and Worker under wrangler, in a real Chromium.
// `cargo xtask test --only page` builds, sets CHROMIUM and runs them; after a build,
// `npx playwright test` alone will do.

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

import { freePort } from "./tests/port.mjs";

// This file is read once by the runner and again by each of its processes, and all
// must name one port: the first finds a free one and hands it down.
if (!process.env.TEPAL_PAGE_PORT) {
  process.env.TEPAL_PAGE_PORT = String(await freePort());
  prepareState();
}
const port = process.env.TEPAL_PAGE_PORT;
const origin = `http://127.0.0.1:${port}`;

// Secrets and storage of the tests' own, so that neither what `cargo xtask dev` has
// logged nor the developer's token reaches them.
function stateDir() {
  return join(import.meta.dirname, "target", "page-tests");
}

function prepareState() {
  rmSync(stateDir(), { recursive: true, force: true });
  mkdirSync(stateDir(), { recursive: true });
  writeFileSync(join(stateDir(), "vars"), 'OWNER_TOKEN="page-tests"\nKEY_SECRET="the secret of the page tests, which is no secret"\nRATE_LIMIT="off"\n');
}

function browser() {
  const named = process.env.CHROMIUM;
  if (named) return named;
  return existsSync("/usr/bin/chromium") ? "/usr/bin/chromium" : undefined;
}

function wrangler() {
  const program = join(import.meta.dirname, "node_modules", "wrangler", "bin", "wrangler.js");
  const options = [
    "dev", "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0",
    "--show-interactive-dev-session=false", "--log-level", "warn",
    "--env-file", join(stateDir(), "vars"), "--persist-to", join(stateDir(), "wrangler"),
  ];
  return [process.execPath, program, ...options].map((part) => JSON.stringify(part)).join(" ");
}

export default defineConfig({
  testDir: "tests/page",
  outputDir: "test-results",
  // A test that passes at the second try has found something: no retries.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  // Tests of one Worker see each other's predictions, and training wants the processor.
  workers: 1,
  timeout: 60_000,
  reporter: [["list"]],
  use: {
    baseURL: origin,
    // What a service worker answers or fetches, `page.route` does not see: for the tests of offline.spec.mjs alone.
    serviceWorkers: "block",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: browser(),
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    },
  },
  projects: [{ name: "chromium", use: { browserName: "chromium" } }],
  webServer: {
    command: wrangler(),
    url: origin,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
    stdout: "ignore",
    stderr: "pipe",
    env: {
      ...process.env,
      TEPAL_SKIP_BUILD: "1",
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
    },
  },
});
