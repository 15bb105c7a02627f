import type { Environ, Input } from "./contract.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { RequestInput } from "./input.ts";
import { encodePath } from "./uri.ts";

// Small helpers in wsgiref.util's spirit, for whoever works on an environ.

/**
 * Moves the first segment of PATH_INFO to the end of SCRIPT_NAME, in place: a router's step from a collection to what is
 * in it. Empty and `.` segments are dropped on the way, `..` takes the last segment of SCRIPT_NAME away, and an encoded
 * slash (`%2F`) stays inside its segment.
 * Source of the rule: wsgiref.util.shift_path_info.
 *
 * @returns the segment; `""` for the slash at the end; `undefined` when nothing is left to shift
 * @example // SCRIPT_NAME "/wiki", PATH_INFO "/ann/start"
 * shiftPathInfo(environ); // "ann", and SCRIPT_NAME is "/wiki/ann", PATH_INFO "/start"
 */
export function shiftPathInfo(environ: Environ): string | undefined {
  const path = (environ as Partial<Environ>).PATH_INFO ?? "";
  if (!path.startsWith("/")) return undefined;
  const parts = path.split("/");
  const last = parts.length - 1;
  const kept = parts.filter((part, i) => i === 0 || i === last || (part !== "" && part !== "."));
  const [name = ""] = kept.splice(1, 1);
  const script = normalize(`${(environ as Partial<Environ>).SCRIPT_NAME ?? ""}/${name}`);
  environ.SCRIPT_NAME = name === "" ? `${script}/` : script;
  environ.PATH_INFO = kept.join("/");
  return name === "." ? undefined : name;
}

/** A path without empty, `.` and `..` segments and without a slash at its end; the root is `""`. */
function normalize(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  return kept.map((segment) => `/${segment}`).join("");
}

/**
 * The scheme that a CGI-like environ tells of: `"https"` when HTTPS is `yes`, `on` or `1`, else `"http"`. A server that
 * knows its connection needs no guess.
 * Source of the rule: wsgiref.util.guess_scheme.
 *
 * @example guessScheme({ HTTPS: "on" }) // "https"
 */
export function guessScheme(environ: Readonly<Record<string, unknown>>): "http" | "https" {
  const { HTTPS } = environ;
  return HTTPS === "yes" || HTTPS === "on" || HTTPS === "1" ? "https" : "http";
}

/** Nobody sends a body: what `tsgi.input` of a test environ is read from. */
const NO_BODY = { limits: DEFAULT_LIMITS, payload: () => null, header: () => undefined };

/**
 * Fills an environ with what a request needs at least, in place, and leaves what is there: a GET of `/` at 127.0.0.1 with
 * an empty body. The result passes `validator` and has no `tsgi.request`. For tests that need no server.
 * Source of the rule: wsgiref.util.setup_testing_defaults, with the keys that TSGI promises besides.
 *
 * @returns the same object, typed as an environ
 * @example const environ = setupTestingDefaults({ PATH_INFO: "/wiki" });
 */
export function setupTestingDefaults(environ: Partial<Environ>): Environ {
  const put = (key: string, value: unknown): unknown => (environ[key] ??= value);
  put("SERVER_NAME", "127.0.0.1");
  put("SERVER_PROTOCOL", "HTTP/1.0");
  put("HTTP_HOST", environ.SERVER_NAME);
  put("REQUEST_METHOD", "GET");
  if (environ.SCRIPT_NAME === undefined && environ.PATH_INFO === undefined) put("PATH_INFO", "/");
  put("SCRIPT_NAME", "");
  put("PATH_INFO", "");
  put("QUERY_STRING", "");
  const { SCRIPT_NAME, PATH_INFO, QUERY_STRING } = environ as Environ;
  put("REQUEST_URI", `${encodePath(SCRIPT_NAME + PATH_INFO) || "/"}${QUERY_STRING === "" ? "" : `?${QUERY_STRING}`}`);
  const scheme = put("tsgi.url_scheme", guessScheme(environ));
  put("SERVER_PORT", scheme === "https" ? "443" : "80");
  put("tsgi.version", [1, 0]);
  put("tsgi.multithread", false);
  put("tsgi.multiprocess", false);
  put("tsgi.run_once", false);
  put("tsgi.runtime", "testing");
  put("tsgi.signal", new AbortController().signal);
  put("tsgi.input", new RequestInput(NO_BODY) as Input);
  put("tsgi.errors", { write: (text: string) => console.error(text.replace(/\n$/, "")), flush: () => {} });
  return environ as Environ;
}
