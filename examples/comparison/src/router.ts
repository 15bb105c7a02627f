import type { App, Body, Environ, StartResponse } from "@tsgi/core";

// A router on nothing but the contract: PATH_INFO split at its slashes.

export type Params = Readonly<Record<string, string>>;
export type Handler = (environ: Environ, start: StartResponse, params: Params) => Body | Promise<Body>;

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler;
}

/** PATH_INFO is decoded but for slashes, which would else look like separators: inside one segment they can be decoded too. */
const decodeSlashes = (segment: string): string => segment.replace(/%(?:25)*2F/gi, decodeURIComponent);

function match(segments: readonly string[], path: readonly string[]): Params | undefined {
  const rest = segments.at(-1) === "*";
  if (rest ? path.length < segments.length : path.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    if (segment === "*") break;
    if (segment.startsWith(":")) {
      if (path[i] === "") return undefined;
      params[segment.slice(1)] = decodeSlashes(path[i]);
    } else if (segment !== path[i]) return undefined;
  }
  return params;
}

/** `{ "GET /users/:id": handler }` as an app; `ALL` is any method, HEAD is answered as GET. */
export function router(routes: Readonly<Record<string, Handler>>, notFound: App): App {
  const table: Route[] = Object.entries(routes).map(([key, handler]) => {
    const [method, path] = key.split(" ");
    return { method, segments: path.split("/"), handler };
  });
  return (environ, start) => {
    const method = environ.REQUEST_METHOD === "HEAD" ? "GET" : environ.REQUEST_METHOD;
    const path = environ.PATH_INFO.split("/");
    for (const route of table) {
      if (route.method !== "ALL" && route.method !== method) continue;
      const params = match(route.segments, path);
      if (params !== undefined) return route.handler(environ, start, params);
    }
    return notFound(environ, start);
  };
}
