// The loop in workerd: trials go on, end and are taken back by alarms, and a SIGKILL in the middle of one changes nothing.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { OWNER_TOKEN, eventually, inParallel, start } from "./harness.mjs";
import { configured, serve, train } from "./killable.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const simulate = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/tepal-simulate");
const csv = readFileSync(new URL("../../model-core/data/iris.csv", import.meta.url), "utf8");
const [head, ...lines] = csv.trim().split("\n");
const names = head.split(",").slice(0, 4);
const flowers = lines.map((line) => {
  const cells = line.split(",");
  return { row: Object.fromEntries(names.map((name, at) => [name, Number(cells[at])])), label: cells[4] };
});
/** Right at setosa alone. */
const swapped = { versicolor: "virginica", virginica: "versicolor" };
const wrong = [head, ...lines.map((line) => line.replace(/[^,]+$/, (label) => swapped[label] ?? label))].join("\n");
/** Nothing is trained, unless a test is about that. */
const POLICY = { mode: "auto", stage_labels: [20, 20, 20], max_labels: 200, probation_labels: 60, max_per_day: 0 };
const SETTINGS = { MONITOR_SECONDS: "1", POINTER_TTL_SECS: "1" };

/** Looks every second, believes a registry for one, and answers when a row is in the log: what is acknowledged is there after a kill. */
const HASTY = [
  ['LOG_MODE = "batched"', 'LOG_MODE = "durable"'],
  ['MONITOR_MINUTES = "15"', 'MONITOR_MINUTES = "15"\nMONITOR_SECONDS = "1"'],
  ['POINTER_TTL_SECS = "10"', 'POINTER_TTL_SECS = "1"'],
];

/** A client of a Worker at `url()`, which may be gone for a while. */
class Owner {
  turn = 0;

  constructor(url) {
    this.url = url;
  }

  async call(method, path, body) {
    const binary = Buffer.isBuffer(body);
    const type = body === undefined ? {} : { "content-type": binary ? "application/octet-stream" : "application/json" };
    const headers = { authorization: `Bearer ${OWNER_TOKEN}`, "if-match": "*", ...type };
    const sent = body === undefined || binary ? body : JSON.stringify(body);
    const answer = await fetch(this.url() + path, { method, headers, body: sent });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.json();
  }

  read = (path) => this.call("GET", path);
  deployment = () => this.read("/api/v1/deployment");

