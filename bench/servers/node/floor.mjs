// What the contract alone costs on node:http: see ../floor.mjs.
import { once } from "node:events";
import { createServer } from "node:http";
import { option, ready, workload } from "../process.mjs";
import { APPS } from "../tsgi-apps.mjs";

const FIELDS = { HTTP_ACCEPT_LANGUAGE: "accept-language", HTTP_COOKIE: "cookie", HTTP_USER_AGENT: "user-agent" };

class Exchange {
  constructor(req, res) {
    this.req = req;
    this.res = res;
  }

  start = (status, list) => {
    this.status = Number(status.slice(0, 3));
    this.fields = list.flat();
    return () => {
      throw new Error("the floor has no write");
    };
  };

  read(key) {
    const { url, method, headers } = this.req;
    const mark = url.indexOf("?");
    switch (key) {
      case "REQUEST_METHOD":
        return method;
      case "PATH_INFO":
        return mark < 0 ? url : url.slice(0, mark);
      case "QUERY_STRING":
        return mark < 0 ? "" : url.slice(mark + 1);
      case "tsgi.input":
        return this;
      case "tsgi.signal":
        return this.signal;
      default:
        return headers[FIELDS[key]];
    }
  }

  json() {
    return new Promise((resolve) => {
      const parts = [];
      this.req.on("data", (part) => parts.push(part));
      this.req.on("end", () => resolve(JSON.parse(Buffer.concat(parts).toString())));
    });
  }

  [Symbol.asyncIterator]() {
    return this.req[Symbol.asyncIterator]();
  }

  get signal() {
    const gone = new AbortController();
    this.res.on("close", () => gone.abort());
    return gone.signal;
  }

  async stream(body) {
    const { res } = this;
    for await (const chunk of body) {
      if (!res.headersSent) res.writeHead(this.status, this.fields);
      if (!res.write(chunk)) await once(res, "drain");
    }
    res.end();
  }

  answer(body) {
    if (!Array.isArray(body)) return void this.stream(body);
    const [text] = body;
    this.fields.push("content-length", String(Buffer.byteLength(text)));
    this.res.writeHead(this.status, this.fields);
    this.res.end(text);
  }
}

const traps = { get: (exchange, key) => exchange.read(key) };
const app = APPS[workload](option);
const server = createServer((req, res) => {
  const exchange = new Exchange(req, res);
  const body = app(new Proxy(exchange, traps), exchange.start);
  // the load generator leaves in the midst of a body
  if (typeof body.then === "function") void body.then((late) => exchange.answer(late)).catch(() => res.destroy());
  else exchange.answer(body);
}).listen(0, "127.0.0.1", () => ready(server.address().port));
