import type { App, Bindings, Bytes, Environ, ErrorLog, Input, Middleware, Native, Runtime } from "@tsgi/core";
import type { Equal, Expect, IsAny } from "./expect.ts";

// ---- the keys that are always there ----------------------------------------------------------------------------------

export type Always = [
  Expect<Equal<Environ["REQUEST_METHOD"], string>>,
  Expect<Equal<Environ["PATH_INFO"], string>>,
  Expect<Equal<Environ["tsgi.version"], readonly [1, 0]>>,
  Expect<Equal<Environ["tsgi.input"], Input>>,
  Expect<Equal<Environ["tsgi.errors"], ErrorLog>>,
  Expect<Equal<Environ["tsgi.signal"], AbortSignal>>,
  Expect<Equal<Environ["tsgi.request"], Request>>,
  Expect<Equal<Environ["tsgi.bindings"], Bindings>>,
  Expect<Equal<Environ["tsgi.native"], Native>>,
  Expect<Equal<Environ["tsgi.runtime"], Runtime>>,
];

// ---- the keys that may be absent ---------------------------------------------------------------------------------------

export type Sometimes = [
  Expect<Equal<Environ["REMOTE_ADDR"], string | undefined>>,
  Expect<Equal<Environ["CONTENT_LENGTH"], string | undefined>>,
  Expect<Equal<Environ["HTTP_COOKIE"], string | undefined>>,
  Expect<Equal<Environ["HTTP_X_ANY_FIELD_AT_ALL"], string | undefined>>,
];

export const headers = (environ: Environ, name: string): string => {
  // a declared field and one that is not are both a string, or absent
  const field: string | undefined = environ[`HTTP_${name.toUpperCase()}`];
  const tenant: string | undefined = environ.HTTP_X_TENANT;
  // @ts-expect-error absent when the client did not send it
  environ.HTTP_X_TENANT.toLowerCase();
  // @ts-expect-error a field is text
  environ.HTTP_X_TENANT = 5;
  // @ts-expect-error absent when the runtime does not know it
  environ.REMOTE_ADDR.split(".");
  // @ts-expect-error a capability that a runtime may lack
  environ["tsgi.wait_until"](Promise.resolve());
  return field ?? tenant ?? "";
};

// ---- any other key is unknown: a typing error cannot pass for a string ------------------------------------------------------

export const typos = (environ: Environ): void => {
  // @ts-expect-error no such key
  void environ.PATHINFO.length;
  // @ts-expect-error no such key
  environ.REQUEST_METHODS.toLowerCase();
  // @ts-expect-error no such key
  environ["tsgi.inputs"].text();
  // @ts-expect-error a key in lower case is another key
  const path: string = environ.path_info;
  // @ts-expect-error REQUEST_METHOD is text
  environ.REQUEST_METHOD = 1;
  void path;
};

export type Unknown = [
  Expect<Equal<Environ["whatever"], unknown>>,
  Expect<Equal<IsAny<Environ["whatever"]>, false>>,
  Expect<Equal<IsAny<Environ["app.user"]>, false>>,
];

// ---- a filter's own key, declared by augmentation, and one that is not ------------------------------------------------------

declare module "@tsgi/core" {
  interface Environ {
    "tests.session"?: { readonly id: string; visits: number };
  }
  interface Native {
    edge?: { readonly event: string };
  }
}

export const session: Middleware = (app) => (environ, start) => {
  environ["tests.session"] = { id: "1", visits: 0 };
  environ["tests.undeclared"] = new Map<string, number>();
  // @ts-expect-error the declared shape holds
  environ["tests.session"] = { id: 1 };
  return app(environ, start);
};

export const visits: App = (environ, start) => {
  start("200 OK", []);
  // @ts-expect-error the filter may not be there
  void environ["tests.session"].visits;
  // @ts-expect-error what nobody declared has to be narrowed first
  void environ["tests.undeclared"].size;
  const undeclared = environ["tests.undeclared"];
  const size = undeclared instanceof Map ? undeclared.size : 0;
  return [String(environ["tests.session"]?.visits ?? size), environ["tsgi.native"].edge?.event ?? ""];
};

// ---- dictionary operations -----------------------------------------------------------------------------------------------

export const dictionary = (environ: Environ): Environ => {
  delete environ.HTTP_PROXY;
  delete environ["tests.session"];
  // @ts-expect-error always there
  delete environ.PATH_INFO;
  const keys: string[] = Object.keys(environ);
  for (const [key, value] of Object.entries(environ)) keys.push(key, String(value));
  const copy: Environ = { ...environ, SCRIPT_NAME: "/x" };
  Object.assign(copy, { "tests.more": 1 });
  return "HTTP_HOST" in copy ? copy : environ;
};

// ---- the input -------------------------------------------------------------------------------------------------------------

interface Page {
  title: string;
}

export const input = async (environ: Environ): Promise<void> => {
  const body = environ["tsgi.input"];
  const page = await body.json<Page>();
  const inferred: Page = await body.json();
  const anything = await body.json();
  // @ts-expect-error unchecked JSON is unknown, not any
  void anything.title;
  const form = await body.formData();
  const field: string = String(form.get("title"));
  const piece: Bytes = await body.read(16);
  for await (const chunk of body) chunk.byteLength satisfies number;
  for await (const chunk of body.stream()) chunk.byteLength satisfies number;
  // @ts-expect-error how much is wanted has to be said
  await body.read();
  await new Response(piece).text();
  await new Response(body.stream()).text();
  await crypto.subtle.digest("SHA-256", await body.bytes());
  void [page.title, inferred.title, field];
};

export type InputReads = [
  Expect<Equal<Awaited<ReturnType<Input["text"]>>, string>>,
  Expect<Equal<Awaited<ReturnType<Input["bytes"]>>, Bytes>>,
  Expect<Equal<Awaited<ReturnType<Input["formData"]>>, FormData>>,
];

// ---- the runtime -------------------------------------------------------------------------------------------------------------

export const runtime = (environ: Environ): string => {
  switch (environ["tsgi.runtime"]) {
    case "node":
    case "bun":
    case "deno":
    case "workerd":
      return "ours";
    case "fastly":
      return "another";
    default:
      return environ["tsgi.runtime"].toUpperCase();
  }
};
