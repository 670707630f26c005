// Renders /openapi.json. Text reaches the page as text nodes only; nothing is fetched from elsewhere.
"use strict";

const reading = location.pathname.startsWith("/redoc");

/** An element with properties and children. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** What a reference in the document stands for. */
function resolve(document, schema) {
  let found = schema;
  for (let depth = 0; found?.$ref && depth < 8; depth += 1) {
    found = found.$ref.slice(2).split("/").reduce((value, key) => value?.[key.replaceAll("~1", "/")], document);
  }
  return found ?? {};
}

/** A schema's type in a few words. */
function typeOf(document, schema) {
  const inner = resolve(document, schema);
  const branches = inner.oneOf ?? inner.anyOf;
  if (branches) return branches.map((branch) => typeOf(document, branch)).join(" or ");
  const type = [].concat(inner.type ?? "object").filter((name) => name !== "null").join(" or ");
  if (type === "array") return `list of ${typeOf(document, inner.items ?? {})}`;
  if (inner.enum) return inner.enum.map((value) => JSON.stringify(value)).join(", ");
  const { minimum, maximum } = inner;
  const range = minimum !== undefined && maximum !== undefined ? ` from ${minimum} to ${maximum}` : "";
  const unit = inner["x-unit"] ? ` ${inner["x-unit"]}` : "";
  return `${type}${range}${unit}`;
}

function table(head, rows) {
  const cells = (tag, values) => make("tr", {}, ...values.map((value) => make(tag, {}, value)));
  const body = make("tbody", {}, ...rows.map((row) => cells("td", row)));
  return make("div", { className: "scroll" }, make("table", {}, make("thead", {}, cells("th", head)), body));
}

/** The members of an object's schema, in the order of `required` where that names them. */
function properties(document, schema) {
  const inner = resolve(document, schema);
  const named = Object.entries(inner.properties ?? {});
  const rank = ([name]) => {
    const at = (inner.required ?? []).indexOf(name);
    return at < 0 ? Infinity : at;
  };
  return named.sort((a, b) => rank(a) - rank(b) || 0);
}

function schemaTable(document, schema) {
  const inner = resolve(document, schema);
  const rows = properties(document, schema).map(([name, member]) => {
    const optional = (inner.required ?? []).includes(name) ? "" : " (optional)";
    const description = member.description ?? resolve(document, member).description ?? "";
    return [make("code", {}, name), typeOf(document, member) + optional, description];
  });
  return rows.length ? table(["Member", "Type", "Meaning"], rows) : undefined;
}

/** An empty requirement among the others says that one may also come without. */
function needsToken(item) {
  const ways = item.security ?? [];
  return ways.length > 0 && ways.every((way) => Object.keys(way).length > 0);
}

function operation(document, path, method, item) {
  const title = make(
    "h3",
    { id: item.operationId ?? `${method}${path}` },
    make("span", { className: "method" }, method.toUpperCase()),
    make("code", {}, path),
    needsToken(item) ? make("span", { className: "owner" }, "needs a token") : undefined,
  );
  const parts = [title, make("p", {}, make("strong", {}, `${item.summary ?? ""}. `), item.description ?? "")];
  if (item.parameters?.length) {
    const rows = item.parameters.map((parameter) => [
      make("code", {}, parameter.name),
      parameter.in,
      typeOf(document, parameter.schema ?? {}),
      parameter.description ?? "",
    ]);
    parts.push(make("h4", {}, "Parameters"), table(["Name", "In", "Type", "Meaning"], rows));
  }
  const body = item.requestBody?.content?.["application/json"];
  if (body) {
    parts.push(make("h4", {}, "Body"), schemaTable(document, body.schema));
    if (body.example) parts.push(make("pre", { tabIndex: 0 }, JSON.stringify(body.example, null, 2)));
  }
  const responses = Object.entries(item.responses ?? {});
  parts.push(make("h4", {}, "Answers"));
  parts.push(table(["Status", "Meaning"], responses.map(([status, { description }]) => [status, description])));
  const ok = responses.find(([status]) => status === "200")?.[1].content?.["application/json"];
  if (ok) parts.push(make("h4", {}, "Answer 200"), schemaTable(document, ok.schema));
  return make("article", {}, ...parts);
}

function render(document) {
  const target = window.document.getElementById("operations");
  const groups = new Map((document.tags ?? []).map((tag) => [tag.name, { tag, articles: [] }]));
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, entry] of Object.entries(item)) {
      const name = entry.tags?.[0] ?? "other";
      if (!groups.has(name)) groups.set(name, { tag: { name }, articles: [] });
      groups.get(name).articles.push(operation(document, path, method, entry));
    }
  }
  const sections = [...groups.values()].flatMap(({ tag, articles }) => [
    make("h2", { id: `tag-${tag.name}` }, tag.description ?? tag.name),
    ...articles,
  ]);
  target.replaceChildren(...sections);
  target.setAttribute("aria-busy", "false");
  window.document.getElementById("about").textContent = document.info?.description ?? "";
}

function offerTrial(document) {
  const body = document.paths?.["/predict"]?.post?.requestBody?.content?.["application/json"];
  if (!body || reading) return;
  const form = window.document.getElementById("try-form");
  const command = window.document.getElementById("try-command");
  const answer = window.document.getElementById("try-answer");
  const button = form.querySelector("button");
  const inputs = properties(document, body.schema).map(([name, member]) => {
    const isText = ![member.type].flat().includes("number");
    const inputMode = isText ? "text" : "decimal";
    const input = make("input", { type: "text", inputMode, name, autocomplete: "off" });
    input.value = body.example?.[name] ?? "";
    input.dataset.text = isText;
    form.querySelector(".fields").append(make("label", {}, name, make("small", {}, typeOf(document, member)), input));
    return input;
  });
  // What isn't a number is sent as it is: seeing how the Worker refuses it is part of trying. A
  // category or a date stays a text even if it looks like a number.
  const text = () => {
    const members = inputs.filter((input) => input.value.trim() !== "").map((input) => {
      const value = input.value.trim();
      const number = input.dataset.text !== "true" && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value);
      return `${JSON.stringify(input.name)}: ${number ? value : JSON.stringify(value)}`;
    });
    return `{${members.join(", ")}}`;
  };
  const show = () => {
    const quoted = text().replaceAll("'", "'\\''");
    command.textContent = `curl -s -X POST ${location.origin}/predict \\\n  -H 'content-type: application/json' \\\n  -d '${quoted}'`;
  };
  form.addEventListener("input", show);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      const headers = { "content-type": "application/json" };
      const response = await fetch("/predict", { method: "POST", headers, body: text(), credentials: "omit" });
      answer.className = response.ok ? "" : "refused";
      answer.textContent = `${response.status}\n${JSON.stringify(await response.json(), null, 2)}`;
    } catch (error) {
      answer.className = "refused";
      answer.textContent = `No answer: ${error.message}`;
    } finally {
      button.disabled = false;
    }
  });
  show();
  window.document.getElementById("try").hidden = false;
}

async function main() {
  const target = document.getElementById("operations");
  try {
    const response = await fetch("/openapi.json", { credentials: "omit" });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const description = await response.json();
    render(description);
    offerTrial(description);
  } catch (error) {
    target.replaceChildren(make("p", {}, `The description could not be loaded (${error.message}). Reload the page to try again.`));
    target.setAttribute("aria-busy", "false");
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

main();
