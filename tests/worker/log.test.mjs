// The prediction log on the real Durable Object and the real KV.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SETOSA, askObject, eventually, inParallel, start } from "./harness.mjs";

const SETOSA_COUNT = 'tepal_predictions_total{class="setosa",model_version="1"}';
const APPENDED = "tepal_log_rows_appended_total";

const append = (shard) => ({ append: { shard } });

const unique = (ids) => new Set(ids).size;

// With HOT_DAYS = 0 a flush drops what an earlier flush stored.
describe("ten thousand predictions at 16 connections", () => {
  let edge;
  const answered = new Set();
  before(async () => {
    edge = await start({ HOT_DAYS: "0" });
  });
  after(() => edge.stop());

  test("are all answered, each with an id of its own", async () => {
    await inParallel(10_000, 16, async () => answered.add((await edge.predict()).id));
    assert.equal(answered.size, 10_000);
  });

  test("are counted exactly", async () => {
    assert.equal(await edge.metric(SETOSA_COUNT), 10_000);
    assert.equal(await edge.metric(APPENDED), 10_000);
    assert.equal(await edge.metric("tepal_log_rows_dropped_total"), 0);
  });

  test("filled segments without being told to", async () => {
    await eventually(async () => (await edge.segments()).length > 0, "a first segment");
  });

  test("are all in the history, none twice, open or flushed", async () => {
    const whole = async () => {
      const ids = await edge.history();
      assert.equal(ids.length, 10_000);
      assert.deepEqual(new Set(ids), answered);
    };
    await whole();
    await edge.flush();
    await whole();
  });

  test("are all in KV, none twice", async () => {
    const ids = [];
    for (const key of await edge.segments()) {
      const lines = (await edge.env.STORE.get(key.name)).trimEnd().split("\n");
      assert.equal(lines.length, key.metadata.rows);
      assert.ok(lines.length <= 5_000);
      ids.push(...lines.map((line) => JSON.parse(line).id));
    }
    assert.equal(ids.length, 10_000);
    assert.deepEqual(new Set(ids), answered);
  });

  test("are all in the history when only KV has them", async () => {
    await edge.flush();
    const ids = await edge.history();
    assert.equal(ids.length, 10_000);
    assert.deepEqual(new Set(ids), answered);
    for (const key of await edge.segments()) await edge.env.STORE.delete(key.name);
    assert.deepEqual(await edge.history(), []);
  });
});

