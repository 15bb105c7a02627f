import type { App } from "@tsgi/core";
import { request } from "@tsgi/testing";
import { describe, expect, test } from "vitest";
import { factory as cascade } from "../../src/builtin/cascade.ts";
import { factory as config } from "../../src/builtin/config.ts";
import { aliasOf, BUILTINS, isKnownEgg } from "../../src/builtin/index.ts";
import { factory as lint } from "../../src/builtin/lint.ts";
import { factory as prefix } from "../../src/builtin/prefix.ts";
import type { AppLoader, Strings } from "../../src/builtin/types.ts";
import { factory as urlmap, mountsOf } from "../../src/builtin/urlmap.ts";

/** Apps that say their name and the path they see; `404` and the like answer so. */
const said: [name: string | undefined, globalConf: Strings | undefined][] = [];
const loader: AppLoader = {
  getApp: (name, globalConf) => {
    said.push([name, globalConf]);
    const app: App = (environ, startResponse) => {
      startResponse(/^\d+$/.test(name ?? "") ? `${name} X` : "200 OK", [["Content-Type", "text/plain"]]);
      return [`${name} ${environ.SCRIPT_NAME}|${environ.PATH_INFO}`];
    };
    return Promise.resolve(app);
  },
};

const echo: App = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  const keys = [
    "SCRIPT_NAME",
    "PATH_INFO",
    "HTTP_HOST",
    "SERVER_NAME",
    "SERVER_PORT",
    "REMOTE_ADDR",
    "tsgi.url_scheme",
  ];
  return [JSON.stringify(Object.fromEntries(keys.map((key) => [key, environ[key]])))];
};

async function text(app: App, path: string, headers: Record<string, string> = {}): Promise<string> {
  return (await request(app, { path, headers })).text();
}

describe("urlmap", () => {
  test("mounts the apps that its settings name, and hands the global settings on", async () => {
    said.length = 0;
    const globalConf = { here: "/srv" };
    const app = await urlmap(loader, globalConf, { "/": "home", "/blog/": "blog", "domain a.test /": "other" });
    expect(await text(app, "/x")).toBe("home |/x");
    expect(await text(app, "/blog/x")).toBe("blog /blog|/x");
    expect(await text(app, "/x", { Host: "a.test" })).toBe("other |/x");
    expect(said).toEqual([
      ["home", globalConf],
      ["blog", globalConf],
      ["other", globalConf],
    ]);
  });

  test("not_found_app answers elsewhere; the section's own beats [DEFAULT]'s", async () => {
    expect(await text(await urlmap(loader, { not_found_app: "global" }, { "/a": "a" }), "/b")).toBe("global |/b");
    const own = await urlmap(loader, { not_found_app: "global" }, { "/a": "a", not_found_app: "own" });
    expect(await text(own, "/b")).toBe("own |/b");
  });

  test("a key that is no path says what is wrong, by its category", async () => {
    const failing = (key: string): Promise<unknown> => urlmap(loader, {}, { [key]: "a" });
    await expect(failing("blog")).rejects.toMatchObject({ category: "assertion", key: "blog" });
    await expect(failing("blog")).rejects.toThrow('URL fragments must start with / or http:// (you gave "blog")');
    for (const [key, message] of [
      ["/a /b", "more than one path given"],
      ["domain", "'domain' must be followed with a domain name"],
      ["domain a.test port", "'port' must be followed with a port number"],
      ["port 80 /x", "if you give a port, you must also give a domain"],
    ]) {
      await expect(failing(key)).rejects.toMatchObject({ category: "value" });
      await expect(failing(key)).rejects.toThrow(message);
    }
  });

  test("mountsOf lists what is mounted in the order in which it is matched", () => {
    const conf = {
      "/": "a",
      "/long/er": "b",
      "domain b.test": "c",
      "domain A.test port 8080 /x": "d",
      "/long": "e",
      "//long/": "f",
    };
    expect(mountsOf({ ...conf, not_found_app: "n" })).toEqual([
      { key: "domain A.test port 8080 /x", host: "a.test:8080", path: "/x" },
      { key: "domain b.test", host: "b.test", path: "" },
      { key: "/long/er", host: "", path: "/long/er" },
      { key: "//long/", host: "", path: "/long" },
      { key: "/", host: "", path: "" },
    ]);
  });

  // paths of one length came in the order of the file; Paste sorts them as text
  test("mountsOf lists paths of one length as text", () => {
    const hosted = { "domain b.test /y": "a", "domain b.test /x": "b", "domain b.test": "c" };
    const mounts = mountsOf({ "/b": "d", "/a": "e", "/A": "f", ...hosted });
    expect(mounts.map(({ host, path }) => host + path)).toEqual(["b.test/x", "b.test/y", "b.test", "/A", "/a", "/b"]);
  });

  test("its children are known before anything is made", () => {
    const { children } = BUILTINS.urlmap;
    expect(children?.({ "/": "a", not_found_app: "b", "/x": "c" }, {})).toEqual(["not_found_app", "/", "/x"]);
    expect(children?.({ "/": "a" }, { not_found_app: "b" })).toEqual(["not_found_app", "/"]);
    expect(BUILTINS.cascade.children?.({ app2: "a", catch: "404", app1: "b" }, {})).toEqual(["app2", "app1"]);
  });
});

