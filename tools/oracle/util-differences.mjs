// Where our helpers mean to differ from the reference's, and what they give instead.
import { fromNative } from "./values.mjs";

const HOST = /^(?:[\w\-.~!$&'()*+,;=]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?$/;
const isUri = (test) => test.call === "request_uri" || test.call === "application_uri";
const PATHS = ["SCRIPT_NAME", "PATH_INFO"];
/** The escapes of bytes that are not UTF-8, in a native string. */
const malformed = (text) => fromNative(text.replaceAll("%", "")).match(/%[89A-F][0-9A-F]/g) ?? [];

export const utilDifferences = [
  {
    id: "more defaults",
    reason: "setupTestingDefaults also gives what TSGI promises in every environ: both paths, QUERY_STRING, REQUEST_URI, a port for any scheme, tsgi.runtime and tsgi.signal.",
    adjust(want, test) {
      if (test.call !== "setup_testing_defaults") return undefined;
      const { SCRIPT_NAME = "", PATH_INFO = "", QUERY_STRING = "" } = want.environ;
      return {
        environ: {
          ...want.environ,
          SCRIPT_NAME,
          PATH_INFO,
          QUERY_STRING,
          REQUEST_URI: `${SCRIPT_NAME}${PATH_INFO}` + (QUERY_STRING === "" ? "" : `?${QUERY_STRING}`),
          SERVER_PORT: want.environ.SERVER_PORT ?? "80",
          "wsgi.runtime": "testing",
        },
        other_keys: [...want.other_keys, "wsgi.signal"].toSorted(),
      };
    },
  },
  {
    id: "Trailer",
    reason: "HTTP's field is Trailer, and Proxy-Connection is as hop-by-hop as Connection (RFC 9110 7.6.1).",
    adjust: (want, test) =>
      test.call === "is_hop_by_hop" && Object.values(test).some((value) => /^(?:trailer|proxy-connection)$/i.test(String(value)))
        ? { ...want, returns: true }
        : undefined,
  },
  {
    id: "bytes that are not UTF-8",
    reason: "PATH_INFO is text: a byte that is not UTF-8 stands in it as its escape, whose percent sign a URL made of it encodes again.",
    adjust(want, test) {
      if (!isUri(test)) return undefined;
      const escapes = PATHS.flatMap((key) => malformed(test.environ[key] ?? ""));
      if (escapes.length === 0) return undefined;
      return { ...want, returns: escapes.reduce((url, escape) => url.replace(new RegExp(`(?<!%25)${escape}`, "i"), `%25${escape.slice(1)}`), want.returns) };
    },
  },
  {
    id: "Host is data",
    reason: "A Host that is not one host and port cannot become part of a URL: the listener's name and port stand in (CVE-2026-48710).",
    adjust(want, test) {
      const { HTTP_HOST, SERVER_NAME, SERVER_PORT, "wsgi.url_scheme": scheme } = test.environ ?? {};
      if (!isUri(test) || !HTTP_HOST || HOST.test(HTTP_HOST)) return undefined;
      const port = SERVER_PORT === (scheme === "https" ? "443" : "80") ? "" : `:${SERVER_PORT}`;
      return { ...want, returns: want.returns.replace(`${scheme}://${HTTP_HOST}`, `${scheme}://${SERVER_NAME}${port}`) };
    },
  },
  {
    id: "IPv6",
    reason: "A listener's IPv6 address stands in brackets in a URL (RFC 3986 3.2.2).",
    adjust(want, test) {
      const { SERVER_NAME = "" } = test.environ ?? {};
      if (!isUri(test) || !SERVER_NAME.includes(":") || SERVER_NAME.startsWith("[")) return undefined;
      return { ...want, returns: want.returns.replace(`://${SERVER_NAME}`, `://[${SERVER_NAME}]`) };
    },
  },
];
