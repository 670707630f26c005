// Keys and tokens in workerd: real Durable Objects, the platform's own WebCrypto.
import assert from "node:assert/strict";
import { createPublicKey, sign } from "node:crypto";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { HISTORY, OWNER_TOKEN, SETOSA, changedConfig, eventually, inParallel, start } from "./harness.mjs";
import { AUDIENCE, ISSUER, claims, es256, hs256, jwk, jwks, nowSecs, other, p256, part, rs256, rsa, unsigned } from "./issuer.mjs";

const KEYS = "/api/v1/keys";
const KEY_SECRET = "0123456789abcdef0123456789abcdef";

const row = Buffer.from(JSON.stringify(SETOSA));

/** Calls as `token`, for any state of the registry. */
function as(edge, token, method, path, body) {
  const headers = { "if-match": "*" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers["content-type"] = "application/json";
  return edge.call(path, { method, headers, body: body && Buffer.from(body) });
}

const predict = (edge, token) => as(edge, token, "POST", "/predict", row);

async function mint(edge, scopes, more = {}, token = OWNER_TOKEN) {
  const asked = JSON.stringify({ name: "a key", scopes, ...more });
  const answer = await as(edge, token, "POST", KEYS, asked);
  assert.equal(answer.status, 201, answer.text);
  return JSON.parse(answer.text);
}

function refused(answer, status, kind) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers["content-type"], "application/problem+json");
  assert.equal(JSON.parse(answer.text).type, `/docs#${kind}`);
}

describe("keys", () => {
  let edge;
  before(async () => {
    edge = await start({ KEY_SECRET, PREDICT_ACCESS: "key", POINTER_TTL_SECS: "1" });
  });
  after(() => edge.stop());

  test("a key opens what its scopes name, and nothing else", async () => {
    const { key } = await mint(edge, ["predict"]);
    assert.match(key, /^tepal_[\w-]{35}\.[\w-]{43}$/);
    assert.equal((await predict(edge, key)).status, 200);
    refused(await as(edge, key, "GET", HISTORY), 403, "forbidden");
    const publish = await as(edge, key, "POST", "/api/v1/models", "x");
    refused(publish, 403, "forbidden");
    assert.match(publish.headers["www-authenticate"], /scope="publish"/);
    refused(await predict(edge), 401, "token-missing");
    refused(await predict(edge, `${key.slice(0, -2)}AA`), 401, "token-wrong");
    const list = await as(edge, OWNER_TOKEN, "GET", KEYS);
    assert.equal(list.status, 200);
    assert.ok(!list.text.includes("tepal_"));
  });

  test("a revoked key is refused everywhere within the pointer's time", async () => {
    const { key, key_id } = await mint(edge, ["predict", "read"]);
    assert.equal((await predict(edge, key)).status, 200);
    const revoked = await as(edge, OWNER_TOKEN, "DELETE", `${KEYS}/${key_id}`);
    assert.equal(revoked.status, 200, revoked.text);
    await eventually(async () => (await predict(edge, key)).status === 401, "it is refused", 3);
    refused(await predict(edge, key), 401, "token-revoked");
    refused(await as(edge, key, "GET", HISTORY), 401, "token-revoked");
  });

  test("who did what with which key is in the ledger, and the chain holds", async () => {
    const admin = await mint(edge, ["admin"]);
    const { key_id } = await mint(edge, ["read"], { expires_in_days: 1 }, admin.key);
    const { entries } = await edge.owner("/api/v1/audit");
    assert.deepEqual([entries[0].actor, entries[0].action], [admin.key_id, "key_minted"]);
    assert.equal(entries[0].details.key_id, key_id);
    assert.ok(!JSON.stringify(entries).includes("tepal_"));
    assert.equal((await edge.owner("/api/v1/audit/verify")).valid, true);
  });

  test("only an admin names the champion", async () => {
    const { key } = await mint(edge, ["publish"]);
    const name = (alias) => as(edge, key, "PUT", `/api/v1/aliases/${alias}`, '{"version":1}');
    assert.equal((await name("stable")).status, 200);
    refused(await name("champion"), 403, "forbidden");
    refused(await name("challenger"), 403, "forbidden");
  });
});

describe("the rate limit", () => {
  test("counts a key by itself, and what only looks like one by its address", async () => {
    const config = changedConfig([["limit = 1000", "limit = 5"]]);
    const edge = await start({ KEY_SECRET, RATE_LIMIT: "on" }, config);
    try {
      const { key } = await mint(edge, ["predict"]);
      // More than two periods' worth, should one turn over meanwhile.
      const statuses = new Set();
      await inParallel(20, 4, async (n) => statuses.add((await predict(edge, `tepal_${n}`)).status));
      assert.deepEqual([...statuses].sort(), [401, 429]);
      assert.equal((await predict(edge, key)).status, 200, "it has its own count");
    } finally {
      await edge.stop();
    }
  });
});

