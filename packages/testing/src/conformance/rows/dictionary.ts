import { copyEnviron, type App, type Environ } from "@tsgi/core";
import type { Row } from "../row.ts";
import { equal } from "../check.ts";
import { json, sleep } from "../bodies.ts";

// The environ as a dictionary. The operations run in the server's process and are reported as JSON: the same on every
// runtime.

/** A row whose app reports what an operation gives. */
function reports(name: string, act: (environ: Environ) => unknown, expected: unknown, rule = "SPEC, environ"): Row {
  return [
    `environ: ${name}`,
    async (environ, start) => json(start, await act(environ)),
    async (t) => {
      const answer = await t.ask({ target: "/p?q=1", headers: ["X-One: 1", "Accept: text/html"] });
      equal(answer.json(), expected, "report");
    },
    rule,
  ];
}

type Inspect = (value: unknown, options?: unknown) => string;

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** How this runtime shows a value. */
function inspect(value: object): string {
  const runtime = globalThis as {
    Bun?: { inspect: Inspect };
    Deno?: { inspect: Inspect };
    process?: { getBuiltinModule?(name: string): { inspect?: Inspect } | undefined };
  };
  const show =
    runtime.Bun?.inspect ?? runtime.Deno?.inspect ?? runtime.process?.getBuiltinModule?.("node:util")?.inspect;
  if (show !== undefined) return show(value);
  // workerd's console asks the same hook
  const shown = (value as { [INSPECT]?(depth: number, options: object): unknown })[INSPECT]?.(2, {});
  return JSON.stringify(shown, (_key, part: unknown) =>
    typeof part === "object" || typeof part !== "function" ? part : "[function]",
  );
}

