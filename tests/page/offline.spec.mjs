// The page without a network, and what becomes of it when the site is updated.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { answer, expect, field, give, N_MODELS, retrain, slider, test as base } from "./page.mjs";
import { FILES_OF_THE_PAGE, Site } from "./site.mjs";

/** Each test has a site of its own, and with it an origin that nothing was kept of. */
const test = base.extend({
  site: async ({ baseURL }, use) => {
    const site = await new Site(baseURL).start();
    await use(site);
    if (site.server.listening) await site.stop();
  },
});

test.use({
  serviceWorkers: "allow",
  // What the page asks the edge for while there is none; Chromium tells of each.
  expectedErrors: [[/ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED/], { option: true }],
});

const CSV = `length,kind\n${Array.from({ length: 40 }, (_, at) => `${at},${at < 20 ? "short" : "long"}`).join("\n")}\n`;
const foot = (page) => page.getByRole("contentinfo");
const offer = (page) => page.locator(".update-offer");
const versionOf = (page) => page.locator("meta[name=version]").getAttribute("content");
const link = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });

/** Paths of what the browser keeps, by cache. */
const kept = (page) =>
  page.evaluate(async () => {
    const all = {};
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys();
      all[name] = requests.map((request) => new URL(request.url).pathname).sort();
    }
    return all;
  });

/** Opens a page of `site` for the first time, and waits until it is kept. */
async function visit(page, site, path = "/") {
  await page.goto(site.origin + path);
  await expect(foot(page)).toContainText("Ready to work offline.", { timeout: 20_000 });
}

/** Has the open page find out that the site was updated. */
async function update(page, site) {
  site.updates++;
  await page.reload();
  await expect(offer(page)).toBeVisible();
}

test("what is kept is all of the page in one version, and nothing of the API", async ({ page, site }) => {
  await visit(page, site);
  await page.getByRole("button", { name: "Ask the edge" }).click();
  await expect(page.locator(".edge-outcome")).toContainText("The edge agrees");
  expect(await kept(page)).toEqual({ [`tepal-${site.version}`]: ["/", ...FILES_OF_THE_PAGE] });
  // The first page is not answered from it, and fetches nothing twice.
  const parts = site.asked.filter((path) => path.startsWith("/app-"));
  expect(parts.length).toBe(new Set(parts).size);
});

test("a page that was loaded once classifies, reads and trains without a network", async ({ page, context, site }) => {
  await visit(page, site);
  await context.setOffline(true);
  await expect(foot(page)).toContainText("You are offline: everything works but what asks the edge.");
  // Pages that were never opened.
  await link(page, "Data").click();
  await give(page, "kinds.csv", CSV);
  await expect(page.locator("main").getByRole("status")).toContainText("Read: 40 rows, 2 columns.");
  await page.getByRole("button", { name: "Forget this data" }).click();
  await page.getByRole("button", { name: "Penguins" }).click();
  await expect(page.locator(".strip")).toHaveCount(8);
  await page.getByRole("link", { name: "Train models on it" }).click();
  await expect(page.locator("tr[data-model-id]")).toHaveCount(N_MODELS, { timeout: 60_000 });
  // And all anew.
  await page.goto(`${site.origin}/data?from=mail`);
  await expect(page.locator(".strip")).toHaveCount(8);
  await page.goto(`${site.origin}/train`);
  await retrain(page, "Train on penguins");
  const other = await context.newPage();
  await other.goto(`${site.origin}/train/`);
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Train and compare");
  await other.close();
});

test("a reload without a network classifies, and says why the edge does not", async ({ page, context, site }) => {
  await visit(page, site);
  await context.setOffline(true);
  await page.reload();
  await slider(page, "Petal length").fill("1.4");
  await slider(page, "Petal width").fill("0.2");
  await expect(answer(page)).toHaveText("setosa");
  await expect(page.getByRole("heading", { name: "Why" })).toBeVisible();
  await page.getByRole("button", { name: "Ask the edge" }).click();
  await expect(page.locator(".edge-outcome")).toContainText("You are offline");
  await context.setOffline(false);
  await expect(foot(page)).toContainText("Ready to work offline.");
  await page.getByRole("button", { name: "Ask again" }).click();
  await expect(page.locator(".edge-outcome")).toContainText("The edge agrees");
});

