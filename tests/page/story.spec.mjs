// What somebody does with data of their own, from the file to the rows that the model gets wrong.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { answer, expect, give, open, retrain, test } from "./page.mjs";

const link = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });

test("penguins with gaps: a type is overruled, six families train, and a row of a cell goes to Classify", async ({ page }) => {
  await open(page, "/data");
  await give(page, "penguins.csv", readFileSync("model-core/data/penguins.csv", "utf8"));
  await expect(page.locator(".strip").first()).toBeVisible();
  await page.getByRole("combobox", { name: "The column that says what each row is" }).selectOption("species");
  await page.getByRole("combobox", { name: "year is read as" }).selectOption("categories");
  await expect(page.locator(".strip").filter({ hasText: /2009 \d+/ })).toBeVisible();

  await link(page, "Train").click();
  await expect(page.getByRole("combobox", { name: "Train on" })).toHaveValue("sheet");
  await retrain(page, "Train on penguins");
  const details = page.getByRole("region", { name: "One model in detail" });
  await expect(page.getByRole("heading", { name: "Is the best really better?" })).toBeVisible();
  await page.getByRole("link", { name: "Take the model with you" }).click();
  await expect(page.getByRole("heading", { name: /^Take it with you/ })).toBeInViewport();
  await expect(page.getByRole("link", { name: "Classify a case or a file" })).toHaveAttribute("href", "/");

  const table = details.locator("table", { has: page.locator(".cell-button") });
  await details.getByText("The same as a table").first().click();
  await table.locator(".cell-button").first().click();
  const dialog = page.getByRole("dialog");
  const row = dialog.locator("tbody tr").first();
  // Which row of the file it is, and what stands there.
  const number = Number(/\d+/.exec(await row.locator("th, td").first().textContent())[0]);
  const cells = readFileSync("model-core/data/penguins.csv", "utf8").trimEnd().split("\n")[number].split(",");
  const names = readFileSync("model-core/data/penguins.csv", "utf8").split("\n")[0].split(",");
  await row.getByRole("link", { name: "Classify with it" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await expect(answer(page)).toHaveText(cells[names.indexOf("species")]);
  const bill = page.getByRole("textbox", { name: "bill_length_mm", exact: true });
  expect(Number(await bill.inputValue())).toBe(Number(cells[names.findIndex((name) => name.startsWith("bill_length"))]));
});

test("the ONNX file of a model of one's own data is opened by onnxruntime", async ({ page }) => {
  const python = process.env.ONNX_PYTHON;
  test.skip(!python, "ONNX_PYTHON names no Python with onnxruntime");
  await open(page, "/data");
  await page.getByRole("button", { name: "Wine" }).click();
  await expect(page.locator(".strip").first()).toBeVisible();
  await link(page, "Train").click();
  await retrain(page, "Train on wine");
  const details = page.getByRole("region", { name: "One model in detail" });
  await details.getByRole("combobox", { name: "Model" }).selectOption({ label: "Random forest" });
  const panel = page.getByRole("region", { name: /^Take it with you/ });
  const saved = page.waitForEvent("download");
  await panel.getByRole("button", { name: "ONNX" }).click();
  const file = await (await saved).path();
  const lines = readFileSync("model-core/data/wine.csv", "utf8").trimEnd().split("\n");
  const names = lines[0].split(",");
  const target = names.length - 1;
  const program = `
import sys, numpy as np, onnxruntime
model = onnxruntime.InferenceSession(sys.argv[1])
rows = np.array([[float(cell) for cell in line.split(",")] for line in sys.argv[2].split("|")], dtype=np.float32)
print("|".join(model.run(["label"], {"features": rows})[0]))`;
  const rows = lines.slice(1).map((line) => line.split(","));
  const features = rows.map((cells) => cells.slice(0, target).join(",")).join("|");
  const labels = execFileSync(python, ["-B", "-c", program, file, features]).toString().trim().split("|");
  const right = labels.filter((label, at) => label === rows[at][target]).length;
  expect(right / rows.length).toBeGreaterThan(0.97);
  expect(labels).toHaveLength(178);
});
