// The watcher in workerd: it looks by its own alarm once something was asked, keeps what it saw, and costs little.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { OWNER_TOKEN, eventually, start } from "./harness.mjs";

const WINDOWS = "/api/v1/monitoring/windows";
const [head, ...lines] = readFileSync(new URL("../../model-core/data/iris.csv", import.meta.url), "utf8").trim().split("\n");
const names = head.split(",").slice(0, 4);
/** Every other flower, `wider` in its sepals; not class by class, for a look may come in the middle. */
const flowers = (wider = 0) => lines.map((_, at) => lines[(at * 7) % 150]).filter((_, at) => at % 2).map((line) => Object.fromEntries(line.split(",").slice(0, 4).map((cell, at) => [names[at], Number(cell) + (at === 1 ? wider : 0)])));

describe("the watcher", () => {
  let edge;
  before(async () => {
    edge = await start({ MONITOR_SECONDS: "1", POINTER_TTL_SECS: "1" });
  });
  after(() => edge.stop());

  async function ask(rows) {
    for (const row of rows) await edge.predict(row);
  }

  test("looks by itself once something was asked, and tells what moved", { timeout: 120_000 }, async () => {
    assert.equal((await edge.owner(WINDOWS)).windows.length, 0);
    const looks = async () => (await edge.owner(WINDOWS)).watching.n_looks;
    await ask(flowers());
    await eventually(async () => (await looks()) > 1, "it has looked twice", 30);
    const listed = async () => (await edge.owner(WINDOWS)).windows;
    await eventually(async () => (await listed()).length > 0, "a window is there", 30);
    const [first] = (await listed()).reverse();
    assert.equal(first.drift.outcome, "no_drift", JSON.stringify(first));
    assert.equal(first.version, 1);
    // Wider, window after window, until it is drift that stays; the level at a look a second is a very small one.
    for (let round = 0; round < 3; round += 1) {
      const before = (await listed()).length;
      await ask(flowers(2));
      await eventually(async () => (await listed()).length > before, `window ${round} of those that moved`, 30);
    }
    await eventually(async () => (await listed()).some((window) => window.drift.lasts), "it lasts", 30);
    const [newest] = await listed();
    const whole = await edge.owner(`${WINDOWS}/${newest.number}`);
    assert.deepEqual(whole.drift.drifted, ["sepal_width"]);
    assert.equal(whole.drift.features.length, 4);
    assert.equal(await edge.metric('tepal_drift_lasting{model_version="1"}'), 1);
    assert.equal(await edge.metric("tepal_watch_up"), 1);
    // No row is in two windows, and each of those that were asked at least fifty is in one.
    const seen = async () => {
      const { windows, watching } = await edge.owner(WINDOWS);
      return windows.reduce((sum, window) => sum + window.n, watching.versions[0].waiting_rows);
    };
    await eventually(async () => (await seen()) === 300, "all 300 rows, each once", 30);
  });

  test("costs a day, at a look every quarter of an hour, less than a hundredth of the free plan's", { timeout: 60_000 }, async () => {
    const used = async () => {
      const metrics = await edge.metrics();
      const of = (store, operation) => [...metrics].filter(([name]) => name.startsWith("tepal_platform_operations_total{") && name.includes(`store="${store}"`) && name.includes(`operation="${operation}"`)).reduce((sum, [, value]) => sum + value, 0);
      const looks = metrics.get("tepal_watch_looks_total");
      return { looks, requests: of("durable_object", "request"), read: of("durable_object", "row_read"), written: of("durable_object", "row_written") };
    };
    await used();
    const before = await used();
    const began = Date.now();
    await eventually(async () => Date.now() - began > 8_000, "some looks", 20);
    const after = await used();
    // What two scrapes and those in between cost is not the watcher's; none was made.
    const looks = after.looks - before.looks;
    assert.ok(looks >= 5, `${looks} looks`);
    const aDay = (n) => (96 * n) / looks;
    console.log(`a day: ${["requests", "read", "written"].map((it) => `${aDay(after[it] - before[it]).toFixed(0)} ${it}`).join(", ")}`);
    assert.ok(aDay(after.requests - before.requests) < 1_000);
    assert.ok(aDay(after.read - before.read) < 50_000);
    assert.ok(aDay(after.written - before.written) < 1_000);
  });

  test("says no to whoever may not read, and to numbers that are none", async () => {
    const none = await edge.call(WINDOWS);
    assert.equal(none.status, 401);
    const unknown = await edge.call(`${WINDOWS}/999999`, { headers: { authorization: `Bearer ${OWNER_TOKEN}` } });
    assert.equal(unknown.status, 404);
  });
});
