// Lighthouse on the pages that are built, on a simulated phone and on a desk: accessibility and best practices must be
// perfect, performance is printed, since it depends on the machine. `cargo xtask lighthouse` takes medians of several
// runs; LIGHTHOUSE_RUNS says of how many.
import { chromium, expect, test } from "@playwright/test";
import lighthouse from "lighthouse";
import desktop from "lighthouse/core/config/desktop-config.js";

import { freePort } from "../port.mjs";

const RUNS = Number(process.env.LIGHTHOUSE_RUNS ?? 1);
const PAGES = { Classify: "/", Data: "/data", Train: "/train", Runs: "/runs", Registry: "/registry", Monitor: "/monitor" };
// Without a configuration it is a phone of the middle price on a slow connection.
const DEVICES = { phone: undefined, desk: desktop };
const PERFECT = ["accessibility", "best-practices"];
const REACH = 95;

/** The middle one; a machine that is busy with other things can leave Lighthouse without a figure. */
function median(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

const figure = (value, decimals = 0) => value?.toFixed(decimals) ?? "-";

/** Audits that keep `category` from being perfect. */
function lost(report, category) {
  const counted = report.categories[category].auditRefs.filter(({ weight }) => weight > 0);
  const audits = counted.map(({ id }) => report.audits[id]).filter(({ score }) => score !== null && score < 1);
  return audits.map(({ id, title, details }) => `${id}: ${title} ${JSON.stringify(details?.items ?? []).slice(0, 600)}`);
}

/** One report of `address`; a recording that lacks its beginning says nothing about the page and is made again. */
async function report(address, config, launchOptions) {
  for (let tries = 3; ; tries--) {
    const found = await recorded(address, config, launchOptions);
    if (found.runtimeError?.code !== "NO_NAVSTART" || tries === 1) return found;
  }
}

/** One recording, by a browser of its own, whose caches are empty. */
async function recorded(address, config, launchOptions) {
  const port = await freePort();
  const browser = await chromium.launch({ ...launchOptions, args: [...launchOptions.args, `--remote-debugging-port=${port}`] });
  try {
    const flags = { port, logLevel: "error", onlyCategories: ["performance", ...PERFECT] };
    return (await lighthouse(address, flags, config)).lhr;
  } finally {
    await browser.close();
  }
}

const rows = [];

for (const [name, path] of Object.entries(PAGES)) {
  for (const [device, config] of Object.entries(DEVICES)) {
    test(`${name} on a ${device} has nothing to be mended`, async ({ baseURL, launchOptions }) => {
      test.setTimeout(120_000 * RUNS);
      const reports = [];
      for (let run = 0; run < RUNS; run++) reports.push(await report(baseURL + path, config, launchOptions));
      const score = ({ categories }) => categories.performance.score;
      const audit = (id) => median(reports.map(({ audits }) => audits[id].numericValue));
      rows.push({
        page: name,
        device,
        performance: figure(median(reports.map((it) => score(it) ?? undefined).map((share) => 100 * share))),
        reach: REACH,
        "first paint ms": figure(audit("first-contentful-paint")),
        "largest ms": figure(audit("largest-contentful-paint")),
        "blocked ms": figure(audit("total-blocking-time")),
        "speed index ms": figure(audit("speed-index")),
        shift: figure(audit("cumulative-layout-shift"), 3),
      });
      for (const category of PERFECT) expect.soft(lost(reports[0], category), category).toEqual([]);
      expect.soft(reports[0].runtimeError).toBeUndefined();
    });
  }
}

/** Cells of a column aligned, those of words left. */
function table(rows) {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  const line = (cells) => cells.map((cell, at) => (at < 2 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join("  ");
  return [line(lines[0]), widths.map((width) => "-".repeat(width)).join("  "), ...lines.slice(1).map(line)].join("\n");
}

test.afterAll(() => console.log(`\nLighthouse, medians of ${RUNS}\n${table(rows)}\n`));
