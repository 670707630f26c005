// The first paint: what stands in the document before the program is there. It is what the live page will say, and
// nothing larger comes after it.
import { expect, hold, open, test } from "./page.mjs";

const PROGRAM = "**/*_bg.wasm";
const PATHS = ["/", "/data", "/train", "/runs", "/registry", "/monitor"];
const SIZES = [{ width: 390, height: 844 }, { width: 412, height: 823 }, { width: 1280, height: 900 }, { width: 1350, height: 940 }];

// Of an address that leads nowhere.
test.use({ expectedErrors: [[/404/], { option: true }] });

/** Texts of `main` that are seen: each with its element's name and classes. */
const texts = (page) =>
  page.locator("main :is(h1, h2, p, label, button)").evaluateAll((all) =>
    all
      .filter((it) => it.textContent.trim() && it.checkVisibility({ visibilityProperty: true }))
      .map((it) => ({ name: it.localName, classes: [...it.classList], text: it.textContent.trim().replaceAll(/\s+/g, " ") })),
  );

const headings = (page) => page.locator("main").getByRole("heading");

/** Takes note of what the browser says was the largest so far, and of when the program had started. */
const watch = (page) =>
  page.addInitScript(() => {
    window.largest = [];
    const note = ({ startTime, size, element }) => window.largest.push({ startTime, size, text: element?.textContent.trim() });
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type: "largest-contentful-paint", buffered: true });
    addEventListener("tepal-started", () => (window.startedAt = performance.now()));
  });

/** Waits until all that a page shows at first is there. */
async function live(page) {
  await expect(page.locator(".model-badge[data-model-id]")).toBeVisible();
  await expect(page.locator(".lazy:has(h1), .later")).toHaveCount(0);
}

for (const path of PATHS) {
  test(`${path} says at first what it says when it is live`, async ({ page }) => {
    const release = await hold(page, PROGRAM);
    await hold(page, "**/api/**");
    await page.goto(path);
    await expect(headings(page).first()).toBeVisible();
    const first = await texts(page);
    // Heading, lede and more.
    expect(first.map(({ name }) => name)).toContain("h1");
    expect(first.filter(({ classes }) => classes.includes("lede"))).toHaveLength(1);
    expect(first.filter(({ name }) => name === "p").length).toBeGreaterThan(1);
    release();
    await live(page);
    // Some of it comes once it is known what the browser has kept: nothing.
    const missing = async () => {
      const then = await texts(page);
      const isThere = ({ name, classes, text }) =>
        then.some((it) => it.name === name && it.text === text && classes.every((one) => it.classes.includes(one)));
      return first.filter((it) => !isThere(it));
    };
    await expect.poll(missing).toEqual([]);
  });

  test(`nothing on ${path} is larger than its first paint`, async ({ browser, baseURL }) => {
    for (const viewport of SIZES) {
      const context = await browser.newContext({ baseURL, viewport, serviceWorkers: "block" });
      const page = await context.newPage();
      await watch(page);
      const release = await hold(page, PROGRAM);
      await page.goto(path);
      const lede = await page.locator(".lede:visible").textContent();
      await page.waitForFunction((least) => window.largest.some(({ text }) => text?.length >= least), lede.trim().length / 2);
      release();
      await live(page);
      // What was drawn last is painted and told.
      await page.waitForTimeout(300);
      const { largest, startedAt } = await page.evaluate(() => ({ largest: window.largest, startedAt: window.startedAt }));
      expect(largest.filter(({ startTime }) => startTime > startedAt), `${viewport.width} wide`).toEqual([]);
      await context.close();
    }
  });
}

/** Has the browser never say that it has painted: it does so once `window.paint` is called. */
const paintNothing = (page) =>
  page.addInitScript(() => {
    window.PerformanceObserver = class {
      constructor(call) {
        window.paint = call;
      }
      observe() {}
    };
  });

test("the program waits for what is painted", async ({ page }) => {
  await paintNothing(page);
  // The time after which it waits no longer does not come.
  await page.addInitScript(() => {
    const { setTimeout } = window;
    window.setTimeout = (call, millis, ...rest) => (millis === 150 ? 0 : setTimeout(call, millis, ...rest));
  });
  await page.goto("/");
  await page.waitForTimeout(1000);
  await expect(page.locator(".first-paint h1:visible")).toHaveText("Which iris is this?");
  await page.evaluate(() => window.paint());
  await live(page);
});

test("a tab that paints nothing starts all the same", async ({ page }) => {
  await paintNothing(page);
  await page.goto("/");
  await live(page);
});

test("a browser that tells of no paint starts all the same", async ({ page }) => {
  await page.addInitScript(() => delete window.PerformanceObserver);
  await page.goto("/");
  await live(page);
});

test("who was here before is promised nothing that may be otherwise", async ({ page }) => {
  await open(page);
  await hold(page, PROGRAM);
  for (const path of PATHS.slice(1)) {
    await page.goto(path);
    await expect(page.locator(".lede:visible")).toHaveCount(1);
    const first = await texts(page);
    expect(first.map(({ name }) => name), path).toEqual(["h1", "p"]);
  }
});

test("an address that leads nowhere has the first paint of no page", async ({ page }) => {
  await hold(page, PROGRAM);
  for (const path of ["/nowhere", "/train/anything", "/monitor//"]) {
    await page.goto(path);
    expect(await texts(page), path).toEqual([{ name: "p", classes: ["lede"], text: "Loading …" }]);
  }
});

test("while a page's part comes, its first paint stands for it", async ({ page }) => {
  const release = await hold(page, "**/app-models-*.wasm");
  await page.goto("/monitor");
  await expect(page.locator(".model-badge[data-model-id]")).toBeVisible();
  await expect(page.locator(".lazy .lede")).toBeVisible();
  await expect(headings(page).and(page.locator("h1"))).toHaveText("Monitor");
  await expect(page.locator("main").getByRole("status")).toHaveText("Loading …");
  release();
  await expect(page.locator("#token-hint")).toBeVisible();
  await expect(page.locator(".first-paint-page")).toHaveCount(0);
});

test("another page that is gone to meanwhile has nothing of it", async ({ page }) => {
  await hold(page, "**/app-training-*.wasm");
  const release = await hold(page, "**/app-models-*.wasm");
  await page.goto("/train");
  await expect(page.locator(".lazy .lede")).toBeVisible();
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await expect(headings(page)).toHaveText(["Runs"]);
  await expect(page.locator(".lede")).toHaveCount(0);
  release();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
});

test.describe("in German", () => {
  test.use({ locale: "de-DE" });

  test("no word of it is seen", async ({ page }) => {
    await hold(page, PROGRAM);
    for (const path of PATHS) {
      await page.goto(path);
      await expect(page.locator(".wordmark")).toBeVisible();
      expect(await texts(page), path).toEqual([]);
    }
  });
});