describe("cascade", () => {
  test("asks its apps in the order of their keys as text", async () => {
    expect(await text(await cascade(loader, {}, { app2: "two", app10: "ten", app3: "404" }), "/")).toBe("ten |/");
    expect(await text(await cascade(loader, {}, { app1: "404", app2: "two" }), "/")).toBe("two |/");
  });

  test("catch replaces 404", async () => {
    const conf = { catch: "403 500", app1: "403", app2: "500", app3: "404", app4: "four" };
    expect(await text(await cascade(loader, {}, conf), "/")).toBe("404 |/");
  });

  test.each([
    [
      { app1: "a", other: "b" },
      "value",
      "Bad configuration key 'other' (='b'); all configuration keys must start with 'app'",
    ],
    [{ app1: "a", catch: "404 many" }, "value", "catch: Bad integer value: 'many'"],
    [{ app1: "a", catch: "42" }, "key", "catch: '42' is out of range; 200 to 599 is wanted"],
    [{}, "index", "this cascade names no app"],
  ])("%j is refused", async (conf, category, message) => {
    const made = cascade(loader, {}, conf as unknown as Strings);
    await expect(made).rejects.toMatchObject({ category });
    await expect(made).rejects.toThrow(message);
  });
});

describe("prefix", () => {
  const ask = async (
    conf: Strings,
    path: string,
    more: Parameters<typeof request>[1] = {},
  ): Promise<Record<string, string>> => (await request(prefix(echo, {}, conf), { path, ...more })).json();

  test.each([
    ["/james/x", "/james", "/x"],
    ["/james", "/james", "/"],
    ["/james/", "/james", "/"],
    ["/other", "/james", "/other"],
    // a prefix ends where a segment does; in Paste /jamesbond became bond
    ["/jamesbond", "/james", "/jamesbond"],
  ])("%s", async (path, script, info) => {
    expect(await ask({ prefix: "/james/" }, path)).toMatchObject({ SCRIPT_NAME: script, PATH_INFO: info });
  });

  test("takes the fields of the proxy, first item each, and removes them", async () => {
    const environ = {
      HTTP_X_FORWARDED_SERVER: "s.test, x",
      HTTP_X_FORWARDED_HOST: "h.test,second",
      HTTP_X_FORWARDED_FOR: "10.0.0.1, 10.0.0.2",
      HTTP_X_FORWARDED_PROTO: "https",
    };
    const seen: Record<string, unknown> = {};
    const spy: App = (environ, startResponse) => {
      Object.assign(seen, environ);
      return echo(environ, startResponse);
    };
    const answer = await request(prefix(spy, {}, {}), { environ });
    expect(answer.json()).toMatchObject({
      SERVER_NAME: "s.test",
      HTTP_HOST: "h.test",
      REMOTE_ADDR: "10.0.0.1",
      "tsgi.url_scheme": "https",
    });
    expect(Object.keys(seen).filter((key) => key.startsWith("HTTP_X_FORWARDED"))).toEqual([]);
    const left = await ask({ translate_forwarded_server: "no" }, "/", { environ });
    expect(left).toMatchObject({ HTTP_HOST: "testserver", "tsgi.url_scheme": "http" });
  });

  test("force_port and scheme say where the client went", async () => {
    const headers = { Host: "x.test:80" };
    expect(await ask({ force_port: "8443", scheme: "https" }, "/", { headers })).toMatchObject({
      HTTP_HOST: "x.test:8443",
      SERVER_PORT: "8443",
      "tsgi.url_scheme": "https",
    });
    expect(await ask({ force_port: "" }, "/", { headers, scheme: "https" })).toMatchObject({
      HTTP_HOST: "x.test",
      SERVER_PORT: "443",
    });
  });

  test("refuses what is no setting and no value of one", () => {
    expect(() => prefix(echo, {}, { perfix: "/x" })).toThrow("did you mean 'prefix'?");
    expect(() => prefix(echo, {}, { prefix: "x" })).toThrow("'x' is no path");
    expect(() => prefix(echo, {}, { translate_forwarded_server: "maybe" })).toThrow(
      "String is not true/false: 'maybe'",
    );
  });
});

