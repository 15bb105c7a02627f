// The workloads as plain fetch handlers, for whatever calls one: bare Bun, Deno and workerd, srvx, whatwg-node, hattip.
import {
  asStream,
  blocks,
  chunks,
  countBytes,
  HELLO,
  laterChunks,
  layersOf,
  mountPaths,
  profile,
  ROUTE,
  ROUTE_COOKIES,
  ROUTE_HEADERS,
  silence,
} from "./answers.mjs";

const TEXT = { "content-type": "text/plain" };

/**
 * The handlers by workload, each made of the option.
 *
 * @param Response the class to answer with: srvx has one of its own
 */
export function fetchHandlers(Response) {
  const notFound = () => new Response("not here", { status: 404, headers: { "content-type": "text/plain" } });

  // method and URL are read, as any handler that does more than one thing has to
  const hello = (request) => {
    const { url } = request;
    if (request.method !== "GET" || url.indexOf("/", 8) !== url.length - 1) return notFound();
    return new Response(HELLO, { headers: { "content-type": "text/plain" } });
  };

  const json = async (request) => {
    const { url } = request;
    if (request.method !== "POST" || url.indexOf("/", 8) !== url.length - 1) return notFound();
    return new Response(JSON.stringify(await request.json()), { headers: { "content-type": "application/json" } });
  };

  const route = (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const found = ROUTE.exec(pathname);
    if (request.method !== "GET" || found === null) return notFound();
    const from = request.headers;
    const headers = new Headers(ROUTE_HEADERS);
    for (const cookie of ROUTE_COOKIES) headers.append("set-cookie", cookie);
    return new Response(
      profile(
        found[1],
        searchParams.get("page"),
        searchParams.get("sort"),
        from.get("accept-language"),
        from.get("cookie"),
        from.get("user-agent"),
      ),
      { headers },
    );
  };

  const filters = (option) => {
    let handler = hello;
    for (let i = 0; i < layersOf(option); i++) {
      const next = handler;
      handler = (request) => next(request);
    }
    return handler;
  };

  const mounted = () => new Response(HELLO, { headers: TEXT });

  const mounts = (option) => {
    const map = new Map(mountPaths(Number(option)).map((path) => [path, mounted]));
    return (request) => {
      const { url } = request;
      const begin = url.indexOf("/", 8);
      const end = url.indexOf("/", begin + 1);
      const handler = map.get(end < 0 ? url.slice(begin) : url.slice(begin, end));
      return handler === undefined ? notFound() : handler(request);
    };
  };

  const stream = (option) => () =>
    new Response(asStream(option === "later" ? laterChunks() : chunks()), { headers: TEXT });

  const upload = async (request) => new Response(String(await countBytes(request.body)), { headers: TEXT });

  const download = (option) => () =>
    new Response(asStream(blocks(Number(option))), { headers: { "content-type": "application/octet-stream" } });

  const idle = () => new Response(silence(), { headers: { "content-type": "text/event-stream" } });

  return {
    hello: () => hello,
    start: () => hello,
    fetch: () => hello,
    json: () => json,
    route: () => route,
    filters,
    mounts,
    stream,
    upload: () => upload,
    download,
    idle: () => idle,
  };
}
