// A file of rows on Classify: answered, looked at, compared with what is true, downloaded; and what cannot be.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, give, open, retrain, test } from "./page.mjs";

const root = join(import.meta.dirname, "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");
const predictCsv = join(target, "debug/examples/predict_csv");
const model = join(root, "model-core/data/iris.tepal");
const iris = join(root, "model-core/data/iris.csv");
const HEAD = "sepal_length,sepal_width,petal_length,petal_width";

const panel = (page) => page.locator(".file-panel");
const summary = (page) => page.locator(".file-summary");
const choose = (page, file) => page.locator(".file-panel input[type=file]").setInputFiles(file);
const csv = (text, name = "rows.csv") => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** What the command line makes of the same file. */
function commandLine(text, ...options) {
  const file = join(mkdtempSync(join(tmpdir(), "tepal-")), "rows.csv");
  writeFileSync(file, text);
  const { stdout, stderr } = spawnSync(predictCsv, [model, file, ...options], { encoding: "utf8", maxBuffer: 2 ** 26 });
  return { csv: stdout, words: stderr.replaceAll(`${file}: `, "") };
}

async function downloaded(page) {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download with the answers" }).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

test("a file in Windows-1252 is answered once that is stated", async ({ page }) => {
  const text = `Größe;${HEAD.replaceAll(",", ";")}\nmäßig;5,1;3,5;1,4;0,2\n`;
  await open(page);
  await choose(page, { ...csv(""), buffer: Buffer.from(text, "latin1") });
  await panel(page).getByRole("button", { name: "Read it as Windows-1252" }).click();
  await expect(summary(page)).toContainText("1 row answered.");
  await expect(page.getByRole("region", { name: "Rows and answers" })).toContainText("mäßig");
});

test("what means no value where a model was trained does so in a file for it", async ({ page }) => {
  const lines = Array.from({ length: 90 }, (_, at) => `${at % 9},${["north", "south", "k. A."][at % 3]},${at % 9 > 4 ? "a" : "b"}`);
  await open(page, "/data");
  await give(page, "sides.csv", `x,side,kind\n${lines.join("\n")}\n`);
  await page.getByRole("button", { name: "Take “k. A.” for no value" }).click();
  await expect(page.locator(".strip").nth(1)).toContainText("30 missing");
  await page.getByRole("link", { name: "Train models on it" }).click();
  await expect(page.locator("tr[data-model-id]").first()).toBeVisible({ timeout: 60_000 });
  await page.getByRole("link", { name: "Classify", exact: true }).click();
  await choose(page, csv("x,side\n3,k. A.\n8,north\n"));
  await expect(summary(page)).toContainText("2 rows answered.");
});

test("rows are answered in a table, and downloaded in the notation of their file", async ({ page }) => {
  const text = `flower;${HEAD.replaceAll(",", ";")}\n"a;1";5,1;3,5;1,4;0,2\nb;6,7;3,0;5,0;1,7\nc;9,5;3,0;5,0;1,7\n`;
  await open(page);
  await choose(page, csv(text, "my.flowers.csv"));
  await expect(summary(page)).toContainText("3 rows answered.");
  const rows = page.getByRole("region", { name: "Rows and answers" });
  await expect(rows.locator("tbody tr[aria-rowindex]")).toHaveCount(3);
  await expect(rows.getByRole("row", { name: /^1 setosa 97\.\d\s%/ })).toBeVisible();
  await expect(rows.getByRole("row", { name: /outside_training_range: sepal_length/ })).toBeVisible();
  const { name, text: answers } = await downloaded(page);
  expect(name).toBe("my.flowers-answers.csv");
  expect(answers).toBe(commandLine(text, "--like-file").csv);
  expect(answers.split("\n")[1]).toMatch(/^"a;1";5,1;3,5;1,4;0,2;setosa;0,97/);

  const plain = `${HEAD}\n5.1,3.5,1.4,0.2\n`;
  await choose(page, csv(`\ufeff${plain}`));
  await expect(summary(page)).toContainText("1 row answered.");
  expect((await downloaded(page)).text).toBe(`\ufeff${commandLine(plain).csv}`);
});

test("a file with the target says how good the answers are", async ({ page }) => {
  await open(page);
  await choose(page, iris);
  await expect(panel(page)).toContainText(/97\.\d\s% right: 14\d of 150, 95\s% interval \d+ to \d+\s%\./);
  const chart = panel(page).getByRole("group", { name: /^Confusion matrix of the file/ });
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await expect(chart.getByRole("status")).toHaveText("True setosa, answered setosa: 50 flowers.");
});

test("problems are told in the words of the command line, with a way to the row", async ({ page }) => {
  const good = "5.1,3.5,1.4,0.2\n".repeat(200);
  const text = `${HEAD},colour\n${good.replaceAll("\n", ",red\n")}5.1,abc,1.4,0.2,red\n5.1,3.5,1.4,99,red\n5.1,3.5\n`;
  const { words } = commandLine(text);
  await open(page);
  await choose(page, csv(text));
  await expect(summary(page)).toContainText("200 rows answered, 3 refused");
  const shown = (await panel(page).innerText()).replaceAll("\n", " ");
  const lines = words.split("\n").map((line) => line.trim().replace(/^note: /, "")).filter(Boolean);
  expect(lines.length).toBeGreaterThan(4);
  for (const line of lines) expect(shown.toLowerCase()).toContain(line.toLowerCase());
  await page.getByRole("button", { name: "Show row 202" }).click();
  const row = page.locator('tr[aria-rowindex="203"]');
  await expect(row).toBeInViewport();
  await expect(row).toContainText("no answer");
  await expect(row).toContainText('column "petal_width"');
});

for (const [name, text, words] of [
  ["other columns", "a,b\n1,2\n", /there is no column "sepal_length"|sepal_length/i],
  ["no table", "\x89PNG\r\n\x1a\n\0\0", /./],
  ["nothing at all", "", /./],
]) {
  test(`a file of ${name} is refused in the same words`, async ({ page }) => {
    const refused = commandLine(text).words.trim().split("\n").at(-1).replace(/^predict_csv: /, "").replace(/^error: /, "");
    await open(page);
    await choose(page, csv(text));
    const notice = panel(page).locator(".notice-warn");
    await expect(notice).toContainText(words);
    const said = (await notice.innerText()).trim().replace(/\.$/, "").toLowerCase();
    expect(refused.toLowerCase()).toContain(said);
  });
}

test("a file can be dropped, forgotten, and answered by another model", async ({ page }) => {
  await open(page);
  const data = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
    return data;
  }, `${HEAD}\n6.1,2.8,4.9,1.8\n`);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
  await expect(summary(page)).toContainText("1 row answered.");
  await retrain(page);
  await page.locator("tr[data-family=random_forest] input[type=radio]").check();
  await expect(panel(page)).toContainText("Another model answers now");
  await panel(page).getByRole("button", { name: "Answer it again" }).click();
  await expect(panel(page)).not.toContainText("Another model answers now");
  await expect(summary(page)).toContainText("1 row answered.");
  await panel(page).getByRole("button", { name: "Forget this file" }).click();
  await expect(panel(page)).toContainText("Drop a CSV file here");
});

test("a hundred thousand rows scroll, and answering them can be stopped", async ({ page }) => {
  test.slow();
  const line = (at) => `${(4.5 + (at % 30) / 10).toFixed(1)},3.0,${(1 + (at % 55) / 10).toFixed(1)},1.3\n`;
  const text = `${HEAD}\n${Array.from({ length: 100_000 }, (_, at) => line(at)).join("")}`;
  await open(page);
  await choose(page, csv(text));
  await panel(page).getByRole("button", { name: "Stop" }).click();
  await expect(panel(page)).toContainText("Stopped. The file is still here");
  await panel(page).getByRole("button", { name: "Answer it again" }).click();
  await expect(panel(page).locator(".file-stage")).toContainText(/of 100000 rows answered/);
  await expect(summary(page)).toContainText("100000 rows answered", { timeout: 90_000 });
  const rows = page.getByRole("region", { name: "Rows and answers" });
  await rows.focus();
  await page.keyboard.press("End");
  await expect(rows.locator('tr[aria-rowindex="100001"]')).toContainText(/setosa|versicolor|virginica/);
  expect(await rows.locator("tbody tr").count()).toBeLessThan(60);
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
});
