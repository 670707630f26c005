import { answer, expect, goEverywhere, isTrainingKept, keptChoice, N_MODELS, open, retrain, test } from "./page.mjs";

const badge = (page) => page.locator(".model-badge");

test("a model of every family is trained with progress, and the best one answers", async ({ page }) => {
  await open(page);
  await page.evaluate(() => {
    // Every state of the bar, as it happens: the training takes a fraction of a second.
    window.progressSeen = [];
    new MutationObserver(() => {
      const bar = document.querySelector("progress");
      const words = document.querySelector(".training-progress p")?.textContent;
      if (bar) window.progressSeen.push([bar.value, words]);
    }).observe(document.querySelector(".retrain"), { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await retrain(page);
  const seen = await page.evaluate(() => window.progressSeen);
  const values = seen.map(([value]) => value);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(new Set(values).size).toBeGreaterThan(6);
  expect(seen.some(([, words]) => /Random forest \(2 of 6\)/.test(words))).toBe(true);

  const families = await page.locator("tr[data-model-id]").evaluateAll((rows) => rows.map((row) => row.dataset.family));
  expect(families).toEqual([
    "logistic_regression",
    "random_forest",
    "svm",
    "k_nearest_neighbors",
    "gaussian_nb",
    "gradient_boosting",
  ]);
  for (const id of await page.locator("tr[data-model-id]").evaluateAll((rows) => rows.map((row) => row.dataset.modelId))) {
    expect(id).toMatch(/^[0-9a-f]{64}$/);
  }
  await expect(badge(page)).toContainText("retrained");
  const chosen = await page.locator("tr.answers").getAttribute("data-model-id");
  await expect(badge(page)).toHaveAttribute("data-model-id", chosen);
  await expect(answer(page)).toBeVisible();
});

test("the model that is chosen answers the sliders", async ({ page }) => {
  await open(page);
  await retrain(page);
  const numbers = async () => (await page.locator(".bar-number").allTextContents()).join(" ");
  const seen = new Set();
  for (const family of ["logistic_regression", "random_forest", "svm"]) {
    const row = page.locator(`tr[data-family=${family}]`);
    await row.getByRole("radio").check();
    await expect(row).toHaveClass(/answers/);
    await expect(badge(page)).toHaveAttribute("data-model-id", await row.getAttribute("data-model-id"));
    seen.add(await numbers());
  }
  expect(seen.size).toBe(3);
  await page.getByRole("button", { name: "Back to the built-in model" }).click();
  await expect(badge(page)).toContainText("built-in");
});

test("the same seed gives the same forest and SVM, another seed gives others", async ({ page }) => {
  await open(page);
  const ids = () => page.locator("tr[data-model-id]").evaluateAll((rows) => rows.map((row) => row.dataset.modelId));
  await retrain(page);
  const first = await ids();
  await page.getByRole("textbox", { name: "Seed" }).fill("7");
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await expect.poll(async () => (await ids())[2]).not.toBe(first[2]);
  await expect(page.locator(".why-differ")).toContainText("seed 7 makes another split");
  await page.getByRole("textbox", { name: "Seed" }).fill("42");
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await expect.poll(ids).toEqual(first);
});

test("the button keeps the focus from start to finish", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "Retrain", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("tr[data-model-id]")).toHaveCount(N_MODELS, { timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Retrain", exact: true })).toBeFocused();
});

test("a seed that is none is refused in words", async ({ page }) => {
  await open(page);
  await page.getByRole("textbox", { name: "Seed" }).fill("many");
  await expect(page.locator("#seed-remark")).toContainText("A seed is a whole number");
  await expect(page.getByRole("button", { name: "Retrain", exact: true })).toBeDisabled();
});

test("cancel stops the training and changes nothing", async ({ page }) => {
  await open(page);
  const before = await badge(page).getAttribute("data-model-id");
  await page.evaluate(() => {
    // Faster than a hand: as soon as the second family begins.
    new MutationObserver((_, observer) => {
      if (!/\(2 of 6\)/.test(document.querySelector(".training-progress p")?.textContent ?? "")) return;
      observer.disconnect();
      [...document.querySelectorAll("button")].find((button) => button.textContent.trim() === "Cancel").click();
    }).observe(document.querySelector(".retrain"), { subtree: true, childList: true, characterData: true });
  });
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await expect(page.locator(".retrain .notice")).toHaveText(/Cancelled/);
  await expect(page.locator("tr[data-model-id]")).toHaveCount(1);
  await expect(badge(page)).toHaveAttribute("data-model-id", before);
  await retrain(page);
  await expect(page.locator(".retrain .notice")).toHaveCount(0);
});

test("retrained models survive a reload, until they are put away", async ({ page }) => {
  await open(page);
  await retrain(page);
  await page.locator("tr[data-family=random_forest]").getByRole("radio").check();
  const chosen = await badge(page).getAttribute("data-model-id");
  await expect.poll(() => keptChoice(page)).toBe(chosen);
  await page.reload();
  await goEverywhere(page);
  await expect(badge(page)).toHaveAttribute("data-model-id", chosen);
  await expect(page.locator("tr[data-model-id]")).toHaveCount(N_MODELS);
  await page.getByRole("button", { name: "Put the retrained models away" }).click();
  await expect(page.locator("tr[data-model-id]")).toHaveCount(1);
  await expect.poll(() => isTrainingKept(page)).toBe(false);
  await page.reload();
  await goEverywhere(page);
  await expect(badge(page)).toContainText("built-in");
  await expect(page.locator("tr[data-model-id]")).toHaveCount(1);
});

test("kept models that were altered are discarded with a notice", async ({ page }) => {
  await open(page);
  await retrain(page);
  await expect.poll(() => isTrainingKept(page)).toBe(true);
  await page.evaluate(async () => {
    const settled = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await settled(indexedDB.open("tepal"));
    const store = () => database.transaction("artifacts", "readwrite").objectStore("artifacts");
    const [id] = await settled(store().getAllKeys());
    const bytes = await settled(store().get(id));
    bytes[100] ^= 1;
    await settled(store().put(bytes, id));
    database.close();
  });
  await page.reload();
  await goEverywhere(page);
  const notice = page.locator("main > .notice");
  await expect(notice).toContainText("could not be read");
  await expect(badge(page)).toContainText("built-in");
  await notice.getByRole("button", { name: "Understood" }).click();
  await expect(notice).toHaveCount(0);
});

/** The panel of settings, opened. */
async function settings(page) {
  const panel = page.locator("details.settings");
  await panel.locator("summary").first().click();
  return panel;
}

/** Opens the page Data, takes the penguins and trains on them. */
async function trainPenguins(page) {
  await open(page, "/data");
  await page.getByRole("button", { name: "Penguins" }).click();
  await page.getByRole("link", { name: "Train models on it" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Train and compare" })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Train on" })).toHaveValue("sheet");
  await expect(page.locator("tr[data-model-id]")).toHaveCount(N_MODELS, { timeout: 60_000 });
}

test("penguins from Data: trained in all families, classified, found again by a reload", async ({ page }) => {
  await trainPenguins(page);
  await expect(page.locator(".retrain")).toContainText("gave the true species the most probability");
  await expect(page.locator(".retrain")).toContainText("always answering “Adelie”");
  await page.getByRole("link", { name: "Classify", exact: true }).click();
  await expect(page.getByRole("combobox", { name: "island" })).toBeVisible();
  await expect(answer(page)).toHaveText(/Adelie|Chinstrap|Gentoo/);
  const chosen = await badge(page).getAttribute("data-model-id");
  await expect.poll(() => keptChoice(page)).toBe(chosen);
  await page.reload();
  await goEverywhere(page);
  await expect(badge(page)).toHaveAttribute("data-model-id", chosen);
  // The file is known again before anybody reads it, and read when it is needed.
  await expect(page.getByRole("button", { name: "Train on penguins" })).toBeEnabled();
  await page.getByRole("button", { name: "Train on penguins" }).click();
  await expect(page.locator(".retrain [role=status]").filter({ hasText: "Training has finished" })).toHaveCount(1, { timeout: 60_000 });
  await expect(badge(page)).toHaveAttribute("data-model-id", chosen);
  await page.getByRole("combobox", { name: "Train on" }).selectOption("Iris, built in");
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await expect(page.locator(".why-differ")).toContainText("30 test flowers", { timeout: 60_000 });
});

test("a table that waits for its first models is not shown those of other data", async ({ page }) => {
  await open(page, "/train");
  await expect(page.locator("tr[data-model-id]")).toHaveCount(1);
  await page.getByRole("link", { name: "Data", exact: true }).click();
  await page.getByRole("button", { name: "Wine" }).click();
  await expect(page.getByRole("region", { name: "Columns", exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Train", exact: true }).click();
  await expect(page.getByRole("heading", { name: "No model of wine yet" })).toBeVisible();
  for (const shown of ["tr[data-model-id]", ".detail", ".downloads"]) {
    await expect(page.locator(shown)).toHaveCount(0);
  }
  await page.getByRole("combobox", { name: "Train on" }).selectOption("Iris, built in");
  await expect(page.locator("tr[data-model-id]")).toHaveCount(1);
  await expect(page.locator(".detail")).toBeVisible();
});

test("a file that no model can be made of says so where it is trained", async ({ page }) => {
  await open(page, "/data");
  await page.locator("input[type=file]").setInputFiles({ name: "flat.csv", mimeType: "text/csv", buffer: Buffer.from("x,y\n1,a\n2,a\n") });
  await expect(page.getByRole("region", { name: "What stands in the way" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Train models on it" })).toHaveCount(0);
  await page.getByRole("link", { name: "Train", exact: true }).click();
  await page.getByRole("button", { name: "Train on flat" }).click();
  await expect(page.locator(".retrain .notice")).toContainText("See there what stands in the way");
});

test("families, parameters and folds are trained as they are set", async ({ page }) => {
  await open(page, "/train");
  const panel = await settings(page);
  for (const family of ["Random forest", "SVM", "Nearest neighbours", "Gradient boosting"]) {
    await panel.getByRole("checkbox", { name: family }).uncheck();
  }
  await panel.getByText("Parameters of logistic regression").click();
  const penalty = panel.getByRole("textbox", { name: "C", exact: true });
  await penalty.fill("-1");
  await expect(panel).toContainText("Expected: a finite number above 0.");
  await expect(penalty).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByRole("button", { name: "Retrain", exact: true })).toBeDisabled();
  await penalty.fill("0.5");
  await panel.getByRole("textbox", { name: "Folds" }).fill("3");
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await expect(page.locator("tr[data-model-id]")).toHaveCount(2, { timeout: 60_000 });
  await expect(page.locator("tr[data-family=logistic_regression]")).toContainText("C = 0.5");
  await expect(page.locator(".comparison")).toContainText("3-fold CV");
  await panel.getByRole("button", { name: "Back to the defaults" }).click();
  await expect(panel.getByRole("checkbox", { name: "SVM" })).toBeChecked();
  await expect(panel.getByRole("textbox", { name: "Folds" })).toHaveValue("5");
});

test("a long fit is cancelled in the middle and another training starts at once", { tag: "@timed" }, async ({ page }) => {
  await open(page, "/train");
  const panel = await settings(page);
  for (const family of ["Logistic regression", "SVM", "Nearest neighbours", "Naive Bayes", "Gradient boosting"]) {
    await panel.getByRole("checkbox", { name: family }).uncheck();
  }
  await panel.getByText("Parameters of random forest").click();
  await panel.getByRole("textbox", { name: "Trees" }).fill("10000");
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await expect(page.locator(".training-progress")).toContainText("Random forest (1 of 1)");
  const clicked = Date.now();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator(".retrain .notice")).toHaveText(/Cancelled/);
  expect(Date.now() - clicked).toBeLessThan(2_000);
  await panel.getByRole("textbox", { name: "Trees" }).fill("10");
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await expect(page.locator("tr[data-family=random_forest]")).toContainText("10 trees", { timeout: 60_000 });
});

test.describe("without the trainer", () => {
  test.use({ expectedErrors: [[/Failed to load resource/, /Failed to fetch/], { option: true }] });

  test("the failure is told and can be tried again", async ({ page }) => {
    await page.route("**/app-workers-*.wasm", (route) => route.abort());
    await open(page);
    await page.getByRole("button", { name: "Retrain", exact: true }).click();
    await expect(page.locator(".retrain .notice")).toContainText("The trainer could not be loaded");
    await page.unroute("**/app-workers-*.wasm");
    await retrain(page);
  });

  test("a page in place of the trainer is no trainer", async ({ page }) => {
    await page.route("**/app-worker-*.js", (route) =>
      route.fulfill({ status: 200, contentType: "text/html", body: "<!doctype html>" }),
    );
    await open(page);
    await page.getByRole("button", { name: "Retrain", exact: true }).click();
    await expect(page.locator(".retrain .notice")).toContainText("The trainer could not be loaded");
    await page.unroute("**/app-worker-*.js");
    await retrain(page);
  });
});
