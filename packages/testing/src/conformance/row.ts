import type { App } from "@tsgi/core";

// A row of the kit: what it is called, the app that runs in the server, and the client that looks at it from outside.
// Both halves stand side by side and meet only on the wire, so a row's app uses web-standard globals and nothing else.

export type Row = readonly [name: string, app: App, client: (t: Client) => Promise<void>, rule?: string];

/** One request as a row asks it; each part has a default. */
export interface Ask {
  /** Default `GET`. */
  method?: string;
  /** The request-target as it goes out. Default a path of the row's own. */
  target?: string;
  /** Default `HTTP/1.1`. */
  version?: string;
  /** Field lines as they go out: `"X-A: 1"`. */
  headers?: readonly string[];
  /** The Host field; `null` for none. Default the server's. */
  host?: string | null;
  /** Sent with its Content-Length. */
  body?: string | Uint8Array;
  /** Sent as it stands, and no Content-Length with it: the row says the framing in `headers`. */
  rawBody?: string;
}

/** One answer as it came over the wire. */
export interface Answer {
  /** 0 when the connection closed and no answer came. */
  readonly status: number;
  readonly reason: string;
  /** In the order in which they came. */
  readonly headers: readonly (readonly [string, string])[];
  /** Decoded from its framing. */
  readonly body: Uint8Array;
  /** The body as text, one character a byte when it is no UTF-8. */
  readonly text: string;
  /** The body came to the end that its framing promises. */
  readonly whole: boolean;
  /** Statuses of interim answers (100, 103) that came before. */
  readonly interim: readonly number[];
  /** First value of a header, by lower-case name. */
  header(name: string): string | undefined;
  /** All values of a header, by lower-case name. */
  all(name: string): string[];
  json<T = Record<string, unknown>>(): T;
}

/** How a connection stands after some waiting. */
export type End = "fin" | "reset" | "open";

/** A raw connection to the server. */
export interface Connection {
  /** Sends text (one character a byte) or bytes as they are. */
  write(bytes: string | Uint8Array): void;
  /** Sends a request, the row's own fields added. */
  ask(ask?: Ask): void;
  /** Reads the next final head; the body is then read by `piece` or `answer`. `null` when the connection ended first. */
  head(): Promise<Answer | null>;
  /** The next piece of the body after `head`, decoded; `null` at its end or at the connection's. */
  piece(): Promise<string | null>;
  /** Reads the next answer whole; `method` says to what (a HEAD has no body). */
  answer(method?: string): Promise<Answer>;
  /** Waits for an interim answer (100); `null` when a final one comes first or none within `ms`. */
  interim(ms: number): Promise<number | null>;
  /** Waits until the server ends the connection. */
  ended(ms: number): Promise<End>;
  /** Whether nothing more comes within `ms`, or the connection ends without it. */
  quiet(ms: number): Promise<boolean>;
  /** Stops reading: a client that does not keep up. */
  pause(): void;
  /** Half-closes: no more is sent, answers are still read. */
  finish(): void;
  /** Breaks the connection with a reset. */
  reset(): void;
  close(): void;
}

/** What a row's client half has in hand. */
export interface Client {
  /** `127.0.0.1:8080` */
  readonly host: string;
  readonly port: number;
  /** A path of this run alone: what the row's default requests ask for, and what the error log names. */
  readonly path: string;
  /** Asks on a connection of its own and reads one answer. */
  ask(ask?: Ask): Promise<Answer>;
  connect(): Promise<Connection>;
  /** The text of a request, the row's own fields in it. */
  message(ask?: Ask): string;
  /** What the row's app has noted in this run. */
  log(): Promise<string[]>;
  /** Waits until the log has all of these, then a little for what must not come; gives the log. */
  until(wanted: readonly string[], ms?: number): Promise<string[]>;
  /** What went to `tsgi.errors` about this run's path; waits a little for `wanted`, if given. */
  errors(wanted?: string): Promise<string>;
  /** The request must have been refused: one of these statuses (default 400), or no answer and the connection ended. */
  refused(answer: Answer, ...statuses: number[]): void;
  /** The answer must have been broken off: no head, or a body that did not come to its end. */
  broken(answer: Answer): void;
  /** More than one outcome is right, for this reason: the answer is left out when runtimes are compared. */
  permits(answer: Answer, reason: string): void;
  sleep(ms: number): Promise<void>;
}
