// The page Monitor on the real Worker: what was asked, how it turned out, why, and whether the rows still look like
// those that trained the model. Worker and log are shared with the other files: each test looks for rows of its own.
import { expect, open, retrain, test } from "./page.mjs";

const OWNER = "page-tests";
const iris = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
const region = (page, name) => page.locator("section.panel", { has: page.getByRole("heading", { level: 2, name, exact: true }) });
const dialog = (page) => page.getByRole("dialog");
const headers = (token = OWNER) => ({ authorization: `Bearer ${token}`, "if-match": "*" });

async function call(request, method, path, data, token = OWNER) {
  return request.fetch(path, { method, headers: headers(token), data });
}

/** Has a row answered, and gives the answer. */
async function ask(request, data = iris, subject = undefined) {
  const reply = await request.post("/predict", { data, headers: subject ? { "x-tepal-subject": subject } : {} });
  expect(reply.ok(), await reply.text()).toBe(true);
  return reply.json();
}

/** The log has what was answered a moment ago. */
async function logged(request, id) {
  const find = async () => (await (await call(request, "GET", "/api/v1/predictions?limit=1000")).json()).predictions.some((row) => row.id === id);
  await expect.poll(find).toBe(true);
}

/** What the report says of a version. */
async function reported(request, version) {
  const report = await (await call(request, "GET", `/api/v1/monitoring/report?version=${version}`)).json();
  return report.versions[0] ?? { n: 0, labelled: { n: 0 } };
}

async function signIn(page, token = OWNER) {
  await page.getByLabel("Owner's token, or a key").fill(token);
  await press(page, "Open the monitor");
}

async function openMonitor(page) {
  // There is something to show.
  await ask(page.request);
  await open(page, "/monitor");
  await signIn(page);
  await expect(region(page, "Traffic")).toBeVisible();
}

/** Opens the row with this id. */
async function openRow(page, id) {
  await page.getByLabel("Id of a prediction").fill(id);
  await page.getByLabel("Id of a prediction").press("Enter");
  const rows = region(page, "The log").locator("tbody tr");
  await expect(rows).toHaveCount(1);
  await rows.first().getByRole("button").click();
  await expect(dialog(page)).toContainText(id);
  return rows.first();
}

const served = async (request) => (await (await request.get("/api/v1/model")).json()).model_version;

/** Publishes the model that answers after a training, by the page Registry, lets it serve, and gives its version. */
async function promote(page, request) {
  await page.getByRole("link", { name: "Publish it" }).click();
  await page.getByLabel("Owner's token, or a key").fill(OWNER);
  await press(page, "Open the registry");
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();
  await press(page, "Publish");
  const said = page.locator(".publish").getByText(/^Version \d+ is published\./);
  await expect(said).toBeVisible();
  const version = Number(/\d+/.exec(await said.textContent())[0]);
  await press(page, "Promote it …");
  await press(page, `Promote version ${version}`);
  await expect(dialog(page)).toHaveCount(0);
  await expect.poll(() => served(request), { timeout: 20_000 }).toBe(version);
  return version;
}

test.beforeEach(async ({ request }) => {
  expect((await request.get("/api/v1/model")).ok()).toBe(true);
  await call(request, "PUT", "/api/v1/deployment", { champion: 1, challenger: null });
  await expect.poll(() => served(request), { timeout: 20_000 }).toBe(1);
});

test.afterEach(async ({ request }) => {
  const reply = await call(request, "PUT", "/api/v1/deployment", { champion: 1, challenger: null, mode: "live", public_artifact: false, reason: "as before" });
  expect(reply.ok(), await reply.text()).toBe(true);
});

test("without a token it says what there will be to see, and where the token comes from", async ({ page }) => {
  await open(page, "/monitor");
  await expect(region(page, "What you will see here").getByRole("listitem")).toHaveCount(5);
  await expect(page.locator("#token-hint")).toContainText("npx wrangler secret put OWNER_TOKEN");
  await expect(page.getByRole("heading", { name: "The log" })).toHaveCount(0);
});

test.describe("a token that is wrong", () => {
  test.use({ expectedErrors: [[/status of 40[13]/], { option: true }] });

  test("is said to be and not kept; one without the scope says which it takes", async ({ page, request }) => {
    await ask(request);
    await open(page, "/monitor");
    await signIn(page, "wrong");
    await expect(page.getByText("The edge does not know this token.")).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    const minted = await call(request, "POST", "/api/v1/keys", { name: "asks only", scopes: ["predict"] });
    await signIn(page, (await minted.json()).key);
    await expect(page.getByText("The report and the log take the scope “read”")).toBeVisible();
    // As it stands in the file.
    await signIn(page, ` OWNER_TOKEN="${OWNER}"`);
    await expect(region(page, "Traffic")).toBeVisible();
    await open(page, "/registry");
    await expect(page.getByRole("heading", { name: "Ledger" }), "Registry has the same token").toBeVisible();
  });
});

