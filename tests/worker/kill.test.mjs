// What is left after SIGKILL in the middle of everything: a wrangler of its own is killed, workerd with it,
// and started again on the same storage.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { OWNER_TOKEN, SETOSA, changedConfig, eventually, fallen, series } from "./harness.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const headers = { authorization: `Bearer ${OWNER_TOKEN}` };

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** A wrangler on this configuration, in a process group of its own. */
async function serve(config, storage) {
  const port = await freePort();
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const options = ["--config", config, "--port", String(port), "--ip", "127.0.0.1", "--persist-to", storage];
  const child = spawn(process.execPath, [wrangler, "dev", "--local", ...options], { detached: true, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/livez`).then((answer) => answer.ok, () => false);
  await eventually(answers, "wrangler answers", 60);
  return {
    url,
    async kill() {
      process.kill(-child.pid, "SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

test("after SIGKILL everything that was answered is there once, and the ledger is whole", async () => {
  const config = changedConfig([['LOG_MODE = "batched"', 'LOG_MODE = "durable"']]);
  const folder = dirname(config);
  writeFileSync(join(folder, ".dev.vars"), `OWNER_TOKEN="${OWNER_TOKEN}"\nRATE_LIMIT="off"\n`);
  const storage = join(folder, "state");
  const answered = new Set();
  const heads = [];
  let generation = 0;

  let server = await serve(config, storage);
  try {
    // Four callers ask and one owner changes things, until the process is gone.
    let gone = false;
    const body = JSON.stringify(SETOSA);
    const ask = async () => {
      while (!gone) {
        const init = { method: "POST", headers: { "content-type": "application/json" }, body };
        const answer = await fetch(`${server.url}/predict`, init).catch(() => undefined);
        if (answer?.ok) {
          const { id } = await answer.json().catch(() => ({}));
          if (id) answered.add(id);
        }
      }
    };
    const file = readFileSync(join(root, "model-core/data/iris.tepal"));
    const change = async () => {
      const published = { ...headers, "content-type": "application/octet-stream" };
      await fetch(`${server.url}/api/v1/models`, { method: "POST", headers: published, body: file }).catch(() => {});
      for (let n = 0; !gone; n++) {
        const changed = { ...headers, "if-match": "*", "content-type": "application/json" };
        const init = { method: "PUT", headers: changed, body: JSON.stringify({ version: 1 }) };
        const answer = await fetch(`${server.url}/api/v1/aliases/name-${n % 200}`, init).catch(() => undefined);
        const told = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
        if (told?.audit_head) {
          heads.push(told.audit_head);
          generation = told.generation;
        }
      }
    };
    const working = Promise.all([ask(), ask(), ask(), ask(), change()]);
    await eventually(() => answered.size > 200 && heads.length > 20, "enough was done", 60);
    const scrape = async () => series(await (await fetch(`${server.url}/metrics`)).text());
    const before = await scrape();
    await server.kill();
    gone = true;
    await working;

    server = await serve(config, storage);
    assert.ok(before.get('tepal_predictions_total{class="setosa",model_version="1"}') > 100);
    assert.deepEqual(fallen(before, await scrape()), [], "no total falls");
    const read = async (path) => (await fetch(server.url + path, { headers })).json();
    const verified = await read("/api/v1/audit/verify");
    assert.ok(verified.valid, JSON.stringify(verified));
    const { entries } = await read("/api/v1/audit?limit=1000");
    const hashes = new Set(entries.map((entry) => entry.hash));
    assert.ok(heads.every((head) => hashes.has(head)), "each change that was answered is in the ledger");
    assert.equal(new Set(entries.map((entry) => entry.sequence)).size, entries.length);
    const deployment = await read("/api/v1/deployment");
    assert.ok(deployment.generation >= generation, `${deployment.generation} after ${generation}`);
    assert.equal(deployment.champion.version, 1);

    const logged = [];
    let cursor = "";
    for (;;) {
      const page = await read(`/api/v1/predictions?limit=1000${cursor}`);
      logged.push(...page.predictions.map((prediction) => prediction.id));
      if (!page.next_cursor) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    assert.equal(new Set(logged).size, logged.length, "each once");
    const missing = [...answered].filter((id) => !logged.includes(id));
    assert.deepEqual(missing, [], "each prediction that was answered");
  } finally {
    await server.kill();
  }
});
