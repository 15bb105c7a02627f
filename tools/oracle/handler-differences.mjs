// Where our answer means to differ from the reference's: each rule changes what is expected of a case into what is ours,
// and says why. They are applied in turn, and only to a case that does not pass as it stands.
import { STATUS_CODES as REASONS } from "node:http";
import { isKind } from "./values.mjs";

const PAGE = "A server error occurred.  Please contact the administrator.";
const ERROR = ["HTTP/1.0 500 Internal Server Error", "Date: {date}", "Content-Type: text/plain", `Content-Length: ${PAGE.length}`];
const STATUS = /^[2-5]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const OURS_ONLY = /^(?:trailer|proxy-connection)$/i;

const items = (test) => (isKind(test.returns, "iterable") ? test.returns.iterable : []);
const steps = (test) => [...(test.app ?? []), ...items(test).filter((item) => "do" in item)];
const starts = (test) => steps(test).filter((step) => step.do === "start_response");
const nameOf = (line) => line.slice(0, line.indexOf(":")).toLowerCase();
const without = (head, name) => head.filter((line, i) => i === 0 || nameOf(line) !== name);
const own = (test, name) =>
  starts(test)
    .at(-1)
    ?.headers?.find(([field]) => field.toLowerCase() === name)?.[1];
const code = (want) => Number(/\d{3}/.exec(want.head?.[0].replace("HTTP/1.0 ", "") ?? "")?.[0]);
const broken500 = (want) => ({ ...want, head: ERROR, body: PAGE, logged: true, cause: undefined });

/** A head as the reference writes it. */
function headOf({ status, headers }, length) {
  const lines = [`HTTP/1.0 ${status}`];
  if (!headers.some(([name]) => name.toLowerCase() === "date")) lines.push("Date: {date}");
  lines.push(...headers.map(([name, value]) => `${name}: ${value}`));
  if (length !== undefined) lines.push(`Content-Length: ${length}`);
  return lines;
}

/** What our startResponse refuses and the reference takes. */
function isRefused({ status, headers = [], catch: caught }) {
  if (caught === true) return false;
  const lengths = headers.filter(([name]) => name.toLowerCase() === "content-length");
  return (
    !STATUS.test(status) ||
    lengths.length > 1 ||
    lengths.some(([, value]) => !/^\d+$/.test(value)) ||
    headers.some(([name, value]) => !TOKEN.test(name) || OURS_ONLY.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value))
  );
}

/** What an application does before its first chunk that is not empty, from its first empty chunk on. */
function afterEmptyChunk(test) {
  const all = [...(test.app ?? []), ...items(test)];
  const first = all.findIndex((item) => (item.yield ?? item.data ?? "") !== "");
  const before = first < 0 ? all : all.slice(0, first);
  const empty = before.findIndex((item) => "yield" in item || item.do === "write");
  return empty < 0 ? [] : before.slice(empty);
}

