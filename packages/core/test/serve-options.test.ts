import { describe, expect, it } from "vitest";
import type { App } from "../src/contract.ts";
import { closing, parseListen, refuseUnknown, urlOf, type ServeOptions } from "../src/serve-options.ts";

describe("where to listen", () => {
  it.each<[ServeOptions, unknown, string]>([
    [{}, { kind: "tcp", host: "127.0.0.1", port: 8080 }, "http://127.0.0.1:8080"],
    [{ port: 0 }, { kind: "tcp", host: "127.0.0.1", port: 0 }, "http://127.0.0.1:0"],
    [{ host: "::1", port: 80 }, { kind: "tcp", host: "::1", port: 80 }, "http://[::1]:80"],
    [{ listen: "localhost:81" }, { kind: "tcp", host: "localhost", port: 81 }, "http://localhost:81"],
    [{ listen: "[::1]:82" }, { kind: "tcp", host: "::1", port: 82 }, "http://[::1]:82"],
    [{ listen: "*:83" }, { kind: "tcp", host: "0.0.0.0", port: 83 }, "http://0.0.0.0:83"],
    [{ listen: "unix:/run/a b.sock" }, { kind: "unix", path: "/run/a b.sock" }, "http+unix://%2Frun%2Fa%20b.sock"],
    [{ listen: "fd:3" }, { kind: "fd", fd: 3 }, "http+fd://3"],
  ])("%j", (options, address, url) => {
    expect(parseListen(options)).toEqual(address);
    expect(urlOf(parseListen(options), false)).toBe(url);
    expect(urlOf(parseListen(options), true)).toBe(url.replace("http", "https"));
  });

  it.each([
    "8080",
    "::1:80",
    "[::1]",
    "host",
    "host:",
    "host:port",
    "host:65536",
    "unix:",
    "fd:",
    "fd:x",
    "a/b:80",
    "",
    "a:1\n",
  ])("listen %j is none of the forms", (listen) => {
    expect(() => parseListen({ listen })).toThrow('is none of "host:port", "[ipv6]:port", "unix:/path", "fd:3"');
  });

  // Incident: Bun and Deno listened, and their url was no URL; Node looked for a machine of that name.
  it("an IPv6 address of host may have its brackets", () => {
    expect(parseListen({ host: "[::1]", port: 1 })).toEqual({ kind: "tcp", host: "::1", port: 1 });
    expect(parseListen({ host: "*", port: 1 })).toEqual({ kind: "tcp", host: "0.0.0.0", port: 1 });
  });

  // Incident: Node 20 cut the path and listened there, where no proxy looks for it; its url had the whole.
  it("the path of a unix socket is not longer than the system takes", () => {
    expect(parseListen({ listen: `unix:/${"x".repeat(106)}` })).toMatchObject({ kind: "unix" });
    for (const path of [`/${"x".repeat(107)}`, `/${"\u00e9".repeat(54)}`])
      expect(() => parseListen({ listen: `unix:${path}` })).toThrow(/has 10[89] bytes of path, and .* at most 107$/);
  });

  it.each([-1, 65536, 1.5, NaN, "8080"])("port %s is none", (port) => {
    expect(() => parseListen({ port: port as number })).toThrow(
      `serve: port ${String(port)} is not a whole number from 0 to 65535`,
    );
  });

  it("listen beside host or port is a contradiction", () => {
    expect(() => parseListen({ listen: "a:1", port: 2 })).toThrow("give either listen or host and port");
    expect(() => parseListen({ listen: "a:1", host: "b" })).toThrow("give either listen or host and port");
  });
});

describe("options", () => {
  const pem = "-----BEGIN X-----";

  it("known ones pass, and so does an unknown one that is undefined", () => {
    const signal = new AbortController().signal;
    refuseUnknown({ host: "h", port: 1, signal, grace: 0, tls: { cert: pem, key: pem } }, "Here");
    expect(() => refuseUnknown({ workers: undefined } as ServeOptions, "Here")).not.toThrow();
    expect(() => refuseUnknown({ grace: Infinity }, "Here")).not.toThrow();
  });

  it("a runtime that cannot honour all of them says which it can", () => {
    expect(() => refuseUnknown({ port: 1 }, "Here", ["port", "signal"])).not.toThrow();
    expect(() => refuseUnknown({ grace: 1 }, "Here", ["port", "signal"])).toThrow(
      'serve: option "grace" is unknown on Here; known are port, signal',
    );
  });

  it.each([
    [{ prot: 80 }, 'serve: option "prot" is unknown on Here; known are host, port,'],
    [{ "a\nb": 1 }, 'serve: option "a\\nb" is unknown'],
    [{ host: "" }, "serve: host is not a name or an address"],
    [{ host: 5 }, "serve: host is not"],
    [{ listen: 8080 }, "serve: listen is not a string"],
    [{ grace: -1 }, "serve: grace is not a number of milliseconds"],
    [{ grace: "30s" }, "serve: grace is not a number of milliseconds"],
    [{ grace: NaN }, "serve: grace is not"],
    [{ signal: {} }, "serve: signal is not an AbortSignal"],
    [{ tls: true }, "serve: tls is not { cert, key }"],
    [{ tls: { cert: pem } }, "serve: tls.key is not text in PEM"],
    [{ tls: { cert: "/etc/cert.pem", key: pem } }, "serve: tls.cert is not text in PEM"],
    [{ tls: { cert: pem, key: pem, ca: pem } }, "serve: tls.ca is not known; known are cert and key"],
  ])("%j is refused by name", (options, message) => {
    expect(() => refuseUnknown(options as ServeOptions, "Here")).toThrow(message);
    expect(() => refuseUnknown(options as ServeOptions, "Here")).toThrow(TypeError);
  });
});

