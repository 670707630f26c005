// The model that this site serves answers by default: from its file where that is public, else at the edge;
// and links that carry a model and values.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, expect, field, isTrainingKept, open, retrain, slider, test } from "./page.mjs";

const root = join(import.meta.dirname, "../..");
const trainCsv = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/examples/train_csv");
const owner = { authorization: "Bearer page-tests", "if-match": "*" };
const badge = (page) => page.locator(".model-badge");

test("a link carries model and values to another browser", async ({ page, browser, baseURL, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page);
  await slider(page, "Petal length").fill("1.4");
  await slider(page, "Petal width").fill("0.2");
  await page.getByRole("button", { name: "Copy a link to this" }).click();
  await expect(page.locator(".share")).toContainText("Copied: the link carries the model and these values.");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const { pathname, searchParams } = new URL(link);
  expect(pathname).toBe("/");
  expect(searchParams.get("model")).toBe(await badge(page).getAttribute("data-model-id"));
  expect(searchParams.get("petal_length")).toBe("1.4");
  await slider(page, "Petal length").fill("5.0");
  await expect(page.locator(".share")).not.toContainText("Copied");

  const fresh = await browser.newContext({ baseURL });
  const other = await fresh.newPage();
  await open(other, link);
  await expect(field(other, "Petal length")).toHaveValue("1.4");
  await expect(answer(other)).toHaveText("setosa");
  await fresh.close();
});

test("a browser that does not let the page copy shows the link", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await open(page);
  await page.getByRole("button", { name: "Copy a link to this" }).click();
  await expect(page.getByLabel(/Copy it from here/)).toHaveValue(/\/\?model=[0-9a-f]{64}&sepal_length=/);
});

