import { connect as connectSocket, type Socket } from "node:net";
import { equal, ok } from "./check.ts";
import { Inbox, makeAnswer, Reader } from "./reader.ts";
import type { Answer, Ask, Client, Connection, End } from "./row.ts";

/** What became of an answer when the row looked at it: how it enters the comparison of runtimes. */
export type Verdict = { kind: "answer" | "refused" | "broken" } | { kind: "permitted"; reason: string };

/** One answer of a run and the row's verdict on it. */
export interface Seen {
  readonly answer: Answer;
  verdict: Verdict;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class RawConnection implements Connection {
  private readonly socket: Socket;
  private readonly reader: Reader;
  private readonly run: Run;
  private method = "GET";

  constructor(socket: Socket, run: Run) {
    this.socket = socket;
    this.reader = new Reader(new Inbox(socket));
    this.run = run;
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  ask(ask: Ask = {}): void {
    this.method = ask.method ?? "GET";
    this.write(this.run.message(ask));
    if (ask.body !== undefined) this.write(typeof ask.body === "string" ? Buffer.from(ask.body) : ask.body);
  }

  async head(): Promise<Answer | null> {
    const head = await this.reader.head(this.method);
    return head === null ? null : makeAnswer(head, new Uint8Array(0), false, this.reader.takeInterims());
  }

  async piece(): Promise<string | null> {
    return (await this.reader.piece())?.toString() ?? null;
  }

  async answer(method = this.method): Promise<Answer> {
    const head = await this.reader.head(method);
    const pieces: Buffer[] = [];
    let piece: Buffer | null | undefined = head === null ? undefined : await this.reader.piece();
    while (piece !== null && piece !== undefined) {
      pieces.push(piece);
      piece = await this.reader.piece();
    }
    const answer = makeAnswer(head, Buffer.concat(pieces), piece === null, this.reader.takeInterims());
    this.run.seen.push({ answer, verdict: { kind: "answer" } });
    return answer;
  }

  interim(ms: number): Promise<number | null> {
    return this.reader.interim(ms);
  }

  async ended(ms: number): Promise<End> {
    const { inbox } = this.reader;
    const deadline = Date.now() + ms;
    while (inbox.end === "open" && Date.now() < deadline) await inbox.more(deadline - Date.now());
    return inbox.end;
  }

  async quiet(ms: number): Promise<boolean> {
    const { inbox } = this.reader;
    const deadline = Date.now() + ms;
    while (inbox.size === 0 && inbox.end === "open" && Date.now() < deadline) await inbox.more(deadline - Date.now());
    return inbox.size === 0;
  }

  pause(): void {
    this.socket.pause();
  }

  finish(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }
}

let runs = 0;

/** The client half of one row, run once. */
export class Run implements Client {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly seen: Seen[] = [];
  private readonly hostname: string;
  private readonly row: string;
  readonly id: string;
  private readonly connections: RawConnection[] = [];

  constructor(url: string, row: string) {
    const { hostname, port } = new URL(url);
    this.hostname = hostname.replace(/^\[|\]$/g, "");
    this.port = Number(port);
    this.host = `${hostname}:${port}`;
    this.row = row;
    this.id = `run-${++runs}`;
    this.path = `/${this.id}`;
  }

  readonly sleep = sleep;

  message(ask: Ask = {}): string {
    const lines = [`${ask.method ?? "GET"} ${ask.target ?? this.path} ${ask.version ?? "HTTP/1.1"}`];
    if (ask.host !== null) lines.push(`Host: ${ask.host ?? this.host}`);
    if (this.row !== "") lines.push(`X-Conformance-Row: ${this.row}`);
    lines.push(`X-Conformance-Run: ${this.id}`, ...(ask.headers ?? []));
    if (ask.body !== undefined)
      lines.push(`Content-Length: ${typeof ask.body === "string" ? Buffer.byteLength(ask.body) : ask.body.length}`);
    return `${lines.join("\r\n")}\r\n\r\n${ask.rawBody ?? ""}`;
  }

  async connect(): Promise<RawConnection> {
    const socket = connectSocket({ host: this.hostname, port: this.port, allowHalfOpen: true, noDelay: true });
    const connection = new RawConnection(socket, this);
    this.connections.push(connection);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return connection;
  }

  async ask(ask: Ask = {}): Promise<Answer> {
    const connection = await this.connect();
    connection.ask(ask);
    const answer = await connection.answer();
    connection.close();
    return answer;
  }

  /** Asks one of the kit's own apps, which say what the server process has seen. */
  private async fetch(app: "log" | "errors"): Promise<string[]> {
    const socket = connectSocket({ host: this.hostname, port: this.port });
    const reader = new Reader(new Inbox(socket));
    try {
      socket.write(
        `GET /?${this.path} HTTP/1.1\r\nHost: ${this.host}\r\nX-Conformance-Row: ${app}\r\nX-Conformance-Run: ${this.id}\r\n\r\n`,
      );
      const head = await reader.head("GET");
      ok(head?.status === 200, `the kit's own ${app} answers ${head?.status ?? "nothing"}`);
      const pieces: Buffer[] = [];
      for (let piece = await reader.piece(); piece; piece = await reader.piece()) pieces.push(piece);
      return JSON.parse(Buffer.concat(pieces).toString()) as string[];
    } finally {
      socket.destroy();
    }
  }

  log(): Promise<string[]> {
    return this.fetch("log");
  }

  async until(wanted: readonly string[], ms = 4000): Promise<string[]> {
    const deadline = Date.now() + ms;
    for (;;) {
      const log = await this.log();
      if (wanted.every((one) => log.includes(one)) || Date.now() > deadline) {
        await sleep(40);
        return this.log();
      }
      await sleep(15);
    }
  }

  async errors(wanted?: string): Promise<string> {
    const deadline = Date.now() + 2000;
    for (;;) {
      const text = (await this.fetch("errors")).join("");
      if (wanted === undefined || text.includes(wanted) || Date.now() > deadline) return text;
      await sleep(15);
    }
  }

  private judge(answer: Answer, verdict: Verdict): void {
    const found = this.seen.find((one) => one.answer === answer);
    ok(found !== undefined, "the answer is not of this run");
    found.verdict = verdict;
  }

  refused(answer: Answer, ...statuses: number[]): void {
    const wanted = statuses.length === 0 ? [400] : statuses;
    ok(
      answer.status === 0 || wanted.includes(answer.status),
      `status ${answer.status} ${JSON.stringify(answer.text.slice(0, 200))} came; ${wanted.join(", ")} or a closed connection is wanted`,
    );
    this.judge(answer, { kind: "refused" });
  }

  broken(answer: Answer): void {
    equal(answer.whole, false, `the answer ${answer.status} ${JSON.stringify(answer.text.slice(0, 100))} is whole`);
    this.judge(answer, { kind: "broken" });
  }

  permits(answer: Answer, reason: string): void {
    this.judge(answer, { kind: "permitted", reason });
  }

  /** Closes what the row left open. */
  end(): void {
    for (const connection of this.connections) connection.close();
  }
}
