import { Duplex } from "node:stream";
import type { Environ } from "@tsgi/core";

/**
 * What a listener takes for its connection: addresses, `encrypted`, a timeout, and a `destroy` that cuts the answer. No
 * bytes go through it: they go by way of the request and the response.
 */
export class ListenerSocket extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly remoteFamily: string | undefined;
  readonly localAddress: string;
  readonly localPort: number;
  readonly encrypted: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  timeout = 0;

  constructor(environ: Environ) {
    super();
    this.remoteAddress = environ.REMOTE_ADDR;
    this.remotePort = environ.REMOTE_PORT === undefined ? undefined : Number(environ.REMOTE_PORT);
    if (this.remoteAddress !== undefined) this.remoteFamily = this.remoteAddress.includes(":") ? "IPv6" : "IPv4";
    this.localAddress = environ.SERVER_NAME;
    this.localPort = Number(environ.SERVER_PORT);
    this.encrypted = environ["tsgi.url_scheme"] === "https";
    this.on("error", () => {}); // said by whoever destroyed it; never an uncaught "error"
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, callback: () => void): void {
    callback();
  }

  /** Who ends the connection has nothing more to answer. */
  override _final(callback: () => void): void {
    callback();
    this.destroy();
  }

  /** As net.Socket's: `"timeout"` after so many milliseconds in which nothing went through; 0 for none. */
  setTimeout(milliseconds: number, callback?: () => void): this {
    clearTimeout(this.#timer);
    this.timeout = milliseconds;
    if (callback !== undefined) this.once("timeout", callback);
    this.refresh();
    return this;
  }

  /** Something went through. */
  refresh(): void {
    clearTimeout(this.#timer);
    if (this.timeout > 0 && !this.destroyed) this.#timer = setTimeout(() => this.emit("timeout"), this.timeout);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    callback(error);
  }

  address(): object {
    return {
      address: this.localAddress,
      port: this.localPort,
      family: this.localAddress.includes(":") ? "IPv6" : "IPv4",
    };
  }

  destroySoon(): void {
    this.destroy();
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
