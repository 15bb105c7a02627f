import type { App, Environ, ErrorLog, Lifespan } from "../contract.ts";
import { handle } from "../handle.ts";
import { appOf, disposerOf } from "../lifespan.ts";
import { limitsOf, type Limits } from "../limits.ts";
import { trusting } from "../proxy.ts";
import { RequestSource } from "./request-source.ts";
import { ResponseSink } from "./response-sink.ts";

/** Options of `toFetch`; `Extras` are the arguments that the runtime passes beside the Request. */
export interface ToFetchOptions<Extras extends unknown[]> {
  /** Where the handler is mounted: cut from the front of the path, and SCRIPT_NAME. Default none. */
  scriptName?: string;
  /** Keys to add to the environ; gets everything that the runtime passes beside the Request. */
  environ?(request: Request, ...runtime: Extras): Partial<Environ>;
  limits?: Partial<Limits>;
  /** Where `tsgi.errors` writes. Default the console. */
  errorLog?: ErrorLog;
  /**
   * The proxies in front, whose `Forwarded` and `X-Forwarded-*` fields count; see `AdapterOptions`. Who the peer is only
   * `environ` can say, as REMOTE_ADDR: without it nothing but `"*"` trusts anybody. Default nobody.
   */
  trustedProxy?: string | readonly string[];
}

/**
 * Makes a fetch handler of an app, for any runtime or framework that calls `(request, …) => Response`. The further
 * arguments (an event, Next's params) reach only the `environ` callback.
 *
 * @param app the app, or a promise of it
 * @throws TypeError for an unknown limit, or a `trustedProxy` that is none
 * @returns the handler; it never rejects, and carries the app's `[Symbol.asyncDispose]`
 * @example addEventListener("fetch", (event) => event.respondWith(handler(event.request, event)));
 */
export function toFetch<Extras extends unknown[] = unknown[]>(
  app: App | PromiseLike<App>,
  options: ToFetchOptions<Extras> = {},
): ((request: Request, ...runtime: Extras) => Promise<Response>) & Lifespan {
  const served = appOf(app);
  const limits = limitsOf(options.limits);
  const trust = trusting(options.trustedProxy);
  class FetchSource extends RequestSource {
    private readonly added: Partial<Environ> | undefined;
    constructor(request: Request, added: Partial<Environ> | undefined) {
      super(request);
      this.added = added;
    }
    override get limits(): Limits {
      return limits;
    }
    get errors(): ErrorLog | undefined {
      return options.errorLog;
    }
    get mount(): string | undefined {
      return options.scriptName;
    }
    get remoteAddr(): string | undefined {
      return this.added?.REMOTE_ADDR;
    }
    get remotePort(): string | undefined {
      return this.added?.REMOTE_PORT;
    }
    get extra(): Partial<Environ> | undefined {
      if (options.trustedProxy === undefined || this.added === undefined) return this.added;
      // the peer is told apart from the client that it speaks for
      return { ...this.added, REMOTE_ADDR: undefined, REMOTE_PORT: undefined };
    }
    /** A Request made in memory has no Host field: its URL says it. */
    override header(name: string): string | undefined {
      const value = super.header(name);
      if (value !== undefined || name !== "host") return value;
      return /^[^:/]+:\/\/(?:[^@/?#]*@)?([^/?#]+)/.exec(this.raw.url)?.[1];
    }
  }
  const handler = async (request: Request, ...runtime: Extras): Promise<Response> => {
    const sink = new ResponseSink();
    let answering = served;
    let added: Partial<Environ> | undefined;
    try {
      added = options.environ?.(request, ...runtime);
    } catch (error) {
      // answered and logged as an error of the app is
      answering = () => Promise.reject(error);
    }
    void handle(answering, trust(new FetchSource(request, added)), sink);
    return sink.result;
  };
  return Object.assign(handler, disposerOf(app));
}
