// Labels and the report on the real Durable Objects and the real KV: hot rows, cold rows, another shard, and a
// shard that forgets its memory.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { OWNER_TOKEN, eventually, inParallel, start } from "./harness.mjs";

const FEEDBACK = "/api/v1/feedback";
const REPORT = "/api/v1/monitoring/report";

// With HOT_DAYS = 0 a flush drops what an earlier flush stored.
describe("labels", () => {
  let edge;
  const ids = [];
  before(async () => {
    edge = await start({ HOT_DAYS: "0" });
  });
  after(() => edge.stop());

  async function label(body) {
    const { results } = await edge.json(FEEDBACK, {
      method: "POST",
      headers: { authorization: `Bearer ${OWNER_TOKEN}`, "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(body)),
    });
    return results.map((result) => result.status);
  }

  const labelled = async () => (await edge.owner(REPORT)).versions[0].labelled;

  test("a prediction gets one as soon as it is answered, once", async () => {
    for (let n = 0; n < 6; n += 1) ids.push((await edge.predict()).id);
    assert.deepEqual(await label({ id: ids[0], label: "setosa" }), ["recorded"]);
    assert.deepEqual(await label({ id: ids[0], label: "setosa" }), ["unchanged"]);
    assert.deepEqual(await label({ id: ids[0], label: "virginica" }), ["conflict"]);
    assert.deepEqual(await label({ id: ids[0].slice(0, -2) + "fe", label: "setosa" }), ["unknown_id"]);
  });

  test("several come in one call", async () => {
    const labels = [
      { id: ids[1], label: "virginica" },
      { id: ids[2], label: "tulip" },
      { id: "nobody", label: "setosa" },
    ];
    assert.deepEqual(await label({ labels }), ["recorded", "unknown_class", "unknown_id"]);
    const { n, n_correct } = await labelled();
    assert.deepEqual({ n, n_correct }, { n: 2, n_correct: 1 });
  });

  test("a cold prediction gets its late label", async () => {
    await edge.flush();
    assert.equal((await edge.flush()).rows_dropped, 6);
    assert.deepEqual(await label({ id: ids[3], label: "setosa" }), ["recorded"]);
    assert.deepEqual(await label({ id: ids[3], label: "setosa" }), ["unchanged"]);
    const { n, n_correct, interval } = await labelled();
    assert.deepEqual({ n, n_correct }, { n: 3, n_correct: 2 });
    assert.ok(interval[0] < 2 / 3 && 2 / 3 < interval[1]);
  });

  test("the history selects by them, cold or hot", async () => {
    ids.push((await edge.predict()).id);
    await label({ id: ids[6], label: "versicolor" });
    const selected = async (query) => (await edge.history(2, query)).sort();
    assert.deepEqual(await selected("&outcome=right"), [ids[0], ids[3]].sort());
    assert.deepEqual(await selected("&outcome=wrong"), [ids[1], ids[6]].sort());
    assert.deepEqual(await selected("&labelled=false"), [ids[2], ids[4], ids[5]].sort());
    assert.equal((await selected("&class=setosa")).length, 7);
    const { predictions } = await edge.owner("/api/v1/predictions?limit=1");
    assert.equal(predictions[0].label, "versicolor");
    assert.ok(Math.abs(Date.parse(predictions[0].labelled_at) - Date.now()) < 60_000);
  });

  test("they outlive the object's memory", async () => {
    const before = await edge.owner(REPORT);
    await edge.worker.evictDurableObject("PREDICTION_LOG", { name: "shard-0" });
    assert.deepEqual(await edge.owner(REPORT), before);
    assert.equal(before.versions[0].n, 7);
  });
});

describe("a report", () => {
  let edge;
  before(async () => {
    edge = await start();
  });
  after(() => edge.stop());

  // 20 batches of 50,000 rows would take long to send: the counts are what a report reads.
  // How long it takes is printed: what a busy machine takes says nothing of the code.
  test("of a year of counts is whole each time", async (context) => {
    const record = (n) => {
      const at = new Date(Date.UTC(2025, 0, 1, 0, 59) + n * 3_600_000);
      const time = at.getTime().toString(16).padStart(12, "0");
      return {
        id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`,
        timestamp: at.toISOString(),
        model_version: 1 + (n % 2),
        prediction: "setosa",
        probabilities: { setosa: 0.9, versicolor: 0.05, virginica: 0.05 },
      };
    };
    for (let start = 0; start < 8_760; start += 1_095) {
      const rows = Array.from({ length: 1_095 }, (_, n) => record(start + n));
      const batch = { isolate: "test", sequence: start + 1, counters: [], rows };
      assert.equal((await edge.shard({ append: { shard: 0 } }, batch)).answer, "append");
    }
    const times = [];
    for (let n = 0; n < 10; n += 1) {
      const before = performance.now();
      const { versions } = await edge.owner(REPORT);
      times.push(performance.now() - before);
      assert.equal(versions.find((version) => version.version === 2).n, 4_380);
    }
    const median = times.sort((a, b) => a - b)[5];
    context.diagnostic(`report over 8,760 hours, median of 10: ${median.toFixed(1)} ms`);
  });
});

describe("an erasure", () => {
  let edge;
  before(async () => {
    edge = await start({ HOT_DAYS: "0" });
  });
  after(() => edge.stop());

  const erase = (query) => edge.owner(`/api/v1/predictions?${query}`, "DELETE");

  test("takes a cold, a stored and an open prediction out of history, report and KV", async () => {
    const ids = [];
    const predict = async () => ids.push((await edge.predict(undefined, { "x-tepal-subject": "jane" })).id);
    await predict();
    await predict();
    await edge.flush();
    await edge.flush();
    await predict();
    await predict();
    await edge.flush();
    await predict();
    const [first, cold, second, stored, open] = ids;
    for (const id of [cold, stored, open]) assert.equal((await erase(`id=${id}`)).erased, 1);
    assert.equal((await erase(`id=${cold}`)).erased, 0);
    assert.deepEqual((await edge.history()).sort(), [first, second].sort());
    assert.equal((await edge.owner(REPORT)).versions[0].n, 2);
    const kept = async () => {
      const texts = await Promise.all((await edge.segments()).map((key) => edge.env.STORE.get(key.name)));
      return texts.join("").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line).id);
    };
    assert.deepEqual((await kept()).sort(), [first, second].sort());
    assert.equal((await erase("subject=jane")).erased, 2);
    assert.deepEqual(await kept(), []);
    assert.deepEqual(await edge.history(), []);
    const { entries } = await edge.owner("/api/v1/audit?limit=2");
    const [result, asked] = entries;
    assert.deepEqual(asked.details, { by: "subject" });
    assert.deepEqual(result.details, { asked: asked.hash, by: "subject", erased: 2, shard: 0 });
    assert.deepEqual([asked.action, result.action, result.actor], ["erase", "erased", "owner"]);
  });

  test("of more segments than a call looks through goes on by the shard's alarm", async () => {
    for (let n = 0; n < 60; n += 1) {
      await edge.predict(undefined, { "x-tepal-subject": n % 2 ? "joe" : "jim" });
      await edge.flush();
    }
    await edge.flush();
    const headers = { authorization: `Bearer ${OWNER_TOKEN}` };
    const begun = await edge.call("/api/v1/predictions?subject=joe", { method: "DELETE", headers });
    assert.equal(begun.status, 202);
    const { erased, remaining, audit_head } = JSON.parse(begun.text);
    assert.ok(erased < 30 && remaining > 0, begun.text);
    assert.equal((await edge.history()).length, 30, "out of sight at once");
    const result = await eventually(async () => {
      const { entries } = await edge.owner("/api/v1/audit?limit=1");
      return entries[0].action === "erased" && entries[0];
    }, "the result is in the ledger");
    assert.deepEqual(result.details, { asked: audit_head, by: "subject", erased: 30, shard: 0 });
    assert.equal((await edge.history()).length, 30);
    assert.equal((await edge.owner(REPORT)).versions[0].n, 30);
  });
});

describe("an export", () => {
  let edge;
  before(async () => {
    edge = await start();
  });
  after(() => edge.stop());

  test("streams every row once, page after page", async () => {
    const answered = new Set();
    await inParallel(2_500, 16, async () => answered.add((await edge.predict()).id));
    const headers = { authorization: `Bearer ${OWNER_TOKEN}` };
    const ndjson = await edge.call("/api/v1/predictions/export?format=ndjson", { headers });
    assert.equal(ndjson.status, 200);
    const ids = ndjson.text.trimEnd().split("\n").map((line) => JSON.parse(line).id);
    assert.equal(ids.length, 2_500);
    assert.deepEqual(new Set(ids), answered);
    const csv = await edge.call("/api/v1/predictions/export?format=csv&version=1", { headers });
    assert.equal(csv.text.trimEnd().split("\r\n").length, 2_501);
  });
});
