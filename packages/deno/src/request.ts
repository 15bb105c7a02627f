import type { Bindings, ErrorLog, FileLike, Limits, Native, Refusal } from "@tsgi/core";
import { FileWrapper, patience, RequestPayload, RequestSource, type Placed } from "@tsgi/core/adapter";
import { deno, type DenoFile, type DenoInfo } from "./deno.ts";

/** What stays the same for all requests of one server. */
export interface Setting {
  readonly limits: Limits;
  readonly errorLog: ErrorLog | undefined;
  /** Of the listener, once it is known. */
  listener: { scheme: string; name: string; port: string } | undefined;
}

/** One request of Deno.serve. */
export class DenoSource extends RequestSource implements Placed {
  /** Among the requests that the server has not finished. */
  place = -1;
  private readonly info: DenoInfo;
  private readonly setting: Setting;
  private readonly sink: Answering;
  /** Told when the answer cannot go on. */
  private gone: (() => void) | undefined = undefined;

  constructor(request: Request, info: DenoInfo, setting: Setting, sink: Answering) {
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

  override onDisconnect(listener: () => void): void {
    this.gone = listener;
    super.onDisconnect(listener);
  }

  /** The server ends before this answer does: to the app it is the client that leaves. */
  cut(): void {
    this.gone?.();
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

/** What is known of an answer: a Response, once it has begun. */
interface Answering {
  readonly response: Response | undefined;
}

/**
 * A body whose pieces come a turn later once the answer has begun: where one is written to the answer in the turn in which
 * it came, Deno (2.9) hands over no further one, and both hang.
 */
class PacedPayload extends RequestPayload {
  private readonly sink: Answering;

  constructor(request: Request, length: number | undefined, sink: Answering) {
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
        if (sink.response !== undefined) await turn();
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
