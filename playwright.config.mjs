// The page's tests: the built page and Worker under wrangler, in a real Chromium.
// `cargo xtask test --only page` builds, sets CHROMIUM and runs them; after a build,
// `npx playwright test` alone will do.

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

import { freePort } from "./tests/port.mjs";

// One test at a time has a machine of two cores to itself; `PAGE_WORKERS=2` runs two. Each has a Worker of its own,
// since tests of one Worker see each other's predictions.
const WORKERS = Number(process.env.PAGE_WORKERS ?? 1);

// This file is read once by the runner and again by each of its processes, and all must name the same ports: the
// first finds free ones and hands them down.
if (!process.env.TEPAL_PAGE_PORTS) {
  const ports = [];
  for (let at = 0; at < WORKERS; at++) {
    ports.push(await freePort());
    prepareState(at);
  }
  process.env.TEPAL_PAGE_PORTS = ports.join();
}
const ports = process.env.TEPAL_PAGE_PORTS.split(",");
const originOf = (port) => `http://127.0.0.1:${port}`;

// Secrets and storage of the tests' own, so that neither what `cargo xtask dev` has
// logged nor the developer's token reaches them.
function stateDir(at) {
  return join(import.meta.dirname, "target", "page-tests", String(at));
}

function prepareState(at) {
  rmSync(stateDir(at), { recursive: true, force: true });
  mkdirSync(stateDir(at), { recursive: true });
  writeFileSync(join(stateDir(at), "vars"), 'OWNER_TOKEN="page-tests"\nKEY_SECRET="the secret of the page tests, which is no secret"\nSUBJECT_SECRET="the pepper of the page tests, no secret either"\nRATE_LIMIT="off"\n');
}

function browser() {
  const named = process.env.CHROMIUM;
  if (named) return named;
  return existsSync("/usr/bin/chromium") ? "/usr/bin/chromium" : undefined;
}

function wrangler(port, at) {
  const program = join(import.meta.dirname, "node_modules", "wrangler", "bin", "wrangler.js");
  const options = [
    "dev", "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0",
    "--show-interactive-dev-session=false", "--log-level", "warn",
    "--env-file", join(stateDir(at), "vars"), "--persist-to", join(stateDir(at), "wrangler"),
  ];
  return [process.execPath, program, ...options].map((part) => JSON.stringify(part)).join(" ");
}

export default defineConfig({
  testDir: "tests/page",
  outputDir: "test-results",
  // A test that passes at the second try has found something: no retries.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  workers: WORKERS,
  timeout: 60_000,
  reporter: [["list"]],
  use: {
    // Playwright says to each of its processes which of them it is.
    baseURL: originOf(ports[Number(process.env.TEST_PARALLEL_INDEX ?? 0)]),
    // What a service worker answers or fetches, `page.route` does not see: for the tests of offline.spec.mjs alone.
    serviceWorkers: "block",
    // A trace of every action costs time: `TRACE=1` asks for it.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
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
  webServer: ports.map((port, at) => ({
    command: wrangler(port, at),
    url: originOf(port),
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
  })),
});
