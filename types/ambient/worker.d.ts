// What `usage/worker.ts` takes from @cloudflare/workers-types, for the programs that do not have them.

interface KVNamespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
}

interface D1Database {
  prepare(query: string): unknown;
}

interface ExportedHandler<Env> {
  fetch?(
    request: Request,
    env: Env,
    ctx: { waitUntil(promise: Promise<unknown>): void; passThroughOnException(): void },
  ): Response | Promise<Response>;
  scheduled?(
    event: { readonly cron: string; readonly scheduledTime: number },
    env: Env,
    ctx: { waitUntil(promise: Promise<unknown>): void },
  ): void | Promise<void>;
}
