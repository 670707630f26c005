// Every state of every page, by the rules of axe-core for WCAG 2.2 AA and good practice, in light, in dark and on the
// smallest phone, where none of them scrolls sideways either.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { expect, test } from "./page.mjs";
import { STATES } from "./states.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Those of them that look at colours: what else a page is, it is in any. */
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

/** What breaks a rule, an entry for each element. */
async function violations(page, runOnly = { type: "tag", values: RULES }) {
  // Not as a script of the page, whose security policy knows only its own.
  await page.evaluate(AXE);
  return page.evaluate(async (runOnly) => {
    const found = await window.axe.run(document, { runOnly, resultTypes: ["violations"] });
    return found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map((node) => ({ id, help, at: node.target.join(" "), html: node.html.slice(0, 160), why: node.failureSummary })),
    );
  }, runOnly);
}

// The tests of one file run one after the other unless they are told not to.
test.describe.configure({ mode: "parallel" });

for (const state of STATES) {
  test.describe(state.name, () => {
    test.use({ expectedErrors: [state.complains ?? [], { option: true }] });

    test("breaks no rule in light, in dark and on the smallest phone, and fits it", async ({ page }) => {
      // A transition would be caught half-way, in colours that nobody chose.
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      await state.arrive(page);
      expect.soft(await violations(page), "light").toEqual([]);
      await page.emulateMedia({ colorScheme: "dark" });
      expect.soft(await violations(page, { type: "rule", values: OF_COLOURS }), "dark").toEqual([]);
      await page.setViewportSize({ width: 320, height: 640 });
      expect.soft(await violations(page), "phone").toEqual([]);
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    });
  });
}
