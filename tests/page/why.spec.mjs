// What Classify says beyond its answer: why, what cannot be excluded, what would change it, known flowers like
// it, and the map of answers.
import { answer, expect, field, open, slider, test } from "./page.mjs";

const why = (page) => page.locator(".why");
const bars = (page) => why(page).getByRole("listitem");
const current = (page) => expect(why(page)).toHaveAttribute("aria-busy", "false");
const map = (page) => page.locator(".decision-map");

/** Signed points of each bar, by its feature. */
async function points(page) {
  const texts = await bars(page).evaluateAll((all) =>
    all.map((bar) => [bar.querySelector(".why-feature").textContent, bar.querySelector(".why-number").textContent]),
  );
  return Object.fromEntries(texts.map(([name, number]) => [name, Number(number.replace("−", "-"))]));
}

test("each feature's bar leads from the mean to the answer", async ({ page }) => {
  await open(page);
  await field(page, "Sepal length").fill("6.7");
  await field(page, "Petal length").fill("5.0");
  await field(page, "Petal width").fill("1.7");
  await expect(answer(page)).toHaveText("virginica");
  await current(page);
  await expect(why(page).getByRole("heading")).toHaveText("Why virginica");
  // The numbers of the command line for the same flower.
  expect(await points(page)).toEqual({ "Petal length": 11.4, "Petal width": 11.3, "Sepal width": 0.9, "Sepal length": 0.4 });
  await expect(why(page)).toContainText(/against 64 flowers of the training data: from 34\.2\s%.* to 58\.2\s% here/);
});

