import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { N_MODELS, answer, expect, field, open, retrain, test } from "./page.mjs";

const comparison = (page) => page.locator("table.comparison");
const details = (page) => page.getByRole("region", { name: "One model in detail" });

/** Opens Train and trains there. */
async function trained(page) {
  await open(page, "/train");
  await retrain(page);
}

/** What pressing `button` saves: its name and its bytes. */
async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), path: await download.path(), bytes: readFileSync(await download.path()) };
}

test("the comparison is ordered by any column, with the keyboard too", async ({ page }) => {
  await trained(page);
  const sizes = async () => {
    const texts = await comparison(page).locator("td[data-label=Size]").allTextContents();
    return texts.map((text) => Number.parseFloat(text));
  };
  const head = (name) => comparison(page).getByRole("columnheader", { name });
  await expect(head("Size")).toHaveAttribute("aria-sort", "none");
  await head("Size").getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(head("Size")).toHaveAttribute("aria-sort", "ascending");
  expect(await sizes()).toEqual((await sizes()).toSorted((a, b) => a - b));
  await expect(head("Size").getByRole("button")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(head("Size")).toHaveAttribute("aria-sort", "descending");
  expect(await sizes()).toEqual((await sizes()).toSorted((a, b) => b - a));
  await head("Test accuracy").getByRole("button").click();
  await expect(head("Test accuracy")).toHaveAttribute("aria-sort", "descending");
  await expect(head("Size")).toHaveAttribute("aria-sort", "none");
});

test("whether the best is really better is said in words, with the p-values behind", async ({ page }) => {
  await open(page, "/train");
  await expect(page.getByRole("heading", { name: "Is the best really better?" })).toHaveCount(0);
  await retrain(page);
  const verdict = page.locator(".verdict");
  await expect(verdict.getByRole("heading")).toHaveText("Is the best really better?");
  await expect(verdict.locator("p").first()).toHaveText(/in cross-validation/i);
  await verdict.getByText("Each pair, with its p-value").click();
  await expect(verdict.locator("tbody tr")).toHaveCount(N_MODELS - 1);
  await expect(verdict.locator("tbody tr").last()).toContainText(/may be luck|really better|as good/);
});

test.describe("with a finger", () => {
  test.use({ hasTouch: true });

  test("a tap on a cell of the confusion matrix opens its rows", async ({ page }) => {
    await open(page, "/train");
    const chart = page.getByRole("group", { name: /^Confusion matrix/ });
    await chart.locator("canvas").tap();
    await expect(page.getByRole("dialog", { name: "True versicolor, answered versicolor: 9 flowers" })).toBeVisible();
  });
});

test("a cell of the confusion matrix opens its rows, and one of them goes to Classify", async ({ page }) => {
  await open(page, "/train");
  const chart = page.getByRole("group", { name: /^Confusion matrix/ });
  await chart.focus();
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowRight");
  await expect(chart.getByRole("status")).toHaveText("True versicolor, answered virginica: 1 flower.");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "True versicolor, answered virginica: 1 flower" });
  await expect(dialog.locator("tbody tr")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(chart).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();

  await page.getByText("The same as a table").first().click();
  await details(page).locator(".cell-button").first().click();
  const first = page.getByRole("dialog").locator("tbody tr").first();
  const petal = /Petal length ([\d.]+)/.exec(await first.textContent())[1];
  await first.getByRole("link", { name: "Classify with it" }).click();
  await expect(page).toHaveURL(/petal_length=/);
  await expect(answer(page)).toHaveText("setosa");
  expect(Number(await field(page, "Petal length").inputValue())).toBe(Number(petal));
  await expect(page.locator(".true-class")).toHaveText("In its table this row is “setosa”: the answer is right.");
});

test("a row that the model gets wrong says so on Classify, until it is another row", async ({ page }) => {
  await open(page, "/train");
  const chart = page.getByRole("group", { name: /^Confusion matrix/ });
  await chart.focus();
  for (let step = 0; step < 6; step += 1) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("link", { name: "Classify with it" }).click();
  await expect(answer(page)).toHaveText("virginica");
  const remark = page.locator(".true-class");
  await expect(remark).toHaveText("In its table this row is “versicolor”: the answer is wrong.");
  await field(page, "Petal length").fill("1.4");
  await expect(remark).toHaveCount(0);
});

test("each tab shows its chart with a table and words beside it, by arrow keys", async ({ page }) => {
  await trained(page);
  await details(page).getByRole("combobox", { name: "Model" }).selectOption({ label: "Random forest" });
  await details(page).getByRole("tab", { name: "Confusion" }).focus();
  const next = async (name) => {
    await page.keyboard.press("ArrowRight");
    await expect(details(page).getByRole("tab", { name })).toBeFocused();
    await expect(details(page).getByRole("tabpanel", { name })).toBeVisible();
  };
  await expect(details(page).getByRole("row", { name: /^macro average/ })).toBeVisible();
  await next("ROC");
  const group = (name) => details(page).getByRole("group", { name });
  await expect(group(/^ROC curves/)).toBeVisible();
  await expect(details(page).getByRole("row", { name: /setosa 1\.000/ })).toBeVisible();
  await next("Calibration");
  await expect(group(/^Calibration/)).toBeVisible();
  await expect(details(page)).toContainText(/Brier score: 0\.\d+/);
  await next("What it goes by");
  await expect(group(/^What the model goes by: points of accuracy/)).toBeVisible();
  await details(page).getByRole("radio", { name: "By the fit itself" }).check();
  await expect(group(/^What the model goes by: share/)).toBeVisible();
  await details(page).getByRole("tab", { name: "What it goes by" }).focus();
  await next("One column");
  await expect(group("Partial dependence on sepal_length")).toBeVisible();
  await details(page).getByRole("combobox", { name: "Column" }).selectOption({ label: "Petal length" });
  await expect(group("Partial dependence on petal_length")).toBeVisible();
  await details(page).getByRole("tab", { name: "One column" }).focus();
  await next("Confusion");
});

