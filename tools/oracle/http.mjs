// The requests of the HTTP cases, asked of an app in memory, and how a result is compared. Nothing here is Node's: a
// compiled app is asked in a Worker.

const BASE = {
  REQUEST_METHOD: "GET",
  SCRIPT_NAME: "",
  PATH_INFO: "/",
  QUERY_STRING: "",
  SERVER_NAME: "localhost",
  SERVER_PORT: "80",
  HTTP_HOST: "localhost",
  SERVER_PROTOCOL: "HTTP/1.1",
  "wsgi.url_scheme": "http",
};

/** One request of a case, answered in memory. */
export async function respond(core, app, { environ: changes, input = "" }) {
  const environ = { "tsgi.errors": { write() {}, flush() {} }, "tsgi.input": inputOf(input) };
  for (const [key, value] of Object.entries({ ...BASE, ...changes }))
    if (value !== null) environ[key.replace(/^wsgi\./, "tsgi.")] = value;
  core.setupTestingDefaults(environ);
  // what a case takes away, the defaults must not bring back
  for (const [key, value] of Object.entries(changes ?? {})) if (value === null) delete environ[key];
  try {
    const { status, headers, body } = await core.call(app, environ);
    let text = "";
    for await (const chunk of body) text += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
    return type === "application/x-fixture+json" ? { status, ...JSON.parse(text) } : { status, answered_by: null };
  } catch (error) {
    return { error: errorOf(error) };
  }
}

/** A request's body: one character a byte. */
function inputOf(text) {
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  let at = 0;
  return {
    async read(size) {
      const part = bytes.slice(at, at + size);
      at += part.length;
      return part;
    },
    async *[Symbol.asyncIterator]() {
      if (at < bytes.length) yield bytes.slice(at);
      at = bytes.length;
    },
  };
}

/** What a failure is, for comparison: its category, and the text that must mention something. */
export function errorOf(error) {
  if (typeof error?.category === "string") return { category: error.category, message: error.message };
  // an HTTP exception of an app
  if (typeof error?.status === "number") return { category: "other", message: error.message };
  return { category: error instanceof TypeError ? "type" : "value", message: String(error?.message) };
}

/**
 * Whether a result is the original's.
 *
 * @returns what differs, or "" when nothing does
 */
export function difference(op, want, got) {
  if ("error" in want !== "error" in got) return `${JSON.stringify(got)}; wanted: ${JSON.stringify(want)}`;
  if ("error" in want) {
    const missing = (op.mentions ?? []).filter((text) => !got.error.message.includes(text));
    if (want.error.category !== got.error.category)
      return `${got.error.category} (${got.error.message}); wanted: ${want.error.category}`;
    return missing.length === 0 ? "" : `${JSON.stringify(got.error.message)} does not mention ${missing.join(", ")}`;
  }
  const [a, b] = [want, got].map((result) => JSON.stringify(canonical(result)));
  return a === b ? "" : `${b}; wanted: ${a}`;
}

/** The order of keys says nothing; an exception's text in a response is its own. */
function canonical(value) {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.category === "string") return { category: value.category };
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
}