test("from nothing: a program to paste, and 50 rows that are sent, counted and shown", async ({ page, request }) => {
  const report = "**/api/v1/monitoring/report*";
  await page.route(report, (route) => route.fulfill({ json: { versions: [] } }));
  await open(page, "/monitor");
  await signIn(page);
  const first = region(page, "The first traffic");
  await expect(first.locator("pre")).toContainText("curl -s -X POST");
  const before = (await reported(request, 1)).n;
  await press(page, "Send 50 test rows");
  await expect(first.getByRole("progressbar", { name: "Rows sent" })).toBeVisible();
  await expect(first).toContainText("50 rows were sent and answered.", { timeout: 30_000 });
  await expect.poll(async () => (await reported(request, 1)).n).toBe(before + 50);
  await page.unroute(report);
  await press(page, "Read anew");
  const traffic = region(page, "Traffic");
  await expect(traffic.getByRole("row", { name: /^Answers/ })).toBeVisible();
  await expect(traffic.getByRole("row", { name: /^Mean confidence/ })).toContainText("%");
  await expect(traffic.getByRole("img", { name: /^The newest predictions over time \([\d,]+ in all\); a bar is/ })).toBeVisible();
  const counters = region(page, "Requests, errors and latency");
  await expect(counters).toContainText(/Of the requests to \/predict since counting began, up to half a minute ago, [\d,]+ were answered/);
  await expect(counters).toContainText(/From this tab a row was answered in .+; 50 asked/);
  await expect(counters).toContainText(/at least [\d,]+ of [\d,]+ left today/);
});

test("sending can be stopped", async ({ page, request }) => {
  await openMonitor(page);
  let n = 0;
  await page.route("**/predict", async (route) => {
    n += 1;
    await new Promise((done) => setTimeout(done, 100));
    await route.continue();
  });
  await press(page, "Send 50 test rows");
  await expect.poll(() => n).toBeGreaterThan(2);
  await expect(page.getByRole("button", { name: "Stop" }), "it has taken the other's place").toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^\d+ rows were sent and answered/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Send 50 test rows" })).toBeFocused();
  expect(n).toBeLessThan(50);
  // Who sends again at once has one sending, and not two.
  await page.keyboard.press("Enter");
  await press(page, "Stop");
  const before = n;
  await press(page, "Send 50 test rows");
  await expect(page.getByText("50 rows were sent and answered.")).toBeVisible({ timeout: 30_000 });
  expect(n - before).toBeLessThanOrEqual(52);
  expect((await request.get("/health")).ok()).toBe(true);
});

test("a row is opened, explained by the model that answered it, labelled, and tried on Classify", async ({ page, request }) => {
  await openMonitor(page);
  const { id } = await ask(request);
  await logged(request, id);
  const before = (await reported(request, 1)).labelled.n;
  const row = await openRow(page, id);
  await expect(dialog(page).getByRole("row", { name: "petal width" })).toContainText("0.2");
  await expect(dialog(page).getByRole("row", { name: "setosa" })).toContainText("%");
  await press(page, "Why this answer?");
  await expect(dialog(page).getByRole("heading", { name: "Why setosa" })).toBeVisible();
  await expect(dialog(page).locator(".why-bar")).toHaveCount(4);
  await press(page, "Give the label");
  await expect(dialog(page)).toContainText("Choose the class that was true first.");
  await dialog(page).getByLabel(/^What was true/).selectOption("virginica");
  await press(page, "Give the label");
  await expect(dialog(page).getByText("The label is recorded.")).toBeVisible();
  await expect(dialog(page).getByRole("row", { name: "Label" })).toContainText("virginica, wrong");
  expect((await reported(request, 1)).labelled.n).toBe(before + 1);
  await press(page, "Close");
  await expect(row).toContainText("virginica, wrong");
  await expect(row.getByRole("button")).toBeFocused();
  const accuracy = region(page, "Traffic").getByRole("row", { name: /^Accuracy on those/ });
  await expect(accuracy).toContainText(/\d\s% \(between .+ and .+\)/);
  await row.getByRole("button").click();
  await dialog(page).getByRole("link", { name: "Open it on Classify" }).click();
  await expect(page.getByRole("textbox", { name: "Sepal length", exact: true })).toHaveValue("5.1");
});

