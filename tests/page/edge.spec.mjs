import { expect, open, retrain, slider, test } from "./page.mjs";

const ask = (page) => page.getByRole("button", { name: /^Ask (the edge|again)$/ });
const outcome = (page) => page.locator(".edge-outcome");

test("the edge agrees to the bit, whatever the measurements", async ({ page }) => {
  await open(page);
  for (const petal of ["1.4", "4.9", "5.1"]) {
    await slider(page, "Petal length").fill(petal);
    await ask(page).click();
    await expect(page.locator("[data-agreement]")).toHaveAttribute("data-agreement", "to-the-bit");
    await expect(outcome(page)).toContainText(/\d\sms/);
  }
});

test("an edge that says more than the page knows is understood", async ({ page }) => {
  await page.route("**/predict", async (route) => {
    const reply = await route.fetch();
    await route.fulfill({ response: reply, json: { ...(await reply.json()), weather: { sky: "clear" }, notes: [] } });
  });
  await open(page);
  await ask(page).click();
  await expect(page.locator("[data-agreement]")).toHaveAttribute("data-agreement", "to-the-bit");
});

test("an answer that is older than the measurements says so", async ({ page }) => {
  await open(page);
  await ask(page).click();
  await expect(outcome(page)).toContainText("The edge agrees");
  await page.getByRole("button", { name: "setosa" }).click();
  await expect(outcome(page)).toContainText("Asked for 5.7 · 3.0 · 4.2 · 1.3");
});

test("an answer of the model before says so too", async ({ page }) => {
  await open(page);
  await ask(page).click();
  await expect(outcome(page)).toContainText("The edge agrees");
  await retrain(page);
  await page.locator("tr[data-family=random_forest] input[type=radio]").check();
  await expect(outcome(page)).toContainText("before you moved on");
});

test("another model than the edge's is named, not compared", async ({ page }) => {
  await open(page);
  await retrain(page);
  await page.locator("tr[data-family=random_forest] input[type=radio]").check();
  await ask(page).click();
  await expect(page.locator("[data-agreement]")).toHaveAttribute("data-agreement", "other-model");
  await expect(outcome(page)).toContainText("There: SVM · version 1");
  await expect(outcome(page)).toContainText("Here: Random forest");
});

test.describe("without an answer", () => {
  test.use({ expectedErrors: [[/Failed to load resource/], { option: true }] });

  const failures = [
    ["a broken connection", (route) => route.abort(), /could not be reached/],
    ["an outage", (route) => route.fulfill({ status: 503, body: "" }), /has a problem \(503\)/],
    ["the rate limit", (route) => route.fulfill({ status: 429, headers: { "retry-after": "60" }, body: "" }), /Ask again in 60 seconds/],
    ["an answer of another version", (route) => route.fulfill({ status: 200, json: { answer: "setosa" } }), /Reload the page, and ask again/],
    ["a page in place of an answer", (route) => route.fulfill({ status: 200, body: "<!doctype html>" }), /not a Tepal edge/],
    [
      "a refusal",
      (route) =>
        route.fulfill({
          status: 422,
          contentType: "application/problem+json",
          body: JSON.stringify({
            type: "/docs#invalid",
            title: "Invalid",
            status: 422,
            detail: "one value is out of range",
            errors: [{ pointer: "/sepal_length", code: "out_of_range", detail: "sepal_length must be between 0 and 8" }],
          }),
        }),
      /one value is out of range.*sepal_length must be between 0 and 8/s,
    ],
  ];
  for (const [name, answer, words] of failures) {
    test(`${name} is told, and the tab's answer stands`, async ({ page }) => {
      await page.route("**/predict", answer);
      await open(page);
      await ask(page).click();
      await expect(outcome(page)).toContainText(words);
      await expect(outcome(page)).toContainText("The answer above stands");
      await page.unroute("**/predict");
      await ask(page).click();
      await expect(outcome(page)).toContainText("The edge agrees");
    });
  }

  test("an edge that hangs is given up after ten seconds", async ({ page }) => {
    await page.clock.install();
    await page.route("**/predict", () => {});
    await open(page);
    await ask(page).click();
    await expect(outcome(page)).toContainText("Waiting for its answer");
    await page.clock.fastForward(10_500);
    await expect(outcome(page)).toContainText("No answer within 10 seconds");
  });

  test("being offline is told", async ({ page, context }) => {
    await open(page);
    // Its parts are on the way still.
    await page.waitForLoadState("networkidle");
    await context.setOffline(true);
    await ask(page).click();
    await expect(outcome(page)).toContainText("You are offline");
  });
});
