import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "@tsgi/core";
import type { ServedRunner } from "@tsgi/core/settings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as gunicorn from "../../src/builtin/gunicorn.ts";
import * as pasteHttp from "../../src/builtin/paste-http.ts";
import { factory as server } from "../../src/builtin/server.ts";
import { factory as translogger } from "../../src/builtin/translogger.ts";
import type { Strings } from "../../src/builtin/types.ts";
import * as waitress from "../../src/builtin/waitress.ts";
import * as wsgiref from "../../src/builtin/wsgiref.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tsgi-servers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const app: App = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [`${environ["tsgi.url_scheme"]} ${environ.SCRIPT_NAME}|${environ.PATH_INFO}`];
};

type Factory = (globalConf: Strings, localConf: Strings) => Promise<unknown>;

const made = async (factory: Factory, conf: Strings): Promise<ServedRunner> =>
  (await factory({}, conf)) as ServedRunner;
const settingsOf = async (factory: Factory, conf: Strings): Promise<object> => {
  const { settings } = await made(factory, conf);
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
};
const ask = async (runner: ServedRunner, path = "/x"): Promise<string> => {
  const running = await runner(app, { port: 0, host: "127.0.0.1" });
  try {
    return await (await fetch(running.url + path)).text();
  } finally {
    await running.close();
  }
};

describe("use = tsgi", () => {
  test("serves with the server of the runtime that runs", async () => {
    expect(await ask(await made(server, {}))).toBe("http |/x");
  });

  test("refuses a setting that is unknown, with the nearest name, and a value that is none", async () => {
    await expect(made(server, { prot: "8080" })).rejects.toThrow(
      /"prot": unknown setting 'prot' \(did you mean 'port'\?\); known are host, port/,
    );
    await expect(made(server, { port: "many", grace: "30" })).rejects.toThrow(
      "\"port\": Bad integer value: 'many'; \"grace\": Bad duration: '30' has no unit",
    );
  });

  test("names a relative access log from the folder of the file", async () => {
    const runner = (await server(
      { here: folder },
      { access_log: "access.log", access_log_format: "%m %U %>s" },
    )) as ServedRunner;
    await ask(runner, "/seen");
    expect(await readFile(join(folder, "access.log"), "utf8")).toBe("GET /seen 200\n");
  });
});

describe("egg:waitress#main", () => {
  test("listens where waitress does", async () => {
    expect(await settingsOf(waitress.factory, {})).toEqual({ host: "0.0.0.0", port: 8080 });
    expect(await settingsOf(waitress.factory, { listen: "localhost:6543" })).toEqual({ listen: ["localhost:6543"] });
    expect(await settingsOf(waitress.factory, { listen: "127.0.0.1 [::1]:80" })).toEqual({
      listen: ["127.0.0.1:8080", "[::1]:80"],
    });
    expect(await settingsOf(waitress.factory, { unix_socket: "/run/a.sock" })).toEqual({
      listen: ["unix:/run/a.sock"],
    });
  });

  test("its limits and its trust are ours by another name, and ours may stand beside them", async () => {
    const conf = {
      max_request_body_size: "1000",
      max_request_header_size: "2000",
      trusted_proxy: "10.0.0.1",
      grace: "5s",
    };
    expect(await settingsOf(waitress.factory, conf)).toMatchObject({
      body_limit: 1000,
      header_limit: 2000,
      trusted_proxy: ["10.0.0.1"],
      grace: 5000,
    });
  });

  test("url_scheme and url_prefix are said to the app", async () => {
    const runner = await made(waitress.factory, { url_scheme: "https", url_prefix: "wiki/" });
    expect(await ask(runner, "/wiki/Start")).toBe("https /wiki|/Start");
  });

  test("what has no counterpart is accepted, and said; what is unknown is refused", async () => {
    const conf = { threads: "8", ipv6: "false", port: "1" };
    expect(await settingsOf(waitress.factory, conf)).toMatchObject({ port: 1 });
    expect(waitress.warnings(conf)).toEqual([
      { key: "threads", message: expect.stringContaining("threads has no effect here: one event loop") as string },
      { key: "ipv6", message: expect.stringContaining("ipv6 has no effect here") as string },
    ]);
    await expect(made(waitress.factory, { thread: "8" })).rejects.toThrow(
      "unknown setting 'thread' (did you mean 'threads'?)",
    );
  });

  test("a bad value is told of the setting that the file has", async () => {
    await expect(made(waitress.factory, { max_request_body_size: "big" })).rejects.toMatchObject({
      issues: [{ key: "max_request_body_size", message: expect.stringContaining("Bad size: 'big'") as string }],
    });
  });
});

