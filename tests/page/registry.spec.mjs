// The page Registry on the real Worker: from a trained model to one that answers programs, and back; and what can
// go wrong on the way. The Worker and its registry are shared with the other files: who answered before does so
// afterwards.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { expect, give, hold, open, retrain, test } from "./page.mjs";

const OWNER = "page-tests";
const iris = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const region = (page, name) => page.locator("section", { has: page.getByRole("heading", { level: 2, name, exact: true }) });
const dialog = (page) => page.getByRole("dialog");
const publishing = (page) => page.locator(".publish");

/** An answer of the API to the owner, or to who has another token. */
async function call(request, method, path, data, token = OWNER) {
  const headers = { authorization: `Bearer ${token}`, "if-match": "*" };
  return request.fetch(path, { method, headers, data });
}

const deployment = async (request) => (await call(request, "GET", "/api/v1/deployment")).json();
const models = async (request) => (await (await call(request, "GET", "/api/v1/models")).json()).models;

/** Which version answers over HTTP. */
const answering = async (request) => (await (await request.post("/predict", { data: iris })).json()).model_version;

async function openRegistry(page, token = OWNER) {
  // By the keyboard: who answers is told above the button when it is known, and may move it away under a click.
  await page.getByLabel("Owner's token, or a key").fill(token);
  await page.getByLabel("Owner's token, or a key").press("Enter");
}

/** Trains on irises with a seed of the test's own, so that the models are none that were published before. */
async function train(page, seed) {
  await open(page, "/train");
  await page.getByLabel("Seed").fill(String(seed));
  await retrain(page);
}

/** Chooses the model of this name on the page Registry. */
async function choose(page, name) {
  const row = region(page, "Models of this browser").getByRole("row", { name: new RegExp(`^${name}`) }).first();
  const button = row.getByRole("button", { name: "Publish …" });
  if (await button.count()) await button.click();
  await expect(publishing(page).getByRole("heading")).toContainText(name);
}

/** Publishes what is chosen and gives its version. */
async function publish(page) {
  await press(page, "Publish");
  const said = publishing(page).getByText(/^Version \d+ is published\./);
  await expect(said).toBeVisible();
  return Number(/\d+/.exec(await said.textContent())[0]);
}

test.beforeEach(async ({ request }) => {
  // The embedded model is version 1 as soon as somebody asks.
  expect((await request.get("/api/v1/model")).ok()).toBe(true);
  await call(request, "PUT", "/api/v1/deployment", { champion: 1, challenger: null });
});

test.afterEach(async ({ request }) => {
  const reply = await call(request, "PUT", "/api/v1/deployment", { champion: 1, challenger: null, mode: "live", public_artifact: false, reason: "as before" });
  expect(reply.ok(), await reply.text()).toBe(true);
});

test("without a token there is what anybody may know, and where the token comes from", async ({ page }) => {
  await open(page, "/registry");
  await expect(page.getByText("Now answering on this site: version 1 (SVM), trained on iris.")).toBeVisible();
  await expect(page.locator("#token-hint")).toContainText("npx wrangler secret put OWNER_TOKEN");
  await expect(region(page, "The live URL").locator("pre")).toContainText("curl -s -X POST");
  await expect(page.getByRole("heading", { name: "Ledger" })).toHaveCount(0);
  const field = page.getByLabel("Owner's token, or a key");
  await expect(field).toHaveAttribute("type", "password");
  await expect(field).toHaveAttribute("autocomplete", "off");
});

test.describe("a token that is wrong", () => {
  test.use({ expectedErrors: [[/status of 401/], { option: true }] });

  for (const token of ["wrong", "with a blank", "ünlesbar"]) {
    test(`such as “${token}” is said to be, and is not kept`, async ({ page }) => {
      await open(page, "/registry");
      await openRegistry(page, token);
      await expect(page.getByText("The edge does not know this token.")).toContainText(".dev.vars");
      await expect(page.getByLabel("Owner's token, or a key")).toHaveValue(token);
      expect(await page.evaluate(() => [sessionStorage.length, JSON.stringify(localStorage)])).toEqual([0, expect.not.stringContaining(token)]);
      await openRegistry(page);
      await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
    });
  }
});

