import type { ChildProcess } from "node:child_process";
import process from "node:process";
import type { Inner } from "./relay.ts";

// What the process that serves and the one that watches say to each other, under --reload and with several workers.

/** Set in the environment of a process that another one started to serve. */
export const CHILD_VARIABLE = "TSGI_SERVED_BY";

/** From the process that serves. */
export interface Serving {
  readonly type: "tsgi:serving";
  /** Where it listens in place of each public address; none for a server that takes no address from us. */
  readonly doors: readonly { readonly listen: string; readonly inner: Inner }[];
  /** The URLs of a server that takes no address from us. */
  readonly urls: readonly string[];
  readonly secure: boolean;
  /** The composition, as it is printed. */
  readonly tree: readonly string[];
  readonly files: readonly string[];
  readonly watch: readonly string[];
  readonly ignore: readonly string[];
  readonly openUrl: string | undefined;
}

/** Calls back when a process serves; what its app has to say, `process.send("ready")` for a process manager, is not for us. */
export function onServing(child: ChildProcess, callback: (serving: Serving) => void): void {
  child.on("message", (message: Serving | null) => {
    if (message?.type === "tsgi:serving") callback(message);
  });
}

/** To the process that serves: finish what is in flight, then end. */
export interface Close {
  readonly type: "close";
}

const variable = process.send === undefined ? undefined : process.env[CHILD_VARIABLE];
// what the app starts is no child of this kind
delete process.env[CHILD_VARIABLE];

/** What another process of ours started this one for; `undefined` for a command that a user started. */
export function role(): "reload" | "workers" | undefined {
  return variable === "reload" || variable === "workers" ? variable : undefined;
}

/** Tells the process that started this one. */
export function tell(message: Serving): void {
  process.send?.(message, undefined, undefined, () => {}); // it may have gone meanwhile
}

/** Milliseconds between the word to close and doing it: connections that the kernel holds for us are accepted first. */
const ACCEPT = 20;

/** Resolves when the process that started this one says so, or has gone, or at SIGTERM. */
export function untilTold(): Promise<void> {
  // ^C reaches every process of a terminal; it is for the one that started this one
  process.on("SIGINT", () => {});
  return new Promise((resolve) => {
    process.on("SIGTERM", () => resolve());
    process.on("disconnect", () => resolve());
    if (process.connected === false) resolve();
    process.on("message", (message: Close) => {
      if (message.type === "close") setTimeout(resolve, ACCEPT);
    });
  });
}
