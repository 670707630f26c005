// The first visit: three steps, each done by doing it, and a way out for good.
import { expect, isTrainingKept, open, retrain, slider, test } from "./page.mjs";

const path = (page) => page.getByRole("region", { name: "First steps" });
const current = (page) => path(page).locator("[aria-current=step]");

test("the path leads from a flower to a model of one's own", async ({ page }) => {
  await open(page);
  await expect(current(page)).toContainText("Classify an iris");
  await slider(page, "Petal length").press("ArrowLeft");
  await expect(current(page)).toContainText("Open a table");
  await path(page).getByRole("link", { name: "Open a table" }).click();
  await page.getByRole("button", { name: "Penguins" }).click();
  await expect(current(page)).toContainText("Train on it");
  await path(page).getByRole("link", { name: "Train on it" }).click();
  await retrain(page, "Train on penguins");
  await expect(path(page)).toContainText("it is your model that answers");
  await path(page).getByRole("button", { name: "Understood" }).click();
  await expect(path(page)).toHaveCount(0);
  await expect.poll(() => isTrainingKept(page)).toBe(true);
  await page.reload();
  await expect(page.locator("tr[data-model-id]").first()).toBeVisible();
  await expect(path(page)).toHaveCount(0);
});

test("who skips it is not shown it again, not even while the page loads", async ({ page }) => {
  await open(page);
  await path(page).getByRole("button", { name: "Skip" }).click();
  await expect(path(page)).toHaveCount(0);
  // All but what the first paint waits for.
  await page.route(/\/app-(?!boot-).*\.js$/, (route) => route.abort());
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.locator(".first-paint-classify h1")).toBeVisible();
  await expect(page.locator(".first-steps")).toBeHidden();
});
test.use({ expectedErrors: [[/net::ERR_FAILED/, /Failed to fetch|Importing a module/], { option: true }] });