test("config puts global and own settings into the environ, a copy for each request", async () => {
  const seen: Record<string, unknown>[] = [];
  const app: App = (environ, startResponse) => {
    seen.push(environ["paste.config"] as Record<string, unknown>);
    (environ["tsgi.config"] as Record<string, unknown>).changed = "yes";
    return echo(environ, startResponse);
  };
  const wrapped = config(app, { admin: "boss", here: "/srv" }, { admin: "ann", __proto__x: "1" });
  await request(wrapped);
  await request(wrapped);
  expect(seen.map((conf) => ({ ...conf }))).toEqual([
    { admin: "ann", here: "/srv", __proto__x: "1", changed: "yes" },
    { admin: "ann", here: "/srv", __proto__x: "1", changed: "yes" },
  ]);
  expect(seen[0]).not.toBe(seen[1]);
});

test("lint is the validator", async () => {
  const app = lint(() => "text" as never, {}, {});
  const answer = await request(app, { validate: false });
  expect([answer.status, answer.errors.includes("ValidationError")]).toEqual([500, true]);
});

test("filters carry the end of the app's life", async () => {
  let ended = 0;
  const app = (): App =>
    Object.assign(((...args) => echo(...args)) as App, { [Symbol.asyncDispose]: async () => void ended++ });
  for (const whole of [prefix(app(), {}, {}), config(app(), {}, {}), lint(app(), {}, {})])
    await (whole as Partial<AsyncDisposable>)[Symbol.asyncDispose]?.();
  expect(ended).toBe(3);
});

describe("eggs", () => {
  test.each([
    ["Paste", "urlmap", "urlmap"],
    ["paste", "cascade", "cascade"],
    ["Paste_Deploy", "prefix", "prefix"],
    ["PasteDeploy", "config", "config"],
    ["waitress", "main", "waitress"],
    ["gunicorn", "main", "gunicorn"],
    ["PasteScript", "wsgiutils", "wsgiref"],
    ["pyramid", "wsgiref", "wsgiref"],
    ["Paste", "http", "paste-http"],
    ["Paste", "translogger", "translogger"],
  ])("egg:%s#%s", async (dist, entry, name) => {
    expect(aliasOf(dist, entry)).toBe(name);
    expect(typeof (await BUILTINS[name].load())).toBe("function");
  });

  test("every built-in is there, under the name that an import statement would say", async () => {
    for (const { load, specifier } of Object.values(BUILTINS)) {
      const factory = await load();
      expect(typeof factory).toBe("function");
      expect(((await import(specifier)) as { factory: unknown }).factory).toBe(factory);
    }
  });

  test("an entry point that is not there is an error naming those that are", () => {
    expect(() => aliasOf("Paste", "gzip")).toThrow(
      "Entry point 'gzip' not found in egg 'Paste'; of Paste there are here: urlmap, cascade, lint, config, static, proxy",
    );
    expect(() => aliasOf("waitress", "constructor")).toThrow("'constructor' not found");
  });

  test("other distributions are left to packages", () => {
    expect(aliasOf("Fixture", "main")).toBeUndefined();
    expect(aliasOf("constructor", "main")).toBeUndefined();
    expect([isKnownEgg("PASTE"), isKnownEgg("Fixture")]).toEqual([true, false]);
  });
});
