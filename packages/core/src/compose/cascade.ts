import { OpenBody } from "../body.ts";
import type { App, Body, Bytes, Environ, Input } from "../contract.ts";
import { copyEnviron, copyWithInput } from "../environ.ts";
import { call, respond } from "../filters/call.ts";
import { RequestInput } from "../input.ts";
import { disposerOf } from "../lifespan.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { reportError } from "../report.ts";
import type { Payload } from "../source.ts";

/** Options of `cascade`. */
export interface CascadeOptions {
  /** The statuses that hand a request on to the next app. Default 404. */
  catch?: readonly number[];
}

/**
 * Asks apps in turn until one answers with a status that is not caught; the last app's answer is used as it is. Each
 * app but the last gets a copy of the environ, and each can read the request body from its start. An error that carries
 * a caught status (`error.status`) counts as that answer.
 *
 * @throws TypeError for no apps, something that is no app, or a status that is none
 * @example cascade([files, pages], { catch: [404, 405] })
 */
export function cascade(apps: readonly App[], options: CascadeOptions = {}): App {
  if (apps.length === 0) throw new TypeError("cascade: at least one app is wanted");
  for (const [i, app] of apps.entries())
    if (typeof app !== "function") throw new TypeError(`cascade: app ${i} is ${typeof app}; an app is wanted`);
  const caught = new Set(options.catch ?? [404]);
  for (const code of caught)
    if (!Number.isInteger(code) || code < 200 || code > 599)
      throw new TypeError(`cascade: catch ${String(code)} is not a status from 200 to 599`);
  const last = apps[apps.length - 1];
  const cascaded: App =
    apps.length === 1
      ? (environ, startResponse) => last(environ, startResponse)
      : async (environ, startResponse) => {
          const bodied = hasBody(environ);
          const replay = new Replay(environ, bodied);
          for (const app of apps.slice(0, -1)) {
            const input = replay.again();
            // none is read once too; and where there is none a fetch handler still gets the original Request
            const own = bodied ? copyEnviron(environ, { "tsgi.input": input }) : copyWithInput(environ, input);
            try {
              const answer = await call(app, own);
              if (!caught.has(Number(answer.status.slice(0, 3)))) return respond(answer, startResponse);
              await discard(answer.body, environ);
            } catch (error) {
              if (!caught.has((error as { status?: unknown } | null)?.status as number)) throw error;
            }
          }
          if (bodied) environ["tsgi.input"] = replay.again();
          else if (replay.begun) return last(copyWithInput(environ, replay.again()), startResponse);
          return last(environ, startResponse);
        };
  return Object.assign(cascaded, disposerOf(...new Set(apps)));
}

/** A length may be missing: of a chunked body, and of a Request that was made in memory. */
function hasBody(environ: Environ): boolean {
  if (environ.CONTENT_LENGTH !== undefined) return environ.CONTENT_LENGTH !== "0";
  return environ.HTTP_TRANSFER_ENCODING !== undefined || !/^(?:GET|HEAD)$/.test(environ.REQUEST_METHOD);
}

/** A caught answer is let go: its iteration returned, its body closed. What fails then is not the next app's doing. */
function discard(body: Body, environ: Environ): void | Promise<void> {
  const report = (error: unknown): void => reportError(environ["tsgi.errors"], error, "cascade");
  return new OpenBody(body, { report }).cleanUp(Array.isArray(body));
}

/** A body that can be read again: what one app has read is kept in memory for the next, within the limit of the input. */
class Replay {
  private readonly environ: Environ;
  /** The body itself, which the environ will have no longer. */
  private readonly given: Input | undefined;
  private iterator: AsyncIterator<Bytes> | undefined = undefined;
  private readonly kept: Bytes[] = [];
  private ended = false;

  constructor(environ: Environ, bodied: boolean) {
    this.environ = environ;
    this.given = bodied ? environ["tsgi.input"] : undefined;
  }

  /** Somebody has begun to read. */
  get begun(): boolean {
    return this.iterator !== undefined;
  }

  /** The body from its start. */
  again(): RequestInput {
    const payload: Payload = { length: undefined, chunks: () => this.chunks() };
    const header = (name: string): string | undefined =>
      name === "content-type" ? this.environ.CONTENT_TYPE : undefined;
    const limits = { ...DEFAULT_LIMITS, body: Infinity };
    return new RequestInput({ payload: () => payload, header, limits });
  }

  private async *chunks(): AsyncGenerator<Bytes, void, undefined> {
    for (let i = 0; ; i++) {
      while (i >= this.kept.length) {
        if (this.ended) return;
        this.iterator ??= (this.given ?? this.environ["tsgi.input"])[Symbol.asyncIterator]();
        const step = await this.iterator.next();
        if (step.done === true) this.ended = true;
        else this.kept.push(step.value);
      }
      yield this.kept[i];
    }
  }
}
