// What every adapter of a storage port must do (worker/src/contract), on SQLite, KV and Durable Objects:
// a Worker built with the suite runs it on its own shards.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { askObject, changedConfig, start } from "./harness.mjs";

const withSuite = fileURLToPath(new URL("../../target/worker-with-suite/index.js", import.meta.url));

describe("the contract of the storage ports", () => {
  let edge;
  before(async () => {
    edge = await start({}, changedConfig([], withSuite));
  });
  after(() => edge.stop());

  test("an answer is handed on piece by piece: one without an end arrives", async () => {
    const response = await fetch(new URL("/contract/endless", edge.url));
    assert.equal(response.status, 200);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("line 9 ")) text += (await reader.read()).value;
    assert.match(text, /^line 0 +\nline 1 +\nline 2 /);
    await reader.cancel();
  });

  test("every case holds at the edge", async (context) => {
    const fresh = () => edge.env.PREDICTION_LOG.get(edge.env.PREDICTION_LOG.newUniqueId());
    const { answer } = await askObject(fresh(), "contract_cases");
    const suites = new Set(answer.contract_cases.map((name) => name.split("/")[0]));
    const expected = ["shard", "labels", "erasure", "log", "documents", "artifacts", "pointer_copy"];
    assert.deepEqual([...suites], expected);
    // A case of the log takes two shards.
    for (const [index, name] of answer.contract_cases.entries()) {
      await context.test(name, async () => {
        const { answer, error } = await askObject(fresh(), { contract_case: { case: name, shard: 2 * index + 1 } });
        assert.deepEqual({ answer, error }, { answer: { contract_case: null }, error: undefined });
      });
    }
  });
});
