import { answer, expect, goEverywhere, N_MODELS, open, retrain, slider, test } from "./page.mjs";

const pages = [
  ["/", "Classify", "Which iris is this?"],
  ["/data", "Data", "Data"],
  ["/train", "Train", "Train and compare"],
  ["/runs", "Runs", "Runs"],
  ["/registry", "Registry", "Registry"],
  ["/monitor", "Monitor", "Monitor"],
];

for (const [path, name, heading] of pages) {
  test(`${path} opens directly`, async ({ page }) => {
    await open(page, path);
    await expect(page).toHaveTitle(`Tepal: ${name}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    await expect(page.locator("nav [aria-current=page]")).toHaveText(name);
  });
}

test("whatever a load asks for is there, its icons too", async ({ page }) => {
  const failed = [];
  page.on("response", (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
  });
  await open(page);
  const icons = await page.locator("link[rel~=icon], link[rel=apple-touch-icon]").evaluateAll((links) =>
    links.map((link) => link.href),
  );
  expect(icons).toHaveLength(2);
  // Browsers without a look at the document, and tools, ask for this one.
  for (const icon of [...icons, "/favicon.ico"]) {
    const answer = await page.request.get(icon);
    expect(answer.status(), icon).toBe(200);
    expect(answer.headers()["content-type"], icon).toMatch(/^image\//);
  }
  expect(failed).toEqual([]);
});

test("a change of page moves the focus to its heading and keeps the measurements", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "setosa" }).click();
  const nav = page.getByRole("navigation", { name: "Main" });
  for (const [path, name, heading] of [...pages.slice(1), pages[0]]) {
    await nav.getByRole("link", { name, exact: true }).click();
    await expect(page).toHaveURL(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeFocused();
    await expect(page).toHaveTitle(`Tepal: ${name}`);
  }
  await expect(answer(page)).toHaveText("setosa");
});

test("a link fills the fields, and its parameters survive a change of page", async ({ page }) => {
  const query = "?petal_length=1.4&petal_width=0%2C2&utm_source=mail";
  await open(page, `/${query}`);
  await expect(answer(page)).toHaveText("setosa");
  const nav = page.getByRole("navigation", { name: "Main" });
  await nav.getByRole("link", { name: "Data", exact: true }).click();
  await expect(page).toHaveURL(`/data${query}`);
  await nav.getByRole("link", { name: "Classify", exact: true }).click();
  await expect(page).toHaveURL(`/${query}`);
  await expect(page.getByRole("textbox", { name: "Petal width", exact: true })).toHaveValue("0,2");
});

test("a link to a model that is not here says so", async ({ page }) => {
  await open(page, `/?model=${"f".repeat(64)}`);
  await expect(page.getByText("names a model that neither this browser nor this site has (ffffffffffff)")).toBeVisible();
  await expect(page.locator(".model-badge")).toContainText("built-in");
});

test("a training goes on while another page is looked at", async ({ page }) => {
  // A training takes a fraction of a second: the trainer is held back until the page has changed.
  let release;
  const left = new Promise((resolve) => (release = resolve));
  await page.route("**/app-workers-*.wasm", async (route) => {
    await left;
    await route.continue();
  });
  await open(page, "/train");
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  const nav = page.getByRole("navigation", { name: "Main" });
  await nav.getByRole("link", { name: "Data", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Data" })).toBeFocused();
  await expect(page.locator(".model-badge")).toContainText("built-in");
  release();
  await expect(page.locator(".model-badge")).toContainText("retrained", { timeout: 60_000 });
  await nav.getByRole("link", { name: "Train", exact: true }).click();
  await expect(page.locator("tr[data-model-id]")).toHaveCount(N_MODELS);
  await nav.getByRole("link", { name: "Classify", exact: true }).click();
  await goEverywhere(page);
  await expect(page.locator("tr[data-model-id]")).toHaveCount(N_MODELS);
  await expect(page.locator(".evaluation canvas")).toHaveCount(3);
});

test("a training that ends leaves the slider in hand alone", async ({ page }) => {
  await open(page);
  const held = slider(page, "Petal length");
  await held.evaluate((element) => (element.dataset.held = "since before the training"));
  await page.getByRole("button", { name: "Retrain", exact: true }).click();
  await held.focus();
  await expect(page.locator(".model-badge")).toContainText("retrained", { timeout: 60_000 });
  await expect(held).toBeFocused();
  await expect(held).toHaveAttribute("data-held", "since before the training");
});

test("a slash at the end of an address does not matter", async ({ page }) => {
  for (const [path, name, heading] of pages.slice(1)) {
    await open(page, `${path}/`);
    await expect(page).toHaveTitle(`Tepal: ${name}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
  }
});

test.describe("an unknown address", () => {
  // Chromium reports the status of the document itself.
  test.use({ expectedErrors: [[/Failed to load resource: the server responded with a status of 404/], { option: true }] });

  for (const path of ["/nowhere", "/health/", "/monitor//", "/train/anything"]) {
    test(`${path} says so to people and to programs`, async ({ page }) => {
      const answer = await page.goto(path);
      expect(answer.status()).toBe(404);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing grows here");
      await expect(page).toHaveTitle("Tepal: Page not found");
      await page.getByRole("link", { name: "Classify a flower" }).click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
    });
  }
});

test("the skip link leads to the content", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the content" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
});