export const handlerDifferences = [
  {
    id: "HTTP/0.9",
    reason: "HTTP/0.9 is not served: every adapter answers 505 before the application is called (RFC 9112 2.6), and the log says why.",
    adjust: (want, test) =>
      test.environ?.SERVER_PROTOCOL === "HTTP/0.9"
        ? {
            ...want,
            head: ["HTTP/1.0 505 HTTP Version Not Supported", "Date: {date}", "Content-Type: text/plain; charset=utf-8", "Content-Length: 26"],
            body: "HTTP Version Not Supported",
            log: [],
            logged: true,
            cause: undefined,
          }
        : undefined,
  },
  {
    id: "checked at the call",
    reason: "startResponse refuses what no HTTP message can carry and what the case itself says a stricter server may refuse: a status outside 200 to 599 or without its space, a malformed name or value, a Content-Length that is no number, and the field Trailer, which is hop-by-hop under its real name.",
    adjust: (want, test) => (starts(test).some(isRefused) && code(want) !== 500 ? broken500(want) : undefined),
  },
  {
    id: "reason phrases",
    reason: "A status without a reason is completed with the usual one by whoever writes the status line (SPEC A9).",
    adjust(want, test) {
      const [, number] = /^(\d{3}) ?$/.exec(starts(test).at(-1)?.status ?? "") ?? [];
      if (number === undefined || REASONS[number] === undefined) return undefined;
      if (code(want) !== 500) return { ...want, head: [`HTTP/1.0 ${number} ${REASONS[number]}`, ...want.head.slice(1)] };
      const { list } = test.returns ?? {};
      if (list === undefined) return undefined;
      const step = { ...starts(test).at(-1), status: `${number} ${REASONS[number]}` };
      return { ...want, head: headOf(step, list.length <= 1 ? list.join("").length : undefined), body: list.join(""), logged: false };
    },
  },
  {
    id: "text chunks",
    reason: "A chunk may be text, which is sent as UTF-8 (SPEC A26).",
    adjust(want, test) {
      if (!isKind(test.returns, "text") || starts(test).length === 0) return undefined;
      const { text } = test.returns;
      return { ...want, head: headOf(starts(test).at(-1), own(test, "content-length") === undefined ? text.length : undefined), body: text, logged: false };
    },
  },
  {
    id: "the head waits",
    reason: "The head leaves with the first chunk that is not empty, as PEP 3333 asks, so that an error after an empty chunk is still answered.",
    adjust(want, test) {
      const quiet = afterEmptyChunk(test);
      if (quiet.length === 0) return undefined;
      const late = quiet.find(
        (item) => item.do === "raise" || (item.do === "start_response" && item.exc_info !== undefined),
      );
      if (late?.do === "raise") return { ...broken500(want), cause: want.cause };
      const { list } = test.returns ?? {};
      const length = list !== undefined && list.length <= 1 ? (list[0] ?? "").length : undefined;
      if (late === undefined) {
        const computed = want.head !== null && length !== undefined && own(test, "content-length") === undefined;
        return computed ? { ...want, head: [...without(want.head, "content-length"), `Content-Length: ${length}`] } : undefined;
      }
      const body = list?.join("") ?? items(test).map((item) => item.yield ?? "").join("");
      const log = want.log.filter((entry) => !entry.startsWith("caught"));
      return { ...want, head: headOf(late, length), body, log, logged: false, cause: undefined };
    },
  },
  {
    id: "length of an iterable",
    reason: "Only an array says how long its body is; a length property of another iterable may mean anything.",
    adjust: (want, test) =>
      isKind(test.returns, "iterable") && test.returns.length === true && items(test).some((item) => item.yield) && own(test, "content-length") === undefined && code(want) !== 500
        ? { ...want, head: without(want.head, "content-length") }
        : undefined,
  },
  {
    id: "Content-Length holds",
    reason: "More bytes than Content-Length says are cut and logged, fewer end in a broken connection: what the case itself advises.",
    adjust(want, test) {
      const declared = own(test, "content-length");
      if (!/^\d+$/.test(declared) || code(want) === 500 || test.environ?.REQUEST_METHOD === "HEAD" || [204, 304].includes(code(want))) return undefined;
      if (Number(declared) === want.body.length) return undefined;
      return { ...want, body: want.body.slice(0, Number(declared)), logged: true, broken: want.body.length < Number(declared) };
    },
  },
  {
    id: "no content",
    reason: "A 204 and a 304 are sent without a body, and without a Content-Length that only the server would add: what the cases themselves advise (RFC 9110 8.6).",
    adjust(want, test) {
      if (![204, 304].includes(code(want))) return undefined;
      const keep = code(want) === 304 && own(test, "content-length") !== undefined;
      return { ...want, body: "", head: keep ? want.head : without(want.head, "content-length") };
    },
  },
  {
    id: "HEAD",
    reason: "The answer to HEAD has no body, whatever the application gives, and no Content-Length made up from an empty one (RFC 9110 9.3.2).",
    adjust(want, test) {
      if (test.environ?.REQUEST_METHOD !== "HEAD" || want.head === null) return undefined;
      const unknown = own(test, "content-length") === undefined && (want.body === "" || !isKind(test.returns, "list"));
      return { ...want, body: "", head: unknown && code(want) !== 500 ? without(want.head, "content-length") : want.head };
    },
  },
  {
    id: "no Server field",
    reason: "What software answers is nobody's business: no Server field is added (SERVER_SOFTWARE is in the environ).",
    adjust: (want, test) =>
      want.head?.some((line) => line === `Server: ${test.server_software}`) && own(test, "server") === undefined
        ? { ...want, head: without(want.head, "server") }
        : undefined,
  },
  {
    id: "wording of the 500",
    reason: 'The page of a 500 says "Internal Server Error" and nothing else.',
    adjust(want, test) {
      if (want.body !== PAGE && !(test.environ?.REQUEST_METHOD === "HEAD" && want.head?.includes(ERROR[3]))) return undefined;
      const head = [want.head[0], "Date: {date}", "Content-Type: text/plain; charset=utf-8", "Content-Length: 21"];
      return { ...want, head: test.gateway === "cgi" ? without(head, "date") : head, body: want.body === "" ? "" : "Internal Server Error" };
    },
  },
];
