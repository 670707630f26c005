// The page Data: a table from wherever it comes, what was made of it, what overrules that.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, give, longestTask, open, test, watchTasks } from "./page.mjs";

const strip = (page, name) => page.locator(".strip").filter({ has: page.getByRole("heading", { level: 3, name, exact: true }) });
const readAs = (page, name) => page.getByRole("combobox", { name: `${name} is read as` });
const target = (page) => page.getByRole("combobox", { name: "The column that says what each row is" });
const rows = (page) => page.getByRole("region", { name: "Rows" });
const problems = (page) => page.getByRole("region", { name: "What stands in the way" });
const classes = (page) => page.getByRole("list", { name: "Classes and their rows" }).getByRole("listitem");

test("penguins by one click, overruled, found again by a reload, forgotten", async ({ page }) => {
  await open(page, "/data");
  await page.getByRole("button", { name: "Penguins" }).click();
  await expect(classes(page)).toHaveText([/Adelie\s*152/, /Chinstrap\s*68/, /Gentoo\s*124/]);
  await expect(page.locator(".strip")).toHaveCount(8);
  await expect(strip(page, "bill_length_mm")).toContainText("2 missing");
  await expect(strip(page, "island")).toContainText("Biscoe 168");
  await expect(strip(page, "sex")).toContainText("is taken for no value");
  await expect(page.locator("main").getByRole("status")).toContainText("Read: 344 rows, 8 columns.");
  await expect(rows(page)).toContainText("Torgersen");

  await readAs(page, "year").selectOption("categories");
  await expect(strip(page, "year")).toContainText("2009 120");
  await expect(readAs(page, "year")).toHaveValue("categories");

  await target(page).selectOption("sex");
  await expect(classes(page)).toHaveText([/female\s*165/, /male\s*168/]);
  await expect(strip(page, "species")).toContainText("Adelie 146");
  await expect(page.getByText("11 rows have no label")).toBeVisible();

  await page.reload();
  await expect(classes(page)).toHaveText([/female\s*165/, /male\s*168/]);
  await expect(readAs(page, "year")).toHaveValue("categories");
  await page.getByRole("button", { name: "Forget this data" }).click();
  await expect(page.getByRole("button", { name: "Penguins" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Penguins" })).toBeVisible();
  await expect(page.locator(".strip")).toHaveCount(0);
});

test("a column that is left out can be taken back", async ({ page }) => {
  await open(page, "/data");
  await page.getByRole("button", { name: "Iris" }).click();
  await readAs(page, "sepal_width").selectOption("leave out");
  await expect(strip(page, "sepal_width")).toContainText("such as 3.5");
  await expect(page.getByText("3 columns to learn from")).toBeVisible();
  await readAs(page, "sepal_width").selectOption({ index: 0 });
  await expect(page.getByText("4 columns to learn from")).toBeVisible();
});

test("a faulty cell has the words of the command line and is shown where it stands", async ({ page }) => {
  const lines = Array.from({ length: 300 }, (_, at) => `${at + 1},${at % 2 ? "a" : "b"}`);
  lines[249] = "a lot,a";
  await open(page, "/data");
  await give(page, "broken.csv", `size,kind\n${lines.join("\n")}\n`);
  await expect(problems(page)).toContainText('row 250, column "size": expected a finite number, got "a lot"');
  await problems(page).getByRole("button", { name: "Show row 250" }).click();
  await expect(rows(page).locator(".cell-faulty")).toContainText("a lot");
  await expect(rows(page).locator(".cell-faulty")).toBeInViewport();
  await expect(rows(page)).toBeFocused();
  await problems(page).getByRole("button", { name: "Take “a lot” for no value" }).click();
  await expect(problems(page)).toHaveCount(0);
  await expect(strip(page, "size")).toContainText("1 missing");
  // It can be taken back where it is stated.
  await page.getByText("Read it another way").click();
  const marks = page.getByRole("textbox", { name: "Missing marks" });
  await expect(marks).toHaveValue("a lot");
  await marks.fill("");
  await marks.press("Tab");
  await expect(problems(page)).toContainText('got "a lot"');
});

test("marks are stated one a line, beside those that are known or instead of them", async ({ page }) => {
  const lines = Array.from({ length: 60 }, (_, at) => `${at + 1},${at % 2 ? "a" : "b"}`);
  [lines[3], lines[4], lines[5]] = ['"12,,5",a', "NA,b", "none yet,a"];
  await open(page, "/data");
  await give(page, "marks.csv", `size,kind\n${lines.join("\n")}\n`);
  const marks = page.getByRole("textbox", { name: "Missing marks" });
  await marks.fill("12,,5\nnone yet");
  await marks.press("Tab");
  await expect(problems(page)).toHaveCount(0);
  await expect(strip(page, "size")).toContainText("3 missing");
  await page.getByText("Read it another way").click();
  await page.getByRole("checkbox", { name: /^Only these/ }).check();
  await expect(problems(page)).toContainText('got "NA"');
});

test("a file in Windows-1252 is read once that is stated", async ({ page }) => {
  const line = (at) => `${at + 1};${at % 2 ? "Grün" : "Weiß"};${at % 3 ? "ja" : "nein"}`;
  const csv = `Größe;Farbe;Klasse\n${Array.from({ length: 60 }, (_, at) => line(at)).join("\n")}\n`;
  const file = { name: "alt.csv", mimeType: "text/csv", buffer: Buffer.from(csv, "latin1") };
  await open(page, "/data");
  await page.locator("input[type=file]").setInputFiles(file);
  await expect(problems(page)).toContainText("Windows-1252");
  await problems(page).getByRole("button", { name: "Read it as Windows-1252" }).click();
  await expect(strip(page, "Größe")).toBeVisible();
  await expect(strip(page, "Farbe")).toContainText("Weiß 30");
});

test("every row of another width is listed", async ({ page }) => {
  await open(page, "/data");
  await give(page, "wide.csv", "x,y\n1,a\n2,b,c\n3,b\n4\n5,a\n");
  await expect(problems(page).getByRole("listitem").filter({ hasText: "where the header has 2" })).toHaveCount(2);
  await expect(rows(page).locator("tr.row-faulty")).toHaveCount(2);
});

test("what is no table is refused in words, and another file can be chosen", async ({ page }) => {
  await open(page, "/data");
  await give(page, "empty.csv", "");
  await expect(problems(page)).toContainText("the file has no data rows");
  await give(page, "good.csv", "x;y\n1,5;a\n2,5;b\n");
  await expect(problems(page)).toHaveCount(0);
  await expect(page.getByText("Cells are separated by semicolons, decimals are written with a comma")).toBeVisible();
});

test("pasted rows are read", async ({ page }) => {
  await open(page, "/data");
  await page.getByRole("textbox", { name: "Rows of a table" }).fill("x,y\n1,a\n2,b\n");
  await page.getByRole("button", { name: "Read what I pasted" }).click();
  await expect(classes(page)).toHaveCount(2);
  await expect(page.locator(".file-name")).toHaveText("pasted rows");
});

test("a dropped file is read", async ({ page }) => {
  await open(page, "/data");
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["x,y\n1,a\n2,b\n"], "dropped.csv", { type: "text/csv" }));
    document.querySelector("h1").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await expect(page.locator(".file-name")).toHaveText("dropped");
});

test("by keyboard alone", async ({ page }) => {
  await open(page, "/data");
  await page.getByRole("button", { name: "Penguins" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "What should be learnt?" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(target(page)).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(classes(page)).toHaveText([/Biscoe/, /Dream/, /Torgersen/]);
  await expect(target(page)).toBeFocused();
  await rows(page).focus();
  await page.keyboard.press("End");
  await expect(rows(page).getByRole("rowheader", { name: "344" })).toBeInViewport();
});

test("a hundred thousand rows are scrolled without a long task, and few are drawn", async ({ page }) => {
  const header = `${Array.from({ length: 19 }, (_, at) => `x${at}`).join(",")},kind`;
  const line = (row) => `${Array.from({ length: 19 }, (_, at) => ((row * (at + 7)) % 1000) / 10).join(",")},${row % 3}`;
  const text = `${header}\n${Array.from({ length: 100_000 }, (_, row) => line(row)).join("\n")}\n`;
  await open(page, "/data");
  await watchTasks(page);
  // As a file: bytes that are handed to the page would be decoded on its thread.
  const file = test.info().outputPath("many.csv");
  writeFileSync(file, text);
  const started = Date.now();
  await page.locator("input[type=file]").setInputFiles(file);
  await expect(page.locator(".strip")).toHaveCount(20, { timeout: 60_000 });
  const read = Date.now() - started;
  await rows(page).focus();
  for (const share of [0.25, 0.5, 0.75, 1]) {
    await rows(page).evaluate((it, share) => (it.scrollTop = share * it.scrollHeight), share);
    await page.waitForTimeout(200);
  }
  await expect(rows(page).getByRole("rowheader", { name: "100000" })).toBeInViewport();
  await expect(rows(page).getByRole("row", { name: "100000" })).toContainText("0");
  expect(await rows(page).locator("tr").count()).toBeLessThan(45);
  console.log(`100,000 rows x 20 columns: drawn after ${read} ms, longest task ${await longestTask(page)} ms`);
});

test("reading can be stopped, and the file is still there", async ({ page }) => {
  await open(page, "/data");
  await page.evaluate(() => {
    // Faster than a hand: as soon as there is something to stop.
    new MutationObserver((_, observer) => {
      const stop = [...document.querySelectorAll("button")].find((button) => button.textContent.trim() === "Stop");
      if (!stop) return;
      observer.disconnect();
      stop.click();
    }).observe(document.body, { subtree: true, childList: true });
  });
  await give(page, "good.csv", "x,y\n1,a\n2,b\n");
  await expect(page.getByText("Stopped. The file is still here")).toBeVisible();
  await page.getByRole("button", { name: "Read it again" }).click();
  await expect(classes(page)).toHaveCount(2);
});

test.describe("without the reader", () => {
  test.use({ expectedErrors: [[/Failed to load resource/, /Failed to fetch/], { option: true }] });

  test("the failure is told and can be tried again", async ({ page }) => {
    await page.route("**/app-workers-*.wasm", (route) => route.abort());
    await open(page, "/data");
    await page.getByRole("button", { name: "Wine" }).click();
    await expect(page.getByText("The program that reads files could not be loaded")).toBeVisible();
    await page.unroute("**/app-workers-*.wasm");
    await page.getByRole("button", { name: "Read it again" }).click();
    await expect(page.locator(".strip")).toHaveCount(14);
  });
});

test("the bundled files are those of the library, byte by byte", async ({ request }) => {
  for (const name of ["iris", "penguins", "wine"]) {
    const response = await request.get(`/data-${name}.csv`);
    expect(await response.text()).toBe(readFileSync(`model-core/data/${name}.csv`, "utf8"));
  }
});
