// Handler cases: an application run once by the real response machine, `handle(app, source, sink)`, with both ends in
// memory. The sink plays the runtime: it writes the status line and completes it, adds Date as node:http, Bun and Deno do, and works out
// the length of a chunk that is handed over whole.
import { STATUS_CODES } from "node:http";
import { nextOf } from "@tsgi/core/adapter";
import { appOf, handledBody } from "./steps.mjs";
import { textOf } from "./values.mjs";

/** Runs a case; gives what the client saw, what the application logged and what the error log has. */
export async function runHandler(core, test) {
  const log = [];
  const errors = [];
  const sink = new MemorySink(test);
  const app = appOf(test, log, { bodyOf: handledBody, textIsBytes: true });
  await core.handle(app, sourceOf(core, test, errors), sink);
  return {
    head: sink.lines,
    body: sink.body,
    log,
    errors: errors.join(""),
    broken: sink.broken,
  };
}

function sourceOf(core, test, errors) {
  const { REQUEST_METHOD = "GET", SERVER_PROTOCOL = "HTTP/1.0", PATH_INFO = "/", QUERY_STRING = "", ...extra } = test.environ ?? {};
  return {
    method: REQUEST_METHOD,
    target: QUERY_STRING === "" ? PATH_INFO : `${PATH_INFO}?${QUERY_STRING}`,
    protocol: SERVER_PROTOCOL,
    scheme: "http",
    serverName: "localhost",
    serverPort: "80",
    serverSoftware: test.server_software,
    runtime: "oracle",
    native: {},
    limits: core.DEFAULT_LIMITS,
    errors: { write: (text) => void errors.push(text), flush() {} },
    extra,
    header: () => undefined,
    headerNames: () => [],
    payload: () => null,
    onDisconnect() {},
    request: (parts) => new Request(parts.url),
    fileWrapper: (file, size) => new core.FileWrapper(file, size),
    // as every adapter does: HTTP/0.9 has no head that an answer could begin with
    refuse: () => (/^HTTP\/1\.[01]$/.test(SERVER_PROTOCOL) ? undefined : { status: 505, why: SERVER_PROTOCOL }),
  };
}

class MemorySink {
  lines = null;
  body = "";
  broken = false;
  #cgi;

  constructor(test) {
    this.#cgi = test.gateway === "cgi";
  }

  send(head, chunk) {
    const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
    const whole = bytes !== null && (!head.bodiless || (bytes.length > 0 && head.code !== 204 && head.code !== 304));
    this.#begin(head, head.length < 0 && whole ? bytes.length : head.length);
    if (bytes !== null && !head.bodiless) this.body += textOf(bytes);
  }

  stream(head, chunks) {
    this.#begin(head, head.length);
    void this.#pump(chunks);
  }

  abort() {
    this.broken = true;
  }

  async #pump(chunks) {
    try {
      for (let chunk = await nextOf(chunks); chunk !== null; chunk = await nextOf(chunks)) this.body += textOf(chunk);
    } catch {
      this.broken = true;
    }
  }

  #begin({ code, reason, fields }, length) {
    const status = `${code} ${reason || STATUS_CODES[code]}`;
    this.lines = [this.#cgi ? `Status: ${status}` : `HTTP/1.0 ${status}`];
    let dated = this.#cgi;
    for (let i = 0; i < fields.length; i += 2) {
      this.lines.push(`${fields[i]}: ${fields[i + 1]}`);
      if (fields[i].toLowerCase() === "date") dated = true;
    }
    if (!dated) this.lines.push("Date: {date}");
    if (length >= 0) this.lines.push(`Content-Length: ${length}`);
  }
}

/** What the case says the client saw, in the same form. */
export function expectedOf(test) {
  const { head, body, log, error_logged: logged, raised_to_server: raised } = test.expect;
  return { head, body, log, logged: logged !== undefined || raised !== undefined, cause: causeOf(test, logged) };
}

/** The text of the application's own error, which every log must show; what a server finds wrong it words itself. */
function causeOf(test, logged) {
  const text = /^(?:ValueError|RuntimeError): (.*)$/.exec(logged ?? "")?.[1];
  return text !== undefined && JSON.stringify([test.app, test.returns]).includes(JSON.stringify(text)) ? text : undefined;
}

/** Compares; the order of different fields says nothing (RFC 9110 5.3), nor does the class of an error. */
export function sameAnswer(want, got) {
  const wrong = [];
  if (canonical(want.head) !== canonical(got.head)) wrong.push(`head ${JSON.stringify(got.head)}`);
  if (want.body !== got.body) wrong.push(`body ${JSON.stringify(got.body)}`);
  if (caught(want.log) !== caught(got.log)) wrong.push(`log ${JSON.stringify(got.log)}`);
  if (want.logged !== (got.errors !== "")) wrong.push(`error log ${JSON.stringify(got.errors.split("\n")[0])}`);
  if (want.cause !== undefined && !got.errors.includes(want.cause)) wrong.push(`no ${want.cause} in the error log`);
  if (want.broken !== undefined && want.broken !== got.broken) wrong.push(`broken ${got.broken}`);
  return wrong;
}

function canonical(head) {
  if (head === null) return "no head";
  const [status, ...fields] = head;
  // a stable sort: fields of one name keep their order
  return JSON.stringify([status, ...fields.toSorted(byName)]);
}

function byName(a, b) {
  const [one, two] = [a, b].map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
  return one < two ? -1 : one > two ? 1 : 0;
}

const caught = (log) => JSON.stringify(log.map((entry) => entry.replace(/^caught .*/, "caught")));