test("a chart is saved as a picture and as the table beside it", async ({ page }) => {
  await trained(page);
  const cost = page.getByRole("region", { name: "Time and size" });
  await expect(cost.getByRole("group", { name: /^Time of the fit/ })).toBeVisible();
  const picture = await saved(page, cost.getByRole("button", { name: /^PNG/ }));
  expect(picture.name).toBe("time-of-the-fit-against-size-of-the-model-file.png");
  expect(picture.bytes.subarray(1, 4).toString()).toBe("PNG");
  // A fit below the resolution of the browser's clock has no time: how many have one differs.
  const costs = await saved(page, cost.getByRole("button", { name: /^CSV/ }));
  expect(costs.bytes.toString()).toMatch(/^Model,Fit,Size\r\n/);
  expect(costs.bytes.toString()).toMatch(/^Gradient boosting,[\d.]+,\d+\r$/m);
  const accuracy = page.getByRole("region", { name: "Accuracy" });
  const table = await saved(page, accuracy.getByRole("button", { name: /^CSV/ }));
  const lines = table.bytes.toString().trimEnd().split("\r\n");
  expect(lines[0]).toBe("Model,Test,95 % interval,Cross-validation,Published");
  expect(lines).toHaveLength(1 + N_MODELS);
});

test("ONNX, model file, card and JSON are saved, and the card is read in a dialog", async ({ page }) => {
  await trained(page);
  const panel = page.getByRole("region", { name: /^Take it with you/ });
  await details(page).getByRole("combobox", { name: "Model" }).selectOption({ label: "SVM" });
  await expect(panel.getByRole("heading", { level: 2 })).toHaveText("Take it with you · SVM");
  const file = await saved(page, panel.getByRole("button", { name: "Model file" }));
  expect(file.name).toBe("svm.tepal");
  const json = await saved(page, panel.getByRole("button", { name: "JSON" }));
  const card = JSON.parse(json.bytes.toString());
  expect([json.name, card.model.family, card.data.classes.length]).toEqual(["svm-card.json", "svm", 3]);
  const onnx = await saved(page, panel.getByRole("button", { name: "ONNX" }));
  expect(onnx.name).toBe("svm.onnx");
  await expect(panel).toContainText("Takes single precision");

  const opener = panel.getByRole("button", { name: "Model card" });
  await opener.click();
  const dialog = page.getByRole("dialog", { name: /^Model card: iris/ });
  await expect(dialog.getByRole("heading", { name: "Limits" })).toBeVisible();
  const markdown = await saved(page, dialog.getByRole("button", { name: "Save as Markdown" }));
  expect(markdown.bytes.toString()).toContain(card.model.model_id);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();

  await details(page).getByRole("combobox", { name: "Model" }).selectOption({ label: "Nearest neighbours" });
  await expect(panel.getByRole("button", { name: "ONNX" })).toBeDisabled();
  await expect(panel).toContainText("No ONNX file: ");
});

test("the ONNX file answers in onnxruntime as the page does", async ({ page }) => {
  const python = process.env.ONNX_PYTHON;
  test.skip(!python, "ONNX_PYTHON names no Python with onnxruntime");
  await trained(page);
  const panel = page.getByRole("region", { name: /^Take it with you/ });
  for (const family of ["SVM", "Random forest"]) {
    await details(page).getByRole("combobox", { name: "Model" }).selectOption({ label: family });
    const { path } = await saved(page, panel.getByRole("button", { name: "ONNX" }));
    const program = `
import sys, numpy as np, onnxruntime
model = onnxruntime.InferenceSession(sys.argv[1])
row = np.array([[6.3, 3.3, 6.0, 2.5]], dtype=np.float32)
print(model.run(["label"], {"features": row})[0][0])`;
    expect(execFileSync(python, ["-B", "-c", program, path]).toString().trim()).toBe("virginica");
  }
});

test("the program to copy asks this site and is answered", async ({ page, request, context, baseURL }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "/train");
  const panel = page.getByRole("region", { name: /^Take it with you/ });
  const text = await panel.locator("pre").textContent();
  expect(text).toContain(`curl -s -X POST ${baseURL}/predict`);
  const row = JSON.parse(/-d '(.*)'/.exec(text)[1]);
  const reply = await request.post("/predict", { data: row });
  expect(reply.status()).toBe(200);
  await panel.getByRole("tab", { name: "curl" }).focus();
  await page.keyboard.press("End");
  await expect(panel.locator("pre")).toContainText("urllib.request");
  await panel.getByRole("button", { name: "Copy" }).click();
  await expect(panel.getByRole("status")).toHaveText("Copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("urllib.request");
});
