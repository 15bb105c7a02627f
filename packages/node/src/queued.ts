import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

// A request that was pipelined behind another is served at once, but its ServerResponse has no socket before its turn:
// when the connection ends meanwhile it emits no "close", and nobody would ever learn that the client has left.

/** Who waits on a connection for its turn. One listener for all of them: Node warns of more than ten. */
const waiting = new WeakMap<Socket, Map<ServerResponse, () => void>>();

/** Calls `listener` when the connection ends before an answer that waits behind another has had its turn. */
export function onQueueClosed(socket: Socket, res: ServerResponse, listener: () => void): void {
  let queue = waiting.get(socket);
  if (queue === undefined) {
    const made = new Map<ServerResponse, () => void>();
    waiting.set(socket, (queue = made));
    socket.once("close", () => {
      for (const gone of made.values()) gone();
    });
  }
  queue.set(res, listener);
  res.once("socket", () => waiting.get(socket)?.delete(res));
}
