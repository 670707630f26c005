// The same artifact predicts the same bits and explains itself by the same, and the same seed trains
// the same models, natively, under Node, in workerd and in Chromium.
//
// `cargo xtask test --only parity` builds what this reads into target/parity/: the WebAssembly of
// the parity crate, and native.json, which the native build of the same crate printed.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { pathToFileURL, fileURLToPath } from "node:url";
import path from "node:path";

import { chromium } from "@playwright/test";
import { createTestHarness } from "wrangler";

import { decodeArguments } from "./arguments.mjs";

const folder = path.resolve(fileURLToPath(import.meta.url), "../../../target/parity");
const read = (name) => readFileSync(path.join(folder, name));
const native = JSON.parse(read("native.json"));
const wasm = read("tepal_parity_bg.wasm");
const glue = read("tepal_parity.js").toString();
const N_INPUTS = native.inputs.length;


/** Asserts what `place` predicts and trains; `run(name, ...args)` calls the parity crate there. */
function assertParity(place, run) {
  test(`${place} predicts the native bits`, async () => {
    assert.equal(N_INPUTS, 1000);
    for (const [family, { artifact_hex, prediction_bits }] of Object.entries(native.families)) {
      const bits = await run("prediction_bits", { hex: artifact_hex }, N_INPUTS);
      const [got, want] = [bits.split("\n"), prediction_bits.split("\n")];
      assert.equal(got.length, N_INPUTS + 1, `${family}: ${bits.slice(0, 200)}`);
      const first = want.findIndex((line, index) => line !== got[index]);
      assert.equal(first, -1, `${family}: input ${native.inputs[first]} differs`);
    }
  });

  test(`${place} explains as the native build does`, async () => {
    for (const [family, { artifact_hex, explained }] of Object.entries(native.families)) {
      assert.ok(explained.startsWith("{"), `${family}: ${explained}`);
      assert.equal(await run("explained", { hex: artifact_hex }), explained, family);
    }
  });

  test(`${place} trains the native models`, async () => {
    for (const [family, { model_id }] of Object.entries(native.families)) {
      const id = await run("trained_id", family, native.seed);
      assert.equal(id, model_id, family);
    }
  });
}

describe("Node", () => {
  let module;
  before(async () => {
    module = await import(pathToFileURL(path.join(folder, "tepal_parity.js")));
    module.initSync({ module: wasm });
  });
  assertParity("Node", (name, ...values) => module[name](...decodeArguments(values)));
});

describe("workerd", () => {
  const configPath = fileURLToPath(new URL("workerd/wrangler.toml", import.meta.url));
  const workerd = createTestHarness({ workers: [{ configPath }] });
  before(() => workerd.listen());
  after(() => workerd.close());
  assertParity("workerd", async (name, ...values) => {
    const body = JSON.stringify({ name, values });
    const response = await workerd.fetch("/", { method: "POST", body });
    return response.text();
  });
});

describe("Chromium", () => {
  let browser, page;
  before(async () => {
    const usual = "/usr/bin/chromium";
    const executablePath = process.env.CHROMIUM || (existsSync(usual) ? usual : undefined);
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
    browser = await chromium.launch({ executablePath, args });
    page = await browser.newPage();
    const files = {
      "/": ["text/html", "<!doctype html><title>parity</title>"],
      "/tepal_parity.js": ["text/javascript", glue],
      "/arguments.mjs": ["text/javascript", readFileSync(new URL("arguments.mjs", import.meta.url))],
      "/tepal_parity_bg.wasm": ["application/wasm", wasm],
    };
    await page.route("http://parity.test/**", (route) => {
      const file = files[new URL(route.request().url()).pathname];
      return file
        ? route.fulfill({ contentType: file[0], body: file[1] })
        : route.fulfill({ status: 404 });
    });
    await page.goto("http://parity.test/");
    await page.evaluate(async () => {
      globalThis.parity = await import("/tepal_parity.js");
      await globalThis.parity.default();
      globalThis.decodeArguments = (await import("/arguments.mjs")).decodeArguments;
    });
  });
  after(() => browser?.close());
  assertParity("Chromium", (name, ...values) =>
    page.evaluate(
      ([name, values]) => globalThis.parity[name](...globalThis.decodeArguments(values)),
      [name, values],
    ),
  );
});