test("an explanation arrives within a tenth of a second, and is about the last value of a drag", { tag: "@timed" }, async ({ page }) => {
  await open(page);
  await current(page);
  const millis = await page.evaluate(async () => {
    const slider = document.querySelector('input[type=range][aria-label^="Petal width"]');
    const section = document.querySelector(".why");
    const isCurrent = () => section.getAttribute("aria-busy") === "false";
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const taken = [];
    for (let at = 0; at < 20; at++) {
      slider.value = String(0.3 + 0.1 * at);
      const started = performance.now();
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await frame();
      while (!isCurrent()) await frame();
      taken.push(performance.now() - started);
    }
    return taken.sort((a, b) => a - b);
  });
  test.info().annotations.push({ type: "measured", description: `median ${millis[10].toFixed(0)} ms` });
  expect(millis[10]).toBeLessThan(100);
  const before = await points(page);
  await page.evaluate(() => {
    const slider = document.querySelector('input[type=range][aria-label^="Petal width"]');
    for (const value of ["0.5", "1.0", "1.5", "2.0", "0.2"]) {
      slider.value = value;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  await current(page);
  expect(await points(page)).not.toEqual(before);
  await expect(field(page, "Petal width")).toHaveValue("0.2");
});

test("the model is sent to the worker once", async ({ page }) => {
  await page.addInitScript(() => {
    const post = Worker.prototype.postMessage;
    window.sentToWorkers = [];
    Worker.prototype.postMessage = function (message, ...rest) {
      window.sentToWorkers.push(message?.[1]?.byteLength ?? 0);
      return post.call(this, message, ...rest);
    };
  });
  await open(page);
  await current(page);
  for (const petal of ["1.4", "4.9", "5.1"]) {
    await slider(page, "Petal length").fill(petal);
    await current(page);
  }
  const sent = await page.evaluate(() => window.sentToWorkers.filter((bytes) => bytes > 0));
  expect(sent).toHaveLength(1);
});

test("a set names what cannot be excluded, and an empty one asks for a look", async ({ page }) => {
  await open(page);
  const set = page.locator(".answer-set");
  await expect(set).toContainText("versicolor, and no other.");
  await expect(set).toContainText("About 90 in 100 sets like this hold the true species.");
  await field(page, "Petal length").fill("5.0");
  await field(page, "Petal width").fill("1.7");
  await expect(set).toContainText("look at this flower yourself");
});

test("what would change the answer is said, and one click tries it", async ({ page }) => {
  await open(page);
  const other = page.locator(".other-answer");
  await expect(other).toContainText(/With an? (petal|sepal) .* it would be (virginica|setosa)\./);
  const becomes = /it would be (\w+)\./.exec(await other.textContent())[1];
  await other.getByRole("button", { name: "Try it" }).click();
  await expect(answer(page)).toHaveText(becomes);
});

test("known flowers stand with class, distance and measurements", async ({ page }) => {
  await open(page);
  const nearest = page.getByRole("region", { name: "Known flowers like it" });
  await expect(nearest.getByRole("row")).toHaveCount(6);
  await expect(nearest.getByRole("columnheader")).toHaveText([
    "Class", "Distance", "Sepal length", "Sepal width", "Petal length", "Petal width",
  ]);
  await page.getByRole("button", { name: "setosa" }).click();
  await expect(nearest.getByRole("rowheader", { name: "setosa" })).toHaveCount(5);
});

test("the map is read by arrow keys and as a table, and follows its features", async ({ page }) => {
  await open(page);
  const chart = map(page).getByRole("group", { name: /^Answers by petal/ });
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await expect(chart.getByRole("status")).toHaveText(/^Here, at petal .*: versicolor, 97\.6\s%\.$/);
  await page.keyboard.press("ArrowRight");
  await expect(chart.getByRole("status")).toHaveText(/^At petal \w+ .*: \w+, \d+\s%\.$/);
  await map(page).getByText("The same as a table").click();
  await expect(map(page).getByRole("rowheader")).toHaveCount(6);
  await page.getByLabel("Along").selectOption({ label: "Sepal width" });
  await expect(map(page).getByRole("group", { name: /^Answers by sepal width and petal/ })).toBeVisible();
  // The other side's feature swaps the two.
  const up = page.getByLabel("Up", { exact: true });
  const before = await up.evaluate((list) => list.selectedOptions[0].textContent);
  await page.getByLabel("Along").selectOption({ label: before });
  await expect(up).toHaveValue("1");
});

test("moving along the map asks for no other map, moving off it does", async ({ page }) => {
  await open(page);
  const chart = page.locator(".map-chart");
  await expect(chart).toHaveAttribute("aria-busy", "false");
  const busy = await chart.evaluate(async (element) => {
    const seen = [];
    new MutationObserver(() => seen.push(element.getAttribute("aria-busy"))).observe(element, { attributes: true });
    const drag = async (label, value) => {
      const slider = document.querySelector(`input[type=range][aria-label^="${label}"]`);
      slider.value = value;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    await drag("Petal length", "3.0");
    await drag("Petal width", "0.9");
    const along = seen.length;
    await drag("Sepal length", "7.0");
    return { along, off: seen.length };
  });
  expect(busy.along).toBe(0);
  expect(busy.off).toBeGreaterThan(0);
});

test("without an answer there is nothing to explain", async ({ page }) => {
  await open(page);
  await field(page, "Petal length").fill("x");
  await expect(why(page)).toContainText("Once there is an answer");
  await field(page, "Petal length").fill("1.4");
  await current(page);
});

test.describe("a worker that does not arrive", () => {
  test.use({ expectedErrors: [[/Failed to load resource/, /Failed to fetch/, /TypeError/, /CompileError/], { option: true }] });

  test("is told, leaves the answer alone and can be tried again", async ({ page }) => {
    await page.route("**/app-workers-*.wasm", (route) => route.abort());
    await open(page);
    await expect(why(page).getByRole("status")).toContainText("did not arrive");
    await page.getByRole("button", { name: "setosa" }).click();
    await expect(answer(page)).toHaveText("setosa");
    await page.unroute("**/app-workers-*.wasm");
    await why(page).getByRole("button", { name: "Try again" }).click();
    await current(page);
    await expect(why(page).getByRole("heading")).toHaveText("Why setosa");
  });
});
