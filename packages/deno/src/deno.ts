// The part of Deno's own types that is used here, so that nobody needs them installed.

/** What Deno.serve says of a request beside it: `environ["tsgi.native"].deno.info`. */
export interface DenoInfo {
  readonly remoteAddr: { readonly transport: string; readonly hostname?: string; readonly port?: number };
  readonly completed?: Promise<void>;
}

/** Where a server of Deno listens. */
export interface DenoAddress {
  readonly transport: string;
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string;
}

export interface DenoServeOptions {
  hostname?: string;
  port?: number;
  path?: string;
  cert?: string;
  key?: string;
  onListen?(address: DenoAddress): void;
}

export interface DenoServer {
  readonly addr: DenoAddress;
  shutdown(): Promise<void>;
}

/** What Deno.open gives. */
export interface DenoFile {
  read(into: Uint8Array): Promise<number | null>;
  close(): void;
}

type DenoGlobal = {
  readonly FsFile: abstract new (...args: never) => DenoFile;
  serve(
    options: DenoServeOptions,
    handler: (request: Request, info: DenoInfo) => Response | Promise<Response>,
  ): DenoServer;
};

/** Deno's global, absent elsewhere. */
export function deno(): DenoGlobal {
  const found = (globalThis as { Deno?: DenoGlobal }).Deno;
  if (found === undefined)
    throw new Error("@tsgi/deno: this is not Deno; serve with the package of the runtime that runs");
  return found;
}