describe("tokens of an issuer", () => {
  let edge;
  before(async () => {
    const keys = JSON.stringify(jwks);
    edge = await start({ OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS: keys });
  });
  after(() => edge.stop());

  test("RS256 and ES256 let in whoever has the scope", async () => {
    for (const token of [rs256(claims()), es256(claims()), es256(claims({ aud: ["x", AUDIENCE] }))]) {
      const answer = await as(edge, token, "GET", HISTORY);
      assert.equal(answer.status, 200, answer.text);
    }
    refused(await as(edge, rs256(claims({ scope: "predict" })), "GET", HISTORY), 403, "forbidden");
  });

  test("whatever isn't the issuer's, for this audience, now, is refused", async () => {
    const pem = createPublicKey(rsa.privateKey).export({ type: "spki", format: "pem" });
    const none = unsigned({ alg: "none" }, claims());
    const [header, payload, signature] = es256(claims()).split(".");
    const wrong = {
      "alg none": `${none}.`,
      "alg none with a signature": `${none}.${signature}`,
      "HS256 with the public key": hs256(claims(), pem),
      "HS256 with the key as JSON": hs256(claims(), JSON.stringify(jwks.keys[0])),
      "HS256 with a key of the set": hs256(claims(), "secret"),
      "somebody else's key": es256(claims(), other),
      "somebody else's key, brought along": es256(claims(), other, { alg: "ES256", kid: "e", jwk: jwk(other, "e") }),
      "an unknown kid": es256(claims(), p256, { alg: "ES256", kid: "x" }),
      "the other key's kid": es256(claims(), p256, { alg: "ES256", kid: "r" }),
      "the other algorithm": es256(claims(), p256, { alg: "RS256", kid: "r" }),
      "other claims": `${header}.${part(claims({ scope: "admin" }))}.${signature}`,
      "a signature in DER": `${header}.${payload}.${sign("sha256", Buffer.from(`${header}.${payload}`), p256.privateKey).toString("base64url")}`,
      "no signature": `${header}.${payload}.`,
      "another issuer": es256(claims({ iss: "https://issuer.example" })),
      "another audience": es256(claims({ aud: "https://tepal.example/" })),
      "not yet": es256(claims({ nbf: nowSecs() + 300 })),
      "no expiry": es256(claims({ exp: undefined })),
      "too long": es256(claims({ x: "x".repeat(9000) })),
      "too deep": `${header}.${Buffer.from(`${"[".repeat(3000)}${"]".repeat(3000)}`).toString("base64url")}.${signature}`,
      "no token": "a.b.c",
    };
    for (const [what, token] of Object.entries(wrong)) {
      const answer = await as(edge, token, "GET", HISTORY);
      assert.equal(answer.status, 401, `${what}: ${answer.status} ${answer.text}`);
      assert.equal(JSON.parse(answer.text).type, "/docs#token-wrong", what);
    }
    const old = es256(claims({ exp: nowSecs() - 120 }));
    refused(await as(edge, old, "GET", HISTORY), 401, "token-expired");
  });

  test("keys at an address are read from there, within bounds", async () => {
    let reads = 0;
    let answer = (response) => response.end(JSON.stringify(jwks));
    const server = createServer((request, response) => {
      reads += 1;
      answer(response);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${server.address().port}/keys`;
    const settings = { OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE, OAUTH_JWKS: address };
    try {
      const good = await start(settings);
      try {
        for (let n = 0; n < 3; n += 1) {
          const answer = await as(good, rs256(claims()), "GET", HISTORY);
          assert.equal(answer.status, 200, answer.text);
        }
        assert.equal(reads, 1);
      } finally {
        await good.stop();
      }
      const faults = [
        (response) => response.writeHead(302, { location: "/elsewhere" }).end(),
        (response) => response.writeHead(500).end("no"),
        (response) => response.end(JSON.stringify({ ...jwks, x: "x".repeat(70_000) })),
      ];
      for (const fault of faults) {
        answer = fault;
        const bad = await start(settings);
        try {
          refused(await as(bad, rs256(claims()), "GET", HISTORY), 503, "issuer-unavailable");
          assert.equal((await predict(bad, rs256(claims()))).status, 200, "it needs no token");
        } finally {
          await bad.stop();
        }
      }
    } finally {
      server.close();
    }
  });
});
