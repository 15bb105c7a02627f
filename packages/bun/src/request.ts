import type { Bindings, ErrorLog, Limits, Native } from "@tsgi/core";
import { FileWrapper, patience, RequestSource } from "@tsgi/core/adapter";
import type { BunServer } from "./bun.ts";
import type { BunSink } from "./response.ts";

/** What stays the same for all requests of one server. */
export interface Setting {
  readonly limits: Limits;
  readonly errorLog: ErrorLog | undefined;
}

/** One request of Bun.serve. */
export class BunSource extends RequestSource {
  private readonly server: BunServer;
  private readonly setting: Setting;
  private readonly sink: BunSink;

  constructor(request: Request, server: BunServer, setting: Setting, sink: BunSink) {
    super(request);
    this.server = server;
    this.setting = setting;
    this.sink = sink;
  }

  /** Asked once the answer has taken its time. A stream that Bun has taken is cancelled at once when its client leaves. */
  override onDisconnect(listener: () => void): void {
    if (this.sink.isTaken) return;
    this.sink.wait(this.method);
    super.onDisconnect(listener);
  }

  /** Bun makes its URL of the target alone as soon as the Host is none. */
  override get hostMovesTarget(): boolean {
    return false;
  }

  get patience(): typeof patience {
    return patience;
  }

  /** Bun answers 400 to two lengths that differ and to any coding but one `chunked`. */
  get framing(): readonly string[] {
    return NONE;
  }

  override get runtime(): "bun" {
    return "bun";
  }

  override get native(): Native {
    return { bun: { request: this.raw, server: this.server } };
  }

  get bindings(): Bindings {
    return variables;
  }

  override get limits(): Limits {
    return this.setting.limits;
  }

  get errors(): ErrorLog | undefined {
    return this.setting.errorLog;
  }

  get fileWrapper(): (file: unknown, blockSize?: number) => FileWrapper {
    return wrapFile;
  }

  /** Of the listener: an absolute-form target would let the client choose (CVE-2026-33732). */
  override get scheme(): string {
    return this.server.url.protocol === "https:" ? "https" : "http";
  }

  override get serverName(): string {
    return this.server.hostname ?? "localhost";
  }

  override get serverPort(): string {
    return String(this.server.port ?? (this.scheme === "https" ? 443 : 80));
  }

  get remoteAddr(): string | undefined {
    return this.server.requestIP(this.raw)?.address;
  }

  get remotePort(): string | undefined {
    const port = this.server.requestIP(this.raw)?.port;
    return port === undefined ? undefined : String(port);
  }

  get unixPeer(): boolean {
    return this.server.port === undefined;
  }
}

const NONE: readonly string[] = [];

const wrapFile = (file: unknown, blockSize?: number): FileWrapper => new FileWrapper(file, blockSize);

declare const process: { env: Bindings };
/** To ask for it takes Bun 3 µs, and it is the same object each time. */
const variables = process.env;
