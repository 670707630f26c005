import { answer, expect, field, open, slider, test } from "./page.mjs";

test("the answer changes while a slider moves", async ({ page }) => {
  await open(page);
  await expect(page).toHaveTitle("Tepal: Classify");
  await expect(answer(page)).toHaveText("versicolor");
  await slider(page, "Petal length").fill("1.4");
  await slider(page, "Petal width").fill("0.2");
  await expect(answer(page)).toHaveText("setosa");
  await expect(field(page, "Petal length")).toHaveValue("1.4");
  await slider(page, "Sepal width").fill("4");
  await expect(field(page, "Sepal width")).toHaveValue("4.0");
});

test("sliders have the training range and the step of the data", async ({ page }) => {
  await open(page);
  const sepal = slider(page, "Sepal length");
  await expect(sepal).toHaveAttribute("min", "4.3");
  await expect(sepal).toHaveAttribute("max", "7.9");
  await expect(sepal).toHaveAttribute("step", "0.1");
});

test("a slider moves by keyboard, and the answer with it", async ({ page }) => {
  await open(page);
  await slider(page, "Petal length").focus();
  await page.keyboard.press("Home");
  await slider(page, "Petal width").focus();
  await page.keyboard.press("Home");
  await expect(answer(page)).toHaveText("setosa");
  await page.keyboard.press("ArrowRight");
  await expect(field(page, "Petal width")).toHaveValue("0.2");
});

test("a typical flower fills every field", async ({ page }) => {
  await open(page);
  for (const species of ["setosa", "versicolor", "virginica"]) {
    await page.getByRole("button", { name: species, exact: true }).click();
    await expect(answer(page)).toHaveText(species);
  }
});

test("unusual values are answered with a warning, impossible ones are not", async ({ page }) => {
  await open(page);
  const sepal = field(page, "Sepal length");
  await sepal.fill("9,5");
  await expect(page.locator("#remark-sepal_length")).toHaveText(/^Unusual: the model was trained on 4\.3 to 7\.9\scm\.$/);
  await expect(page.locator(".answer-words .warn")).toContainText("Sepal length is outside");
  await expect(answer(page)).toBeVisible();

  await sepal.fill("12");
  await expect(sepal).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#remark-sepal_length")).toHaveText(/^Out of range\. Allowed is 0 to 10\scm\.$/);
  await expect(page.locator(".answer-none")).toHaveText("No answer yet");
  await expect(page.getByRole("button", { name: "Ask the edge" })).toBeDisabled();

  await sepal.fill("");
  await expect(page.locator("#remark-sepal_length")).toContainText("Enter a number from 0 to 10");
  await sepal.fill("5.1");
  await expect(answer(page)).toBeVisible();
});

test("the answer is announced once the measurements rest", async ({ page }) => {
  await open(page);
  const spoken = page.locator(".answer p[aria-live=polite]");
  await expect(spoken).toHaveText("");
  await page.getByRole("button", { name: "setosa" }).click();
  await expect(spoken).toHaveText(/^setosa\. Nearly certain/);
});

test("probabilities sum to one and the drawing follows the measurements", async ({ page }) => {
  await open(page);
  const numbers = await page.locator(".bar-number").allTextContents();
  const sum = numbers.map((text) => Number.parseFloat(text)).reduce((a, b) => a + b, 0);
  expect(sum).toBeCloseTo(100, 0);
  const drawing = page.getByRole("img", { name: /An iris drawn to scale/ });
  await expect(drawing).toHaveAttribute("aria-label", /petals of 4\.2 × 1\.3/);
  await slider(page, "Petal length").fill("6.0");
  await expect(drawing).toHaveAttribute("aria-label", /petals of 6\.0 × 1\.3/);
});

test("classifies on after the network is gone, and says so at the edge", async ({ page, context }) => {
  test.info().annotations.push({ type: "why", description: "once loaded, the page classifies without a network" });
  await open(page);
  // The worker that explains loads its part by itself.
  await expect(page.locator(".why-bars")).toBeVisible();
  await context.setOffline(true);
  await page.getByRole("button", { name: "virginica", exact: true }).click();
  await expect(answer(page)).toHaveText("virginica");
});