test.describe("without word of what the site serves", () => {
  test.use({ expectedErrors: [[/Failed to load resource/], { option: true }] });

  const failures = [
    ["a broken connection", (route) => route.abort()],
    ["an old server", (route) => route.fulfill({ status: 404, contentType: "text/html", body: "<!doctype html>" })],
    ["another program", (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<!doctype html>" })],
    ["a description that says nothing", (route) => route.fulfill({ status: 200, json: { model_id: "f".repeat(64) } })],
  ];
  for (const [name, reply] of failures) {
    test(`${name} leaves the built-in model, silently`, async ({ page }) => {
      const asked = page.waitForRequest("**/api/v1/model");
      await page.route("**/api/v1/model", reply);
      await open(page);
      await asked;
      await expect(badge(page)).toContainText("built-in");
      await expect(answer(page)).toHaveText("versicolor");
      await expect(page.locator(".notice")).toHaveCount(0);
      await expect(page.locator(".served")).toBeEmpty();
    });
  }
});

test.describe("a champion of penguins", () => {
  let penguins;

  async function call(request, method, path, options) {
    const reply = await request.fetch(path, { method, ...options, headers: { ...owner, ...options.headers } });
    expect(reply.ok(), `${method} ${path}: ${await reply.text()}`).toBe(true);
    return reply.json();
  }

  const deploy = (request, data) => call(request, "PUT", "/api/v1/deployment", { data });

  test.beforeAll(async ({ request }) => {
    const out = mkdtempSync(join(tmpdir(), "tepal-"));
    const csv = join(root, "model-core/data/penguins.csv");
    const options = ["--target", "species", "--drop", "year", "--families", "svm", "--out", out];
    const { status, stderr } = spawnSync(trainCsv, [csv, ...options], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const file = readFileSync(join(out, "svm.tepal"));
    const headers = { "content-type": "application/octet-stream" };
    penguins = await call(request, "POST", "/api/v1/models", { data: file, headers });
    await deploy(request, { champion: penguins.version, public_artifact: true, reason: "penguins" });
  });

  test.afterAll(({ request }) => deploy(request, { champion: 1, reason: "irises again" }));

  test("is taken into the tab if its file is public, and answers for penguins there", async ({ page }) => {
    await open(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which species is this?");
    await expect(badge(page)).toHaveAttribute("data-model-id", penguins.model_id);
    await expect(badge(page)).toContainText("served here · in this tab");
    await field(page, "bill_length_mm").fill("46.1");
    await page.getByRole("combobox", { name: "island" }).selectOption("Biscoe");
    await field(page, "flipper_length_mm").fill("217");
    await field(page, "body_mass_g").fill("5200");
    await field(page, "bill_depth_mm").fill("14.2");
    await expect(answer(page)).toHaveText("Gentoo");
    await expect(page.locator(".why").getByRole("heading")).toHaveText("Why Gentoo");
    await page.getByRole("button", { name: "Ask the edge" }).click();
    await expect(page.locator("[data-agreement]")).toHaveAttribute("data-agreement", "to-the-bit");
  });

  test("gives way to a model that is named by a link, and to one that was retrained here", async ({ page }) => {
    await page.route("**/api/v1/model", (route) => route.fulfill({ json: {} }), { times: 1 });
    await open(page);
    await expect(badge(page)).toContainText("built-in");
    const iris = await badge(page).getAttribute("data-model-id");
    await open(page, `/?model=${iris}&petal_length=1.4&petal_width=0.2`);
    await expect(badge(page)).toHaveAttribute("data-model-id", iris);
    await expect(answer(page)).toHaveText("setosa");
    await retrain(page);
    await expect(badge(page)).toContainText("retrained");
    await expect.poll(() => isTrainingKept(page)).toBe(true);
    await open(page);
    await expect(badge(page)).toContainText("retrained");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
  });

  test("is what a link can name in a browser that has never been here", async ({ page }) => {
    await open(page, `/?model=${penguins.model_id}&bill_length_mm=39`);
    await expect(badge(page)).toHaveAttribute("data-model-id", penguins.model_id);
    await expect(field(page, "bill_length_mm")).toHaveValue("39");
    await expect(page.locator(".notice")).toHaveCount(0);
  });

  test("is not taken for what it says it is, but for what it is", async ({ page }) => {
    const other = readFileSync(join(root, "tests/fixtures/golden/iris_v4_svm.tepal"));
    await page.route("**/api/v1/model/artifact*", (route) =>
      route.fulfill({ status: 200, contentType: "application/octet-stream", body: other }),
    );
    await open(page);
    await expect(badge(page)).toContainText("at the edge");
  });

  test("answers at the edge if its file is not public, and says so", async ({ page, request }) => {
    await deploy(request, { public_artifact: false, reason: "ours" });
    const sent = [];
    page.on("request", (asked) => asked.url().endsWith("/predict") && sent.push(asked.postDataJSON()));
    // The isolate that answers believes for a while what the registry said.
    await expect(async () => {
      await open(page);
      await expect(badge(page)).toContainText("at the edge", { timeout: 1_000 });
    }).toPass({ timeout: 30_000 });
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which species is this?");
    await expect(page.locator(".remote-about")).toContainText("whose file is not public (SVM, version");
    await field(page, "bill_length_mm").fill("46.1");
    await page.getByRole("combobox", { name: "island" }).selectOption("Biscoe");
    await field(page, "flipper_length_mm").fill("217");
    await field(page, "body_mass_g").fill("5200");
    await field(page, "bill_depth_mm").fill("14.2");
    expect(sent, "nothing is sent unless asked").toEqual([]);
    await page.getByRole("button", { name: "Ask the edge" }).click();
    await expect(answer(page)).toHaveText("Gentoo");
    await expect(page.locator("[data-edge-model-id]")).toHaveAttribute("data-edge-model-id", penguins.model_id);
    expect(sent).toHaveLength(1);
    await field(page, "bill_length_mm").fill("39");
    await expect(page.locator(".answer")).toContainText("Ask again");
    await field(page, "bill_length_mm").fill("x");
    await expect(page.getByRole("button", { name: "Ask the edge" })).toBeDisabled();
  });
});