describe("a prediction's way", () => {
  let edge;
  before(async () => {
    edge = await start({ HOT_DAYS: "0" });
  });
  after(() => edge.stop());

  test("it is in KV under its segment's key after the owner's flush", async () => {
    const answer = await edge.predict(SETOSA, { "x-tepal-subject": "jane@example.org" });
    const report = await edge.flush();
    assert.deepEqual(report, { rows_sealed: 1, segments_stored: 1, rows_stored: 1, rows_dropped: 0 });
    const { value, metadata } = await edge.env.STORE.getWithMetadata("log/v1/0/0000000001");
    const record = JSON.parse(value);
    assert.equal(record.id, answer.id);
    assert.deepEqual(record.features, SETOSA);
    assert.deepEqual(record.probabilities, answer.probabilities);
    assert.match(record.subject, /^[0-9a-f]{64}$/);
    assert.deepEqual(metadata, { from: answer.id, to: answer.id, rows: 1, versions: [1] });
    const [key] = (await edge.env.STORE.list({ prefix: "log/v1/0/0000000001" })).keys;
    const days = (key.expiration - Date.now() / 1000) / 86_400;
    assert.ok(days > 89 && days < 91, `expires in ${days} days`);
  });

  test("cold, stored and open rows make one history, page by page", async () => {
    assert.equal((await edge.flush()).rows_dropped, 1);
    for (let n = 0; n < 5; n += 1) await edge.predict();
    await edge.flush();
    for (let n = 0; n < 5; n += 1) await edge.predict();
    for (const limit of [1, 2, 5, 11]) {
      const ids = await edge.history(limit);
      assert.equal(ids.length, 11);
      assert.equal(unique(ids), 11);
      assert.deepEqual(ids, [...ids].sort().reverse());
    }
    assert.equal((await edge.history(10, "&version=2")).length, 0);
    assert.equal((await edge.history(10, "&to=2020-01-01T00:00:00Z")).length, 0);
  });

  test("segment numbers go on after everything was dropped", async () => {
    await edge.flush();
    assert.equal((await edge.flush()).rows_dropped, 5);
    await edge.predict();
    assert.equal((await edge.flush()).rows_stored, 1);
    const names = (await edge.segments()).map((key) => key.name);
    assert.deepEqual(names, [1, 2, 3, 4].map((n) => `log/v1/0/000000000${n}`));
    assert.equal((await edge.history()).length, 12);
  });

  test("the log outlives its object's memory", async () => {
    await edge.predict();
    assert.equal(await edge.metric(APPENDED), 13);
    await edge.worker.evictDurableObject("PREDICTION_LOG", { name: "shard-0" });
    assert.equal(await edge.metric(APPENDED), 13);
    assert.equal((await edge.history()).length, 13);
  });

  test("cron flushes what is open", async () => {
    const before = (await edge.segments()).length;
    await edge.predict();
    await edge.metric(APPENDED);
    await edge.worker.scheduled({ cron: "17 * * * *" });
    await eventually(async () => (await edge.segments()).length > before, "a segment by cron");
  });

  const appendedKey = JSON.stringify("log_rows_appended");
  const row = (letter) => ({ id: `${letter}0000000-0000-7000-8000-000000000000`, model_version: 1 });

  test("an append that is sent three times counts once", async () => {
    const rows = [row("a"), row("b")];
    const batch = { isolate: "test", sequence: 1, counters: [[appendedKey, 2]], rows };
    const appended = await edge.metric(APPENDED);
    const logged = (await edge.history()).length;
    for (let n = 0; n < 3; n += 1) {
      assert.equal((await edge.shard(append(0), batch)).answer, "append");
    }
    assert.equal(await edge.metric(APPENDED), appended + 2);
    assert.equal((await edge.history()).length, logged + 2);
  });

  test("an append that fails changes nothing", async () => {
    // The last counter has no value, which the table refuses.
    const counters = [[appendedKey, 1], ["x", null]];
    const batch = { isolate: "test", sequence: 2, counters, rows: [row("c")] };
    const appended = await edge.metric(APPENDED);
    const logged = (await edge.history()).length;
    const { error } = await edge.shard(append(0), batch);
    assert.match(error.unreachable, /^SQLite: .*NOT NULL/);
    assert.equal(await edge.metric(APPENDED), appended);
    assert.equal((await edge.history()).length, logged);
    counters[1][1] = 1;
    assert.equal((await edge.shard(append(0), batch)).answer, "append");
    assert.equal(await edge.metric(APPENDED), appended + 1);
    assert.equal((await edge.history()).length, logged + 1);
  });

  test("a call that the object doesn't know is told so", async () => {
    for (const call of ["forget", { append: {} }, { flush: { shard: 256 } }]) {
      const { error } = await edge.shard(call);
      assert.ok(error.corrupt, JSON.stringify(error));
    }
  });
});

