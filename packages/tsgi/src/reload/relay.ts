import { connect, createServer, type Server, type Socket } from "node:net";
import { parseListen, type Address } from "@tsgi/core/adapter";
import { removeStale } from "../unix-socket.ts";

// A listening socket that stays open while the processes behind it come and go. What travels is bytes: a connection is
// joined, when its first bytes have come, to whoever serves at that moment, and stays there until one side ends it.
//
// Why not one socket that two processes listen on: Bun and Deno take no socket from another process, and with SO_REUSEPORT
// the kernel resets the connections that wait for a process which stops listening.

/** Where a process listens for this relay. */
export type Inner = { readonly host: string; readonly port: number } | { readonly path: string };

/** What goes to a client while nobody serves; on https there is no way to say it. */
const NOBODY =
  "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" +
  "The app does not start; the terminal says why.\n";

/** An address that passes its connections on. */
export class Relay {
  private readonly open = new Set<Socket>();
  /** Connections that are on their way to a process, which has to wait for them before it stops listening. */
  private readonly joining = new Set<Promise<void>>();

  private constructor(
    private readonly server: Server,
    /** The address as it was asked for. */
    readonly asked: string,
    /** Where it listens; the port is the one that the system chose. */
    readonly address: Address,
    /** Whoever serves now; a promise while one starts, `undefined` when none could. */
    private inner: Promise<Inner | undefined>,
    private secure: boolean,
  ) {
    server.on("connection", (socket) => this.accept(socket));
  }

  /** Begins to listen, for whoever serves there. @throws (rejects) the system's error when the address is in use */
  static async listen(listen: string, inner: Inner, secure: boolean): Promise<Relay> {
    const address = parseListen({ listen });
    await removeStale(listen);
    // a client may send its request, close its side, and still wait for the answer
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const ready = (): void => void (server.off("error", reject), resolve());
      if (address.kind === "tcp") server.listen({ host: address.host, port: address.port }, ready);
      else if (address.kind === "unix") server.listen({ path: address.path }, ready);
      else server.listen({ fd: address.fd }, ready);
    });
    server.on("error", () => {}); // a connection that could not be accepted; the next one may
    const bound = server.address();
    const there = Promise.resolve(inner);
    if (address.kind !== "tcp" || bound === null || typeof bound === "string")
      return new Relay(server, listen, address, there, secure);
    return new Relay(server, listen, { ...address, port: bound.port }, there, secure);
  }

  /**
   * Sends new connections elsewhere.
   *
   * @param inner a promise while a process starts, so that connections wait for it; one of `undefined` turns them away
   * @returns once all that were on the way to the former place have arrived there
   */
  async lead(inner: Promise<Inner | undefined>, secure: boolean): Promise<void> {
    this.inner = inner;
    this.secure = secure;
    await Promise.all(this.joining);
  }

  /** Accepts no more. @returns once the last connection has ended */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      // opened in advance, and silent: nobody waits for an answer
      for (const socket of this.open) if (socket.bytesRead === 0) socket.destroy();
    });
  }

  /** Ends every connection. */
  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  private accept(outer: Socket): void {
    this.open.add(outer);
    outer.once("close", () => this.open.delete(outer));
    outer.on("error", () => outer.destroy());
    outer.once("end", () => {
      if (outer.bytesRead === 0) outer.destroy();
    });
    outer.once("data", (first: Buffer) => {
      outer.pause();
      const joined = this.join(outer, first);
      this.joining.add(joined);
      void joined.then(() => this.joining.delete(joined));
    });
  }

  private async join(outer: Socket, first: Buffer): Promise<void> {
    // whoever is started while this one waits is as good
    let inner = await this.inner;
    for (let next = await this.inner; next !== inner; next = await this.inner) inner = next;
    if (inner === undefined) {
      if (this.secure) outer.destroy();
      else outer.end(NOBODY);
      return;
    }
    const through = connect({ ...inner, allowHalfOpen: true });
    through.on("error", () => outer.destroy());
    outer.once("close", () => through.destroy());
    through.once("close", () => outer.destroySoon());
    await new Promise<void>((resolve) => {
      through.once("close", () => resolve());
      through.once("connect", () => {
        through.write(first);
        outer.pipe(through);
        through.pipe(outer);
        resolve();
      });
    });
  }
}