  /** Asks for `n` flowers and says what they were. */
  async play(n) {
    const labels = [];
    const from = this.turn;
    this.turn += n;
    await inParallel(n, 8, async (at) => {
      const { row, label } = flowers[((from + at) * 37) % 150];
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${this.url()}/predict`, { method: "POST", headers, body: JSON.stringify(row) });
      assert.ok(answer.ok, await answer.clone().text());
      labels.push({ id: (await answer.json()).id, label });
    });
    const { results } = await this.call("POST", "/api/v1/feedback", { labels });
    assert.deepEqual(results.filter(({ status }) => status !== "recorded"), []);
  }

  /** Plays until `probe` says so. */
  async playUntil(probe, what, n = 10) {
    await eventually(async () => {
      await this.play(n);
      return probe();
    }, what, 60);
  }

  /** What the ledger tells from entry `from` on, oldest first: action and step. */
  async story(from = 1) {
    const { valid } = await this.read("/api/v1/audit/verify");
    assert.ok(valid, "the ledger is whole");
    const { entries } = await this.read("/api/v1/audit?limit=1000");
    const told = entries.reverse().filter(({ sequence }) => sequence >= from);
    return told.map(({ action, details }) => (details.step && details.step !== action ? `${action} ${details.step}` : action));
  }

  decisions = async () => (await this.read("/api/v1/monitoring/decisions?limit=1000")).decisions;
}

describe("the loop", () => {
  let edge, owner;
  before(async () => {
    edge = await start(SETTINGS);
    const { origin } = new URL(edge.url);
    owner = new Owner(() => origin);
    assert.equal((await owner.call("POST", "/api/v1/models", train(wrong))).version, 2);
    await owner.call("PUT", "/api/v1/policy", POLICY);
  });
  after(() => edge.stop());

  const alone = async (version) => {
    const { champion, challenger, trial } = await owner.deployment();
    return champion.version === version && challenger === null && trial === undefined;
  };

  test("gives a challenger up that is worse, before it has answered anybody", { timeout: 120_000 }, async () => {
    const { trial, generation } = await owner.call("POST", "/api/v1/rollout", { challenger: 2 });
    assert.equal(trial.stage, "shadow");
    await owner.playUntil(() => alone(1), "it is given up");
    assert.deepEqual(await owner.story(generation), ["rollout", "rollout drop"]);
    const { predictions } = await owner.read("/api/v1/predictions?limit=1000");
    assert.ok(predictions.every(({ model_version }) => model_version === 1));
    const [drop] = (await owner.decisions()).filter(({ step }) => step === "drop");
    assert.match(drop.says, /^Version 2 is given up: on \d+ labelled rows it is right .* points less often than version 1/);
  });

  test("takes a champion back that is worse than the one before", { timeout: 120_000 }, async () => {
    const { generation } = await owner.call("PUT", "/api/v1/deployment", { champion: 2, probation: true });
    await owner.playUntil(() => alone(1), "it is taken back");
    assert.deepEqual(await owner.story(generation), ["deploy", "rollback"]);
    await eventually(async () => (await edge.predict()).model_version === 1, "the one before answers", 5);
  });

  test("promotes a challenger that is better stage by stage, and stops watching it", { timeout: 180_000 }, async () => {
    const { generation } = await owner.call("PUT", "/api/v1/deployment", { champion: 2 });
    await owner.call("POST", "/api/v1/rollout", { challenger: 1 });
    await owner.playUntil(() => alone(1), "it is promoted, and has passed");
    const story = ["deploy", "rollout", "rollout advance", "rollout advance", "promote", "rollout pass"];
    assert.deepEqual(await owner.story(generation), story);
    assert.ok((await edge.metric("tepal_registry_generation")) >= generation + 5);
  });

  test("waits for its owner where it was told to", { timeout: 120_000 }, async () => {
    await owner.call("PUT", "/api/v1/policy", { ...POLICY, mode: "approve" });
    await owner.call("PUT", "/api/v1/deployment", { champion: 2 });
    await owner.call("POST", "/api/v1/rollout", { challenger: 1 });
    const waits = async () => (await owner.decisions())[0]?.outcome === "waits";
    await owner.playUntil(waits, "a step waits");
    assert.equal((await owner.deployment()).trial.stage, "shadow");
    const approved = await owner.call("POST", "/api/v1/rollout/approve");
    assert.deepEqual([approved.step, approved.outcome], ["advance", "done"]);
    assert.equal((await owner.deployment()).trial.stage, "tenth");
    await owner.call("DELETE", "/api/v1/rollout", { reason: "the test is over" });
    assert.ok(await alone(2));
  });
});

const SCENARIOS = ["steady", "bad-challenger", "degrade", "drift"];
for (const [how, settings, options, scenarios] of [
  ["each look asked for", { POINTER_TTL_SECS: "1" }, [], SCENARIOS],
  ["by alarms alone", SETTINGS, ["--by-alarm"], SCENARIOS],
  // With this seed the first model that is trained is mostly given up, and the second promoted.
  ["whoever looks", SETTINGS, ["--seed", "8"], ["drift"]],
]) {
  test(`each scenario of the simulation ends as it should, ${how}`, { timeout: 400_000 }, async (t) => {
    for (const scenario of scenarios) {
      await t.test(scenario, async () => {
        const edge = await start(settings);
        try {
          const called = ["--scenario", scenario, "--port", new URL(edge.url).port, ...options];
          const run = spawn(simulate, called, { env: { ...process.env, OWNER_TOKEN } });
          let told = "";
          for (const stream of [run.stdout, run.stderr]) stream.on("data", (chunk) => (told += chunk));
          const [code] = await once(run, "close");
          assert.equal(code, 0, told);
        } finally {
          await edge.stop();
        }
      });
    }
  });
}

test("after SIGKILL in the middle of a retraining one model comes of it, the same as without", { timeout: 300_000 }, async () => {
  const [config, storage] = configured(HASTY);
  let server = await serve(config, storage);
  const owner = new Owner(() => server.url);
  const newest = async () => (await owner.read("/api/v1/retrain")).retrainings[0];
  const ended = async () => {
    await eventually(async () => (await newest()).ended_at !== undefined, "it has ended", 120);
    return newest();
  };
  try {
    await owner.call("POST", "/api/v1/models", train(wrong));
    await owner.call("PUT", "/api/v1/policy", { ...POLICY, mode: "off", max_per_day: 9 });
    await owner.call("PUT", "/api/v1/deployment", { champion: 2 });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    // So many that it takes longer than a server to start.
    for (let at = 0; at < 3; at++) await owner.play(300);
    const begun = await owner.call("POST", "/api/v1/retrain");
    assert.deepEqual([begun.number, begun.state, begun.actor, begun.triggers[0]], [1, "gathering", "owner", "hand"]);
    const states = new Set();
    let kills = 0;
    // Killed again and again, each time a little further on; without a kill it takes some seconds.
    for (let now = begun; now.ended_at === undefined && kills < 5; kills++) {
      await new Promise((resolve) => setTimeout(resolve, 200 + 100 * kills));
      await server.kill();
      server = await serve(config, storage);
      now = await newest();
      states.add(`${now.state} ${now.share}`);
    }
    assert.ok(states.size >= 2, `it was killed in different places: ${[...states]}`);
    assert.ok([...states].some((state) => /^(training|comparing) /.test(state)), `in the middle of its work, too: ${[...states]}`);
    const one = await ended();
    assert.deepEqual([one.number, one.state, one.version, one.rows], [1, "published", 3, 900], JSON.stringify(one));
    const { trial, challenger } = await owner.deployment();
    assert.deepEqual([challenger.version, trial.stage], [3, "shadow"]);
    const story = await owner.story();
    assert.deepEqual(story.filter((action) => ["retrain", "rollout"].includes(action)), ["retrain", "rollout"]);

    // The same rows without a break.
    await owner.call("DELETE", "/api/v1/rollout", { reason: "once more" });
    await owner.call("POST", "/api/v1/retrain");
    const two = await ended();
    assert.deepEqual([two.number, two.state, two.version, two.model_id], [2, "published", 3, one.model_id], JSON.stringify(two));
  } finally {
    await server.kill();
  }
});

test("after SIGKILL in the middle of a trial each step is taken, and once", { timeout: 300_000 }, async () => {
  const [config, storage] = configured(HASTY);
  let server = await serve(config, storage);
  const owner = new Owner(() => server.url);
  try {
    await owner.call("POST", "/api/v1/models", train(wrong));
    await owner.call("PUT", "/api/v1/policy", POLICY);
    const { generation } = await owner.call("PUT", "/api/v1/deployment", { champion: 2 });
    await owner.call("POST", "/api/v1/rollout", { challenger: 1 });
    const stage = async () => (await owner.deployment()).trial?.stage;
    // Killed right when a step falls due: the labels are acknowledged, and the alarm is about to look, looks or has looked.
    for (const [at, after] of [["shadow", 300], ["tenth", 900], ["half", 600], ["probation", 1_200]]) {
      await eventually(async () => (await stage()) === at, `it has come to ${at}`, 60);
      // Isolates believe for a second what they knew.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      await owner.play(at === "probation" ? 60 : 20);
      await new Promise((resolve) => setTimeout(resolve, after));
      await server.kill();
      server = await serve(config, storage);
      // Whoever asks wakes the watcher.
      await owner.decisions();
      const rows = await owner.read("/api/v1/predictions?limit=1000");
      assert.ok(rows.predictions.every(({ label }) => label), "no label is lost");
    }
    await eventually(async () => (await stage()) === undefined, "it has passed", 60);
    const { champion } = await owner.deployment();
    assert.equal(champion.version, 1);
    // A restart may have let a row or two fall to the stage before: then a few more are needed, but no step is taken twice.
    const story = ["deploy", "rollout", "rollout advance", "rollout advance", "promote", "rollout pass"];
    assert.deepEqual(await owner.story(generation), story);

    // And in the middle of a rollback.
    const { generation: again } = await owner.call("PUT", "/api/v1/deployment", { champion: 2, probation: true });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await owner.play(40);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.kill();
    server = await serve(config, storage);
    await owner.decisions();
    await eventually(async () => (await owner.deployment()).champion.version === 1, "it is taken back", 60);
    assert.deepEqual(await owner.story(again), ["deploy", "rollback"]);
  } finally {
    await server.kill();
  }
});
