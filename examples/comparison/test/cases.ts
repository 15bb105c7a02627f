import type { Asked } from "./client.ts";

/** One request, and what is known of its answer beforehand. */
export interface Case extends Asked {
  readonly name: string;
  /** `"broken"`: the connection breaks, before the head or after it. */
  readonly status: number | "broken";
  /** Text that the body holds. */
  readonly holds?: string;
}

const MULTIPART =
  '--sep\r\nContent-Disposition: form-data; name="title"\r\n\r\nEin Bild für dich\r\n' +
  '--sep\r\nContent-Disposition: form-data; name="file"; filename="b.png"\r\nContent-Type: image/png\r\n\r\n' +
  "\u0001binary\u0002\r\n--sep--\r\n";
const MEBIBYTE = Buffer.alloc(1024 * 1024, "0123456789abcdef");
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };

export const CASES: readonly Case[] = [
  { name: "text", path: "/", status: 200, holds: "Hello\n" },
  { name: "HEAD of text", path: "/", method: "HEAD", status: 200 },
  { name: "JSON out", path: "/json", status: 200, holds: '{"hello":"world"' },
  { name: "HEAD of JSON", path: "/json", method: "HEAD", status: 200 },
  {
    name: "JSON in",
    path: "/json",
    method: "POST",
    headers: JSON_TYPE,
    body: '{"a":["ü"]}',
    status: 201,
    holds: '{"given"',
  },
  {
    name: "JSON in, chunked",
    path: "/json",
    method: "POST",
    headers: JSON_TYPE,
    body: "[1,2]",
    chunked: true,
    status: 201,
  },
  { name: "JSON in, malformed", path: "/json", method: "POST", headers: JSON_TYPE, body: "{", status: 400 },
  { name: "path parameter", path: "/users/42", status: 200, holds: '{"id":"42"}' },
  { name: "two path parameters", path: "/users/42/posts/7", status: 200, holds: '"post":"7"' },
  { name: "path parameter with a space", path: "/users/a%20b", status: 200, holds: '{"id":"a b"}' },
  { name: "path parameter in Unicode", path: "/users/J%C3%B6rg%F0%9F%91%8B", status: 200 },
  { name: "path parameter with a slash", path: "/users/a%2Fb", status: 200, holds: '{"id":"a/b"}' },
  { name: "path parameter with an escape of a slash", path: "/users/a%252Fb", status: 200, holds: '{"id":"a%2Fb"}' },
  { name: "path parameter with a percent sign", path: "/users/100%25", status: 200, holds: '{"id":"100%"}' },
  { name: "path parameter, malformed escape", path: "/users/a%zzb", status: 200, holds: "a%zzb" },
  { name: "path parameter with a plus", path: "/users/a+b", status: 200, holds: '{"id":"a+b"}' },
  { name: "query", path: "/search?q=a+b%26c&tag=x&tag=%C3%A9", status: 200, holds: '"tags":["x","' },
  { name: "no query", path: "/search", status: 200, holds: '{"q":null' },
  { name: "empty query", path: "/search?", status: 200, holds: '{"q":null' },
  { name: "Unicode path", path: "/gr%C3%BC%C3%9Fe/%E4%B8%96%E7%95%8C", status: 200 },
  { name: "several Set-Cookie", path: "/cookies", headers: { cookie: "a=1; b=2" }, status: 200, holds: "a=1; b=2" },
  { name: "redirect", path: "/redirect", status: 302 },
  { name: "redirect after POST", path: "/redirect", method: "POST", headers: FORM_TYPE, body: "a=1", status: 303 },
  { name: "not found", path: "/nothing/here", status: 404, holds: "404 Not Found" },
  { name: "HEAD of what is not found", path: "/nothing", method: "HEAD", status: 404 },
  { name: "POST to what is not found", path: "/nothing", method: "POST", body: "x".repeat(5000), status: 404 },
  { name: "thrown error", path: "/error", status: 500, holds: "Internal Server Error" },
  { name: "rejected promise", path: "/error-later", status: 500, holds: "Internal Server Error" },
  { name: "no content", path: "/users/42", method: "DELETE", status: 204 },
  { name: "ETag", path: "/etag", status: 200, holds: "version 1" },
  { name: "not modified", path: "/etag", headers: { "if-none-match": '"v1"' }, status: 304 },
  { name: "modified", path: "/etag", headers: { "if-none-match": '"v0"' }, status: 200, holds: "version 1" },
  {
    name: "form",
    path: "/form",
    method: "POST",
    headers: FORM_TYPE,
    body: "name=J%C3%B6rg+B&tag=x&tag=y",
    status: 200,
    holds: '"tags":["x","y"]',
  },
  {
    name: "upload",
    path: "/upload",
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=sep" },
    body: MULTIPART,
    status: 200,
    holds: '"name":"b.png","type":"image/png","size":8',
  },
  {
    name: "echo of 1 MiB",
    path: "/echo",
    method: "POST",
    headers: { "content-type": "image/x-test" },
    body: MEBIBYTE,
    status: 200,
    holds: "0123456789abcdef",
  },
  { name: "echo of 1 MiB, chunked", path: "/echo", method: "POST", body: MEBIBYTE, chunked: true, status: 200 },
  { name: "echo of nothing", path: "/echo", method: "POST", body: "", status: 200 },
  {
    name: "echo as a stream",
    path: "/echo-stream",
    method: "POST",
    body: MEBIBYTE,
    status: 200,
    holds: "0123456789abcdef",
  },
  {
    name: "body that nobody reads",
    path: "/unread",
    method: "POST",
    body: "x".repeat(5000),
    status: 200,
    holds: "not read",
  },
  { name: "streamed download", path: "/download", status: 200, holds: "\u0001\u0001\u0001" },
  { name: "HEAD of a download", path: "/download", method: "HEAD", status: 200 },
  { name: "server-sent events", path: "/events", status: 200, holds: "event: tick\ndata: two\nid: 1\n\n" },
  { name: "stream that breaks", path: "/breaking", status: "broken" },
  {
    name: "large headers",
    path: "/large-header",
    headers: { "x-large": "y".repeat(7000) },
    status: 200,
    holds: "7000",
  },
  { name: "binary", path: "/binary", status: 200, holds: "\u00fe\u00ff" },
  {
    name: "repeated request header",
    path: "/headers",
    headers: { "x-one": ["1", "2"], accept: "*/*" },
    status: 200,
    holds: '"one":"1, 2"',
  },
  ...["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map((method) => ({
    name: method,
    path: "/method",
    method,
    status: 200,
    holds: method,
  })),
  ...[201, 203, 400, 403, 418, 503].map((status) => ({
    name: `status ${status}`,
    path: `/status/${status}`,
    status,
    holds: `status ${status}`,
  })),
  { name: "no Content-Type", path: "/no-type", status: 200, holds: "no type" },
  { name: "empty text", path: "/empty", status: 200 },
  { name: "answer that takes a while", path: "/slow", status: 200, holds: "at last" },
  { name: "wildcard", path: "/files/a/b%20c.txt", status: 200, holds: "/files/a/b c.txt" },
  { name: "dot segments", path: "/files/a/../b/./c.txt", status: 200, holds: "/files/b/c.txt" },
  { name: "encoded dot segments", path: "/files/a/%2e%2e/b.txt", status: 200, holds: "/files/b.txt" },
  { name: "dot segments out of a route", path: "/files/../json", status: 200, holds: '{"hello"' },
  { name: "two slashes", path: "//json", status: 404 },
];
