// What the page's tests share: a page that fails its test on any console error, uncaught error or
// violation of the content security policy.
import { test as base, expect } from "@playwright/test";

/** Errors that a test expects are listed in `expectedErrors`, as regular expressions. */
export const test = base.extend({
  expectedErrors: [[], { option: true }],

  page: async ({ page, expectedErrors }, use) => {
    const problems = [];
    const report = (kind, text) => {
      if (!expectedErrors.some((expected) => expected.test(text))) problems.push(`${kind}: ${text}`);
    };
    page.on("pageerror", (error) => report("uncaught", error.message));
    page.on("console", (message) => {
      if (message.type() === "error") report("console", message.text());
    });
    await page.exposeFunction("reportPolicyViolation", (violation) => problems.push(`policy: ${violation}`));
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        window.reportPolicyViolation(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await use(page);
    expect(problems).toEqual([]);
  },
});

export { expect };

/**
 * Opens `path` and waits until the page is live, what it loads on first use included: the first paint
 * has no badge id.
 */
export async function open(page, path = "/") {
  await page.goto(path);
  await expect(page.locator(".model-badge[data-model-id]")).toBeVisible();
  await goEverywhere(page);
}

/** Has everything fetched that waits until somebody comes near, and goes back to the top. */
export async function goEverywhere(page) {
  await expect(async () => {
    await page.evaluate(() => document.querySelector(".lazy")?.scrollIntoView());
    await expect(page.locator(".lazy, .later")).toHaveCount(0, { timeout: 500 });
  }).toPass();
  await page.evaluate(() => scrollTo(0, 0));
}

export const answer = (page) => page.locator(".answer-name .species");
export const field = (page, label) => page.getByRole("textbox", { name: label, exact: true });
export const slider = (page, label) => page.getByRole("slider", { name: `${label}, slider` });

/** What `work` does with the stores of this page's database, in one transaction. */
export const inDatabase = (page, work) =>
  page.evaluate(`(async () => {
    const settled = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settled(indexedDB.open("tepal"));
    const transaction = database.transaction([...database.objectStoreNames], "readwrite");
    const completed = new Promise((resolve) => (transaction.oncomplete = resolve));
    const result = await (${work})((name) => transaction.objectStore(name), settled);
    await completed;
    database.close();
    return result;
  })()`);

/**
 * The id of the model that the browser has kept as the one to answer, `null` if that is the site's; `undefined` if it
 * keeps no training. A reload before a training is kept would lose it, and one before it is gone bring it back.
 */
export const keptChoice = (page) =>
  inDatabase(page, async (store, settled) => {
    const record = await settled(store("kept").get("last-training"));
    return record && (record.chosen ?? null);
  });

/** Whether the browser has kept a training. */
export const isTrainingKept = async (page) => (await keptChoice(page)) !== undefined;

/** Has no model fit into the browser's storage any more. */
export const fillStorage = (page) =>
  page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
      if (this.name === "artifacts") throw new DOMException("full", "QuotaExceededError");
      return put.apply(this, given);
    };
  });

/** Leaves a database of this name and version that lacks most of its stores, as another program might have. */
export async function damageStorage(page) {
  // A document of the site that does not open it itself.
  await page.goto("/openapi.json");
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open("tepal", 2);
        opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
        opening.onsuccess = () => resolve(opening.result.close());
      }),
  );
}

/** Has another tab hold on to the storage of an older version; gives that tab. */
export async function blockStorage(page) {
  const holder = await page.context().newPage();
  await holder.goto("/openapi.json");
  await holder.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open("tepal", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
        opening.onsuccess = () => resolve((window.held = opening.result));
      }).then(() => undefined),
  );
  await page.bringToFront();
  return holder;
}

/** As many models as one training makes: one of each family. */
export const N_MODELS = 6;

/** Trains, on Iris unless the button is called otherwise, and waits for the models. */
export async function retrain(page, button = "Retrain") {
  await goEverywhere(page);
  await page.getByRole("button", { name: button, exact: true }).click();
  await expect(page.locator("tr[data-model-id]")).toHaveCount(N_MODELS, { timeout: 60_000 });
}

/** Gives the page a file, as the browser's dialog would. */
export async function give(page, name, text) {
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
}

/** Answers requests for `url` only once the returned function is called. */
export async function hold(page, url) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** Takes note of every long task of the page's thread from now on; see `longestTask`. */
export async function watchTasks(page) {
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longTasks.push(Math.round(entry.duration));
    }).observe({ type: "longtask" });
  });
}

/** Milliseconds of the longest task since `watchTasks`; browsers tell none below 50, which then stands for all. */
export async function longestTask(page) {
  // Entries come in a task of their own.
  await page.waitForTimeout(100);
  return page.evaluate(() => Math.max(50, ...window.longTasks));
}
