// The loop on Monitor, on the real Worker: a champion that is wrong, and whose rows drift, is trained anew; a visitor follows that on the
// page, takes the steps that wait for them, and rolls back.
import { readFileSync } from "node:fs";

import { expect, give, open, retrain, test } from "./page.mjs";

const OWNER = "page-tests";
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const loop = (page) => page.locator("section.panel", { has: page.getByRole("heading", { level: 2, name: "The loop" }) });
const dialog = (page) => page.getByRole("dialog");

const csv = readFileSync("model-core/data/iris.csv", "utf8").trim();
const [head, ...lines] = csv.split("\n");
const names = head.split(",").slice(0, 4);
const swapped = { versicolor: "virginica", virginica: "versicolor" };
const wrong = [head, ...lines.map((line) => line.replace(/[^,]+$/, (label) => swapped[label] ?? label))].join("\n");
const flowers = lines.map((line) => {
  const cells = line.split(",");
  return { row: cells.slice(0, 4).map(Number), label: cells[4] };
});
let turn = 0;

async function call(request, method, path, data) {
  const headers = { authorization: `Bearer ${OWNER}`, "if-match": "*" };
  const reply = await request.fetch(path, { method, headers, data });
  expect(reply.ok(), `${method} ${path}: ${await reply.text()}`).toBe(true);
  return reply.json();
}

/** Asks for `n` flowers whose sepals are longer than those of the training, and says what they were. */
async function play(request, n) {
  const labels = [];
  for (let at = 0; at < n; at += 1, turn += 1) {
    const { row, label } = flowers[(turn * 37) % 150];
    const data = Object.fromEntries(names.map((name, at) => [name, row[at] + (name === "sepal_length" ? 1 : 0)]));
    labels.push({ id: (await call(request, "POST", "/predict", data)).id, label });
  }
  const say = async () => {
    const { results } = await call(request, "POST", "/api/v1/feedback", { labels });
    return results.every(({ status }) => status === "recorded" || status === "unchanged");
  };
  await expect.poll(say, { timeout: 10_000 }).toBe(true);
}

const look = (request) => call(request, "POST", "/api/v1/monitoring/look");
const deployment = (request) => call(request, "GET", "/api/v1/deployment");

test.afterEach(async ({ request }) => {
  await call(request, "PUT", "/api/v1/policy", {});
  await call(request, "PUT", "/api/v1/deployment", { champion: 1, challenger: null, mode: "live", reason: "as before" });
});

