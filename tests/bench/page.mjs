// How long a visitor waits: from a slider to the drawn answer, from a click to trained models, from a dropped file to
// what was made of it, and for how long the page's thread lets nobody in meanwhile. `cargo xtask bench page` calls it.
//
// BENCH_RUNS says how often, each time in a new browser context, whose caches are empty; BENCH_FIGURES names the file
// that the medians are written to, as JSON.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { N_MODELS, expect, longestTask, open, test, watchTasks } from "../page/page.mjs";

const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const FIGURES = process.env.BENCH_FIGURES ?? join(import.meta.dirname, "../../target/bench/page.json");
const MOVES = 40;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const figures = {};

test.afterAll(() => {
  mkdirSync(dirname(FIGURES), { recursive: true });
  writeFileSync(FIGURES, `${JSON.stringify({ runs: RUNS, ...figures }, null, 2)}\n`);
});

/** Measures `RUNS` times, each in a page of its own, and keeps the median of every figure that `measure` gives. */
async function medians(browser, baseURL, measure) {
  const all = [];
  for (let run = 0; run < RUNS; run++) {
    const context = await browser.newContext({ baseURL, reducedMotion: "reduce" });
    all.push(await measure(await context.newPage()));
    await context.close();
  }
  for (const name of Object.keys(all[0])) figures[name] = median(all.map((one) => one[name]));
}

/** Milliseconds of the page's own clock from `act` to the moment at which `selector` has `count` elements. */
function until(page, act, selector, count) {
  return page.evaluate(
    ([act, selector, count]) =>
      new Promise((resolve) => {
        const began = performance.now();
        const look = () => {
          if (document.querySelectorAll(selector).length !== count) return;
          observer.disconnect();
          // When it is drawn, not when it is in the document.
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        if (act.press) [...document.querySelectorAll("button")].find((it) => it.textContent.trim() === act.press).click();
        if (act.drop) {
          const data = new DataTransfer();
          data.items.add(new File([act.drop], "dropped.csv", { type: "text/csv" }));
          document.querySelector("h1").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }
      }),
    [act, selector, count],
  );
}

/**
 * Moves a slider at the beginning of a frame, which is when browsers hand over what a hand has moved: frames until the
 * answer's bars have changed, and milliseconds until they are laid out and painted.
 */
function moveSlider(page) {
  return page.evaluate(async (moves) => {
    const slider = [...document.querySelectorAll("input[type=range]")].at(-1);
    const shown = () => [...document.querySelectorAll(".bar-fill")].map((bar) => bar.style.width).join();
    const frame = (act) =>
      new Promise((painted) => {
        requestAnimationFrame(() => {
          act?.();
          // A message is a task of its own, after the frame that is under way.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = painted;
          port2.postMessage("painted");
        });
      });
    const [frames, millis] = [[], []];
    for (let move = 0; move < moves; move++) {
      const before = shown();
      let began;
      await frame(() => {
        began = performance.now();
        slider.value = move % 2 ? 0.2 : 2.3;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      });
      let waited = 1;
      for (; shown() === before; waited++) await frame();
      frames.push(waited);
      millis.push(performance.now() - began);
    }
    const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
    return { slider_frames: middle(frames), slider_millis: middle(millis) };
  }, MOVES);
}

test("slider to drawn answer", async ({ browser, baseURL }) => {
  await medians(browser, baseURL, async (page) => {
    await open(page);
    return moveSlider(page);
  });
});

test("Iris: every family of the page, with 5-fold cross-validation", async ({ browser, baseURL }) => {
  await medians(browser, baseURL, async (page) => {
    await open(page, "/train");
    await watchTasks(page);
    const retrain = { press: "Retrain" };
    const iris_millis = await until(page, retrain, "tr[data-model-id]", N_MODELS);
    const training_task_millis = await longestTask(page);
    await page.getByRole("button", { name: "Put the retrained models away" }).click();
    await expect(page.locator("tr[data-model-id]")).toHaveCount(1);
    return { iris_millis, training_task_millis, iris_again_millis: await until(page, retrain, "tr[data-model-id]", N_MODELS) };
  });
});

test("penguins, dropped", async ({ browser, baseURL }) => {
  await medians(browser, baseURL, async (page) => {
    await open(page, "/data");
    const drop = await (await page.request.get("/data-penguins.csv")).text();
    return { penguins_read_millis: await until(page, { drop }, ".strip", 8) };
  });
});

test("a file of 100,000 rows and 20 columns", async ({ browser, baseURL }) => {
  const line = (row) => `${Array.from({ length: 19 }, (_, at) => ((row * (at + 7)) % 1000) / 10).join(",")},${row % 3}`;
  const header = `${Array.from({ length: 19 }, (_, at) => `x${at}`).join(",")},kind`;
  const file = join(dirname(FIGURES), "large.csv");
  mkdirSync(dirname(FIGURES), { recursive: true });
  writeFileSync(file, `${header}\n${Array.from({ length: 100_000 }, (_, row) => line(row)).join("\n")}\n`);
  await medians(browser, baseURL, async (page) => {
    await open(page, "/data");
    await watchTasks(page);
    const read = until(page, {}, ".strip", 20);
    // As a file: bytes that are handed to the page would be decoded on its thread.
    await page.locator("input[type=file]").setInputFiles(file);
    return { large_read_millis: await read, large_task_millis: await longestTask(page) };
  });
});
