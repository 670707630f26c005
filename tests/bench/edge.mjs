// What a request costs at the edge, in the workerd that wrangler brings: requests/s and latency of
// the built Worker beside an empty JavaScript handler that reads and answers JSON, and how long the
// owner's questions take over a long log. `cargo xtask bench edge` calls it.
//
//   node edge.mjs [--quick] [--against FOLDER]
//
// FOLDER holds another build of the Worker (its `worker/build`), measured in turn with this one.
// Requests are asked in rounds, each side in turn, so that a slow spell of the machine falls on all.
import { createRequire } from "node:module";
import { connect } from "node:net";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

import { OWNER_TOKEN, SETOSA, askObject, changedConfig } from "../worker/harness.mjs";

const { Miniflare, convertV4MiniflareOptions } = createRequire(createRequire(import.meta.url).resolve("wrangler"))("miniflare");

const { values: options } = parseArgs({
  options: { quick: { type: "boolean", default: false }, against: { type: "string" } },
});
const ROUNDS = options.quick ? 1 : 7;
const SECONDS = options.quick ? 0.5 : 3;
const CONNECTIONS = 16;
const ROWS = options.quick ? 20_000 : 1_000_000;
const DAYS = 30;
// Predictions that are made, and whose records the rest of the rows repeat.
const ASKED = 200;

const BUILT = fileURLToPath(new URL("../../worker/build", import.meta.url));

const EMPTY_HANDLER = `export default {
  async fetch(request) {
    const row = await request.json();
    return Response.json({ class: "setosa", sepal_length: row.sepal_length });
  },
};`;

const SETTINGS = { OWNER_TOKEN, SUBJECT_SECRET: "a", KEY_SECRET: "a".repeat(32), RATE_LIMIT: "off", REQUEST_LOG: "off" };

const body = JSON.stringify(SETOSA);
const POST = `HTTP/1.1\r\nhost: tepal\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const PREDICT = `POST /predict ${POST}`;
const LIVEZ = "GET /livez HTTP/1.1\r\nhost: tepal\r\n\r\n";

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const figure = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3));

const SOCKET = { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };

/** A Worker with a socket of its own and no proxy before it. */
async function listen(worker, shared = {}) {
  const options = convertV4MiniflareOptions({ ...shared, workers: [{ modules: true, ...worker, ...SOCKET }] });
  const miniflare = new Miniflare(options);
  await miniflare.ready;
  return { miniflare, url: await miniflare.unsafeGetDirectURL(worker.name) };
}

/** The Worker that was built into this folder, as wrangler.toml describes it, with these settings. */
function serve(folder, settings) {
  const scriptPath = join(folder, "index.js");
  const { assets, modulesRules, ...worker } = unstable_getMiniflareWorkerOptions(changedConfig([], scriptPath)).workerOptions;
  return listen({
    ...worker,
    name: "tepal",
    modulesRoot: folder,
    modules: [
      { type: "ESModule", path: scriptPath },
      { type: "CompiledWasm", path: join(folder, "index_bg.wasm") },
    ],
    bindings: { ...worker.bindings, ...SETTINGS, ...settings },
  });
}

const serveEmpty = () => listen({ name: "empty", script: EMPTY_HANDLER, compatibilityDate: "2026-10-01" });

/** Sends this request over and over on one connection until `until`; each answer's milliseconds. */
function ask(url, request, until, millis) {
  return new Promise((done, fail) => {
    const socket = connect(Number(url.port), "127.0.0.1");
    socket.setNoDelay(true);
    let began = 0;
    let heard = "";
    const next = () => {
      if (performance.now() >= until) {
        socket.destroy();
        return done();
      }
      heard = "";
      began = performance.now();
      socket.write(request);
    };
    socket.on("connect", next);
    socket.on("error", fail);
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      const head = heard.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(heard.slice(0, head));
      const whole = length ? heard.length >= head + 4 + Number(length[1]) : heard.endsWith("0\r\n\r\n");
      if (!whole) return;
      if (!heard.startsWith("HTTP/1.1 200")) return fail(new Error(heard));
      millis.push(performance.now() - began);
      next();
    });
  });
}

/** Requests/s and the 99th percentile of the milliseconds that one took, over one round. */
async function round({ url }, request) {
  const millis = [];
  const began = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(url, request, began + SECONDS * 1000, millis)));
  const seconds = (performance.now() - began) / 1000;
  millis.sort((a, b) => a - b);
  return { rate: millis.length / seconds, p99: millis[Math.floor(millis.length * 0.99)] };
}

async function requests() {
  const sides = [["empty handler", await serveEmpty(), PREDICT.replace("/predict", "/")]];
  for (const [folder, name] of [[BUILT, ""], ...(options.against ? [[resolve(options.against), "the other's "]] : [])]) {
    const batched = await serve(folder, { LOG_MODE: "batched" });
    const durable = await serve(folder, { LOG_MODE: "durable" });
    sides.push([`${name}/livez`, batched, LIVEZ]);
    sides.push([`${name}/predict, batched log`, batched, PREDICT]);
    sides.push([`${name}/predict, durable log`, durable, PREDICT]);
  }
  for (const [, server, request] of sides) await round(server, request);
  const rounds = sides.map(() => []);
  for (let n = 0; n < ROUNDS; n++) {
    for (const [index, [, server, request]] of sides.entries()) rounds[index].push(await round(server, request));
  }
  console.log(`\n${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s, medians; ${cpus().length} cores for caller and server`);
  console.log(["requests/s", "of empty", "p99 ms", "of empty", ""].map((head) => head.padStart(10)).join(" "));
  // A ratio is that of the same round, so that it doesn't compare a quiet second with a busy one.
  const ratio = (index, key) => median(rounds[index].map((one, n) => one[key] / rounds[0][n][key]));
  for (const [index, [name]] of sides.entries()) {
    const [rate, p99] = ["rate", "p99"].map((key) => median(rounds[index].map((one) => one[key])));
    const cells = [figure(rate), ratio(index, "rate").toFixed(2), figure(p99), ratio(index, "p99").toFixed(2)];
    console.log(`${cells.map((cell) => cell.padStart(10)).join(" ")}  ${name}`);
  }
  await Promise.all([...new Set(sides.map(([, server]) => server))].map((server) => server.miniflare.dispose()));
}

/** An id of a prediction made then (UUIDv7), the `n`th of all, in shard 0. */
function idAt(millis, n) {
  const hex = (number, digits) => Math.floor(number).toString(16).padStart(digits, "0");
  const [time, rest] = [hex(millis, 12), `${hex(n, 14)}00`];
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${rest.slice(1, 4)}-${rest.slice(4)}`;
}

