import type { FactoryNode } from "@tsgi/deploy";
import { UsageError } from "./failure.ts";

// The settings of a server section that are the command's business: where to listen, and with how many processes.

type Strings = Readonly<Record<string, string>>;

/** What the command line says of the address. */
export interface AddressOptions {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  /** Whole addresses, `127.0.0.1:8080`, `unix:/path`. */
  readonly listen?: readonly string[] | undefined;
}

const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_PORT = "8080";
const ADDRESS = ["host", "port", "listen", "unix_socket"];

/** @throws UsageError for what is no address, or two of them */
export function checkAddress({ port, host, listen }: AddressOptions): void {
  if (port !== undefined && !(/^[0-9]{1,5}$/.test(port) && Number(port) <= 65535))
    throw new UsageError(`--port ${port} is not a whole number from 0 to 65535`);
  if (listen !== undefined && (port !== undefined || host !== undefined))
    throw new UsageError("--listen has host and port in it: give either --listen or --host and --port");
}

/** Where one of our servers listens, as `listen` says it; what the command line says beats the file. */
export function addressesOf(settings: Strings, { host, port, listen }: AddressOptions): string[] {
  if (listen !== undefined) return [...listen];
  if (host === undefined && port === undefined) {
    if (settings.listen !== undefined) return settings.listen.split(/[\s,]+/).filter((each) => each !== "");
    if (settings.unix_socket !== undefined) return [`unix:${settings.unix_socket}`];
  }
  // egg:Paste#http has `host = 127.0.0.1:8080` too
  const [, name, number] = /^(\[[^\]]*\]|[^:]*):([0-9]+)$/.exec(settings.host ?? "") ?? [
    undefined,
    settings.host,
    undefined,
  ];
  return [`${bracketed(host ?? name ?? DEFAULT_HOST)}:${port ?? settings.port ?? number ?? DEFAULT_PORT}`];
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** A server's section with one address in the place of those that it has. */
export function listeningOn(node: FactoryNode, address: string): FactoryNode {
  return withSettings(node, [...ADDRESS, "workers"], { listen: address });
}

/** A server's section of the user's own making: what the command line says comes as the settings of these names. */
export function overridden(node: FactoryNode, { host, port, listen }: AddressOptions): FactoryNode {
  const given = Object.entries({ host, port, listen: listen?.join(" ") }).filter(([, value]) => value !== undefined);
  return withSettings(node, [], Object.fromEntries(given) as Strings);
}

function withSettings(node: FactoryNode, without: readonly string[], changes: Strings): FactoryNode {
  const { values, origins } = node.localConf;
  const kept = Object.entries(values).filter(([key]) => !without.includes(key));
  const changed = Object.assign(Object.create(null), Object.fromEntries(kept), changes) as Strings;
  return { ...node, localConf: { values: changed, origins } };
}

/** `workers = 4` or `workers = auto`. @throws UsageError for anything else */
export function workersOf({ workers = "1" }: Strings): number | "auto" {
  if (workers === "auto") return workers;
  if (/^[1-9][0-9]{0,3}$/.test(workers)) return Number(workers);
  throw new UsageError(`workers = ${workers}: a number of processes or "auto" was expected`);
}
