// /metrics on the real Durable Objects and the real KV: what the platform counts, what outlives an object's
// memory, and what Prometheus' own tool says of the text.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { OWNER_TOKEN, fallen, inParallel, start } from "./harness.mjs";

const root = new URL("../..", import.meta.url);
const authorization = `Bearer ${OWNER_TOKEN}`;

describe("metrics", () => {
  let edge;
  before(async () => {
    edge = await start({ KEY_SECRET: "a secret that is longer than 32 characters" });
  });
  after(() => edge.stop());

  const send = async (path, json, method = "POST") => {
    const headers = { authorization, "content-type": "application/json", "if-match": "*" };
    const answer = await edge.call(path, { method, headers, body: Buffer.from(JSON.stringify(json)) });
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  };
  const operations = (metrics, store, operation, part) =>
    metrics.get(`tepal_platform_operations_total{store="${store}",operation="${operation}",part="${part}"}`);

  test("predictions, labels and a published model move their numbers", async () => {
    const started = await edge.metrics();
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push((await edge.predict()).id);
    await send("/api/v1/feedback", { id: ids[0], label: "setosa" });
    await send("/api/v1/feedback", { labels: [{ id: ids[1], label: "virginica" }, { id: ids[0], label: "virginica" }] });
    const headers = { authorization, "content-type": "application/octet-stream" };
    const body = readFileSync(new URL("tests/fixtures/golden/iris_v4_gaussian_nb.tepal", root));
    assert.equal((await edge.call("/api/v1/models", { method: "POST", headers, body })).status, 201);
    await send("/api/v1/deployment", { challenger: 2, split_basis_points: 2000, mode: "shadow" }, "PUT");

    const metrics = await edge.metrics();
    const is = (name, value) => assert.equal(metrics.get(name), value, name);
    is('tepal_predictions_total{class="setosa",model_version="1"}', 3);
    is('tepal_feedback_labels_total{result="recorded"}', 2);
    is('tepal_feedback_labels_total{result="conflict"}', 1);
    is('tepal_labels_total{model_version="1",outcome="correct"}', 1);
    is('tepal_labels_total{model_version="1",outcome="wrong"}', 1);
    is('tepal_labelled_accuracy_ratio{model_version="1"}', 0.5);
    is('tepal_registry_versions{state="active"}', 2);
    is('tepal_registry_role_info{role="challenger",model_version="2"}', 1);
    is('tepal_registry_split_ratio{mode="shadow"}', 0.2);
    is("tepal_serving_degraded", 0);
    is("tepal_log_up", 1);
    is("tepal_registry_up", 1);
    is("tepal_log_waiting_rows", 3);
    is('tepal_plan_allowance{store="kv",operation="write"}', 1000);
    assert.ok(metrics.get("tepal_log_lag_seconds") >= 0 && metrics.get("tepal_log_lag_seconds") < 60);
    assert.ok(metrics.get('tepal_sqlite_bytes{object="registry"}') >= 4096);
    assert.ok(metrics.get('tepal_sqlite_bytes{object="shard-0"}') >= 4096);
    const more = (...of) => operations(metrics, ...of) - operations(started, ...of);
    assert.equal(more("kv", "write", "worker"), 1, "the published file");
    assert.equal(more("kv", "write", "registry"), 2, "the pointer's copy, for each change");
    for (const part of ["log", "registry"]) {
      for (const operation of ["request", "row_read", "row_written"]) {
        assert.ok(more("durable_object", operation, part) > 0, `${operation} of ${part}`);
      }
    }
    assert.deepEqual(fallen(started, metrics), []);
    await edge.flush();
    const stored = await edge.metrics();
    assert.equal(stored.get("tepal_log_waiting_rows"), 0);
    assert.equal(stored.get("tepal_log_lag_seconds"), 0);
    assert.equal(operations(stored, "kv", "write", "log"), 1);
  });

  test("what is counted outlives the objects' memory", async () => {
    let last = await edge.metrics();
    for (let turn = 0; turn < 4; turn += 1) {
      if (turn % 2 === 0) await edge.predict();
      await edge.history(10);
      await edge.worker.evictDurableObject("PREDICTION_LOG", { name: "shard-0" });
      await edge.worker.evictDurableObject("REGISTRY", { name: "registry" });
      const metrics = await edge.metrics();
      assert.deepEqual(fallen(last, metrics), [], `turn ${turn}`);
      last = metrics;
    }
    assert.equal(last.get('tepal_labels_total{model_version="1",outcome="correct"}'), 1);
  });

  test("counting costs a prediction no call", async () => {
    const before = await edge.metrics();
    await inParallel(640, 16, () => edge.predict());
    const metrics = await edge.metrics();
    const more = (operation, part) =>
      operations(metrics, "durable_object", operation, part) - operations(before, "durable_object", operation, part);
    const requests = more("request", "log");
    assert.ok(requests < 200, `${requests} calls for 640 predictions`);
    console.log(
      `640 predictions: ${requests} calls of the log and ${more("request", "registry")} of the registry, ` +
        `${more("row_read", "log")} rows read, ${more("row_written", "log")} written`,
    );
    const [once, twice] = [await edge.metrics(), await edge.metrics()];
    const scrape = (operation, part) =>
      operations(twice, "durable_object", operation, part) - operations(once, "durable_object", operation, part);
    console.log(
      `a scrape: ${scrape("request", "log")} calls of the log, ${scrape("row_read", "log")} rows read, ` +
        `${scrape("row_written", "log")} written`,
    );
  });

  test("the list of segments is not read by every append", async () => {
    const read = async () => operations(await edge.metrics(), "durable_object", "row_read", "log");
    // What an append reads is told by the one after it.
    const turn = async () => {
      const before = await read();
      await edge.predict();
      return (await read()) - before;
    };
    await turn();
    const few = await turn();
    for (let n = 0; n < 40; n += 1) {
      await edge.predict();
      await edge.flush();
    }
    await turn();
    const many = await turn();
    assert.ok(many < few + 30, `${few} rows with few segments, ${many} with forty more`);
  });

  test("promtool finds nothing to complain about", async (t) => {
    const { text } = await edge.call("/metrics");
    const { error, status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    if (error?.code === "ENOENT") {
      console.log("SKIPPED, NOT PASSED: promtool is not on PATH (Debian and Ubuntu: apt-get install prometheus)");
      t.skip("promtool is not on PATH");
      return;
    }
    assert.deepEqual([status, stdout, stderr], [0, "", ""], text);
  });

  test("OpenMetrics has the same series", async () => {
    const { text } = await edge.call("/metrics", { headers: { accept: "application/openmetrics-text" } });
    assert.ok(text.endsWith("# EOF\n"));
    for (const line of ["# TYPE tepal_labels counter", "# TYPE tepal_platform_operations counter", "# TYPE tepal_log_lag_seconds gauge"]) {
      assert.ok(text.includes(`${line}\n`), line);
    }
  });
});
