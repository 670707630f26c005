// The site as a browser meets it over time: it is updated, and it goes away. It stands in front of the Worker that the
// tests run, so that browser and service worker see nothing but what they see of a real one.
import { readdirSync, readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";

const dist = join(import.meta.dirname, "../../dist");
const FILES = readdirSync(dist);
const VERSION = /name="version" content="(\w+)"/.exec(readFileSync(join(dist, "index.html"), "utf8"))[1];
/** What changes with each version: the version itself, and the hash in the name of each file of the program. */
const HASHES = [VERSION, ...new Set(FILES.flatMap((name) => name.match(/[0-9a-f]{16}/g) ?? []))];
const HASH = new RegExp(HASHES.join("|"), "g");
const TEXT = /^(text\/(html|javascript|plain)|application\/javascript)/;

/** Absolute addresses of the files that belong to the page. */
export const FILES_OF_THE_PAGE = FILES.filter((name) => !["_headers", "api.json", "index.html", "robots.txt", "sw.js"].includes(name))
  .map((name) => `/${name}`)
  .sort();

/** `hash` in the version that comes `updates` after the built one. */
const renamed = (hash, updates) => hash.slice(updates) + hash.slice(0, updates);

export class Site {
  /** How often the site was updated: each time every file has another name, and the old names are gone. */
  updates = 0;
  /** Texts that are served instead of what is built, by path. */
  instead = {};
  /** Paths that were asked for. */
  asked = [];

  constructor(worker) {
    this.worker = new URL(worker);
    this.server = createServer((asked, answer) => this.#answer(asked, answer));
  }

  /** Starts to listen, at first on a port of its own choice. */
  async start() {
    await new Promise((resolve) => this.server.listen(this.port ?? 0, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    this.origin = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async stop() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** The version that the site has now. */
  get version() {
    return renamed(VERSION, this.updates);
  }

  #answer(asked, answer) {
    const path = asked.url.split("?")[0];
    this.asked.push(path);
    if (path in this.instead) {
      answer.writeHead(200, { "content-type": "text/javascript", "cache-control": "no-cache" }).end(this.instead[path]);
      return;
    }
    const { host, "accept-encoding": _, "if-none-match": __, ...headers } = asked.headers;
    const options = { method: asked.method, headers, host: this.worker.hostname, port: this.worker.port, path: this.#built(asked.url) };
    const forwarded = request(options, (reply) => {
      const { etag, "content-length": length, "transfer-encoding": ___, ...told } = reply.headers;
      answer.writeHead(reply.statusCode, told);
      if (!TEXT.test(told["content-type"] ?? "")) return reply.pipe(answer);
      const parts = [];
      reply.on("data", (part) => parts.push(part));
      reply.on("end", () => {
        const text = Buffer.concat(parts).toString("utf8");
        answer.end(text.replace(HASH, (hash) => renamed(hash, this.updates)));
      });
    });
    forwarded.on("error", () => answer.destroy());
    asked.pipe(forwarded);
  }

  /** What a file is called that is asked for by the name that it has by now; one that was built if there is none. */
  #built(url) {
    if (!url.startsWith("/app-")) return url;
    const hash = HASHES.find((hash) => url.includes(renamed(hash, this.updates)));
    return hash ? url.replace(renamed(hash, this.updates), hash) : "/app-0000000000000000.js";
  }
}
