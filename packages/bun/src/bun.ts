// The part of Bun's own types that is used here, so that nobody needs bun-types installed.

/** The part of Bun's Server that is used here; the whole is `environ["tsgi.native"].bun.server`. */
export interface BunServer {
  readonly hostname: string | undefined;
  readonly port: number | undefined;
  readonly url: URL;
  readonly pendingRequests: number;
  requestIP(request: Request): { address: string; port: number } | null;
  timeout(request: Request, seconds: number): void;
  stop(closeActiveConnections?: boolean): Promise<void>;
}

export interface BunServeOptions {
  hostname?: string;
  port?: number;
  unix?: string;
  tls?: { cert: string; key: string };
  maxRequestBodySize?: number;
  development: false;
  fetch(request: Request, server: BunServer): Response | Promise<Response>;
}

type BunGlobal = {
  serve(options: BunServeOptions): BunServer;
};

/** Bun's global, absent elsewhere. */
export function bun(): BunGlobal {
  const found = (globalThis as { Bun?: BunGlobal }).Bun;
  if (found === undefined)
    throw new Error("@tsgi/bun: this is not Bun; serve with the package of the runtime that runs");
  return found;
}
