// What every workload's request has in common, and how an answer is looked at before anything is measured.
import assert from "node:assert/strict";
import { request as send } from "node:http";

/** Ten fields that a browser sends; the load generator adds Host, which makes the tenth. */
export const BROWSER = {
  Connection: "keep-alive",
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  Cookie: "session=8f3c5a1e9b7d4026; theme=dark; seen=42",
  Referer: "http://127.0.0.1/start",
  "Upgrade-Insecure-Requests": "1",
  "Sec-Fetch-Mode": "navigate",
};

/** A GET as a browser sends it. */
export const get = (path) => ({ method: "GET", path, headers: BROWSER });

/** A POST as a browser sends it. */
export const post = (path, type, body) => ({
  method: "POST",
  path,
  headers: { ...BROWSER, "Content-Type": type },
  body,
});

/** Sends a workload's request once. */
export function answer({ method, path, headers, body }, port) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    // the connection is not kept: the load generator is to find a server without any
    const fields = { ...headers, ...length, Connection: "close" };
    const options = { host: "127.0.0.1", port, method, path, headers: fields, agent: false };
    const req = send(options, (res) => {
      const parts = [];
      res.on("data", (part) => parts.push(part));
      res.on("error", reject);
      res.on("end", () =>
        resolve({
          status: res.statusCode,
          headers: res.headers,
          rawHeaders: res.rawHeaders,
          body: Buffer.concat(parts),
        }),
      );
    });
    req.on("error", reject);
    req.setTimeout(30_000, () => req.destroy(new Error("no answer within 30 s")));
    req.end(body);
  });
}

/** Whether an answer is a 200 of this media type with these bytes. */
export function checkAnswer({ status, headers, body }, type, expected) {
  const got = headers["content-type"]?.split(";")[0];
  assert.equal(status, 200, `the answer's status is ${status}`);
  assert.equal(got, type, `the answer's type is ${got} instead of ${type}`);
  assert.ok(body.equals(Buffer.from(expected)), "the answer has other bytes than it should");
}
