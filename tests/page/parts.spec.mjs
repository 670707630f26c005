// Parts of the page that are loaded on first use: when, from where, and what happens if one does not
// arrive.
import { answer, expect, hold, open, retrain, test } from "./page.mjs";

const TRAIN = "**/app-training-*.wasm";
const MODELS = "**/app-models-*.wasm";
const tryAgain = (page) => page.getByRole("button", { name: "Try again" });
const link = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true });

/** What workers load as soon as they start. */
const NOT_OF_A_PAGE = ["workers"];

/** Names of the parts that `page` itself asks for from now on. */
function asked(page) {
  const names = [];
  page.on("request", (request) => {
    const part = /\/app-(\w+)-[0-9a-f]{16}\.wasm$/.exec(request.url());
    if (part && !part[1].startsWith("shared_") && !NOT_OF_A_PAGE.includes(part[1])) names.push(part[1]);
  });
  return names;
}

test("Classify answers before its training panels are there", async ({ page }) => {
  const release = await hold(page, TRAIN);
  await page.goto("/");
  await page.getByRole("button", { name: "setosa" }).click();
  await expect(answer(page)).toHaveText("setosa");
  const models = page.locator(".lazy", { hasText: "Models" });
  await expect(models).toHaveText(/Models\s*Loading …/);
  await expect(page.locator(".evaluation canvas")).toHaveCount(0);
  await models.scrollIntoViewIfNeeded();
  release();
  await expect(page.locator(".evaluation canvas")).toHaveCount(1);
  await expect(page.locator(".lazy")).toHaveCount(0);
  await expect(answer(page)).toHaveText("setosa");
});

test("what lies far below is fetched once somebody comes near", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  const names = asked(page);
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Why" })).toBeVisible();
  await expect(page.locator("main > div > .lazy", { hasText: "Models" })).toBeAttached();
  await page.waitForTimeout(500);
  expect(names).toEqual(["why"]);
  await page.getByRole("link", { name: "OpenAPI" }).scrollIntoViewIfNeeded();
  await expect(page.getByRole("button", { name: "Retrain", exact: true })).toBeVisible();
  expect(names).toEqual(["why", "training"]);
});

test("a page is fetched when it is opened or pointed at, and once", async ({ page }) => {
  const names = asked(page);
  await open(page, "/data");
  expect(names).toEqual(["training"]);
  await link(page, "Runs").hover();
  await expect.poll(() => names).toEqual(["training", "models"]);
  await link(page, "Train").click();
  await expect(page.getByRole("heading", { level: 1, name: "Train and compare" })).toBeFocused();
  await link(page, "Runs").click();
  await expect(page.getByRole("heading", { level: 2, name: "No runs yet" })).toBeVisible();
  await link(page, "Registry").click();
  await expect(page.getByRole("heading", { level: 1, name: "Registry" })).toBeFocused();
  await link(page, "Classify").click();
  await retrain(page);
  expect(names).toEqual(["training", "models", "why"]);
});

for (const [name, part] of [["data", "training"], ["train", "training"], ["registry", "models"]]) {
  test(`the part of /${name}, opened directly, is on its way before the program is there, and comes once`, async ({ page }) => {
    const names = asked(page);
    const release = await hold(page, "**/app-*_bg.wasm");
    await page.goto(`/${name}`);
    await expect.poll(() => names).toEqual([part]);
    release();
    await expect(page.locator(".model-badge[data-model-id]")).toBeVisible();
    await expect(page.locator(".lazy")).toHaveCount(0);
    expect(names).toEqual([part]);
  });
}

test("the keyboard fetches as the pointer does", async ({ page }) => {
  const names = asked(page);
  await open(page);
  expect(names).toEqual(["why", "training"]);
  await link(page, "Runs").focus();
  await expect.poll(() => names).toEqual(["why", "training", "models"]);
});

test("while a page comes, its name stands there and holds the focus for its heading", async ({ page }) => {
  await open(page);
  const release = await hold(page, MODELS);
  await link(page, "Monitor").click();
  await expect(page.getByRole("heading", { level: 1, name: "Monitor" })).toBeFocused();
  await expect(page.locator("main").getByRole("status")).toHaveText("Loading …");
  await expect(page).toHaveTitle("Tepal: Monitor");
  release();
  await expect(page.getByRole("button", { name: "Open the monitor" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Monitor" })).toBeFocused();
});

test("a page that was left before it came does not come back", async ({ page }) => {
  await open(page);
  const release = await hold(page, MODELS);
  await link(page, "Registry").click();
  await expect(page.locator(".lazy")).toBeVisible();
  await link(page, "Classify").click();
  await expect(page.getByRole("heading", { level: 1, name: "Which iris is this?" })).toBeFocused();
  const arrived = page.waitForResponse(MODELS);
  release();
  await arrived;
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
});

test.describe("that do not arrive", () => {
  test.use({
    expectedErrors: [[/Failed to load resource/, /Failed to fetch/, /TypeError/, /CompileError/], { option: true }],
  });

  test("are told and can be tried again, on a page opened directly", async ({ page }) => {
    await page.route(TRAIN, (route) => route.abort());
    await page.goto("/train");
    await expect(page.getByRole("alert")).toContainText("This page could not be loaded");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Train");
    await page.unroute(TRAIN);
    await tryAgain(page).click();
    await expect(page.getByRole("heading", { level: 1, name: "Train and compare" })).toBeFocused();
    await expect(page.getByRole("alert")).toHaveCount(0);
    await retrain(page);
  });

  test("can fail more than once, and leave the rest of the page alone", async ({ page }) => {
    await page.route(TRAIN, (route) => route.abort());
    await page.goto("/");
    await page.locator(".lazy", { hasText: "Models" }).scrollIntoViewIfNeeded();
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("This part of the page could not be loaded");
    await page.getByRole("button", { name: "setosa" }).click();
    await expect(answer(page)).toHaveText("setosa");
    const again = page.waitForRequest(TRAIN);
    await tryAgain(page).click();
    await again;
    await expect(alert).toBeVisible();
    await page.unroute(TRAIN);
    await tryAgain(page).click();
    await expect(page.locator(".evaluation canvas")).toHaveCount(1);
    await expect(page.locator(".retrain h2")).toBeFocused();
    await expect(answer(page)).toHaveText("setosa");
  });

  test("for they are gone from the site are told, and a reload is offered", async ({ page }) => {
    await open(page);
    await page.route(MODELS, (route) => route.fulfill({ status: 404, contentType: "text/html", body: "gone" }));
    await link(page, "Monitor").click();
    await expect(page.getByRole("alert")).toContainText("This page could not be loaded");
    await page.unroute(MODELS);
    await Promise.all([page.waitForNavigation(), page.getByRole("link", { name: "reload it" }).click()]);
    await expect(page).toHaveURL("/monitor");
    await expect(page.getByRole("button", { name: "Open the monitor" })).toBeVisible();
  });
});
