// Where our validator means to differ from the verdict of a case: what in a case makes the difference, the outcome that is
// ours instead, and why. A case counts by this table only when the outcome is exactly the one stated here.
import { find, isKind } from "./values.mjs";

const steps = (test) => find([test.app ?? [], test.returns ?? []], (value) => isKind(value, "do"));
const starts = (test) => steps(test).filter((step) => step.do === "start_response");
const headers = (test) => starts(test).flatMap((step) => (Array.isArray(step.headers) ? step.headers : []));
const named = (test, name) => headers(test).filter(([field]) => String(field).toLowerCase() === name);
const calls = (test, stream, names) =>
  steps(test).some((step) => step.do === stream && names.includes(step.method));
const changed = (test, key) => test.environ?.[key];
const isMissing = (value) => isKind(value, "missing");

const STATUS = /^[2-5]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const HOP_BY_HOP =
  /^(?:connection|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|te|trailers?|transfer-encoding|upgrade)$/i;
const LINES = ["readline", "readlines", "writelines"];

/** The chunks that a body gives, as far as the case says them outright. */
function chunks({ returns }) {
  if (returns === undefined) return ["hello"];
  const items = isKind(returns, "generator")
    ? returns.generator.filter((item) => "yield" in item).map((item) => item.yield)
    : isKind(returns, "closable")
      ? returns.closable
      : Array.isArray(returns)
        ? returns
        : [];
  return items.map((item) => (typeof item === "string" ? item : (Object.values(item ?? {})[0] ?? "")));
}

const written = (test) =>
  steps(test)
    .filter((step) => step.do === "write")
    .flatMap((step) => step.args ?? [])
    .map((item) => (typeof item === "string" ? item : (Object.values(item ?? {})[0] ?? "")));
const size = (test) => [...written(test), ...chunks(test)].reduce((sum, chunk) => sum + String(chunk).length, 0);
const lastCode = (test) => Number(/^\d{3}/.exec(String(starts(test).at(-1)?.status))?.[0]);
const texts = (test) => {
  const { returns } = test;
  const bodies = isKind(returns, "generator") ? returns.generator.map((item) => item.yield) : (returns?.closable ?? returns);
  const all = [...(Array.isArray(bodies) ? bodies : []), ...steps(test).filter((step) => step.do === "write").flatMap((step) => step.args ?? [])];
  return all.some((chunk) => typeof chunk === "string");
};