test("a drift is followed to its end: trained anew, step by step promoted by clicks, and rolled back", async ({ page, request }) => {
  test.setTimeout(240_000);
  await open(page, "/data");
  await give(page, "swapped.csv", wrong);
  await expect(page.locator(".strip").first()).toBeVisible();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Train", exact: true }).click();
  await retrain(page, "Train on swapped");
  await page.getByRole("link", { name: "Publish it" }).click();
  await page.getByLabel("Owner's token, or a key").fill(OWNER);
  await press(page, "Open the registry");
  await press(page, "Publish");
  const said = page.locator(".publish").getByText(/^Version \d+ is published\./);
  await expect(said).toBeVisible();
  const bad = Number(/\d+/.exec(await said.textContent())[0]);
  await call(request, "PUT", "/api/v1/deployment", { champion: bad, challenger: null });
  await call(request, "PUT", "/api/v1/policy", { mode: "off", stage_labels: [20, 20, 20], max_labels: 400, probation_labels: 200 });

  // Three windows that drifted, all of it labelled.
  for (let window = 0; window < 3; window += 1) {
    await play(request, 60);
    await look(request);
  }
  await open(page, "/monitor");
  const panel = loop(page);
  await expect(panel).toContainText("no longer look like those that trained it: 3 windows in a row", { timeout: 15_000 });
  await expect(panel).toContainText("It only looks, and says what it would do.");
  await expect(panel.locator("ol > li").first()).toContainText("Would be done");
  await panel.getByText("By what").first().click();
  await expect(panel.getByRole("row", { name: /^windows drifted/ }).first()).toContainText("3");

  // Now it may act, but asks first.
  await panel.getByRole("combobox", { name: "The loop" }).selectOption("approve");
  await expect(panel).toContainText("it waits here for you");
  expect((await call(request, "GET", "/api/v1/policy")).policy).toMatchObject({ mode: "approve", stage_labels: [20, 20, 20] });
  await press(page, "Train another model");
  await expect(panel).toContainText("It went on trial, in the champion's shadow at first", { timeout: 120_000 });
  const { challenger } = await deployment(request);

  for (const next of ["it is tried with a tenth of the requests", "it is tried with half of the requests", "it becomes the champion"]) {
    const waits = panel.locator(".notice");
    const isAsked = async () => {
      await play(request, 10);
      await look(request);
      return (await waits.count()) > 0 && (await waits.textContent()).includes(next);
    };
    await expect.poll(isAsked, { timeout: 60_000, intervals: [0] }).toBe(true);
    await press(page, "Take this step");
    await expect(waits).toHaveCount(0);
  }
  await expect.poll(async () => (await deployment(request)).champion.version).toBe(challenger.version);
  await expect(panel.locator("ol > li", { hasText: "Promoted" })).toHaveCount(1);

  await press(page, "Look now");
  await expect(panel.getByRole("status")).toContainText("It has just looked.");
  await press(page, "Roll back …");
  await expect(dialog(page)).toContainText("From now on /predict is answered by");
  await press(page, `Roll back to version ${bad}`);
  await expect(dialog(page)).toHaveCount(0);
  await expect(panel.getByRole("status")).toContainText(`${bad}`);
  expect((await deployment(request)).champion.version).toBe(bad);
  await expect(panel.getByRole("heading", { level: 2 })).toBeFocused();

  // Somebody else sets the policy while this page is open.
  await call(request, "PUT", "/api/v1/policy", { mode: "off" });
  await play(request, 10);
  await look(request);
  await expect(panel).toContainText("It only looks, and says what it would do.", { timeout: 15_000 });
});

test("a training that runs shows how far it is, and can be stopped", async ({ page, request }) => {
  await call(request, "POST", "/predict", Object.fromEntries(names.map((name, at) => [name, flowers[0].row[at]])));
  await look(request);
  const running = { number: 9, state: "training", share: 0.4, says: "Models are trained on 120 labelled rows." };
  let stopped = false;
  await page.route("**/api/v1/retrain", (route) => {
    stopped ||= route.request().method() === "DELETE";
    const over = { ...running, state: "cancelled", ended_at: "2026-01-01T00:00:00.000Z", says: "It was stopped by owner." };
    const json = route.request().method() === "DELETE" ? over : { retrainings: [stopped ? over : running] };
    return route.fulfill({ json });
  });
  await open(page, "/monitor");
  await page.getByLabel("Owner's token, or a key").fill(OWNER);
  await press(page, "Open the monitor");
  const panel = loop(page);
  await expect(panel.getByRole("progressbar", { name: "The training at the edge" })).toHaveJSProperty("value", 0.4);
  await expect(panel).toContainText("Models are trained on 120 labelled rows.");
  await press(page, "Stop the training");
  await expect(panel.getByRole("progressbar")).toHaveCount(0);
  await expect(panel.getByRole("button", { name: "Train another model" })).toBeVisible();
  await expect(panel.getByRole("status")).toContainText("It was stopped by owner.");
});

test("the labelled rows open on Data, to be trained on here", async ({ page, request }) => {
  await play(request, 20);
  await look(request);
  await open(page, "/monitor");
  await page.getByLabel("Owner's token, or a key").fill(OWNER);
  await press(page, "Open the monitor");
  await loop(page).getByRole("link", { name: "Train here on the labelled rows" }).click();
  await expect(page).toHaveURL("/data");
  await expect(page.locator(".strip").first()).toBeVisible();
  await expect(page.getByRole("main")).toContainText("sepal_length");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Train", exact: true }).click();
  await expect(page.getByRole("button", { name: "Train on pasted rows" })).toBeEnabled();
});
