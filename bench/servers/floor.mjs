// What the contract alone costs where a server speaks fetch: an environ that is read lazily, can be listed and set (so a
// Proxy), `startResponse`, `write`, an answer in one piece. Nothing is checked, limited, streamed, reported or cleaned up:
// the floor to measure from, no server to use.
import { APPS } from "./tsgi-apps.mjs";

const FIELDS = { HTTP_ACCEPT_LANGUAGE: "accept-language", HTTP_COOKIE: "cookie", HTTP_USER_AGENT: "user-agent" };

class Exchange {
  init = undefined;

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
        return this.request;
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

/** The fetch handler of a workload. */
export function floor(workload) {
  const app = APPS[workload]();
  return (request) => {
    const exchange = new Exchange(request);
    const body = app(new Proxy(exchange, traps), exchange.start);
    if (Array.isArray(body)) return new Response(body[0], exchange.init);
    return body.then((late) => new Response(late[0], exchange.init));
  };
}
