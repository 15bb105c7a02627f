// Validator cases: a misbehaving application and server, with the validator between them.
import { collectGarbage } from "./garbage.mjs";
import { appOf, validatedBody } from "./steps.mjs";
import { bytesOf, isKind, keyOf, UnknownConstruct, valueOf } from "./values.mjs";

/** Runs a case; gives `{ verdict, detail }`. */
export async function runValidate(core, test) {
  const written = [];
  const log = [];
  const app = core.validator(appOf(test, log, { bodyOf: validatedBody }));
  const environ = environOf(test, written);
  const server = test.server ?? {};
  try {
    await serve(app, environ, server);
  } catch (error) {
    // what is not there at all the engine refuses itself
    if (!(error instanceof core.ValidationError) && !/is not a function/.test(error.message)) throw error;
    return { verdict: "refuse", detail: error.message };
  }
  if (server.close === false) {
    await collectGarbage();
    const report = written.find((line) => line.includes("dropped without close()"));
    if (report !== undefined) return { verdict: "refuse", detail: report.trim() };
  } else if (isKind(test.returns, "closable") && log.length !== 1)
    return { verdict: `close() called ${log.length} times`, detail: "" };
  const warning = written.find((line) => line.startsWith("tsgi validator"));
  return warning === undefined ? { verdict: "accept", detail: "" } : { verdict: "warn", detail: warning.trim() };
}

/** What a server does with an application, well or as badly as the case says. */
async function serve(app, environ, server) {
  let sent = false;
  const write = () => {
    sent = true;
  };
  const start = (_status, _headers, error) => {
    if (sent && error !== undefined && error !== null) throw error;
    return write;
  };
  const body = await call(app, environ, start, server.call);
  const asynchronous = typeof body[Symbol.asyncIterator] === "function";
  const iterator = asynchronous ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
  let step;
  for (let count = 0; step?.done !== true && count < (server.read ?? Infinity); count++) {
    step = await iterator.next();
    sent = true;
  }
  if (server.close === false) return;
  if (step?.done !== true) await iterator.return?.();
  await body.close?.();
  if (server.read_after_close === true) await iterator.next();
}

function call(app, environ, start, how) {
  switch (how) {
    case undefined:
      return app(environ, start);
    // keyword arguments are an options object in JavaScript
    case "keyword":
      return app({ environ, start_response: start });
    case "no arguments":
      return app();
    case "one argument":
      return app(environ);
    case "three arguments":
    case "extra keyword":
      return app(environ, start, {});
    default:
      throw new UnknownConstruct(`server.call ${how}`);
  }
}

/** A correct environ, changed as the case says. */
function environOf(test, written) {
  const environ = {
    REQUEST_METHOD: "GET",
    SCRIPT_NAME: "",
    PATH_INFO: "/",
    QUERY_STRING: "",
    REQUEST_URI: "/",
    SERVER_NAME: "localhost",
    SERVER_PORT: "80",
    SERVER_PROTOCOL: "HTTP/1.1",
    HTTP_HOST: "localhost",
    "tsgi.version": [1, 0],
    "tsgi.url_scheme": "http",
    "tsgi.input": inputOf({}),
    "tsgi.errors": errorsOf({}, written),
    "tsgi.multithread": false,
    "tsgi.multiprocess": false,
    "tsgi.run_once": false,
  };
  for (const [name, given] of Object.entries(test.environ ?? {})) {
    const key = keyOf(name);
    if (isKind(given, "missing")) delete environ[key];
    else if (!isKind(given, "stream")) environ[key] = valueOf(given);
    else environ[key] = key === "tsgi.errors" ? errorsOf(given.stream, written) : inputOf(given.stream);
  }
  switch (test.environ_type) {
    case undefined:
      return environ;
    case "pairs":
      return Object.entries(environ);
    case "dict_subclass":
      return Object.assign(Object.create({}), environ);
    default:
      throw new UnknownConstruct(`environ_type ${test.environ_type}`);
  }
}

/**
 * An input that has more than the contract promises, as a server's may: the validator has to stop an application that uses
 * the rest.
 */
function inputOf({ data = "", omit = [], returns = "bytes", ...unknown }) {
  refuseUnknown(unknown);
  const give = (text) => (returns === "str" ? text : bytesOf(text));
  let rest = data;
  const take = (size) => {
    const taken = rest.slice(0, size);
    rest = rest.slice(taken.length);
    return give(taken);
  };
  const lines = () => {
    const all = rest.match(/[^\n]*\n|[^\n]+/g) ?? [];
    rest = "";
    return all.map(give);
  };
  const input = {
    read: async (size) => take(size),
    bytes: async () => take(rest.length),
    text: async () => take(rest.length),
    json: async () => JSON.parse(rest),
    formData: async () => new FormData(),
    stream: () => new ReadableStream(),
    readline: async () => take(rest.indexOf("\n") + 1 || rest.length),
    readlines: async () => lines(),
    async *[Symbol.asyncIterator]() {
      yield* lines();
    },
    close() {},
  };
  for (const name of omit) delete input[name === "__iter__" ? Symbol.asyncIterator : name];
  return input;
}

function errorsOf({ omit = [], ...unknown }, written) {
  refuseUnknown(unknown);
  const errors = {
    write: (text) => void written.push(text),
    flush() {},
    writelines: (lines) => void written.push(...lines),
    close() {},
  };
  for (const name of omit) delete errors[name];
  return errors;
}

function refuseUnknown(unknown) {
  const [key] = Object.keys(unknown);
  if (key !== undefined) throw new UnknownConstruct(`a stream with ${key}`);
}
