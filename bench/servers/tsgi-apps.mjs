// The workloads as TSGI apps: the same file on all runtimes.
import { fromFetch, pipeline, urlmap } from "@tsgi/core";
import {
  blocks,
  chunks,
  countBytes,
  EVENT,
  HELLO,
  laterChunks,
  layersOf,
  mountPaths,
  profile,
  ROUTE,
  ROUTE_COOKIES,
  ROUTE_HEADERS,
} from "./answers.mjs";

const hello = (environ, startResponse) => {
  if (environ.REQUEST_METHOD !== "GET" || environ.PATH_INFO !== "/") return notFound(startResponse);
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [HELLO];
};

const json = async (environ, startResponse) => {
  if (environ.REQUEST_METHOD !== "POST" || environ.PATH_INFO !== "/") return notFound(startResponse);
  const data = await environ["tsgi.input"].json();
  startResponse("200 OK", [["Content-Type", "application/json"]]);
  return [JSON.stringify(data)];
};

const route = (environ, startResponse) => {
  const found = ROUTE.exec(environ.PATH_INFO);
  if (environ.REQUEST_METHOD !== "GET" || found === null) return notFound(startResponse);
  const query = new URLSearchParams(environ.QUERY_STRING);
  const { HTTP_ACCEPT_LANGUAGE: language, HTTP_COOKIE: cookie, HTTP_USER_AGENT: agent } = environ;
  startResponse("200 OK", [
    ["Content-Type", ROUTE_HEADERS["content-type"]],
    ["Cache-Control", ROUTE_HEADERS["cache-control"]],
    ["Vary", ROUTE_HEADERS.vary],
    ["X-Frame-Options", ROUTE_HEADERS["x-frame-options"]],
    ["Set-Cookie", ROUTE_COOKIES[0]],
    ["Set-Cookie", ROUTE_COOKIES[1]],
  ]);
  return [profile(found[1], query.get("page"), query.get("sort"), language, cookie, agent)];
};

function notFound(startResponse) {
  startResponse("404 Not Found", [["Content-Type", "text/plain"]]);
  return ["not here"];
}

const mounted = (environ, startResponse) => {
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [HELLO];
};

const pass = (app) => (environ, startResponse) => app(environ, startResponse);

const addHeader = (app) => (environ, startResponse) =>
  app(environ, (status, headers, error) => startResponse(status, [...headers, ["X-Filter", "1"]], error));

const upload = async (environ, startResponse) => {
  const bytes = await countBytes(environ["tsgi.input"]);
  startResponse("200 OK", [["Content-Type", "text/plain"]]);
  return [String(bytes)];
};

const idle = async function* (environ, startResponse) {
  startResponse("200 OK", [["Content-Type", "text/event-stream"]]);
  yield EVENT;
  await new Promise((resolve) => environ["tsgi.signal"].addEventListener("abort", resolve));
};

/** Each workload's app, made of the option. */
export const APPS = {
  hello: () => hello,
  json: () => json,
  route: () => route,
  filters: (option) =>
    pipeline(
      Array.from({ length: layersOf(option) }, () => pass),
      hello,
    ),
  mounts: (option) => urlmap(Object.fromEntries(mountPaths(Number(option)).map((path) => [path, mounted]))),
  stream: (option) => (environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "text/plain"]]);
    return option === "later" ? laterChunks() : chunks();
  },
  upload: () => upload,
  download: (option) => (environ, startResponse) => {
    startResponse("200 OK", [["Content-Type", "application/octet-stream"]]);
    return blocks(Number(option));
  },
  idle: () => idle,
  fetch: (option, hono) => (option === "filter" ? addHeader(fromFetch(hono)) : fromFetch(hono)),
};