/** Every way in which an environ becomes text. */
function shown(environ: Environ): Record<string, string> {
  const entries = Object.entries(environ).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : typeof value}`,
  );
  return {
    inspect: inspect(environ),
    JSON: JSON.stringify(environ),
    keys: Object.keys(environ).join(),
    entries: entries.join(),
    "for in": forIn(environ).join(),
  };
}

function forIn(environ: Environ): string[] {
  const keys: string[] = [];
  for (const key in environ) keys.push(key);
  return keys;
}

/** Counts what is built while `act` runs. */
function built(act: () => void): string[] {
  const seen: string[] = [];
  const scope = globalThis as unknown as Record<string, new (...args: never[]) => object>;
  const names = ["Request", "AbortController", "ReadableStream", "Headers", "URL"];
  const originals = names.map((name) => scope[name]);
  names.forEach((name, i) => {
    scope[name] = new Proxy(originals[i], {
      construct(target, args, self) {
        seen.push(name);
        return Reflect.construct(target, args, self) as object;
      },
    });
  });
  try {
    act();
  } finally {
    names.forEach((name, i) => (scope[name] = originals[i]));
  }
  return seen;
}

/** Filter and app: what the one assigns the other sees. */
const assigned: App = (inner, go) =>
  json(go, {
    own: inner["app.user"],
    path: inner.PATH_INFO,
    script: inner.SCRIPT_NAME,
    header: inner.HTTP_X_ONE ?? "deleted",
    keys: ["app.user", "HTTP_X_ONE", "HTTP_X_TWO"].map((key) => key in inner),
    listed: ["app.user", "HTTP_X_ONE", "HTTP_X_TWO"].map((key) => Object.keys(inner).includes(key)),
  });

const assigning: App = (environ, start) => {
  environ["app.user"] = "karel";
  environ.SCRIPT_NAME = "/mount";
  environ.PATH_INFO = "/rest";
  environ.HTTP_X_TWO = "2";
  delete environ.HTTP_X_ONE;
  return assigned(environ, start);
};

export const dictionary: readonly Row[] = [
  reports("get", (e) => [e.PATH_INFO, e.HTTP_X_ONE, e.QUERY_STRING, e["no.such"] ?? null, e.HTTP_X_NONE ?? null], [
    "/p",
    "1",
    "q=1",
    null,
    null,
  ]),
  reports(
    "an unknown key is absent and not undefined",
    (e) =>
      ["REMOTE_USER", "HTTP_X_NONE", "CONTENT_TYPE", "CONTENT_LENGTH", "no.such"].map((key) => [
        key in e,
        Object.hasOwn(e, key),
      ]),
    Array.from({ length: 5 }, () => [false, false]),
  ),
  reports(
    "set",
    (e) => {
      e["app.user"] = "karel";
      e.PATH_INFO = "/other";
      e.HTTP_X_ONE = "2";
      return [e["app.user"], e.PATH_INFO, e.HTTP_X_ONE, "app.user" in e, Object.keys(e).includes("app.user")];
    },
    ["karel", "/other", "2", true, true],
  ),
  reports(
    "set to undefined hides a key and does not bring the old value back",
    (e) => {
      e.HTTP_X_ONE = undefined;
      return [e.HTTP_X_ONE === undefined, Object.values(e).includes("1")];
    },
    [true, false],
  ),
  reports(
    "delete",
    (e) => {
      const done = [delete e.HTTP_X_ONE, delete e["no.such"]];
      return [...done, e.HTTP_X_ONE ?? null, "HTTP_X_ONE" in e, Object.keys(e).includes("HTTP_X_ONE"), e.HTTP_ACCEPT];
    },
    [true, true, null, false, false, "text/html"],
  ),
  reports(
    "delete and set again",
    (e) => {
      delete e.HTTP_X_ONE;
      e.HTTP_X_ONE = "back";
      return [e.HTTP_X_ONE, "HTTP_X_ONE" in e];
    },
    ["back", true],
  ),
  reports(
    "in",
    (e) =>
      [
        "PATH_INFO",
        "HTTP_X_ONE",
        "tsgi.input",
        "tsgi.native",
        "tsgi.bindings",
        "HTTP_X_NONE",
        "toString",
        "constructor",
      ].map((key) => key in e),
    [true, true, true, true, true, false, false, false],
  ),
  reports(
    "keys hold every CGI key, HTTP_ key and tsgi key but for native and bindings",
    (e) => {
      const keys = Object.keys(e);
      const wanted = [
        "REQUEST_METHOD",
        "SCRIPT_NAME",
        "PATH_INFO",
        "QUERY_STRING",
        "REQUEST_URI",
        "SERVER_NAME",
        "SERVER_PORT",
        "SERVER_PROTOCOL",
        "HTTP_HOST",
        "HTTP_X_ONE",
        "HTTP_ACCEPT",
        "tsgi.version",
        "tsgi.url_scheme",
        "tsgi.input",
        "tsgi.errors",
        "tsgi.signal",
        "tsgi.request",
        "tsgi.runtime",
      ];
      return [
        wanted.filter((key) => !keys.includes(key)),
        keys.filter((key) => /native|bindings/.test(key)),
        keys.length === new Set(keys).size,
      ];
    },
    [[], [], true],
  ),
  reports("keys and for-in agree", (e) => forIn(e).sort().join() === Object.keys(e).sort().join(), true),
  reports(
    "entries and values",
    (e) => {
      const entries = Object.entries(e);
      const found = Object.fromEntries(entries.filter(([key]) => /^(?:PATH_INFO|HTTP_X_ONE)$/.test(key)));
      return [
        found.PATH_INFO,
        found.HTTP_X_ONE,
        Object.values(e).length === entries.length,
        entries.some(([, value]) => value === undefined),
      ];
    },
    ["/p", "1", true, false],
  ),
  reports(
    "spread and rest",
    (e) => {
      const { PATH_INFO, ...rest } = e;
      const spread = { ...e, "app.user": "karel" };
      return [
        PATH_INFO,
        "PATH_INFO" in rest,
        rest.HTTP_X_ONE,
        spread.PATH_INFO,
        spread["app.user"],
        "tsgi.native" in spread,
        e["app.user"] ?? null,
      ];
    },
    ["/p", false, "1", "/p", "karel", false, null],
  ),
  reports(
    "Object.assign from it and to it",
    (e) => {
      const plain: Record<string, unknown> = Object.assign({}, e);
      Object.assign(e, { PATH_INFO: "/assigned", "app.user": "karel" });
      return [plain.PATH_INFO, plain.HTTP_X_ONE, "tsgi.bindings" in plain, e.PATH_INFO, e["app.user"]];
    },
    ["/p", "1", false, "/assigned", "karel"],
  ),
  reports(
    "JSON gives data only",
    (e) => {
      const data = JSON.parse(JSON.stringify(e)) as Record<string, unknown>;
      return [
        data.PATH_INFO,
        data.HTTP_X_ONE,
        data["tsgi.version"],
        ["tsgi.native", "tsgi.bindings", "tsgi.request", "tsgi.input", "tsgi.signal"].filter((key) => key in data),
      ];
    },
    ["/p", "1", [1, 0], []],
  ),
  reports(
    "the runtime's inspect shows the keys",
    (e) => {
      const seen = inspect(e);
      return ["PATH_INFO", "HTTP_X_ONE", "tsgi.version", "/p"].map((part) => seen.includes(part));
    },
    [true, true, true, true],
  ),
  reports(
    "structuredClone throws as for any Proxy and of its data it works",
    (e) => {
      let threw = false;
      try {
        structuredClone(e);
      } catch {
        threw = true;
      }
      return [threw, (structuredClone(JSON.parse(JSON.stringify(e))) as Environ).PATH_INFO];
    },
    [true, "/p"],
  ),
  reports(
    "property descriptors",
    (e) => {
      const path = Object.getOwnPropertyDescriptor(e, "PATH_INFO");
      return [
        path?.value,
        path?.enumerable,
        path?.configurable,
        Object.getOwnPropertyDescriptor(e, "tsgi.native")?.enumerable,
        Object.getOwnPropertyDescriptor(e, "no.such") ?? null,
      ];
    },
    ["/p", true, true, false, null],
  ),
  reports(
    "defineProperty freeze and Object.create",
    (e) => {
      Object.defineProperty(e, "app.fixed", { value: 1, enumerable: true });
      const child = Object.create(e) as Environ;
      child.PATH_INFO = "/child";
      const seen = [e["app.fixed"], child.PATH_INFO, child.HTTP_X_ONE, e.PATH_INFO];
      Object.freeze(e);
      return [...seen, Object.isFrozen(e), e.HTTP_ACCEPT];
    },
    [1, "/child", "1", "/p", true, "text/html"],
  ),
  reports(
    "names of Object.prototype are plain data",
    (e) => {
      const before = ["toString", "constructor", "__proto__", "hasOwnProperty"].map((key) => e[key] === undefined);
      const data: { [key: string]: unknown } = e;
      for (const key of ["__proto__", "constructor"]) data[key] = "plain";
      return [
        before,
        data.__proto__,
        data.constructor,
        Object.hasOwn(e, "__proto__"),
        ({} as Record<string, unknown>).plain ?? null,
      ];
    },
    [[true, true, true, true], "plain", "plain", true, null],
    "CVE-2026-21710",
  ),
  reports(
    "copyEnviron gives a copy of its own",
    (e) => {
      e["app.user"] = "karel";
      const copy = copyEnviron(e, { PATH_INFO: "/copy", HTTP_X_ONE: undefined });
      copy["app.copy"] = true;
      return [
        copy.PATH_INFO,
        "HTTP_X_ONE" in copy,
        copy["app.user"],
        e.PATH_INFO,
        e.HTTP_X_ONE,
        "app.copy" in e,
        copy["tsgi.input"] === e["tsgi.input"],
        copy["tsgi.native"] !== undefined,
      ];
    },
    ["/copy", false, "karel", "/p", "1", false, true, true],
  ),
  reports(
    "copyEnviron of a listed environ and of a copy",
    (e) => {
      Object.keys(e);
      const copy = copyEnviron(copyEnviron(e), { "app.user": "karel" });
      return [copy.PATH_INFO, copy["app.user"], Object.keys(copy).length - Object.keys(e).length, "app.user" in e];
    },
    ["/p", "karel", 1, false],
  ),
  reports(
    "copyEnviron of a plain object",
    (e) => copyEnviron({ ...e, "app.user": "karel" }, { PATH_INFO: "/x" }).PATH_INFO,
    "/x",
  ),
  [
    "environ: what a filter assigns and deletes the app sees",
    assigning,
    async (t) =>
      equal(
        (await t.ask({ target: "/mount/rest", headers: ["X-One: 1"] })).json(),
        {
          own: "karel",
          path: "/rest",
          script: "/mount",
          header: "deleted",
          keys: [true, false, true],
          listed: [true, false, true],
        },
        "seen by the app",
      ),
  ],
  [
    "environ: listing builds no Request signal stream Headers or URL",
    (environ, start) =>
      json(
        start,
        built(() => {
          Object.keys(environ);
          Object.entries(Object.getOwnPropertyDescriptors(environ));
          JSON.stringify(environ);
          inspect(environ);
          void ("tsgi.request" in environ);
          void copyEnviron(environ);
        }),
      ),
    async (t) => equal((await t.ask({ method: "POST", body: "x" })).json(), [], "built"),
  ],
  [
    "environ: listing leaves the body unread and the client unwatched",
    async (environ, start) => {
      shown(environ);
      const body = await environ["tsgi.input"].text();
      return json(start, body);
    },
    async (t) => equal((await t.ask({ method: "POST", body: "still here" })).json(), "still here", "body"),
  ],
  [
    "environ: no listing shows bindings Authorization or Cookie values",
    (environ, start) => {
      const bindings = environ["tsgi.bindings"] ?? {};
      const secrets = ["TSGI_SECRET", "PATH"]
        .map((name) => bindings[name])
        .filter((value) => typeof value === "string");
      const found: string[] = [];
      for (const [way, seen] of Object.entries(shown(environ))) {
        for (const secret of secrets) if (seen.includes(secret)) found.push(`${way} shows a binding`);
        if (way === "inspect" && /hunter2|s3ss10n/.test(seen)) found.push(`${way} shows a credential`);
        if (/tsgi\.(?:native|bindings)/.test(seen)) found.push(`${way} names native or bindings`);
      }
      return json(start, found);
    },
    async (t) =>
      equal(
        (await t.ask({ headers: ["Authorization: Basic hunter2hunter2", "Cookie: id=s3ss10n"] })).json(),
        [],
        "shown",
      ),
  ],
  [
    "environ: two requests at once have two environs",
    async (environ, start) => {
      environ["app.user"] = environ.QUERY_STRING;
      await sleep(40);
      return json(start, [environ["app.user"], environ.QUERY_STRING]);
    },
    async (t) => {
      const answers = await Promise.all(["a", "b", "c"].map((name) => t.ask({ target: `/?${name}` })));
      // in the order in which they were asked, whatever the order of the answers
      for (const answer of answers) {
        const [mine, query] = answer.json<string[]>();
        equal(mine, query, "app.user");
        t.permits(answer, "three answers in any order");
      }
    },
  ],
];
