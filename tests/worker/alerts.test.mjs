// Alerts in workerd, over HTTP: to a receiver that refuses at first, and across a SIGKILL.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { OWNER_TOKEN, eventually, start } from "./harness.mjs";
import { configured, serve } from "./killable.mjs";

const key = randomBytes(32);
const headers = { authorization: `Bearer ${OWNER_TOKEN}` };

/** Takes messages, each checked against its signature; answers `status`. */
class Receiver {
  status = 200;
  arrived = [];

  async listen() {
    this.server = createServer(async (request, response) => {
      const chunks = await request.toArray();
      const body = Buffer.concat(chunks).toString();
      const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = request.headers;
      const expected = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
      const isSigned = signature === `v1,${expected}` && Math.abs(Date.now() / 1000 - Number(at)) < 60;
      this.arrived.push({ id, isSigned, type: request.headers["content-type"], message: JSON.parse(body) });
      response.writeHead(this.status).end();
    });
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}/hooks/secret`;
    return this;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe("alerts", () => {
  test("arrive signed, and again later if they are not taken", { timeout: 60_000 }, async () => {
    const receiver = await new Receiver().listen();
    const settings = { WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: `whsec_${key.toString("base64")}` };
    const edge = await start(settings);
    try {
      receiver.status = 503;
      const tested = await edge.owner("/api/v1/alerts/test", "POST");
      assert.deepEqual([tested.delivery, tested.attempts, tested.failure], ["waiting", 1, "it answers 503"]);
      assert.equal(receiver.arrived.length, 1);
      receiver.status = 200;
      const delivered = async () => (await edge.owner("/api/v1/alerts")).alerts[0].delivery === "delivered";
      await eventually(delivered, "it is sent again", 30);
      const [first, second] = receiver.arrived;
      assert.equal(receiver.arrived.length, 2);
      assert.ok(first.isSigned && second.isSigned);
      assert.equal(first.id, second.id);
      assert.equal(second.type, "application/json");
      assert.match(second.message.text, /^Tepal: This is a test/);
      const { webhook, is_signed } = await edge.owner("/api/v1/alerts");
      assert.deepEqual([webhook, is_signed], [new URL(receiver.url).host, true]);
      const stranger = await edge.call("/api/v1/alerts");
      assert.equal(stranger.status, 401);
    } finally {
      await edge.stop();
      receiver.close();
    }
  });

  test("are not lost to a SIGKILL, nor told twice", { timeout: 120_000 }, async () => {
    const receiver = await new Receiver().listen();
    receiver.status = 503;
    const webhook = `WEBHOOK_URL = "${receiver.url}"\nWEBHOOK_SECRET = "whsec_${key.toString("base64")}"`;
    const every = 'MONITOR_MINUTES = "15"';
    const [config, storage] = configured([[every, `${every}\nMONITOR_SECONDS = "1"\n${webhook}`]]);
    let server = await serve(config, storage);
    const call = async (method, path, body) => {
      const sent = { "if-match": "*", "content-type": "application/json", ...headers };
      const answer = await fetch(server.url + path, { method, headers: sent, body: JSON.stringify(body) });
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
      return answer.json();
    };
    const alerts = async () => (await call("GET", "/api/v1/alerts")).alerts;
    try {
      // A hundred rows that a flower never had: errors of the caller are no alarm, a drift is.
      const row = { sepal_length: 9, sepal_width: 1, petal_length: 1, petal_width: 3 };
      const window = async () => {
        for (let n = 0; n < 50; n += 1) {
          await call("POST", "/predict", { ...row, sepal_length: 5 + n / 10 });
        }
      };
      const drifted = async () => (await alerts()).some(({ kind }) => kind === "drift");
      for (let n = 0; n < 3; n += 1) await window();
      await eventually(async () => {
        if (!(await drifted())) await window();
        return drifted();
      }, "it drifts", 60);
      await eventually(() => receiver.arrived.length > 0, "it is sent", 10);
      await server.kill();
      receiver.status = 200;
      server = await serve(config, storage);
      // Whoever asks wakes the watcher.
      const delivered = async () => (await alerts()).every(({ delivery }) => delivery === "delivered");
      await eventually(delivered, "all of it arrives", 40);
      const told = (await alerts()).map(({ kind, event }) => `${kind} ${event}`);
      assert.equal(told.filter((it) => it === "drift raised").length, 1, told);
      const drifts = receiver.arrived.filter(({ message }) => message.type === "tepal.drift.raised");
      assert.ok(drifts.length >= 2 && drifts.every(({ isSigned }) => isSigned));
      assert.equal(new Set(drifts.map(({ id }) => id)).size, 1);
      assert.match(drifts[0].message.data.says, /^The rows that version 1 is asked no longer look like/);
    } finally {
      await server.kill();
      receiver.close();
    }
  });
});