describe("the end of a server", () => {
  const make = (
    finishAfter: number,
    options: ServeOptions = {},
    inFlight = 3,
  ): { log: string[]; server: ReturnType<typeof closing> } => {
    const log: string[] = [];
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const app: App = Object.assign((() => []) as App, { [Symbol.asyncDispose]: async () => void log.push("disposed") });
    const server = closing(
      app,
      { errorLog: { write: (text) => void log.push(text), flush() {} }, ...options },
      {
        finish() {
          log.push("finish");
          if (finishAfter < Infinity) setTimeout(finish, finishAfter);
          return finished;
        },
        cut() {
          log.push("cut");
          finish();
          return inFlight;
        },
      },
    );
    return { log, server };
  };

  it("waits for what is in flight, then disposes of the app", async () => {
    const { log, server } = make(5);
    await server.close();
    expect(log).toEqual(["finish", "disposed"]);
  });

  it("is one end, however often it is asked for, by whatever name", async () => {
    const { log, server } = make(5);
    await Promise.all([server.close(), server.close(), server[Symbol.asyncDispose]()]);
    await server.close();
    expect(log).toEqual(["finish", "disposed"]);
  });

  it("cuts what is left after the grace period, and says how many", async () => {
    const { log, server } = make(Infinity, { grace: 10 });
    await server.close();
    expect(log).toEqual(["finish", "cut", "tsgi: 3 requests were cut after a grace period of 10 ms\n", "disposed"]);
    const one = make(Infinity, { grace: 0 }, 1);
    await one.server.close();
    expect(one.log[2]).toBe("tsgi: 1 request was cut after a grace period of 0 ms\n");
    const none = make(Infinity, { grace: 0 }, 0);
    await none.server.close();
    expect(none.log).toEqual(["finish", "cut", "disposed"]);
  });

  // Incident: close() failed with the log's error, and disposed of the app before the last request had gone.
  it("a log that throws breaks no end", async () => {
    const log: string[] = [];
    const app: App = Object.assign((() => []) as App, { [Symbol.asyncDispose]: async () => void log.push("disposed") });
    const broken = (): never => {
      throw new Error("the disk is full");
    };
    let gone = (): void => {};
    const finished = new Promise<void>((resolve) => (gone = resolve)).then(() => log.push("finished"));
    const end = { finish: () => finished, cut: () => (setTimeout(gone, 5), 1) };
    await closing(app, { grace: 0, errorLog: { write: broken, flush: broken } }, end).close();
    expect(log).toEqual(["finished", "disposed"]);
  });

  // Incident: an app that was still being made, and never came, held close() up without end.
  it("an app that has not come is waited for within the grace period, and disposed of when it comes later", async () => {
    const log: string[] = [];
    const app: App = Object.assign((() => []) as App, { [Symbol.asyncDispose]: async () => void log.push("disposed") });
    const end = { finish: () => Promise.resolve(), cut: () => 0 };
    let make: ((app: App) => void) | undefined;
    const late = new Promise<App>((resolve) => (make = resolve));
    await closing(late, { grace: 10 }, end).close();
    expect(log).toEqual([]);
    make?.(app);
    await expect.poll(() => log).toEqual(["disposed"]);
    const soon = Object.assign((() => []) as App, app, { [Symbol.asyncDispose]: async () => void log.push("soon") });
    await closing(new Promise<App>((resolve) => setTimeout(resolve, 5, soon)), {}, end).close();
    expect(log).toEqual(["disposed", "soon"]);
    await closing(Promise.reject(new Error("not made")), {}, end).close();
  });

  it("an endless grace period is one", async () => {
    const { log, server } = make(30, { grace: Infinity });
    await server.close();
    expect(log).toEqual(["finish", "disposed"]);
  });

  it("begins when the signal aborts, or has aborted already", async () => {
    const control = new AbortController();
    const { log, server } = make(5, { signal: control.signal });
    expect(log).toEqual([]);
    control.abort();
    await server.close();
    expect(log).toEqual(["finish", "disposed"]);
    const late = make(5, { signal: AbortSignal.abort() });
    expect(late.log).toEqual(["finish"]);
    await late.server.close();
  });

  it("an error of the end by signal is logged, there being nobody to tell; the app is disposed of all the same", async () => {
    const log: string[] = [];
    const control = new AbortController();
    const app: App = Object.assign((() => []) as App, { [Symbol.asyncDispose]: async () => void log.push("disposed") });
    closing(
      app,
      { signal: control.signal, errorLog: { write: (text) => void log.push(text), flush() {} } },
      { finish: () => Promise.reject(new Error("cannot finish")), cut: () => 0 },
    );
    control.abort();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(log[0]).toBe("disposed");
    expect(log[1]).toContain("cannot finish");
  });
});
