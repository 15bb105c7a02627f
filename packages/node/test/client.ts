import { createServer, request, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

// A server to stand a listener in, and clients that send what they are told: fetch would tidy the path up.

export interface Started {
  port: number;
  server: Server;
  stop(): Promise<void>;
}

export async function start(listener: RequestListener): Promise<Started> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    server,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, "close");
    },
  };
}

export interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

export interface Got {
  status: number;
  reason: string;
  headers: IncomingMessage["headers"];
  /** Set-Cookie, one by one. */
  cookies: string[];
  bytes: Buffer;
  text: string;
}

/** One request on a connection of its own. */
export function send(port: number, { method = "GET", path = "/", headers = {}, body }: Sent = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.once("error", reject);
      res.once("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: res.statusCode ?? 0,
          reason: res.statusMessage ?? "",
          headers: res.headers,
          cookies: res.headers["set-cookie"] ?? [],
          bytes,
          text: bytes.toString(),
        });
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

/** A connection on which bytes are sent as they stand, and what came back is kept. */
export class Raw {
  readonly socket: Socket;
  text = "";
  private ended = false;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setEncoding("latin1");
    this.socket.on("data", (data: string) => (this.text += data));
    this.socket.on("error", () => {});
    this.socket.once("close", () => (this.ended = true));
  }

  write(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  get closed(): boolean {
    return this.ended;
  }

  /** Waits until the text matches; fails when the connection closes before, or after `ms`. */
  async until(pattern: RegExp | (() => boolean), ms = 5000): Promise<this> {
    const met = typeof pattern === "function" ? pattern : () => pattern.test(this.text);
    for (const deadline = Date.now() + ms; !met();) {
      if (Date.now() > deadline)
        throw new Error(`waited ${ms} ms for ${String(pattern)}; came: ${this.text.slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this;
  }

  /** Waits for the other side to close, and gives everything that came. */
  async end(ms = 5000): Promise<string> {
    await this.until(() => this.ended, ms);
    return this.text;
  }

  /** How often a pattern came. */
  count(pattern: RegExp): number {
    return [...this.text.matchAll(new RegExp(pattern, "g"))].length;
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}
