import type { Environ, ErrorLog } from "../contract.ts";
import { isDigits, quote, TOKEN } from "../grammar.ts";
import { refuse, show, warn } from "./error.ts";

// What a server puts into the environ. Nothing here makes a Request or a signal: those keys are left unread.

const REQUIRED = [
  "REQUEST_METHOD",
  "SCRIPT_NAME",
  "PATH_INFO",
  "SERVER_NAME",
  "SERVER_PORT",
  "SERVER_PROTOCOL",
  "tsgi.version",
  "tsgi.url_scheme",
  "tsgi.input",
  "tsgi.errors",
  "tsgi.multithread",
  "tsgi.multiprocess",
  "tsgi.run_once",
];
const FORBIDDEN = ["HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_PROXY"];
const METHODS = ["GET", "HEAD", "POST", "OPTIONS", "PATCH", "PUT", "DELETE", "TRACE"];
const FLAGS = ["tsgi.multithread", "tsgi.multiprocess", "tsgi.run_once"];
const OPTIONAL_CALLABLES = ["tsgi.wait_until", "tsgi.file_wrapper"];

/** Checks that an environ is a dictionary. */
export function checkDictionary(environ: unknown): asserts environ is Environ {
  /// S2. The environ is a dictionary: an object with string keys, neither an array nor a list of pairs. It may be lazy
  /// (a Proxy or a class of the server's own), and whoever gets it may read, write, delete and list its keys.
  if (typeof environ !== "object" || environ === null || Array.isArray(environ) || environ instanceof Map)
    refuse("S2", `environ is ${show(environ)}; an object with string keys is wanted`);
}

/** Checks that an environ has what every later check looks at. */
export function checkRequired(environ: Environ): void {
  /// S3. `REQUEST_METHOD`, `SCRIPT_NAME`, `PATH_INFO`, `SERVER_NAME`, `SERVER_PORT`, `SERVER_PROTOCOL`,
  /// `tsgi.version`, `tsgi.url_scheme`, `tsgi.input`, `tsgi.errors`, `tsgi.multithread`, `tsgi.multiprocess` and
  /// `tsgi.run_once` are always there; a path that is empty is the empty string.
  for (const key of REQUIRED)
    if (environ[key] === undefined) refuse("S3", `environ: ${key} is missing; every request has it`);
}

/** Checks the keys and values of an environ. */
export function checkEnviron(environ: Environ, errors: ErrorLog): void {
  for (const key of Object.keys(environ)) {
    /// S4. A key without a dot holds a string, and nothing else: no number, no list for a repeated header, no `String`
    /// object. What is not known is absent; it is not `undefined`, `null` or a guess.
    if (!key.includes(".") && typeof environ[key] !== "string")
      refuse("S4", `environ: ${quote(key).slice(1, -1)} is ${show(environ[key])}; a string is wanted, or no such key`);
  }

  /// S5. Content-Type and Content-Length of the request are `CONTENT_TYPE` and `CONTENT_LENGTH`; there is no
  /// `HTTP_CONTENT_TYPE` and no `HTTP_CONTENT_LENGTH`. A request's `Proxy` field never becomes `HTTP_PROXY`, which
  /// programs take for their own setting (CVE-2016-5385).
  for (const key of FORBIDDEN)
    if (environ[key] !== undefined)
      refuse(
        "S5",
        `environ: ${key} is there; ${key === "HTTP_PROXY" ? "Proxy is dropped" : `${key.slice(5)} is wanted`}`,
      );

  const method = environ.REQUEST_METHOD;
  /// S6. `REQUEST_METHOD` is a token (RFC 9110 9.1), in the case in which it came.
  if (!TOKEN.test(method)) refuse("S6", `environ: REQUEST_METHOD is ${show(method)}; a token (RFC 9110 9.1) is wanted`);
  /// S7. A method other than GET, HEAD, POST, OPTIONS, PATCH, PUT, DELETE and TRACE is passed on to the application, and
  /// the validator warns of it.
  if (!METHODS.includes(method)) warn(errors, "S7", `environ: REQUEST_METHOD is ${show(method)}; few know it`);

  const script = environ.SCRIPT_NAME;
  /// S8. `SCRIPT_NAME` is empty or begins with a slash. The root is the empty string, never `/`.
  if (script !== "" && (!script.startsWith("/") || script === "/"))
    refuse("S8", `environ: SCRIPT_NAME is ${show(script)}; "" or a path such as "/wiki" is wanted`);

  const path = environ.PATH_INFO;
  /// S9. `PATH_INFO` is empty or begins with a slash; only for the method OPTIONS it may be `*`.
  if (path !== "" && !path.startsWith("/") && !(path === "*" && method === "OPTIONS"))
    refuse("S9", `environ: PATH_INFO is ${show(path)}; "" or a path that begins with "/" is wanted`);

  /// S10. `QUERY_STRING` is there, the empty string when there is no query; the validator warns where it is missing.
  if (environ.QUERY_STRING === undefined)
    warn(errors, "S10", 'environ: QUERY_STRING is missing; without a query it is ""');

  const length = environ.CONTENT_LENGTH;
  /// S11. `CONTENT_LENGTH` is digits and nothing else (RFC 9110 8.6); absent or empty when there is none.
  if (length !== undefined && length !== "" && !isDigits(length))
    refuse("S11", `environ: CONTENT_LENGTH is ${show(length)}; digits are wanted, or no such key`);

  for (const key of ["SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"])
    /// S12. `SERVER_NAME`, `SERVER_PORT` and `SERVER_PROTOCOL` are never empty; name and port are the listener's, not
    /// what the client says in Host.
    if (environ[key] === "") refuse("S12", `environ: ${key} is empty; it is always known`);

  const version: unknown = environ["tsgi.version"];
  /// S13. `tsgi.version` is the array `[1, 0]`.
  if (!Array.isArray(version) || version.length !== 2 || version[0] !== 1 || version[1] !== 0)
    refuse("S13", `environ: tsgi.version is ${show(version)}; the array [1, 0] is wanted`);

  const scheme = environ["tsgi.url_scheme"];
  /// S14. `tsgi.url_scheme` is `http` or `https`, in small letters: that of the connection, or of a trusted proxy's.
  if (scheme !== "http" && scheme !== "https")
    refuse("S14", `environ: tsgi.url_scheme is ${show(scheme)}; "http" or "https" is wanted`);

  for (const key of FLAGS)
    /// S15. `tsgi.multithread`, `tsgi.multiprocess` and `tsgi.run_once` are booleans.
    if (typeof environ[key] !== "boolean")
      refuse("S15", `environ: ${key} is ${show(environ[key])}; a boolean is wanted`);

  for (const key of OPTIONAL_CALLABLES)
    /// S16. A capability that the runtime lacks is an absent key: `tsgi.wait_until` and `tsgi.file_wrapper` are functions
    /// or not there, so that an application can ask by `environ["tsgi.wait_until"]?.(work)`.
    if (environ[key] !== undefined && typeof environ[key] !== "function")
      refuse("S16", `environ: ${key} is ${show(environ[key])}; a function is wanted, or no such key`);
}
