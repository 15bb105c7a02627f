// The app that the adapters' `serve` is tried with, on every runtime: nothing but the contract. Its clean-ups are written
// down by the name that a request gives, and read back at /state.

const events = {};
const note = (id, what) => (events[id] ??= []).push(what);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const block = new Uint8Array(64 * 1024).fill(120);

const plain = (environ, startResponse, status, text) => {
  startResponse(status, [["Content-Type", "text/plain"]]);
  return [text];
};

/** A body that gives `count` chunks, or none until it is cut, and notes how it ended. */
function noted(id, chunks) {
  const inner = chunks();
  return { [Symbol.asyncIterator]: () => inner, close: () => note(id, "close") };
}

export const control = new AbortController();

const routes = {
  "/hello": (environ, startResponse) => plain(environ, startResponse, "200 OK", "hello"),

  "/environ"(environ, startResponse) {
    const shown = {};
    for (const [key, value] of Object.entries(environ)) shown[key] = typeof value === "object" ? typeof value : value;
    shown["tsgi.bindings"] = typeof environ["tsgi.bindings"]?.TSGI_TEST;
    shown["tsgi.native"] = Object.keys(environ["tsgi.native"]).join();
    shown["tsgi.wait_until"] = "tsgi.wait_until" in environ;
    shown["tsgi.signal"] = environ["tsgi.signal"].aborted;
    return plain(environ, startResponse, "200 OK", JSON.stringify(shown));
  },

  "/request": (environ, startResponse) => plain(environ, startResponse, "200 OK", environ["tsgi.request"].url),

  async "/request-body"(environ, startResponse) {
    const { url } = environ["tsgi.request"];
    return plain(environ, startResponse, "200 OK", `${url} ${await environ["tsgi.input"].text()}`);
  },

  async "/slow"(environ, startResponse, query) {
    note("slow", "begun");
    await wait(Number(query.get("ms")));
    return plain(environ, startResponse, "200 OK", "slow");
  },

  async "/echo"(environ, startResponse) {
    const text = await environ["tsgi.input"].text();
    return plain(environ, startResponse, "200 OK", text);
  },

  async "/count"(environ, startResponse) {
    let size = 0;
    for await (const chunk of environ["tsgi.input"]) size += chunk.length;
    return plain(environ, startResponse, "200 OK", String(size));
  },

  // reads the body, one chunk after another, and says so while it goes
  "/pipe"(environ, startResponse) {
    startResponse("200 OK", []);
    return environ["tsgi.input"];
  },

  // answers without a look at the body
  "/ignore": (environ, startResponse) => plain(environ, startResponse, "200 OK", "ignored"),

  async *"/ignore-stream"(environ, startResponse) {
    startResponse("200 OK", []);
    await wait(1);
    yield "ignored ";
    await wait(1);
    yield "stream";
  },

  "/blocks"(environ, startResponse, query) {
    const count = Number(query.get("count"));
    const id = query.get("id");
    startResponse("200 OK", []);
    return noted(id, async function* () {
      try {
        for (let i = 0; i < count; i++) {
          events[`${id}:given`] = i + 1;
          yield block;
        }
      } finally {
        note(id, "return");
      }
    });
  },

  // each phase in which a client can leave
  async "/before"(environ, startResponse, query) {
    const id = query.get("id");
    note(id, "begun");
    environ["tsgi.signal"].addEventListener("abort", () => note(id, "abort"));
    // a startResponse after the client has gone throws why; here it came before
    startResponse("200 OK", []);
    await wait(100);
    return noted(id, async function* () {
      note(id, "pulled");
      yield "late";
    });
  },
  "/first"(environ, startResponse, query) {
    const id = query.get("id");
    environ["tsgi.signal"].addEventListener("abort", () => note(id, "abort"));
    startResponse("200 OK", []);
    return noted(id, async function* () {
      try {
        note(id, "begun");
        await wait(100);
        yield "late";
      } finally {
        note(id, "return");
      }
    });
  },
  "/never"(environ, startResponse, query) {
    const id = query.get("id");
    environ["tsgi.signal"].addEventListener("abort", () => note(id, "abort"));
    startResponse("200 OK", []);
    return noted(id, async function* () {
      note(id, "begun");
      await new Promise(() => {});
      yield "never";
    });
  },
  "/middle"(environ, startResponse, query) {
    const id = query.get("id");
    environ["tsgi.signal"].addEventListener("abort", () => note(id, "abort"));
    startResponse("200 OK", []);
    return noted(id, async function* () {
      try {
        for (;;) {
          yield "tick\n";
          await wait(5);
          if (!events[id]?.includes("begun")) note(id, "begun");
        }
      } finally {
        note(id, "return");
      }
    });
  },
  async "/reading"(environ, startResponse, query) {
    const id = query.get("id");
    environ["tsgi.signal"].addEventListener("abort", () => note(id, "abort"));
    note(id, "begun");
    try {
      await environ["tsgi.input"].text();
      note(id, "whole");
    } catch (error) {
      note(id, error.name);
      // the disconnect may be told a little later than the error of the body
      await wait(50);
      throw error;
    }
    return plain(environ, startResponse, "200 OK", "read");
  },

  "/state": (environ, startResponse) => plain(environ, startResponse, "200 OK", JSON.stringify(events)),

  "/abort"(environ, startResponse) {
    setTimeout(() => control.abort(), 10);
    return plain(environ, startResponse, "200 OK", "aborting");
  },

  "/memory": (environ, startResponse) =>
    plain(environ, startResponse, "200 OK", String(globalThis.process.memoryUsage().rss)),

  "/throw"() {
    throw new Error("thrown inside");
  },
};

export const app = Object.assign(
  (environ, startResponse) => {
    const route = routes[environ.PATH_INFO];
    if (route === undefined) return plain(environ, startResponse, "404 Not Found", "not found");
    return route(environ, startResponse, new URLSearchParams(environ.QUERY_STRING));
  },
  {
    async [Symbol.asyncDispose]() {
      await wait(5);
      say({ disposed: true });
    },
  },
);

/** One line to whoever started this process. */
export function say(message) {
  console.log(JSON.stringify(message));
}

/** Serves by the options in the first argument; closes, twice, when asked by a signal of the process. */
export async function run(serve) {
  const { argv, exit, on } = globalThis.process;
  const options = JSON.parse(argv[2]);
  if (options.signal === true) options.signal = control.signal;
  if (options.errorLog === true) options.errorLog = { write: (text) => say({ log: text }), flush() {} };
  let server;
  try {
    server = await serve(app, options);
  } catch (error) {
    say({ error: error.name, code: error.code, message: error.message });
    exit(1);
  }
  const end = async () => {
    const first = server.close();
    await Promise.all([first, server.close(), server[Symbol.asyncDispose]()]);
    say({ closed: true });
  };
  on.call(globalThis.process, "SIGTERM", () => void end());
  control.signal.addEventListener("abort", () => void end());
  say({ url: server.url, address: server.address });
}
