// Runs: every training is kept, found again, sorted, compared, taken elsewhere; and what happens if nothing can be kept.
import { readFileSync } from "node:fs";

import { answer, blockStorage, damageStorage, expect, fillStorage, goEverywhere, inDatabase, isTrainingKept, keptChoice, longestTask, N_MODELS, open, retrain, test, watchTasks } from "./page.mjs";

const rows = (page) => page.locator(".runs tbody tr[data-run]");
const families = (page) => rows(page).locator("th").allTextContents();
const choose = (page, at) => rows(page).nth(at).getByRole("checkbox").check();
const details = async (page, at) => {
  await rows(page).nth(at).locator("th button").click();
  return page.getByRole("dialog");
};
const badge = (page) => page.locator(".model-badge");
const link = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });

/** Trains on Iris and opens the page Runs. */
async function trained(page) {
  await open(page, "/train");
  await retrain(page);
  await link(page, "Runs").click();
  await expect(rows(page)).toHaveCount(N_MODELS);
}

test("a training becomes a run that a reload finds, with its figures", async ({ page }) => {
  await open(page, "/runs");
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  await page.getByRole("link", { name: "Train a model" }).click();
  await retrain(page);
  await link(page, "Runs").click();
  await expect(rows(page)).toHaveCount(N_MODELS);
  await page.reload();
  await expect(rows(page)).toHaveCount(N_MODELS);
  await expect(page.getByText("1 run, 6 models")).toBeVisible();
  const svm = rows(page).filter({ hasText: "SVM" });
  await expect(svm).toContainText(/9\d\.\d\s%/);
  await expect(svm).toContainText(/iris/i);
  await expect(svm).toContainText("42");
  await expect(svm).toContainText(/20\d\d-\d\d-\d\d \d\d:\d\d/);
});

test("any column sorts, words and an expression filter, and a mistake is explained", async ({ page }) => {
  await trained(page);
  const loss = page.getByRole("columnheader", { name: "Log loss" });
  await loss.getByRole("button").click();
  await expect(loss).toHaveAttribute("aria-sort", "ascending");
  const losses = async () => (await rows(page).locator("td:nth-child(4)").allTextContents()).map(Number);
  const up = await losses();
  expect(up).toEqual([...up].sort((a, b) => a - b));
  await loss.getByRole("button").click();
  await expect.poll(losses).toEqual([...up].reverse());
  const filter = page.getByRole("textbox", { name: "Filter" });
  await filter.fill("family = svm or n_trees = 100");
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByText("2 of 6 rows shown.")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search" }).fill("forest");
  await expect(rows(page)).toHaveCount(1);
  expect(await families(page)).toEqual(["Random forest"]);
  await filter.fill("family > svm");
  await expect(page.locator("#filter-remark")).toHaveText("“family” is a text: compare it with =, != or ~ (contains).");
  await expect(filter).toHaveAttribute("aria-invalid", "true");
});

test("models are compared by what differs, and grouped by their data", async ({ page }) => {
  await trained(page);
  await choose(page, 0);
  await expect(page.getByText("1 row chosen; one more")).toBeVisible();
  await choose(page, 1);
  const panel = page.locator(".runs-compare");
  await expect(panel.getByRole("heading", { name: "2 models compared" })).toBeVisible();
  const line = (name) => panel.locator(".compare-table").getByRole("rowheader", { name, exact: true });
  await expect(line("Log loss")).toBeVisible();
  await expect(line("Seed")).toHaveCount(0);
  await panel.getByRole("checkbox", { name: "Show what is alike" }).check();
  await expect(line("Seed")).toBeVisible();
  await expect(panel.locator(".notice")).toHaveCount(0);
  await panel.locator(".chart").focus();
  await page.keyboard.press("Home");
  await expect(panel.locator(".chart-readout")).toHaveText(/:/);
  await page.getByRole("checkbox", { name: "Group by data" }).check();
  await expect(page.locator(".runs-group-head")).toHaveText(/6 models/);
});

