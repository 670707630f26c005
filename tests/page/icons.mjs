// Draws `public/icon-192.png`, `icon-512.png` and `icon-maskable.png` from `public/icon.svg`, in Chromium:
// `node tests/page/icons.mjs`, after a change of the drawing.
import { existsSync, readFileSync } from "node:fs";
import { chromium } from "@playwright/test";

const folder = new URL("../../public/", import.meta.url);
const drawing = readFileSync(new URL("icon.svg", folder), "utf8");
/** Systems cut a maskable icon to their own shape: its paper has no corners, and the flower stays within the circle. */
const maskable = drawing.replace('rx="12" ', "").replace('viewBox="0 0 64 64"', 'viewBox="-10 -10 84 84"')
  .replace('<rect width="64" height="64"', '<rect x="-10" y="-10" width="84" height="84"');

const named = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath: existsSync(named) ? named : undefined, args: ["--no-sandbox", "--disable-gpu"] });
for (const [name, side, svg] of [["icon-192", 192, drawing], ["icon-512", 512, drawing], ["icon-maskable", 512, maskable]]) {
  const page = await browser.newPage({ viewport: { width: side, height: side } });
  await page.setContent(`<style>* { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${svg}`);
  await page.screenshot({ path: new URL(`${name}.png`, folder).pathname, omitBackground: true });
  await page.close();
}
await browser.close();
