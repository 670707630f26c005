// What is left after SIGKILL in the middle of everything: a wrangler of its own is killed, workerd with it,
// and started again on the same storage. Callers ask and label; an owner publishes, splits, rolls back, mints
// keys and names versions; people are erased, from segments too, while the log is flushed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { OWNER_TOKEN, SETOSA, eventually, fallen, series } from "./harness.mjs";
import { configured, serve, train } from "./killable.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const owner = { authorization: `Bearer ${OWNER_TOKEN}` };
const VIRGINICA = { sepal_length: 6.3, sepal_width: 3.3, petal_length: 6, petal_width: 2.5 };
const MODELS = 8;

/** Files of models that differ by their seed. */
const trained = () => Array.from({ length: MODELS }, (_, seed) => train(readFileSync(join(root, "model-core/data/iris.csv")), seed));

/** What was acknowledged, and the lanes that work until the server is gone. */
class Work {
  gone = false;
  /** Id to subject. */
  answered = new Map();
  /** How many ask about a subject at the moment. */
  asking = new Map();
  labelled = new Map();
  /** Subjects whose erasure was begun, and what the answer said; undefined without an answer. */
  erasures = new Map();
  heads = [];
  generation = 0;
  versions = new Map();
  keys = [];
  rollbacks = 0;
  splits = 0;
  turn = 0;

  constructor(url, files) {
    Object.assign(this, { url, files });
  }

  /** The JSON of an answer, if it came whole and is one that was wanted. */
  async call(path, method, body, headers = {}) {
    const json = body === undefined || Buffer.isBuffer(body) ? {} : { "content-type": "application/json" };
    const sent = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const init = { method, body: sent, headers: { ...json, ...headers } };
    const answer = await fetch(this.url + path, init).catch(() => undefined);
    return answer?.ok ? answer.json().catch(() => undefined) : undefined;
  }

  async change(path, method, body, headers = {}) {
    const told = await this.call(path, method, body, { ...owner, "if-match": "*", ...headers });
    if (told?.audit_head) this.heads.push(told.audit_head);
    if (told?.generation) this.generation = Math.max(this.generation, told.generation);
    return told;
  }

  async ask() {
    while (!this.gone) {
      // Each subject asks for some time, and is then erased.
      const subject = this.answered.size % 3 ? "stays" : `leaves-${this.turn}`;
      const row = this.answered.size % 2 ? SETOSA : VIRGINICA;
      const asking = (n) => this.asking.set(subject, (this.asking.get(subject) ?? 0) + n);
      asking(1);
      const told = await this.call("/predict", "POST", row, { "x-tepal-subject": subject });
      asking(-1);
      if (told?.id) this.answered.set(told.id, subject);
    }
  }

