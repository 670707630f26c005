// A shard that was filled before migrations were numbered is taken over with all that it holds.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { changedConfig, start } from "./harness.mjs";

const id = (n) => `a000000${n}-0000-7000-8000-000000000000`;
const record = (n) => JSON.stringify({ id: id(n), model_version: 1 });

// As a shard made its tables then, with one stored segment, one open row, a counter and a tag.
const OLD = `
  CREATE TABLE prediction (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    model_version INTEGER NOT NULL, record TEXT NOT NULL
  );
  CREATE TABLE segment (
    number INTEGER PRIMARY KEY, state TEXT NOT NULL, first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, from_id TEXT NOT NULL, to_id TEXT NOT NULL,
    rows INTEGER NOT NULL, versions TEXT NOT NULL, sealed_at INTEGER NOT NULL
  );
  CREATE TABLE counter (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE applied (
    isolate TEXT NOT NULL, sequence INTEGER NOT NULL, applied_at INTEGER NOT NULL,
    PRIMARY KEY (isolate, sequence)
  ) WITHOUT ROWID;
  CREATE TABLE identity (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), shard INTEGER NOT NULL);
  INSERT INTO prediction (id, model_version, record) VALUES
    ('${id(1)}', 1, '${record(1)}'), ('${id(2)}', 1, '${record(2)}');
  INSERT INTO segment VALUES (1, 'stored', 1, 1, '${id(1)}', '${id(1)}', 1, '[1]', ${Date.now()});
  INSERT INTO counter VALUES ('"log_rows_appended"', 2);
  INSERT INTO applied VALUES ('before', 1, ${Date.now()});
  INSERT INTO identity VALUES (1, 0);
`;

/** The built Worker, whose objects find the old tables in their storage. */
function overOldTables() {
  const built = JSON.stringify(fileURLToPath(new URL("../../worker/build/index.js", import.meta.url)));
  const main = join(mkdtempSync(join(tmpdir(), "tepal-")), "index.js");
  writeFileSync(main, `
    import worker, { LogShard as Built } from ${built};
    export default worker;
    export * from ${built};
    export class LogShard extends Built {
      constructor(state, env) {
        const tables = state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'prediction'");
        if (tables.toArray().length === 0) state.storage.sql.exec(${JSON.stringify(OLD)});
        super(state, env);
      }
    }
  `);
  return main;
}

describe("a shard from before migrations were numbered", () => {
  let edge;
  before(async () => {
    edge = await start({}, changedConfig([], overOldTables()));
  });
  after(() => edge.stop());

  test("keeps its rows and its totals", async () => {
    assert.deepEqual(await edge.history(), [id(2), id(1)]);
    assert.equal(await edge.metric("tepal_log_rows_appended_total"), 2);
  });

  test("knows the batches that it had", async () => {
    const rows = [{ id: id(3), model_version: 1 }];
    const batch = { isolate: "before", sequence: 1, counters: [], rows };
    assert.equal((await edge.shard({ append: { shard: 0 } }, batch)).answer, "append");
    assert.equal((await edge.history()).length, 2);
  });

  test("goes on: the open row gets the next segment, again and again", async () => {
    assert.deepEqual((await edge.flush()).rows_stored, 1);
    assert.deepEqual((await edge.segments()).map((key) => key.name), ["log/v1/0/0000000002"]);
    await edge.worker.evictDurableObject("PREDICTION_LOG", { name: "shard-0" });
    await edge.predict();
    assert.equal((await edge.flush()).rows_stored, 1);
    assert.equal((await edge.history()).length, 3);
  });
});