/** Fills shard 0 with so many rows, as the Worker logs them, over the last days. */
async function fill(edge) {
  const object = (await edge.miniflare.getDurableObjectNamespace("PREDICTION_LOG", "tepal")).getByName("shard-0");
  const store = await edge.miniflare.getKVNamespace("STORE", "tepal");
  const random = (low, high) => Math.round((low + Math.random() * (high - low)) * 10) / 10;
  for (let n = 0; n < ASKED; n++) {
    const row = { sepal_length: random(4.3, 7.9), sepal_width: random(2, 4.4), petal_length: random(1, 6.9), petal_width: random(0.1, 2.5) };
    const answer = await fetch(new URL("/predict", edge.url), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(row) });
    if (answer.status !== 200) throw new Error(await answer.text());
  }
  await owner(edge, "/api/v1/monitoring/flush", "POST");
  const [first] = (await store.list({ prefix: "log/v1/" })).keys;
  const models = (await store.get(first.name)).trimEnd().split("\n").map((line) => JSON.parse(line));
  const began = Date.now() - DAYS * 86_400_000;
  const BATCH = 1000;
  for (let sent = 0; sent < ROWS; sent += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, n) => {
      const at = began + ((sent + n) / ROWS) * DAYS * 86_400_000;
      const model = models[(sent + n) % models.length];
      return { ...model, id: idAt(at, sent + n), timestamp: new Date(at).toISOString() };
    });
    const batch = { isolate: "bench", sequence: sent, counters: [[JSON.stringify("log_rows_appended"), BATCH]], rows };
    const { error } = await askObject(object, { append: { shard: 0 } }, batch);
    if (error) throw new Error(error);
    if (sent % 50_000 === 0) await owner(edge, "/api/v1/monitoring/flush", "POST");
  }
  await owner(edge, "/api/v1/monitoring/flush", "POST");
  return { segments: (await store.list({ prefix: "log/v1/" })).keys.length, began };
}

async function owner(edge, path, method = "GET") {
  const answer = await fetch(new URL(path, edge.url), { method, headers: { authorization: `Bearer ${OWNER_TOKEN}` } });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

async function longLog() {
  const edge = await serve(BUILT, { METRICS_MAX_AGE_SECS: "0" });
  try {
    const { segments, began } = await fill(edge);
    const report = JSON.parse(await owner(edge, "/api/v1/monitoring/report"));
    if (report.versions[0].n !== ROWS + ASKED) throw new Error(`${report.versions[0].n} rows were counted`);
    const middle = new Date(began + (DAYS / 2) * 86_400_000).toISOString();
    const questions = [
      "/api/v1/predictions?limit=100",
      `/api/v1/predictions?limit=100&to=${middle}`,
      "/api/v1/predictions?limit=100&class=virginica",
      "/api/v1/predictions?limit=100&version=1",
      "/api/v1/monitoring/report",
      "/api/v1/models?limit=100",
      "/metrics",
    ];
    console.log(`\n${ROWS.toLocaleString("en")} rows of ${DAYS} days in the log, ${segments}+ segments in KV; median and longest of 7, ms`);
    for (const path of questions) {
      const millis = [];
      for (let n = 0; n < 7; n++) {
        const start = performance.now();
        await owner(edge, path);
        millis.push(performance.now() - start);
      }
      console.log(`${[median(millis), Math.max(...millis)].map((time) => figure(time).padStart(10)).join(" ")}  ${path}`);
    }
  } finally {
    await edge.miniflare.dispose();
  }
}

await requests();
await longLog();