test("a site that is down is no reason to stop", async ({ page, site }) => {
  await visit(page, site);
  await site.stop();
  await page.reload();
  await expect(answer(page)).toHaveText("versicolor");
  await page.getByRole("button", { name: "Ask the edge" }).click();
  await expect(page.locator(".edge-outcome")).toContainText("The edge could not be reached");
  await link(page, "Train").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Train and compare");
});

test("German is there without a network, too", async ({ page, context, site }) => {
  await visit(page, site);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(foot(page)).toContainText("Du bist offline");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welche Iris ist das?");
});

test.describe("what is not the page's", () => {
  test.use({ expectedErrors: [[/status of 404/], { option: true }] });

  test("is the site's to answer, whatever is kept", async ({ page, site }) => {
    await visit(page, site);
    const asked = async (path) => {
      const response = await page.goto(site.origin + path);
      return [response.status(), response.fromServiceWorker()];
    };
    expect(await asked("/")).toEqual([200, true]);
    expect(await asked("/monitor/")).toEqual([200, true]);
    expect(await asked("/nowhere")).toEqual([404, false]);
    expect(await asked("/monitor//")).toEqual([404, false]);
    expect(await asked("/docs")).toEqual([200, false]);
    expect(await asked("/openapi.json")).toEqual([200, false]);
  });
});

test("a new version is offered, and comes when the visitor says so", async ({ page, context, site }) => {
  await visit(page, site);
  const old = site.version;
  await update(page, site);
  expect(await versionOf(page)).toBe(old);
  await field(page, "Petal length").fill("1.5");
  await page.waitForTimeout(1000);
  expect(await versionOf(page)).toBe(old);
  await expect(field(page, "Petal length")).toHaveValue("1.5");
  await offer(page).getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => versionOf(page)).toBe(site.version);
  await expect(foot(page)).toContainText("Ready to work offline.");
  await expect(offer(page)).toHaveCount(0);
  // All of the new one is there, and the old one goes with the last page that its worker serves.
  expect((await kept(page))[`tepal-${site.version}`]).toHaveLength(1 + FILES_OF_THE_PAGE.length);
  await page.close();
  let later;
  await expect(async () => {
    await later?.close();
    // Browsers take their time to let go of a page.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    later = await context.newPage();
    await later.goto(site.origin);
    expect(Object.keys(await kept(later))).toEqual([`tepal-${site.version}`]);
  }).toPass({ timeout: 20_000 });
  await context.setOffline(true);
  await later.goto(`${site.origin}/train`);
  await expect(later.getByRole("heading", { level: 1 })).toHaveText("Train and compare");
  expect(await versionOf(later)).toBe(site.version);
});

test("an offer that was put off is taken by a reload of the visitor's own", async ({ page, site }) => {
  await visit(page, site);
  await update(page, site);
  await offer(page).getByRole("button", { name: "Later" }).click();
  await expect(offer(page)).toHaveCount(0);
  await page.reload();
  expect(await versionOf(page)).toBe(site.version);
  await expect(foot(page)).toContainText("Ready to work offline.");
  await expect(offer(page)).toHaveCount(0);
});

test("an old page finds all its parts while another tab has the new version", async ({ page, context, site }) => {
  await visit(page, site);
  const old = site.version;
  site.updates++;
  const other = await context.newPage();
  await other.goto(site.origin);
  await offer(other).getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => versionOf(other)).toBe(site.version);
  await expect(foot(other)).toContainText("Ready to work offline.");
  // Here nothing has moved, and what was never opened is there.
  await expect(offer(page)).toBeVisible();
  expect(await versionOf(page)).toBe(old);
  await link(page, "Runs").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Runs");
  await expect(page.locator(".lazy")).toHaveCount(0);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await offer(page).getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => versionOf(page)).toBe(site.version);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Runs");
  await expect(foot(page)).toContainText("Ready to work offline.");
  await expect(offer(page)).toHaveCount(0);
});

