import { describe, expect, it } from "vitest";
import type { App, Environ } from "../src/contract.ts";
import { copyEnviron } from "../src/environ.ts";
import { fromFetch } from "../src/fetch/from-fetch.ts";
import { ask, environFor, sourceOf, type Asked } from "./in-memory.ts";

type Plain = Record<string, unknown>;

const asked: Asked = {
  method: "POST",
  target: "/a%20b?q=1",
  headers: [
    ["Host", "test.example"],
    ["Accept-Language", "en"],
    ["Content-Type", "text/plain"],
    ["Content-Length", "3"],
    ["Cookie", "a=1"],
    ["Cookie", "b=2"],
    ["Authorization", "Bearer s3cret-token"],
    ["X_Underscored", "dropped"],
    ["Proxy", "http://evil.test"],
    ["X-Forwarded-For", "6.6.6.6"],
  ],
  body: "abc",
  source: { bindings: { KEY: "s3cret-binding" }, remoteAddr: "10.0.0.1" },
};
const make = (): Promise<Environ> => environFor(asked);

/** The same data in an ordinary object. */
const plainOf = (environ: Environ): Plain => {
  const plain: Plain = Object.create(null);
  for (const key of Object.keys(environ)) plain[key] = environ[key];
  for (const key of ["tsgi.native", "tsgi.bindings"])
    Object.defineProperty(plain, key, { value: environ[key], writable: true, enumerable: false, configurable: true });
  return plain;
};

const attempt = (operation: () => unknown): unknown => {
  try {
    return operation();
  } catch (error) {
    // engines word their errors differently
    return (error as Error).constructor.name;
  }
};

describe("environ: the keys of a request", () => {
  it("are strings as CGI has them, and absent when unknown", async () => {
    const environ = await make();
    expect({ ...environ }).toMatchObject({
      REQUEST_METHOD: "POST",
      SCRIPT_NAME: "",
      PATH_INFO: "/a b",
      QUERY_STRING: "q=1",
      REQUEST_URI: "/a%20b?q=1",
      SERVER_NAME: "127.0.0.1",
      SERVER_PORT: "8080",
      SERVER_PROTOCOL: "HTTP/1.1",
      REMOTE_ADDR: "10.0.0.1",
      CONTENT_TYPE: "text/plain",
      CONTENT_LENGTH: "3",
      HTTP_HOST: "test.example",
      HTTP_ACCEPT_LANGUAGE: "en",
      HTTP_COOKIE: "a=1; b=2",
      "tsgi.version": [1, 0],
      "tsgi.url_scheme": "http",
      "tsgi.runtime": "memory",
      "tsgi.multithread": false,
      "tsgi.multiprocess": false,
      "tsgi.run_once": false,
    });
    const absent = ["REMOTE_PORT", "REMOTE_USER", "HTTP_ACCEPT", "tsgi.wait_until", "SERVER_SOFTWARE", "nothing"];
    for (const key of absent) {
      expect(environ[key], key).toBeUndefined();
      expect(key in environ, key).toBe(false);
    }
  });

  it("never HTTP_CONTENT_*, HTTP_PROXY, an underscored field, or a stranger's X-Forwarded-*", async () => {
    const environ = await make();
    const never = [
      "HTTP_CONTENT_TYPE",
      "HTTP_CONTENT_LENGTH",
      "HTTP_PROXY",
      "HTTP_X_UNDERSCORED",
      "HTTP_X_FORWARDED_FOR",
      "HTTP_host",
      "HTTP_",
    ];
    for (const key of never) {
      expect(environ[key], key).toBeUndefined();
      expect(key in environ, key).toBe(false);
    }
    expect(Object.keys(environ).filter((key) => never.includes(key))).toEqual([]);
  });

  it("nothing is inherited: names that objects have by themselves are plain data", async () => {
    const environ = await make();
    for (const key of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
      expect(environ[key], key).toBeUndefined();
      expect(key in environ, key).toBe(false);
    }
    environ["__proto__"] = { polluted: true };
    expect([environ["polluted"], ({} as Plain)["polluted"]]).toEqual([undefined, undefined]);
    expect(Object.keys(environ)).toContain("__proto__");
  });
});

