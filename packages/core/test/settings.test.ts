import { serverFactory, settingsSchema, suggest, type ServedRunner } from "@tsgi/core/settings";
import { SettingsError, type App, type Server } from "@tsgi/core";
import { describe, expect, test } from "vitest";
import { asBool, asInt } from "../src/settings/convert.ts";

const schema = settingsSchema({
  port: { cast: (value) => asInt(value, { min: 1 }), default: 8080 },
  debug: { cast: asBool },
  root: { cast: String, required: true },
});
const validate = (given: unknown): unknown => schema["~standard"].validate(given);

describe("a schema of settings", () => {
  test("casts text, takes values as they are, and fills in defaults", () => {
    expect(validate({ port: "80", debug: "yes", root: "/" })).toEqual({ value: { port: 80, debug: true, root: "/" } });
    expect(validate({ port: 80, debug: false, root: "/" })).toMatchObject({ value: { port: 80, debug: false } });
    expect(validate({ root: "/" })).toEqual({ value: { port: 8080, debug: undefined, root: "/" } });
  });

  test("tells every fault at once, each with its key", () => {
    const { issues } = validate({ prot: "1", port: "0", debug: "x" }) as {
      issues: { path: string[]; message: string }[];
    };
    expect(issues.map(({ path, message }) => `${path.join()}: ${message}`)).toEqual([
      "prot: unknown setting 'prot' (did you mean 'port'?); known are port, debug, root",
      "port: '0' is out of range; at least 1 is wanted",
      "debug: String is not true/false: 'x'",
      "root: is missing; it has no default",
    ]);
  });

  test("names such as constructor and __proto__ are settings like any other: unknown", () => {
    const given = Object.assign(Object.create(null) as object, { root: "/", constructor: "x", ["__proto__"]: "y" });
    const { issues } = validate(given) as { issues: { path: string[] }[] };
    expect(issues.map(({ path }) => path[0])).toEqual(["constructor", "__proto__"]);
    expect(validate("text")).toEqual({ issues: [{ message: "an object of settings is wanted" }] });
  });
});

test("the nearest name is said when one is close", () => {
  expect(suggest("prot", ["host", "port"])).toBe(" (did you mean 'port'?)");
  expect(suggest("lisen", ["host", "listen"])).toBe(" (did you mean 'listen'?)");
  expect(suggest("HOST", ["host"])).toBe(" (did you mean 'host'?)");
  expect(suggest("completely-else", ["host", "port"])).toBe("");
  expect(suggest("x".repeat(100_000), ["host"])).toBe("");
});

describe("a server factory", () => {
  const app: App = () => [];
  const opened: { options: unknown; closed: boolean; app: App }[] = [];
  const runner = (settings: Record<string, string>, fail?: string): ServedRunner =>
    serverFactory({
      serve: (served, options) => {
        if (options.listen === fail && fail !== undefined) return Promise.reject(new Error("in use"));
        const one = { options, closed: false, app: served };
        opened.push(one);
        const server: Server = {
          url: `http://${opened.length}/`,
          close: () => {
            one.closed = true;
            return Promise.resolve();
          },
        };
        return Promise.resolve(server);
      },
      readText: (path) => Promise.resolve(`text of ${path}`),
      accessLog: ({ to, format }) =>
        Promise.resolve((inner) => Object.assign(((...args) => inner(...args)) as App, { to, format })),
    }).factory({ here: "/srv" }, settings) as ServedRunner;
  const optionsOf = async (settings: Record<string, string>, overrides = {}): Promise<unknown> => {
    opened.length = 0;
    await runner(settings)(app, overrides);
    return opened[0].options;
  };

  test("makes options of serve", async () => {
    expect(
      await optionsOf({
        host: "a.test",
        port: "1",
        grace: "1m",
        body_limit: "unlimited",
        drain_limit: "1kB",
        drain_time: "50ms",
        header_count_limit: "5",
        header_limit: "2KiB",
        write_limit: "3",
        trusted_proxy: "loopback, 10.0.0.0/8 unix",
      }),
    ).toEqual({
      host: "a.test",
      port: 1,
      grace: 60_000,
      limits: { body: Infinity, drain: 1000, drainTime: 50, headers: 5, headerBytes: 2048, write: 3 },
      trustedProxy: ["loopback", "10.0.0.0/8", "unix"],
    });
  });

  test("reads certificate and key from the folder of the file, unless their paths are whole", async () => {
    expect(await optionsOf({ tls_cert: "c.pem", tls_key: "/etc/k.pem" })).toMatchObject({
      tls: { cert: "text of /srv/c.pem", key: "text of /etc/k.pem" },
    });
  });

  test("what the command gives beats the file, and what it leaves undefined does not", async () => {
    const settings = { host: "a.test", port: "1", grace: "1s" };
    expect(await optionsOf(settings, { port: 2, host: undefined, grace: undefined })).toMatchObject({
      host: "a.test",
      port: 2,
      grace: 1000,
    });
    expect(await optionsOf(settings, { listen: "127.0.0.1:3" })).toEqual({
      listen: "127.0.0.1:3",
      grace: 1000,
      limits: {},
    });
  });

  test("an address that cannot be had closes those that were opened before it", async () => {
    opened.length = 0;
    await expect(runner({ listen: "127.0.0.1:1 127.0.0.1:2" }, "127.0.0.1:2")(app)).rejects.toThrow("in use");
    expect(opened.map(({ closed }) => closed)).toEqual([true]);
  });

  test("at several addresses the app ends once, after the last server", async () => {
    opened.length = 0;
    const order: string[] = [];
    const ending = Object.assign(((...args) => app(...args)) as App, {
      [Symbol.asyncDispose]: () => {
        order.push(`app after ${opened.filter(({ closed }) => closed).length}`);
        return Promise.resolve();
      },
    });
    const server = await runner({ listen: "127.0.0.1:1 127.0.0.1:2" })(ending);
    expect(opened.every((each) => !(Symbol.asyncDispose in each.app))).toBe(true);
    await Promise.all([server.close(), server.close(), server[Symbol.asyncDispose]?.()]);
    expect(order).toEqual(["app after 2"]);
  });

  test("the access log is asked for with its file and its format", async () => {
    opened.length = 0;
    await runner({ access_log: "a.log", access_log_format: "json" })(app);
    await runner({ access_log: "-" })(app);
    expect(opened.map((each) => [(each.app as { to?: string }).to, (each.app as { format?: string }).format])).toEqual([
      ["/srv/a.log", "json"],
      ["-", undefined],
    ]);
  });

  test("settings that do not fit are a SettingsError", () => {
    expect(() => runner({ port: "x" })).toThrow(SettingsError);
    expect(() => runner({ listen: "" })).toThrow("no address; such as 127.0.0.1:8080");
  });
});
