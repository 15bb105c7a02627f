// What the contract alone costs where a server speaks fetch: an environ that is read lazily, can be listed and set (so a
// Proxy), `startResponse`, `write`, a body that is iterated, or is a Response that goes out as it came. Nothing is checked,
// limited, counted or reported: the floor to measure from, no server to use.
import { APPS } from "./tsgi-apps.mjs";

const FIELDS = { HTTP_ACCEPT_LANGUAGE: "accept-language", HTTP_COOKIE: "cookie", HTTP_USER_AGENT: "user-agent" };

const BINDINGS = {};

class Input {
  constructor(request) {
    this.request = request;
  }

  json() {
    return this.request.json();
  }

  [Symbol.asyncIterator]() {
    return this.request.body[Symbol.asyncIterator]();
  }
}

class Exchange {
  init = undefined;
  gone = undefined;

  constructor(request) {
    this.request = request;
    this.method = request.method;
    this.url = request.url;
  }

  start = (status, list) => {
    this.init = { status: Number(status.slice(0, 3)), headers: headersOf(list) };
    return () => {
      throw new Error("the floor has no write");
    };
  };

  read(key) {
    switch (key) {
      case "REQUEST_METHOD":
        return this.method;
      case "PATH_INFO": {
        const { url } = this;
        const start = url.indexOf("/", 8);
        const mark = url.indexOf("?", start);
        return mark < 0 ? url.slice(start) : url.slice(start, mark);
      }
      case "QUERY_STRING": {
        const mark = this.url.indexOf("?");
        return mark < 0 ? "" : this.url.slice(mark + 1);
      }
      case "tsgi.input":
        return new Input(this.request);
      case "tsgi.signal":
        return (this.gone ??= new AbortController()).signal;
      case "tsgi.request":
        return this.request;
      case "tsgi.bindings":
        return BINDINGS;
      default:
        return this.request.headers.get(FIELDS[key]);
    }
  }
}

/** As an object, the fastest way into a Response; one with a repeated name as the pairs that it is. */
function headersOf(list) {
  const record = {};
  for (const [name, value] of list) {
    if (name in record) return list;
    record[name] = value;
  }
  return record;
}

const traps = { get: (exchange, key) => exchange.read(key) };

const encoder = new TextEncoder();

function take({ value, done }, controller) {
  if (done) controller.close();
  else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
}

/** A body as a stream, one chunk a pull, the first of them here already perhaps; with a beat workerd does not take it for hung. */
function streamOf(iterator, isLater, exchange, beat, first) {
  return new ReadableStream(
    {
      start(controller) {
        if (beat > 0) setInterval(() => {}, beat);
        if (first !== undefined) take(first, controller);
      },
      pull: isLater
        ? async (controller) => take(await iterator.next(), controller)
        : (controller) => take(iterator.next(), controller),
      cancel() {
        exchange.gone?.abort();
        void iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A fetch handler as an app; status and fields are for a filter to ask for, and there is none. */
const bridged = (hono) => (environ, startResponse) => {
  const response = hono.fetch(environ["tsgi.request"], environ["tsgi.bindings"], { waitUntil() {} });
  return typeof response.then === "function"
    ? response.then((late) => passOn(late, startResponse))
    : passOn(response, startResponse);
};

function passOn(response, startResponse) {
  startResponse("200 OK", []);
  return { response };
}

/** The fetch handler of a workload. */
export function floor(workload, option, beat = 0, hono = undefined) {
  const app = workload === "fetch" ? bridged(hono) : APPS[workload](option);
  const answer = (body, exchange) => {
    if (body.response !== undefined) return body.response;
    if (Array.isArray(body)) return new Response(body[0], exchange.init);
    const isLater = body[Symbol.asyncIterator] !== undefined;
    const iterator = isLater ? body[Symbol.asyncIterator]() : body[Symbol.iterator]();
    const say = (first) => new Response(streamOf(iterator, isLater, exchange, beat, first), exchange.init);
    // an async generator calls startResponse at its first pull
    return exchange.init === undefined ? iterator.next().then(say) : say();
  };
  return (request) => {
    const exchange = new Exchange(request);
    const body = app(new Proxy(exchange, traps), exchange.start);
    return typeof body.then === "function" ? body.then((late) => answer(late, exchange)) : answer(body, exchange);
  };
}