// Each operation is done to an environ and to an ordinary object of the same content; both must tell the same.
const operations: [string, (environ: Plain) => unknown][] = [
  ["get", (e) => [e["PATH_INFO"], e["HTTP_HOST"], e["nothing"], e["tsgi.version"]]],
  ["set", (e) => [(e["PATH_INFO"] = "/new"), e["PATH_INFO"]]],
  ["set a new key", (e) => [(e["app.user"] = { id: 1 }), e["app.user"], Object.keys(e).includes("app.user")]],
  ["set to undefined", (e) => [(e["HTTP_HOST"] = undefined), e["HTTP_HOST"], "HTTP_HOST" in e]],
  ["set to null", (e) => [(e["REMOTE_ADDR"] = null), e["REMOTE_ADDR"], "REMOTE_ADDR" in e]],
  [
    "set by a symbol",
    (e) => [((e as Record<symbol, unknown>)[Symbol.for("x")] = 1), (e as Record<symbol, unknown>)[Symbol.for("x")]],
  ],
  ["delete", (e) => [delete e["HTTP_HOST"], e["HTTP_HOST"], "HTTP_HOST" in e, Object.keys(e).includes("HTTP_HOST")]],
  ["delete what is absent", (e) => delete e["nothing"]],
  ["delete and set again", (e) => [delete e["HTTP_HOST"], (e["HTTP_HOST"] = "x"), e["HTTP_HOST"], "HTTP_HOST" in e]],
  ["delete something costly", (e) => [delete e["tsgi.signal"], e["tsgi.signal"], "tsgi.signal" in e]],
  ["in", (e) => ["PATH_INFO" in e, "HTTP_HOST" in e, "HTTP_NOTHING" in e, "tsgi.input" in e, "tsgi.native" in e]],
  ["keys", (e) => Object.keys(e).sort()],
  ["keys after a write", (e) => [(e["a"] = 1), Object.keys(e).sort()]],
  [
    "values",
    (e) =>
      Object.values(e)
        .filter((value) => typeof value === "string")
        .sort(),
  ],
  [
    "entries",
    (e) =>
      Object.entries(e)
        .filter(([, value]) => typeof value === "string")
        .sort(),
  ],
  ["spread", (e) => Object.keys({ ...e }).sort()],
  ["spread with changes", (e) => ({ ...e, PATH_INFO: "/x" })["PATH_INFO"]],
  ["rest", ({ PATH_INFO, HTTP_HOST, ...rest }) => [PATH_INFO, HTTP_HOST, Object.keys(rest).sort()]],
  ["Object.assign from", (e) => Object.keys(Object.assign({}, e)).sort()],
  ["Object.assign onto", (e) => [Object.assign(e, { PATH_INFO: "/y", b: 2 }) === e, e["PATH_INFO"], e["b"]]],
  [
    "for in",
    (e) => {
      const keys: string[] = [];
      for (const key in e) keys.push(key);
      return keys.sort();
    },
  ],
  [
    "hasOwn",
    (e) => [
      Object.hasOwn(e, "PATH_INFO"),
      Object.hasOwn(e, "nothing"),
      Object.hasOwn(e, "tsgi.native"),
      Object.hasOwn(e, "tsgi.input"),
    ],
  ],
  [
    "getOwnPropertyNames",
    (e) =>
      Object.getOwnPropertyNames(e)
        .filter((key) => key !== "tsgi.native" && key !== "tsgi.bindings")
        .sort(),
  ],
  [
    "getOwnPropertyDescriptor",
    (e) => [Object.getOwnPropertyDescriptor(e, "PATH_INFO"), Object.getOwnPropertyDescriptor(e, "nothing")],
  ],
  [
    "propertyIsEnumerable",
    (e) => ["PATH_INFO", "tsgi.native", "tsgi.input"].map((key) => Object.prototype.propertyIsEnumerable.call(e, key)),
  ],
  [
    "defineProperty",
    (e) => {
      Object.defineProperty(e, "PATH_INFO", { value: "/d", enumerable: true, configurable: true, writable: false });
      return [e["PATH_INFO"], attempt(() => (e["PATH_INFO"] = "/z")), e["PATH_INFO"]];
    },
  ],
  [
    "defineProperty of a getter",
    (e) => {
      Object.defineProperty(e, "lazy", { get: () => 42, enumerable: true, configurable: true });
      return [e["lazy"], Object.keys(e).includes("lazy")];
    },
  ],
  [
    "defineProperty, not configurable",
    (e) => {
      Object.defineProperty(e, "fixed", { value: 1 });
      return [
        e["fixed"],
        attempt(() => delete e["fixed"]),
        Object.keys(e).includes("fixed"),
        Object.getOwnPropertyDescriptor(e, "fixed"),
      ];
    },
  ],
  ["defineProperties", (e) => [Object.defineProperties(e, { c: { value: 3, enumerable: true } }) === e, e["c"]]],
  [
    "freeze",
    (e) => {
      Object.freeze(e);
      return [
        Object.isFrozen(e),
        attempt(() => (e["PATH_INFO"] = "/z")),
        attempt(() => (e["new"] = 1)),
        attempt(() => delete e["HTTP_HOST"]),
        e["PATH_INFO"],
        Object.keys(e).sort(),
      ];
    },
  ],
  [
    "freeze, and what is hidden",
    (e) => {
      Object.freeze(e);
      return ["tsgi.native", "tsgi.bindings"].map((key) => [
        key in e,
        Object.hasOwn(e, key),
        Object.getOwnPropertyDescriptor(e, key)?.enumerable,
        attempt(() => (e[key] = 1)),
      ]);
    },
  ],
  [
    "seal",
    (e) => {
      Object.seal(e);
      return [
        Object.isSealed(e),
        (e["PATH_INFO"] = "/s"),
        e["PATH_INFO"],
        attempt(() => delete e["HTTP_HOST"]),
        attempt(() => (e["new"] = 1)),
      ];
    },
  ],
  [
    "preventExtensions",
    (e) => {
      Object.preventExtensions(e);
      return [
        Object.isExtensible(e),
        attempt(() => (e["new"] = 1)),
        "new" in e,
        delete e["HTTP_HOST"],
        "HTTP_HOST" in e,
        Object.keys(e).sort(),
      ];
    },
  ],
  ["isExtensible, isFrozen, isSealed", (e) => [Object.isExtensible(e), Object.isFrozen(e), Object.isSealed(e)]],
  [
    "Object.create: reading",
    (e) => {
      const child = Object.create(e) as Plain;
      return [
        child["PATH_INFO"],
        child["HTTP_HOST"],
        "HTTP_HOST" in child,
        Object.keys(child),
        Object.hasOwn(child, "PATH_INFO"),
      ];
    },
  ],
  [
    "Object.create: writing",
    (e) => {
      const child = Object.create(e) as Plain;
      child["PATH_INFO"] = "/child";
      child["own"] = 1;
      return [child["PATH_INFO"], e["PATH_INFO"], "own" in e, Object.keys(child).sort()];
    },
  ],
  [
    "Object.create: deleting",
    (e) => {
      const child = Object.create(e) as Plain;
      return [delete child["PATH_INFO"], child["PATH_INFO"], e["PATH_INFO"]];
    },
  ],
  ["Object.fromEntries", (e) => Object.keys(Object.fromEntries(Object.entries(e))).sort()],
  ["Map of entries", (e) => new Map(Object.entries(e)).get("PATH_INFO")],
  [
    "Reflect.set and Reflect.has",
    (e) => [
      Reflect.set(e, "PATH_INFO", "/r"),
      e["PATH_INFO"],
      Reflect.has(e, "PATH_INFO"),
      Reflect.deleteProperty(e, "PATH_INFO"),
      Reflect.has(e, "PATH_INFO"),
    ],
  ],
  ["typeof, String tag", (e) => [typeof e, Object.prototype.toString.call(e), Array.isArray(e)]],
  [
    "increment, assign by operator",
    (e) => [
      ((e["count"] as number | undefined) ??= 1),
      (e["PATH_INFO"] as string) + "!",
      (e["PATH_INFO"] += "!"),
      e["PATH_INFO"],
    ],
  ],
  [
    "hidden keys",
    (e) => [
      e["tsgi.native"] !== undefined,
      "tsgi.bindings" in e,
      Object.keys(e).includes("tsgi.native"),
      (e["tsgi.bindings"] = { A: 1 }),
      e["tsgi.bindings"],
      Object.keys(e).includes("tsgi.bindings"),
    ],
  ],
  ["hidden keys, deleted", (e) => [delete e["tsgi.bindings"], e["tsgi.bindings"], "tsgi.bindings" in e]],
  [
    "structuredClone of a spread of the data",
    (e) => {
      const { "tsgi.input": _i, "tsgi.errors": _e, "tsgi.signal": _s, "tsgi.request": _r, ...data } = e;
      for (const key of Object.keys(data)) if (typeof data[key] === "function") delete data[key];
      return Object.keys(structuredClone(data)).sort();
    },
  ],
];

