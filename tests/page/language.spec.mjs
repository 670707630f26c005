// The page in another language: chosen by the browser or by hand, whole, and with all that it holds.
import { readFileSync } from "node:fs";
import { answer, expect, goEverywhere, open, test } from "./page.mjs";

const catalogue = JSON.parse(readFileSync("app/locales/de.json", "utf8"));

/** English texts that are others in German, as what matches a whole text: each hole is anything. */
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const english = Object.entries(catalogue)
  .filter(([key, text]) => key !== text && /\p{L}{2}.*\p{L}/u.test(key.replaceAll(/\{\w+\}/g, "")))
  // A text that is little but holes would match what it is not.
  .filter(([key]) => !key.includes("{") || key.replaceAll(/\{\w+\}/g, "").length > 12)
  .map(([key]) => new RegExp(`^${key.split(/\{\w+\}/).map(escaped).join(".+")}$`, "su"));

/** Every text that is shown or read out, but for what is marked as English. */
const texts = (page) =>
  page.evaluate(() => {
    const found = new Set();
    const walker = document.createTreeWalker(document.querySelector("#app"), NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      if (element.closest("#app [lang=en], script, style, pre")) continue;
      if (node.nodeType === Node.TEXT_NODE) found.add(node.data.trim());
      else for (const name of ["aria-label", "title", "placeholder", "alt"]) found.add(node.getAttribute(name)?.trim() ?? "");
    }
    return [...found].filter((text) => text.length > 1);
  });

const englishOn = async (page) => (await texts(page)).filter((text) => english.some((key) => key.test(text)));

async function expectGerman(page) {
  expect(await englishOn(page)).toEqual([]);
}

test.describe("a German browser", () => {
  test.use({ locale: "de-DE" });

  test("has every page in German, with its numbers", async ({ page }) => {
    await open(page);
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welche Iris ist das?");
    await expect(page.locator(".bar-number").nth(1)).toHaveText(/^97,6\s%$/);
    await expectGerman(page);
    const names = { "/data": "Daten", "/train": "Training", "/runs": "Läufe", "/registry": "Registry", "/monitor": "Monitor" };
    for (const [path, name] of Object.entries(names)) {
      await open(page, path);
      await expect(page).toHaveTitle(`Tepal: ${name}`);
      await expectGerman(page);
    }
  });

  test("has what a table and its models come to in German", async ({ page }) => {
    await open(page, "/data");
    await page.getByRole("button", { name: "Pinguine" }).click();
    await expect(page.locator(".strip")).toHaveCount(8);
    await expectGerman(page);
    await page.getByRole("navigation", { name: "Hauptnavigation" }).getByRole("link", { name: "Training" }).click();
    await page.getByRole("button", { name: "Mit penguins trainieren" }).click();
    await expect(page.locator("tr[data-model-id]")).toHaveCount(6, { timeout: 60_000 });
    for (const details of await page.locator("details > summary").all()) await details.click();
    await expect(page.getByText(/Zahlen folgen|Wird gemessen/)).toHaveCount(0, { timeout: 30_000 });
    await expectGerman(page);
    await page.getByRole("navigation", { name: "Hauptnavigation" }).getByRole("link", { name: "Klassifizieren" }).click();
    await expect(answer(page)).toHaveText(/Adelie|Chinstrap|Gentoo/);
    await goEverywhere(page);
    await expectGerman(page);
  });
});

test.describe("a German browser at an address that leads nowhere", () => {
  test.use({ locale: "de-DE" });
  test.use({ expectedErrors: [[/404/], { option: true }] });

  test("is told so in German", async ({ page }) => {
    await open(page, "/nowhere");
    await expect(page).toHaveTitle("Tepal: Seite nicht gefunden");
    await expectGerman(page);
  });
});

test.describe("a German browser that German does not reach", () => {
  test.use({ locale: "de-DE" });
  test.use({ expectedErrors: [[/net::ERR_FAILED/], { option: true }] });

  test("finds English where German does not arrive", async ({ page }) => {
    await page.route("**/app-words-de-*", (route) => route.abort());
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    // It is no start that failed: all of the page is there.
    await expect(page.getByRole("slider").first()).toBeVisible();
    await expect(page.locator("html")).not.toHaveClass(/boot-failed/);
  });
});

test("a change of language keeps what was entered and the place, and is remembered", async ({ page }) => {
  await open(page);
  await page.getByRole("button", { name: "setosa" }).click();
  // What the search for English finds where there is some.
  expect((await englishOn(page)).length).toBeGreaterThan(40);
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welche Iris ist das?");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page).toHaveTitle("Tepal: Klassifizieren");
  await expect(page.getByRole("button", { name: "English" })).toBeFocused();
  await expect(answer(page)).toHaveText("setosa");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welche Iris ist das?");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
});

test.describe("a connection that drops", () => {
  test.use({ expectedErrors: [[/net::ERR_FAILED/], { option: true }] });

  test("leaves the page in its language and says so", async ({ page }) => {
    await page.route("**/app-words-de-*", (route) => route.abort());
    await open(page);
    await page.getByRole("button", { name: "Deutsch" }).click();
    await expect(page.getByText("The other language could not be fetched")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Which iris is this?");
    await page.unroute("**/app-words-de-*");
    await page.getByRole("button", { name: "Deutsch" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welche Iris ist das?");
  });
});
