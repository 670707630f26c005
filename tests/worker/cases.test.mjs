// Requests that were once answered wrongly, and others of their kinds: tests/fixtures/http.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { start } from "./harness.mjs";

const folder = new URL("../fixtures/http/", import.meta.url);

describe("requests that were once answered wrongly", () => {
  let edge;
  before(async () => {
    edge = await start();
  });
  after(() => edge.stop());

  for (const file of readdirSync(folder).sort()) {
    const expected = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
    const { method, path, headers, body } = expected;
    test(`${file}: ${method} ${path}`, async () => {
      const sent = body === undefined ? undefined : Buffer.from(body);
      check(expected, await edge.call(path, { method, headers, body: sent }));
    });
  }
});

function check(expected, answer) {
  const said = `${answer.status} ${answer.headers["content-type"]} ${answer.text.slice(0, 300)}`;
  assert.ok(expected.status.includes(answer.status), said);
  if (expected.method === "HEAD") assert.equal(answer.text, "");
  if (answer.text !== "" || expected.method === "HEAD") {
    const type = answer.headers["content-type"] ?? "";
    assert.ok(expected.content_type.some((prefix) => type.startsWith(prefix)), said);
  }
  if (answer.status === 405) assert.ok(answer.headers.allow, said);
  if (expected.codes.length > 0) checkErrors(expected, JSON.parse(answer.text).errors);
}

function checkErrors({ codes, detail, detail_not }, errors) {
  assert.ok(errors.length > 0);
  for (const error of errors) {
    assert.ok(codes.includes(error.code), `${error.code}: ${error.detail}`);
    if (detail !== undefined) assert.match(error.detail, pattern(detail));
    if (detail_not !== undefined) assert.doesNotMatch(error.detail, pattern(detail_not));
  }
}

/** JavaScript knows no `(?i)` in front of a whole expression. */
function pattern(text) {
  return text.startsWith("(?i)") ? new RegExp(text.slice(4), "i") : new RegExp(text);
}
