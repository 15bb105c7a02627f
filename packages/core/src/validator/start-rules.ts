import type { Header, StartResponse, Write } from "../contract.ts";
import { isDigits, isFieldValue, isHopByHop, quote, STATUS } from "../grammar.ts";
import { OWN_HEAD } from "../start-response.ts";
import { countChunk } from "./chunk-rules.ts";
import { refuse, show, ValidationError, warn } from "./error.ts";
import type { Exchange } from "./exchange.ts";

// startResponse and the write that it gives.

type List = readonly Readonly<Header>[];

/** The startResponse that the app gets. */
export function watchStart(startResponse: StartResponse, exchange: Exchange): StartResponse {
  const watched = (...args: unknown[]): Write => {
    const again = exchange.called;
    exchange.called = true;
    /// A5. `startResponse` is called with a status, a list of headers and, where it replaces a head, an error: two or
    /// three arguments.
    if (args.length < 2 || args.length > 3)
      refuse("A5", `startResponse was called with ${args.length} argument(s); two or three are wanted`);
    const [status, headers, error] = args;
    checkStatus(status, exchange);
    const own = (headers as { [OWN_HEAD]?: unknown } | null | undefined)?.[OWN_HEAD] !== undefined;
    // a Response's own list was checked by the Response, and stays unread
    if (!own) checkHeaders(headers);
    /// A6. The third argument is an Error (of whatever class or realm), or `undefined` or `null` for none.
    if (error !== undefined && error !== null && !isError(error))
      refuse("A6", `startResponse: the error is ${show(error)}; an Error is wanted`);
    /// A7. `startResponse` is called once. A second call has the error that made it necessary as its third argument, also
    /// where the first call was refused.
    if (again && (error === undefined || error === null))
      refuse("A7", "startResponse was called twice; a second call needs an error as its third argument");
    // once the head has left the server throws the error that it was given, and the first head stands
    const write: unknown = (startResponse as (...args: unknown[]) => unknown)(...args);
    exchange.begun = true;
    exchange.code = Number((status as string).slice(0, 3));
    exchange.declared = own ? -1 : declaredIn(headers as List);
    exchange.untyped = own ? undefined : checkType(headers as List, exchange);
    /// F1. `startResponse` gives `write`, a function. A filter that passes its own `startResponse` in gives on what the
    /// server's gave: `(status, headers, error) => start(status, [...headers, mine], error)`.
    if (typeof write !== "function") refuse("F1", `startResponse gave ${show(write)}; the function write is wanted`);
    return watchWrite(write as Write, exchange);
  };
  return watched;
}

function isError(value: unknown): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

function checkStatus(status: unknown, exchange: Exchange): void {
  /// A8. The status is a string: a code of three digits from 200 to 599, a space, and a reason of latin-1 without control
  /// characters, which may be empty: `"200 OK"`.
  if (typeof status !== "string" || !STATUS.test(status))
    refuse("A8", `startResponse: status is ${show(status)}; "NNN Reason" with a code from 200 to 599 is wanted`);
  /// A9. A status has the space even when it has no reason. The server completes a bare code, and the validator warns.
  if (status.length === 3)
    warn(exchange.errors, "A9", `startResponse: status is ${show(status)}; "NNN Reason" is wanted`);
}

const NAME = /^[a-z](?:[a-z0-9_-]*[a-z0-9])?$/i;

