// The registry in workerd: a model trained on a file goes live by the commands of docs/API.md, beside another,
// and is taken back; what is refused; what it costs with a thousand versions.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, describe, test } from "node:test";
import { OWNER_TOKEN, SETOSA, askObject, start } from "./harness.mjs";
import { AUDIENCE, ISSUER, claims, es256, jwks, nowSecs, unsigned } from "./issuer.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const trainCsv = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/examples/train_csv");

const MODELS = "/api/v1/models";
const DEPLOYMENT = "/api/v1/deployment";
const PENGUIN = {
  island: "Biscoe",
  bill_length_mm: 46.1,
  bill_depth_mm: 13.2,
  flipper_length_mm: 211,
  body_mass_g: 4500,
  sex: "female",
};

/** The shell blocks of docs/API.md between two headings. */
function blocks(from, to) {
  const text = readFileSync(join(root, "docs/API.md"), "utf8");
  const section = text.slice(text.indexOf(`\n## ${from}`), text.indexOf(`\n## ${to}`));
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map((match) => match[1]);
}

describe("the registry", () => {
  let edge;
  let folder;
  before(async () => {
    edge = await start({
      POINTER_TTL_SECS: "1",
      KEY_SECRET: "0123456789abcdef0123456789abcdef",
      OAUTH_ISSUER: ISSUER,
      OAUTH_AUDIENCE: AUDIENCE,
      OAUTH_JWKS: JSON.stringify(jwks),
    });
    folder = mkdtempSync(join(tmpdir(), "tepal-"));
    writeFileSync(join(folder, ".dev.vars"), `OWNER_TOKEN="${OWNER_TOKEN}"\n`);
    mkdirSync(join(folder, "model-core"));
    symlinkSync(join(root, "model-core/data"), join(folder, "model-core/data"));
  });
  after(() => edge.stop());

  /** Runs a block as a reader would, but for the address and a program that is built already. */
  async function run(block) {
    const script = block
      .replaceAll("http://localhost:8787", new URL(edge.url).origin)
      .replaceAll("cargo run --release -p model-core --example train_csv --", JSON.stringify(trainCsv));
    const settings = `export TEPAL=${new URL(edge.url).origin} OWNER_TOKEN=${JSON.stringify(OWNER_TOKEN)}\n`;
    // workerd answers from another process, so this one may wait.
    const { status, stdout, stderr } = spawnSync("bash", ["-euo", "pipefail", "-c", settings + script], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(status, 0, `${script}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** The JSON documents that stand one behind the other in `text`. */
  const documents = (text) => text.replaceAll("}{", "}\n{").split("\n").filter(Boolean).map((line) => JSON.parse(line));

  /** A call as the owner; its status, headers and JSON. */
  async function owner(path, { method = "GET", json, body, headers = {} } = {}) {
    // What isn't JSON stays text.
    const sent = json === undefined ? body : Buffer.from(JSON.stringify(json));
    const type = json === undefined ? {} : { "content-type": "application/json" };
    const authorization = `Bearer ${OWNER_TOKEN}`;
    const answer = await edge.call(path, { method, body: sent, headers: { authorization, ...type, ...headers } });
    const isJson = /[/+]json$/.test(answer.headers["content-type"] ?? "");
    return { ...answer, json: isJson ? JSON.parse(answer.text) : undefined };
  }

  const publish = (body, headers = {}) =>
    owner(MODELS, { method: "POST", body, headers: { "content-type": "application/octet-stream", ...headers } });

  const isRefused = ({ status, json }, expected, kind) =>
    assert.deepEqual([status, json.type], [expected, `/docs#${kind}`], JSON.stringify(json));

  test("the commands of the documentation take a model from a file to an answer, and back", async () => {
    const [training, publishing, serving, trying, judging, undoing] = blocks("Publishing, from", "The registry");
    assert.match(await run(training), /written: models\/\w+\.tepal, models\/\w+\.tepal\n$/);
    const [svm, regression, list] = documents(await run(publishing));
    assert.deepEqual([svm.version, svm.family, regression.version], [2, "svm", 3]);
    assert.ok(svm.verified_rows > 60, JSON.stringify(svm));
    assert.deepEqual(list.models.map((model) => model.version), [3, 2, 1]);

    const [deployed, gentoo] = documents(await run(serving));
    assert.equal(deployed.champion.model_id, svm.model_id);
    assert.deepEqual([gentoo.prediction, gentoo.model_version], ["Gentoo", 2]);
    const { components } = await edge.json("/openapi.json");
    assert.deepEqual(Object.keys(components.schemas.PredictRequest.properties).sort(), Object.keys(PENGUIN).sort());
    const refusal = await edge.call("/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(SETOSA)),
    });
    assert.equal(refusal.status, 422, "an iris is no penguin");
    const reference = await edge.call("/docs");
    assert.equal(reference.status, 200);
    assert.match(reference.text, /openapi\.json/, "the reference reads the description that was just looked at");

    const [split] = documents(await run(trying));
    assert.deepEqual([split.challenger.version, split.split_basis_points], [3, 2000]);
    const versions = new Map();
    for (let caller = 0; caller < 100; caller++) {
      const headers = { "x-tepal-key": `caller ${caller}` };
      const first = await edge.predict(PENGUIN, headers);
      assert.equal((await edge.predict(PENGUIN, headers)).model_version, first.model_version, "it stays on its side");
      versions.set(first.model_version, (versions.get(first.model_version) ?? 0) + 1);
    }
    assert.ok(versions.get(3) > 5 && versions.get(3) < 40 && versions.size === 2, JSON.stringify([...versions]));

    const [feedback, report] = documents(await run(judging));
    assert.equal(feedback.results[0].status, "recorded");
    const judged = report.versions.filter((version) => version.labelled?.n === 1);
    assert.equal(judged.length, 1, JSON.stringify(report));
    assert.ok([2, 3].includes(judged[0].version) && judged[0].labelled.n_correct === 1, JSON.stringify(judged));

    // Both answer callers that are dealt one by one, and are judged by what was true: a Gentoo, in half of the cases.
    const labels = [];
    for (let n = 0; n < 120; n++) {
      const { id, prediction } = await edge.predict(PENGUIN);
      labels.push({ id, label: n % 2 === 0 ? prediction : "Adelie" });
    }
    const { json } = await owner("/api/v1/feedback", { method: "POST", json: { labels } });
    assert.ok(json.results.every((result) => result.status === "recorded"), JSON.stringify(json));
    const compared = (await owner("/api/v1/monitoring/report")).json;
    let n_labelled = 0;
    for (const { version, labelled } of compared.versions.filter((one) => one.labelled.n > 1)) {
      const [low, high] = labelled.interval;
      assert.ok(low < labelled.accuracy && labelled.accuracy < high, `${version}: ${JSON.stringify(labelled)}`);
      assert.equal(labelled.accuracy, labelled.n_correct / labelled.n);
      n_labelled += labelled.n;
    }
    assert.ok(n_labelled >= 120 && compared.versions.filter((one) => one.labelled.n > 1).length === 2);
    const { sample_ratio: ratio } = compared;
    assert.equal(ratio.challenger_version, 3);
    assert.ok(ratio.n_total >= 120 && ratio.n_challenger > 5 && !ratio.is_mismatch, JSON.stringify(ratio));

    const [back, audit, verified] = documents(await run(undoing));
    assert.deepEqual([back.champion.version, back.challenger, back.previous_champion], [1, null, null]);
    const actions = audit.entries.map((entry) => entry.action);
    assert.deepEqual(actions, ["rollback", "deploy", "deploy", "publish", "publish", "publish"]);
    assert.deepEqual(verified, { valid: true, entries: 6, head: back.audit_head });
    assert.equal((await edge.predict()).model_version, 1);
    const [, , check] = ["", "", ...blocks("The registry", "Owner routes")];
    assert.equal((await run(check)).trim(), "whole");
  });

  test("a change reaches an isolate that has not made it", async () => {
    // Around the Worker, as another isolate would.
    const object = edge.env.REGISTRY.getByName("registry");
    const deploy = { champion: 2, challenger: [], split_basis_points: null, mode: null, public_artifact: null, reason: null };
    const request = { change: { deploy }, actor: "owner", at_millis: Date.now() };
    const { answer, error } = await askObject(object, { change: { ...request, if_generation: null } });
    assert.ok(answer?.change.fresh, JSON.stringify(error));
    const began = Date.now();
    for (;;) {
      const { json } = await owner("/api/v1/model");
      if (json.model_version === 2) break;
      assert.ok(Date.now() - began < 3000, "longer than the time to live");
    }
    await owner("/api/v1/rollback", { method: "POST", json: {}, headers: { "if-match": "*" } });
  });

  test("the pointer's copy and the files are in KV", async () => {
    const copy = JSON.parse(await edge.env.STORE.get("registry/v1/pointer"));
    const { json } = await owner(DEPLOYMENT);
    assert.deepEqual([copy.generation, copy.deployment.champion.version], [json.generation, 1]);
    const { keys } = await edge.env.STORE.list({ prefix: "model/v1/" });
    const ids = (await owner(MODELS)).json.models.map((model) => `model/v1/${model.model_id}`);
    assert.deepEqual(keys.map((key) => key.name).sort(), ids.sort());
  });

  test("what is altered, stale or not allowed is refused", async () => {
    const file = readFileSync(join(folder, "models/svm.tepal"));
    const altered = Buffer.from(file);
    altered[altered.length >> 1] ^= 1;
    isRefused(await publish(altered), 422, "invalid-artifact");
    isRefused(await publish(file.subarray(0, -1)), 422, "invalid-artifact");
    // Hashed again it is whole, and another model than the one that its evaluation tells of.
    const length = file.readUInt32LE(38);
    const hashedAgain = (at) => {
      const other = Buffer.from(file);
      other[42 + at] ^= 0x40;
      createHash("sha256").update(other.subarray(42, 42 + length)).digest().copy(other, 6);
      return other;
    };
    const answers = [];
    for (let n = 1; n < 60; n++) answers.push(await publish(hashedAgain(Math.floor((n * length) / 60))));
    const mismatch = answers.filter(({ json }) => json.type === "/docs#artifact-mismatch");
    assert.ok(mismatch.length > 3 && mismatch.every(({ status }) => status === 422), `${mismatch.length} of 59`);
    const taken = answers.filter(({ status }) => status === 201);
    assert.ok(taken.every(({ json }) => json.verified_rows > 60), "whatever is taken was scored again");
    const again = await publish(file);
    assert.deepEqual([again.status, again.json.version], [200, 2], "published once more");
    isRefused(await publish(file, { authorization: "" }), 401, "token-missing");
    isRefused(await publish(file, { authorization: "Bearer wrong" }), 401, "token-wrong");
    const as = (token) => publish(file, { authorization: `Bearer ${token}` });
    const asked = { name: "an app", scopes: ["predict"] };
    const { json: minted } = await owner("/api/v1/keys", { method: "POST", json: asked });
    isRefused(await as(minted.key), 403, "forbidden");
    const publisher = { scope: "tepal:publish" };
    assert.equal((await as(es256(claims(publisher)))).status, 200);
    isRefused(await as(es256(claims({ scope: "tepal:predict tepal:read" }))), 403, "forbidden");
    isRefused(await as(es256(claims({ ...publisher, exp: nowSecs() - 120 }))), 401, "token-expired");
    isRefused(await as(`${unsigned({ alg: "none" }, claims(publisher))}.`), 401, "token-wrong");
    // A label that comes again is one still, and another one changes nothing.
    const { id, prediction } = await edge.predict();
    const says = async (label) => {
      const { json } = await owner("/api/v1/feedback", { method: "POST", json: { id, label } });
      return json.results[0].status;
    };
    const another = prediction === "setosa" ? "virginica" : "setosa";
    const said = [await says(prediction), await says(prediction), await says(another)];
    assert.deepEqual(said, ["recorded", "unchanged", "conflict"]);
    const { headers } = await owner(DEPLOYMENT);
    const change = (tag) => owner(DEPLOYMENT, { method: "PUT", json: { champion: 2 }, headers: { "if-match": tag } });
    assert.equal((await change(headers.etag)).status, 200);
    isRefused(await change(headers.etag), 412, "stale");
    const verified = (await owner("/api/v1/audit/verify")).json;
    assert.ok(verified.valid, JSON.stringify(verified));
  });

  test("a file that is gone or another's is not served, and is there again once it is published", async () => {
    const { json } = await owner(DEPLOYMENT);
    const key = `model/v1/${json.champion.model_id}`;
    const stored = await edge.env.STORE.get(key, "arrayBuffer");
    const other = readFileSync(join(folder, "models/logistic_regression.tepal"));
    await edge.env.STORE.put(key, other);
    assert.equal((await owner(`${MODELS}/2/card`)).status, 200, "it is loaded already");
    isRefused(await owner(`${MODELS}/champion/artifact`), 503, "model-unavailable");
    await owner(DEPLOYMENT, { method: "PUT", json: { public_artifact: true }, headers: { "if-match": "*" } });
    for (const path of ["/api/v1/model/artifact", `/api/v1/model/artifact?id=${json.champion.model_id}`]) {
      isRefused(await owner(path), 503, "model-unavailable");
    }
    assert.equal((await publish(Buffer.from(stored))).status, 200);
    const again = Buffer.from(await edge.env.STORE.get(key, "arrayBuffer"));
    assert.ok(again.equals(Buffer.from(stored)));
    assert.equal((await owner("/api/v1/model/artifact")).status, 200);
    const back = await owner("/api/v1/rollback", { method: "POST", json: {}, headers: { "if-match": "*" } });
    assert.deepEqual([back.status, back.json.public_artifact], [200, false], "leave was given for the other one");
    isRefused(await owner("/api/v1/model/artifact"), 403, "artifact-not-public");
  });

  test("a thousand versions cost no more than a page", async (context) => {
    const object = edge.env.REGISTRY.getByName("registry");
    const model = (n) => ({
      model_id: n.toString(16).padStart(64, "0"),
      family: "svm",
      name: "made up",
      bytes: 1,
      trained_at_millis: 0,
      test_accuracy: 0.5,
      cv_accuracy_mean: null,
      carries_rows: 0,
      interface: "made up",
      rescored: { outcome: "unverified", reason: "made up" },
    });
    for (let n = 1 + (await owner(`${MODELS}?limit=1`)).json.models[0].version; n <= 1000; n++) {
      const change = { change: { publish: { model: model(n) } }, actor: "owner", at_millis: 0, if_generation: null };
      const { error } = await askObject(object, { change });
      assert.equal(error, undefined);
    }
    const millis = {};
    for (const path of [`${MODELS}?limit=100`, `${MODELS}?limit=1000`, DEPLOYMENT, "/api/v1/audit?limit=100", "/api/v1/audit/verify"]) {
      const times = [];
      for (let n = 0; n < 5; n++) {
        const began = performance.now();
        assert.equal((await owner(path)).status, 200);
        times.push(performance.now() - began);
      }
      millis[path] = Math.round(times.sort((a, b) => a - b)[2]);
    }
    context.diagnostic(`1,000 versions, median of 5, ms: ${JSON.stringify(millis)}`);
    assert.equal((await owner(`${MODELS}?limit=1000`)).json.models.length, 1000);
  });
});
