import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { runtimes, type Started } from "@tsgi/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// Deno and workerd make the URL of Host and target by putting one behind the other: `GET /public` with `Host: a/admin?`
// is `http://a/admin?/public` there, and an app behind a proxy that guards /admin would answer it. The fields of a
// request whose authority was good before are not looked at, unless its path is one that a Host can have moved.

const FIXTURE = fileURLToPath(new URL("../packages/core/test/fixtures/seen-path.mjs", import.meta.url));

async function ask(port: number, target: string, host: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  const body = text.slice(text.indexOf("\r\n\r\n") + 4).trim();
  return `${text.slice(9, 12)} ${text.startsWith("HTTP/1.1 200") ? body.replace(/^[0-9a-f]+\r\n|\r\n0$/g, "") : ""}`.trim();
}

describe.each(runtimes())("a Host that would move the path on $name", (runtime) => {
  let server: Started;
  let port = 0;
  let host = "";

  beforeAll(async () => {
    server = await runtime.start(FIXTURE);
    port = Number(new URL(server.url).port);
    host = `127.0.0.1:${port}`;
    // the authority is known from here on
    expect(await ask(port, "/", host)).toBe("200 /");
  });
  afterAll(() => server.stop());

  it("is nothing to a path of its own: one segment, two, a slash in the query", async () => {
    expect(await ask(port, "/public?a=1", host)).toBe("200 /public a=1");
    expect(await ask(port, "/a/b", host)).toBe("200 /a/b");
    expect(await ask(port, "/public?at=/admin", host)).toBe("200 /public at=/admin");
  });

  it.each([
    "/admin?",
    "/admin#",
    "/admin/",
    "/",
    "?",
    "#",
    "/admin?a=",
    "\\admin?",
    "/%61dmin?",
    "//",
    "/ad",
    "@evil/",
  ])("is refused behind an authority that was good before: %s", async (rest) => {
    for (const target of ["/public", "/", "/a/b", "/?q=1"])
      expect([target, await ask(port, target, host + rest)]).toEqual([target, "400"]);
  });

  it("is refused with an asterisk for a target, or the asterisk is refused", async () => {
    for (const rest of ["/admin?", "/adm", "/"]) expect(await ask(port, "*", host + rest)).toBe("400");
  });
});
