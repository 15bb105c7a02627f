import { Agent, request as httpRequest } from "node:http";

/** A request as it goes on the wire. */
export interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Sends the body chunked. */
  readonly chunked?: boolean;
}

export interface Answer {
  readonly status: number;
  /** As they came, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The answer came to its end; a broken connection is none. */
  readonly whole: boolean;
}

/** An answer that was broken off before its head had left. */
const BROKEN: Answer = { status: 0, headers: [], body: Buffer.alloc(0), whole: false };

/** Asks over a connection of its own, with the path as it stands. */
export function ask(origin: string, asked: Asked): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const { path, method = "GET", body, chunked = false } = asked;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(asked.headers ?? {}))
    headers[name] = typeof value === "string" ? value : [...value];
  if (body !== undefined && !chunked) headers["content-length"] = String(Buffer.byteLength(body));
  if (chunked) headers["transfer-encoding"] = "chunked";
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { hostname, port, path, method, headers, agent: false, timeout: 10_000 },
      (incoming) => {
        const chunks: Buffer[] = [];
        const raw = incoming.rawHeaders;
        const fields = raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1]] as const] : []));
        const end = (): void =>
          resolve({
            status: incoming.statusCode as number,
            headers: fields,
            body: Buffer.concat(chunks),
            whole: incoming.complete,
          });
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", () => {}); // a broken connection is an answer too: `close` follows
        incoming.on("close", end);
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within 10 s: ${method} ${path}`)));
    outgoing.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve(BROKEN) : reject(error),
    );
    if (body !== undefined)
      // two pieces, so that a chunked body is one
      outgoing.write(typeof body === "string" ? Buffer.from(body).subarray(0, 3) : body.subarray(0, 3));
    outgoing.end(body === undefined ? undefined : (typeof body === "string" ? Buffer.from(body) : body).subarray(3));
  });
}

/**
 * The statuses of a POST and of a GET behind it on the same connection; on another one when the first answer said that
 * its connection closes.
 */
export async function twoOnOne(origin: string, path: string, body: string): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: number[] = [];
  try {
    let port: number | undefined;
    for (const method of ["POST", "GET"])
      await new Promise<void>((resolve, reject) => {
        const outgoing = httpRequest(new URL(method === "POST" ? path : "/", origin), { method, agent }, (incoming) => {
          const { localPort } = incoming.socket;
          if (port !== undefined && port !== localPort)
            reject(new Error("the first connection was closed unannounced"));
          if (incoming.headers.connection !== "close") port = localPort;
          statuses.push(incoming.statusCode as number);
          incoming.resume().once("end", () => setTimeout(resolve, 20));
        });
        outgoing.once("error", reject);
        outgoing.end(method === "POST" ? body : undefined);
      });
  } finally {
    agent.destroy();
  }
  return statuses;
}

/** What belongs to a connection, to the time of day, or only says where a body ends that has been seen to end there. */
const DROPPED = new Set(["date", "connection", "keep-alive", "transfer-encoding"]);

/**
 * An answer in the form in which two are compared: header names sorted, repeated fields joined save Set-Cookie. How much
 * of a broken answer had left is a matter of buffers; that it can be told from a whole one is not.
 */
export function canonical({ status, headers, body, whole }: Answer): string {
  if (!whole) return "broken off";
  const fields = new Map<string, string>();
  for (const [name, value] of headers) {
    if (DROPPED.has(name) || (name === "content-length" && value === String(body.length))) continue;
    const said = name === "content-type" ? mediaType(value) : value;
    const before = fields.get(name);
    fields.set(name, before === undefined ? said : `${before}${name === "set-cookie" ? "\n  " : ", "}${said}`);
  }
  const lines = [...fields].map(([name, value]) => `${name}: ${value}`).sort();
  return [String(status), ...lines, "", body.toString("latin1")].join("\n");
}

/** `text/plain;charset=UTF-8` is `text/plain; charset=utf-8` (RFC 9110 8.3.1 and 8.3.2). */
function mediaType(value: string): string {
  return value
    .split(";")
    .map((part) => part.trim())
    .join("; ")
    .replace(/charset=[\w-]+/i, (charset) => charset.toLowerCase());
}