describe("environ is a dictionary", () => {
  it.each(operations)("%s: as in an ordinary object", async (_name, operate) => {
    const expected = operate(plainOf(await make()));
    // fresh, after a look at all of it, and as a copy
    expect(operate((await make()) as Plain), "fresh").toEqual(expected);
    const listed = await make();
    void Object.entries(listed);
    expect(operate(listed as Plain), "after its keys were listed").toEqual(expected);
    expect(operate(copyEnviron(await make()) as Plain), "as a copy").toEqual(expected);
    const both = await make();
    Object.keys(both);
    expect(operate(copyEnviron(both) as Plain), "as a copy after its keys were listed").toEqual(expected);
  });

  it("structuredClone of the environ itself throws, as of any Proxy", async () => {
    const environ = await make();
    expect(() => structuredClone(environ)).toThrow();
  });

  it("JSON has the data, and no objects of the request", async () => {
    const data = JSON.parse(JSON.stringify(await make())) as Plain;
    expect(data).toMatchObject({ REQUEST_METHOD: "POST", PATH_INFO: "/a b", "tsgi.version": [1, 0] });
    for (const key of ["tsgi.native", "tsgi.bindings", "tsgi.input", "tsgi.signal", "tsgi.request", "tsgi.errors"])
      expect(key in data, key).toBe(false);
    const environ = await make();
    environ["app.page"] = { title: "Start" };
    environ["app.made"] = new Map();
    const more = JSON.parse(JSON.stringify(environ)) as Plain;
    expect([more["app.page"], "app.made" in more]).toEqual([{ title: "Start" }, false]);
  });
});