test("the log is filtered by version, answer and label, and goes on page by page", async ({ page, request }) => {
  let last;
  for (let n = 0; n < 25; n += 1) last = await ask(request);
  await logged(request, last.id);
  await openMonitor(page);
  const log = region(page, "The log");
  await expect(log.locator("tbody tr")).toHaveCount(20);
  await press(page, "Older predictions");
  await expect.poll(() => log.locator("tbody tr").count()).toBeGreaterThan(20);
  await log.getByLabel(/^Answer/).selectOption("setosa");
  await log.getByLabel(/^Label/).selectOption("without a label");
  await expect(log.locator("tbody tr")).toHaveCount(20);
  await expect(log.locator("tbody tr").filter({ hasText: "setosa" })).toHaveCount(20);
  await log.getByLabel(/^Version/).selectOption("1");
  await expect(log.locator("tbody tr")).toHaveCount(20);
  await page.getByLabel("Id of a prediction").fill("no id at all");
  await page.getByLabel("Id of a prediction").press("Enter");
  await expect(log).toContainText("No such prediction is in the log.");
});

test("what is behind the first page is read anew, too: a label of somebody else, a row that was erased", async ({ page, request }) => {
  const asked = [];
  for (let n = 0; n < 24; n += 1) asked.push(await ask(request));
  await logged(request, asked.at(-1).id);
  await openMonitor(page);
  const log = region(page, "The log");
  await expect(log.locator("tbody tr")).toHaveCount(20);
  await press(page, "Older predictions");
  const behind = log.locator("tr", { has: page.locator(`[id="row-${asked[0].id}"]`) });
  await expect(behind).toContainText("setosa");
  await call(request, "POST", "/api/v1/feedback", { id: asked[0].id, label: "virginica" });
  await expect(behind).toContainText("virginica, wrong", { timeout: 15_000 });
  const gone = log.locator(`[id="row-${asked[1].id}"]`);
  await expect(gone).toBeVisible();
  await call(request, "DELETE", `/api/v1/predictions?id=${asked[1].id}`);
  await expect(gone).toHaveCount(0, { timeout: 15_000 });
  await expect(behind).toBeVisible();
});

test.describe("an erasure that fails", () => {
  test.use({ expectedErrors: [[/status of 503/], { option: true }] });

  test("says so where it was asked for, and is asked for once more", async ({ page, request }) => {
    const { id } = await ask(request);
    await logged(request, id);
    await openMonitor(page);
    await openRow(page, id);
    await press(page, "Erase this prediction …");
    const problem = { type: "about:blank", title: "The log can't be read", status: 503, detail: "Try again." };
    let n = 0;
    await page.route("**/api/v1/predictions?id=*", async (route) => {
      if (route.request().method() !== "DELETE" || (n += 1) > 1) return route.continue();
      await new Promise((done) => setTimeout(done, 300));
      return route.fulfill({ status: 503, contentType: "application/problem+json", json: problem });
    });
    const erase = dialog(page).getByRole("button", { name: "Erase for good" });
    await erase.dblclick();
    await expect(dialog(page)).toContainText("Try again.");
    expect(n, "one press, one erasure").toBe(1);
    await erase.click();
    await expect(dialog(page)).toHaveCount(0);
    await expect(page.locator("#erased")).toHaveText("1 prediction is erased for good.");
    await expect(page.locator("#erased")).toBeFocused();
  });
});

test("a prediction is erased by its id and a person's by the name, each after a question that names it", async ({ page, request }) => {
  const person = `person of the page tests ${Date.now()}`;
  const { id } = await ask(request);
  const about = [await ask(request, iris, person), await ask(request, iris, person), await ask(request, iris, person)];
  await logged(request, about[2].id);
  await openMonitor(page);
  await openRow(page, id);
  await press(page, "Erase this prediction …");
  await expect(dialog(page)).toContainText(`The prediction ${id} and its label are erased from the log, for good.`);
  await press(page, "Leave it as it is");
  await expect(region(page, "The log").locator("tbody tr")).toHaveCount(1);
  await region(page, "The log").locator("tbody tr").getByRole("button").click();
  await press(page, "Erase this prediction …");
  await dialog(page).getByRole("button", { name: "Erase for good" }).click();
  await expect(page.getByText("1 prediction is erased for good.")).toBeVisible();
  await expect(region(page, "The log")).toContainText("No such prediction is in the log.");
  const erase = region(page, "Erase a person's predictions");
  await erase.getByLabel("Subject").fill(person);
  await press(page, "Erase …");
  await expect(dialog(page)).toContainText(`All predictions about “${person}”`);
  await dialog(page).getByRole("button", { name: "Erase for good" }).click();
  await expect(erase.getByText("3 predictions are erased for good.")).toBeVisible();
  const left = (await (await call(request, "GET", "/api/v1/predictions?limit=1000")).json()).predictions.map((row) => row.id);
  for (const gone of [id, ...about.map((it) => it.id)]) expect(left).not.toContain(gone);
});