test("a run of other data is warned of in a comparison", async ({ page }) => {
  await trained(page);
  await inDatabase(page, async (store, settled) => {
    const [run] = await settled(store("runs").getAll());
    store("runs").put({ ...run, id: "other", data_hash: "f".repeat(64), data_name: "penguins" }, "other");
  });
  await page.reload();
  await expect(rows(page)).toHaveCount(2 * N_MODELS);
  await page.locator('tr[data-run="other"] input').first().check();
  await page.locator('tr[data-run]:not([data-run="other"]) input').first().check();
  await expect(page.locator(".runs-compare .notice")).toContainText("learnt from different data");
});

test("a run is deleted and had back, by the keyboard, and gone once it was not wanted back", async ({ page }) => {
  await trained(page);
  const kept = () => inDatabase(page, (store, settled) => Promise.all(["runs", "artifacts"].map((name) => settled(store(name).count()))));
  expect(await kept()).toEqual([1, N_MODELS]);
  await choose(page, 0);
  await page.getByRole("button", { name: "Delete the run" }).click();
  const undo = page.getByRole("button", { name: "Undo" });
  await expect(undo).toBeFocused();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  expect(await kept()).toEqual([0, 0]);
  await page.keyboard.press("Enter");
  await expect(rows(page)).toHaveCount(N_MODELS);
  expect(await kept()).toEqual([1, N_MODELS]);
  const dialog = await details(page, 1);
  await dialog.getByRole("button", { name: "Delete the run with its 6 models" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(undo).toBeVisible();
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.activeElement.blur());
  await expect(undo).toHaveCount(0, { timeout: 15_000 });
  await page.reload();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
});

test("notes and tags are kept, and found", async ({ page }) => {
  await trained(page);
  const dialog = await details(page, 0);
  await dialog.getByRole("textbox", { name: "Notes" }).fill("The one for the talk");
  await dialog.getByRole("textbox", { name: /Tags/ }).fill("talk, iris ");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page.getByText("Notes and tags are kept.")).toBeVisible();
  await page.reload();
  await page.getByRole("textbox", { name: "Filter" }).fill('tag = talk and notes ~ "for the"');
  await expect(rows(page)).toHaveCount(N_MODELS);
  await expect(rows(page).first()).toContainText("talk, iris");
});

test("a model of a run answers on Classify, also after a reload, and is saved as a file", async ({ page }) => {
  await trained(page);
  const at = (await families(page)).indexOf("Naive Bayes");
  const dialog = await details(page, at);
  const [file] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Model file" }).click()]);
  expect(file.suggestedFilename()).toBe("gaussian_nb.tepal");
  expect(readFileSync(await file.path()).length).toBeGreaterThan(500);
  await dialog.getByRole("button", { name: "Let it answer" }).click();
  await dialog.getByRole("link", { name: "Classify with it" }).click();
  await expect(badge(page)).toContainText("Naive Bayes · retrained");
  await page.getByRole("button", { name: "setosa" }).click();
  await expect(answer(page)).toHaveText("setosa");
  const chosen = await badge(page).getAttribute("data-model-id");
  await expect.poll(() => keptChoice(page)).toBe(chosen);
  await page.reload();
  await expect(badge(page)).toContainText("Naive Bayes · retrained");
});

test("a run is reproduced to the bit, and says which file is needed where its data is not at hand", async ({ page }) => {
  await trained(page);
  const at = (await families(page)).indexOf("Naive Bayes");
  const dialog = await details(page, at);
  await dialog.getByRole("button", { name: "Reproduce" }).click();
  await expect(dialog.locator(".run-outcome")).toContainText("The same model came of it", { timeout: 30_000 });
  await open(page, "/data");
  await page.getByRole("button", { name: "Penguins" }).click();
  await page.getByRole("link", { name: "Train models on it" }).click();
  await link(page, "Runs").click();
  await expect(rows(page)).toHaveCount(2 * N_MODELS, { timeout: 60_000 });
  await page.getByRole("textbox", { name: "Filter" }).fill("data = penguins and family = gaussian_nb");
  await expect(rows(page)).toHaveCount(1);
  const penguins = await details(page, 0);
  await penguins.getByRole("button", { name: "Reproduce" }).click();
  await expect(penguins.locator(".run-outcome")).toContainText("The same model came of it", { timeout: 30_000 });
  await inDatabase(page, (store) => ["data-file", "data-options"].forEach((key) => store("kept").delete(key)));
  await open(page, "/runs");
  await page.getByRole("textbox", { name: "Filter" }).fill("data = penguins and family = gaussian_nb");
  await expect(rows(page)).toHaveCount(1);
  const without = await details(page, 0);
  await without.getByRole("button", { name: "Reproduce" }).click();
  await expect(without.locator(".run-outcome")).toContainText("Open the file “penguins” on Data");
});

