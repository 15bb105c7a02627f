import type { Socket } from "node:net";
import type { Answer, End } from "./row.ts";

// The client's reading of HTTP/1.1: as strict as a test wants it, and honest about an answer that was cut short.

const PATIENCE = 5000;

/** Bytes of a connection as they come, waited for with a limit. */
export class Inbox {
  private data: Buffer = Buffer.alloc(0);
  private waiting: (() => void)[] = [];
  end: End = "open";

  constructor(socket: Socket) {
    socket.on("data", (chunk: Buffer) => {
      this.data = this.data.length === 0 ? chunk : Buffer.concat([this.data, chunk]);
      this.wake();
    });
    socket.on("end", () => this.over("fin"));
    socket.on("error", () => this.over("reset"));
    socket.on("close", () => this.over("fin"));
  }

  private over(how: End): void {
    if (this.end === "open" || how === "reset") this.end = how;
    this.wake();
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const go of waiting) go();
  }

  get size(): number {
    return this.data.length;
  }

  get bytes(): Buffer {
    return this.data;
  }

  take(count: number): Buffer {
    const taken = this.data.subarray(0, count);
    this.data = this.data.subarray(count);
    return taken;
  }

  /** Resolves at the next bytes or the end; `false` when the time is over. */
  more(ms: number): Promise<boolean> {
    if (this.end !== "open") return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  /**
   * Waits until `found` gives something.
   *
   * @returns `undefined` when the connection ended first
   * @throws (rejects) Error when nothing comes for a long while
   */
  async until<T>(found: () => T | undefined, what: string): Promise<T | undefined> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      if (this.end !== "open") return undefined;
      const left = deadline - Date.now();
      if (left <= 0 || !(await this.more(left)))
        throw new Error(
          `${what} did not come within ${PATIENCE} ms; so far: ${JSON.stringify(this.data.subarray(0, 200).toString("latin1"))}`,
        );
    }
  }
}

interface RawHead {
  status: number;
  reason: string;
  headers: [string, string][];
}

/** Reads answers one after another off one connection. */
export class Reader {
  readonly inbox: Inbox;
  private interims: number[] = [];
  private framing: "none" | "length" | "chunked" | "close" = "none";
  private left = 0;
  private done = true;

  constructor(inbox: Inbox) {
    this.inbox = inbox;
  }

  private parseHead(): RawHead | undefined {
    const { bytes } = this.inbox;
    const at = bytes.indexOf("\r\n\r\n");
    if (at < 0) return undefined;
    const lines = this.inbox
      .take(at + 4)
      .subarray(0, at)
      .toString("latin1")
      .split("\r\n");
    const match = /^HTTP\/1\.[01] ([0-9]{3})(?: (.*))?$/.exec(lines[0]);
    if (match === null) throw new Error(`no status line: ${JSON.stringify(lines[0])}`);
    const headers = lines.slice(1).map((line): [string, string] => {
      const colon = line.indexOf(":");
      if (colon <= 0) throw new Error(`no field line: ${JSON.stringify(line)}`);
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    return { status: Number(match[1]), reason: match[2] ?? "", headers };
  }

  /** The next head that is not interim, its framing understood; `null` when the connection ended first. */
  async head(method: string): Promise<RawHead | null> {
    for (;;) {
      const head = await this.inbox.until(() => this.parseHead(), "an answer");
      if (head === undefined) return null;
      if (head.status < 200) {
        this.interims.push(head.status);
        continue;
      }
      this.frame(head, method);
      return head;
    }
  }

  /** An interim answer, if one comes within the time. */
  async interim(ms: number): Promise<number | null> {
    const deadline = Date.now() + ms;
    for (;;) {
      const text = this.inbox.bytes.toString("latin1", 0, 12);
      if (text.startsWith("HTTP/1.1 1") && this.inbox.bytes.includes("\r\n\r\n")) {
        const head = this.parseHead() as RawHead;
        this.interims.push(head.status);
        return head.status;
      }
      if (text.length >= 12) return null;
      const left = deadline - Date.now();
      if (left <= 0 || this.inbox.end !== "open" || !(await this.inbox.more(left))) return null;
    }
  }

  private frame(head: RawHead, method: string): void {
    const value = (name: string): string[] =>
      head.headers.filter(([field]) => field.toLowerCase() === name).map(([, text]) => text);
    const lengths = value("content-length");
    const codings = value("transfer-encoding");
    if (lengths.length > 0 && codings.length > 0)
      throw new Error("the answer has Content-Length and Transfer-Encoding");
    if (lengths.length > 1) throw new Error("the answer has two Content-Length fields");
    this.done = false;
    if (method === "HEAD" || head.status === 204 || head.status === 304) {
      this.framing = "none";
      this.done = true;
    } else if (codings.length > 0) this.framing = "chunked";
    else if (lengths.length > 0) {
      this.framing = "length";
      this.left = Number(lengths[0]);
      this.done = this.left === 0;
    } else this.framing = "close";
  }

  /** The next piece of the body; `null` at its end, `undefined` when the connection ended before. */
  async piece(): Promise<Buffer | null | undefined> {
    if (this.done) return null;
    if (this.framing === "length" || this.framing === "close") {
      const taken = await this.inbox.until(() => {
        if (this.inbox.size === 0) return undefined;
        return this.inbox.take(this.framing === "close" ? this.inbox.size : Math.min(this.left, this.inbox.size));
      }, "more of the body");
      if (taken === undefined) {
        this.done = true;
        return this.framing === "close" && this.inbox.end === "fin" ? null : undefined;
      }
      this.left -= taken.length;
      if (this.framing === "length" && this.left === 0) this.done = true;
      return taken;
    }
    const chunk = await this.inbox.until(() => {
      const { bytes } = this.inbox;
      const at = bytes.indexOf("\r\n");
      if (at < 0) return undefined;
      const line = bytes.toString("latin1", 0, at);
      if (!/^[0-9a-fA-F]+$/.test(line)) throw new Error(`no chunk size: ${JSON.stringify(line)}`);
      const size = Number.parseInt(line, 16);
      if (bytes.length < at + 2 + size + 2) return undefined;
      const whole = this.inbox.take(at + 2 + size + 2);
      if (whole.toString("latin1", at + 2 + size) !== "\r\n") throw new Error("a chunk does not end in CRLF");
      return whole.subarray(at + 2, at + 2 + size);
    }, "a chunk");
    if (chunk === undefined) {
      this.done = true;
      return undefined;
    }
    if (chunk.length > 0) return chunk;
    this.done = true;
    return null;
  }

  takeInterims(): number[] {
    const { interims } = this;
    this.interims = [];
    return interims;
  }
}

/** An answer as the rows see it. */
export function makeAnswer(head: RawHead | null, body: Uint8Array, whole: boolean, interim: readonly number[]): Answer {
  const headers = head?.headers ?? [];
  const all = (name: string): string[] =>
    headers.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
  return {
    status: head?.status ?? 0,
    reason: head?.reason ?? "",
    headers,
    body,
    whole,
    interim,
    get text() {
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(body);
      } catch {
        return Buffer.from(body).toString("latin1");
      }
    },
    header: (name) => all(name)[0],
    all,
    json<T>() {
      try {
        return JSON.parse(new TextDecoder().decode(body)) as T;
      } catch {
        throw new Error(`the answer ${head?.status ?? 0} is not JSON: ${new TextDecoder().decode(body).slice(0, 300)}`);
      }
    },
  };
}