describe("environ costs nothing until it is read", () => {
  const counting = (): { source: Asked; made: string[] } => {
    const made: string[] = [];
    const { source } = sourceOf(asked);
    return {
      made,
      source: {
        ...asked,
        source: {
          ...asked.source,
          payload: () => {
            made.push("payload");
            return source.payload();
          },
          request: (parts) => {
            made.push("request");
            return source.request(parts);
          },
          onDisconnect: () => void made.push("watch"),
        },
      },
    };
  };

  it("listing keys and values of one kind builds no Request, no signal, no input", async () => {
    const { source, made } = counting();
    await ask((environ, startResponse) => {
      Object.keys(environ);
      for (const key in environ) void (key in environ);
      JSON.stringify(environ);
      copyEnviron(environ);
      copyEnviron(copyEnviron(environ), { PATH_INFO: "/x" });
      delete environ["HTTP_ACCEPT"];
      expect(made).toEqual([]);
      startResponse("200 OK", []);
      return [];
    }, source);
  });

  it("each is made once, and every copy sees the same one", async () => {
    const environ = await make();
    const copy = copyEnviron(environ);
    Object.keys(copy);
    for (const key of ["tsgi.input", "tsgi.signal", "tsgi.request"]) {
      expect(copy[key], key).toBe(environ[key]);
      expect(copyEnviron(copy)[key], key).toBe(environ[key]);
    }
  });
});

describe("copyEnviron", () => {
  it("neither sees what the other changes", async () => {
    const environ = await make();
    environ["app.user"] = "ann";
    const copy = copyEnviron(environ);
    copy.PATH_INFO = "/copy";
    copy["app.more"] = 1;
    delete copy.HTTP_HOST;
    environ.QUERY_STRING = "changed";
    expect([environ.PATH_INFO, environ["app.more"], environ.HTTP_HOST]).toEqual(["/a b", undefined, "test.example"]);
    expect([copy.PATH_INFO, copy["app.user"], copy.QUERY_STRING]).toEqual(["/copy", "ann", "q=1"]);
  });

  it("takes changes along; undefined deletes", async () => {
    const copy = copyEnviron(await make(), { PATH_INFO: "/x", HTTP_HOST: undefined, "app.new": 1 });
    expect([copy.PATH_INFO, "HTTP_HOST" in copy, copy["app.new"]]).toEqual(["/x", false, 1]);
  });

  it("keeps what is hidden readable and hidden", async () => {
    const environ = await make();
    const copy = copyEnviron(environ);
    expect(copy["tsgi.bindings"]).toBe(environ["tsgi.bindings"]);
    expect(Object.keys(copy)).not.toContain("tsgi.bindings");
    environ["tsgi.bindings"] = { OTHER: 1 };
    const changed = copyEnviron(environ);
    expect([changed["tsgi.bindings"], Object.keys(changed).includes("tsgi.bindings")]).toEqual([{ OTHER: 1 }, false]);
  });

  it("a key that was deleted stays deleted in the copy", async () => {
    const environ = await make();
    delete environ.HTTP_COOKIE;
    delete (environ as Plain)["tsgi.bindings"];
    const copy = copyEnviron(environ);
    expect(["HTTP_COOKIE" in copy, copy.HTTP_COOKIE, "tsgi.bindings" in copy]).toEqual([false, undefined, false]);
  });

  it("of a frozen environ is an ordinary one", async () => {
    const copy = copyEnviron(Object.freeze(await make()));
    copy.PATH_INFO = "/thawed";
    copy["new"] = 1;
    expect([copy.PATH_INFO, copy["new"], delete copy.HTTP_HOST]).toEqual(["/thawed", 1, true]);
  });

  it("of any plain object of that shape", () => {
    const plain = { PATH_INFO: "/p", "tsgi.bindings": { A: 1 } } as unknown as Environ;
    const copy = copyEnviron(plain, { SCRIPT_NAME: "/s" });
    expect([copy.PATH_INFO, copy.SCRIPT_NAME, copy["tsgi.bindings"]]).toEqual(["/p", "/s", { A: 1 }]);
    expect(Object.keys(copy)).toEqual(["PATH_INFO", "SCRIPT_NAME"]);
    copy.PATH_INFO = "/changed";
    expect(plain.PATH_INFO).toBe("/p");
  });
});

