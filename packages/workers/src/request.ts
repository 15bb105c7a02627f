import type { Bindings, ErrorLog, Limits, Native, Refusal } from "@tsgi/core";
import { checkSize, RequestSource } from "@tsgi/core/adapter";

/** The part of a Worker's execution context that is used here. */
export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
}

const encoder = new TextEncoder();
const NOT_ASCII = /[^\x00-\x7f]/;

/** One character a byte; by spread a long field would overflow the stack. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** What stays the same for all requests of one worker. */
export interface Setting {
  readonly limits: Limits;
  readonly errorLog: ErrorLog | undefined;
}

/** One request of workerd. */
export class WorkerSource extends RequestSource {
  private readonly env: unknown;
  private readonly ctx: WorkerContext;
  private readonly setting: Setting;
  private gone: (() => void) | undefined = undefined;

  constructor(request: Request, env: unknown, ctx: WorkerContext, setting: Setting) {
    super(request);
    this.env = env;
    this.ctx = ctx;
    this.setting = setting;
  }

  /** Called back from `listen`. */
  override onDisconnect(listener: () => void): void {
    this.gone = listener;
  }

  /** To ask for the request's signal takes workerd 60 µs, in other threads the most. */
  listen(left: () => void): void {
    super.onDisconnect(() => {
      left();
      this.gone?.();
    });
  }

  override get runtime(): "workerd" {
    return "workerd";
  }

  override get native(): Native {
    return { workerd: { request: this.raw, env: this.env, ctx: this.ctx } };
  }

  get bindings(): Bindings {
    return this.env as Bindings;
  }

  override get limits(): Limits {
    return this.setting.limits;
  }

  get errors(): ErrorLog | undefined {
    return this.setting.errorLog;
  }

  get waitUntil(): (promise: PromiseLike<unknown>) => void {
    return (promise) => this.ctx.waitUntil(Promise.resolve(promise));
  }

  /** Said by Cloudflare's edge alone, which replaces what a client claims. */
  get remoteAddr(): string | undefined {
    return super.header("cf-connecting-ip");
  }

  /** workerd by itself has no limit, and lets control characters pass. */
  override refuseFields(): Refusal | undefined {
    this.remember();
    return checkSize(this.headers, this.limits);
  }

  /** workerd decodes fields as UTF-8, and joins two Cookie fields by ", " (RFC 9113 8.2.3 says "; "). */
  override header(name: string): string | undefined {
    const value = super.header(name);
    if (value === undefined) return value;
    const bytes = NOT_ASCII.test(value) ? latin1(encoder.encode(value)) : value;
    return name === "cookie" ? bytes.replace(/, (?=[!#$%&'*+.^_`|~\w-]+=)/g, "; ") : bytes;
  }
}
