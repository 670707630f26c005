// The scenarios of tests/contract over HTTP; worker/tests/contract.rs runs the same ones natively.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { OWNER_TOKEN, start } from "./harness.mjs";

const folder = new URL("../contract/", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const scenario = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
  describe(scenario.about, () => {
    let edge;
    const captured = {};
    before(async () => {
      edge = await start();
    });
    after(() => edge.stop());

    for (const step of scenario.steps) {
      test(step.name, async () => {
        const answer = await edge.call(fill(step.request.path, captured), options(step.request));
        check(step.expect, answer, captured);
        for (const [name, pointer] of Object.entries(step.capture ?? {})) {
          captured[name] = at(JSON.parse(answer.text), pointer);
        }
        if (scenario.well_after) await edge.predict();
      });
    }
  });
}

function options({ method = "GET", headers = {}, json, text, hex, repeat, chunked, owner }) {
  const all = { ...headers };
  if (json !== undefined) all["content-type"] ??= "application/json";
  if (owner) all.authorization = `Bearer ${OWNER_TOKEN}`;
  let body;
  if (json !== undefined) body = Buffer.from(JSON.stringify(json));
  else if (hex !== undefined) body = Buffer.from(hex, "hex");
  else if (repeat) body = Buffer.from(repeat.before + repeat.text.repeat(repeat.times) + repeat.after);
  else if (text !== undefined) body = Buffer.from(text);
  return { method, headers: all, body, chunked };
}

/** What earlier answers left, put in the place of `{name}`. */
function fill(text, captured) {
  return Object.entries(captured).reduce((filled, [name, value]) => filled.replaceAll(`{${name}}`, value), text);
}

function at(value, pointer) {
  return pointer.split("/").slice(1).reduce((inner, key) => inner?.[key], value);
}

function check(expect, answer, captured) {
  assert.equal(answer.status, expect.status, answer.text.slice(0, 600));
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    assert.equal(answer.headers[name], value, name);
  }
  if (expect.json !== undefined) {
    matches(JSON.parse(fill(JSON.stringify(expect.json), captured)), JSON.parse(answer.text), "");
  }
  for (const piece of expect.contains ?? []) {
    assert.ok(answer.text.includes(piece), `${JSON.stringify(piece)} is missing in ${answer.text.slice(0, 2000)}`);
  }
  for (const piece of expect.lacks ?? []) assert.ok(!answer.text.includes(piece), `${piece} is there`);
  for (const pointer of expect.absent ?? []) {
    assert.equal(at(JSON.parse(answer.text), pointer), undefined, pointer);
  }
  if (expect.shorter_than !== undefined) {
    assert.ok(answer.text.length < expect.shorter_than, `${answer.text.length} bytes`);
  }
}

/** A subset: objects may hold more, arrays may not, "*" stands for anything that is there. */
function matches(expected, actual, where) {
  if (expected === "*") {
    assert.notEqual(actual, undefined, where);
  } else if (Array.isArray(expected)) {
    assert.equal(actual?.length, expected.length, `length of ${where}`);
    expected.forEach((item, index) => matches(item, actual[index], `${where}/${index}`));
  } else if (expected !== null && typeof expected === "object") {
    assert.equal(typeof actual, "object", where);
    for (const [key, item] of Object.entries(expected)) {
      assert.ok(key in actual, `${where}/${key} is missing`);
      matches(item, actual[key], `${where}/${key}`);
    }
  } else {
    assert.equal(actual, expected, where);
  }
}