test.describe("a part that is neither kept nor on the site any more", () => {
  test.use({ expectedErrors: [[/status of 404/, /TypeError/, /CompileError/, /Failed to fetch/], { option: true }] });

  test("is told, and a reload brings the version that the site has", async ({ page, site }) => {
    await visit(page, site);
    // No time for the new version to be kept before the part is missed.
    site.instead["/sw.js"] = "not a script (";
    await page.reload();
    await expect(foot(page)).toContainText("Ready to work offline.");
    await page.evaluate(async () => {
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) if (request.url.includes("/app-models-")) await cache.delete(request);
      }
    });
    site.updates++;
    // Out of the browser's own cache, too.
    await (await page.context().newCDPSession(page)).send("Network.clearBrowserCache");
    await link(page, "Monitor").click();
    await expect(page.getByRole("alert")).toContainText("This page could not be loaded");
    delete site.instead["/sw.js"];
    await page.getByRole("link", { name: "reload it" }).click();
    await expect.poll(() => versionOf(page)).toBe(site.version);
    await expect(page.getByRole("button", { name: "Open the monitor" })).toBeVisible();
    await expect(foot(page)).toContainText("Ready to work offline.", { timeout: 20_000 });
    await expect(offer(page)).toHaveCount(0);
  });
});

test("an edge of another version is told, and a reload goes along with it", async ({ page, context, site }) => {
  await visit(page, site);
  site.updates++;
  // Between page and edge: the service worker leaves it alone.
  site.instead["/predict"] = JSON.stringify({ answer: "setosa", certainty: "high" });
  await page.getByRole("button", { name: "Ask the edge" }).click();
  await expect(page.locator(".edge-outcome")).toContainText("Reload the page, and ask again.");
  await expect(offer(page)).toBeVisible();
  await page.reload();
  expect(await versionOf(page)).toBe(site.version);
});

test("who saves data keeps what a page starts with, and what was used", async ({ page, context, site }) => {
  const script = await (await page.request.get(`${site.origin}/sw.js`)).text();
  const saving = script.replace("navigator.connection?.saveData", "true");
  expect(saving).not.toBe(script);
  site.instead["/sw.js"] = saving;
  await page.goto(site.origin);
  await expect.poll(() => kept(page).then((all) => Object.values(all)[0]?.length), { timeout: 20_000 }).toBeGreaterThan(5);
  const before = Object.values(await kept(page))[0];
  expect(before.length).toBeLessThan(10);
  await page.reload();
  await link(page, "Monitor").click();
  await expect(page.getByRole("button", { name: "Open the monitor" })).toBeVisible();
  await expect.poll(() => kept(page).then((all) => Object.values(all)[0].some((path) => path.startsWith("/app-models-")))).toBe(true);
  await context.setOffline(true);
  await page.goto(`${site.origin}/monitor`);
  await expect(page.getByRole("button", { name: "Open the monitor" })).toBeVisible();
});

test("what is built for development takes the place of what was kept", async ({ page, site }) => {
  await visit(page, site);
  site.instead["/sw.js"] = readFileSync(join(import.meta.dirname, "../../app/sw-dev.js"), "utf8");
  site.updates++;
  await page.reload();
  await offer(page).getByRole("button", { name: "Reload" }).click();
  await expect.poll(() => versionOf(page)).toBe(site.version);
  expect(Object.values(await kept(page)).flat()).not.toContain("/");
  expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBe(null);
});

test("the page can be installed", async ({ page, site }) => {
  await visit(page, site);
  const session = await page.context().newCDPSession(page);
  const { errors, manifest, data } = await session.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(JSON.parse(data).name).toBe("Tepal");
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A context of the tests' own is as one of a private window.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
  const answer = await page.request.get(`${site.origin}/manifest.webmanifest`);
  expect(answer.headers()["content-type"]).toContain("application/manifest+json");
  const worker = await page.request.get(`${site.origin}/sw.js`);
  expect(worker.headers()["cache-control"]).toBe("no-cache");
  for (const { src, sizes, type } of JSON.parse(data).icons) {
    const icon = await page.request.get(site.origin + src);
    expect(icon.headers()["content-type"], src).toContain(type);
    if (type === "image/png") expect(`${(await icon.body()).readUInt32BE(16)}x${(await icon.body()).readUInt32BE(20)}`, src).toBe(sizes);
  }
});
