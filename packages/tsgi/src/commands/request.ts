import { Buffer } from "node:buffer";
import { once } from "node:events";
import process from "node:process";
import { Readable } from "node:stream";
import { toFetch } from "@tsgi/core";
import { disposerOf } from "@tsgi/core/adapter";
import { compose } from "../composition.ts";
import { UsageError } from "../failure.ts";
import { running } from "../runtime.ts";
import { targetOf } from "../target.ts";
import { variablesOf } from "../variables.ts";
import { warn } from "../warnings.ts";

export interface RequestOptions {
  appName?: string;
  method?: string;
  header?: string[];
  data?: string;
  include?: boolean;
  envFile?: string[];
}

/**
 * `tsgi request`: one request to an app, without a server; prints the answer's body.
 *
 * @returns 0 for an answer below 400, else its status modulo 256: what a shell has of `paster request`, whose exit
 *   status is the answer's
 */
export async function request(
  name: string,
  path: string,
  variables: readonly string[],
  options: RequestOptions,
): Promise<number> {
  if (!path.startsWith("/")) throw new UsageError(`${path} is no path: it begins with a slash`);
  const asked = requestOf(path, options);
  const { app, warnings } = await compose(targetOf(name), { ...options, globalConf: variablesOf(variables) });
  warn(warnings);
  try {
    const answer = await toFetch(app, { environ: () => ({ "tsgi.runtime": running() }) })(asked);
    if (options.include === true) await write(headOf(answer));
    // a body of bytes goes out as it comes, also one that never ends; a client has none of an answer to HEAD
    if (asked.method === "HEAD") await answer.body?.cancel();
    else for await (const chunk of answer.body ?? []) await write(chunk as Uint8Array);
    return exitStatus(answer.status);
  } finally {
    await disposerOf(app)[Symbol.asyncDispose]?.();
  }
}

function requestOf(path: string, { method, header = [], data }: RequestOptions): Request {
  const headers = new Headers();
  for (const line of header) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new UsageError(`--header ${JSON.stringify(line)}: "Name: value" was expected`);
    try {
      headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
    } catch (cause) {
      throw new UsageError(`--header ${JSON.stringify(line)}: this is no header field`, { cause });
    }
  }
  const body = data === "-" ? (Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>) : data;
  const streaming = data === "-" ? { duplex: "half" } : {};
  try {
    return new Request(new URL(`http://localhost${path}`), {
      method: method ?? (data === undefined ? "GET" : "POST"),
      headers,
      ...(body === undefined ? {} : { body }),
      ...streaming,
    });
  } catch (cause) {
    throw new UsageError(`this is no request: ${(cause as Error).message}`, { cause });
  }
}

function headOf(answer: Response): string {
  const lines = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${`${answer.status} ${answer.statusText}`.trimEnd()}`, ...lines, "", ""].join("\r\n");
}

async function write(bytes: string | Uint8Array): Promise<void> {
  const whole = typeof bytes === "string" ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!process.stdout.write(whole)) await once(process.stdout, "drain");
}

/** A process has eight bits for it; and what failed is never 0. */
export function exitStatus(status: number): number {
  return status < 400 ? 0 : status % 256 || 1;
}