export const validateDifferences = [
  {
    id: "no tuples",
    reason: "JavaScript has no tuples: an array stands for a tuple, in tsgi.version and in a header pair.",
    applies: (test) =>
      Array.isArray(changed(test, "wsgi.version")) ||
      starts(test).some(
        ({ headers_value: value }) => isKind(value, "tuple") || (Array.isArray(value) && value.some(Array.isArray)),
      ),
    verdict: "accept",
  },
  {
    id: "text chunks",
    reason: "A chunk may be text: JavaScript tells strings from bytes, and UTF-8 is the only encoding there is (SPEC A26).",
    applies: texts,
    verdict: "accept",
  },
  {
    id: "any dictionary",
    reason: "The environ is lazy, a Proxy: which class it is of cannot count (SPEC S2).",
    applies: (test) => test.environ_type === "dict_subclass",
    verdict: "accept",
  },
  {
    id: "OPTIONS *",
    reason: "OPTIONS * is a request that HTTP defines (RFC 9112 3.2.4): PATH_INFO is * and not refused.",
    applies: (test) => changed(test, "REQUEST_METHOD") === "OPTIONS" && changed(test, "PATH_INFO") === "*",
    verdict: "accept",
  },
  {
    id: "no lines",
    reason: "tsgi.input and tsgi.errors have no line methods: text is split where it is needed. A server need not have them, and an application that calls them is refused.",
    applies: (test) => find(test.environ ?? {}, (value) => isKind(value, "omit") && value.omit.every((name) => LINES.includes(name))).length > 0,
    verdict: "accept",
  },
  {
    id: "no lines",
    applies: (test) => calls(test, "input", LINES) || calls(test, "errors", LINES),
    verdict: "refuse",
  },
  {
    id: "read takes a size",
    reason: "tsgi.input.read takes a size; the rest, whole, is bytes() (SPEC A1).",
    applies: (test) => steps(test).some((step) => step.do === "input" && step.method === "read" && typeof step.args?.[0] !== "number"),
    verdict: "refuse",
  },
  {
    id: "status line",
    reason: "A status is three digits from 200 to 599, one space and a reason of latin-1 without controls: 1xx is the server's own, nothing beyond 599 means anything, and what no status line can carry is refused at the call instead of sent (RFC 9112 4, SPEC A8).",
    applies: (test) => starts(test).some((step) => typeof step.status === "string" && !STATUS.test(step.status)),
    verdict: "refuse",
  },
  {
    id: "error argument",
    reason: "exc_info is an Error here: an empty tuple has no counterpart, and an empty array is no Error (SPEC A6).",
    applies: (test) => starts(test).some((step) => isKind(step.exc_info, "tuple")),
    verdict: "refuse",
  },
  {
    id: "String objects",
    reason: "A String object is not a string: typeof, switch and Map keys all tell them apart.",
    applies: (test) => find(test, (value) => isKind(value, "str_subclass")).length > 0,
    verdict: "refuse",
  },
  {
    id: "Content-Length is true",
    reason: "The originals do not compare the body with Content-Length; PEP 3333 asks servers to, ours cuts or breaks such an answer, and so the validator says it (SPEC A29).",
    applies: (test) => {
      const [, length] = named(test, "content-length").at(-1) ?? [];
      const free = changed(test, "REQUEST_METHOD") === "HEAD" || [204, 205, 304].includes(lastCode(test));
      return /^\d+$/.test(length) && !free && Number(length) !== size(test);
    },
    verdict: "refuse",
  },
  {
    id: "Content-Length is digits",
    reason: "A Content-Length in a head is there once and is digits (RFC 9110 8.6, SPEC A15).",
    applies: (test) => named(test, "content-length").length > 1 || named(test, "content-length").some(([, value]) => !/^\d+$/.test(value)),
    verdict: "refuse",
  },
  {
    id: "no content",
    reason: "The originals do not look at the body of a 204 or 304; no server can send one (RFC 9110 15.3.5, 15.4.5), ours drops it, and the validator warns (SPEC A28, A17).",
    applies: (test) =>
      [204, 205, 304].includes(lastCode(test)) && (size(test) > 0 || (lastCode(test) === 204 && named(test, "content-length").length > 0)),
    verdict: "warn",
  },
  {
    id: "hop-by-hop headers",
    reason: "The originals leave hop-by-hop headers to the server; PEP 3333 forbids them to applications, and so the validator refuses them (SPEC A13).",
    applies: (test) => headers(test).some(([name]) => HOP_BY_HOP.test(name)),
    verdict: "refuse",
  },
  {
    id: "header values",
    reason: "A header value is latin-1 without any control character: nothing else reaches the wire as it was meant (SPEC A14).",
    applies: (test) => headers(test).some(([, value]) => typeof value === "string" && /[^\x20-\x7e\x80-\xff]/.test(value)),
    verdict: "refuse",
  },
  {
    id: "header names",
    reason: "A header name begins with a letter and ends with a letter or digit (SPEC A11).",
    applies: (test) => headers(test).some(([name]) => typeof name === "string" && !/^[a-z](?:[\w-]*[a-z0-9])?$/i.test(name)),
    verdict: "refuse",
  },
  {
    id: "called once",
    reason: "The originals leave a second startResponse without an error to the server, and do not see that an empty body came without any: PEP 3333 calls both errors (SPEC A7, A27).",
    applies: (test) =>
      starts(test).filter((step) => step.exc_info === undefined || step.exc_info === null).length > 1 || starts(test).length === 0,
    verdict: "refuse",
  },
  {
    id: "write in the iteration",
    reason: "PEP 3333 forbids write() from within the iterable and the originals do not look; our server keeps the order, so the validator warns (SPEC A20).",
    applies: (test) => find(test.returns ?? null, (value) => isKind(value, "do") && value.do === "write").length > 0,
    verdict: "warn",
  },
  {
    id: "keys always there",
    reason: 'An absent key reads as undefined, and SCRIPT_NAME + PATH_INFO as "undefined/page": SCRIPT_NAME, PATH_INFO and SERVER_PROTOCOL are always there and never empty where they cannot be (SPEC S3, S12).',
    applies: (test) =>
      ["SCRIPT_NAME", "PATH_INFO", "SERVER_PROTOCOL"].some((key) => isMissing(changed(test, key))) ||
      ["SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"].some((key) => changed(test, key) === ""),
    verdict: "refuse",
  },
  {
    id: "types of the tsgi keys",
    reason: "tsgi.version is two whole numbers and tsgi.multithread, multiprocess and run_once are booleans: JavaScript's own forms, not whatever counts as true (SPEC S13, S15).",
    applies: (test) =>
      ["wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once", "wsgi.version"].some((key) => changed(test, key) !== undefined),
    verdict: "refuse",
  },
  {
    id: "lengths are digits",
    reason: "CONTENT_LENGTH is digits: a lenient number parser is how a request is smuggled in (CVE-2022-24761, SPEC S11).",
    applies: (test) => typeof changed(test, "CONTENT_LENGTH") === "string" && !/^\d*$/.test(changed(test, "CONTENT_LENGTH")),
    verdict: "refuse",
  },
  {
    id: "tokens",
    reason: "REQUEST_METHOD is a token (RFC 9110 9.1): an unknown method is warned of, what is no method at all is refused (SPEC S6).",
    applies: (test) => typeof changed(test, "REQUEST_METHOD") === "string" && !/^[\w!#$%&'*+.^`|~-]+$/.test(changed(test, "REQUEST_METHOD")),
    verdict: "refuse",
  },
  {
    id: "no HTTP_PROXY",
    reason: "HTTP_PROXY in an environ is a client's attack on programs that take it for a setting (CVE-2016-5385, SPEC S5).",
    applies: (test) => changed(test, "HTTP_PROXY") !== undefined,
    verdict: "refuse",
  },
  {
    id: "bytes that are bytes",
    reason: "A chunk is a string or a Uint8Array of any subclass; another kind of buffer is refused (SPEC A26).",
    applies: (test) => find([test.returns ?? null, test.app ?? []], (value) => isKind(value, "bytearray")).length > 0,
    verdict: "refuse",
  },
  {
    id: "bytes that are bytes",
    applies: (test) => find([test.returns ?? null, test.app ?? []], (value) => isKind(value, "bytes_subclass")).length > 0,
    verdict: "accept",
  },
  {
    id: "subclasses of Array",
    reason: "Headers may be any array, frozen or of a subclass (SPEC A10).",
    applies: (test) => find(test.app ?? [], (value) => isKind(value, "list_subclass")).length > 0,
    verdict: "accept",
  },
];
