// The wasm side of `cargo xtask bench training`.
//
// node measure.mjs FOLDER FAMILY TRAIN.csv HELD_OUT.csv: prints "ready", then a measurement a
// line read. FOLDER holds what wasm-bindgen wrote.
//
// node measure.mjs FOLDER explain MODEL.tepal: the same of explanations by that model.

import { readFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, family, train, heldOut] = process.argv.slice(2);
const glue = await import(pathToFileURL(path.join(folder, "tepal_bench.js")));
const { memory } = glue.initSync({ module: readFileSync(path.join(folder, "tepal_bench_bg.wasm")) });

/** CPU time of this process, V8's compiler threads among it, so that other programs are not. */
function cpuMillis() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

/** A wasm memory never shrinks: its size is its peak. */
const peakBytes = () => memory.buffer.byteLength;

const measured =
  family === "explain"
    ? new glue.Explained(readFileSync(train))
    : new glue.Case(family, readFileSync(train), readFileSync(heldOut));
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(measured.measure(cpuMillis, peakBytes));
}
