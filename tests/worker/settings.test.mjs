// What settings change, in workerd.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FLUSH, OWNER_TOKEN, SETOSA, changedConfig, inParallel, start } from "./harness.mjs";

const body = Buffer.from(JSON.stringify(SETOSA));
const predict = { method: "POST", headers: { "content-type": "application/json" }, body };

describe("settings", () => {
  test("the rate limit answers 429 and says how long to wait", async () => {
    // Fewer than the real 1,000, which a slow machine doesn't send within a period.
    const config = changedConfig([["limit = 1000", "limit = 20"]]);
    const edge = await start({ RATE_LIMIT: "on" }, config);
    try {
      const statuses = {};
      let refusal;
      await inParallel(60, 16, async () => {
        const answer = await edge.call("/predict", predict);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        if (answer.status === 429) refusal = answer;
      });
      // The limiter's period may turn over once while this runs.
      assert.ok(statuses[200] === 20 || statuses[200] === 40, JSON.stringify(statuses));
      assert.equal(statuses[429], 60 - statuses[200]);
      assert.equal(refusal.headers["retry-after"], "60");
      assert.equal(refusal.headers["content-type"], "application/problem+json");
      assert.equal((await edge.call("/health")).status, 200);
    } finally {
      await edge.stop();
    }
  });

  test("without an owner token owner routes are closed, whatever is sent", async () => {
    // Away from the .dev.vars that `cargo xtask dev` writes: its token would win over an empty one.
    const edge = await start({ OWNER_TOKEN: "" }, changedConfig([]));
    try {
      for (const authorization of ["Bearer ", `Bearer ${OWNER_TOKEN}`]) {
        const answer = await edge.call(FLUSH, { method: "POST", headers: { authorization } });
        assert.equal(answer.status, 503);
        assert.equal(JSON.parse(answer.text).type, "/docs#not-configured");
      }
    } finally {
      await edge.stop();
    }
  });

  test("a setting that makes no sense is named by every answer", async () => {
    const edge = await start({ LOG_MODE: "fast" });
    try {
      const answer = await edge.call("/health");
      assert.equal(answer.status, 503);
      assert.match(JSON.parse(answer.text).detail, /^LOG_MODE /);
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
      assert.match(answer.headers["content-security-policy"], /default-src 'none'/);
    } finally {
      await edge.stop();
    }
  });

  test("several shards are one history", async () => {
    const edge = await start({ LOG_SHARDS: "3" });
    try {
      for (let n = 0; n < 10; n += 1) await edge.predict();
      assert.equal((await edge.history(3)).length, 10);
      const shard = (await edge.predict()).id.slice(-2);
      assert.ok(["00", "01", "02"].includes(shard));
      assert.equal((await edge.flush()).rows_stored, 11);
    } finally {
      await edge.stop();
    }
  });
});
