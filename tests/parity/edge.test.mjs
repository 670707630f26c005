// The Worker itself answers POST /predict with the native bits of the model it serves.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { inParallel, start } from "../worker/harness.mjs";

const native = JSON.parse(readFileSync(new URL("../../target/parity/native.json", import.meta.url)));
const served = native.families.svm;

let edge;
before(async () => {
  edge = await start();
});
after(() => edge?.stop());

/** The 16 hex digits of a double. */
function bits(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

test("the Worker serves the model that native training gives", async () => {
  const { model_id } = await edge.json("/health");
  assert.equal(model_id, served.model_id);
});

test("POST /predict answers 1,000 random inputs with the native bits", async () => {
  const names = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
  const want = served.prediction_bits.trimEnd().split("\n").map((line) => line.trim());
  assert.equal(want.length, 1000);
  await inParallel(want.length, 8, async (index) => {
    const input = native.inputs[index];
    const row = Object.fromEntries(names.map((name, at) => [name, input[at]]));
    const answer = await edge.predict(row);
    const got = Object.values(answer.probabilities).map(bits).join(" ");
    assert.equal(got, want[index], `input ${input}`);
  });
});