test("the token stays for the session, until it is forgotten", async ({ page }) => {
  await open(page, "/registry");
  await openRegistry(page);
  await expect(page.getByRole("heading", { name: "Versions" })).toBeVisible();
  await open(page, "/registry");
  await expect(page.getByRole("heading", { name: "Versions" })).toBeVisible();
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(OWNER);
  await press(page, "Forget the token");
  await expect(page.getByRole("heading", { name: "Versions" })).toHaveCount(0);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test("from a training to a URL that answers curl in six clicks, and back", async ({ page, request }) => {
  await train(page, 101);
  await page.getByRole("link", { name: "Publish it" }).click(); // 1
  await expect(page).toHaveURL("/registry");
  await expect(publishing(page).getByRole("heading")).toHaveText(/^Publish .+ of iris$/);
  await expect(page.getByRole("button", { name: "Publish", exact: true })).toBeDisabled();
  await press(page, "Enter it below"); // 2
  await expect(page.getByLabel("Owner's token, or a key")).toBeFocused();
  await openRegistry(page); // 3
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  await expect(publishing(page).getByRole("heading")).toBeFocused();
  const version = await publish(page); // 4
  expect(await answering(request)).toBe(1);
  await press(page, "Promote it …"); // 5
  await expect(dialog(page)).toContainText(new RegExp(`From now on /predict is answered by version ${version} \\(.+\\); version 1 \\(SVM\\) stays and can be put back\\.`));
  await dialog(page).getByLabel(/^Why/).fill("it is ours");
  await dialog(page).getByRole("button", { name: `Promote version ${version}` }).click(); // 6
  await expect(dialog(page)).toHaveCount(0);
  const who = region(page, "Who answers");
  await expect(who.getByText(new RegExp(`^Done\\. Version ${version} `))).toBeVisible();
  await expect(page.locator("#traffic-heading")).toBeFocused();
  await expect(publishing(page)).not.toContainText("Nobody is answered by it yet.");
  await expect.poll(() => answering(request), { timeout: 20_000 }).toBe(version);
  await expect(region(page, "Ledger")).toContainText(`Version ${version} serves in place of version 1. Reason: it is ours`);
  await expect(region(page, "Aliases").getByRole("row", { name: /^champion/ })).toContainText(String(version));

  const program = region(page, "The live URL").locator("pre");
  const run = (command, ...options) =>
    execFileSync(command, options, { encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0", NO_COLOR: "1" } });
  const said = JSON.parse(run("bash", "-c", await program.textContent()));
  expect(said.model_version).toBe(version);
  await page.getByRole("tab", { name: "JavaScript" }).click();
  const script = await program.textContent();
  expect(run("node", "--input-type=module", "-e", script)).toMatch(/^\w+ [\d.e-]+\n$/);
  await page.getByRole("tab", { name: "Python" }).click();
  expect(run("python3", "-c", await program.textContent())).toMatch(/^\w+ [\d.e-]+\n$/);

  await press(page, "Roll back to version 1 …");
  await expect(dialog(page)).toContainText("From now on /predict is answered by version 1 (SVM) again, and by it alone");
  await dialog(page).getByRole("button", { name: "Roll back to version 1" }).click();
  await expect(who.getByText("Done. Version 1 (SVM) answers all requests.")).toBeVisible();
  await expect.poll(() => answering(request), { timeout: 20_000 }).toBe(1);
});

test("from a file of one's own on the start page to a URL that answers curl: ten clicks", async ({ page }) => {
  let clicks = 0;
  const click = async (thing) => {
    await thing.click();
    clicks += 1;
  };
  const button = (name) => page.getByRole("button", { name, exact: true });
  const beans = Array.from({ length: 90 }, (_, at) => {
    const kind = at % 3;
    return [4 + kind * 2 + (at % 7) / 10, 0.5 + kind + (at % 5) / 10, 5 + (at % 9) / 10, ["arabica", "liberica", "robusta"][kind]].join(",");
  });
  await open(page);
  await click(page.getByRole("link", { name: "Open a table" }));
  clicks += 1; // "Choose a file", which opens the browser's dialog
  await give(page, "beans.csv", ["bean length mm,caffeine %,pH,species", ...beans].join("\n"));
  clicks += 1; // the file in that dialog
  await click(page.getByRole("link", { name: "Train models on it" }));
  await expect(page.locator("tr[data-model-id]")).not.toHaveCount(0, { timeout: 60_000 });
  await click(page.getByRole("link", { name: "Publish it" }));
  await click(button("Enter it below"));
  await page.keyboard.type(OWNER);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  await click(button("Publish"));
  await click(button("Promote it …"));
  await click(dialog(page).getByRole("button", { name: /^Promote version \d+$/ }));
  const live = region(page, "The live URL");
  await expect(live.locator("pre")).toContainText("caffeine %", { timeout: 20_000 });
  await click(live.getByRole("button", { name: "Copy" }).last());
  expect(clicks).toBeLessThanOrEqual(10);
  const program = await live.locator("pre").textContent();
  const ask = () => JSON.parse(execFileSync("bash", ["-c", program], { encoding: "utf8" }));
  await expect.poll(() => ["arabica", "liberica", "robusta"].includes(ask().prediction), { timeout: 20_000 }).toBe(true);
});

test("with rows or without them, described and tagged; what cannot be without says why", async ({ page, request }) => {
  await train(page, 102);
  await page.getByRole("link", { name: "Publish it" }).click();
  await openRegistry(page);
  await choose(page, "Random forest");
  const form = publishing(page);
  await expect(form).toContainText(/This model carries \d+ rows of your data\./);
  const withRows = await publish(page);
  await form.getByLabel(/^Without/).check();
  await form.getByLabel(/^Description/).fill("for the shop");
  await form.getByLabel(/^Tags/).fill("spring, shop,spring");
  await press(page, "Publish");
  await expect(form.getByText(/^Version \d+ is published\./)).not.toContainText(`Version ${withRows} `);
  const [without, carrying] = await models(request);
  expect([carrying.version, carrying.carries_rows > 0]).toEqual([withRows, true]);
  expect(without).toMatchObject({ carries_rows: 0, description: "for the shop", tags: ["spring", "shop"], verified_rows: null });
  expect(without.model_id).not.toBe(carrying.model_id);
  await expect(region(page, "Versions").getByRole("row").nth(1)).toContainText("for the shop · spring, shop");

  await choose(page, "SVM");
  await expect(form).toContainText("the support vectors of an SVM are rows of the training data");
  await expect(form.getByRole("radio")).toHaveCount(0);

  // The same again is the same version.
  await choose(page, "Random forest");
  await expect(form).toContainText(`This model was published before: it is version ${withRows}.`);
  await expect(form.getByRole("button", { name: "Promote it …" })).toBeVisible();
  const again = page.waitForResponse((response) => response.request().method() === "POST" && response.url().endsWith("/models"));
  await press(page, "Publish");
  expect((await (await again).json()).version).toBe(withRows);
  await expect(form).toContainText(`This model was published before: it is version ${withRows}.`);
});

test("what was just published is promoted before the registry is read anew", async ({ page, request }) => {
  await train(page, 107);
  await page.getByRole("link", { name: "Publish it" }).click();
  await openRegistry(page);
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  const release = await hold(page, "**/api/v1/models?*");
  const version = await publish(page);
  await press(page, "Promote it …");
  const done = page.waitForResponse((response) => response.request().method() === "PUT" && response.url().endsWith("/deployment"));
  await dialog(page).getByRole("button", { name: `Promote version ${version}` }).click();
  expect((await done).status()).toBe(200);
  release();
  await expect(dialog(page)).toHaveCount(0);
  expect(await deployment(request)).toMatchObject({ champion: { version } });
});

test("a version is tried on a share, in the shadow, and no more", async ({ page, request }) => {
  await train(page, 103);
  await page.getByRole("link", { name: "Publish it" }).click();
  await openRegistry(page);
  const version = await publish(page);
  const who = region(page, "Who answers");
  await page.setViewportSize({ width: 390, height: 800 });
  await expect(who.getByLabel("Try beside it")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth), "nothing is wider than a phone").toBe(390);
  await page.setViewportSize({ width: 1280, height: 800 });
  await who.getByLabel("Try beside it").selectOption(String(version));
  const share = who.getByLabel(/^Share/);
  await share.fill("120");
  await expect(who.getByRole("button", { name: "Try it …" })).toBeDisabled();
  await share.fill("12.5");
  await press(page, "Try it …");
  await expect(dialog(page)).toContainText(/answers 12\.5\s% of the requests to \/predict and version 1 \(SVM\) the rest/);
  await press(page, `Try version ${version}`);
  await expect(who.getByText(/is tried beside it and answers 12\.5\s% of the requests\.$/).first()).toBeVisible();
  expect(await deployment(request)).toMatchObject({ split_basis_points: 1_250, mode: "live", challenger: { version } });

  await who.getByLabel("How").selectOption("shadow");
  await press(page, "Try it …");
  await expect(dialog(page)).toContainText("What it says is only logged: version 1 (SVM) goes on answering all of them.");
  await press(page, `Try version ${version}`);
  await expect(dialog(page)).toHaveCount(0);
  expect(await deployment(request)).toMatchObject({ mode: "shadow", challenger: { version } });

  await press(page, "End the trial …");
  await dialog(page).getByRole("button", { name: "End the trial", exact: true }).click();
  await expect(who.getByText("Done. Version 1 (SVM) answers all requests.")).toBeVisible();
  expect((await deployment(request)).challenger).toBeNull();
});

test.describe("two owners", () => {
  test.use({ expectedErrors: [[/status of 412/], { option: true }] });

  test("do not overwrite each other: the slower one sees what is there now", async ({ page, request }) => {
    await train(page, 104);
    await page.getByRole("link", { name: "Publish it" }).click();
    await openRegistry(page);
    const version = await publish(page);
    await expect(region(page, "Ledger")).toContainText(`Version ${version} (`);
    await press(page, "Promote it …");
    await expect(dialog(page)).toContainText("version 1 (SVM) stays");
    const other = await call(request, "PUT", "/api/v1/deployment", { challenger: version, split_basis_points: 500, mode: "live", reason: "mine first" });
    expect(other.ok()).toBe(true);
    await press(page, `Promote version ${version}`);
    await expect(dialog(page)).toContainText("somebody else changed the registry while you were deciding");
    await expect(dialog(page)).toContainText(/Version \d+ is tried on 5\s% of the requests\. Reason: mine first/);
    await expect(dialog(page)).toContainText("Now: Version 1 (SVM) answers");
    expect((await deployment(request)).champion.version, "nothing is overwritten").toBe(1);
    await press(page, "Look again");
    await expect(dialog(page)).toContainText("With that its trial ends.");
    await press(page, `Promote version ${version}`);
    await expect(dialog(page)).toHaveCount(0);
    expect(await deployment(request)).toMatchObject({ champion: { version }, challenger: null });
  });

  test("in two tabs: what one has decided stands, and the other decides anew on what is there", async ({ page, request }) => {
    const tabs = [page, await page.context().newPage()];
    const names = ["page-first-tab", "page-second-tab"];
    for (const [at, tab] of tabs.entries()) {
      await open(tab, "/registry");
      // The token is one tab's own.
      await openRegistry(tab);
      const aliases = region(tab, "Aliases");
      await aliases.getByLabel(/^A name/).fill(names[at]);
      await aliases.getByLabel("For version").fill("1");
      await press(tab, "Set it …");
      await expect(dialog(tab)).toContainText(`From now on ${names[at]} stands for version 1`);
    }
    const [first, second] = tabs;
    await press(second, "Set the alias");
    await expect(region(second, "Aliases").getByRole("row", { name: /^page-second-tab/ })).toContainText("1 since");
    await press(first, "Set the alias");
    await expect(dialog(first)).toContainText("somebody else changed the registry while you were deciding");
    await press(first, "Look again");
    await press(first, "Set the alias");
    await expect(dialog(first)).toHaveCount(0);
    for (const name of names) {
      await expect(region(first, "Aliases").getByRole("row", { name: new RegExp(`^${name}`) })).toContainText("1 since");
      expect((await call(request, "DELETE", `/api/v1/aliases/${name}`)).ok()).toBe(true);
    }
    await second.close();
  });
});

test("a ledger that was tampered with says where it breaks", async ({ page }) => {
  await open(page, "/registry");
  await openRegistry(page);
  const ledger = region(page, "Ledger");
  await expect(ledger.getByText(/^Whole: this tab has computed every entry's hash anew \(\d+ in all\)/)).toBeVisible();
  await page.route("**/api/v1/audit?*", async (route) => {
    const reply = await route.fetch();
    const body = await reply.json();
    const entry = body.entries.find((it) => it.sequence === 1);
    if (entry) entry.actor = "nobody";
    await route.fulfill({ response: reply, json: body });
  });
  await press(page, "Read anew");
  await expect(ledger.getByText(/^Broken at entry 1: it is not what its hash says/)).toBeVisible();
  await expect(ledger.getByRole("row", { name: /^1 / })).toContainText("Broken here.");
});

test("a free alias is set and taken away, and its history stays", async ({ page, request }) => {
  await open(page, "/registry");
  await openRegistry(page);
  const aliases = region(page, "Aliases");
  await aliases.getByLabel(/^A name/).fill("page-stable");
  await aliases.getByLabel("For version").fill("1");
  await press(page, "Set it …");
  await expect(dialog(page)).toContainText("From now on page-stable stands for version 1 (SVM) in the API.");
  await press(page, "Set the alias");
  const row = aliases.getByRole("row", { name: /^page-stable/ });
  await expect(row).toContainText("1 since");
  expect((await call(request, "GET", "/api/v1/models/page-stable")).ok()).toBe(true);
  await row.getByRole("button", { name: "Take it away …" }).click();
  await press(page, "Set the alias");
  await expect(row).toContainText("– since");
  await expect(row).toContainText("1 since");
});

test("a version's card is read and its file is saved", async ({ page }) => {
  await open(page, "/registry");
  await openRegistry(page);
  const row = region(page, "Versions").getByRole("row").last();
  await row.getByRole("button", { name: "Card" }).click();
  await expect(dialog(page).getByRole("heading", { level: 2 })).toContainText("Model card");
  await dialog(page).getByRole("button", { name: "Close" }).click();
  const saved = page.waitForEvent("download");
  await row.getByRole("button", { name: "File" }).click();
  expect((await saved).suggestedFilename()).toBe("version-1.tepal");
});

test.describe("keys", () => {
  test.use({ expectedErrors: [[/status of 40[13]/], { option: true }] });

  test("are minted and shown once, do what they may, and are revoked", async ({ page, request }) => {
    await open(page, "/registry");
    await openRegistry(page);
    const keys = region(page, "Keys");
    await expect(keys.getByRole("button", { name: "Mint the key" })).toBeDisabled();
    await keys.getByLabel("Whose it is").fill("the reader of the page's tests");
    await keys.getByRole("checkbox", { name: /^predict/ }).uncheck();
    await keys.getByRole("checkbox", { name: /^read/ }).check();
    await press(page, "Mint the key");
    const key = await keys.getByLabel(/^This is the key/).inputValue();
    expect(key).toMatch(/^tepal_/);
    const row = keys.getByRole("row", { name: /the reader of the page's tests/ }).first();
    await expect(row).toContainText("read");
    expect((await call(request, "GET", "/api/v1/models", undefined, key)).status()).toBe(200);
    await press(page, "I have it");
    await expect(page.getByLabel(/^This is the key/)).toHaveCount(0);

    // With it the registry opens to be read, and says what it may not.
    await press(page, "Forget the token");
    await openRegistry(page, key);
    await expect(region(page, "Keys")).toContainText("with the owner's token, or a key with the scope “admin”");
    await press(page, "Open the file …");
    await press(page, "Open the file");
    await expect(dialog(page)).toContainText("This key is not allowed to do that");
    await press(page, "Leave it as it is");

    await press(page, "Forget the token");
    await openRegistry(page);
    await row.getByRole("button", { name: "Revoke …" }).click();
    await expect(dialog(page)).toContainText("the key “the reader of the page's tests” is refused");
    await press(page, "Revoke it");
    await expect(keys.getByText("The key is revoked.")).toBeVisible();
    await expect(row).toContainText("revoked 20");
    expect((await call(request, "GET", "/api/v1/models", undefined, key)).status()).toBe(401);
    await press(page, "Forget the token");
    await openRegistry(page, key);
    await expect(page.getByText("The edge does not know this token.")).toBeVisible();
  });
});

test.describe("an edge that is down", () => {
  test.use({ expectedErrors: [[/Failed to load resource/], { option: true }] });

  test("is said, leaves the models of this browser, and can be asked again", async ({ page }) => {
    await page.route("**/api/v1/**", (route) => route.abort());
    await open(page, "/registry");
    await expect(page.getByText("The edge could not be reached.").first()).toBeVisible();
    await expect(region(page, "Models of this browser").getByRole("row")).toHaveCount(2);
    await openRegistry(page);
    await expect(page.getByText("The edge could not be reached.").nth(1)).toBeVisible();
    await page.unroute("**/api/v1/**");
    await press(page, "Ask again");
    await expect(page.getByText("Now answering on this site: version 1")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  });

  test("in the middle of a change is said, and the change can be tried again", async ({ page, request }) => {
    await open(page, "/registry");
    await openRegistry(page);
    await press(page, "Open the file …");
    await page.route("**/api/v1/deployment", (route) => route.abort());
    await press(page, "Open the file");
    await expect(dialog(page).getByRole("alert")).toContainText("The edge could not be reached");
    await page.unroute("**/api/v1/deployment");
    await press(page, "Open the file");
    await expect(dialog(page)).toHaveCount(0);
    expect((await deployment(request)).public_artifact).toBe(true);
    await press(page, "Close the file …");
    await press(page, "Close the file");
    await expect(dialog(page)).toHaveCount(0);
    expect((await deployment(request)).public_artifact).toBe(false);
  });
});

test.describe("rows that go along", () => {
  test.use({ expectedErrors: [[/status of 412/], { option: true }] });
  const flowers = readFileSync("model-core/data/iris.csv", "utf8");
  const kept = (page) => region(page, "Kept to train on");
  const datasets = async (request) => (await (await call(request, "GET", "/api/v1/datasets")).json()).datasets;

  /** Trains on the file and goes to where its model is published. */
  async function trainOn(page, text) {
    await open(page, "/data");
    await give(page, "garden.csv", text);
    await expect(page.locator(".strip").first()).toBeVisible();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Train", exact: true }).click();
    await retrain(page, "Train on garden");
  }

  test("are kept if one says so, listed, and deleted by a click", async ({ page, request }) => {
    await trainOn(page, flowers);
    await page.getByRole("link", { name: "Publish it" }).click();
    await openRegistry(page);
    await expect(kept(page)).toHaveCount(0);
    await page.getByLabel(/^Let the edge keep all rows of the file/).check();
    const version = await publish(page);
    await expect(kept(page).getByRole("row", { name: /^garden/ })).toContainText("150");
    await expect(publishing(page)).toContainText("The edge keeps the rows of the file");
    const [dataset] = await datasets(request);
    const headers = { authorization: `Bearer ${OWNER}`, accept: "application/json" };
    const card = await (await request.fetch(`/api/v1/models/${version}/card`, { headers })).json();
    expect(dataset.data_hash).toBe(card.lineage.data_hash);

    // What was kept is no change that comes between publishing and promoting.
    await press(page, "Promote it …");
    await dialog(page).getByRole("button", { name: `Promote version ${version}` }).click();
    await expect(dialog(page)).toHaveCount(0);
    await press(page, "Delete …");
    await expect(dialog(page)).toContainText("The edge forgets the 150 rows of garden");
    await press(page, "Delete them");
    await expect(dialog(page)).toHaveCount(0);
    await expect(kept(page)).toHaveCount(0);
    expect(await datasets(request)).toEqual([]);
    await expect(region(page, "Ledger")).toContainText("Rows to train on were deleted.");
    await expect(region(page, "Ledger")).toContainText("150 rows to train on are kept.");
  });

  test("are none if another file of that name lies open", async ({ page, request }) => {
    await trainOn(page, flowers.split("\n").slice(0, 120).join("\n"));
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Data", exact: true }).click();
    await give(page, "garden.csv", flowers);
    await expect(page.getByText("150 rows").first()).toBeVisible();
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Registry", exact: true }).click();
    await openRegistry(page);
    const before = await datasets(request);
    await page.getByLabel(/^Let the edge keep all rows of the file/).check();
    await publish(page);
    await expect(publishing(page)).toContainText("The rows are not kept. The file that lies open is not the one that trained the model.");
    expect(await datasets(request)).toEqual(before);
  });
});