test("penguins, from a training to the monitor: answered, labelled, as before, and then moved", async ({ page, request }) => {
  test.setTimeout(120_000);
  await open(page, "/data");
  await press(page, "Penguins");
  await expect(page.locator(".strip").first()).toBeVisible();
  await open(page, "/train");
  await page.getByLabel("Seed").fill("301");
  await retrain(page, "Train on penguins");
  const version = await promote(page, request);
  const penguin = { island: "Biscoe", bill_length_mm: 46.1, bill_depth_mm: 13.2, flipper_length_mm: 211, body_mass_g: 4500, sex: "female", year: 2007 };
  const { features } = await (await request.get("/api/v1/model")).json().then((model) => ({ features: model.schema.features.map((it) => it.name) }));
  const sent = (more = {}) => Object.fromEntries(Object.entries({ ...penguin, ...more }).filter(([name]) => features.includes(name)));
  const answer = await ask(request, sent());
  expect(answer.model_version).toBe(version);
  await logged(request, answer.id);
  const labelled = await call(request, "POST", "/api/v1/feedback", { id: answer.id, label: answer.prediction });
  expect(labelled.ok()).toBe(true);

  // The token is that of the session.
  await page.getByRole("link", { name: "Monitor" }).first().click();
  const drift = region(page, "Drift");
  await expect(drift).toContainText("Insufficient data: 1 row, and a verdict takes 50.");
  await press(page, "Send 50 test rows");
  await expect(page.getByText("50 rows were sent and answered.")).toBeVisible({ timeout: 30_000 });
  await expect(drift).toContainText(/The newest 51 rows look like those that trained the model/, { timeout: 15_000 });
  await expect(drift.locator(".monitor-feature").first()).toContainText("as before");
  const traffic = region(page, "Traffic");
  await expect(traffic.getByRole("columnheader", { name: `Version ${version}` })).toBeVisible();
  const columns = await traffic.locator("thead th").allTextContents();
  const cell = (name) => traffic.getByRole("row", { name }).locator("td").nth(columns.indexOf(`Version ${version}`));
  await expect(cell(/^With a label/)).toHaveText("1");
  await expect(cell(/^Accuracy on those/)).toContainText(/^100\.0\s% \(between .+ and 100\.0\s%\)$/);

  for (let n = 0; n < 60; n += 1) await ask(request, sent({ body_mass_g: 5900 + n }));
  await expect(drift).toContainText("differ from those that trained the model by more than chance", { timeout: 15_000 });
  const first = drift.locator(".monitor-feature", { hasText: "body mass" });
  await expect(first.getByRole("heading")).toContainText("moved");
  await expect(first).toContainText(/Kolmogorov–Smirnov test: p\s<\s0\.001, corrected for all features/);
});

test("who leaves while rows are sent is left alone", async ({ page, request }) => {
  await openMonitor(page);
  await expect(page.locator(".monitor-feature").first()).toBeVisible();
  const before = (await reported(request, 1)).n;
  await press(page, "Send 50 test rows");
  await expect.poll(async () => (await reported(request, 1)).n).toBeGreaterThan(before);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Classify" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Which iris is this?" })).toBeFocused();
  // What goes on for nobody would end the program, and the page's errors fail the test.
  await page.waitForTimeout(1_000);
  await page.getByRole("button", { name: "setosa" }).click();
  await expect(page.locator(".answer-name .species")).toHaveText("setosa");
});

