// node:http alone, written the usual way: writeHead with an object, end.
import { once } from "node:events";
import { createServer } from "node:http";
import {
  blocks,
  chunks,
  EVENT,
  HELLO,
  laterChunks,
  layersOf,
  mountPaths,
  profile,
  ROUTE,
  ROUTE_COOKIES,
  ROUTE_HEADERS,
} from "../answers.mjs";
import { chosen, option, ready } from "../process.mjs";

function text(res, body) {
  res.writeHead(200, { "content-type": "text/plain", "content-length": Buffer.byteLength(body) });
  res.end(body);
}

function notFound(res) {
  res.writeHead(404, { "content-type": "text/plain", "content-length": 8 });
  res.end("not here");
}

function hello(req, res) {
  if (req.method !== "GET" || req.url !== "/") return notFound(res);
  res.writeHead(200, { "content-type": "text/plain", "content-length": 11 });
  res.end(HELLO);
}

function json(req, res) {
  if (req.method !== "POST" || req.url !== "/") return notFound(res);
  const parts = [];
  req.on("data", (part) => parts.push(part));
  req.on("end", () => {
    const body = JSON.stringify(JSON.parse(Buffer.concat(parts).toString()));
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    res.end(body);
  });
}

function route(req, res) {
  const { url, headers } = req;
  const mark = url.indexOf("?");
  const found = ROUTE.exec(mark < 0 ? url : url.slice(0, mark));
  if (req.method !== "GET" || found === null) return notFound(res);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  const body = profile(
    found[1],
    query.get("page"),
    query.get("sort"),
    headers["accept-language"],
    headers.cookie,
    headers["user-agent"],
  );
  res.writeHead(200, { ...ROUTE_HEADERS, "set-cookie": ROUTE_COOKIES, "content-length": Buffer.byteLength(body) });
  res.end(body);
}

function filters() {
  let handler = hello;
  for (let i = 0; i < layersOf(option); i++) {
    const next = handler;
    handler = (req, res) => next(req, res);
  }
  return handler;
}

const mounted = (req, res) => text(res, HELLO);

function mounts() {
  const map = new Map(mountPaths(Number(option)).map((path) => [path, mounted]));
  return (req, res) => {
    const end = req.url.indexOf("/", 1);
    const handler = map.get(end < 0 ? req.url : req.url.slice(0, end));
    return handler === undefined ? notFound(res) : handler(req, res);
  };
}

async function stream(req, res) {
  res.writeHead(200, { "content-type": "text/plain" });
  if (option === "later") for await (const chunk of laterChunks()) await write(res, chunk);
  else for (const chunk of chunks()) if (!res.write(chunk)) await once(res, "drain");
  res.end();
}

async function write(res, chunk) {
  if (!res.write(chunk)) await once(res, "drain");
}

function upload(req, res) {
  let bytes = 0;
  req.on("data", (part) => (bytes += part.length));
  req.on("end", () => text(res, String(bytes)));
}

async function download(req, res) {
  const gone = new AbortController();
  res.on("close", () => gone.abort());
  res.writeHead(200, { "content-type": "application/octet-stream" });
  try {
    for (const block of blocks(Number(option))) if (!res.write(block)) await once(res, "drain", gone);
  } catch {
    return; // the client has left
  }
  res.end();
}

function idle(req, res) {
  res.writeHead(200, { "content-type": "text/event-stream" });
  res.write(EVENT);
  res.on("close", () => {});
}

const handler = chosen({
  hello: () => hello,
  fetch: () => hello,
  json: () => json,
  route: () => route,
  filters,
  mounts,
  stream: () => stream,
  upload: () => upload,
  download: () => download,
  idle: () => idle,
})();
const server = createServer(handler).listen(0, "127.0.0.1", () => ready(server.address().port));
