// The built Worker in workerd, as wrangler.toml describes it, and calls to it over HTTP.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createTestHarness } from "wrangler";

export const OWNER_TOKEN = "the owner's token";
export const SETOSA = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
export const FLUSH = "/api/v1/monitoring/flush";
export const HISTORY = "/api/v1/predictions";

const root = new URL("../..", import.meta.url);
const realConfig = new URL("wrangler.toml", root);

/** A copy of wrangler.toml, elsewhere, with some of its text replaced, and perhaps another program. */
export function changedConfig(changes, main = fileURLToPath(new URL("worker/build/index.js", root))) {
  let text = readFileSync(realConfig, "utf8");
  const absolute = (path) => JSON.stringify(fileURLToPath(new URL(path, root)));
  const paths = [['"worker/build/index.js"', JSON.stringify(main)], ['"dist"', absolute("dist")]];
  for (const [from, to] of [...paths, ...changes]) {
    if (!text.includes(from)) throw new Error(`wrangler.toml no longer holds ${from}`);
    text = text.replace(from, to);
  }
  const path = join(mkdtempSync(join(tmpdir(), "tepal-")), "wrangler.toml");
  writeFileSync(path, text.replace('command = "cargo xtask build"', ""));
  return path;
}

/** Starts the Worker with these settings over those of wrangler.toml; storage is empty. */
export async function start(settings = {}, configPath = realConfig) {
  const server = createTestHarness({
    root,
    workers: [
      {
        configPath,
        // As secrets, because those also win over a .dev.vars.
        secrets: {
          OWNER_TOKEN,
          SUBJECT_SECRET: "a secret",
          RATE_LIMIT: "off",
          // What was just counted is to be seen.
          METRICS_MAX_AGE_SECS: "0",
          ...settings,
        },
      },
    ],
  });
  const { url } = await server.listen();
  const worker = server.getWorker();
  return new Edge(server, worker, url, await worker.getEnv());
}

class Edge {
  constructor(server, worker, url, env) {
    Object.assign(this, { server, worker, url, env });
    this.agent = new Agent({ keepAlive: true, maxSockets: 16 });
  }

  async stop() {
    this.agent.destroy();
    await this.server.close();
  }

  /** One call over HTTP. Node's own client: fetch adds and refuses headers of its own. */
  call(path, { method = "GET", headers = {}, body, chunked = false } = {}) {
    return new Promise((resolve, reject) => {
      const length = body === undefined || chunked ? {} : { "content-length": body.length };
      const options = { method, agent: this.agent, headers: { ...length, ...headers } };
      const call = request(new URL(this.url).origin, { ...options, path }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode, headers: response.headers, text });
        });
      });
      // A Worker that refuses a long body answers before it has read it.
      call.on("error", (error) => (call.res ? undefined : reject(error)));
      if (chunked) call.setHeader("transfer-encoding", "chunked");
      call.end(body);
    });
  }

  async json(path, options) {
    const answer = await this.call(path, options);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text);
  }

  predict(row = SETOSA, headers = {}) {
    const body = Buffer.from(JSON.stringify(row));
    return this.json("/predict", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  }

  owner(path, method = "GET") {
    return this.json(path, { method, headers: { authorization: `Bearer ${OWNER_TOKEN}` } });
  }

  flush() {
    return this.owner(FLUSH, "POST");
  }

  /** Ids of all logged predictions, newest first, page by page. */
  async history(limit = 1000, query = "") {
    const ids = [];
    let cursor = "";
    for (;;) {
      const page = await this.owner(`${HISTORY}?limit=${limit}${query}${cursor}`);
      ids.push(...page.predictions.map((prediction) => prediction.id));
      if (!page.next_cursor) return ids;
      cursor = `&cursor=${page.next_cursor}`;
    }
  }

  /** The value of one line of /metrics. */
  async metric(series) {
    const { text } = await this.call("/metrics");
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length + 1));
  }

  /** All series of /metrics with their values. */
  async metrics() {
    const { text } = await this.call("/metrics");
    return series(text);
  }

  /** Calls the shard's Durable Object as the Worker does, around the Worker. */
  shard(call, attachment) {
    return askObject(this.env.PREDICTION_LOG.getByName("shard-0"), call, attachment);
  }

  /** Keys and metadata of all stored segments. */
  async segments() {
    return (await this.env.STORE.list({ prefix: "log/v1/" })).keys;
  }
}

/** The series of a text in Prometheus' format, with their values. */
export function series(text) {
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

/** Totals, counts and sums of `before` that have fallen, or are gone, in `after`. */
export function fallen(before, after) {
  const only = [...before].filter(([name]) => /_total(\{|$)|_seconds_(bucket|sum|count)/.test(name));
  return only.filter(([name, value]) => !(after.get(name) >= value)).map(([name, value]) => [name, value, after.get(name)]);
}

/**
 * Calls a Durable Object as the Worker does: a head, one line of JSON, and after it the attachment.
 * Gives the answer with its attachment, or the error.
 */
export async function askObject(object, call, attachment) {
  const after = attachment === undefined ? "" : `\n${JSON.stringify(attachment)}`;
  const response = await object.fetch("https://object/", { method: "POST", body: JSON.stringify(call) + after });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  const [head, ...rest] = text.split("\n");
  return { ...JSON.parse(head), attachment: rest.join("\n") };
}

/** `count` times `work`, so many at once. */
export async function inParallel(count, lanes, work) {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Waits until `probe` gives something truthy. */
export async function eventually(probe, what, seconds = 10) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const found = await probe();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}
