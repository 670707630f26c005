// Every state that a visitor can bring a page into: what is looked at (`cargo xtask screenshots`) and what is held to
// the rules of accessibility. A new panel, dialog or failure is an entry more.
//
// A state is named after its page and what the visitor did, and `arrive` does that: it resolves once there is nothing
// left to wait for. What a state has Chromium complain of is in `complains`, as regular expressions.
import { blockStorage, damageStorage, expect, field, fillStorage, give, hold, inDatabase, open, retrain } from "./page.mjs";

const LOST = [/Failed to load resource/, /Failed to fetch/, /TypeError/];
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const lose = (page, url) => page.route(url, (route) => route.abort());

/** What an earlier visit left in the browser. */
const remember = (page, key, value) =>
  page.addInitScript(([key, value]) => localStorage.setItem(key, value), [key, value]);
const german = (page) => remember(page, "tepal-language", "de");

/** Opens whatever is folded. */
const unfold = (page) => page.locator("details").evaluateAll((all) => all.forEach((it) => (it.open = true)));

/** Chooses a bundled file on the page Data and waits for what was made of it. */
async function read(page, name) {
  await open(page, "/data");
  await press(page, name);
  await expect(page.locator(".strip").first()).toBeVisible();
}

/** Has a file read that cannot be learnt from. */
async function refuse(page, name, text) {
  await open(page, "/data");
  await give(page, name, text);
  await expect(page.getByRole("region", { name: "What stands in the way" })).toBeVisible();
}

/** Trains and opens the page Runs. */
async function runs(page, button) {
  await open(page, "/train");
  await retrain(page, button);
  // By the link: a reload could come before the run is kept.
  await page.locator("nav a[href='/runs']").click();
  await expect(page.locator(".runs tbody tr[data-run]")).toHaveCount(6);
}

/** Opens the page Registry, or goes on there, and the registry with the owner's token. */
async function openRegistry(page, button = "Open the registry", anew = true) {
  if (anew) await open(page, "/registry");
  await page.locator("#token").fill("page-tests");
  await press(page, button);
  await expect(page.locator("#ledger-heading")).toBeVisible();
}

/** Has sixty rows answered, with sepals of other lengths if `by` is above 0, and opens the page Monitor with the owner's token. */
async function openMonitor(page, button = "Open the monitor", heading = "Traffic", by = 0) {
  for (let at = 0; at < 60; at += 1) {
    const length = 4.5 + (at % 30) / 10 + by;
    await page.request.post("/predict", { data: { sepal_length: length, sepal_width: 3, petal_length: 1 + (at % 12) / 2, petal_width: 0.2 + (at % 5) / 2 } });
  }
  await open(page, "/monitor");
  await page.locator("#token").fill("page-tests");
  await press(page, button);
  await expect(page.getByRole("heading", { level: 2, name: heading, exact: true })).toBeVisible();
  if (heading === "Traffic") await expect(page.locator(".monitor-feature").first()).toBeVisible();
}

/** The loop tells of a step that waits, of one that was taken, and of this retraining. */
async function loopTells(page, retraining) {
  const evidence = { labelled: 50, both_right: 41, only_version_right: 6, only_against_right: 1, p_value: 0.0625 };
  const decision = (number, step, outcome, says, stage) => ({ number, at: `2026-01-01T0${number}:00:00.000Z`, mode: "approve", champion: 1, challenger: 2, stage, step, outcome, says, evidence });
  const decisions = [
    decision(2, "advance", "waits", "Nothing speaks against version 2 on 50 labelled rows: next, it is tried with a tenth of the requests.", "shadow"),
    decision(1, "retrain", "done", "Version 1 is right in at most 84.0 % of its predictions, where 90.0 % are asked for. Models are trained on the newest labelled rows."),
  ];
  await page.route("**/api/v1/monitoring/decisions*", (route) => route.fulfill({ json: { decisions } }));
  await page.route("**/api/v1/retrain", (route) => route.fulfill({ json: { retrainings: [{ number: 1, ...retraining }] } }));
}

/** What the owner sends with a call of the API. */
const OWNER = { authorization: "Bearer page-tests", "if-match": "*" };

/** Mints a key with this scope, and gives it. */
async function mint(page, name, scope) {
  const minted = await page.request.post("/api/v1/keys", { headers: OWNER, data: { name, scopes: [scope] } });
  return (await minted.json()).key;
}

