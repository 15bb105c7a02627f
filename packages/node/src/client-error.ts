import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

// What Node's parser refuses. Node's own handler answers 400 and cuts the connection, an answer in the making included;
// a listener has to do all of that by itself.

/** The latest answer on a connection; `null` once that is whole. */
const ANSWER = Symbol("answer");
type Marked = Duplex & { [ANSWER]?: ServerResponse | null };

/** Remembers the latest answer of a connection. */
export function markAnswer(req: IncomingMessage, res: ServerResponse): void {
  (req.socket as Marked)[ANSWER] = res;
}

/**
 * An answer has been ended. Kept until the next request, 4 KB of it on each connection would outlive every look of the
 * garbage collector, for which V8 made its young generation four times as large and slow. One that waits for its turn in
 * a pipeline stays.
 */
export function unmarkAnswer(req: IncomingMessage, res: ServerResponse): void {
  const socket: Marked = req.socket;
  if (socket[ANSWER] === res && res.socket !== null) socket[ANSWER] = null;
}

const ANSWERS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "413 Payload Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/** Answers what is no request, unless an answer has begun on its connection, and closes that. */
export function onClientError(error: Error & { code?: string }, socket: Duplex): void {
  const answer = (socket as Marked)[ANSWER];
  const code = error.code ?? "";
  // bytes behind a request that said `Connection: close`: never read, no reason to cut the answer to it, and with it the
  // connection ends
  if (code === "HPE_CLOSED_CONNECTION" && answer !== undefined) return;
  // a pipelined answer has no socket before its turn: then the one before it is under way
  const isUnderWay = answer !== undefined && answer !== null && !answer.writableFinished;
  if (socket.writable && !(isUnderWay && (answer.headersSent || answer.socket === null)))
    socket.write(`HTTP/1.1 ${ANSWERS[code] ?? "400 Bad Request"}\r\nConnection: close\r\n\r\n`);
  socket.destroy(error);
}
