import { parseListen } from "@tsgi/core/adapter";
import type { ServerSettings } from "@tsgi/core/settings";
import { UsageError } from "./failure.ts";

/** What the command line says of the address. */
export interface AddressOptions {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  /** Whole addresses, `127.0.0.1:8080`, `unix:/path`. */
  readonly listen?: readonly string[] | undefined;
}

/** @throws UsageError for what is no address, or two of them */
export function checkAddress({ port, host, listen }: AddressOptions): void {
  if (port !== undefined && !(/^[0-9]{1,5}$/.test(port) && Number(port) <= 65535))
    throw new UsageError(`--port ${port} is not a whole number from 0 to 65535`);
  for (const address of listen ?? [])
    try {
      parseListen({ listen: address });
    } catch (cause) {
      throw new UsageError((cause as Error).message.replace(/^serve: listen /, "--listen "), { cause });
    }
  if (listen !== undefined && (port !== undefined || host !== undefined))
    throw new UsageError("--listen has host and port in it: give either --listen or --host and --port");
}

/** Where a server listens, as `listen` says it; what the command line says beats the file. */
export function addressesOf(settings: ServerSettings, { host, port, listen }: AddressOptions): readonly string[] {
  if (listen !== undefined) return listen;
  if (host === undefined && port === undefined && settings.listen !== undefined) return settings.listen;
  return [`${bracketed(host ?? settings.host ?? "127.0.0.1")}:${port ?? settings.port ?? 8080}`];
}

/** An IPv6 address as it stands before a port. */
function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