/** Has the answers of `url` altered on their way; changes are not. */
const alter = (page, url, change) =>
  page.route(url, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    try {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, json: change(await reply.json()) });
    } catch (error) {
      // A page reads on until it is closed, and then nobody waits for the answer.
      if (!page.isClosed() && !/disposed/.test(error.message)) throw error;
    }
  });

/** Has a registry with a second version, which is tried beside the first. */
async function onTrial(page, mode, split) {
  await alter(page, "**/api/v1/models?*", (list) => {
    const first = list.models.find(({ version }) => version === 1);
    const second = { ...first, version: 2, model_id: "2".repeat(64), family: "random_forest", aliases: ["challenger"], description: "of autumn" };
    return { ...list, models: [second, ...list.models.filter(({ version }) => version !== 2)] };
  });
  await alter(page, "**/api/v1/deployment", (now) => ({ ...now, challenger: { version: 2, model_id: "2".repeat(64) }, split_basis_points: split, mode }));
}

/** Has the report tell of two versions, dealt as `ratio` says if there is one. */
const twoVersions = (page, n_shadow, ratio) =>
  alter(page, "**/api/v1/monitoring/report*", (report) => {
    const [first] = report.versions;
    const labelled = { n: 120, n_correct: 111, accuracy: 0.925, interval: [0.83, 0.974] };
    const versions = [{ ...first, labelled }, { ...first, version: 2, n_shadow, labelled: { ...labelled, n_correct: 114, accuracy: 0.95, interval: [0.861, 0.987] } }];
    return { ...report, versions, sample_ratio: ratio };
  });
const RATIO = { challenger_version: 2, n_challenger: 203, n_total: 400, expected: 0.5, interval: [0.42, 0.59], p_value: 1, is_mismatch: false };

/** A numeric column whose row 250 says "a lot". */
function faultyCell() {
  const lines = Array.from({ length: 300 }, (_, at) => (at === 249 ? "a lot,a" : `${at + 1},${at % 2 ? "a" : "b"}`));
  return `size,kind\n${lines.join("\n")}\n`;
}

/** Names that are long, many classes, missing cells: whatever can be too wide. */
function wideFile() {
  const long = "a measurement whose name goes on and on, as that of a spreadsheet's column does";
  const names = [long, ...Array.from({ length: 24 }, (_, at) => `sensor_${at}`), "diagnosis"];
  const row = (at) => [at, ...Array.from({ length: 24 }, (_, column) => (at * (column + 3)) % 17 || ""), `kind ${at % 12}`];
  return [names, ...Array.from({ length: 240 }, (_, at) => row(at))].map((cells) => cells.map((it) => `"${it}"`).join(",")).join("\n");
}

