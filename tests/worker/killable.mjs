// A wrangler of its own, which can be killed and started again on the same storage, and models to give it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../port.mjs";
import { OWNER_TOKEN, changedConfig, eventually } from "./harness.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const trainCsv = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/examples/train_csv");

/** A copy of wrangler.toml with some of its text replaced, and a folder for its storage. */
export function configured(changes) {
  const config = changedConfig(changes);
  const folder = dirname(config);
  const secrets = { OWNER_TOKEN, RATE_LIMIT: "off", SUBJECT_SECRET: "a secret", KEY_SECRET: "k".repeat(32) };
  const lines = Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(join(folder, ".dev.vars"), lines.join(""));
  return [config, join(folder, "state")];
}

/** A wrangler on this configuration, in a process group of its own. */
export async function serve(config, storage) {
  const port = await freePort();
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  const options = ["--config", config, "--port", String(port), "--ip", "127.0.0.1", "--persist-to", storage];
  const child = spawn(process.execPath, [wrangler, "dev", "--local", ...options], { detached: true, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  const answers = () => fetch(`${url}/livez`).then((answer) => answer.ok, () => false);
  await eventually(answers, "wrangler answers", 60);
  return {
    url,
    async kill() {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It is gone already.
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** The file of a logistic regression of these rows. */
export function train(csv, seed = 0) {
  const folder = mkdtempSync(join(tmpdir(), "tepal-"));
  const path = join(folder, "iris.csv");
  writeFileSync(path, csv);
  const how = ["--families", "logistic_regression", "--folds", "0", "--seed", String(seed), "--out", folder];
  const { status, stderr } = spawnSync(trainCsv, [path, ...how], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return readFileSync(join(folder, "logistic_regression.tepal"));
}
