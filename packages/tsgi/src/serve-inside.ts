import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseListen } from "@tsgi/core/adapter";
import { load, type Plan } from "./job.ts";
import { tell, untilTold, type Serving } from "./reload/child.ts";
import type { Inner } from "./reload/relay.ts";
import { say } from "./terminal.ts";

// Serving in a process that another one started: under --reload at addresses of its own, which the other one sends the
// connections of the real ones to; as one of several processes at the real ones.

/** Serves until the other process says so. @returns the exit status */
export async function serveInside(plan: Plan, role: "reload" | "workers"): Promise<number> {
  const { settings, server } = plan;
  // to be one of several processes must not keep this one waiting for an app that never comes
  process.channel?.unref();
  const { app, overrides, tree, files } = await load(plan);
  process.channel?.ref();
  const inner = role === "reload" ? server.addresses?.map(innerAddress) : undefined;
  const behind = inner === undefined ? {} : { listen: inner, ...trustBehind(server.addresses ?? []) };
  const served = await server.start(app, { ...overrides, ...behind });
  const urls = served.urls ?? [served.url];
  const told = untilTold();
  tell({
    type: "tsgi:serving",
    doors: (inner ?? []).map((address, index) => ({
      listen: (server.addresses ?? [])[index],
      inner: reached(urls[index], address),
    })),
    urls: inner === undefined ? urls : [],
    secure: served.url.startsWith("https"),
    tree,
    files,
    watch: settings.watch,
    ignore: settings.ignore,
    openUrl: settings.openUrl,
  } satisfies Serving);
  await told;
  await served.close();
  return 0;
}

/** A unix socket for a unix socket, so that `trusted_proxy = unix` means what it says. */
function innerAddress(address: string): string {
  if (parseListen({ listen: address }).kind !== "unix") return "127.0.0.1:0";
  return `unix:${join(tmpdir(), `tsgi-${process.pid}-${Math.random().toString(36).slice(2)}.sock`)}`;
}

/**
 * Behind the other process every client is 127.0.0.1. Where others than this machine can connect, a proxy at that address
 * is not to be trusted then: anybody could say where he comes from.
 */
function trustBehind(addresses: readonly string[]): { trustedProxy?: readonly string[] } {
  const near = addresses.every((address) => {
    const where = parseListen({ listen: address });
    return where.kind === "unix" || (where.kind === "tcp" && /^(?:127\.|::1$|localhost$)/.test(where.host));
  });
  if (near) return {};
  say("--reload: no proxy is trusted, and every client is 127.0.0.1 to the app, since others can reach this address");
  return { trustedProxy: [] };
}

function reached(url: string, asked: string): Inner {
  if (asked.startsWith("unix:")) return { path: asked.slice(5) };
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