describe("small segments", () => {
  let edge;
  before(async () => {
    edge = await start({ SEGMENT_ROWS: "10" });
  });
  after(() => edge.stop());

  test("an alarm flushes a full segment by itself", async () => {
    for (let n = 0; n < 25; n += 1) await edge.predict();
    const stored = async () => {
      const keys = await edge.segments();
      return keys.reduce((sum, key) => sum + key.metadata.rows, 0) >= 10;
    };
    await eventually(stored, "ten rows in KV");
    assert.equal((await edge.history()).length, 25);
  });

  test("a segment names the versions of its own rows only", async () => {
    const { PREDICTION_LOG, STORE } = edge.env;
    const object = PREDICTION_LOG.getByName("shard-8");
    const id = (n) => `a00000${String(n).padStart(2, "0")}-0000-7000-8000-000000000008`;
    const rows = Array.from({ length: 20 }, (_, n) => ({ id: id(n), model_version: n < 10 ? 1 : 2 }));
    const batch = { isolate: "test", sequence: 1, counters: [], rows };
    assert.equal((await askObject(object, append(8), batch)).answer, "append");
    await eventually(() => STORE.get("log/v1/8/0000000002"), "two segments of shard 8");
    const { keys } = await STORE.list({ prefix: "log/v1/8/" });
    assert.deepEqual(keys.map((key) => key.metadata.versions), [[1], [2]]);
  });

  // An object doesn't always know its name when an alarm wakes it; one with a unique id never does.
  test("an alarm flushes the shard of an object that has no name", async () => {
    const { PREDICTION_LOG, STORE } = edge.env;
    const object = PREDICTION_LOG.get(PREDICTION_LOG.newUniqueId());
    const rows = Array.from({ length: 10 }, (_, n) => ({ id: `a000000${n}-0000-7000-8000-000000000009`, model_version: 1 }));
    const batch = { isolate: "test", sequence: 1, counters: [], rows };
    assert.equal((await askObject(object, append(9), batch)).answer, "append");
    await eventually(() => STORE.get("log/v1/9/0000000001"), "a segment of shard 9");
  });
});

// As a deployment finds it that has lowered LOG_SHARDS from 8 to 1.
describe("shards that are no longer written to", () => {
  let edge;
  const id = (n) => `a000000${n}-0000-7000-8000-00000000000${n}`;
  before(async () => {
    edge = await start({ LOG_SHARDS: "1", HOT_DAYS: "0" });
    for (const shard of [3, 7]) {
      const rows = [{ id: id(shard), model_version: 1 }];
      const counters = [[JSON.stringify("log_rows_appended"), 1]];
      const object = edge.env.PREDICTION_LOG.getByName(`shard-${shard}`);
      const batch = { isolate: "before", sequence: 1, counters, rows };
      assert.equal((await askObject(object, append(shard), batch)).answer, "append");
    }
  });
  after(() => edge.stop());

  test("are in history and totals, with those that are", async () => {
    const answer = await edge.predict();
    for (const limit of [1, 2, 100]) assert.deepEqual(await edge.history(limit), [id(7), id(3), answer.id]);
    assert.equal(await edge.metric(APPENDED), 3);
  });

  test("are still there after a flush, when only KV has them, and in a new instance", async () => {
    assert.equal((await edge.flush()).rows_stored, 3);
    assert.equal((await edge.flush()).rows_dropped, 3);
    await edge.worker.evictDurableObject("PREDICTION_LOG", { name: "shard-0" });
    assert.equal((await edge.history()).length, 3);
    const names = (await edge.segments()).map((key) => key.name);
    assert.deepEqual(names, [0, 3, 7].map((shard) => `log/v1/${shard}/0000000001`));
  });

  test("are known by the directory alone, once each", async () => {
    assert.deepEqual((await edge.shard("shards")).answer, { shards: [3, 7] });
  });
});

describe("a durable log", () => {
  let edge;
  before(async () => {
    edge = await start({ LOG_MODE: "durable" });
  });
  after(() => edge.stop());

  test("has the row when the answer comes", async () => {
    const { id } = await edge.predict();
    const { attachment } = await edge.shard({ history: { shard: 0, query: { limit: 10 } } });
    assert.equal(JSON.parse(attachment).id, id);
  });

  test("takes many at once, each once", async () => {
    await inParallel(200, 16, () => edge.predict());
    const ids = await edge.history();
    assert.equal(ids.length, 201);
    assert.equal(unique(ids), 201);
    assert.equal(await edge.metric(SETOSA_COUNT), 201);
  });
});
