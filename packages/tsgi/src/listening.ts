import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "./failure.ts";
import { shown } from "./terminal.ts";

/**
 * Begins to listen, and says in words why a server could not: each runtime has its own, and some do not say where.
 *
 * @param addresses as `listen` has them; `undefined` when the server alone knows them
 * @throws (rejects) Failure for an address that this machine does not have, or may not give; else what `begin` throws
 */
export async function listening<T>(addresses: readonly string[] | undefined, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (cause) {
    const reason = addresses === undefined ? undefined : reasonOf(cause, addresses);
    if (reason === undefined) throw cause;
    // what the system calls it adds nothing, and every runtime has another word for it
    throw new Failure(`cannot listen on ${addresses?.join(" and ")}: ${reason}`);
  }
}

/** An address that this machine has not, by its code, its name, or what Deno and Bun say in place of one. */
const ELSEWHERE = new Set(["ENOTFOUND", "EAI_AGAIN", "EADDRNOTAVAIL", "EINVAL", "AddrNotAvailable"]);
const UNKNOWN = /\blookup address\b|^Failed to listen at\b/;

function reasonOf(error: unknown, addresses: readonly string[]): string | undefined {
  const { code = "", name, message } = error as NodeJS.ErrnoException;
  const folder = addresses.map(folderOf).find((each) => each !== undefined && !existsSync(each));
  if (folder !== undefined) return `there is no folder ${shown(folder)}`;
  if (code === "EACCES" || name === "PermissionDenied")
    return "that is not allowed: a port below 1024 may need a right of its own, and a socket a folder that can be written";
  if (addresses.every((address) => address.startsWith("fd:")) && ["EINVAL", "EBADF", "ENOTSOCK"].includes(code))
    return "this process was given no open socket of that number; systemd gives the first one as fd:3";
  if (code === "EADDRINUSE" || !(ELSEWHERE.has(code) || ELSEWHERE.has(name) || UNKNOWN.test(message))) return undefined;
  const numbers = addresses.every((address) => /^(?:[0-9.]+|\[.*\]):\d+$/.test(address));
  return `this machine has no address ${numbers ? "like that" : "of that name"}; 127.0.0.1, [::1] or localhost is it for itself, 0.0.0.0 or [::] for others too`;
}

/** The folder that a unix socket is to be in; Node takes one that is not there for one that may not be written. */
function folderOf(address: string): string | undefined {
  return address.startsWith("unix:") ? dirname(address.slice("unix:".length)) : undefined;
}
