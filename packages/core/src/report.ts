import type { ErrorLog } from "./contract.ts";

/** Writes an error with its stack and causes to a log. */
export function reportError(log: ErrorLog, error: unknown, where: string): void {
  let text: string;
  try {
    text = textOf(error);
  } catch {
    // a getter of the error or its toString throws, a Proxy has been revoked: whoever reports must not fail over it
    text = "thrown: a value that cannot be shown";
  }
  void reportLine(log, `${where}: ${text}`);
}

/** Writes to a log, what the client sent escaped. Never rejects: a log of somebody's own may be asynchronous, and fail. */
export async function reportLine(log: ErrorLog, text: string): Promise<void> {
  try {
    await Promise.all([log.write(`tsgi: ${escapeControls(text)}\n`), log.flush()]);
  } catch {
    // a broken log must not break an answer
  }
}

/** So many causes of an error are shown: a chain may be endless, or a circle. */
const CAUSES = 10;

function textOf(error: unknown): string {
  const seen = [error];
  let text = one(error);
  try {
    for (let at = error; at instanceof Error && at.cause !== undefined; seen.push(at)) {
      at = at.cause;
      if (seen.length > CAUSES || seen.includes(at)) return `${text}\nand further causes`;
      text += `\ncaused by ${one(at)}`;
    }
  } catch {
    // the error itself is told all the same
    text += "\ncaused by a value that cannot be shown";
  }
  return text;
}

function one(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  // a stack names its error, on some runtimes without the message
  const head = `${error.name}: ${error.message}`;
  const stack = typeof error.stack === "string" && error.stack !== "" ? error.stack : head;
  return stack.includes(error.message) ? stack : `${head}\n${stack}`;
}

/** Terminal escapes and other controls (CVE-2022-30123) made visible; the lines of a stack stay lines. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\0-\x08\x0b-\x1f\x7f-\x9f]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