describe("a filter and the app behind it", () => {
  it("the app sees what the filter assigned, deleted, defined", async () => {
    const seen: unknown[] = [];
    const app: App = (environ, startResponse) => {
      seen.push(environ["wiki.user"], "HTTP_COOKIE" in environ, environ.REQUEST_METHOD, environ["defined"]);
      startResponse("200 OK", []);
      return [];
    };
    await ask((environ, start) => {
      environ["wiki.user"] = { name: "ann" };
      delete environ.HTTP_COOKIE;
      environ.REQUEST_METHOD = "PUT";
      Object.defineProperty(environ, "defined", { value: 5 });
      return app(environ, start);
    }, asked);
    expect(seen).toEqual([{ name: "ann" }, false, "PUT", 5]);
  });

  it.each<[string, (environ: Environ) => void, string]>([
    ["assigned", (environ) => void (environ.REQUEST_METHOD = "PUT"), "PUT"],
    ["defined", (environ) => void Object.defineProperty(environ, "REQUEST_METHOD", { value: "PATCH" }), "PATCH"],
    ["assigned to a copy", (environ) => void Object.assign(environ, { REQUEST_METHOD: "DELETE" }), "DELETE"],
  ])("a method that was %s is the method of the Request that a fetch handler gets", async (_how, change, method) => {
    const app = fromFetch((request) => new Response(request.method));
    const seen = await ask(
      (environ, start) => {
        change(environ);
        return app(environ, start);
      },
      { ...asked, method: "POST" },
    );
    expect(seen.text).toBe(method);
  });
});

describe("secrets", () => {
  const inspect = async (value: unknown): Promise<string> => {
    const global = globalThis as {
      Deno?: { inspect(value: unknown): string };
      Bun?: { inspect(value: unknown): string };
      process?: { getBuiltinModule?(name: string): { inspect(value: unknown): string } };
    };
    if (global.Deno !== undefined) return global.Deno.inspect(value);
    if (global.Bun !== undefined) return global.Bun.inspect(value);
    const util = global.process?.getBuiltinModule?.("node:util");
    if (util === undefined) throw new Error("this runtime has no inspect");
    return util.inspect(value);
  };

  it("console.log's inspect shows the keys, and no bindings, Authorization or Cookie", async () => {
    const environ = await make();
    for (const shown of [await inspect(environ), await inspect({ environ }), await inspect(copyEnviron(environ))]) {
      expect(shown).toContain("PATH_INFO");
      expect(shown).toContain("/a b");
      expect(shown).not.toContain("s3cret");
      expect(shown).not.toContain("a=1; b=2");
      expect(shown).not.toContain("tsgi.native");
    }
    // looking at it has changed nothing
    expect(environ.HTTP_AUTHORIZATION).toBe("Bearer s3cret-token");
  });

  it("JSON and a listing show no bindings", async () => {
    const environ = await make();
    expect(JSON.stringify(environ)).not.toContain("s3cret-binding");
    expect(JSON.stringify(Object.entries(environ).map(([key, value]) => [key, String(value)]))).not.toContain(
      "s3cret-binding",
    );
    expect(environ["tsgi.bindings"]["KEY"]).toBe("s3cret-binding");
  });
});
