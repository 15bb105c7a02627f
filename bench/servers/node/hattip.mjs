// @hattip/adapter-node's readme: createServer(handler).listen(port); compose() and the router are hattip's own.
import { createServer } from "@hattip/adapter-node";
import { compose } from "@hattip/compose";
import { createRouter } from "@hattip/router";
import { HELLO, layersOf, profile, ROUTE_COOKIES, ROUTE_HEADERS } from "../answers.mjs";
import { fetchHandlers } from "../fetch-handlers.mjs";
import { chosen, option, ready } from "../process.mjs";

const text = { headers: { "content-type": "text/plain" } };
const handlers = fetchHandlers(Response);

function route() {
  const router = createRouter();
  router.get("/users/:id", ({ params, request: { headers: from }, url }) => {
    const headers = new Headers(ROUTE_HEADERS);
    for (const cookie of ROUTE_COOKIES) headers.append("set-cookie", cookie);
    const body = profile(
      params.id,
      url.searchParams.get("page"),
      url.searchParams.get("sort"),
      from.get("accept-language"),
      from.get("cookie"),
      from.get("user-agent"),
    );
    return new Response(body, { headers });
  });
  return router.buildHandler();
}

function hello() {
  const router = createRouter();
  router.get("/", () => new Response(HELLO, text));
  return router.buildHandler();
}

const filters = () =>
  compose(
    Array.from({ length: layersOf(option) }, () => (context) => context.next()),
    hello(),
  );

const plain = (name) => () => {
  const handler = handlers[name](option);
  return (context) => handler(context.request);
};

const handler = chosen({
  hello,
  route,
  filters,
  json: plain("json"),
  stream: plain("stream"),
  upload: plain("upload"),
  download: plain("download"),
  idle: plain("idle"),
})();
const server = createServer(handler).listen(0, "127.0.0.1", () => ready(server.address().port));
