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

  test("every case holds at the edge", async (context) => {
    const fresh = () => edge.env.PREDICTION_LOG.get(edge.env.PREDICTION_LOG.newUniqueId());
    const { answer } = await askObject(fresh(), "contract_cases");
    assert.ok(answer.contract_cases.length >= 15, JSON.stringify(answer));
    // A case of the log takes two shards.
    for (const [index, name] of answer.contract_cases.entries()) {
      await context.test(name, async () => {
        const { answer, error } = await askObject(fresh(), { contract_case: { case: name, shard: 2 * index + 1 } });
        assert.deepEqual({ answer, error }, { answer: { contract_case: null }, error: undefined });
      });
    }
  });
});
