/**
 * The error where it would have been a bare 500, for whoever develops: from code `errorPage()(app)`, from a file
 * `use = npm:@tsgi/middleware#error-page`. Never in production: it shows what a visitor must not see.
 *
 * @module
 */
import {
  defineFilter,
  status,
  type App,
  type Body,
  type Chunk,
  type Defined,
  type Header,
  type Middleware,
} from "@tsgi/core";
import { disposerOf, isPromise, reportError } from "@tsgi/core/adapter";
import { asText, settingsSchema } from "@tsgi/core/settings";
import { wantsHtml } from "../html.ts";
import { isError, statusOf } from "../thrown.ts";
import { watchBody } from "../watch-body.ts";
import { htmlPage, textPage } from "./page.ts";

/** What `errorPage` takes. */
export interface ErrorPageSettings {
  /** The address that opens a place in an editor. Default `vscode://file{file}:{line}:{column}`. */
  readonly editor?: string | undefined;
}

const SETTINGS = settingsSchema({ editor: { cast: asText, default: "vscode://file{file}:{line}:{column}" } });

/**
 * Shows an error that the app throws before anything of its answer was sent: name, message, stack and causes with links
 * into the editor, and the request without its secrets; as HTML for a browser, as text for anybody else. The error goes
 * to `tsgi.errors` as it would without. An error later than that breaks the connection as ever.
 *
 * @example const app = process.env.NODE_ENV === "production" ? pages : errorPage()(pages);
 */
export const errorPage: Defined<ErrorPageSettings, Middleware> = defineFilter({
  settings: SETTINGS,
  create:
    ({ editor }): Middleware =>
    (app) => {
      const guarded: App = (environ, startResponse) => {
        let sent = false;
        /** Replaces the head while it is held; once it has left `startResponse` throws the error again. */
        const show = (error: unknown): string => {
          const html = wantsHtml(environ.HTTP_ACCEPT);
          startResponse(
            status(statusOf(error)),
            headersOf(html),
            isError(error) ? error : new Error("thrown: no error", { cause: error }),
          );
          // ahead of the page: whatever becomes of that, the error must not be lost
          reportError(environ["tsgi.errors"], error, "app");
          return html ? htmlPage(error, environ, editor) : textPage(error, environ);
        };
        const watch = (body: Body): Body =>
          watchBody(body, {
            chunk: (chunk: Chunk) => void (sent ||= chunk.length > 0),
            failed: (error) => (sent ? undefined : show(error)),
            refused: () => {},
            end: () => {},
          });
        try {
          const body = app(environ, startResponse);
          // a thenable's own `then` may return nothing
          return isPromise(body) ? Promise.resolve(body).then(watch, (error: unknown) => [show(error)]) : watch(body);
        } catch (error) {
          return [show(error)];
        }
      };
      return Object.assign(guarded, disposerOf(app));
    },
});

function headersOf(html: boolean): Header[] {
  return [
    ["Content-Type", `text/${html ? "html" : "plain"}; charset=utf-8`],
    ["Cache-Control", "no-store"],
    ["Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"],
    ["X-Content-Type-Options", "nosniff"],
  ];
}