test("an experiment is shown side by side, with whether it deals as it should", async ({ page, request }) => {
  await open(page, "/train");
  await page.getByLabel("Seed").fill("302");
  await retrain(page);
  const version = await promote(page, request);
  const trial = await call(request, "PUT", "/api/v1/deployment", { champion: 1, challenger: version, split_basis_points: 5_000, mode: "live" });
  expect(trial.ok(), await trial.text()).toBe(true);
  const answering = new Set();
  await expect.poll(async () => answering.add((await ask(request)).model_version).size, { timeout: 30_000 }).toBe(2);
  await page.getByRole("link", { name: "Monitor" }).first().click();
  const traffic = region(page, "Traffic");
  await expect(traffic.getByRole("heading", { name: "The experiment" })).toBeVisible({ timeout: 20_000 });
  await expect(traffic).toContainText(new RegExp(`Version ${version} should answer 50\\.0\\s% of the requests`));
  await expect(traffic).toContainText("That fits: the two can be compared.");
});

test("a split that does not fit warns, and compares nothing; a log that is down has no counters", async ({ page, request }) => {
  await ask(request);
  await page.route("**/api/v1/monitoring/report*", async (route) => {
    const reply = await route.fetch();
    const ratio = { challenger_version: 2, n_challenger: 0, n_total: 400, expected: 0.5, interval: [0, 0.03], p_value: 0, is_mismatch: true };
    await route.fulfill({ response: reply, json: { ...(await reply.json()), sample_ratio: ratio } });
  });
  await page.route("**/metrics", (route) => route.fulfill({ body: "tepal_log_up 0\ntepal_plan_allowance{store=\"kv\",operation=\"read\"} 100000\n" }));
  await openMonitor(page);
  const traffic = region(page, "Traffic");
  await expect(traffic.locator("p.warn")).toContainText("so do not compare the two.");
  await expect(traffic).not.toContainText("Which of the two is better");
  const counters = region(page, "Requests, errors and latency");
  await expect(counters.locator("p.warn")).toContainText("The log does not answer");
  await expect(counters).not.toContainText("left today");
  await expect(counters).not.toContainText("were answered,");
});

test("what a challenger says in the shadow stands beside what was answered", async ({ page, request }) => {
  await open(page, "/train");
  await page.getByLabel("Seed").fill("303");
  await retrain(page);
  const version = await promote(page, request);
  const trial = await call(request, "PUT", "/api/v1/deployment", { champion: 1, challenger: version, split_basis_points: 10_000, mode: "shadow" });
  expect(trial.ok(), await trial.text()).toBe(true);
  let last;
  const shadowed = async () => {
    last = await ask(request);
    return (await reported(request, version)).n_shadow ?? 0;
  };
  await expect.poll(shadowed, { timeout: 30_000 }).toBeGreaterThan(0);
  await logged(request, last.id);
  await page.getByRole("link", { name: "Monitor" }).first().click();
  const traffic = region(page, "Traffic");
  await expect(traffic.getByRole("row", { name: /^In the shadow/ })).toBeVisible({ timeout: 20_000 });
  await expect(traffic.getByRole("heading", { name: "The experiment" })).toHaveCount(0);
  await openRow(page, last.id);
  await expect(dialog(page).getByRole("row", { name: "In the shadow" })).toContainText(`version ${version} says setosa`);
});

test("it is read anew by itself, until it is paused", async ({ page, request }) => {
  await openMonitor(page);
  const { id } = await ask(request);
  const row = region(page, "The log").locator(`[id="row-${id}"]`);
  await expect(row).toBeVisible({ timeout: 15_000 });
  await press(page, "Pause");
  await expect(page.getByText(/and kept so until you go on\./)).toBeVisible();
  let n = 0;
  await page.route("**/api/v1/**", (route) => ((n += 1), route.continue()));
  await page.waitForTimeout(6_000);
  expect(n).toBe(0);
  await press(page, "Go on");
  await expect.poll(() => n, { timeout: 10_000 }).toBeGreaterThan(0);
});

test.describe("an edge that goes down", () => {
  test.use({ expectedErrors: [[/Failed to load resource/], { option: true }] });

  test("leaves on the screen what was read last, and says of when it is", async ({ page }) => {
    await openMonitor(page);
    await page.route("**/api/v1/**", (route) => route.abort());
    await press(page, "Read anew");
    await expect(page.getByText(/The edge could not be reached\..+ What is shown is of \d\d:\d\d:\d\d UTC\./)).toBeVisible();
    await expect(page.locator(".monitor-old")).toBeVisible();
    await expect(region(page, "Traffic").getByRole("row", { name: /^Answers/ })).toBeVisible();
    await page.unroute("**/api/v1/**");
    await press(page, "Read anew");
    await expect(page.locator(".monitor-old")).toHaveCount(0);
    await press(page, "Forget the token");
    await expect(region(page, "What you will see here")).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});
