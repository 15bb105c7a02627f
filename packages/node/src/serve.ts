import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import type { App, Lifespan, Server } from "@tsgi/core";
import {
  appOf,
  closing,
  LAST_CALL,
  limitsOf,
  parseListen,
  refuseUnknown,
  trusting,
  urlOf,
  type Address,
  type Closable,
  type ServeOptions,
} from "@tsgi/core/adapter";
import { markAnswer, onClientError } from "./client-error.ts";
import { serveRequest } from "./handler.ts";
import type { Setting } from "./request.ts";

/**
 * Serves an app with Node's own HTTP server.
 *
 * @param app the app, or a promise of it
 * @param options where to listen (default 127.0.0.1:8080), limits, grace; see `ServeOptions`
 * @returns once it listens: its url, its address, and `close()`
 * @throws (rejects) TypeError for an option it does not know; the system's error when the address is in use
 * @example await using server = await serve(hello, { port: 8080 });
 */
export async function serve(
  app: App | PromiseLike<App>,
  options: ServeOptions = {},
): Promise<Server & Required<Lifespan> & { address: Address }> {
  refuseUnknown(options, "Node");
  const address = parseListen(options);
  const limits = limitsOf(options.limits);
  const setting: Setting = {
    limits,
    errorLog: options.errorLog,
    own: true,
    environ: undefined,
    trust: trusting(options.trustedProxy),
  };
  const served = appOf(app);
  const settings = {
    maxHeaderSize: Math.min(limits.headerBytes, 2 ** 30),
    requireHostHeader: true,
    // a request without a body has come to its end when it is handed over: 8 % of a small answer (Node 24.12 and later)
    optimizeEmptyRequests: true,
  };
  // TLS is loaded for whoever wants it: 3 ms of the start
  const server =
    options.tls === undefined
      ? createServer(settings)
      : (await import("node:https")).createServer({ ...settings, ...options.tls });
  server.maxHeadersCount = 0; // Node would drop fields past the limit without a word; ours are counted and refused
  const fresh = freshConnections(server, options.tls === undefined ? "connection" : "secureConnection");
  // one listener for each: a second one costs an array a request
  const answer = (req: IncomingMessage, res: ServerResponse, awaited: boolean): void => {
    if (fresh.size > 0) fresh.delete(req.socket);
    markAnswer(req, res);
    serveRequest(served, req, res, setting, undefined, awaited);
  };
  server.on("request", (req: IncomingMessage, res: ServerResponse) => answer(req, res, false));
  server.on("checkContinue", (req: IncomingMessage, res: ServerResponse) => answer(req, res, true));
  server.on("clientError", onClientError);
  const end = endOf(server, setting, fresh, options.tls === undefined ? new Set() : connectionsOf(server));
  await listen(server, address);
  const bound = boundTo(server, address);
  return { url: urlOf(bound, options.tls !== undefined), address: bound, ...closing(app, options, end) };
}

function listen(server: HttpServer, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const ready = (): void => {
      server.off("error", reject);
      resolve();
    };
    if (address.kind === "tcp") server.listen({ host: address.host, port: address.port }, ready);
    else if (address.kind === "unix") server.listen({ path: address.path }, ready);
    else server.listen({ fd: address.fd }, ready);
  });
}

function boundTo(server: HttpServer, asked: Address): Address {
  const bound = server.address();
  if (bound === null || typeof bound === "string") return asked;
  return { kind: "tcp", host: bound.address, port: bound.port };
}

/** Connections that have sent nothing yet, as browsers open them: Node counts each as a request that is being received. */
function freshConnections(server: HttpServer, connected: string): Set<Socket> {
  const fresh = new Set<Socket>();
  // one for all of them: a connection may be idle for hours
  function forget(this: Socket): void {
    fresh.delete(this);
  }
  server.on(connected, (socket: Socket) => {
    // kept by the socket once it was read: an access log still knows it when the client has gone
    void socket.remoteAddress;
    fresh.add(socket);
    socket.on("close", forget);
  });
  return fresh;
}

/** The connections beneath TLS: http knows of none before its handshake is done, and would wait two minutes for that. */
function connectionsOf(server: HttpServer): Set<Socket> {
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return connections;
}

function endOf(
  server: HttpServer,
  setting: Setting,
  fresh: ReadonlySet<Socket>,
  beneath: ReadonlySet<Socket>,
): Closable {
  const closeIdle = (): void => {
    for (const sockets of [fresh, beneath]) for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    server.closeIdleConnections();
  };
  return {
    async finish() {
      setting.closing = true;
      // not http's own close(): it cuts kept-alive connections at once, with the requests that are in their buffers
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
      // a kept-alive connection is idle again once its answer is out: looked for until the last has gone
      const sweep = setInterval(() => setImmediate(closeIdle), LAST_CALL);
      await closed;
      clearInterval(sweep);
      server.close(); // ends the check for slow requests
    },
    async cut() {
      closeIdle();
      const left = await new Promise<number>((resolve) =>
        server.getConnections((error, connections) => resolve(error === null ? connections : 0)),
      );
      server.closeAllConnections();
      for (const socket of beneath) socket.destroy();
      return left;
    },
  };
}