describe("egg:Paste#http", () => {
  test("host may have its port", async () => {
    expect(await settingsOf(pasteHttp.factory, {})).toEqual({ host: "127.0.0.1", port: 8080 });
    expect(await settingsOf(pasteHttp.factory, { host: "0.0.0.0:5000" })).toEqual({ host: "0.0.0.0", port: 5000 });
    expect(await settingsOf(pasteHttp.factory, { host: "[::1]", port: "80" })).toEqual({ host: "::1", port: 80 });
  });

  test("ssl_pem is certificate and key, on 4443 unless a port is given", async () => {
    expect(await settingsOf(pasteHttp.factory, { ssl_pem: "a.pem" })).toMatchObject({
      tls_cert: "a.pem",
      tls_key: "a.pem",
      port: 4443,
    });
    expect(await settingsOf(pasteHttp.factory, { ssl_pem: "a.pem", port: "443" })).toMatchObject({ port: 443 });
    await expect(made(pasteHttp.factory, { ssl_pem: "*" })).rejects.toThrow(
      '"ssl_pem": no certificate is made up here',
    );
  });

  test("its threads are accepted, and said", () => {
    expect(pasteHttp.warnings({ use_threadpool: "true", threadpool_workers: "5" }).map(({ key }) => key)).toEqual([
      "use_threadpool",
      "threadpool_workers",
    ]);
  });
});

describe("egg:gunicorn#main", () => {
  test("bind, workers, timeouts and logs", async () => {
    const conf = {
      bind: "unix:///run/g.sock :8000 fd://3",
      graceful_timeout: "30",
      workers: "4",
      accesslog: "-",
      access_log_format: '%(h)s "%(r)s" %(s)s %({x-y}i)s',
      forwarded_allow_ips: "127.0.0.1,10.0.0.1",
      limit_request_fields: "50",
    };
    expect(await settingsOf(gunicorn.factory, conf)).toEqual({
      listen: ["unix:/run/g.sock", "0.0.0.0:8000", "fd:3"],
      grace: 30_000,
      workers: 4,
      access_log: "-",
      access_log_format: '%h "%r" %>s %{x-y}i',
      trusted_proxy: ["127.0.0.1", "10.0.0.1"],
      header_count_limit: 50,
    });
    await expect(made(gunicorn.factory, { access_log_format: "%(zz)s" })).rejects.toThrow(
      "\"access_log_format\": 'zz' is not known",
    );
    expect(gunicorn.warnings({ worker_class: "gevent" })[0].key).toBe("worker_class");
  });
});

test("egg:pyramid#wsgiref listens on every address", async () => {
  expect(await settingsOf(wsgiref.factory, {})).toEqual({ host: "0.0.0.0", port: 8080 });
});

describe("several processes", () => {
  test("workers is said to whoever starts processes, and one process by itself refuses", async () => {
    const runner = await made(server, { workers: "4" });
    expect(runner.workers).toBe(4);
    await expect(runner(app)).rejects.toThrow("workers = 4: this starts one process; `tsgi serve` starts several");
    const running = await runner(app, { workers: 1, port: 0 });
    await running.close();
    expect((await made(server, { workers: "auto" })).workers).toBe("auto");
    expect((await made(server, {})).workers).toBe(1);
    await expect(made(server, { workers: "0" })).rejects.toThrow("1 to 1024 is wanted");
  });
});

describe("egg:Paste#translogger", () => {
  test("takes Paste's format in Python's style", async () => {
    const format =
      '%(REMOTE_ADDR)s [%(time)s] "%(REQUEST_METHOD)s %(REQUEST_URI)s %(HTTP_VERSION)s" %(status)s %(bytes)s';
    expect(typeof translogger({}, { format, setup_console_handler: "true", logger_name: "wsgi" })).toBe("function");
    expect(() => translogger({}, { format: "%(nope)s" })).toThrow(
      "'nope' is not known in a format; known are time, REMOTE_ADDR",
    );
  });
});
