// Pictures of every state of every page (`states.mjs`), at every size and in both colour schemes, and a sheet with all
// of them. `cargo xtask screenshots` takes them; SCREENSHOTS names the folder.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "./page.mjs";
import { STATES } from "./states.mjs";

const FOLDER = process.env.SCREENSHOTS ?? join(import.meta.dirname, "../../target/screenshots");
const SCHEMES = ["light", "dark"];

// A finger is known when the page is opened, so that a phone is a browser of its own.
const DEVICES = [
  { name: "phone", options: { hasTouch: true, isMobile: true }, sizes: { 320: 640, 390: 844 } },
  { name: "desk", options: {}, sizes: { 1280: 800, 2560: 1440 } },
];

/** Waits until what follows a change of size or colours is drawn: charts are a frame or two late. */
async function settle(page) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(150);
}

async function picture(page, name) {
  await settle(page);
  // Whatever has the focus or was scrolled to, the whole page is shown from its top.
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true, animations: "disabled" });
}

/** A document that shows every picture of the folder, those of one state beside each other. */
function sheet() {
  const pictures = readdirSync(FOLDER).filter((file) => file.endsWith(".png"));
  const row = ({ name }) => {
    const own = pictures.filter((file) => file.replace(/-\d+-(light|dark)\.png$/, "") === name);
    const images = own.map((file) => `<a href="${file}"><img src="${file}" alt="${file}" loading="lazy"></a>`).join("");
    return own.length ? `<h2>${name}</h2><div>${images}</div>` : "";
  };
  const style = "div { display: flex; gap: 1rem; align-items: start; overflow: auto } img { max-height: 28rem; border: 1px solid }";
  return `<!doctype html><meta charset="utf-8"><title>Every state of every page</title><style>${style}</style>${STATES.map(row).join("\n")}`;
}

test.beforeAll(() => mkdirSync(FOLDER, { recursive: true }));
test.afterAll(() => writeFileSync(join(FOLDER, "index.html"), sheet()));

for (const device of DEVICES) {
  for (const state of STATES) {
    test.describe(`${state.name} · ${device.name}`, () => {
      const [[width, height]] = Object.entries(device.sizes);
      test.use({
        ...device.options,
        viewport: { width: Number(width), height },
        expectedErrors: [state.complains ?? [], { option: true }],
      });

      test("is pictured", async ({ page }) => {
        await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
        await state.arrive(page);
        for (const [width, height] of Object.entries(device.sizes)) {
          await page.setViewportSize({ width: Number(width), height });
          for (const colorScheme of SCHEMES) {
            await page.emulateMedia({ colorScheme });
            await picture(page, `${state.name}-${width}-${colorScheme}`);
          }
        }
      });
    });
  }
}
