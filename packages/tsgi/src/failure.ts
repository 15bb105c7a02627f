import { inspect } from "node:util";
import { placeOf } from "./place.ts";
import { errorColors, say } from "./terminal.ts";

/** The command line asks for what there is not: exit status 2, as with `paster`. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What went wrong is said by the message alone; no line of a stack would help. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/**
 * Prints what went wrong, for a person: the message, and for a fault of the user's code the place of it. The stacks come
 * with `-v`.
 *
 * @returns the exit status: 2 for the command line, else 1
 */
export async function report(error: unknown, verbose: boolean): Promise<number> {
  const text = verbose && !(error instanceof UsageError) ? inspect(error) : await describe(error);
  say(`${errorColors.bold(errorColors.red("tsgi:"))} ${text}`);
  return error instanceof UsageError ? 2 : 1;
}

/** An error in a few lines: what, where in the user's code, and what it came from. */
export async function describe(error: unknown): Promise<string> {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  const add = async (part: unknown): Promise<void> => {
    const place = saysAll(part) ? undefined : await placeOf(part, error);
    // a wrapper's message often ends with that of what it wraps
    const known = messagesOf(part).every((message) => lines.some((line) => line.includes(message)));
    if (!known) lines.push(`${lines.length === 0 ? "" : "  because: "}${lineOf(part)}`);
    if (place !== undefined && !lines.some((line) => line.includes(place))) lines.push(`  at ${place}`);
  };
  for (let part = error; part !== undefined && part !== null && !seen.has(part); part = (part as Error).cause) {
    seen.add(part);
    await add(part);
    // Bun reports what is wrong in a file as several errors in one
    for (const each of (part as AggregateError).errors ?? []) await add(each);
  }
  return lines.join("\n");
}

/** Errors whose message has the place in it, or that have none. */
function saysAll(error: unknown): boolean {
  return (
    ["ConfigError", "SettingsError", "UsageError", "Failure"].includes((error as Error).name) ||
    addressTaken(error) !== undefined
  );
}

function messageOf(error: unknown): string {
  const { message } = error as { message?: unknown };
  // what it repeats of a file could steer the terminal
  return (typeof message === "string" ? message : String(error)).replace(
    /(?![\n\t])\p{Cc}/gu,
    (char) => `\\u{${char.charCodeAt(0).toString(16)}}`,
  );
}

/** What an error says; of one that refuses several settings, each by itself: a wrapper tells them with their places. */
function messagesOf(error: unknown): readonly string[] {
  const { name, issues } = error as { name?: unknown; issues?: unknown };
  const several = name === "SettingsError" && Array.isArray(issues) && issues.length > 0;
  return several ? (issues as readonly unknown[]).map(messageOf) : [messageOf(error)];
}

function lineOf(error: unknown): string {
  const taken = addressTaken(error);
  if (taken !== undefined) return taken;
  const { name } = error as { name?: unknown };
  return `${typeof name !== "string" || name === "Error" || saysAll(error) ? "" : `${name}: `}${messageOf(error)}`;
}

/** An address that another process listens on, in words; every runtime has its own. */
function addressTaken(error: unknown): string | undefined {
  const { code, name, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code !== "EADDRINUSE" && name !== "AddrInUse") return undefined;
  // Node gives a unix socket, whose address is its path, the port -1
  if (port === -1) return `${address} is in use: another process listens there; choose another with --listen`;
  const where = port === undefined ? "the address" : `${address === undefined ? "port " : `${address}:`}${port}`;
  return `${where} is in use: another process listens there; choose another with --port or --listen`;
}
