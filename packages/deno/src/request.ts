import type { Bindings, ErrorLog, FileLike, Limits, Native, Refusal } from "@tsgi/core";
import { FileWrapper, patience, RequestPayload, RequestSource } from "@tsgi/core/adapter";
import { deno, type DenoFile, type DenoInfo } from "./deno.ts";
import type { DenoSink } from "./response.ts";

/** What stays the same for all requests of one server. */
export interface Setting {
  readonly limits: Limits;
  readonly errorLog: ErrorLog | undefined;
  /** Of the listener, once it is known. */
  listener: { scheme: string; name: string; port: string } | undefined;
}

/** One request of Deno.serve. */
export class DenoSource extends RequestSource {
  private readonly info: DenoInfo;
  private readonly setting: Setting;
  private readonly sink: DenoSink;

  constructor(request: Request, info: DenoInfo, setting: Setting, sink: DenoSink) {
    super(request);
    this.info = info;
    this.setting = setting;
    this.sink = sink;
  }

  get patience(): typeof patience {
    return patience;
  }

  /** Deno answers 400 to two lengths that differ, and takes `gzip, chunked` without undoing the first. */
  get framing(): readonly string[] {
    return CODING;
  }

  override get runtime(): "deno" {
    return "deno";
  }

  /** Deno takes absolute-form targets of any scheme; an authority that was good before had a good one. */
  refuse(): Refusal | undefined {
    return this.fieldsLater || this.url.startsWith("http")
      ? undefined
      : { status: 400, why: "the target is no http URL" };
  }

  /** Deno takes scheme and authority of an absolute-form target for the URL's, whatever Host and listener say. */
  protected override get hasUrl(): boolean {
    const { url } = this;
    const { listener } = this.setting;
    // a good authority that was seen before: the fields are left alone for as long as nobody looks
    if (this.fieldsLater && listener !== undefined && url.startsWith(`${listener.scheme}:`)) return true;
    const host = this.header("host") ?? "";
    const start = url.indexOf("://") + 3;
    const rest = start + host.length;
    return (
      (listener === undefined || start === listener.scheme.length + 3) &&
      (host === "" || (url.startsWith(host, start) && (rest === url.length || "/?#".includes(url[rest]))))
    );
  }

  /** A stream that Deno has taken is cancelled at once when its client leaves: a signal would cost each of them 2 KiB. */
  override onDisconnect(listener: () => void): void {
    this.sink.onCut(listener);
    if (!this.sink.isTaken) super.onDisconnect(listener);
  }

  protected override payloadOf(request: Request, length: number | undefined): RequestPayload {
    return new PacedPayload(request, length, this.sink);
  }

  override get native(): Native {
    return { deno: { request: this.raw, info: this.info } };
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
    return this.setting.listener?.scheme ?? "http";
  }

  override get serverName(): string {
    return this.setting.listener?.name ?? super.serverName;
  }

  override get serverPort(): string {
    return this.setting.listener?.port ?? super.serverPort;
  }

  get remoteAddr(): string | undefined {
    return this.info.remoteAddr.hostname;
  }

  get remotePort(): string | undefined {
    const { port } = this.info.remoteAddr;
    return port === undefined ? undefined : String(port);
  }

  get unixPeer(): boolean {
    return this.info.remoteAddr.transport === "unix";
  }
}

/**
 * A body whose pieces come a turn later once the answer has begun: where one is written to the answer in the turn in which
 * it came, Deno (2.9) hands over no further one, and both hang.
 */
class PacedPayload extends RequestPayload {
  private readonly sink: DenoSink;

  constructor(request: Request, length: number | undefined, sink: DenoSink) {
    super(request, length);
    this.sink = sink;
  }

  override chunks(): AsyncIterator<Uint8Array> {
    const { sink } = this;
    const pieces = super.chunks();
    return {
      ...pieces,
      next: async () => {
        const step = await pieces.next();
        if (sink.begun) await turn();
        return step;
      },
    };
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const CODING: readonly string[] = ["transfer-encoding"];

const wrapFile = (file: unknown, blockSize?: number): FileWrapper =>
  new FileWrapper(file instanceof deno().FsFile ? bySize(file) : file, blockSize);

/** A file of Deno's, whose own `read` fills what it is given. Its `readable` would close it before the body does. */
const bySize = (file: DenoFile): FileLike => ({
  read: async (size) => {
    const block = new Uint8Array(size);
    const count = await file.read(block);
    return count === null ? null : block.subarray(0, count);
  },
  close: () => file.close(),
});

declare const process: { env: Bindings };
const variables = process.env;