test("every control has a name, every id is unique, headings do not skip a level", async ({ page }) => {
  for (const [path] of pages) {
    await open(page, path);
    const problems = await page.evaluate(() => {
      const found = [];
      const named = (element) =>
        element.getAttribute("aria-label") ||
        element.getAttribute("aria-labelledby") ||
        element.labels?.length ||
        element.textContent.trim();
      for (const control of document.querySelectorAll("a, button, input, [role=group], [role=img], progress")) {
        if (!named(control)) found.push(`no name: ${control.outerHTML.slice(0, 120)}`);
      }
      const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
      for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`id twice: ${id}`);
      for (const attribute of ["aria-labelledby", "aria-describedby", "for"]) {
        for (const element of document.querySelectorAll(`[${attribute}]`)) {
          for (const id of element.getAttribute(attribute).split(/\s+/)) {
            if (!document.getElementById(id)) found.push(`${attribute} names no element: ${id}`);
          }
        }
      }
      const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((heading) => Number(heading.tagName[1]));
      levels.forEach((level, index) => {
        if (level > (levels[index - 1] ?? 0) + 1) found.push(`heading level ${level} after ${levels[index - 1]}`);
      });
      if (document.querySelectorAll("main").length !== 1) found.push("not one main");
      if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
      return found;
    });
    expect(problems, path).toEqual([]);
  }
});

test("charts are read by arrow keys and as tables", async ({ page }) => {
  await open(page);
  const chart = page.getByRole("group", { name: /^Confusion matrix/ });
  await chart.focus();
  await page.keyboard.press("ArrowRight");
  await expect(chart.getByRole("status")).toHaveText("True setosa, answered setosa: 10 flowers.");
  await page.keyboard.press("End");
  await expect(chart.getByRole("status")).toHaveText(/True virginica, answered virginica/);
  await page.getByText("The same as a table").last().click();
  await expect(page.getByRole("row", { name: /^versicolor/ }).last()).toBeVisible();
});

test("canvas pixels are CSS pixels times the device's ratio, also after a resize", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL, deviceScaleFactor: 2, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await open(page);
  const ratios = () =>
    page.locator("canvas").evaluateAll((all) => all.map((canvas) => (canvas.width / canvas.clientWidth).toFixed(2)));
  await expect.poll(ratios).toEqual(["2.00", "2.00"]);
  await page.setViewportSize({ width: 700, height: 900 });
  await expect.poll(ratios).toEqual(["2.00", "2.00"]);
  await context.close();
});

test("charts follow the colour scheme", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await open(page);
  const canvases = page.locator("canvas");
  const painted = () =>
    canvases.evaluateAll((all) =>
      all.map((canvas) => {
        if (!canvas.width || !canvas.height) return false;
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value !== 0);
      }),
    );
  const pixels = () => canvases.evaluateAll((all) => all.map((canvas) => canvas.toDataURL()));
  await expect.poll(painted).toEqual([true, true]);
  const light = await pixels();
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(async () => (await pixels()).map((now, index) => now !== light[index])).toEqual([true, true]);
  expect(await painted()).toEqual([true, true]);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("nothing scrolls sideways and the navigation is whole", async ({ page }) => {
    for (const [path] of pages) {
      await open(page, path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(390);
      for (const link of await page.getByRole("navigation").getByRole("link").all()) {
        await expect(link).toBeInViewport({ ratio: 1 });
      }
    }
    await open(page);
    await retrain(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  test("the answer stays in sight while the last slider moves", async ({ page }) => {
    await open(page);
    const last = slider(page, "Petal width");
    await last.evaluate((element) => element.scrollIntoView({ block: "center" }));
    await last.fill("2.4");
    await expect(page.locator(".answer-strip")).toBeInViewport({ ratio: 1 });
    await expect(page.locator(".answer-strip .species")).toHaveText(await answer(page).textContent());
    await expect(page.locator("h1")).not.toBeInViewport();
  });
});

test.describe("before the program arrives", () => {
  test.use({ expectedErrors: [[/Failed to load resource/, /Failed to fetch/], { option: true }] });

  test("the first paint shows navigation and an answer", async ({ browser, baseURL }) => {
    const context = await browser.newContext({ baseURL, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
    await expect(page.locator(".answer-name .species")).toHaveText("versicolor");
    await expect(page.getByRole("navigation").getByRole("link")).toHaveCount(6);
    await expect(page.locator("noscript p")).toBeVisible();
    await context.close();
  });

  test("a program that does not arrive is told", async ({ page }) => {
    await page.route("**/*_bg.wasm", (route) => route.abort());
    await page.goto("/");
    await expect(page.getByRole("alert")).toContainText("could not be loaded");
  });
});