  async label() {
    while (!this.gone) {
      const ids = [...this.answered].filter(([id, subject]) => subject === "stays" && !this.labelled.has(id));
      const labels = ids.slice(0, 5).map(([id], n) => ({ id, label: n % 2 ? "setosa" : "virginica" }));
      if (labels.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      // Twice, as after a lost answer.
      for (let n = 0; n < 2; n += 1) {
        const told = await this.call("/api/v1/feedback", "POST", { labels }, owner);
        for (const [at, { id, status }] of (told?.results ?? []).entries()) {
          assert.ok(["recorded", "unchanged"].includes(status), `${id}: ${status}`);
          this.labelled.set(id, labels[at].label);
        }
      }
    }
  }

  async manage() {
    for (let n = 0; !this.gone; n += 1) {
      const file = this.files[n % MODELS];
      const type = { "content-type": "application/octet-stream" };
      const model = await this.change("/api/v1/models", "POST", file, type);
      if (model?.version) this.versions.set(model.version, model.model_id);
      const versions = [...this.versions.keys()];
      if (versions.length > 1) {
        const [champion, challenger] = versions.slice(-2);
        const split = { champion, challenger, split_basis_points: 3_000, mode: "live", reason: `turn ${n}` };
        if (await this.change("/api/v1/deployment", "PUT", split)) this.splits += 1;
      }
      if (versions.length > 0) await this.change(`/api/v1/aliases/name-${n % 50}`, "PUT", { version: versions[0] });
      const key = await this.change("/api/v1/keys", "POST", { name: `key ${n}`, scopes: ["predict"], expires_in_days: 1 });
      if (key?.key_id) this.keys.push(key.key_id);
      if (n % 3 === 2 && (await this.change("/api/v1/rollback", "POST", { reason: `turn ${n}` }))) this.rollbacks += 1;
    }
  }

  /** What is flushed twice is cold, with HOT_DAYS = 0. */
  async flush() {
    while (!this.gone) {
      await this.call("/api/v1/monitoring/flush", "POST", undefined, owner);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Erases the subject of this turn, whom nobody asks about any more. */
  async erase(begun = () => {}) {
    const subject = `leaves-${this.turn}`;
    this.turn += 1;
    await eventually(() => !this.asking.get(subject), "whoever asked about them has an answer", 30);
    this.erasures.set(subject, undefined);
    begun();
    const told = await this.change(`/api/v1/predictions?subject=${subject}`, "DELETE");
    if (told) this.erasures.set(subject, told);
  }

  nAcknowledged() {
    return [...this.erasures.values()].filter(Boolean).length;
  }

  isEnough() {
    const { answered, labelled, heads, versions, keys, rollbacks, splits } = this;
    return (
      answered.size > 300 && labelled.size > 50 && heads.length > 20 && versions.size > 3 && keys.length > 2 &&
      rollbacks > 0 && splits > 1 && this.nAcknowledged() > 2
    );
  }
}

test("after SIGKILL everything that was acknowledged is there once, and what was erased is not", async () => {
  const [config, storage] = configured([
    ['LOG_MODE = "batched"', 'LOG_MODE = "durable"'],
    ['HOT_DAYS = "7"', 'HOT_DAYS = "0"'],
    ['POINTER_TTL_SECS = "10"', 'POINTER_TTL_SECS = "1"'],
    ['METRICS_MAX_AGE_SECS = "5"', 'METRICS_MAX_AGE_SECS = "0"'],
  ]);
  const files = trained();

  let server = await serve(config, storage);
  try {
    const work = new Work(server.url, files);
    const lanes = [work.ask(), work.ask(), work.ask(), work.ask(), work.label(), work.manage(), work.flush()];
    const working = Promise.all(lanes);
    for (const end = Date.now() + 120_000; !work.isEnough(); ) {
      assert.ok(Date.now() < end, `too little was done: ${JSON.stringify({ ...work, files: 0, answered: work.answered.size })}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await work.erase();
    }
    const scrape = async () => series(await (await fetch(`${server.url}/metrics`)).text());
    const before = await scrape();
    // Killed with all of it under way, an erasure too.
    await new Promise((resolve) => setTimeout(resolve, 300));
    let last;
    await new Promise((resolve) => {
      last = work.erase(resolve);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await server.kill();
    work.gone = true;
    await Promise.all([working, last]);

    server = await serve(config, storage);
    const asked = [...before].filter(([name]) => name.startsWith("tepal_predictions_total"));
    assert.ok(asked.reduce((sum, [, n]) => sum + n, 0) > 100, JSON.stringify(asked));
    assert.deepEqual(fallen(before, await scrape()), [], "no total falls");
    const read = async (path) => {
      const answer = await fetch(server.url + path, { headers: owner });
      assert.equal(answer.status, 200, `${path}: ${await answer.clone().text()}`);
      return answer.json();
    };
    /** All pages of a list. */
    const all = async (path, member) => {
      const found = [];
      for (let cursor = ""; ; ) {
        const page = await read(`${path}?limit=1000${cursor}`);
        found.push(...page[member]);
        if (!page.next_cursor) return found;
        cursor = `&cursor=${page.next_cursor}`;
      }
    };
    const logged = () => all("/api/v1/predictions", "predictions");
    const erasedOnes = (id) => work.erasures.get(work.answered.get(id)) !== undefined;

    // Before anything goes on: what was erased is out of sight already.
    assert.deepEqual((await logged()).map(({ id }) => id).filter(erasedOnes), []);

    // The ledger is whole and has every change that was acknowledged.
    const verified = await read("/api/v1/audit/verify");
    assert.ok(verified.valid, JSON.stringify(verified));
    const entries = await all("/api/v1/audit", "entries");
    const sequences = entries.map((entry) => entry.sequence);
    assert.deepEqual(sequences, Array.from(sequences, (_, n) => sequences.length - n));
    const hashes = new Set(entries.map((entry) => entry.hash));
    assert.deepEqual(work.heads.filter((head) => !hashes.has(head)), []);

    // So has the registry.
    const deployment = await read("/api/v1/deployment");
    assert.ok(deployment.generation >= work.generation, `${deployment.generation} after ${work.generation}`);
    const models = new Map((await all("/api/v1/models", "models")).map((model) => [model.version, model.model_id]));
    for (const [version, id] of work.versions) assert.equal(models.get(version), id, `version ${version}`);
    assert.equal(new Set(models.values()).size, models.size, "no model has two versions");
    assert.ok(models.has(deployment.champion.version));
    const { keys } = await read("/api/v1/keys");
    const known = new Set(keys.map((key) => key.key_id));
    assert.equal(known.size, keys.length);
    assert.deepEqual(work.keys.filter((key) => !known.has(key)), []);

    // Erasures go on: each that was acknowledged has its result.
    const results = async () => {
      await fetch(`${server.url}/api/v1/monitoring/flush`, { method: "POST", headers: owner });
      const ledger = await all("/api/v1/audit", "entries");
      const found = ledger.filter((entry) => entry.action === "erased");
      // Who didn't hear that it was noted notes it again.
      return new Map(found.map(({ details }) => [`${details.asked} ${details.shard}`, details]));
    };
    const acknowledged = [...work.erasures.values()].filter(Boolean);
    const noted = await eventually(async () => {
      const asked = new Set([...(await results()).values()].map((details) => details.asked));
      return acknowledged.every((told) => asked.has(told.audit_head)) && results();
    }, "the results of the erasures are in the ledger", 30);

    // Each answer is there exactly once, but for those that were erased, or were about to be.
    const rows = await logged();
    const byId = new Map(rows.map((row) => [row.id, row]));
    assert.equal(byId.size, rows.length, "each once");
    assert.deepEqual([...byId.keys()].filter(erasedOnes), [], "what was erased stays erased");
    const missing = [...work.answered].filter(([id, subject]) => !byId.has(id) && !work.erasures.has(subject));
    assert.deepEqual(missing, []);
    const exported = await fetch(`${server.url}/api/v1/predictions/export?format=ndjson`, { headers: owner });
    const lines = (await exported.text()).trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line).id), rows.map((row) => row.id));

    // Each label that was acknowledged is there, and counted once.
    for (const [id, label] of work.labelled) assert.equal(byId.get(id)?.label, label, id);
    const { versions } = await read("/api/v1/monitoring/report");
    const tally = (list) => Object.fromEntries(list.filter(([, , n]) => n > 0).map(([version, word, n]) => [`${version} ${word}`, n]));
    const count = (wanted) => rows.filter(wanted).length;
    const ofVersion = [...new Set(rows.map((row) => row.model_version))].flatMap((version) => [
      [version, "answered", count((row) => row.model_version === version)],
      [version, "labelled", count((row) => row.model_version === version && row.label)],
      [version, "right", count((row) => row.model_version === version && row.label === row.prediction)],
    ]);
    const reported = versions.flatMap(({ version, n, labelled }) => [
      [version, "answered", n],
      [version, "labelled", labelled.n],
      [version, "right", labelled.n_correct],
    ]);
    assert.deepEqual(tally(reported), tally(ofVersion));
    assert.ok(new Set(rows.map((row) => row.model_version)).size > 1, "the split was at work");

    // Counters are never taken back: they hold what was erased, too.
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const predictions = [...metrics.matchAll(/^tepal_predictions_total\{.*\} (\d+)$/gm)];
    const counted = predictions.reduce((sum, [, n]) => sum + Number(n), 0);
    const erased = [...noted.values()].reduce((sum, details) => sum + details.erased, 0);
    assert.equal(counted, rows.length + erased);
    console.log(
      `${work.answered.size} answers, ${work.labelled.size} labels, ${work.heads.length} changes, ` +
        `${acknowledged.length} erasures of ${erased} rows: all there after SIGKILL`,
    );
  } finally {
    await server.kill();
  }
});
