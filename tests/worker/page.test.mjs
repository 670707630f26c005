// The built page as the Worker and its static assets serve it together, in workerd.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { start } from "./harness.mjs";

const dist = new URL("../../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const routes = ["/data", "/train", "/runs", "/registry", "/monitor"];
const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/** What `_headers` tells, which no path may lose. */
const told = [
  "content-security-policy", "cross-origin-opener-policy", "permissions-policy", "referrer-policy",
  "x-content-type-options",
];

describe("the page", () => {
  let edge;
  before(async () => {
    edge = await start();
  });
  after(() => edge.stop());

  test("every path of the page is the document, with the headers that the start has", async () => {
    const first = await edge.call("/", { headers: { accept } });
    assert.equal(first.status, 200);
    assert.equal(first.text, html);
    for (const name of told) assert.ok(first.headers[name], name);
    assert.match(first.headers["content-security-policy"], /script-src 'self' 'wasm-unsafe-eval';/);
    for (const path of routes.flatMap((route) => [route, `${route}/`, `${route}?from=a`])) {
      const answer = await edge.call(path, { headers: { accept } });
      assert.equal(answer.status, 200, path);
      assert.equal(answer.text, html, path);
      for (const name of [...told, "content-type", "cache-control", "etag"]) {
        assert.equal(answer.headers[name], first.headers[name], `${path}: ${name}`);
      }
      const known = await edge.call(path, { headers: { "if-none-match": answer.headers.etag } });
      assert.equal(known.status, 304, path);
      assert.equal(known.text, "");
    }
  });

  test("files are served with their headers, and the Worker is not asked", async () => {
    const before = await asked(edge);
    const files = readdirSync(dist, { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map((file) => file.name);
    const served = names.filter((name) => !["_headers", "index.html"].includes(name));
    for (const kind of [".wasm", ".js", ".css", ".svg", ".png", ".ico", ".txt"]) {
      assert.ok(served.some((name) => name.endsWith(kind)), kind);
    }
    for (const name of served) {
      const answer = await edge.call(`/${name}`, { headers: { accept: "*/*" } });
      assert.equal(answer.status, 200, name);
      assert.ok(!answer.headers["content-type"].startsWith("text/html"), name);
      for (const header of told) assert.ok(answer.headers[header], `${name}: ${header}`);
      assert.equal(/immutable/.test(answer.headers["cache-control"]), name.startsWith("app-"), name);
    }
    assert.equal(await asked(edge), before);
  });

  test("an icon is found without a look at the document, by browsers and by programs", async () => {
    for (const asked of [accept, "image/*", "*/*"]) {
      const answer = await edge.call("/favicon.ico", { headers: { accept: asked } });
      assert.equal(answer.status, 200, asked);
      assert.match(answer.headers["content-type"], /^image\//, asked);
    }
  });

  test("the document has one address", async () => {
    for (const path of ["/index.html", "/index"]) {
      const answer = await edge.call(path, { headers: { accept } });
      assert.equal(answer.status, 307, path);
      assert.equal(answer.headers.location, "/", path);
    }
  });

  test("a file that is gone is not found, and not for a year", async () => {
    for (const path of ["/app-0000000000000000_bg.wasm", "/app-0000000000000000.js", "/trainer-0.js"]) {
      const answer = await edge.call(path, { headers: { accept: "*/*" } });
      assert.equal(answer.status, 404, path);
      assert.equal(answer.headers["cache-control"], "no-store", path);
    }
  });

  test("the document of a 404 is the page's, with its policy", async () => {
    const answer = await edge.call("/nowhere", { headers: { accept } });
    assert.equal(answer.status, 404);
    assert.equal(answer.text, html);
    assert.match(answer.headers["content-security-policy"], /script-src 'self' 'wasm-unsafe-eval';/);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.equal(answer.headers.etag, undefined);
  });

  test("what a path does not answer is refused with what it does", async () => {
    for (const path of ["/", "/monitor", "/robots.txt", "/icon.svg"]) {
      const answer = await edge.call(path, { method: "POST", body: Buffer.from("{}") });
      assert.equal(answer.status, 405, path);
      assert.equal(answer.headers.allow.replace(" ", ""), "GET,HEAD", path);
    }
  });

  test("a long body to nowhere is answered", async () => {
    const body = Buffer.alloc(10_000_000, "0");
    const answer = await edge.call("/nowhere", { method: "POST", body });
    assert.equal(answer.status, 404);
    assert.equal(answer.headers["content-type"], "application/problem+json");
  });
});

/** Requests that the Worker has counted, but for those of /metrics itself. */
async function asked(edge) {
  const { text } = await edge.call("/metrics");
  const lines = text.split("\n").filter((line) => /^tepal_requests_total\{/.test(line));
  const others = lines.filter((line) => !line.includes('route="/metrics"'));
  return others.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