function checkHeaders(headers: unknown): void {
  /// A10. The headers are an array of pairs `[name, value]`. A name may be there more than once (`Set-Cookie`) and stays
  /// so; the list may be frozen or of a subclass of Array.
  if (!Array.isArray(headers))
    refuse("A10", `startResponse: headers are ${show(headers)}; an array of [name, value] pairs is wanted`);
  let lengths = 0;
  for (const pair of headers as readonly unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2)
      refuse("A10", `startResponse: a header is ${show(pair)}; a pair [name, value] is wanted`);
    const [name, value] = pair as [unknown, unknown];
    /// A11. A header name is a string of letters, digits, `-` and `_` that begins with a letter and ends with a letter or
    /// digit. HTTP allows more characters, which gateways and caches on the way do not all let through.
    if (typeof name !== "string" || !NAME.test(name))
      refuse("A11", `startResponse: a header name is ${show(name)}; letters, digits, "-" and "_" are wanted`);
    const lower = name.toLowerCase();
    /// A12. No header is called `Status`: CGI would take it for the status line.
    if (lower === "status") refuse("A12", `startResponse: header ${quote(name)}; the status is the first argument`);
    /// A13. No header is hop-by-hop (Connection, Keep-Alive, Transfer-Encoding, Upgrade … RFC 9110 7.6.1): the connection
    /// belongs to the server.
    if (isHopByHop(name)) refuse("A13", `startResponse: header ${quote(name)} is hop-by-hop; it belongs to the server`);
    /// A14. A header value is a string of latin-1 characters without control characters: no CR, LF, NUL, DEL or tab.
    if (typeof value !== "string" || !isFieldValue(value) || value.includes("\t"))
      refuse("A14", `startResponse: header ${quote(name)} is ${show(value)}; latin-1 text without controls is wanted`);
    if (lower !== "content-length") continue;
    /// A15. Content-Length is there once at most and is digits and nothing else.
    if (++lengths > 1) refuse("A15", "startResponse: Content-Length is there twice; once at most is wanted");
    if (!isDigits(value)) refuse("A15", `startResponse: Content-Length is ${show(value)}; digits are wanted`);
  }
}

function declaredIn(headers: List): number {
  for (const [name, value] of headers) if (name.toLowerCase() === "content-length") return Number(value);
  return -1;
}

/** What is wrong with the Content-Type; a missing one is thrown when the body turns out not to be a Response's. */
function checkType(headers: List, exchange: Exchange): ValidationError | undefined {
  const { code } = exchange;
  const has = headers.some(([name]) => name.toLowerCase() === "content-type");
  /// A16. A 204 and a 304 have no Content-Type: there is no content.
  if (has && (code === 204 || code === 304))
    refuse("A16", `startResponse: Content-Type with status ${code}, which has no content; none is wanted`);
  if (code === 204 && declaredIn(headers) >= 0)
    /// A17. A 204 has no Content-Length (RFC 9110 8.6). The server leaves it out, and the validator warns.
    warn(exchange.errors, "A17", "startResponse: Content-Length with status 204, which has no content; none is wanted");
  /// A18. Every other answer has a Content-Type, an error page or an empty one too; only the Response of a fetch handler
  /// goes without, as it came, and a 205.
  return has || exchange.contentless
    ? undefined
    : new ValidationError("A18", `startResponse: no Content-Type with status ${code}; one is wanted`);
}

function watchWrite(write: Write, exchange: Exchange): Write {
  const watched: Write = (...args: unknown[]) => {
    /// A19. `write` is called with one chunk, a string or a Uint8Array.
    if (args.length !== 1 || (typeof args[0] !== "string" && !(args[0] instanceof Uint8Array)))
      refuse("A19", `write was called with ${args.map(show).join(", ") || "no argument"}; one chunk is wanted`);
    /// A20. `write` is for what comes ahead of the body: it is not called while the body gives a chunk, which could
    /// `yield` instead. The server keeps the order, and the validator warns.
    if (exchange.pulling)
      warn(exchange.errors, "A20", "write was called while the body was iterated; yield the chunk instead");
    countChunk(args[0], exchange);
    return write(args[0]);
  };
  return new Proxy(watched, {
    get(target, key) {
      /// A21. `write` is a function and nothing more: no attribute of it is used, and there is nothing to flush or close.
      if (typeof key === "string" && key !== "then" && key !== "prototype" && !(key in Function.prototype))
        refuse("A21", `write.${quote(key).slice(1, -1)} was used; write is a function without attributes`);
      return Reflect.get(target, key);
    },
  });
}
