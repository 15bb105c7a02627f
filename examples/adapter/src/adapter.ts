// An adapter on node:net: a Source, a Sink, and the loop of a connection. docs/writing-an-adapter.md walks through it.
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { handle, limitsOf, type App, type Chunk, type Chunks, type Head, type Limits } from "@tsgi/core";
import type { Payload, Server, Sink, Source } from "@tsgi/core";
import { appOf, buildRequest, checkFields, closing, declaredLength, nextOf, parseListen } from "@tsgi/core/adapter";
import { refuseUnknown, trusting, urlOf, type ServeOptions } from "@tsgi/core/adapter";
import { chunkOf, fieldOf, Reader, textOf, type RequestHead } from "./http1.ts";

/** One request as core reads it; what a connection does not know is left out. */
function sourceOf(socket: Socket, reader: Reader, head: RequestHead, limits: Limits, options: ServeOptions): Source {
  const { raw } = head;
  const payload = reader.unread ? payloadOf(socket, reader, raw) : null;
  const source: Source = {
    method: head.method,
    target: head.target,
    protocol: head.protocol,
    scheme: "http",
    serverName: socket.localAddress ?? "localhost",
    serverPort: String(socket.localPort ?? 80),
    remoteAddr: socket.remoteAddress,
    remotePort: socket.remotePort === undefined ? undefined : String(socket.remotePort),
    runtime: "net",
    native: { net: { socket } },
    bindings: process.env,
    limits,
    errors: options.errorLog,
    header: (name) => fieldOf(raw, name),
    headerNames: () => raw.filter((_, i) => i % 2 === 0),
    fieldsChecked: true, // in `refuse`
    refuse: () => head.refusal ?? checkFields(raw, head.protocol, limits.headers),
    payload: () => payload,
    onDisconnect(listener) {
      reader.onEnd = listener;
      if (reader.ended) listener();
    },
    request: (parts) => buildRequest(source, raw, parts),
  };
  return source;
}

/** A request body: nothing of it is read before the app asks, and so no client is asked for one that is not wanted. */
function payloadOf(socket: Socket, reader: Reader, raw: readonly string[]): Payload {
  const length = declaredLength(fieldOf(raw, "content-length"));
  const pieces = reader.body(length);
  const payload = {
    length,
    awaited: fieldOf(raw, "expect")?.toLowerCase() === "100-continue",
    chunks() {
      if (payload.awaited) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      payload.awaited = false;
      return pieces;
    },
  };
  return payload;
}

/** An answer on its way out. */
class NetSink implements Sink {
  /** Settles when the socket has taken all of it, or is no more. */
  sent: Promise<void> = Promise.resolve();
  /** No other request follows on this connection. */
  last: boolean;
  private readonly socket: Socket;
  private readonly isOld: boolean;

  constructor(socket: Socket, { raw, protocol }: RequestHead) {
    this.socket = socket;
    this.isOld = protocol === "HTTP/1.0";
    this.last = this.isOld || /(?:^|,)[\t ]*close[\t ]*(?:,|$)/i.test(fieldOf(raw, "connection") ?? "");
  }

  send(head: Head, chunk: Chunk | null): void {
    const bytes = Buffer.from(chunk ?? "");
    const isUnsaid = head.bodiless && (bytes.length === 0 || head.code === 204 || head.code === 304);
    const length = head.length >= 0 || isUnsaid ? head.length : bytes.length;
    const text = textOf(head, length, false, (this.last ||= head.close));
    this.sent = this.write(head.bodiless ? text : Buffer.concat([text, bytes])).catch(() => this.abort());
  }

  stream(head: Head, chunks: Chunks): void {
    this.sent = this.pump(head, chunks).catch(() => {
      chunks.cancel();
      this.abort();
    });
  }

  abort(): void {
    this.last = true;
    this.socket.resetAndDestroy(); // a mere end would make a truncated answer to HTTP/1.0 a whole one
  }

  private async pump(head: Head, chunks: Chunks): Promise<void> {
    const isChunked = head.length < 0 && !this.isOld;
    await this.write(textOf(head, head.length, isChunked, (this.last ||= head.close)));
    for (let chunk = await nextOf(chunks); chunk !== null; chunk = await nextOf(chunks))
      await this.write(isChunked ? chunkOf(chunk) : chunk);
    if (isChunked) await this.write(chunkOf(new Uint8Array(0)));
  }

  /** Resolves once the socket has taken the bytes and others have had their turn: no chunk is asked for before. */
  private write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(bytes, (error) => (error ? reject(error) : setImmediate(resolve)));
    });
  }
}

/** Serves an app. Rejects with a TypeError for an option it does not know, and when the address is in use. */
export async function serve(app: App, options: ServeOptions = {}): Promise<Server> {
  refuseUnknown(options, "node:net", ["host", "port", "signal", "grace", "limits", "errorLog", "trustedProxy"]);
  const served = appOf(app);
  const limits = limitsOf(options.limits);
  const trust = trusting(options.trustedProxy);
  /** The connections, and whether a request is in flight on each. */
  const busy = new Map<Socket, boolean>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, async (socket) => {
    const reader = new Reader(socket);
    socket.on("error", () => {}).on("timeout", () => socket.destroy());
    socket.on("close", () => busy.delete(socket) && reader.onEnd());
    busy.set(socket, false);
    for (let isLast = false; !isLast && (await reader.begins()); busy.set(socket, false)) {
      busy.set(socket, true);
      const head = await reader.head(limits.headerBytes);
      const sink = new NetSink(socket, head);
      await handle(served, trust(sourceOf(socket, reader, head, limits, options)), sink);
      await sink.sent;
      isLast = sink.last || reader.unread || !server.listening;
    }
    // a socket that closes with bytes unread is reset, and the client might lose its answer
    socket.end();
    const timer = setTimeout(() => socket.destroy(), limits.drainTime);
    await reader.discard(16 * limits.drain);
    clearTimeout(timer);
    socket.destroy();
  });
  await once(server.listen(parseListen(options)), "listening");
  const { address: host, port } = server.address() as AddressInfo;
  const cut = (all: boolean): number => {
    for (const [socket, isBusy] of busy) if (all || !isBusy) socket.destroy();
    return [...busy.values()].filter(Boolean).length;
  };
  const finish = (): Promise<unknown> => {
    cut(false);
    return once(server.close(), "close");
  };
  return { url: urlOf({ kind: "tcp", host, port }, false), ...closing(app, options, { finish, cut: () => cut(true) }) };
}