test("a second tab sees the new run", async ({ page, context }) => {
  await open(page, "/train");
  const other = await context.newPage();
  await other.goto("/runs");
  await expect(other.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  await page.bringToFront();
  await retrain(page);
  await expect(rows(other)).toHaveCount(N_MODELS);
});

test("a thousand runs are sorted, searched and scrolled without keeping the page waiting", async ({ page }) => {
  await trained(page);
  await inDatabase(page, async (store, settled) => {
    const [run] = await settled(store("runs").getAll());
    for (let at = 0; at < 1_000; at++) {
      const model = { ...run.models[at % 6], log_loss: ((at * 7919) % 1000) / 1000 };
      const seeded = { ...run, id: `seeded-${at}`, seed: `${at}`, started_at_millis: run.started_at_millis - at * 60_000, models: [model] };
      store("runs").put(seeded, seeded.id);
    }
  });
  await page.reload();
  await expect(page.getByText("1001 runs, 1006 models")).toBeVisible();
  await watchTasks(page);
  expect(await rows(page).count()).toBeLessThan(40);
  await page.getByRole("columnheader", { name: "Log loss" }).getByRole("button").click();
  await expect(rows(page).first()).toContainText("0.000");
  const most = await page.locator(".rows-scroller").evaluate(async (it) => {
    let most = 0;
    for (let top = 0; top < it.scrollHeight; top += 900) {
      it.scrollTop = top;
      await new Promise(requestAnimationFrame);
      most = Math.max(most, it.querySelectorAll("tbody tr").length);
    }
    it.scrollTop = it.scrollHeight;
    return most;
  });
  // However far it goes, no more is drawn than is seen.
  expect(most).toBeLessThan(50);
  await expect(rows(page).last()).toContainText("0.999");
  await page.getByRole("searchbox", { name: "Search" }).fill("svm");
  await page.getByRole("textbox", { name: "Filter" }).fill("seed < 50 and accuracy > 0.5");
  await expect(page.getByText(/^\d of 1,006 rows shown\.$/)).toBeVisible();
  console.log(`1,006 rows: longest task ${await longestTask(page)} ms`);
});

test("runs go into a file and come back from it, once", async ({ page }) => {
  await trained(page);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export all" }).click()]);
  expect(file.suggestedFilename()).toBe("runs.tepalruns");
  const buffer = readFileSync(await file.path());
  const take = (buffer) => page.locator("input[type=file]").setInputFiles({ name: "runs.tepalruns", mimeType: "application/octet-stream", buffer });
  const before = await rows(page).allTextContents();
  await take(buffer);
  await expect(page.getByText("Imported: 0 runs; 1 were here already.")).toBeVisible();
  await choose(page, 0);
  await page.getByRole("button", { name: "Delete the run" }).click();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  await take(Buffer.from("a,b\n1,2\n"));
  await expect(page.getByText("The file holds no runs of Tepal")).toBeVisible();
  const altered = Buffer.from(buffer);
  altered[altered.length - 200] ^= 1;
  await take(altered);
  await expect(page.getByText(/Nothing was imported/)).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
  await take(buffer);
  await expect(page.getByText("Imported: 1 run.")).toBeVisible();
  await expect(rows(page)).toHaveText(before);
});

test("runs are saved for MLflow as a zip of what is chosen", async ({ page }) => {
  await trained(page);
  await choose(page, 0);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export for MLflow" }).click()]);
  expect(file.suggestedFilename()).toBe("runs-mlflow.zip");
  // Nothing in it is compressed: names and texts stand as they are. What MLflow makes of it is `cargo xtask test --only mlflow`.
  const zip = readFileSync(await file.path()).toString("latin1");
  expect(zip.startsWith("PK\x03\x04")).toBe(true);
  expect(zip).toContain("mlflow migrate-filestore --source . --target");
  const models = zip.match(/mlruns\/\d+\/[0-9a-f]{32}\/artifacts\/model\.tepal/g);
  // Each stands before its file, and in the directory at the end.
  expect(models).toHaveLength(2 * N_MODELS);
  expect(new Set(models).size).toBe(N_MODELS);
  await expect(page.getByText("Exported: 1 run, with their models.")).toBeVisible();
});

test("the training that an earlier version kept becomes a run, and its models go on answering", async ({ page }) => {
  await open(page, "/train");
  await retrain(page);
  const id = await badge(page).getAttribute("data-model-id");
  await expect.poll(() => isTrainingKept(page)).toBe(true);
  // As version 1 of the database had it: one store, and the models in the record.
  await page.goto("/openapi.json");
  await page.evaluate(async () => {
    const settled = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const now = await settled(indexedDB.open("tepal"));
    const stores = now.transaction(["kept", "artifacts"]);
    const last = await settled(stores.objectStore("kept").get("last-training"));
    const artifacts = await Promise.all(last.models.map((id) => settled(stores.objectStore("artifacts").get(id))));
    now.close();
    await settled(indexedDB.deleteDatabase("tepal"));
    const opening = indexedDB.open("tepal", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
    const before = await settled(opening);
    const { seed, total_millis, chosen } = last;
    const store = before.transaction("kept", "readwrite").objectStore("kept");
    await settled(store.put({ format: 1, seed, total_millis, chosen, artifacts }, "last-training"));
    before.close();
  });
  await open(page, "/train");
  await expect(badge(page)).toHaveAttribute("data-model-id", id);
  await link(page, "Runs").click();
  await expect(rows(page)).toHaveCount(N_MODELS);
  await page.reload();
  await expect(rows(page)).toHaveCount(N_MODELS);
  await expect(badge(page)).toHaveAttribute("data-model-id", id);
  await expect(page.getByText("1 run, 6 models")).toBeVisible();
});

test("a browser that keeps nothing says so, and trains all the same", async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(window, "indexedDB", { value: null }));
  await open(page, "/train");
  await retrain(page);
  const notice = page.locator(".retrain .notice");
  await expect(notice).toContainText("This browser keeps nothing for this page");
  await expect(notice).toContainText("a reload will not find them");
  await expect(badge(page)).toContainText("retrained");
  await link(page, "Runs").click();
  await expect(page.locator("main .notice")).toContainText("This browser keeps nothing for this page");
  await expect(page.getByRole("heading", { name: "No runs yet" })).toHaveCount(0);
});

test("a full storage is said, and nothing of the run is kept", async ({ page }) => {
  await fillStorage(page);
  await open(page, "/train");
  await retrain(page);
  await expect(page.locator(".retrain .notice")).toContainText("The browser has no room left");
  await expect(badge(page)).toContainText("retrained");
  await link(page, "Runs").click();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  await page.reload();
  await goEverywhere(page);
  await expect(badge(page)).toContainText("built-in");
});

test("a damaged storage is said, and can be started anew", async ({ page }) => {
  await damageStorage(page);
  await open(page, "/runs");
  await expect(page.locator("main .notice").first()).toContainText("damaged");
  await page.getByRole("button", { name: "start anew" }).click();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
});

test("a tab that holds on to an older version of the storage is said to", async ({ page }) => {
  const holder = await blockStorage(page);
  await page.goto("/runs");
  await expect(page.locator("main .notice").first()).toContainText("Another tab with an older version", { timeout: 15_000 });
  await holder.close();
  await page.reload();
  await expect(page.getByRole("heading", { name: "No runs yet" })).toBeVisible();
});