export const STATES = [
  {
    name: "start-loading",
    arrive: async (page) => {
      await hold(page, "**/*_bg.wasm");
      await page.goto("/");
      await expect(page.locator(".first-paint-classify")).toBeVisible();
    },
  },
  {
    name: "start-failed",
    complains: LOST,
    arrive: async (page) => {
      await lose(page, "**/*_bg.wasm");
      await page.goto("/");
      await expect(page.getByRole("alert")).toBeVisible();
    },
  },
  { name: "classify", arrive: (page) => open(page) },
  {
    name: "classify-known",
    arrive: async (page) => {
      await remember(page, "tepal-first-steps", "over");
      await open(page);
      await expect(page.locator(".first-steps")).toHaveCount(0);
    },
  },
  {
    name: "classify-update-offered",
    arrive: async (page) => {
      await open(page);
      // As offline.js leaves it; how it comes to that is in offline.spec.mjs.
      await page.evaluate(() => {
        document.documentElement.dataset.kept = document.documentElement.dataset.update = "";
        dispatchEvent(new Event("tepal-kept"));
      });
      await expect(page.locator(".update-offer")).toBeVisible();
    },
  },
  {
    name: "classify-german",
    arrive: async (page) => {
      await german(page);
      await open(page);
    },
  },
  {
    name: "data-german",
    arrive: async (page) => {
      await german(page);
      await read(page, "Pinguine");
    },
  },
  {
    name: "train-german",
    arrive: async (page) => {
      await german(page);
      await open(page, "/train");
      await retrain(page, "Neu trainieren");
      await unfold(page);
    },
  },
  {
    name: "classify-models-loading",
    arrive: async (page) => {
      await hold(page, "**/app-training-*.wasm");
      await page.goto("/");
      await page.locator(".lazy", { hasText: "Models" }).scrollIntoViewIfNeeded();
      await expect(page.locator(".lazy", { hasText: "Models" })).toContainText("Loading");
    },
  },
  {
    name: "classify-models-failed",
    complains: LOST,
    arrive: async (page) => {
      await lose(page, "**/app-training-*.wasm");
      await page.goto("/");
      await page.locator(".lazy", { hasText: "Models" }).scrollIntoViewIfNeeded();
      await expect(page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "classify-unusual",
    arrive: async (page) => {
      await open(page);
      await field(page, "Sepal length").fill("9.5");
    },
  },
  {
    name: "classify-impossible",
    arrive: async (page) => {
      await open(page);
      await field(page, "Sepal length").fill("12");
      await field(page, "Petal width").fill("");
    },
  },
  {
    name: "classify-edge-asked",
    arrive: async (page) => {
      await open(page);
      await press(page, "Ask the edge");
      await expect(page.locator(".edge-outcome")).toContainText("The edge agrees");
    },
  },
  {
    name: "classify-edge-offline",
    complains: LOST,
    arrive: async (page) => {
      await open(page);
      await page.context().setOffline(true);
      await press(page, "Ask the edge");
      await expect(page.locator(".edge-outcome")).toContainText("You are offline");
    },
  },
  {
    name: "classify-edge-of-another-version",
    arrive: async (page) => {
      await page.route("**/predict", (route) => route.fulfill({ json: { answer: "setosa", certainty: "high" } }));
      await open(page);
      await press(page, "Ask the edge");
      await expect(page.locator(".edge-outcome")).toContainText("Reload the page, and ask again.");
    },
  },
  {
    name: "classify-retrained",
    arrive: async (page) => {
      await open(page);
      await retrain(page);
    },
  },
  {
    name: "classify-unknown-model",
    arrive: (page) => open(page, `/?model=${"f".repeat(64)}`),
  },
  { name: "data-empty", arrive: (page) => open(page, "/data") },
  {
    name: "data-reading",
    arrive: async (page) => {
      await hold(page, "**/app-workers-*.wasm");
      await open(page, "/data");
      await press(page, "Penguins");
      await expect(page.getByRole("progressbar")).toBeVisible();
    },
  },
  {
    name: "data-stopped",
    arrive: async (page) => {
      await hold(page, "**/app-workers-*.wasm");
      await open(page, "/data");
      await press(page, "Penguins");
      await press(page, "Stop");
    },
  },
  {
    name: "data-reader-failed",
    complains: LOST,
    arrive: async (page) => {
      await lose(page, "**/app-workers-*.wasm");
      await open(page, "/data");
      await press(page, "Wine");
      await expect(page.getByText("The program that reads files could not be loaded")).toBeVisible();
    },
  },
  { name: "data-iris", arrive: (page) => read(page, "Iris") },
  { name: "data-penguins", arrive: (page) => read(page, "Penguins") },
  {
    name: "data-penguins-overruled",
    arrive: async (page) => {
      await read(page, "Penguins");
      await page.getByRole("combobox", { name: "The column that says what each row is" }).selectOption("sex");
      await page.getByRole("combobox", { name: "year is read as" }).selectOption("categories");
      await expect(page.locator(".strip").filter({ hasText: /2009 \d+/ })).toBeVisible();
      await unfold(page);
    },
  },
  {
    name: "data-wide-file",
    arrive: async (page) => {
      await open(page, "/data");
      await give(page, `${"a file whose name is long ".repeat(4)}.csv`, wideFile());
      await expect(page.locator(".strip").first()).toBeVisible();
    },
  },
  { name: "data-faulty-cell", arrive: (page) => refuse(page, "broken.csv", faultyCell()) },
  { name: "data-uneven-rows", arrive: (page) => refuse(page, "wide.csv", "x,y\n1,a\n2,b,c\n3,b\n4\n5,a\n") },
  { name: "data-no-rows", arrive: (page) => refuse(page, "empty.csv", "") },
  { name: "train", arrive: (page) => open(page, "/train") },
  {
    name: "train-running",
    arrive: async (page) => {
      await hold(page, "**/app-workers-*.wasm");
      await open(page, "/train");
      await press(page, "Retrain");
      await expect(page.getByRole("progressbar")).toBeVisible();
    },
  },
  {
    name: "train-cancelled",
    arrive: async (page) => {
      await hold(page, "**/app-workers-*.wasm");
      await open(page, "/train");
      await press(page, "Retrain");
      await press(page, "Cancel");
      await expect(page.locator(".retrain .notice")).toBeVisible();
    },
  },
  {
    name: "train-failed",
    complains: LOST,
    arrive: async (page) => {
      await lose(page, "**/app-workers-*.wasm");
      await open(page, "/train");
      await press(page, "Retrain");
      await expect(page.locator(".retrain .notice")).toBeVisible();
    },
  },
  {
    name: "train-seed-refused",
    arrive: async (page) => {
      await open(page, "/train");
      await page.getByRole("textbox", { name: "Seed" }).fill("many");
    },
  },
  {
    name: "train-finished",
    arrive: async (page) => {
      await open(page, "/train");
      await retrain(page);
      await unfold(page);
    },
  },
  ...["ROC", "Calibration", "What it goes by", "One column"].map((tab) => ({
    name: `train-${tab.toLowerCase().replaceAll(" ", "-")}`,
    arrive: async (page) => {
      await open(page, "/train");
      await retrain(page);
      await page.getByRole("tab", { name: tab }).click();
      await expect(page.getByRole("tabpanel").getByRole("group").first()).toBeVisible();
      await unfold(page);
    },
  })),
  {
    name: "train-rows-of-a-cell",
    arrive: async (page) => {
      await open(page, "/train");
      await page.getByText("The same as a table").first().click();
      await page.locator(".cell-button").first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    name: "train-card",
    arrive: async (page) => {
      await open(page, "/train");
      await page.getByRole("button", { name: "Model card", exact: true }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  { name: "runs-empty", arrive: (page) => open(page, "/runs") },
  { name: "runs", arrive: runs },
  {
    name: "runs-grouped",
    arrive: async (page) => {
      await runs(page);
      await page.getByRole("checkbox", { name: "Group by data" }).check();
      await expect(page.locator(".runs-group-head")).toHaveCount(1);
    },
  },
  {
    name: "runs-filter-refused",
    arrive: async (page) => {
      await runs(page);
      await page.getByRole("textbox", { name: "Filter" }).fill("accuracy > high");
      await expect(page.locator("#filter-remark")).toContainText("is a number");
    },
  },
  {
    name: "runs-compare",
    arrive: async (page) => {
      await runs(page);
      for (const at of [0, 2, 4]) await page.locator(".runs tbody input").nth(at).check();
      await expect(page.locator(".runs-compare canvas")).toBeVisible();
      await unfold(page);
    },
  },
  {
    name: "runs-details",
    arrive: async (page) => {
      await runs(page);
      await page.locator(".runs tbody th button").first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await unfold(page);
    },
  },
  {
    name: "runs-deleted",
    arrive: async (page) => {
      await runs(page);
      await page.locator(".runs tbody input").first().check();
      await press(page, "Delete the run");
      await expect(page.getByRole("button", { name: "Undo" })).toBeFocused();
    },
  },
  {
    name: "runs-without-storage",
    arrive: async (page) => {
      await page.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: null }));
      await open(page, "/runs");
      await expect(page.locator(".notice")).toContainText("This browser keeps nothing");
    },
  },
  {
    name: "runs-storage-full",
    arrive: async (page) => {
      await fillStorage(page);
      await open(page, "/train");
      await retrain(page);
      await expect(page.locator(".retrain .notice")).toContainText("no room left");
    },
  },
  {
    name: "runs-damaged",
    arrive: async (page) => {
      await damageStorage(page);
      await open(page, "/runs");
      await expect(page.locator("main .notice").first()).toContainText("damaged");
    },
  },
  {
    name: "runs-blocked",
    arrive: async (page) => {
      await blockStorage(page);
      await page.goto("/runs");
      await expect(page.locator("main .notice").first()).toContainText("Another tab with an older version", { timeout: 15_000 });
      await expect(page.getByRole("main")).not.toContainText("Loading");
    },
  },
  {
    name: "runs-thousand",
    arrive: async (page) => {
      await runs(page);
      await inDatabase(page, async (store, settled) => {
        const [run] = await settled(store("runs").getAll());
        for (let at = 1; at < 1_000; at++) {
          const seeded = { ...run, id: `seeded-${at}`, seed: `${at}`, started_at_millis: run.started_at_millis - at * 60_000, models: [run.models[at % 6]] };
          store("runs").put(seeded, seeded.id);
        }
      });
      await page.reload();
      await expect(page.getByText("1000 runs, 1005 models")).toBeVisible();
      // In the middle of them.
      await page.locator(".rows-scroller").evaluate((it) => (it.scrollTop = it.scrollHeight / 2));
      await expect(page.getByRole("cell", { name: "500", exact: true })).toBeVisible();
    },
  },
  {
    name: "runs-of-other-data",
    arrive: async (page) => {
      await runs(page);
      await inDatabase(page, async (store, settled) => {
        const [run] = await settled(store("runs").getAll());
        store("runs").put({ ...run, id: "other", data_hash: "f".repeat(64), data_name: "penguins" }, "other");
      });
      await page.reload();
      await page.locator('tr[data-run="other"] input').first().check();
      await page.locator('tr[data-run]:not([data-run="other"]) input').first().check();
      await expect(page.locator(".runs-compare .notice")).toContainText("different data");
    },
  },
  {
    name: "runs-reproduced",
    arrive: async (page) => {
      await runs(page);
      await page.locator(".runs tbody tr", { hasText: "Naive Bayes" }).locator("th button").click();
      await page.getByRole("dialog").getByRole("button", { name: "Reproduce" }).click();
      await expect(page.locator(".run-outcome")).toContainText("The same model", { timeout: 30_000 });
    },
  },
  {
    name: "runs-german",
    arrive: async (page) => {
      await german(page);
      await runs(page, "Neu trainieren");
      await page.locator(".runs tbody th button").first().click();
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    name: "runs-failed",
    complains: LOST,
    arrive: async (page) => {
      await lose(page, "**/app-models-*.wasm");
      await page.goto("/runs");
      // The first paint has an alert, too, until the program is there.
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "registry",
    arrive: async (page) => {
      await open(page, "/registry");
      await expect(page.getByRole("heading", { name: "The live URL" })).toBeVisible();
    },
  },
  {
    name: "registry-open",
    arrive: async (page) => {
      await openRegistry(page);
    },
  },
  {
    name: "registry-german",
    arrive: async (page) => {
      await german(page);
      await openRegistry(page, "Registry öffnen");
    },
  },
  {
    name: "registry-wrong-token",
    complains: [/status of 401/],
    arrive: async (page) => {
      await open(page, "/registry");
      await page.locator("#token").fill("no token of this site");
      await press(page, "Open the registry");
      await page.locator("#token").fill("wrong");
      await press(page, "Open the registry");
      await expect(page.getByText("The edge does not know this token")).toBeVisible();
    },
  },
  {
    name: "registry-publish",
    arrive: async (page) => {
      await open(page, "/train");
      await retrain(page);
      await page.getByRole("link", { name: "Publish it" }).click();
      await openRegistry(page, "Open the registry", false);
    },
  },
  {
    name: "registry-confirm",
    arrive: async (page) => {
      await openRegistry(page);
      await press(page, "Open the file …");
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    name: "registry-conflict",
    complains: [/status of 412/],
    arrive: async (page) => {
      await openRegistry(page);
      await press(page, "Open the file …");
      // Somebody else, in the meantime.
      for (const method of ["PUT", "DELETE"]) await page.request.fetch("/api/v1/aliases/of-somebody-else", { method, headers: OWNER, data: method === "PUT" ? { version: 1 } : undefined });
      await press(page, "Open the file");
      await expect(page.getByRole("dialog")).toContainText("somebody else changed the registry");
    },
  },
  {
    name: "registry-broken-ledger",
    arrive: async (page) => {
      await alter(page, "**/api/v1/audit?*", (list) => ({ ...list, entries: list.entries.map((it) => (it.sequence === 1 ? { ...it, actor: "nobody" } : it)) }));
      await openRegistry(page);
      await expect(page.getByText(/^Broken at entry 1/)).toBeVisible();
    },
  },
  ...[["live", 1_250], ["shadow", 10_000]].map(([mode, split]) => ({
    name: `registry-trial-${mode}`,
    arrive: async (page) => {
      await onTrial(page, mode, split);
      await openRegistry(page);
      await expect(page.getByRole("button", { name: "End the trial …" })).toBeVisible();
    },
  })),
  {
    name: "registry-published",
    arrive: async (page) => {
      await open(page, "/train");
      // A model of its own, however often this state is looked at: the same again is said to be published before.
      await field(page, "Seed").fill(String(Date.now() % 1e9));
      await retrain(page);
      await page.getByRole("link", { name: "Publish it" }).click();
      await openRegistry(page, "Open the registry", false);
      await press(page, "Publish");
      await expect(page.getByText(/^Version \d+ is published\./)).toBeVisible();
      await expect(page.getByRole("button", { name: "Promote it …", exact: true })).toBeVisible();
    },
  },
  {
    name: "registry-key-minted",
    arrive: async (page) => {
      await openRegistry(page);
      await page.getByLabel("Whose it is").fill("a reader");
      await press(page, "Mint the key");
      await expect(page.getByLabel(/^This is the key/)).toBeVisible();
    },
  },
  {
    name: "registry-key-too-weak",
    complains: [/status of 403/],
    arrive: async (page) => {
      const key = await mint(page, "reads only", "read");
      await open(page, "/registry");
      await page.locator("#token").fill(key);
      await press(page, "Open the registry");
      await press(page, "Open the file …");
      await press(page, "Open the file");
      await expect(page.getByRole("dialog")).toContainText("not allowed to do that");
    },
  },
  {
    name: "registry-key-revoked",
    arrive: async (page) => {
      await mint(page, "of the states", "read");
      await openRegistry(page);
      await page.getByRole("row", { name: /of the states/ }).getByRole("button", { name: "Revoke …" }).first().click();
      await press(page, "Revoke it");
      await expect(page.getByText("The key is revoked.")).toBeVisible();
    },
  },
  {
    name: "registry-edge-of-another-version",
    arrive: async (page) => {
      await alter(page, "**/api/v1/models?*", ({ models }) => ({ list: models }));
      await open(page, "/registry");
      await page.locator("#token").fill("page-tests");
      await press(page, "Open the registry");
      await expect(page.getByText("Reload the page, and ask again.")).toBeVisible();
    },
  },
  {
    name: "registry-card",
    arrive: async (page) => {
      await openRegistry(page);
      await page.getByRole("button", { name: "Card" }).last().click();
      await expect(page.getByRole("dialog").getByRole("heading", { level: 2 })).toContainText("Model card");
    },
  },
  {
    name: "registry-down",
    complains: LOST,
    arrive: async (page) => {
      await lose(page, "**/api/v1/**");
      await open(page, "/registry");
      await expect(page.getByText("The edge could not be reached").first()).toBeVisible();
    },
  },
  { name: "monitor", arrive: (page) => open(page, "/monitor") },
  {
    name: "monitor-first-traffic",
    arrive: async (page) => {
      await page.route("**/api/v1/monitoring/report*", (route) => route.fulfill({ json: { versions: [] } }));
      await openMonitor(page, "Open the monitor", "The first traffic");
    },
  },
  { name: "monitor-traffic", arrive: (page) => openMonitor(page) },
  {
    name: "monitor-loop",
    arrive: async (page) => {
      await loopTells(page, { state: "published", ended_at: "2026-01-01T01:30:00.000Z", share: 1, says: "Version 2 (random_forest) was trained on 120 labelled rows and gains 12.5 points on version 1. It went on trial, in the champion's shadow at first." });
      await openMonitor(page);
      await expect(page.getByRole("button", { name: "Take this step" })).toBeVisible();
    },
  },
  {
    name: "monitor-loop-training",
    arrive: async (page) => {
      await loopTells(page, { state: "training", share: 0.4, says: "Models are trained on 120 labelled rows." });
      await openMonitor(page);
      await page.getByText("By what").first().click();
      await expect(page.getByRole("progressbar", { name: "The training at the edge" })).toBeVisible();
    },
  },
  { name: "monitor-moved", arrive: (page) => openMonitor(page, "Open the monitor", "Traffic", 2) },
  {
    name: "monitor-german",
    arrive: async (page) => {
      await german(page);
      await openMonitor(page, "Monitor öffnen", "Anfragen");
    },
  },
  {
    name: "monitor-experiment",
    arrive: async (page) => {
      await twoVersions(page, 0, RATIO);
      await openMonitor(page);
      await expect(page.getByRole("heading", { name: "The experiment" })).toBeVisible();
    },
  },
  {
    name: "monitor-split-mismatch",
    arrive: async (page) => {
      await twoVersions(page, 0, { ...RATIO, n_challenger: 40, interval: [0.06, 0.17], p_value: 0, is_mismatch: true });
      await openMonitor(page);
      await expect(page.locator("p.warn").first()).toContainText("do not compare");
    },
  },
  {
    name: "monitor-shadow",
    arrive: async (page) => {
      await twoVersions(page, 60, null);
      await openMonitor(page);
      await expect(page.getByRole("row", { name: /^In the shadow/ })).toBeVisible();
    },
  },
  {
    name: "monitor-sending",
    arrive: async (page) => {
      await openMonitor(page);
      await hold(page, "**/predict");
      await press(page, "Send 50 test rows");
      await expect(page.getByRole("progressbar", { name: "Rows sent" })).toBeVisible();
    },
  },
  {
    name: "monitor-labelled",
    arrive: async (page) => {
      await openMonitor(page);
      await page.locator("[id^=row-] button").first().click();
      const dialog = page.getByRole("dialog");
      const select = dialog.getByLabel(/^What was true/);
      if (await select.count()) {
        await select.selectOption("virginica");
        await press(page, "Give the label");
      }
      await expect(dialog.getByRole("row", { name: "Label" })).toContainText("virginica");
    },
  },
  {
    name: "monitor-erased",
    arrive: async (page) => {
      const data = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
      await page.request.post("/predict", { data, headers: { "x-tepal-subject": "somebody of the states" } });
      await openMonitor(page);
      await page.getByLabel("Subject").fill("somebody of the states");
      await press(page, "Erase …");
      await press(page, "Erase for good");
      await expect(page.locator("main").getByText(/^1 prediction .*erased for good\./)).toBeVisible();
    },
  },
  {
    name: "monitor-paused",
    arrive: async (page) => {
      await openMonitor(page);
      await press(page, "Pause");
      await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
    },
  },
  {
    name: "monitor-key-too-weak",
    complains: [/status of 403/],
    arrive: async (page) => {
      const key = await mint(page, "asks only", "predict");
      await open(page, "/monitor");
      await page.locator("#token").fill(key);
      await press(page, "Open the monitor");
      await expect(page.getByText("take the scope “read”")).toBeVisible();
    },
  },
  {
    name: "monitor-log-down",
    arrive: async (page) => {
      await page.route("**/metrics", (route) => route.fulfill({ body: "tepal_log_up 0\n" }));
      await openMonitor(page);
      await expect(page.getByText("The log does not answer")).toBeVisible();
    },
  },
  {
    name: "monitor-few-rows",
    arrive: async (page) => {
      await alter(page, "**/api/v1/predictions?*", ({ predictions }) => ({ predictions: predictions.slice(0, 7) }));
      await openMonitor(page);
      await expect(page.getByText("Insufficient data: 7 rows")).toBeVisible();
    },
  },
  {
    name: "monitor-row",
    arrive: async (page) => {
      await openMonitor(page);
      await page.locator("[id^=row-] button").first().click();
      await press(page, "Why this answer?");
      await expect(page.getByRole("dialog").locator(".why-bar").first()).toBeVisible();
    },
  },
  {
    name: "monitor-erase",
    arrive: async (page) => {
      await openMonitor(page);
      await page.getByLabel("Subject").fill("somebody");
      await press(page, "Erase …");
      await expect(page.getByRole("dialog")).toBeVisible();
    },
  },
  {
    name: "monitor-down",
    complains: LOST,
    arrive: async (page) => {
      await openMonitor(page);
      await lose(page, "**/api/v1/**");
      await press(page, "Read anew");
      await expect(page.locator(".monitor-old")).toBeVisible();
    },
  },
  {
    name: "monitor-wrong-token",
    complains: [/status of 401/],
    arrive: async (page) => {
      await open(page, "/monitor");
      await page.locator("#token").fill("wrong");
      await press(page, "Open the monitor");
      await expect(page.getByText("The edge does not know this token")).toBeVisible();
    },
  },
  {
    name: "unknown-address",
    complains: [/status of 404/],
    arrive: async (page) => {
      await page.goto("/nowhere");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing grows here");
    },
  },
];
